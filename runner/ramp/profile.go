package ramp

import (
	"iter"
	"math"
	"time"
)

// Stage is a piece of a profile: over Length, the rate goes in a straight line
// from From to To, both in calls per minute. A stage with Burst sends that many
// calls at its start and none after. A stage with Swing has a sine wave on its
// line: up to Swing above it and as much below, once every Period, from the
// line upwards. Swing must not be above the line. With Most above 0, line and
// wave are cut off there; see [Profile.Clip].
//
// Of is the name that the scenario gives to what the stage is a part of; "" where
// it gives none.
type Stage struct {
	Name, Of string
	From, To float64
	Swing    float64
	Most     float64
	Period   time.Duration
	Burst    int
	Length   time.Duration
}

// Profile is a load over time: its stages, one after the other.
type Profile []Stage

// Length is the time from the first stage's start to the last one's end.
func (p Profile) Length() time.Duration {
	var d time.Duration
	for _, s := range p {
		d += s.Length
	}
	return d
}

// Peak is the highest rate, in calls per minute.
func (p Profile) Peak() float64 {
	peak := 0.0
	for _, s := range p {
		top := max(s.From, s.To) + s.Swing
		if s.Most > 0 {
			top = min(top, s.Most)
		}
		peak = max(peak, top)
	}
	return peak
}

// Share is the profile with a part of its rates, from 0 to 1. Of a burst, the
// models whose parts add up to 1 get all calls together; before is the sum of
// the parts that come before this one.
func (p Profile) Share(before, part float64) Profile {
	out := make(Profile, len(p))
	for i, s := range p {
		s.From, s.To, s.Swing, s.Most = s.From*part, s.To*part, s.Swing*part, s.Most*part
		upTo := func(x float64) int { return int(math.Round(x * float64(s.Burst))) }
		s.Burst = upTo(before+part) - upTo(before)
		out[i] = s
	}
	return out
}

// Slots yields when calls come due, in order, evenly spread.
//
// Let r(t) be the rate in calls per minute at time t and A(t) the area under
// it, the number of calls that should have gone out by t. Call k (counted from
// 0) is due at the time t with A(t) = k + 1/2: in the middle of "its" unit of
// area, so that any span holds as many calls as its area says, give or take
// one. Within a stage from rate a to rate b over length L, with y calls still
// to go from the stage's start,
//
//	A(x) = a x + (b-a) x^2 / 2L = y   =>   x = 2y / (a + sqrt(a^2 + 2 y (b-a)/L))
//
//	rate b |        /|      y = the shaded area
//	       |      /::|      x = where it ends
//	rate a |    /::::|
//	       |____|:::::______ time
//
// (this form of the root neither cancels nor divides by zero where a = b).
// The calls of a burst come due together and take no area.
func (p Profile) Slots() iter.Seq[Slot] { return Track{Profile: p}.Slots() }

// Count is the number of slots.
func (p Profile) Count() int {
	area, n := 0.0, 0
	for _, s := range p {
		area += s.area()
		n += s.Burst
	}
	// The number of k >= 0 with k + 1/2 < area.
	return n + max(0, int(math.Ceil(area-0.5)))
}

// area is the number of calls under the line.
func (s *Stage) area() float64 {
	if s.Most > 0 && s.Swing == 0 {
		first, second := s.halves()
		return first.area() + second.area()
	}
	line := (s.From + s.To) / 2 * s.Length.Minutes()
	if s.Swing == 0 {
		return line
	}
	return line + s.wave(s.Length.Minutes()) - s.above(s.Length.Minutes())
}

// until is the time, in minutes from the stage's start, when y calls should
// have gone out. y is in [0, area).
func (s *Stage) until(y float64) float64 {
	if y <= 0 {
		return 0 // also where the rate rises from 0
	}
	if s.Swing != 0 {
		return s.untilWave(y)
	}
	if s.Most > 0 {
		first, second := s.halves()
		if area := first.area(); y >= area {
			return first.Length.Minutes() + second.until(y-area)
		}
		return first.until(y)
	}
	slope := 0.0
	if s.Length > 0 {
		slope = (s.To - s.From) / s.Length.Minutes()
	}
	return 2 * y / (s.From + math.Sqrt(math.Max(0, s.From*s.From+2*y*slope)))
}

// wave is the area that the wave alone adds in the first x minutes:
// the integral of Swing sin(2 pi x / Period).
func (s *Stage) wave(x float64) float64 {
	period := s.Period.Minutes()
	half := math.Sin(math.Pi * x / period)
	return s.Swing * period / math.Pi * half * half // 1 - cos(2u) = 2 sin(u)^2, which does not cancel
}

// untilWave inverts the area of a stage with a wave. There is no closed form,
// but the area only rises: Newton's steps, kept inside of an interval that
// holds the answer and halved where a step would leave it.
func (s *Stage) untilWave(y float64) float64 {
	length := s.Length.Minutes()
	slope := (s.To - s.From) / length
	low, high := 0.0, length
	x := y / s.area() * length
	for range 200 {
		over := s.From*x + slope*x*x/2 + s.wave(x) - s.above(x) - y
		if over > 0 {
			high = x
		} else {
			low = x
		}
		rate := s.From + slope*x + s.Swing*math.Sin(2*math.Pi*x/s.Period.Minutes())
		if s.Most > 0 {
			rate = min(rate, s.Most)
		}
		next := x - over/rate
		if !(next > low && next < high) { // also where the rate is 0
			next = (low + high) / 2
		}
		if math.Abs(next-x) <= 1e-15*length || next == x {
			return next
		}
		x = next
	}
	return x
}

package ramp

import (
	"math"
	"time"
)

// Clip is the profile with its rates cut off at the highest one that is
// allowed, in calls per minute, which must be above 0. Stages keep their number
// and their lengths. The waves must be on level lines, as those of all shapes
// are; bursts have no rate, and stay.
func (p Profile) Clip(most float64) Profile {
	out := make(Profile, len(p))
	for i, s := range p {
		switch {
		case max(s.From, s.To)+s.Swing <= most:
		case min(s.From, s.To)-s.Swing >= most:
			s.From, s.To, s.Swing = most, most, 0
		default:
			s.Most = most
		}
		out[i] = s
	}
	return out
}

// Ends are the rates of the line at the stage's start and end.
func (s *Stage) Ends() (from, to float64) {
	if s.Most > 0 {
		return min(s.From, s.Most), min(s.To, s.Most)
	}
	return s.From, s.To
}

// halves are the two straight pieces of a line that is cut off where it crosses
// Most: one of them is level.
func (s *Stage) halves() (first, second Stage) {
	low, high := min(s.From, s.To), max(s.From, s.To)
	sloped := time.Duration(float64(s.Length) * (s.Most - low) / (high - low))
	first = Stage{From: s.From, To: s.Most, Length: sloped}
	second = Stage{From: s.Most, To: s.Most, Length: s.Length - sloped}
	if s.From > s.To {
		return second, Stage{From: s.Most, To: s.To, Length: sloped}
	}
	return first, second
}

// above is the area between a wave on a level line and Most, in the first x
// minutes: what is cut off. With the angle t = 2 pi x / Period, and c the height
// of Most over the line as a part of Swing, the wave is above from t1 = asin(c)
// on for a width of pi - 2 t1, once a turn; the area of the first v of that is
//
//	h(v) = integral from t1 to t1+v of (sin t - c) dt = cos(t1) - cos(t1+v) - c v
func (s *Stage) above(x float64) float64 {
	if s.Most == 0 {
		return 0
	}
	c := (s.Most - s.From) / s.Swing
	t1 := math.Asin(max(-1, min(1, c)))
	width := math.Pi - 2*t1
	h := func(v float64) float64 { return math.Cos(t1) - math.Cos(t1+v) - c*v }
	upTo := func(t float64) float64 { // from the beginning of a part that is above
		turns := math.Floor(t / (2 * math.Pi))
		return turns*h(width) + h(min(t-turns*2*math.Pi, width))
	}
	period := s.Period.Minutes()
	return s.Swing * period / (2 * math.Pi) * (upTo(2*math.Pi*x/period-t1) - upTo(-t1))
}

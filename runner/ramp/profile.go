package ramp

import (
	"iter"
	"math"
	"time"
)

// Stage is a straight piece of a profile: over Length, the rate goes in a
// straight line from From to To, both in calls per minute. A stage with Burst
// sends that many calls at its start and none after.
type Stage struct {
	Name     string
	From, To float64
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

// Slot is one call that comes due, At after the start of the profile.
type Slot struct {
	Seq   int // 0-based
	Stage int // index into the profile
	Model int // 0-based; see Schedule
	At    time.Duration
}

// Slots yields when calls come due, in order.
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
func (p Profile) Slots() iter.Seq[Slot] {
	return func(yield func(Slot) bool) {
		var start time.Duration
		area := 0.0 // of the stages before, in calls
		seq, k := 0, 0
		for i, s := range p {
			for range s.Burst {
				if !yield(Slot{Seq: seq, Stage: i, At: start}) {
					return
				}
				seq++
			}
			end := area + s.area()
			slope := 0.0
			if s.Length > 0 {
				slope = (s.To - s.From) / s.Length.Minutes()
			}
			for ; float64(k)+0.5 < end; k++ {
				y := float64(k) + 0.5 - area
				x := 0.0 // also where y is 0 and the rate rises from 0
				if y > 0 {
					x = 2 * y / (s.From + math.Sqrt(math.Max(0, s.From*s.From+2*y*slope)))
				}
				at := start + time.Duration(x*float64(time.Minute)+0.5)
				if !yield(Slot{Seq: seq, Stage: i, At: min(at, start+s.Length)}) {
					return
				}
				seq++
			}
			area = end
			start += s.Length
		}
	}
}

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
func (s Stage) area() float64 { return (s.From + s.To) / 2 * s.Length.Minutes() }

// tick is the resolution of a schedule. Slots are at whole ticks and no two at
// the same one, so that the order in which calls go out is the order in which
// they arrive, and a run with the same seed repeats itself.
const tick = time.Microsecond

// Schedule merges the slots of several models that follow the same profile:
// each slot comes once for each model, numbered in the order of the times,
// which rise by at least one tick. Slots that come due together leave one
// another a tick; that alone may take the last ones beyond the profile.
func (p Profile) Schedule(models int) iter.Seq[Slot] {
	return func(yield func(Slot) bool) {
		seq := 0
		last := -tick
		end := p.Length().Truncate(tick)
		for s := range p.Slots() {
			at := min(s.At.Round(tick), end)
			for m := range models {
				last = max(last+tick, at)
				if !yield(Slot{Seq: seq, Stage: s.Stage, Model: m, At: last}) {
					return
				}
				seq++
			}
		}
	}
}

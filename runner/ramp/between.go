package ramp

import (
	"math"
	"time"
)

// Between is how many calls come due from one time to another, the later one not
// included. Of a Poisson process it is the mean.
func (t Track) Between(from, to time.Duration) int {
	if t.Times == nil {
		return t.Profile.before(to) - t.Profile.before(from)
	}
	n := 0
	for _, due := range t.Times {
		if due.At >= from && due.At < to {
			n++
		}
	}
	return n
}

// before is how many calls come due before a time.
func (p Profile) before(at time.Duration) int {
	area, bursts := 0.0, 0
	var start time.Duration
	for i := range p {
		if start >= at {
			break
		}
		bursts += p[i].Burst
		area += p[i].areaOf(min(at-start, p[i].Length))
		start += p[i].Length
	}
	return bursts + max(0, int(math.Ceil(area-0.5)))
}

// areaOf is the number of calls under the line in the first part of the stage.
func (s *Stage) areaOf(part time.Duration) float64 {
	x := part.Minutes()
	if part <= 0 {
		return 0
	}
	if s.Most > 0 && s.Swing == 0 {
		first, second := s.halves()
		return first.areaOf(min(part, first.Length)) + second.areaOf(part-first.Length)
	}
	area := s.From*x + (s.To-s.From)/s.Length.Minutes()*x*x/2
	if s.Swing == 0 {
		return area
	}
	return area + s.wave(x) - s.above(x)
}

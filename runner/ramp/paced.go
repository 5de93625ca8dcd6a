package ramp

import (
	"iter"
	"time"
)

// Paced yields slots of one load whose rate is decided as it goes: before each
// slot it asks for the rate at that time, in calls a minute, and the next slot
// comes one mean gap later. It ends where the rate is 0. Times are whole ticks of
// the lane after start.
func Paced(start time.Duration, lane Lane, rate func(at time.Duration) float64) iter.Seq[Slot] {
	return func(yield func(Slot) bool) {
		at := start
		last := start - lane.Tick()
		for seq := 0; ; seq++ {
			r := rate(at)
			if r <= 0 {
				return
			}
			if seq == 0 {
				at += gapAt(r) / 2 // in the middle of its part of the time, as in a profile
			}
			last = max(last+lane.Tick(), start+(at-start).Round(lane.Tick()))
			if !yield(Slot{Seq: seq, Own: seq, At: last}) {
				return
			}
			at += gapAt(r)
		}
	}
}

func gapAt(rate float64) time.Duration {
	return max(1, time.Duration(float64(time.Minute)/rate))
}

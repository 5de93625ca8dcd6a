package ramp_test

import (
	"context"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/runner/ramp"
)

// On a real clock: nothing goes out early, and a wait ends with its context.
func TestAPreciseWait(t *testing.T) {
	for _, precise := range []bool{false, true} {
		start := time.Now().Add(2 * time.Millisecond)
		n := 0
		d := ramp.Driver{
			Start: start, MaxInFlight: 10, MaxLateness: time.Minute, Precise: precise,
			Stop: func(ramp.Slot) bool { return false },
			Skip: func(s ramp.Slot) bool {
				n++
				if early := time.Until(start.Add(s.At)); early > 0 {
					t.Errorf("slot %d came %v early (precise: %v)", s.Seq, early, precise)
				}
				return true
			},
		}
		ramp.Drive(t.Context(), ramp.Profile{{From: 60_000, To: 60_000, Length: 50 * time.Millisecond}}.Slots(), d)
		if n != 50 {
			t.Errorf("%d slots came due; want 50 (precise: %v)", n, precise)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Millisecond, cancel)
		d.Start = time.Now().Add(time.Hour)
		ramp.Drive(ctx, every(3).Slots(), d) // and the test ends
		ramp.Circle(ctx, []ramp.Crew{crewOf(1, time.Hour)}, d)
		if n != 50 {
			t.Errorf("%d slots came due an hour before their time (precise: %v)", n-50, precise)
		}
	}
}

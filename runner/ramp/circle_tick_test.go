package ramp_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/runner/ramp"
)

// Workers that become free at the very instant of a tick are all known before
// the next calls go out, whichever goroutine comes first.
func TestWorkersThatAreFreeOnATickGoInOneOrder(t *testing.T) {
	crews := []ramp.Crew{
		{Workers: ramp.Profile{{From: 5, To: 5, Length: 10 * time.Second}}, Shares: []ramp.Share{{Model: 0, Part: 1}}},
		{Workers: ramp.Profile{{From: 5, To: 5, Length: 10 * time.Second}}, Shares: []ramp.Share{{Model: 1, Part: 1}}},
	}
	// A call that goes out i ticks late takes i ticks less: all end together.
	took := func(s ramp.Slot) time.Duration {
		return 50*time.Millisecond - s.At%(50*time.Millisecond)
	}
	var first []sent
	for range 30 {
		synctest.Test(t, func(t *testing.T) {
			got := circle(context.Background(), crews, took, ramp.Driver{Lane: ramp.Lane{Of: 1}}).sends
			if first == nil {
				first = got
			}
			if !slices.Equal(got, first) {
				t.Fatalf("the same loop went another way")
			}
		})
	}
	if len(first) < 1000 {
		t.Errorf("%d calls; want a thousand at least", len(first))
	}
}

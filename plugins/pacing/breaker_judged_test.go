package pacing_test

import (
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/loadline-dev/loadline/plugins/pacing"
)

// After a pause the adaptive rate starts anew, doubles to where it was cut last,
// and meets no throttle on the way.
func TestSlowStartAfterIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, way := far(t, "limits: {rpm: 600, tpm: 0, algorithm: sliding}")
		p := paced(pacing.Limit{Adaptive: &pacing.Adaptive{Start: 30}})
		c := over(way, p.Option)
		steadily(t.Context(), c, 900, 5*time.Minute)
		found := p.Snapshot()[0]
		if a := found.Adaptive; a.SlowStart || a.Threshold == nil || a.RPM < 400 || a.RPM > 700 {
			t.Fatalf("a quota of 600 is found as %+v", *a)
		}
		time.Sleep(3 * time.Minute)
		steadily(t.Context(), c, 60, 2*time.Second)
		if a := p.Snapshot()[0].Adaptive; !a.SlowStart || a.RPM < 30 || a.RPM > 60 || *a.Threshold != *found.Adaptive.Threshold {
			t.Errorf("after a pause it is %+v; it starts at 30, and knows the threshold", *a)
		}
		steadily(t.Context(), c, 900, time.Minute)
		s := p.Snapshot()[0]
		t.Logf("after a pause: %g a minute within one, %d throttled, %d cuts", math.Round(s.Adaptive.RPM), s.Throttled-found.Throttled, s.Adaptive.Cuts-found.Adaptive.Cuts)
		if s.Adaptive.SlowStart || s.Throttled != found.Throttled || s.Adaptive.Cuts != found.Adaptive.Cuts {
			t.Errorf("a minute after: %+v, %d throttled; want none, at the threshold", *s.Adaptive, s.Throttled-found.Throttled)
		}
	})
}

// AWS has no capacity for three minutes, for some calls or for all: the breaker
// halves the rate, holds it, and goes back in steps, with an adaptive rate and
// without. Where all calls fail they become rare, but some go. A bare client goes
// on at its rate.
func TestBreaker(t *testing.T) {
	const hold = 4 * time.Minute
	type stretch struct{ from, to, least, most int64 } // minutes, and attempts in each
	for _, test := range []struct {
		name, probability string
		of                pacing.Limit
		cuts, failed      int64 // the one exactly, the other at most
		lowest            float64
		stretches         []stretch
	}{
		// From 60 s to 60 s it is cut again, and goes back by 15, 22.5, 33.75, 50.6 and 75.9 to 113.9.
		{"some fail", "0.2", pacing.Limit{}, 3, 40, 15, []stretch{{0, 3, 119, 121}, {4, 5, 36, 50}, {6, 9, 14, 17}, {11, 14, 21, 25}, {15, 18, 32, 38}, {37, 40, 119, 121}}},
		{"all fail", "1", pacing.Limit{}, 1, 40, 60, []stretch{{0, 3, 119, 121}, {4, 6, 5, 10}, {7, 9, 58, 64}, {11, 13, 88, 96}, {19, 40, 119, 121}}},
		{"all fail, adaptive", "1", pacing.Limit{Adaptive: &pacing.Adaptive{}}, 1, 40, 60, []stretch{{1, 3, 119, 121}, {4, 6, 5, 10}, {7, 9, 58, 64}, {11, 13, 88, 96}, {19, 40, 119, 121}}},
	} {
		synctest.Test(t, func(t *testing.T) {
			capacity := "capacity: [{from: 3m, for: 3m, probability: " + test.probability + "}]"
			server, way := far(t, capacity)
			test.of.Breaker = &pacing.Breaker{Hold: hold}
			p := paced(test.of)
			var calls sync.WaitGroup
			calls.Go(func() { steadily(t.Context(), over(way, p.Option), 120, 40*time.Minute) })
			var sent int64
			var per []int64
			states, lowest := map[string]bool{}, math.Inf(1)
			for range 40 {
				for range 60 {
					time.Sleep(time.Second)
					b := p.Snapshot()[0].Breaker
					states[b.State] = true
					if b.RPM != nil {
						lowest = min(lowest, *b.RPM)
					}
				}
				n := server.Counts().Models[model].Attempts
				per, sent = append(per, n-sent), n
			}
			calls.Wait()
			s := p.Snapshot()[0]
			_, way = far(t, capacity)
			all, served := steadily(t.Context(), over(way, retrying(aws.NopRetryer{})()), 120, 7*time.Minute)
			t.Logf("%-20s attempts by the minute %v; %d cuts, the lowest %.1f rpm, %d times no capacity, of a bare client %d", test.name, per, s.Breaker.Cuts, lowest, s.Capacity, all-served)
			if !states["held"] || !states["growing"] || s.Breaker.State != "closed" || s.Breaker.Opened != 1 || s.Breaker.Cuts != test.cuts || s.Capacity > test.failed || math.Abs(lowest-test.lowest) > 1.5 {
				t.Errorf("%s: the states are %v, the lowest rate is %g, and in the end %+v, with %d times no capacity", test.name, states, lowest, *s.Breaker, s.Capacity)
			}
			for _, want := range test.stretches {
				for minute := want.from; minute < want.to; minute++ {
					if n := per[minute]; n < want.least || n > want.most {
						t.Errorf("%s: %d attempts in minute %d; want %d to %d", test.name, n, minute, want.least, want.most)
					}
				}
			}
		})
	}
}

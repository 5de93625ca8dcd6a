package ramp_test

import (
	"iter"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/runner/ramp"
)

func pull(p ramp.Profile) (next func() (ramp.Slot, bool), stop func()) { return iter.Pull(p.Slots()) }

// million is a ramp up, a plateau and a ramp down with 1 M calls.
var million = ramp.Profile{
	{From: 0, To: 10_000, Length: time.Hour},
	{From: 10_000, To: 10_000, Length: 40 * time.Minute},
	{From: 10_000, To: 0, Length: time.Hour},
}

func BenchmarkSlots1M(b *testing.B) {
	benchmark(b, func() iter.Seq[ramp.Slot] { return million.Slots() })
}

func BenchmarkSchedule1M(b *testing.B) {
	benchmark(b, func() iter.Seq[ramp.Slot] { return ramp.Merge([]ramp.Track{{Profile: million}}, ramp.Lane{}) })
}

func benchmark(b *testing.B, slots func() iter.Seq[ramp.Slot]) {
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n = 0
		for range slots() {
			n++
		}
	}
	if n != 1_000_000 {
		b.Fatalf("%d slots; want 1000000", n)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/slot")
}

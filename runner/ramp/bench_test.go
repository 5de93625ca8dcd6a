package ramp_test

import (
	"iter"
	"slices"
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

func BenchmarkPoisson1M(b *testing.B) {
	// The number of calls of this seed is what it is; see benchmark.
	track := ramp.Track{Profile: million, Arrivals: ramp.Arrivals{Poisson: true, Seed: 1}}
	benchmarkSlots(b, track.Slots, track.Count())
}

func BenchmarkWave1M(b *testing.B) {
	p := ramp.Profile{{From: 10_000, To: 10_000, Swing: 5000, Period: time.Minute, Length: 100 * time.Minute}}
	benchmark(b, func() iter.Seq[ramp.Slot] { return p.Slots() })
}

// Ten models with rates of their own, 1 M calls together.
func BenchmarkMergeOf10Models1M(b *testing.B) {
	var tracks []ramp.Track
	for i := range 10 {
		part := float64(i+1) / 55
		tracks = append(tracks, ramp.Track{Profile: million.Share(0, part)})
	}
	n := 0
	for _, t := range tracks {
		n += t.Count()
	}
	benchmarkSlots(b, func() iter.Seq[ramp.Slot] { return ramp.Merge(tracks, ramp.Lane{}) }, n)
}

// How late calls go out at 1,000 a second on a real clock, by the timers of Go
// and by the system's: the numbers are what counts, not the time of the loop.
func BenchmarkLateness(b *testing.B) {
	for name, precise := range map[string]bool{"timers": false, "precise": true} {
		b.Run(name, func(b *testing.B) {
			var late []time.Duration
			for b.Loop() {
				late = late[:0]
				start := time.Now().Add(time.Millisecond)
				slots := ramp.Profile{{From: 60_000, To: 60_000, Length: time.Second}}.Slots()
				ramp.Drive(b.Context(), slots, ramp.Driver{
					Start: start, MaxInFlight: 1000, MaxLateness: time.Second, Precise: precise,
					Stop: func(ramp.Slot) bool { return false },
					Skip: func(s ramp.Slot) bool { late = append(late, time.Since(start.Add(s.At))); return true },
				})
			}
			slices.Sort(late)
			b.ReportMetric(float64(late[len(late)/2].Microseconds()), "p50-us")
			b.ReportMetric(float64(late[len(late)*99/100].Microseconds()), "p99-us")
		})
	}
}

func benchmark(b *testing.B, slots func() iter.Seq[ramp.Slot]) {
	benchmarkSlots(b, slots, 1_000_000)
}

func benchmarkSlots(b *testing.B, slots func() iter.Seq[ramp.Slot], want int) {
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n = 0
		for range slots() {
			n++
		}
	}
	if n != want {
		b.Fatalf("%d slots; want %d", n, want)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/slot")
}

package ramp_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/runner/ramp"
)

func TestAWaveSendsItsArea(t *testing.T) {
	const m = time.Minute
	tests := []struct {
		name string
		p    ramp.Profile
		want []float64 // seconds
	}{
		// A(t) = 4 t + 4/(2 pi) (1 - cos(2 pi t)), t in minutes: A(1/2) = 2 + 4/pi
		// = 3.27, so that three of four calls are due in the first half.
		{"one wave down to nothing", ramp.Profile{{From: 4, To: 4, Swing: 4, Period: m, Length: m}}, []float64{5.79497, 13.974366, 21.749393, 34.395115}},
		{"no swing is a line", ramp.Profile{{From: 4, To: 4, Period: m, Length: m}}, []float64{7.5, 22.5, 37.5, 52.5}},
	}
	for _, tt := range tests {
		got := times(tt.p)
		if len(got) != len(tt.want) {
			t.Errorf("%s: due at %v; want %v", tt.name, got, tt.want)
			continue
		}
		for i, at := range got {
			if area := areaTo(tt.p, at); math.Abs(area-float64(i)-0.5) > 1e-9 || math.Abs(at.Seconds()-tt.want[i]) > 1e-3 {
				t.Errorf("%s: call %d is due at %.6f s, with %.9f calls before it; want %.6f s, and %d.5", tt.name, i, at.Seconds(), area, tt.want[i], i)
			}
		}
	}
}

func TestAPoissonProcessRepeatsItself(t *testing.T) {
	track := ramp.Track{Profile: million[:1], Arrivals: ramp.Arrivals{Poisson: true, Seed: 7}}
	first, again := slices.Collect(track.Slots()), slices.Collect(track.Slots())
	if !slices.Equal(first, again) || len(first) != track.Count() {
		t.Errorf("the same seed gave %d and %d slots, and Count %d; want the same times", len(first), len(again), track.Count())
	}
	track.Arrivals.Seed++
	if other := slices.Collect(track.Slots()); slices.Equal(first, other) {
		t.Error("another seed gave the same slots")
	}
	// The first gaps by the seed, as a golden: a change of the draw would change
	// every run that somebody wants to repeat.
	var got []time.Duration
	for s := range (ramp.Track{Profile: every(5), Arrivals: ramp.Arrivals{Poisson: true, Seed: 1}}).Slots() {
		got = append(got, s.At.Round(time.Microsecond))
	}
	if want := poissonOfSeed1; !slices.Equal(got, want) {
		t.Errorf("seed 1 at a call a second gives %v; want %v", got, want)
	}
}

// Computed by another program, from the definition.
var poissonOfSeed1 = microseconds(568170, 861492, 890918, 1702040, 2513374, 2784010, 2914861, 3562906, 4816389)

func microseconds(list ...int64) (out []time.Duration) {
	for _, n := range list {
		out = append(out, time.Duration(n)*time.Microsecond)
	}
	return out
}

// Over many seeds, the number of calls in a span has the mean and the variance
// of a Poisson distribution, which are the same, and gaps vary as much as
// their mean; spans of different rates of one profile do not know each other.
func TestAPoissonProcessHasItsMoments(t *testing.T) {
	const seeds = 4000
	p := ramp.Profile{{From: 0, To: 1200, Length: time.Second}, {From: 1200, To: 1200, Length: time.Second}, {From: 300, To: 300, Swing: 300, Period: time.Second, Length: time.Second}}
	want := []float64{10, 20, 5} // calls a stage
	sum, squares, product := make([]float64, 3), make([]float64, 3), 0.0
	for seed := range uint64(seeds) {
		n := make([]float64, 3)
		for s := range (ramp.Track{Profile: p, Arrivals: ramp.Arrivals{Poisson: true, Seed: seed}}).Slots() {
			n[s.Stage]++
		}
		for i := range n {
			sum[i] += n[i]
			squares[i] += n[i] * n[i]
		}
		product += (n[0] - want[0]) * (n[1] - want[1])
	}
	for i, mean := range want {
		got := sum[i] / seeds
		variance := squares[i]/seeds - got*got
		// Four standard errors.
		if math.Abs(got-mean) > 4*math.Sqrt(mean/seeds) {
			t.Errorf("stage %d has %.3f calls on average; want %g", i, got, mean)
		}
		if math.Abs(variance/mean-1) > 4*math.Sqrt(2.0/seeds+1/(mean*seeds)) {
			t.Errorf("the number of calls in stage %d has the variance %.3f; want %g, as its mean", i, variance, mean)
		}
	}
	if c := product / seeds / math.Sqrt(want[0]*want[1]); math.Abs(c) > 4/math.Sqrt(seeds) {
		t.Errorf("the numbers of two stages have the correlation %.3f; want none", c)
	}
}

func tracks() *rapid.Generator[ramp.Track] {
	return rapid.Custom(func(t *rapid.T) ramp.Track {
		tr := ramp.Track{Profile: profiles().Draw(t, "profile")}
		if rapid.Bool().Draw(t, "poisson") {
			tr.Arrivals = ramp.Arrivals{Poisson: true, Seed: rapid.Uint64().Draw(t, "seed")}
		}
		return tr
	})
}

// What holds for a Poisson process too: order, bounds, number, and whose stage.
func TestSlotsOfAnyTrack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := tracks().Draw(t, "track")
		starts := []time.Duration{0}
		for i, s := range tr.Profile {
			starts = append(starts, starts[i]+s.Length)
		}
		n := 0
		last := ramp.Slot{Seq: -1}
		for s := range tr.Slots() {
			if s.Seq != last.Seq+1 || s.At < last.At || s.Stage < last.Stage || s.At < starts[s.Stage] || s.At > starts[s.Stage+1] {
				t.Fatalf("slot %+v of %+v after %+v: want them in order, and in their stages", s, tr, last)
			}
			last = s
			n++
		}
		if n != tr.Count() {
			t.Fatalf("Count of %+v = %d; want %d", tr, tr.Count(), n)
		}
	})
}

// A load that begins later is the same load, later: the sender's start may be
// any, and what came before does not matter.
func TestALoadMayStartAtAnyTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := tracks().Draw(t, "track")
		wait := time.Duration(rapid.Int64Range(0, int64(24*time.Hour)).Draw(t, "wait"))
		later := tr
		later.Profile = slices.Concat(ramp.Profile{{Length: wait}}, tr.Profile)
		a, b := slices.Collect(tr.Slots()), slices.Collect(later.Slots())
		if len(a) != len(b) {
			t.Fatalf("%+v has %d slots, and %d when it starts %v later; want as many", tr, len(a), len(b), wait)
		}
		for i := range a {
			if got := b[i].At - wait; got != a[i].At || b[i].Stage != a[i].Stage+1 {
				t.Fatalf("slot %d of %+v is due at %v, and %v after the start when it starts %v later", i, tr, a[i].At, got, wait)
			}
		}
	})
}

// Merge gives every slot of every track, once, in order of time, and at least a
// tick apart; a slot is late only by the ticks of those before it.
func TestMergeOfAnyTracks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(tracks(), 0, 5).Draw(t, "tracks")
		lane := ramp.Lane{Index: 1, Of: rapid.IntRange(0, 3).Draw(t, "lanes")}
		tick := time.Duration(max(1, lane.Of)) * time.Microsecond
		var slots [][]ramp.Slot
		var ends []time.Duration
		for _, tr := range all {
			slots = append(slots, slices.Collect(tr.Slots()))
			ends = append(ends, tr.Profile.Length().Truncate(tick))
		}
		seq, last := 0, -tick
		for s := range ramp.Merge(all, lane) {
			if len(slots[s.Model]) == 0 {
				t.Fatalf("slot %+v: its track has no more", s)
			}
			of := slots[s.Model][0]
			slots[s.Model] = slots[s.Model][1:]
			due := min(of.At.Round(tick), ends[s.Model])
			if s.Seq != seq || s.Stage != of.Stage || s.Own != of.Seq || s.At != max(last+tick, due) || s.At%tick != 0 {
				t.Fatalf("slot %+v after %v: want number %d, stage %d, and the first tick from %v on", s, last, seq, of.Stage, due)
			}
			for model, rest := range slots {
				if len(rest) > 0 && min(rest[0].At.Round(tick), ends[model]) < due {
					t.Fatalf("slot %+v is due at %v; one of track %d is due before it", s, due, model)
				}
			}
			last = s.At
			seq++
		}
		for i, rest := range slots {
			if len(rest) > 0 {
				t.Fatalf("%d slots of track %d are missing", len(rest), i)
			}
		}
	})
}

func TestAReplayIsDueAtItsTimes(t *testing.T) {
	tr := ramp.Track{Profile: every(3), Times: []ramp.Time{{At: 0, Item: 4}, {At: seconds(1.5), Item: 2}, {At: seconds(1.5), Item: 3}}}
	want := []ramp.Slot{{Seq: 0, Item: 4}, {Seq: 1, Own: 1, Item: 2, At: seconds(1.5)}, {Seq: 2, Own: 2, Item: 3, At: seconds(1.5) + time.Microsecond}}
	if got := slices.Collect(ramp.Merge([]ramp.Track{tr}, ramp.Lane{})); !slices.Equal(got, want) {
		t.Errorf("slots = %v; want %v", got, want)
	}
	if tr.Count() != 3 {
		t.Errorf("Count = %d; want 3", tr.Count())
	}
}

func TestADealerKeepsToTheParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Float64Range(0.01, 1), 1, 6).Draw(t, "parts")
		total := 0.0
		for _, p := range parts {
			total += p
		}
		d := ramp.NewDealer(parts)
		had := make([]int, len(parts))
		for n := 1; n <= 200; n++ {
			i, ok := d.Next()
			if !ok {
				t.Fatal("it is nobody's turn")
			}
			had[i]++
			if got := d.Deal(i); got != had[i] {
				t.Fatalf("Deal says %d calls; want %d", got, had[i])
			}
			for k, p := range parts {
				if off := float64(had[k]) - p/total*float64(n); off > 1.0001 || off < -float64(len(parts)) {
					t.Fatalf("after %d calls %d has had %d; want %.2f, at most one more", n, k, had[k], p/total*float64(n))
				}
			}
		}
	})
}

func TestWhoLeavesADealerGetsNothing(t *testing.T) {
	d := ramp.NewDealer([]float64{0.5, 0.25, 0.25})
	d.Leave(0)
	var got []int
	for range 4 {
		i, _ := d.Next()
		d.Deal(i)
		got = append(got, i)
	}
	if !slices.Equal(got, []int{1, 2, 1, 2}) {
		t.Errorf("turns = %v; want 1 and 2 by turns", got)
	}
	d.Leave(1)
	d.Leave(2)
	if i, ok := d.Next(); ok {
		t.Errorf("it is the turn of %d when all have left", i)
	}
}

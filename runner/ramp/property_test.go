package ramp_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/runner/ramp"
)

// profiles draws profiles of up to six stages with the rates and lengths at
// which arithmetic goes wrong: none, equal, halves, and any.
func profiles() *rapid.Generator[ramp.Profile] {
	rate := rapid.OneOf(rapid.Just(0.0), rapid.Just(30.0), rapid.Just(60.0), rapid.Float64Range(0, 1), rapid.Float64Range(0, 10_000))
	length := rapid.OneOf(rapid.Just(time.Duration(0)), rapid.Just(time.Second), rapid.Just(time.Minute),
		rapid.Map(rapid.Int64Range(0, int64(30*time.Second)), func(n int64) time.Duration { return time.Duration(n) }))
	return rapid.Custom(func(t *rapid.T) ramp.Profile {
		var p ramp.Profile
		for range rapid.IntRange(0, 6).Draw(t, "stages") {
			s := ramp.Stage{From: rate.Draw(t, "from"), To: rate.Draw(t, "to"), Length: length.Draw(t, "length"), Burst: rapid.SampledFrom([]int{0, 0, 1, 7}).Draw(t, "burst")}
			if rapid.Bool().Draw(t, "wave") {
				s.Swing = min(s.From, s.To) * rapid.SampledFrom([]float64{1, 0.5, 0.001}).Draw(t, "swing")
				s.Period = rapid.SampledFrom([]time.Duration{time.Millisecond, time.Second, 7 * time.Second, time.Hour}).Draw(t, "period")
			}
			p = append(p, s)
		}
		return p
	})
}

func TestSlotsOfAnyProfile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := profiles().Draw(t, "profile")
		checkSlots(t, p)
		checkSchedule(t, p, rapid.IntRange(1, 4).Draw(t, "models"))
	})
}

func TestAnySpanHoldsItsArea(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := profiles().Draw(t, "profile")
		from := time.Duration(rapid.Int64Range(0, int64(p.Length())).Draw(t, "from"))
		to := time.Duration(rapid.Int64Range(int64(from), int64(p.Length())).Draw(t, "to"))
		n, bursts := 0, make([]int, len(p))
		for s := range p.Slots() {
			if bursts[s.Stage] < p[s.Stage].Burst {
				bursts[s.Stage]++ // the burst comes first, and takes no area
				continue
			}
			if s.At >= from && s.At < to {
				n++
			}
		}
		if area := areaTo(p, to) - areaTo(p, from); math.Abs(float64(n)-area) > 1.001 {
			t.Fatalf("%d slots of %v are due from %v to %v; want %.3f, give or take one", n, p, from, to, area)
		}
	})
}

func FuzzSlots(f *testing.F) {
	f.Add(0.0, 60.0, int64(time.Minute), 0, 60.0, 0.0, int64(3*time.Second), 2, 1.0, int64(time.Second))
	f.Add(30.0, 30.0, int64(time.Second), 0, 0.0, 120.0, int64(time.Second), 0, 0.0, int64(time.Hour))
	f.Add(10e6, 10e6, int64(time.Millisecond), 3, 1e-9, 1e-9, int64(math.MaxInt64/4), 0, 0.5, int64(time.Millisecond))
	f.Fuzz(func(t *testing.T, from1, to1 float64, length1 int64, burst1 int, from2, to2 float64, length2 int64, burst2 int, swing float64, period int64) {
		p := ramp.Profile{
			{From: from1, To: to1, Length: time.Duration(length1), Burst: burst1, Swing: swing * min(from1, to1), Period: time.Duration(period)},
			{From: from2, To: to2, Length: time.Duration(length2), Burst: burst2},
		}
		if !(swing >= 0 && swing <= 1) || period < int64(time.Millisecond) || period > int64(7*24*time.Hour) {
			t.Skip("outside of what a scenario can say")
		}
		for _, s := range p {
			if !(s.From >= 0 && s.From <= 10e6 && s.To >= 0 && s.To <= 10e6) || s.Length < 0 || s.Length > 7*24*time.Hour || s.Burst < 0 || s.Burst > 1000 {
				t.Skip("outside of what a scenario can say")
			}
		}
		if areaTo(p, p.Length()) > 10_000 {
			t.Skip("too long to check")
		}
		checkSlots(t, p)
		checkSchedule(t, p, 2)
	})
}

// areaTo is the number of calls that should have gone out by a time.
func areaTo(p ramp.Profile, at time.Duration) float64 {
	var area float64
	for _, s := range p {
		if s.Length == 0 {
			continue
		}
		x := min(at, s.Length)
		mean := s.From + (s.To-s.From)*float64(x)/float64(s.Length)/2
		area += mean * x.Minutes()
		if s.Swing > 0 {
			turn := 2 * math.Pi / s.Period.Minutes()
			area += s.Swing / turn * (1 - math.Cos(turn*x.Minutes()))
		}
		at -= x
	}
	return area
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkSlots holds the slots of a profile against their contract.
func checkSlots(t failer, p ramp.Profile) {
	t.Helper()
	starts := []time.Duration{0}
	for i, s := range p {
		starts = append(starts, starts[i]+s.Length)
	}
	seq, k := 0, 0
	bursts := make([]int, len(p))
	last := ramp.Slot{}
	for s := range p.Slots() {
		if s.Seq != seq || s.Model != 0 {
			t.Fatalf("slot %d of %v = %+v; want Seq %d and Model 0", seq, p, s, seq)
		}
		if s.At < last.At || s.Stage < last.Stage {
			t.Fatalf("slot %+v of %v comes after %+v; want them in order", s, p, last)
		}
		if s.At < starts[s.Stage] || s.At > starts[s.Stage+1] {
			t.Fatalf("slot %+v of %v is not in its stage, which goes from %v to %v", s, p, starts[s.Stage], starts[s.Stage+1])
		}
		if bursts[s.Stage] < p[s.Stage].Burst {
			if s.At != starts[s.Stage] {
				t.Fatalf("slot %+v of %v belongs to a burst; want it due at %v", s, p, starts[s.Stage])
			}
			bursts[s.Stage]++
		} else {
			// Rates are at most 10e6 rpm, so a nanosecond is 0.0002 calls.
			if got := areaTo(p, s.At); math.Abs(got-float64(k)-0.5) > 0.001 {
				t.Fatalf("slot %+v of %v has the area %.4f before it; want %d.5", s, p, got, k)
			}
			k++
		}
		last = s
		seq++
	}
	if n := p.Count(); n != seq {
		t.Fatalf("Count of %v = %d; want %d, as many as there are slots", p, n, seq)
	}
	for i, n := range bursts {
		if n != p[i].Burst {
			t.Fatalf("stage %d of %v sent %d calls of its burst; want %d", i, p, n, p[i].Burst)
		}
	}
}

// checkSchedule holds a schedule against the slots that it is made of.
func checkSchedule(t failer, p ramp.Profile, models int) {
	t.Helper()
	const tick = time.Microsecond
	end := p.Length().Truncate(tick)
	seq, last := 0, -tick
	next, stop := pull(p)
	defer stop()
	var of ramp.Slot
	for s := range merged(p, models) {
		if s.Model == 0 {
			of, _ = next()
		}
		if s.Seq != seq || s.Model != seq%models || s.Stage != of.Stage {
			t.Fatalf("slot %d of the schedule of %v for %d models = %+v; want Seq %d, Model %d, Stage %d", seq, p, models, s, seq, seq%models, of.Stage)
		}
		want := max(last+tick, min(of.At.Round(tick), end))
		if s.At != want {
			t.Fatalf("slot %+v of the schedule of %v for %d models is due at %v; want %v (slot at %v, the one before at %v)", s, p, models, s.At, want, of.At, last)
		}
		last = s.At
		seq++
	}
	if want := p.Count() * models; seq != want {
		t.Fatalf("the schedule of %v for %d models has %d slots; want %d", p, models, seq, want)
	}
}

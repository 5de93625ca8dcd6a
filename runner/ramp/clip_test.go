package ramp_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/runner/ramp"
)

// level draws profiles whose waves are on level lines, without bursts, as a
// load that is clipped has.
func level() *rapid.Generator[ramp.Profile] {
	return rapid.Map(profiles(), func(p ramp.Profile) ramp.Profile {
		for i := range p {
			p[i].Burst = 0
			if p[i].Swing > 0 {
				p[i].To = p[i].From
				p[i].Swing = min(p[i].Swing, p[i].From)
				p[i].Period = max(p[i].Period, time.Second)
			}
		}
		return p
	})
}

func dueTimes(p ramp.Profile) (out []time.Duration) {
	for s := range p.Slots() {
		out = append(out, s.At)
	}
	return out
}

// clippedArea is the area under the lower of rate and bound, by small steps.
func clippedArea(p ramp.Profile, most float64) (area float64) {
	const pieces = 20_000
	for _, s := range p {
		step := s.Length.Minutes() / pieces
		for i := range pieces {
			x := (float64(i) + 0.5) / pieces
			rate := s.From + (s.To-s.From)*x
			if s.Swing > 0 {
				rate += s.Swing * math.Sin(2*math.Pi*x*s.Length.Minutes()/s.Period.Minutes())
			}
			area += min(rate, most) * step
		}
	}
	return area
}

func TestAClippedLoadNeverGoesAbove(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := level().Draw(t, "profile")
		most := rapid.OneOf(rapid.Just(30.0), rapid.Just(60.0), rapid.Float64Range(0.1, 12_000)).Draw(t, "most")
		c := p.Clip(most)
		all, kept := dueTimes(p), dueTimes(c)
		if len(kept) > len(all)+1 || len(kept) != c.Count() || c.Length() != p.Length() || len(c) != len(p) {
			t.Fatalf("%d calls of %d, counted %d, %v of %v, %d stages of %d", len(kept), len(all), c.Count(), c.Length(), p.Length(), len(c), len(p))
		}
		if c.Peak() > most && c.Peak() > most*(1+1e-12) {
			t.Fatalf("the peak is %g; the bound %g", c.Peak(), most)
		}
		if !slices.IsSorted(kept) {
			t.Fatal("the calls are out of order")
		}
		for i, s := range c {
			if from, to := s.Ends(); from != min(p[i].From, most) || to != min(p[i].To, most) {
				t.Fatalf("stage %d goes from %g to %g; want %g and %g, at most %g", i, from, to, p[i].From, p[i].To, most)
			}
		}
		// k calls in a row take k-1 gaps, of which none is shorter than 1/most.
		gap := time.Duration(float64(time.Minute) / most)
		for _, k := range []int{1, 7, 60} {
			for i := k; i < len(kept); i++ {
				if least := time.Duration(k)*gap - 10*time.Nanosecond - time.Duration(1e-6*float64(k)*float64(gap)); kept[i]-kept[i-k] < least {
					t.Fatalf("calls %d to %d come within %v, at %g a minute at most; want %v", i-k, i, kept[i]-kept[i-k], most, least)
				}
			}
		}
		if most >= p.Peak() && !slices.Equal(all, kept) {
			t.Fatal("a bound that is not reached changes the load")
		}
	})
}

func TestAClippedLoadKeepsItsArea(t *testing.T) {
	minute := time.Minute
	wave := func(mean, swing float64, period, length time.Duration) ramp.Profile {
		return ramp.Profile{{From: mean, To: mean, Swing: swing, Period: period, Length: length}}
	}
	for _, tt := range []struct {
		p    ramp.Profile
		most float64
	}{
		{ramp.Profile{{From: 0, To: 480, Length: minute}}, 120},
		{ramp.Profile{{From: 480, To: 0, Length: minute}}, 120},
		{ramp.Profile{{From: 480, To: 60, Length: minute}, {From: 60, To: 60, Length: minute}, {From: 60, To: 900, Length: 10 * time.Second}}, 200},
		{ramp.Profile{{From: 480, To: 480, Length: minute}}, 120},
		{wave(300, 200, 20*time.Second, 70*time.Second), 400},
		{wave(300, 200, 20*time.Second, 70*time.Second), 300},
		{wave(300, 200, 20*time.Second, 73*time.Second), 150},
		{wave(300, 200, 20*time.Second, 73*time.Second), 100},
		{wave(300, 300, time.Hour, 7*time.Minute), 310},
	} {
		c := tt.p.Clip(tt.most)
		want := clippedArea(tt.p, tt.most)
		if got := float64(c.Count()); math.Abs(got-want) > 1 {
			t.Errorf("%+v clipped at %g has %g calls; want %.2f", tt.p, tt.most, got, want)
		}
		// Half of the time, as a check of where the calls are.
		half := slices.Clone(tt.p)
		half[len(half)-1].Length /= 2
		n := 0
		for _, at := range dueTimes(c) {
			if at < half.Length() {
				n++
			}
		}
		last := tt.p[len(tt.p)-1]
		half[len(half)-1].To = last.From + (last.To-last.From)/2
		if want := clippedArea(half, tt.most); math.Abs(float64(n)-want) > 1.01 {
			t.Errorf("%+v clipped at %g has %d calls up to %v; want %.2f", tt.p, tt.most, n, half.Length(), want)
		}
	}
}

package statistics_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/internal/statistics"
)

// The least trials for an upper bound below a limit at 95 %, as a table of
// Clopper and Pearson's interval gives them.
func TestClopperPearson(t *testing.T) {
	for _, row := range []struct {
		limit  float64
		hits   float64
		trials float64
	}{
		{0.05, 0, 59}, {0.05, 1, 93}, {0.05, 2, 124}, {0.05, 5, 208},
		{0.02, 0, 149}, {0.02, 1, 236}, {0.02, 2, 313}, {0.02, 5, 523},
		{0.01, 0, 299}, {0.01, 1, 473}, {0.01, 2, 628}, {0.01, 5, 1049},
		{0.005, 0, 598}, {0.005, 1, 947}, {0.005, 2, 1258}, {0.005, 5, 2100},
		{0.001, 0, 2995}, {0.001, 1, 4742}, {0.001, 2, 6294}, {0.001, 5, 10511},
	} {
		if high := statistics.ClopperPearson(row.hits, row.trials, 0.95).High; high > row.limit {
			t.Errorf("%v of %v: high %v, above %v", row.hits, row.trials, high, row.limit)
		}
		if high := statistics.ClopperPearson(row.hits, row.trials-1, 0.95).High; high <= row.limit {
			t.Errorf("%v of %v: high %v, not above %v", row.hits, row.trials-1, high, row.limit)
		}
	}
	if got := statistics.ClopperPearson(0, 0, 0.95); got != (statistics.Interval{Low: 0, High: 1}) {
		t.Errorf("without trials: %v", got)
	}
	if got := statistics.ClopperPearson(10, 10, 0.95); got.High != 1 || math.Abs(got.Low-math.Pow(0.05, 0.1)) > 1e-9 {
		t.Errorf("10 of 10: %v", got)
	}
}

func TestRateChoosesItsMethod(t *testing.T) {
	even := func(n, hits, trials int) (out []statistics.Window) {
		for range n {
			out = append(out, statistics.Window{Hits: hits, Trials: trials})
		}
		return out
	}
	for _, row := range []struct {
		name    string
		windows []statistics.Window
		stopped bool
		method  string
		effect  float64 // NaN: not told
	}{
		{"nothing", nil, false, statistics.None, math.NaN()},
		{"no trials", even(5, 0, 0), false, statistics.None, math.NaN()},
		{"no hits", even(10, 0, 60), false, statistics.Halved, math.NaN()},
		{"one window", even(1, 5, 60), false, statistics.Halved, math.NaN()},
		{"a bucket", even(6, 30, 60), false, statistics.Direct, 0},
		{"a few even ones", even(6, 1, 60), false, statistics.Exact, 0},
		{"bursts", append(even(9, 0, 60), statistics.Window{Hits: 30, Trials: 60}), false, statistics.ByWindow, 10.0 / 9 * (9*9 + 27*27) / (600 * 0.05 * 0.95)},
		{"three of bursts", []statistics.Window{{Hits: 0, Trials: 60}, {Hits: 10, Trials: 60}, {Hits: 30, Trials: 60}}, false, statistics.ByWindow, 1.5 * (3*3 + 37*37 + 50*50) / 9.0 * 1 / (180 * 2 / 9.0 * 7 / 9.0)},
		{"stages that differ", append(even(5, 1, 60), statistics.Window{Stratum: 1, Hits: 40, Trials: 60}, statistics.Window{Stratum: 1, Hits: 40, Trials: 60}), false, statistics.Exact, 0},
		{"ended by what it looked like", even(6, 1, 60), true, statistics.Sequential, 0},
	} {
		e := statistics.Rate(row.windows, 0.95, row.stopped)
		if e.Method != row.method {
			t.Errorf("%s: method %s, want %s", row.name, e.Method, row.method)
		}
		if row.name != "three of bursts" && !(math.IsNaN(e.DesignEffect) && math.IsNaN(row.effect)) && math.Abs(e.DesignEffect-row.effect) > 1e-9 {
			t.Errorf("%s: design effect %v, want %v", row.name, e.DesignEffect, row.effect)
		}
	}
}

// One stage that throttles beside one that does not, by design, is no burst: a
// ramp into its limit is told from luck.
func TestStrataAreNoBursts(t *testing.T) {
	ramp := []statistics.Window{{Stratum: 0, Trials: 30}, {Stratum: 1, Hits: 10, Trials: 30}, {Stratum: 2, Hits: 15, Trials: 30}}
	if e := statistics.Rate(ramp, 0.95, false); e.Low <= 0.1 || !math.IsNaN(e.DesignEffect) {
		t.Errorf("got %+v; want a low end above 0.1, and no design effect", e)
	}
}

func TestNeeded(t *testing.T) {
	for _, limit := range []float64{0.001, 0.01, 0.02, 0.5} {
		n, ok := statistics.Needed(limit, 0.95)
		if !ok {
			t.Fatalf("%v: no end", limit)
		}
		reached := func(n int) bool {
			return statistics.Rate([]statistics.Window{{Trials: n / 2}, {Trials: n - n/2}}, 0.95, false).High <= limit
		}
		if !reached(n) || reached(n-1) {
			t.Errorf("limit %v: needs %d, but %d: %v, %d: %v", limit, n, n, reached(n), n-1, reached(n-1))
		}
	}
	if _, ok := statistics.Needed(0, 0.95); ok {
		t.Error("a rate of 0 cannot be shown")
	}
}

// Whatever the windows are: the bounds lie around the rate, in [0, 1], and a
// higher confidence never narrows them.
func TestBoundsHoldTheRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var windows []statistics.Window
		var hits, trials int
		for range rapid.IntRange(1, 20).Draw(t, "windows") {
			n := rapid.IntRange(0, 200).Draw(t, "trials")
			k := rapid.IntRange(0, n).Draw(t, "hits")
			windows = append(windows, statistics.Window{Stratum: rapid.IntRange(0, 2).Draw(t, "stratum"), Hits: k, Trials: n})
			hits, trials = hits+k, trials+n
		}
		stopped := rapid.Bool().Draw(t, "stopped")
		e := statistics.Rate(windows, 0.95, stopped)
		if trials == 0 {
			if e.Method != statistics.None || e.Low != 0 || e.High != 1 {
				t.Fatalf("without trials: %+v", e)
			}
			return
		}
		p := float64(hits) / float64(trials)
		if !(0 <= e.Low && e.Low <= p+1e-9 && p-1e-9 <= e.High && e.High <= 1) {
			t.Fatalf("rate %v is outside of %+v", p, e)
		}
		if sure := statistics.Rate(windows, 0.99, stopped); sure.Low > e.Low+1e-9 || sure.High < e.High-1e-9 {
			t.Fatalf("99 %% %+v is narrower than 95 %% %+v", sure, e)
		}
	})
}

// A sequence may be looked at after every call: it rules the truth out in at
// most 5 % of runs, however long one looks.
func TestPeekingDoesNotSpoilASequence(t *testing.T) {
	const runs, longest = 2000, 2000
	for _, p := range []float64{0.01, 0.2} {
		chance := rand.New(rand.NewPCG(1, uint64(p*1000)))
		wrong := 0
		for range runs {
			hits := 0
			for n := 1; n <= longest; n++ {
				if chance.Float64() < p {
					hits++
				}
				// It is looked at on a grid: that every moment is covered follows the
				// more.
				if n%20 != 0 {
					continue
				}
				if i := statistics.Sequence(hits, n, 0.95); i.Low > p || i.High < p {
					wrong++
					break
				}
			}
		}
		if share := float64(wrong) / runs; share > 0.05 {
			t.Errorf("rate %v: ruled out in %.3f of runs", p, share)
		}
	}
}

package record_test

import (
	"flag"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/record"
)

// grown is traffic that is known by its formula: a cycle of a day with its peak
// at noon UTC, weekends, growth, and noise of three kinds.
type grown struct {
	days      int
	growth    float64 // a day
	weekend   float64 // factor of Saturdays and Sundays
	noise     float64 // of a day, log-normal
	memory    float64 // how much of a day's noise is that of the day before
	jitter    float64 // of a period, log-normal
	poisson   bool    // counts vary as those of independent calls
	incidents int     // days that are three times as high
	gap       int     // days without a point
	period    time.Duration
}

const grownPeak = 400 // attempts a minute at noon, at the end of the window

// traffic draws the traffic of a seed. Its window ends in the afternoon, at one
// of eight weekdays and hours.
func (g grown) traffic(seed uint64) *record.Traffic {
	rng := rand.New(rand.NewPCG(seed, 19))
	end := time.Date(2026, 11, 1+int(seed%7), int(seed*5%24), 0, 0, 0, time.UTC)
	w := record.Window{Start: end.AddDate(0, 0, -g.days), End: end, Period: record.Duration(g.period)}
	factors := make([]float64, g.days+1)
	past := rng.NormFloat64()
	for i := range factors {
		past = g.memory*past + math.Sqrt(1-g.memory*g.memory)*rng.NormFloat64()
		factors[i] = math.Exp(g.noise * past)
	}
	for range g.incidents {
		factors[rng.IntN(len(factors))] *= 3
	}
	hole := rng.IntN(g.days - g.gap)
	t := record.NewTraffic(w)
	t.Limits = map[string]float64{"rpm": grownPeak * 2}
	first := w.Start.Truncate(24 * time.Hour)
	for at := w.Start; at.Before(end); at = at.Add(g.period) {
		day := int(at.Sub(first) / (24 * time.Hour))
		if day >= hole && day < hole+g.gap {
			continue
		}
		rpm := g.rate(at.Add(g.period/2), end) * factors[day] * math.Exp(g.jitter*rng.NormFloat64())
		n := rpm * g.period.Minutes()
		if g.poisson {
			n += math.Sqrt(n) * rng.NormFloat64()
		}
		t.Set(record.MetricInvocations, at, math.Round(n))
	}
	return t
}

// rate is the formula, without noise.
func (g grown) rate(at, end time.Time) float64 {
	phase := at.Sub(at.Truncate(24*time.Hour)).Hours() / 24
	rpm := grownPeak * (0.25 + 0.75*(1-math.Cos(2*math.Pi*phase))/2) * math.Pow(1+g.growth, at.Sub(end).Hours()/24)
	if d := at.Weekday(); d == time.Saturday || d == time.Sunday {
		rpm *= g.weekend
	}
	return rpm
}

// truth is in how many days the formula's peak on a busy day reaches a limit.
func (g grown) truth(limit float64) float64 {
	if g.growth <= 0 {
		return record.Horizon
	}
	return min(record.Horizon, math.Log(limit/grownPeak/max(1, g.weekend))/math.Log(1+g.growth))
}

var seeds = flag.Int("seeds", 100, "how many seeds of each kind of traffic are tried for days_to_quota")

// The interval of days_to_quota holds the truth in at least 95 of 100 seeds where
// the noise of days is independent, and in 90 where it has a long memory, which few
// weeks cannot show.
func TestDaysToQuotaHoldsTheTruth(t *testing.T) {
	noisy := func(days int, noise, memory float64) grown {
		return grown{days: days, growth: 0.02, weekend: 0.4, noise: noise, memory: memory, jitter: 0.01}
	}
	messy := func(g grown) grown {
		g.incidents, g.gap = 1, 1
		return g
	}
	tests := []struct {
		name  string
		want  int
		grown grown
	}{
		{"counts alone", 95, grown{days: 14, growth: 0.02, weekend: 1, poisson: true}},
		// The highest of many noisy minutes is above the formula's, which it is held against.
		{"counts by the minute", 90, grown{days: 14, growth: 0.02, weekend: 0.5, poisson: true, period: time.Minute}},
		{"busy weekends", 95, grown{days: 28, growth: 0.02, weekend: 1.4, noise: 0.05}},
		{"fast", 95, grown{days: 21, growth: 0.1, weekend: 0.4, noise: 0.1}},
		{"flat", 95, grown{days: 28, growth: 0, weekend: 0.4, noise: 0.05}},
		{"shrinking", 95, grown{days: 28, growth: -0.02, weekend: 0.4, noise: 0.05}},
		{"two months with all of it", 95, grown{days: 60, growth: 0.01, weekend: 0.4, noise: 0.1, incidents: 3, gap: 5}},
		{"14 days, 2 %", 95, noisy(14, 0.02, 0)},
		{"14 days, 2 %, messy", 95, messy(noisy(14, 0.02, 0))},
		{"14 days, 10 %", 95, noisy(14, 0.1, 0)},
		{"14 days, 10 %, messy", 95, messy(noisy(14, 0.1, 0))},
		{"14 days, 10 %, memory 0.5", 90, noisy(14, 0.1, 0.5)},
		{"14 days, 10 %, memory 0.5, messy", 90, messy(noisy(14, 0.1, 0.5))},
		{"28 days, 10 %", 95, noisy(28, 0.1, 0)},
		{"28 days, 10 %, messy", 95, messy(noisy(28, 0.1, 0))},
		{"28 days, 10 %, memory 0.5", 90, noisy(28, 0.1, 0.5)},
		{"28 days, 10 %, memory 0.5, messy", 90, messy(noisy(28, 0.1, 0.5))},
		{"28 days, 10 %, memory 0.7", 85, noisy(28, 0.1, 0.7)},
		{"28 days, 10 %, memory 0.7, messy", 85, messy(noisy(28, 0.1, 0.7))},
		{"60 days, 10 %, memory 0.7", 90, noisy(60, 0.1, 0.7)},
		{"60 days, 10 %, memory 0.7, messy", 90, messy(noisy(60, 0.1, 0.7))},
	}
	for _, tt := range tests {
		g := tt.grown
		n := *seeds
		if g.period == 0 {
			g.period = time.Hour
		} else if testing.Short() {
			n = 20
		}
		held := 0
		var widths []float64
		for seed := range n {
			v := g.traffic(uint64(seed)).Values()
			low, high := v["days_to_quota.rpm.low"], v["days_to_quota.rpm.high"]
			if !low.Known || !high.Known {
				t.Fatalf("%s: seed %d: no data", tt.name, seed)
			}
			if truth := g.truth(2 * grownPeak); low.Value <= truth && truth <= high.Value {
				held++
			}
			widths = append(widths, high.Value-low.Value)
		}
		slices.Sort(widths)
		t.Logf("%-36s held in %5.1f %%, the median is %3.0f days wide", tt.name, 100*float64(held)/float64(n), widths[n/2])
		if held*100 < tt.want*n {
			t.Errorf("%s: the interval holds the truth in %d of %d seeds; want at least %d in 100", tt.name, held, n, tt.want)
		}
	}
}

// Two weeks by the hour, known to the last digit: growth by the day, its peaks at
// noon.
func TestGrowthOfExactTraffic(t *testing.T) {
	exact := func(of func(day int) float64, days int) *record.Traffic {
		begin := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC) // a Monday
		tr := record.NewTraffic(record.Window{Start: begin, End: begin.AddDate(0, 0, days), Period: record.Duration(time.Hour)})
		for day := range days {
			if peak := of(day); peak > 0 {
				for hour := range 24 {
					n := peak / 4
					if hour == 12 {
						n = peak
					}
					tr.Set(invocations, begin.AddDate(0, 0, day).Add(time.Duration(hour)*time.Hour), 60*n)
				}
			}
		}
		tr.Limits = map[string]float64{"rpm": 200}
		return tr
	}
	power := func(growth float64) func(int) float64 {
		return func(day int) float64 { return 100 * math.Pow(1+growth, float64(day)) }
	}
	weekends := func(factor float64, of func(int) float64) func(int) float64 {
		return func(day int) float64 {
			if day%7 >= 5 {
				return factor * of(day)
			}
			return of(day)
		}
	}
	// The peak of day 0 is at 12:30; the window ends 13 days and 11.5 hours later.
	since := 13 + 11.5/24
	until := func(growth float64) float64 { return math.Log(2)/math.Log(1+growth) - since }
	none := math.NaN()
	tests := []struct {
		name           string
		of             func(day int) float64
		days           int
		growth         float64 // NaN: no data
		low, est, high float64
	}{
		{"2 % a day", power(0.02), 14, 0.02, 21, until(0.02), 23},
		{"quiet weekends", weekends(0.3, power(0.02)), 14, 0.02, 21, until(0.02), 23},
		{"no weekends", weekends(0, power(0.02)), 14, 0.02, 21, until(0.02), 23},
		{"weekends are what reaches it", weekends(1.5, power(0.02)), 28, 0.02, 0, 0, 1},
		{"the same each day", power(0), 14, 0, record.Horizon, record.Horizon, record.Horizon},
		{"less each day", power(-0.05), 14, -0.05, record.Horizon, record.Horizon, record.Horizon},
		{"over a year away", power(0.001), 14, 0.001, record.Horizon, record.Horizon, record.Horizon},
		{"reached long ago", power(0.2), 14, 0.2, 0, 0, 1},
		{"a gap of three days", func(day int) float64 {
			if day >= 3 && day < 6 {
				return 0
			}
			return power(0.02)(day)
		}, 14, 0.02, 21, until(0.02), 23},
		{"ten days", power(0.02), 10, 0.02, 25, until(0.02) + 4, 27},
		{"nine days", power(0.02), 9, none, none, none, none},
		{"ten days with nine that have calls", func(day int) float64 {
			if day == 4 {
				return 0
			}
			return 100
		}, 10, none, none, none, none},
	}
	for _, tt := range tests {
		v := exact(tt.of, tt.days).Values()
		for name, want := range map[string]float64{
			"growth.rpm.low": tt.growth, "growth.rpm.estimate": tt.growth, "growth.rpm.high": tt.growth,
			"days_to_quota.rpm.low": tt.low, "days_to_quota.rpm.estimate": tt.est, "days_to_quota.rpm.high": tt.high,
			"days_to_quota.low": tt.low, "days_to_quota.estimate": tt.est, "days_to_quota.high": tt.high,
			"growth.tpm.estimate": none, "days_to_quota.tpm.estimate": none,
		} {
			got := v[name]
			if got.Known == math.IsNaN(want) || got.Known && math.Abs(got.Value-want) > 1e-9 {
				t.Errorf("%s: %s = %+v; want %v", tt.name, name, got, want)
			}
		}
	}
}

// A day of which less than half of the usual periods are told may lack its peak.
func TestGrowthLeavesOutHalfDays(t *testing.T) {
	g := grown{days: 15, growth: 0, weekend: 1, period: time.Hour}
	tr := g.traffic(0) // ends at midnight
	noon := func(day int) time.Time { return tr.Window.Start.AddDate(0, 0, day).Add(12 * time.Hour) }
	before := tr.Values()["growth.rpm.estimate"].Samples
	for _, day := range []int{2, 9} {
		for i := -7; i < 7; i++ {
			tr.Sums[invocations][int(noon(day).Sub(tr.Window.Start).Hours())+i] = nil
		}
	}
	if after := tr.Values()["growth.rpm.estimate"].Samples; before != 15 || after != 13 {
		t.Errorf("growth rests on %d and %d days; want 15, and 13 without the two that lack their noon", before, after)
	}
}

// The quota that is reached first counts, and it is not known as long as one of
// them is not.
func TestTheSoonestQuotaCounts(t *testing.T) {
	tr := grown{days: 28, growth: 0.02, weekend: 1, period: time.Hour}.traffic(1)
	for i, p := range tr.Sums[invocations] {
		tr.Sums[inputTokens][i] = number(*p * 100)
	}
	tr.Burndown = 1
	for _, tt := range []struct {
		limits map[string]float64
		as     string
	}{
		{map[string]float64{"rpm": 600, "tpm": 800 * 100}, "days_to_quota.rpm.estimate"},
		{map[string]float64{"rpm": 800, "tpm": 600 * 100}, "days_to_quota.tpm.estimate"},
		{map[string]float64{"tpm": 600 * 100}, "days_to_quota.tpm.estimate"},
	} {
		tr.Limits = tt.limits
		v := tr.Values()
		if first := v["days_to_quota.estimate"]; !first.Known || first != v[tt.as] || first.Value < 10 || first.Value > 30 {
			t.Errorf("limits %v: the first quota is reached in %+v days; want %s, %+v", tt.limits, first, tt.as, v[tt.as])
		}
	}
	tr.Limits, tr.Burndown = map[string]float64{"rpm": 600, "tpm": 800}, 0
	if v := tr.Values(); v["days_to_quota.estimate"].Known || !v["days_to_quota.rpm.estimate"].Known {
		t.Errorf("without a burndown the days are %+v, those of rpm %+v; want no data, and data", v["days_to_quota.estimate"], v["days_to_quota.rpm.estimate"])
	}
	tr.Limits = nil
	wantReading(t, tr.Values(), "days_to_quota.estimate", 0, false, 0)
}

// Whatever the traffic: the bounds enclose the estimate, a higher quota is never
// reached sooner, and the days are within the horizon.
func TestDaysToQuotaProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.IntRange(8, 40).Draw(t, "days")
		begin := time.Date(2026, 11, rapid.IntRange(1, 7).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
		tr := record.NewTraffic(record.Window{Start: begin, End: begin.AddDate(0, 0, days), Period: record.Duration(6 * time.Hour)})
		for i := range 4 * days {
			if n := rapid.IntRange(0, 50).Draw(t, "n"); n > 0 {
				tr.Set(invocations, begin.Add(time.Duration(i)*6*time.Hour), float64(n*n*n))
			}
		}
		limit := rapid.Float64Range(0.01, 1e6).Draw(t, "limit")
		tr.Limits = map[string]float64{"rpm": limit}
		a := tr.Values()
		tr.Limits = map[string]float64{"rpm": 2 * limit}
		b := tr.Values()
		for _, name := range []string{"growth.rpm", "days_to_quota.rpm"} {
			low, estimate, high := a[name+".low"], a[name+".estimate"], a[name+".high"]
			if low.Known != estimate.Known || low.Known != high.Known || low.Value > estimate.Value || estimate.Value > high.Value {
				t.Fatalf("%s is %v, %v, %v; want them in order", name, low, estimate, high)
			}
		}
		for _, end := range []string{"low", "estimate", "high"} {
			x, y := a["days_to_quota.rpm."+end], b["days_to_quota.rpm."+end]
			if x.Value > y.Value || x.Value < 0 || y.Value > record.Horizon {
				t.Fatalf("days_to_quota.rpm.%s is %v, and %v for twice the quota", end, x, y)
			}
		}
	})
}

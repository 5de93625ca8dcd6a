package runner_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// The account whose traffic is known by its formula. Virtual time begins on
// Saturday, 2000-01-01, 00:00 UTC, and the account with it.
var virtualStart = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// formula is a row of background traffic.
type formula struct {
	rpm, peak, growth, weekend, throttled float64
	incidents                             []incident
}

// incident replaces the rate and the throttled fraction.
type incident struct {
	ago, length    time.Duration
	rpm, throttled float64
}

const (
	knownInput, knownOutput, knownBurndown = 200, 50, 5
	knownLatency                           = 800.
	knownRPM, knownTPM                     = 900, 400_000 // the quotas
)

// account writes the row as an account file.
func (k formula) account(seed int) string {
	row := fmt.Sprintf("{model: \"anthropic.claude-3-haiku-20240307-v1:0\", rpm: %g, peak: %g, growth: %g, weekend: %g, throttled: %g, input_tokens: %d, output_tokens: %d, latency: 800ms, incidents: [",
		k.rpm, k.peak, k.growth, k.weekend, k.throttled, knownInput, knownOutput)
	for _, i := range k.incidents {
		row += fmt.Sprintf("{ago: %v, for: %v, rpm: %g, throttled: %g}, ", i.ago, i.length, i.rpm, i.throttled)
	}
	src := strings.Replace(haikuAccount, "limits: {rpm: 60,", "burndown: 5, latency: {spread: 0}, limits: {rpm: 60,", 1)
	src = strings.Replace(src, "value: 60,", fmt.Sprintf("value: %d,", knownRPM), 1)
	src = strings.Replace(src, "value: 200000,", fmt.Sprintf("value: %d,", knownTPM), 1)
	src = strings.Replace(src, "seed: 5", fmt.Sprintf("seed: %d", seed), 1)
	return src + "traffic:\n  - " + row + "]}\n"
}

// at is what the formula says of the minute that begins at a time: the attempts,
// and how many of them are throttled.
func (k formula) at(minute time.Time) (attempts, throttled float64) {
	attempts, throttled = k.rpm, k.throttled
	if k.peak > 0 {
		ofDay := minute.Sub(minute.Truncate(24*time.Hour)).Minutes() / (24 * 60)
		attempts += (k.peak - k.rpm) * (1 - math.Cos(2*math.Pi*ofDay)) / 2
	}
	attempts *= math.Pow(1+k.growth, minute.Sub(virtualStart).Hours()/24)
	if d := minute.Weekday(); d == time.Saturday || d == time.Sunday {
		attempts *= k.weekend
	}
	for _, i := range k.incidents {
		if from := virtualStart.Add(-i.ago); !minute.Before(from) && minute.Before(from.Add(i.length)) {
			attempts, throttled = i.rpm, i.throttled
		}
	}
	return attempts, attempts * throttled
}

// watch runs the monitor step on the account and returns the step and its model.
func (k formula) watch(t *testing.T, seed int, window string) (record.Step, record.Values) {
	t.Helper()
	src := "version: 1\nname: t\nregion: us-east-1\nmodels: {haiku: {id: anthropic.claude-3-haiku-20240307-v1:0, burndown: 5}}\nsteps:\n  - discover: {}\n  - monitor: " + window + "\nassert: [{expr: monitor.points >= 0}]\n"
	o := simulate(t, src, k.account(seed), nil)
	if o.Verdict != record.Pass {
		t.Fatalf("the run ended with %s: %s %v", o.Verdict, o.Problem, o.Assertions)
	}
	return o.Steps[1], o.Models[0].Steps["monitor"]
}

// truth works every number out from the formula, with nothing of the program's.
func (k formula) truth(w record.Window) (map[string]float64, record.ModelUsage) {
	period := time.Duration(w.Period)
	var rpm, tpm, quota []float64 // of the periods in which anything was called
	var sum, throttles, longest, run, mostCalls, mostAnswered float64
	var usage record.ModelUsage
	n := 0
	var hours [7][24][]float64 // attempts of each time that an hour was in the window
	for from := w.Start; from.Before(w.End); from = from.Add(period) {
		n++
		calls, refused := 0., 0.
		for m := from; m.Before(from.Add(period)) && m.Before(virtualStart); m = m.Add(time.Minute) {
			a, r := k.at(m)
			calls, refused = calls+a, refused+r
		}
		if refused > 0 {
			run += period.Minutes()
		} else {
			run = 0
		}
		if run > longest {
			longest = run
			usage.Throttled = &record.Span{Start: from.Add(period - time.Duration(run)*time.Minute), End: from.Add(period)}
		}
		if calls == 0 {
			continue
		}
		sum, throttles = sum+calls, throttles+refused
		answered := (calls - refused) / period.Minutes()
		if calls > mostCalls {
			mostCalls, usage.PeakRPM = calls, &from
		}
		if answered > mostAnswered {
			mostAnswered, usage.PeakTPM = answered, &from
		}
		rpm = append(rpm, calls/period.Minutes())
		if answered > 0 {
			tpm, quota = append(tpm, answered*(knownInput+knownOutput)), append(quota, answered*(knownInput+knownOutput*knownBurndown))
		}
		h := &hours[from.Weekday()][from.Hour()]
		if from.Minute() == 0 {
			*h = append(*h, 0)
		}
		(*h)[len(*h)-1] += calls
	}
	ok := sum - throttles
	v := map[string]float64{
		"invocations": ok, "throttles": throttles, "client_errors": 0, "server_errors": 0, "errors": 0, "attempts": sum, "throttle_rate": throttles / sum,
		"longest_throttled_minutes": longest, "input_tokens": ok * knownInput, "output_tokens": ok * knownOutput,
		"estimated_quota_tokens": ok * (knownInput + knownOutput*knownBurndown), "computed_quota_tokens": ok * (knownInput + knownOutput*knownBurndown),
		"peak_rpm": slices.Max(rpm), "peak_tpm": slices.Max(tpm), "peak_quota_tpm": slices.Max(quota),
		"utilization.rpm": slices.Max(rpm) / knownRPM, "utilization.tpm": slices.Max(quota) / knownTPM,
		"utilization_p90.rpm": nearestRank(rpm, 0.9) / knownRPM, "utilization_p90.tpm": nearestRank(quota, 0.9) / knownTPM,
		"points": float64(len(rpm)), "coverage": float64(len(rpm)) / float64(n), "token_coverage": 1,
	}
	for name, q := range map[string]float64{".p50": 0.5, ".p90": 0.9, ".p99": 0.99} {
		v["rpm"+name], v["tpm"+name], v["quota_tpm"+name] = nearestRank(rpm, q), nearestRank(tpm, q), nearestRank(quota, q)
	}
	for _, name := range []string{"latency_ms.p50", "latency_ms.p90", "latency_ms.p99", "worst_latency_ms.p90", "worst_latency_ms.p99"} {
		v[name] = knownLatency
	}
	if w.End.Sub(w.Start) >= 7*24*time.Hour {
		best := 0.
		for d := range 7 {
			day := time.Weekday((d + 1) % 7) // from Monday on
			for hour, times := range hours[day] {
				total := 0.
				for _, calls := range times {
					total += calls
				}
				if rate := total / float64(len(times)) / 60; len(times) > 0 && rate > best {
					best, usage.Busiest = rate, &record.WeekHour{Weekday: day.String(), Hour: hour}
				}
			}
		}
		v["busiest_hour_rpm"] = best
	}
	return v, usage
}

// nearestRank is the smallest value that at least a share q does not exceed.
func nearestRank(values []float64, q float64) float64 {
	for i, v := range slices.Sorted(slices.Values(values)) {
		if float64(i+1) >= q*float64(len(values))-1e-9 {
			return v
		}
	}
	return math.NaN()
}

// The row of the tests below: whole numbers in every minute, so that nothing is
// left to chance. Weekends, an incident with throttles, a rush and two gaps.
var wholeTraffic = formula{rpm: 30, weekend: 0.5, incidents: []incident{
	{6 * time.Hour, 35 * time.Minute, 90, 0.4},
	{3 * time.Hour, time.Hour, 0, 0},
	{20 * time.Hour, 7 * time.Minute, 50, 0.5},
	{5 * 24 * time.Hour, 2 * time.Hour, 120, 0},
	{4*24*time.Hour + 3*time.Hour, 25 * time.Hour, 0, 0},
}}

func TestMonitorTellsTheTruth(t *testing.T) {
	for _, window := range []string{"{window: 24h, period: 1m}", "{window: 24h, period: 5m}", "{window: 8d, period: 1h}", "{window: 14d, period: 1m}", "{window: 8d, period: 10m}"} {
		t.Run(window, func(t *testing.T) {
			step, v := wholeTraffic.watch(t, 1, window)
			want, usage := wholeTraffic.truth(*step.Window)
			for name, got := range v {
				w, known := want[name]
				if strings.HasPrefix(name, "growth.") || strings.HasPrefix(name, "days_to_quota.") {
					continue // of noise alone here, see below
				}
				if got.Known != known || known && math.Abs(got.Value-w) > 1e-9*math.Abs(w) {
					t.Errorf("%s = %v (known: %v); want %v (known: %v)", name, got.Value, got.Known, w, known)
				}
			}
			for name := range want {
				if _, there := v[name]; !there {
					t.Errorf("there is no %s", name)
				}
			}
			got := step.Usage[0]
			sameTime := func(what string, a, b *time.Time) {
				if a == nil || b == nil || !a.Equal(*b) {
					t.Errorf("%s is %v; want %v", what, a, b)
				}
			}
			sameTime("the period of peak_rpm", got.PeakRPM, usage.PeakRPM)
			sameTime("the period of peak_tpm", got.PeakTPM, usage.PeakTPM)
			sameTime("the period of peak_quota_tpm", got.PeakQuotaTPM, usage.PeakTPM)
			if got.Throttled == nil || !got.Throttled.Start.Equal(usage.Throttled.Start) || !got.Throttled.End.Equal(usage.Throttled.End) {
				t.Errorf("the longest run of throttles is %v; want %v", got.Throttled, usage.Throttled)
			}
			if (got.Busiest == nil) != (usage.Busiest == nil) || got.Busiest != nil && *got.Busiest != *usage.Busiest {
				t.Errorf("the busiest hour is %v; want %v", got.Busiest, usage.Busiest)
			}
		})
	}
}

// growingTraffic has growth of 2 % a day, quiet weekends, an incident day and a day
// without calls. Its quota of requests is reached some days after the window.
var growingTraffic = formula{rpm: 60, peak: 600, growth: 0.02, weekend: 0.4, throttled: 0.01, incidents: []incident{
	{4*24*time.Hour + 14*time.Hour, 3 * time.Hour, 2500, 0.5},
	{8 * 24 * time.Hour, 24 * time.Hour, 0, 0},
}}

// In 95 of 100 seeds the interval holds the day at which the formula's peak on a
// working day reaches the quota, for growth from 1 % to 3 % a day.
func TestDaysToQuotaHoldTheFormula(t *testing.T) {
	seeds := map[string]int{"{window: 14d, period: 1h}": 100, "{window: 14d, period: 1m}": 10, "{window: 28d, period: 5m}": 5}
	for window, n := range seeds {
		t.Run(window, func(t *testing.T) {
			if testing.Short() {
				n = 3
			}
			held := map[string]int{}
			for seed := range n {
				traffic := growingTraffic
				traffic.growth += 0.02 * (float64(seed)/float64(n) - 0.5)
				step, v := traffic.watch(t, seed+1, window)
				for dimension, limit := range map[string]float64{"rpm": knownRPM, "tpm": knownTPM} {
					truth := traffic.reaches(time.Duration(step.Window.Period), step.Window.End, dimension, limit)
					low, high := v["days_to_quota."+dimension+".low"], v["days_to_quota."+dimension+".high"]
					if !low.Known || !high.Known {
						t.Fatalf("seed %d: the days to the quota of %s are not known", seed, dimension)
					}
					if low.Value <= truth && truth <= high.Value {
						held[dimension]++
					}
					growth := v["growth."+dimension+".estimate"].Value
					if math.Abs(growth-traffic.growth) > 0.0005 {
						t.Errorf("seed %d: growth.%s.estimate is %.5f; want %.5f", seed, dimension, growth, traffic.growth)
					}
				}
			}
			t.Logf("held in %v of %d", held, n)
			for _, dimension := range []string{"rpm", "tpm"} {
				if held[dimension]*100 < 95*n {
					t.Errorf("the interval holds the day on which the quota of %s is reached in %d of %d seeds; want 95 in 100", dimension, held[dimension], n)
				}
			}
		})
	}
}

// reaches is in how many days from a time the peak period of a working day is at a
// limit, by the formula: it grows from the one at noon of the last of them.
func (k formula) reaches(period time.Duration, from time.Time, dimension string, limit float64) float64 {
	k.incidents = nil
	friday := virtualStart.Add(-12 * time.Hour).Truncate(period)
	of := func(begin time.Time) (mean float64) {
		for m := begin; m.Before(begin.Add(period)); m = m.Add(time.Minute) {
			a, r := k.at(m)
			if dimension == "tpm" {
				a = (a - r) * (knownInput + knownOutput*knownBurndown)
			}
			mean += a / period.Minutes()
		}
		return mean
	}
	return friday.Add(period/2).Sub(from).Hours()/24 + math.Log(limit/of(friday))/math.Log(1+k.growth)
}

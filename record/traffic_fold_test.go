package record_test

import (
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

const (
	cacheReads  = record.MetricCacheReads
	cacheWrites = record.MetricCacheWrites
	quotaTokens = record.MetricQuotaTokens
)

// withMore is traffic that has metrics which not every window is read for.
func withMore(points ...point) *record.Traffic {
	t := record.NewTraffic(hour)
	for _, name := range []string{cacheReads, cacheWrites, quotaTokens} {
		t.Sums[name] = make([]*float64, 12)
	}
	for _, p := range points {
		t.Sums[p.metric][p.n] = &p.value
	}
	return t
}

// Percentiles are of nearest rank over the periods that are known: of 1 to 10
// and two silent ones, p50 is the fifth and p90 the ninth.
func TestRatesArePercentilesOfKnownPeriods(t *testing.T) {
	tr := record.NewTraffic(hour)
	for n, calls := range []float64{50, 10, 40, 30, 20, 60, 100, 80, 90, 70} {
		at := start.Add(time.Duration(n) * 5 * time.Minute)
		tr.Set(invocations, at, calls)
		tr.Set(inputTokens, at, 3*calls)
		tr.Set(outputTokens, at, 2*calls)
	}
	v := tr.Values()
	for name, want := range map[string]float64{
		"rpm.p50": 10, "rpm.p90": 18, "rpm.p99": 20, "peak_rpm": 20,
		"tpm.p50": 50, "tpm.p90": 90, "tpm.p99": 100, "peak_tpm": 100,
	} {
		wantReading(t, v, name, want, true, 1e-9)
		if v[name].Samples != 10 {
			t.Errorf("%s has %d samples; want the 10 known periods", name, v[name].Samples)
		}
	}
}

func TestQuotaTokens(t *testing.T) {
	tests := []struct {
		name                      string
		burndown                  float64
		points                    []point
		estimated, computed, peak float64 // -1: no data
	}{
		{"nothing", 5, nil, -1, -1, -1},
		{"computed alone", 5, []point{{inputTokens, 0, 100}, {outputTokens, 0, 10}, {cacheWrites, 0, 50}, {cacheReads, 0, 1000}}, -1, 200, 40},
		{"output alone", 5, []point{{outputTokens, 2, 20}}, -1, 100, 20},
		{"only what was read from a cache takes nothing that is known", 5, []point{{cacheReads, 0, 1000}}, -1, -1, -1},
		{"estimated alone, since the burndown is not known", 0, []point{{inputTokens, 0, 100}, {quotaTokens, 0, 150}}, 150, -1, 30},
		{"neither", 0, []point{{inputTokens, 0, 100}}, -1, -1, -1},
		{"the higher of each period", 1, []point{{inputTokens, 0, 100}, {quotaTokens, 0, 150}, {inputTokens, 1, 200}, {quotaTokens, 1, 50}}, 200, 300, 40},
	}
	for _, tt := range tests {
		tr := withMore(tt.points...)
		tr.Burndown = tt.burndown
		v := tr.Values()
		for name, want := range map[string]float64{"estimated_quota_tokens": tt.estimated, "computed_quota_tokens": tt.computed, "peak_quota_tpm": tt.peak, "quota_tpm.p99": tt.peak} {
			if got := v[name]; got.Known != (want >= 0) || got.Known && got.Value != want {
				t.Errorf("%s: %s = %+v; want %v", tt.name, name, got, want)
			}
		}
	}
	v := withMore(point{cacheReads, 0, 7}, point{cacheWrites, 1, 8}).Values()
	wantReading(t, v, "cache_read_tokens", 7, true, 0)
	wantReading(t, v, "cache_write_tokens", 8, true, 0)
	wantReading(t, v, "input_tokens", 0, false, 0)
}

func TestUtilization(t *testing.T) {
	tr := traffic(point{invocations, 0, 100}, point{invocations, 1, 300}, point{inputTokens, 0, 1000}, point{outputTokens, 1, 500})
	tr.Burndown = 5
	for _, name := range []string{"utilization.rpm", "utilization.tpm", "utilization_p90.rpm"} {
		wantReading(t, tr.Values(), name, 0, false, 0)
	}
	tr.Limits = map[string]float64{"rpm": 120, "tpm": 1000}
	v := tr.Values()
	for name, want := range map[string]float64{"utilization.rpm": 0.5, "utilization.tpm": 0.5, "utilization_p90.rpm": 0.5, "utilization_p90.tpm": 0.5} {
		wantReading(t, v, name, want, true, 1e-12)
	}
	tr.Limits = map[string]float64{"rpm": 0} // not entitled: no share of nothing
	v = tr.Values()
	wantReading(t, v, "utilization.rpm", 0, false, 0)
	wantReading(t, v, "utilization.tpm", 0, false, 0)
}

// Percentiles of CloudWatch are handed on as they are: the mean or the highest of
// those of the periods is not that of the window.
func TestTimesAreThoseOfCloudWatch(t *testing.T) {
	tr := traffic(point{invocations, 0, 10})
	tr.Levels = map[string][]*float64{"InvocationLatency.p90": {number(100), nil, number(900)}, "TimeToFirstToken.p99": {number(40)}}
	tr.Overall = map[string]*float64{"InvocationLatency.p90": number(250), "TimeToFirstToken.p99": nil}
	v := tr.Values()
	for name, want := range map[string]record.Reading{
		"latency_ms.p90":       {Value: 250, Samples: 2, Known: true},
		"worst_latency_ms.p90": {Value: 900, Samples: 2, Known: true},
		"latency_ms.p50":       {},
		"worst_latency_ms.p99": {},
		"ttft_ms.p50":          {},
		"worst_ttft_ms.p99":    {Value: 40, Samples: 1, Known: true},
		"ttft_ms.p99":          {},
	} {
		if v[name] != want {
			t.Errorf("%s = %+v; want %+v", name, v[name], want)
		}
	}
}

func TestTokenCoverage(t *testing.T) {
	v := traffic(point{invocations, 0, 5}, point{inputTokens, 0, 5}, point{invocations, 1, 5}, point{invocations, 2, 0}, point{throttles, 3, 5}, point{outputTokens, 4, 1}).Values()
	if got, want := v["token_coverage"], (record.Reading{Value: 0.5, Samples: 2, Known: true}); got != want {
		t.Errorf("token_coverage = %+v; want %+v: two periods have successful calls, one of them tokens", got, want)
	}
}

// Over all models sums add up. What is each model's own does not.
func TestTotalsOverModels(t *testing.T) {
	a, b := withMore(point{invocations, 0, 10}, point{quotaTokens, 0, 100}), withMore(point{invocations, 0, 30}, point{quotaTokens, 1, 50})
	a.Burndown, a.Limits, a.Overall = 1, map[string]float64{"rpm": 10}, map[string]*float64{"InvocationLatency.p90": number(5)}
	total := record.NewTraffic(hour)
	total.Add(a)
	total.Add(b)
	v := total.Values()
	wantReading(t, v, "peak_rpm", 8, true, 0)
	wantReading(t, v, "estimated_quota_tokens", 150, true, 0)
	for _, name := range []string{"utilization.rpm", "latency_ms.p90", "computed_quota_tokens", "days_to_quota.low"} {
		wantReading(t, v, name, 0, false, 0)
	}
	wantReading(t, a.Values(), "estimated_quota_tokens", 100, true, 0)
}

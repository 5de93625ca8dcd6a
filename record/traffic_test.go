package record_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// hour is a window of twelve periods of five minutes.
var hour = record.Window{Start: start, End: start.Add(time.Hour), Period: record.Duration(5 * time.Minute)}

// point is one value of CloudWatch, in the n-th period.
type point struct {
	metric string
	n      int
	value  float64
}

func traffic(points ...point) *record.Traffic {
	t := record.NewTraffic(hour)
	for _, p := range points {
		t.Set(p.metric, start.Add(time.Duration(p.n)*5*time.Minute), p.value)
	}
	return t
}

const (
	invocations  = record.MetricInvocations
	throttles    = record.MetricThrottles
	clientErrors = record.MetricClientErrors
	serverErrors = record.MetricServerErrors
	inputTokens  = record.MetricInputTokens
	outputTokens = record.MetricOutputTokens
)

func TestTrafficReadings(t *testing.T) {
	tests := []struct {
		name   string
		points []point
		want   map[string]float64 // what is not here has no data
	}{
		{"no point", nil, map[string]float64{"points": 0, "coverage": 0}},
		{"only tokens tell nothing of calls", []point{{inputTokens, 0, 500}}, map[string]float64{
			"points": 0, "coverage": 0, "input_tokens": 500, "peak_tpm": 100, "tpm.p50": 100, "tpm.p90": 100, "tpm.p99": 100}},
		{"a silent counter is zero where another speaks", []point{{invocations, 3, 60}}, map[string]float64{
			"points": 1, "coverage": 1. / 12, "invocations": 60, "throttles": 0, "client_errors": 0, "server_errors": 0, "errors": 0, "attempts": 60, "throttle_rate": 0,
			"longest_throttled_minutes": 0, "peak_rpm": 12, "rpm.p50": 12, "rpm.p90": 12, "rpm.p99": 12, "token_coverage": 0}},
		{"zeros are an answer, but no rate", []point{{throttles, 0, 0}}, map[string]float64{
			"points": 1, "coverage": 1. / 12, "invocations": 0, "throttles": 0, "client_errors": 0, "server_errors": 0, "errors": 0, "attempts": 0,
			"longest_throttled_minutes": 0, "peak_rpm": 0, "rpm.p50": 0, "rpm.p90": 0, "rpm.p99": 0}},
		{"everything", []point{
			{invocations, 0, 10}, {throttles, 0, 10}, {clientErrors, 1, 5}, {serverErrors, 1, 15}, {invocations, 11, 60},
			{inputTokens, 0, 1000}, {outputTokens, 0, 500}, {inputTokens, 11, 250},
		}, map[string]float64{
			"points": 3, "coverage": 0.25, "invocations": 70, "throttles": 10, "client_errors": 5, "server_errors": 15, "errors": 20, "attempts": 100, "throttle_rate": 0.1,
			"longest_throttled_minutes": 5, "peak_rpm": 12, "rpm.p50": 4, "rpm.p90": 12, "rpm.p99": 12,
			"input_tokens": 1250, "output_tokens": 500, "peak_tpm": 300, "tpm.p50": 50, "tpm.p90": 300, "tpm.p99": 300, "token_coverage": 1}},
	}
	for _, tt := range tests {
		v := traffic(tt.points...).Values()
		for name := range v {
			want, known := tt.want[name]
			got := v[name]
			if got.Known != known || known && math.Abs(got.Value-want) > 1e-12 {
				t.Errorf("%s: %s = %+v; want %v (known: %v)", tt.name, name, got, want, known)
			}
		}
		for name := range tt.want {
			if _, ok := v[name]; !ok {
				t.Errorf("%s: no reading is named %s", tt.name, name)
			}
		}
	}
}

func TestTrafficTellsItsSamples(t *testing.T) {
	v := traffic(point{invocations, 0, 30}, point{throttles, 1, 10}, point{inputTokens, 0, 5}).Values()
	for name, want := range map[string]int{"invocations": 2, "throttles": 2, "throttle_rate": 40, "input_tokens": 1, "peak_rpm": 2, "points": 12, "coverage": 12, "output_tokens": 0} {
		if got := v[name].Samples; got != want {
			t.Errorf("%s has %d samples; want %d", name, got, want)
		}
	}
}

func TestTrafficKeepsGaps(t *testing.T) {
	series := traffic(point{invocations, 1, 7}, point{invocations, 3, 0}).Series("monitor", "haiku")
	if len(series) != 6 {
		t.Fatalf("traffic has %d series; want 6: the others have no point", len(series))
	}
	for i, s := range series {
		want := make([]*float64, 12)
		if s.Name == invocations {
			want[1], want[3] = number(7), number(0)
		}
		unit := "count"
		if s.Name == inputTokens || s.Name == outputTokens {
			unit = "tokens"
		}
		if s.Name != record.CloudWatchMetrics[i] || s.Unit != unit || s.Step != "monitor" || s.Model != "haiku" || !s.Start.Equal(start) || s.Period != hour.Period {
			t.Errorf("series %d = %+v; want %s of monitor and haiku in %s", i, s, record.CloudWatchMetrics[i], unit)
		}
		wantSeries(t, s, want, 0)
	}
}

func TestTrafficHasSeriesOfWhatIsThere(t *testing.T) {
	tr := traffic(point{record.MetricQuotaTokens, 2, 900}, point{record.MetricCacheReads, 3, 0})
	tr.Levels = map[string][]*float64{
		"InvocationLatency.p90": append(make([]*float64, 11), number(250)), "TimeToFirstToken.p50": make([]*float64, 12), "Other.p50": {number(1)},
	}
	want := map[string]string{record.MetricQuotaTokens: "tokens", record.MetricCacheReads: "tokens", "InvocationLatency.p90": "ms"}
	for _, s := range tr.Series("monitor", "haiku")[6:] {
		if want[s.Name] != s.Unit || len(s.Values) != 12 {
			t.Errorf("series %s has %d values in %s", s.Name, len(s.Values), s.Unit)
		}
		delete(want, s.Name)
	}
	if len(want) > 0 {
		t.Errorf("without series: %v", want)
	}
}

func TestTrafficSet(t *testing.T) {
	tests := []struct {
		name string
		at   time.Duration
		want int // -1: left out
	}{
		{"before the window", -1, -1},
		{"the first instant", 0, 0},
		{"the last instant of a period", 5*time.Minute - 1, 0},
		{"the next period", 5 * time.Minute, 1},
		{"the last instant", time.Hour - 1, 11},
		{"the end is not in it", time.Hour, -1},
		{"much later", 1 << 62, -1},
	}
	for _, tt := range tests {
		tr := record.NewTraffic(hour)
		tr.Set(invocations, start.Add(tt.at), 1)
		got := -1
		for i, p := range tr.Sums[invocations] {
			if p != nil {
				got = i
			}
		}
		if got != tt.want {
			t.Errorf("%s: a point at %v stands in period %d; want %d", tt.name, tt.at, got, tt.want)
		}
	}
	tr := record.NewTraffic(hour)
	tr.Set("Latency", start, 1)
	if _, ok := tr.Sums["Latency"]; ok {
		t.Errorf("a metric that is not read was kept")
	}
}

// A number that is not finite is no point: JSON has no word for it.
func TestTrafficLeavesOutWhatIsNoNumber(t *testing.T) {
	tr := traffic(point{invocations, 0, math.NaN()}, point{throttles, 1, math.Inf(1)}, point{inputTokens, 2, math.Inf(-1)}, point{invocations, 3, 5})
	v := tr.Values()
	for name, want := range map[string]float64{"points": 1, "invocations": 5, "throttles": 0} {
		wantReading(t, v, name, want, true, 0)
	}
	wantReading(t, v, "input_tokens", 0, false, 0)
	if _, err := json.Marshal(tr.Series("monitor", "haiku")); err != nil {
		t.Errorf("the series of traffic are no JSON: %v", err)
	}
}

func TestTrafficAdd(t *testing.T) {
	a := traffic(point{invocations, 0, 1}, point{invocations, 1, 2}, point{throttles, 2, 3})
	b := traffic(point{invocations, 1, 10}, point{invocations, 3, 20}, point{inputTokens, 0, 5})
	total := record.NewTraffic(hour)
	total.Add(a)
	total.Add(b)
	want := traffic(point{invocations, 0, 1}, point{invocations, 1, 12}, point{invocations, 3, 20}, point{throttles, 2, 3}, point{inputTokens, 0, 5})
	for i, s := range total.Series("monitor", "") {
		wantSeries(t, s, want.Series("monitor", "")[i].Values, 0)
	}
	wantReading(t, a.Values(), "invocations", 3, true, 0)
	wantReading(t, b.Values(), "invocations", 30, true, 0)
}

func TestTrafficOfAnUnevenWindow(t *testing.T) {
	tr := record.NewTraffic(record.Window{Start: start, End: start.Add(7 * time.Minute), Period: record.Duration(5 * time.Minute)})
	if got := len(tr.Sums[invocations]); got != 2 {
		t.Errorf("7 minutes have %d periods of 5; want 2", got)
	}
	none := record.NewTraffic(record.Window{Start: start, End: start, Period: record.Duration(time.Minute)})
	wantReading(t, none.Values(), "coverage", 0, false, 0)
	wantReading(t, none.Values(), "points", 0, true, 0)
}

package record_test

import (
	"slices"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

func TestNoDataIsNeverZero(t *testing.T) {
	dropped := call(0, record.Dropped, 0)
	warm := call(0, record.OK, time.Second)
	warm.Warmup = true
	refused := call(0, record.ClientError, time.Second)
	counts := []string{"planned", "attempts", "calls", "dropped", "ok", "throttled", "throttled_by.requests", "throttled_by.tokens", "throttled_by.tokens_per_day", "throttled_by.concurrency", "throttled_by.unspecified", "throttled_mid_stream", "mid_stream_errors", "capacity", "server_errors", "client_errors", "timeouts", "connection_errors", "protocol_errors", "truncated", "errors"}
	tests := []struct {
		name  string
		calls []record.Call
		known []string // load metrics that have a value all the same
	}{
		{"no call", nil, nil},
		{"only the warm-up", []record.Call{warm}, nil},
		{"only a dropped call", []record.Call{dropped}, counts},
		{"only a refused call", []record.Call{refused}, append(slices.Clone(counts), "error_rate", "success_rate", "lag_ms.mean", "lag_ms.p50", "lag_ms.p90", "lag_ms.p95", "lag_ms.p99", "lag_ms.max")},
	}
	for _, tt := range tests {
		known := map[string]bool{}
		for _, name := range tt.known {
			known[name] = true
		}
		for name, r := range folded(tt.calls).Values() {
			if r.Known != known[name] {
				t.Errorf("%s: %s = %+v; want it known: %v", tt.name, name, r, known[name])
			}
		}
	}
	if s := folded(nil).Series("ramp", "haiku"); len(s) != 0 {
		t.Errorf("series of no call = %v; want none", s)
	}
}

func TestFoldRates(t *testing.T) {
	tests := []struct {
		name      string
		calls     []record.Call
		attempted float64 // -1 for no data
		ok        float64
	}{
		{"one call has no rate", []record.Call{call(0, record.OK, 0)}, -1, -1},
		{"calls of one instant have no rate", []record.Call{call(0, record.OK, 0), call(0, record.OK, 0)}, -1, -1},
		{"a call a second", []record.Call{call(0, record.OK, 0), call(time.Second, record.OK, 0), call(2*time.Second, record.Throttled, 0)}, 60, 40},
		{"a dropped call takes its time", []record.Call{call(0, record.OK, 0), call(time.Second, record.Dropped, 0), call(2*time.Second, record.OK, 0)}, 40, 40},
		{"order does not matter", []record.Call{call(2*time.Second, record.OK, 0), call(0, record.OK, 0), call(time.Second, record.OK, 0)}, 60, 60},
	}
	for _, tt := range tests {
		v := folded(tt.calls).Values()
		wantReading(t, v, "attempted_rpm", tt.attempted, tt.attempted >= 0, 1e-9)
		wantReading(t, v, "ok_rpm", tt.ok, tt.ok >= 0, 1e-9)
	}
}

func TestFirstThrottle(t *testing.T) {
	warm := call(time.Second, record.Throttled, 0)
	warm.Warmup = true
	v := folded([]record.Call{warm, call(5*time.Second, record.Throttled, 0), call(3*time.Second, record.Throttled, 0), call(2*time.Second, record.OK, 0)}).Values()
	wantReading(t, v, "first_throttle_s", 3, true, 0)
	atOnce := folded([]record.Call{call(0, record.Throttled, 0)}).Values()
	wantReading(t, atOnce, "first_throttle_s", 0, true, 0)
}

func TestLatencyCountsFromPlannedAndServiceFromSent(t *testing.T) {
	c := call(0, record.OK, 300*time.Millisecond)
	c.Lag = 700 * time.Millisecond
	v := folded([]record.Call{c}).Values()
	wantReading(t, v, "latency_ms.p50", 1000, true, 1)
	wantReading(t, v, "service_ms.p50", 300, true, 0.3)
	wantReading(t, v, "lag_ms.p99", 700, true, 0.7)
	onTime := folded([]record.Call{call(0, record.OK, 0)}).Values()
	wantReading(t, onTime, "lag_ms.p99", 0, true, 0)
	wantReading(t, onTime, "latency_ms.p50", 0, true, 0)
}

// The first text of a stream counts from the planned time as the whole reply
// does, and only where the stream came to its end.
func TestTimeToFirstText(t *testing.T) {
	stream, plain, broken := call(0, record.OK, time.Second), call(0, record.OK, 2*time.Second), call(0, record.Throttled, time.Second)
	stream.Lag, stream.TTFT, broken.TTFT = 100*time.Millisecond, 300*time.Millisecond, 50*time.Millisecond
	v := folded([]record.Call{stream, plain, broken}).Values()
	for _, name := range []string{"ttft_ms.p50", "ttft_ms.p90", "ttft_ms.p95", "ttft_ms.p99"} {
		wantReading(t, v, name, 400, true, 0.4)
	}
	wantReading(t, folded([]record.Call{plain, broken}).Values(), "ttft_ms.p50", 0, false, 0)
}

func TestDowngraded(t *testing.T) {
	slow, failed := call(0, record.OK, time.Second), call(0, record.Throttled, time.Second)
	slow.Served, failed.Served = "standard latency", "standard latency"
	wantReading(t, folded([]record.Call{slow, failed, call(0, record.OK, 0)}).Values(), "downgraded", 1, true, 0)
}

// Of 31 latencies the 95th percentile is the 30th: 0.95 x 31 = 29.45, rounded up.
func TestQuantilesAreOfTheNearestRank(t *testing.T) {
	var cs []record.Call
	for i := range 31 {
		cs = append(cs, call(0, record.OK, time.Duration(i+1)*time.Millisecond))
	}
	v := folded(cs).Values()
	for name, want := range map[string]float64{"latency_ms.p50": 16, "latency_ms.p90": 28, "latency_ms.p95": 30, "latency_ms.p99": 31, "latency_ms.max": 31, "latency_ms.mean": 16} {
		wantReading(t, v, name, want, true, want/1000)
	}
}

func TestSeriesOfAFold(t *testing.T) {
	late := call(time.Second, record.OK, 100*time.Millisecond)
	late.Lag = 4 * time.Second
	warm := call(0, record.Throttled, 0)
	warm.Warmup = true
	series := folded([]record.Call{warm, call(0, record.OK, 400*time.Millisecond), late, call(7*time.Second, record.Dropped, 0), call(time.Second, record.Timeout, 0)}).Series("ramp", "haiku")
	gap := (*float64)(nil)
	want := map[string][]*float64{ // in windows of 2 s
		record.SeriesPlanned:    {number(4), number(0), number(0), number(1)},
		record.SeriesSent:       {number(3), number(0), number(1), number(0)},
		record.SeriesOK:         {number(1), number(0), number(1), number(0)},
		record.SeriesThrottled:  {number(1), number(0), number(0), number(0)},
		record.SeriesErrors:     {number(1), number(0), number(0), number(0)},
		record.SeriesLatencyP50: {number(400), gap, number(4100), gap},
		record.SeriesLatencyP95: {number(400), gap, number(4100), gap},
	}
	if len(series) != len(want) {
		t.Errorf("a fold has %d series; want %d", len(series), len(want))
	}
	for _, s := range series {
		if s.Step != "ramp" || s.Model != "haiku" || !s.Start.Equal(start) || s.Period != record.Duration(2*time.Second) {
			t.Errorf("series %s = %+v; want it of ramp and haiku, by 2s from %v", s.Name, s, start)
		}
		wantSeries(t, s, want[s.Name], 0.01)
	}
}

// wantSeries compares values and gaps, within a fraction of each value.
func wantSeries(t *testing.T, s record.Series, want []*float64, fraction float64) {
	t.Helper()
	if len(s.Values) != len(want) {
		t.Errorf("series %s has %d values; want %d", s.Name, len(s.Values), len(want))
		return
	}
	for i, w := range want {
		switch got := s.Values[i]; {
		case got == nil && w == nil:
		case got == nil || w == nil:
			t.Errorf("series %s is a gap at %d: %v; want %v", s.Name, i, got == nil, w == nil)
		case *got < *w*(1-fraction) || *got > *w*(1+fraction):
			t.Errorf("series %s at %d = %v; want %v", s.Name, i, *got, *w)
		}
	}
}

func TestWindowPeriodKeepsChartsSmall(t *testing.T) {
	tests := []struct{ length, want time.Duration }{
		{0, time.Second},
		{time.Second, time.Second},
		{240 * time.Second, time.Second},
		{240*time.Second + 1, 2 * time.Second},
		{time.Hour, 15 * time.Second},
		{24 * time.Hour, 10 * time.Minute},
		{120 * time.Hour, 30 * time.Minute},
		{120*time.Hour + 1, time.Hour},
		{240 * time.Hour, time.Hour},
		{240*time.Hour + 1, 2 * time.Hour},
		{7000 * 24 * time.Hour, 700 * time.Hour},
	}
	for _, tt := range tests {
		got := record.WindowPeriod(tt.length)
		if got != tt.want {
			t.Errorf("WindowPeriod(%v) = %v; want %v", tt.length, got, tt.want)
		}
		if windows := (tt.length + got - 1) / got; windows > 240 {
			t.Errorf("WindowPeriod(%v) = %v, which makes %d windows; want 240 at most", tt.length, got, windows)
		}
	}
}

// Of streams that were ok, times between texts are kept as they came; what no
// stream told is no data.
func TestTimesBetweenTexts(t *testing.T) {
	var cs []record.Call
	for i, gap := range []time.Duration{0, 20 * time.Millisecond, 300 * time.Millisecond, 40 * time.Millisecond, 900 * time.Millisecond} {
		c := call(time.Duration(i)*time.Second, record.OK, time.Second)
		if i > 0 {
			c.TTFT, c.Gap, c.Usage = 200*time.Millisecond, gap, &record.Usage{Output: 11}
		}
		if i == 4 {
			c.Outcome = record.Truncated
		}
		cs = append(cs, c)
	}
	v := folded(cs).Values()
	wantReading(t, v, "gap_ms.mean", 120, true, 0)
	wantReading(t, v, "gap_ms.max", 300, true, 0.31)
	wantReading(t, v, "gap_ms.p50", 40, true, 0.31)
	wantReading(t, v, "tpot_ms.max", 80, true, 0.31)
	wantReading(t, folded(cs[:1]).Values(), "gap_ms.max", 0, false, 0)
}

package report

import (
	"math"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

func TestDigits(t *testing.T) {
	for _, c := range []struct {
		v    float64
		n    int
		want string
	}{
		{0, 3, "0"}, {2489, 4, "2,489"}, {2_500_000, 4, "2,500,000"}, {-1234.5, 3, "-1,234"},
		{0.0313378, 4, "0.03134"}, {0.0100004, 4, "0.01"}, {12.345, 3, "12.3"}, {1234.5, 3, "1,234"},
		{1e-9, 3, "1e-09"}, {math.NaN(), 3, "no data"}, {math.Inf(1), 3, "no data"},
	} {
		if got := digits(c.v, c.n); got != c.want {
			t.Errorf("digits(%v, %d) = %q; want %q", c.v, c.n, got, c.want)
		}
	}
}

func TestQuantity(t *testing.T) {
	for _, c := range []struct {
		r    record.Reading
		unit string
		want string
	}{
		{record.Reading{}, "ms", "no data"},
		{record.Read(0.0313378, 2489), "fraction", "3.13 %"},
		{record.Read(2910.4, 1), "ms", "2,910 ms"},
		{record.Read(0.734, 1), "ms", "0.734 ms"},
		{record.Read(1.6875, 1), "USD", "USD 1.69"},
		{record.Read(0.0007, 1), "USD", "USD 0.0007"},
		{record.Read(120, 1), "requests/min", "120"},
	} {
		if got := quantity(c.r, c.unit); got != c.want {
			t.Errorf("quantity(%v, %s) = %q; want %q", c.r, c.unit, got, c.want)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 12500 * time.Millisecond: "12.5s", 59970 * time.Millisecond: "1m00s", 541 * time.Second: "9m01s", 65 * time.Minute: "1h05m00s", time.Hour - time.Millisecond: "1h00m00s",
		47*time.Hour + 59*time.Minute: "47h59m00s", 48 * time.Hour: "2d", 277*time.Hour + 5*time.Minute: "11d13h05m",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%s) = %q; want %q", d, got, want)
		}
	}
}

func TestJoined(t *testing.T) {
	in := []*float64{at(1.0), nil, nil, nil, at(5.0)}
	out := joined(in, 2)
	if len(out) != 3 || *out[0] != 1 || out[1] != nil || *out[2] != 5 {
		t.Errorf("joined by two: %v; want 1, a gap, 5", out)
	}
	if k := columnJoin(time.Minute, 14*24*60, maxColumns); k != 60 {
		t.Errorf("two weeks of minutes are joined by %d; want 60", k)
	}
	if k := columnJoin(7*time.Minute, 100_000, maxColumns); (100_000+k-1)/k > maxColumns {
		t.Errorf("periods of 7 min are joined by %d: too many columns", k)
	}
}

// A part of a step, and an earlier run, are told in the words of the metric.
func TestPartsAndBaselinesHaveTheUnitOfTheirMetric(t *testing.T) {
	for name, want := range map[string]string{
		"ramp.throttle_rate":                        "0.02 (2 % of 100)",
		`ramp.stage("a). b").throttle_rate`:         "0.02 (2 % of 100)",
		"ramp.window(last: 1m).throttle_rate":       "0.02 (2 % of 100)",
		"baseline.ramp.throttle_rate":               "0.02 (2 % of 100)",
		`baseline.ramp.stage("hold").throttle_rate`: "0.02 (2 % of 100)",
		"baseline.quota.rpm.applied":                "0.02 (100 samples)",
		"quota.rpm.applied":                         "0.02 (100 samples)",
	} {
		if got := readingText(name, record.Read(0.02, 100), 100); got != want {
			t.Errorf("readingText(%q) = %q; want %q", name, got, want)
		}
	}
}

func TestUnitOf(t *testing.T) {
	for name, want := range map[string]string{
		"ramp.throttle_rate": "fraction", "ramp.latency_ms.p95": "ms", "ramp.ok": "calls",
		`ramp.stage("hold").throttle_rate`: "fraction", `ramp.stage("v1.2 .ok").ttft_ms.p95`: "ms", "ramp.window(last: 5s).throttle_rate": "fraction",
		"baseline.ramp.latency_ms.p95": "ms", `baseline.ramp.stage("a.b").throttle_rate`: "fraction",
		"quota.rpm.applied": "", "throttle_rate": "", "": "",
	} {
		if got := unitOf(name); got != want {
			t.Errorf("unitOf(%s) = %q; want %q", name, got, want)
		}
	}
}

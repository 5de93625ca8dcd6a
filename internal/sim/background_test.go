package sim

import (
	"math"
	"testing"
	"testing/synctest"
	"time"
)

func TestBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, steady)
		now := time.Now()
		hour := func(metricName, stat string) []float64 {
			return read(t, c, now.Add(-time.Hour), now, query("q", metricName, "anthropic.a", stat, 60))[0].Values
		}
		for name, want := range map[string]float64{
			"Invocations": 27, "InvocationThrottles": 3, "InputTokenCount": 27 * 200, "OutputTokenCount": 27 * 50,
			"EstimatedTPMQuotaUsage": 27 * (200 + 5*50),
		} {
			values := hour(name, "Sum")
			if len(values) != 60 || sum(values) != 60*want {
				t.Errorf("an hour of %s = %v; want %v each minute", name, values, want)
			}
		}
		average := sum(hour("InvocationLatency", "Average")) / 60
		if average < 650 || average > 750 {
			t.Errorf("mean latency = %v ms; want about 700", average)
		}
		for _, stats := range [][2]string{{"Minimum", "p50"}, {"p50", "p90"}, {"p90", "Maximum"}} {
			if lo, hi := sum(hour("InvocationLatency", stats[0])), sum(hour("InvocationLatency", stats[1])); lo >= hi {
				t.Errorf("%s %v is not below %s %v", stats[0], lo/60, stats[1], hi/60)
			}
		}
		time.Sleep(30 * time.Second)
		if r := read(t, c, now, now.Add(time.Minute), query("q", "Invocations", "anthropic.a", "Sum", 60)); len(r[0].Values) != 0 {
			t.Errorf("background of a minute that is not over: %v", r[0].Values)
		}
		time.Sleep(30 * time.Second)
		if r := read(t, c, now, now.Add(time.Minute), query("q", "Invocations", "anthropic.a", "Sum", 60)); sum(r[0].Values) != 27 {
			t.Errorf("background of a minute that is over: %v; want 27", r[0].Values)
		}
	})
}

func TestBackgroundShape(t *testing.T) {
	zero, full := 0.0, 1.0
	noon := time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)
	b := &background{started: noon, row: &traffic{
		rpm: 10, peak: 50, weekend: 1, period: 24 * time.Hour, growth: 0.5, since: 100 * 24 * time.Hour, throttled: 0.1,
		incidents: []incident{
			{ago: 24 * time.Hour, length: time.Hour, throttled: &full},
			{ago: 24 * time.Hour, length: time.Minute, rpm: &zero},
		},
	}}
	for _, test := range []struct {
		name                string
		at                  time.Time
		attempts, throttled float64
	}{
		{"noon", noon, 50, 0.1},
		{"midnight", noon.Add(-12 * time.Hour), 10 / math.Sqrt(1.5), 0.1},
		{"morning", noon.Add(-6 * time.Hour), 30 / math.Pow(1.5, 0.25), 0.1},
		{"two days later", noon.Add(48 * time.Hour), 50 * 2.25, 0.1},
		{"both incidents", noon.Add(-24 * time.Hour), 0, 1},
		{"one incident", noon.Add(-24*time.Hour + time.Minute), 0, 1},
		{"after the incidents", noon.Add(-23 * time.Hour), 0, 0.1},
		{"before it began", noon.Add(-101 * 24 * time.Hour), 0, 0},
	} {
		attempts, throttled := b.rate(minuteOf(test.at))
		want := test.attempts
		if test.name == "one incident" || test.name == "after the incidents" {
			phase := test.at.Sub(noon.Add(-36*time.Hour)).Hours() / 24
			want = (10 + 40*(1-math.Cos(2*math.Pi*phase))/2) * math.Pow(1.5, test.at.Sub(noon).Hours()/24)
		}
		if math.Abs(attempts-want) > 1e-9 || throttled != test.throttled {
			t.Errorf("%s: %v attempts, %v throttled; want %v, %v", test.name, attempts, throttled, want, test.throttled)
		}
	}
}

// A rate that is no whole number is kept in the mean.
func TestBackgroundRounding(t *testing.T) {
	b := (&background{row: &traffic{rpm: 0.3, weekend: 1, throttled: 0.5, period: time.Hour}, model: &model{}, started: epoch}).reader()
	var ok, throttled float64
	for minute := range int64(20_000) {
		ok += b.at(minute, invocations).sum
		throttled += b.at(minute, throttles).sum
	}
	if ok < 2800 || ok > 3200 || throttled < 2800 || throttled > 3200 {
		t.Errorf("20,000 minutes of 0.3 a minute, half throttled: %v and %v; want about 3,000 each", ok, throttled)
	}
}

package sim

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
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
		ok += b.over(minute, minute+1, invocations).sum
		throttled += b.over(minute, minute+1, throttles).sum
	}
	if ok < 2800 || ok > 3200 || throttled < 2800 || throttled > 3200 {
		t.Errorf("20,000 minutes of 0.3 a minute, half throttled: %v and %v; want about 3,000 each", ok, throttled)
	}
}

// The factor weekend is for Saturdays and Sundays UTC, from midnight to midnight,
// and an incident on one of them stays what it is.
func TestBackgroundWeekend(t *testing.T) {
	monday := time.Date(2026, time.March, 9, 0, 0, 0, 0, time.UTC)
	full := 70.0
	a := mustParse(t, `
models: [{id: anthropic.a}]
traffic: [{model: anthropic.a, rpm: 40, weekend: 0.25}, {model: anthropic.a, rpm: 40}]
`)
	b := &background{row: a.traffic[0], started: monday}
	b.row.incidents = []incident{{ago: 24 * time.Hour, length: time.Hour, rpm: &full}}
	for _, test := range []struct {
		name     string
		at       time.Time
		attempts float64
	}{
		{"the last minute of Friday", monday.Add(-48*time.Hour - time.Minute), 40},
		{"the first minute of Saturday", monday.Add(-48 * time.Hour), 10},
		{"an incident on Sunday", monday.Add(-24 * time.Hour), 70},
		{"the last minute of Sunday", monday.Add(-time.Minute), 10},
		{"Monday", monday, 40},
	} {
		if attempts, _ := b.rate(minuteOf(test.at)); attempts != test.attempts {
			t.Errorf("%s: %v attempts; want %v", test.name, attempts, test.attempts)
		}
		if attempts, _ := (&background{row: a.traffic[1], started: monday}).rate(minuteOf(test.at)); attempts != 40 {
			t.Errorf("%s without the key: %v attempts; want 40", test.name, attempts)
		}
	}
}

// Whatever the row, the rates of an hour are those of the formula, minute by
// minute, and a long period is the sum of its minutes.
func TestBackgroundIsItsMinutes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := &traffic{
			rpm: rapid.Float64Range(0, 100).Draw(t, "rpm"), peak: rapid.Float64Range(0, 100).Draw(t, "peak"),
			period: time.Duration(rapid.IntRange(1, 30*24*60).Draw(t, "period")) * time.Minute,
			growth: rapid.SampledFrom([]float64{0, 0.01, 0.5}).Draw(t, "growth"), weekend: rapid.Float64Range(0, 2).Draw(t, "weekend"),
			throttled: rapid.Float64Range(0, 1).Draw(t, "throttled"), inputTokens: 20, outputTokens: 5, latency: time.Second,
			since: time.Duration(rapid.IntRange(0, 4000).Draw(t, "since")) * time.Minute,
		}
		started := time.Date(2026, time.March, 9, 7, 30, 12, 0, time.UTC)
		b := &background{row: row, number: 3, seed: 9, started: started, model: &model{burndown: 5, latencySpread: 0.3}}
		first := minuteOf(started) - int64(rapid.IntRange(1, 5000).Draw(t, "ago"))
		minutes := int64(rapid.IntRange(1, 300).Draw(t, "minutes"))
		for m := first; m < first+minutes; m += 37 {
			at := time.Unix(m*60, 0).UTC()
			want := row.rpm
			if row.peak > 0 {
				phase := float64(at.UnixNano()%int64(row.period)) / float64(row.period)
				want += (row.peak - row.rpm) * (1 - math.Cos(2*math.Pi*phase)) / 2
			}
			want *= math.Pow(1+row.growth, at.Sub(started).Hours()/24)
			if day := at.Weekday(); day == time.Saturday || day == time.Sunday {
				want *= row.weekend
			}
			if row.since > 0 && at.Before(started.Add(-row.since).Truncate(time.Minute)) {
				want = 0
			}
			if got, _ := b.rate(m); math.Abs(got-want) > 1e-9*(1+want) {
				t.Fatalf("%s: %v attempts; want %v", at, got, want)
			}
		}
		s := &Server{account: &Account{}, background: map[string][]*background{"m": {b}}, ledger: &ledger{metrics: metricStore{}}}
		for want := range metricCount {
			for _, name := range []string{"Sum", "Minimum", "Maximum", "SampleCount"} {
				sel := selection{series: series{modelID: "m"}, metric: want}
				sel.statistic, _ = statisticOf(name)
				over := minuteSpan{first, first + minutes, first + minutes + 1}
				each, whole := s.series(sel, time.Minute, over), s.series(sel, time.Duration(minutes)*time.Minute, over)
				if len(whole.points) != min(1, len(each.points)) {
					t.Fatalf("%d minutes with data, %d of the whole", len(each.points), len(whole.points))
				}
				if len(each.points) == 0 {
					continue
				}
				folded := each.points[0].value
				for _, p := range each.points[1:] {
					switch name {
					case "Minimum":
						folded = min(folded, p.value)
					case "Maximum":
						folded = max(folded, p.value)
					default:
						folded += p.value
					}
				}
				if got := whole.points[0].value; math.Abs(got-folded) > 1e-9*(1+math.Abs(folded)) {
					t.Fatalf("%s %s of %d minutes = %v; the minutes give %v", metricNames[want].name, name, minutes, got, folded)
				}
			}
		}
	})
}

// The draws of a minute's latency are near a standard normal distribution.
func TestBell(t *testing.T) {
	const n = 100_000
	var sum, squares, beyond float64
	for i := range uint64(n) {
		z := bell(mix(i))
		sum += z
		squares += z * z
		if math.Abs(z) > 1.96 {
			beyond++
		}
	}
	if mean, variance := sum/n, squares/n; math.Abs(mean) > 0.02 || math.Abs(variance-1) > 0.02 || math.Abs(beyond/n-0.05) > 0.005 {
		t.Errorf("mean %v, variance %v, beyond 1.96: %v; want 0, 1, 0.05", mean, variance, beyond/n)
	}
}

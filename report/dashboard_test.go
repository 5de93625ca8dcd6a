package report

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// load is what a model had in one period; nil is a period without a point.
type load struct{ ok, throttled, errors, tokens float64 }

// usageCase is the record of one monitor step.
type usageCase struct {
	models int
	window record.Window
	quota  float64 // requests a minute, and a thousand times as many tokens; 0 is not known
	at     func(model int, t time.Time) *load
	rename func(model int) string
	levels bool // latency was read as well
}

// daily is a working day by the clocks of UTC, a little later for each model.
func daily(model int, t time.Time) float64 {
	hour := t.Sub(t.Truncate(24*time.Hour)).Hours() - float64(model%7)/2
	return math.Round((40 + 35*math.Sin((hour-8)/24*2*math.Pi) + float64(t.Unix()/60*7919%11)) * math.Pow(1.4, float64(model%9)))
}

func usual(model int, t time.Time) *load {
	hour := t.UTC().Hour()
	if hour == 3 || model == 3 {
		return nil
	}
	l := &load{ok: daily(model, t), tokens: 900 * daily(model, t)}
	if hour == 15 && t.Minute() < 40 && model%2 == 0 {
		l.throttled = math.Round(l.ok / 9)
	}
	if hour == 20 && t.Minute() == 30 {
		l.errors = 7
	}
	return l
}

func lastDay(period time.Duration, zone string) record.Window {
	end := began.Truncate(5 * time.Minute)
	return record.Window{Start: end.Add(-24 * time.Hour), End: end, Period: record.Duration(period), Zone: zone}
}

// autumn is two weeks and a bit in which the clocks of Berlin go back.
func autumn() record.Window {
	start := time.Date(2026, 10, 17, 22, 0, 0, 0, time.UTC)
	return record.Window{Start: start, End: start.Add(16*24*time.Hour + time.Hour), Period: record.Duration(time.Hour), Zone: "Europe/Berlin"}
}

var usageCases = map[string]usageCase{
	"one":    {models: 1, window: lastDay(5*time.Minute, "Europe/Berlin"), quota: 400, at: usual, levels: true},
	"five":   {models: 5, window: lastDay(5*time.Minute, ""), quota: 600, at: usual, levels: true},
	"thirty": {models: 30, window: lastDay(time.Minute, "America/New_York"), quota: 900, at: usual},
	"silent": {models: 4, window: lastDay(5*time.Minute, ""), quota: 100, at: func(int, time.Time) *load { return nil }},
	"zeros":  {models: 4, window: lastDay(5*time.Minute, ""), quota: 100, at: func(int, time.Time) *load { return &load{} }, levels: true},
	"point": {models: 4, window: lastDay(time.Minute, ""), quota: 1e6, levels: true, at: func(_ int, t time.Time) *load {
		if t.UTC().Hour() == 16 && t.Minute() == 1 {
			return &load{ok: 3, throttled: 1, tokens: 900}
		}
		return nil
	}},
	"spike": {models: 4, window: lastDay(time.Minute, "Asia/Kolkata"), at: func(m int, t time.Time) *load {
		l := &load{ok: 5 + float64(m), tokens: 1000}
		if t.UTC().Hour() == 16 && t.Minute() == 1 {
			l.ok, l.throttled, l.tokens = l.ok*500, l.ok*500, 1e6
		}
		return l
	}},
	"hostile": {models: 4, window: lastDay(time.Hour, "No/Such_Zone"), quota: 1, at: usual, rename: func(m int) string {
		return []string{`<script>alert("1")</script>&'`, strings.Repeat("a-name-that-goes-on-", 12), "bell\a esc\x1b[31m bidi\u202Eevil ../../x", "CON"}[m]
	}},
	"autumn": {models: 2, window: autumn(), quota: 5000, levels: true, at: func(m int, t time.Time) *load {
		l := usual(m, t)
		if t.Weekday() == time.Sunday && t.UTC().Hour() < 2 {
			return &load{}
		}
		if l != nil {
			l.ok, l.tokens = l.ok*60, l.tokens*60
		}
		return l
	}},
	"autumn-six": {models: 6, window: autumn(), quota: 100, at: func(m int, t time.Time) *load {
		l := usual(m, t)
		if l != nil {
			l.ok, l.tokens = l.ok*60, l.tokens*60
		}
		return l
	}},
}

// run makes the record.
func (c usageCase) run(name string) *record.Run {
	r := baseRun(name)
	s := record.Step{Name: "monitor", Kind: record.KindMonitor, Started: c.window.End, Ended: c.window.End.Add(3 * time.Second), Window: &c.window}
	total := record.NewTraffic(c.window)
	for i := range c.models {
		m := model(fmt.Sprintf("model-%02d", i+1), fmt.Sprintf("us.anthropic.claude-%02d-20260101-v1:0", i+1))
		if c.rename != nil {
			m.Name = c.rename(i)
		}
		m.Quotas[0].Applied, m.Quotas[1].Applied = at(c.quota), at(c.quota*1000)
		if c.quota == 0 {
			m.Quotas = nil
		}
		t, latency := c.traffic(i)
		total.Add(t)
		m.Steps[s.Name] = t.Values()
		r.Models = append(r.Models, m)
		r.Series = append(r.Series, t.Series(s.Name, m.Name)...)
		for _, level := range []string{"InvocationLatency.p50", "InvocationLatency.p90", "TimeToFirstToken.p90"} {
			if c.levels {
				r.Series = append(r.Series, record.Series{Step: s.Name, Model: m.Name, Name: level, Unit: "ms", Start: c.window.Start, Period: c.window.Period, Values: latency})
				latency = scaled(latency, 1.7)
			}
		}
		s.Usage = append(s.Usage, record.ModelUsage{Model: m.Name, Parts: []record.Part{{ID: m.ID, Kind: "profile", Attempts: at(1234.0)}, {ID: "abcdefghijkl", Tier: "priority", Kind: "application-profile"}},
			PeakRPM: at(c.window.Start), PeakTPM: at(c.window.End.Add(-time.Minute)), Throttled: &record.Span{Start: c.window.Start, End: c.window.Start.Add(40 * time.Minute)}, Busiest: &record.WeekHour{Weekday: "Monday", Hour: 14}})
	}
	r.Totals[s.Name] = total.Values()
	r.Steps = []record.Step{s}
	return r
}

func (c usageCase) traffic(model int) (t *record.Traffic, latency []*float64) {
	t = record.NewTraffic(c.window)
	for at := c.window.Start; at.Before(c.window.End); at = at.Add(time.Duration(c.window.Period)) {
		l := c.at(model, at)
		if l == nil {
			latency = append(latency, nil)
			continue
		}
		t.Set(record.MetricInvocations, at, l.ok)
		if l.throttled > 0 {
			t.Set(record.MetricThrottles, at, l.throttled)
		}
		if l.errors > 0 {
			t.Set(record.MetricServerErrors, at, l.errors)
		}
		t.Set(record.MetricInputTokens, at, l.tokens*0.8)
		t.Set(record.MetricOutputTokens, at, l.tokens*0.2)
		ms := 800 + 3*l.ok
		latency = append(latency, &ms)
	}
	return t, latency
}

// charts are the drawings of a case by their paths.
func (c usageCase) charts(t testing.TB, name string) map[string][]byte {
	files, err := renderSVG(c.run(name))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		if _, twice := out[strings.ToLower(f.Path)]; twice {
			t.Errorf("%s: %s is made twice", name, f.Path)
		}
		out[strings.ToLower(f.Path)] = f.Data
	}
	return out
}

func TestDashboard(t *testing.T) {
	for name, c := range usageCases {
		t.Run(name, func(t *testing.T) {
			charts := c.charts(t, name)
			for path, data := range charts {
				if err := wellFormed(data); err != nil {
					t.Errorf("%s %v", path, err)
				}
			}
			if again := c.charts(t, name); !bytes.Equal(again["charts/monitor.svg"], charts["charts/monitor.svg"]) {
				t.Error("the second drawing differs from the first")
			}
			for _, path := range []string{"charts/monitor.svg", "charts/monitor-hours.svg", "charts/monitor/model-01-rpm.svg"} {
				golden := filepath.Join("testdata", "usage", name+"."+filepath.Base(path))
				data, ok := charts[path]
				_, err := os.Stat(golden)
				switch {
				case ok:
					compare(t, golden, data)
				case err == nil:
					t.Errorf("%s is no longer made", golden)
				}
			}
		})
	}
}

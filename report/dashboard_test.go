package report

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
	levels bool // latency, quota tokens and a metric of the user's choice were read as well
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
		if c.quota > 0 {
			t.Limits = map[string]float64{"rpm": c.quota, "tpm": c.quota * 1000}
		}
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
		if v := m.Steps[s.Name]; c.levels && v["output_tokens"].Known {
			v["computed_quota_tokens"] = record.Read(v["input_tokens"].Value+5*v["output_tokens"].Value, 1)
			v["peak_quota_tpm"] = record.Read(v["peak_tpm"].Value*1.8, 1) // of what it is, a fifth is output
			v["days_to_quota.tpm.low"], v["days_to_quota.tpm.estimate"], v["days_to_quota.tpm.high"] = record.Read(28, 9), record.Read(36, 9), record.Read(365, 9)
			v["metric.tool_calls.Sum"] = record.Read(512, 9)
			r.Series = append(r.Series, record.Series{Step: s.Name, Model: m.Name, Name: "metric.tool_calls.Sum", Unit: "count", Start: c.window.Start, Period: c.window.Period, Values: latency})
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
			if again, err := drawings(c.run(name))[0].svg(); err != nil || !bytes.Equal(again, charts["charts/monitor.svg"]) {
				t.Errorf("the second drawing differs from the first, error %v", err)
			}
			kept := []string{"charts/monitor.svg", "charts/monitor-hours.svg"}
			if name == "one" || name == "spike" {
				kept = append(kept, "charts/monitor/model-01-rpm.svg", "charts/monitor/model-01-tpm.svg")
			}
			for _, path := range kept {
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

func TestDashboardFiles(t *testing.T) {
	var got []string
	for path := range usageCases["one"].charts(t, "one") {
		got = append(got, path)
	}
	slices.Sort(got)
	want := []string{
		"charts/monitor.svg", "charts/monitor/model-01-calls.svg", "charts/monitor/model-01-first-token.svg", "charts/monitor/model-01-latency.svg",
		"charts/monitor/model-01-metric.tool_calls.sum.svg", "charts/monitor/model-01-rpm.svg", "charts/monitor/model-01-tpm.svg",
	}
	if !slices.Equal(got, want) {
		t.Errorf("one model has the charts %q; want %q", got, want)
	}
	// Models whose names differ by what no file name holds have files of their own.
	c := usageCases["five"]
	c.rename = func(m int) string { return []string{"a/b", "a:b", "A b", "..", "."}[m] }
	if got := len(c.charts(t, "alike")); got != 1+4*6 {
		t.Errorf("five models, one of them without data, have %d charts; want %d", got, 1+4*6)
	}
}

func TestLead(t *testing.T) {
	model := func(name string, rpm, tpm, throttled record.Reading) *monitored {
		return &monitored{Model: &record.Model{Name: name}, values: record.Values{"utilization.rpm": rpm, "utilization.tpm": tpm, "throttle_rate": throttled}}
	}
	no, read := record.Reading{}, func(v float64) record.Reading { return record.Read(v, 1) }
	for _, c := range []struct {
		models []*monitored
		want   string
	}{
		{[]*monitored{model("a", no, no, no)}, ""},
		{[]*monitored{model("a", read(0.02), no, read(0)), model("b", no, no, no)}, "No peak is above 10 % of a known quota."},
		{[]*monitored{model("a", read(0.5), read(0.6), no), model("b", read(0.9), no, read(0.01)), model("c", read(0.6), read(0.1), read(0.02))},
			"Nearest to a quota: b 90 % of rpm; a 60 % of tpm; c 60 % of rpm|Most throttled: c 2 %; b 1 %"},
	} {
		if got := strings.Join(lead(c.models), "|"); got != c.want {
			t.Errorf("lead: %q; want %q", got, c.want)
		}
	}
}

// What a monitor step tells beside its first table is there whatever rows the
// table of metrics has.
func TestUsageSections(t *testing.T) {
	r := usageCases["one"].run("one")
	var titles []string
	for _, s := range usageSections(r, &r.Steps[0]) {
		titles = append(titles, s.Title)
		for _, row := range s.Rows {
			if len(row) != len(s.Head) {
				t.Errorf("%s: a row of %d cells under a head of %d", s.Title, len(row), len(s.Head))
			}
		}
	}
	for _, want := range []string{"Also measured", "Chosen metrics", "When", "What was added up"} {
		if !slices.Contains(titles, want) {
			t.Errorf("no table %q among %q", want, titles)
		}
	}
	v := r.Models[0].Steps["monitor"]
	if got, want := interval(v, "days_to_quota.tpm"), "36 (28 to a year or more)"; got != want {
		t.Errorf("interval: %q; want %q", got, want)
	}
	delete(v, "days_to_quota.tpm.low")
	if got, want := interval(v, "days_to_quota.tpm"), "36"; got != want {
		t.Errorf("interval without an end: %q; want %q", got, want)
	}
	for _, c := range []struct {
		v          float64
		unit, want string
	}{{year, "days", "a year or more"}, {20.28, "days", "20"}, {0.0199, "fraction/day", "1.99 % a day"}, {0.5, "fraction of quota", "50 %"}} {
		if got := quantity(record.Read(c.v, 1), c.unit); got != c.want {
			t.Errorf("%v in %s is %q; want %q", c.v, c.unit, got, c.want)
		}
	}
	for days, want := range map[float64]string{year: "365, a year or more (13 samples)", 40: "40 (13 samples)"} {
		if got := readingText("monitor.days_to_quota.low", record.Read(days, 13), 13); got != want {
			t.Errorf("the reading of %g days is %q; want %q", days, got, want)
		}
	}
	same := record.Values{"x.low": record.Read(3, 1), "x.estimate": record.Read(3, 1), "x.high": record.Read(3, 1)}
	if got := interval(same, "x"); got != "3" {
		t.Errorf("an interval of one number is %q", got)
	}
	var columns []metricColumn
	for _, name := range []string{"x.low", "x.estimate", "x.high", "y"} {
		columns = appendColumn(columns, name)
	}
	if len(columns) != 2 || !columns[0].Interval || columns[1].Interval {
		t.Errorf("the three of an interval and another metric are the columns %+v", columns)
	}
}

// A silent model never looks as if it had no throttles.
func TestTimesOfSilence(t *testing.T) {
	w := lastDay(time.Minute, "")
	got := timesTable(&record.Step{Window: &w, Usage: []record.ModelUsage{{Model: "idle"}, {Model: "calm", PeakRPM: &w.Start}}}).Rows
	if got[0][3] != noData || got[1][3] != "never" {
		t.Errorf("the longest throttling of an idle model is %q, of a calm one %q", got[0][3], got[1][3])
	}
}

// Two weeks in which the clocks of Berlin go back, and the other day too.
func TestHours(t *testing.T) {
	start := time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC) // midnight
	w := record.Window{Start: start, End: start.Add(16 * 24 * time.Hour), Period: record.Duration(30 * time.Minute), Zone: "Europe/Berlin"}
	zone, known := zoneOf(&w)
	if !known {
		t.Fatal("no zone")
	}
	m := &monitored{step: &record.Step{Window: &w}, zone: zone, series: map[string][]*float64{record.MetricThrottles: make([]*float64, 20)}}
	for i := range 10 { // five hours
		m.all = append(m.all, at(float64(10*i)))
	}
	m.all[8], m.all[9] = nil, nil
	m.series[record.MetricThrottles][6] = at(4.0)
	day := m.days()[0]
	text := ""
	for h, o := range day.Hours[:5] {
		switch {
		case o.Outside:
			text += fmt.Sprintf("%d outside; ", h)
		case o.Value == nil:
			text += fmt.Sprintf("%d unknown; ", h)
		default:
			text += fmt.Sprintf("%d %g mark %d; ", h, *o.Value, o.Mark)
		}
	}
	// Two o'clock comes twice, with 40 + 50 and 60 + 70 attempts.
	if want := "0 10 mark 0; 1 50 mark 0; 2 110 mark 2; 3 unknown; 4 outside; "; day.Label != "Oct 25" || text != want {
		t.Errorf("%s: %q; want %q", day.Label, text, want)
	}
	for _, short := range []record.Window{lastDay(time.Minute, ""), {Start: w.Start, End: w.End, Period: record.Duration(6 * time.Hour)}} {
		if _, ok := hoursFigure(&record.Step{Window: &short}, []*monitored{m}); ok {
			t.Errorf("a window of %s in periods of %s has a map of hours", short.End.Sub(short.Start), time.Duration(short.Period))
		}
	}
}

// With ids of AWS for names, as `loadline monitor` has them, no text is cut in any
// chart of a monitor step.
func TestNothingIsCut(t *testing.T) {
	for name, c := range usageCases {
		if name == "hostile" {
			continue // has a name that no chart can hold
		}
		for _, levels := range []bool{false, true} {
			c.levels = levels
			if levels && c.quota == 0 {
				c.quota = 7 // the spike is far above it
			}
			c.rename = func(m int) string { return fmt.Sprintf("us.anthropic.claude-sonnet-%02d-20250929-v1:0", m) }
			for path, data := range c.charts(t, name) {
				if text := regexp.MustCompile(`>[^<]*…[^<]*<`).Find(data); text != nil {
					t.Errorf("%s, levels %v: %s has a text that is cut: %s", name, levels, path, text)
				}
			}
		}
	}
}

package report

import (
	"slices"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/chart"
)

// firstThrottle is the moment of the first throttled call, none where there was
// none or it is not known.
func firstThrottle(v record.Values, t times) []chart.Moment {
	at := v["first_throttle_s"]
	if !at.Known {
		return nil
	}
	when := t.start.Add(time.Duration(at.Value * float64(time.Second)))
	return []chart.Moment{{At: when, Name: "first throttle " + when.UTC().Format(time.TimeOnly)}}
}

// tokenPanel shows what calls reserved of the tokens per minute as they began,
// and what they took when AWS had settled, against the quota. The two are apart
// by as much as max_tokens is above what was written.
func tokenPanel(p chart.Panel, m *record.Model, reserved, settled []*float64, perMinute func(string, chart.Look, []*float64) chart.Line) chart.Panel {
	if anyAboveZero(settled) {
		p.Lines = append(p.Lines, perMinute("taken", chart.Sent, settled))
	}
	if anyAboveZero(reserved) {
		p.Lines = append(p.Lines, perMinute("reserved", chart.High, reserved))
	}
	return withQuota(p, m, "tpm", false)
}

// spreadOf are the distributions of a model, the latency first.
func spreadOf(l *record.Load, model string) (out []record.Distribution) {
	for _, d := range l.Distributions {
		if d.Model == model && len(d.Percents) == len(d.Values) && len(d.Values) > 0 {
			out = append(out, d)
		}
	}
	return out
}

// spreadNames are what distributions are called.
var spreadNames = map[string]string{"latency_ms": "latency", "ttft_ms": "first text"}

// spreadPanel draws the distributions by percentile.
func spreadPanel(l *record.Load, model string) (chart.Panel, bool) {
	all := spreadOf(l, model)
	if len(all) == 0 {
		return chart.Panel{}, false
	}
	percents := spreadPercents(all)
	start := time.Unix(0, 0).UTC()
	p := chart.Panel{
		Caption: "how the times spread, in ms", Start: start, End: start.Add(time.Duration(len(percents)) * time.Second),
		Places: spreadHead(percents), PlacesName: "percent of the calls that took no longer",
	}
	looks := []chart.Look{chart.Median, chart.High}
	for i, d := range all[:min(len(all), len(looks))] {
		p.Lines = append(p.Lines, chart.Line{Name: spreadName(d), Look: looks[i], Period: time.Second, Values: spreadValues(d, percents)})
	}
	return p, true
}

func spreadName(d record.Distribution) string {
	if name, ok := spreadNames[d.Name]; ok {
		return name
	}
	return oneLine(d.Name)
}

// spreadPercents are those of all distributions, in order.
func spreadPercents(all []record.Distribution) (out []float64) {
	for _, d := range all {
		out = append(out, d.Percents...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// longest is the hundredth percentile.
const longest = "longest"

func spreadHead(percents []float64) (out []string) {
	for _, p := range percents {
		name := digits(p, 4)
		if p == 100 {
			name = longest
		}
		out = append(out, name)
	}
	return out
}

func spreadValues(d record.Distribution, percents []float64) []*float64 {
	out := make([]*float64, len(percents))
	for i, p := range percents {
		if k := slices.Index(d.Percents, p); k >= 0 {
			out[i] = &d.Values[k]
		}
	}
	return out
}

// spreadTable are the same numbers: a row for each model and time.
func spreadTable(r *record.Run, s *record.Step) stepTable {
	var all []record.Distribution
	for _, m := range r.Models {
		all = append(all, spreadOf(s.Load, m.Name)...)
	}
	if all == nil {
		return stepTable{}
	}
	percents := spreadPercents(all)
	t := stepTable{Head: []string{"model", "time in ms", "calls"}}
	for _, name := range spreadHead(percents) {
		if name != longest {
			name = "p" + name
		}
		t.Head = append(t.Head, name)
	}
	for _, d := range all {
		row := []string{oneLine(d.Model), spreadName(d), whole(d.Calls)}
		for _, v := range spreadValues(d, percents) {
			text := ""
			if v != nil {
				text = digits(*v, 3)
			}
			row = append(row, text)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// errorColumns are the classes that a load step tells apart.
var errorColumns = []metricColumn{
	{Metric: "throttled_by.requests", Heading: "throttled by requests", Rare: true}, {Metric: "throttled_by.tokens", Heading: "throttled by tokens", Rare: true},
	{Metric: "throttled_by.tokens_per_day", Heading: "throttled for the day", Rare: true}, {Metric: "throttled_by.concurrency", Heading: "throttled by calls at once", Rare: true},
	{Metric: "throttled_by.unspecified", Heading: "throttled, limit not named", Rare: true}, {Metric: "throttled_mid_stream", Heading: "throttled in the stream", Rare: true},
	{Metric: "capacity", Heading: "no capacity (503)", Rare: true}, {Metric: "server_errors", Heading: "server errors", Rare: true}, {Metric: "client_errors", Heading: "client errors", Rare: true},
	{Metric: "timeouts", Heading: "timeouts", Rare: true}, {Metric: "connection_errors", Heading: "connection errors", Rare: true}, {Metric: "protocol_errors", Heading: "protocol errors", Rare: true},
	{Metric: "truncated", Heading: "truncated", Rare: true}, {Metric: "mid_stream_errors", Heading: "errors in the stream", Rare: true}, {Metric: "dropped", Heading: "dropped (not sent)", Rare: true},
}

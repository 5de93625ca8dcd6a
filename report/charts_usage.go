package report

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/chart"
)

// smallColumns is how many columns a small plot can show apart.
const smallColumns = 120

// panel is an empty one over the window of the step. It marks where the values
// have gaps.
func (m *monitored) panel(caption string, values []*float64) chart.Panel {
	w := m.step.Window
	return chart.Panel{Caption: caption, Start: w.Start, End: w.End, Zone: m.zone, Known: &chart.Known{Period: m.period(), Values: values}}
}

func (m *monitored) period() time.Duration { return time.Duration(m.step.Window.Period) }

// perMinute turns sums of periods into rates.
func (m *monitored) perMinute(values []*float64) []*float64 {
	if m.period() <= 0 {
		return nil
	}
	return scaled(values, 1/m.period().Minutes())
}

// calls are the attempts, by what became of them.
func (m *monitored) calls(small bool) (chart.Panel, bool) {
	most := maxColumns
	if small {
		most = smallColumns
	}
	k := columnJoin(m.period(), len(m.all), most)
	wide := m.period() * time.Duration(k)
	p := m.panel("calls per "+period(wide), m.all)
	p.Whole = true
	if !anyKnown(m.all) {
		return p, false
	}
	count := func(v []*float64) []*float64 { return joined(counted(v, m.all), k) }
	throttled, all := count(m.series[record.MetricThrottles]), joined(m.all, k)
	p.Columns = &chart.Columns{Period: wide, Parts: []chart.Part{
		{Name: "successful", Look: chart.OK, Values: count(m.series[record.MetricInvocations])},
		{Name: "throttled", Look: chart.Throttled, Values: throttled},
	}}
	if anyAboveZero(m.errors) {
		p.Columns.Parts = append(p.Columns.Parts, chart.Part{Name: "errors", Look: chart.Errors, Values: count(m.errors)})
	}
	notes := columnNotes(throttled, all)
	switch {
	case !small:
		p.Columns.Notes = notes
	case len(notes) > 0:
		p.Note = notes[0].Text + " throttled " + shortTime(m.step.Window, m.zone, p.Start.Add(time.Duration(notes[0].Column)*wide))
	}
	return p, true
}

// rpm is the rate of attempts, against the quota.
func (m *monitored) rpm(small bool) (chart.Panel, bool) {
	p := m.panel("requests per minute, by "+period(m.period()), m.all)
	p.Lines = []chart.Line{{Name: "used", Look: chart.Sent, Period: m.period(), Values: m.perMinute(m.all)}}
	return m.against(p, "rpm", small), anyKnown(m.all)
}

// tpm is the rate of tokens, against the quota: as they were read and written,
// and as they count against the quota where that is not the same.
func (m *monitored) tpm(small bool) (chart.Panel, bool) {
	tokens := added(m.series[record.MetricInputTokens], m.series[record.MetricOutputTokens])
	counted := m.quotaTokens()
	p := m.panel("tokens per minute, input + output, by "+period(m.period()), added(tokens, counted))
	p.Lines = []chart.Line{{Name: "used", Look: chart.Sent, Period: m.period(), Values: m.perMinute(tokens)}}
	if anyKnown(counted) && !slices.EqualFunc(counted, tokens, equal) {
		p.Lines = append(p.Lines, chart.Line{Name: "quota tokens", Look: chart.High, Period: m.period(), Values: m.perMinute(counted)})
	}
	return m.against(p, "tpm", small), anyKnown(tokens) || anyKnown(counted)
}

// quotaTokens are the tokens of each period as they count against the quota: the
// ones that CloudWatch estimates, or those that follow from the counts with the
// burndown of the model, where both are known the higher. Nil where neither is.
func (m *monitored) quotaTokens() []*float64 {
	estimate := m.series[record.MetricQuotaTokens]
	burndown, ok := m.burndown()
	if !ok {
		return estimate
	}
	out := added(m.series[record.MetricInputTokens], scaled(m.series[record.MetricOutputTokens], burndown), m.series[record.MetricCacheWrites])
	for i, v := range estimate {
		if i < len(out) && v != nil && (out[i] == nil || *v > *out[i]) {
			out[i] = v
		}
	}
	return out
}

// burndown is how many quota tokens one output token took, by the sums of the
// window.
func (m *monitored) burndown() (float64, bool) {
	all, output := m.values["computed_quota_tokens"], m.values["output_tokens"]
	if !all.Known || !output.Known || output.Value <= 0 {
		return 0, false
	}
	return (all.Value - m.values["input_tokens"].Value - m.values["cache_write_tokens"].Value) / output.Value, true
}

func equal(a, b *float64) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// against sets a rate beside the quota of its dimension.
func (m *monitored) against(p chart.Panel, dimension string, small bool) chart.Panel {
	peak := m.peak(dimension, small)
	switch {
	case small && m.inQuotaTokens(dimension):
		p.Caption, p.Note = "quota "+dimension, peak
	case small:
		p.Caption, p.Note = dimension, peak
	case peak != "":
		p.Caption += "; " + peak
	}
	return withQuota(p, m.Model, dimension, small)
}

// withQuota marks the applied quota of a dimension, where it is known.
func withQuota(p chart.Panel, m *record.Model, dimension string, small bool) chart.Panel {
	q, ok := m.Quota(dimension)
	if !ok || q.Applied == nil {
		return p
	}
	mark := chart.Mark{Name: "quota", Look: chart.Limit, Value: *q.Applied}
	if !small {
		mark.Name += " " + digits(*q.Applied, 4)
	}
	if p.Beyond(mark) {
		mark.Name += ", above the scale"
	}
	p.Marks = []chart.Mark{mark}
	return p
}

// inQuotaTokens tells whether the peak is one of quota tokens that is not that of
// the tokens read and written.
func (m *monitored) inQuotaTokens(dimension string) bool {
	return m.peakOf(dimension).Value != m.values["peak_"+dimension].Value
}

// peak is "peak 85, 42 % of quota 200", as far as known. Where the caption does
// not say that it is one of quota tokens, it does.
func (m *monitored) peak(dimension string, captioned bool) string {
	peak := m.peakOf(dimension)
	if !peak.Known {
		return ""
	}
	text := "peak " + brief(peak.Value)
	if !captioned && m.inQuotaTokens(dimension) {
		text += " quota tokens"
	}
	q, ok := m.Quota(dimension)
	if !ok || q.Applied == nil {
		return text + ", quota unknown"
	}
	used := m.utilization(dimension)
	if !used.Known {
		return text + ", quota " + brief(*q.Applied)
	}
	return text + ", " + digits(used.Value*100, 2) + " % of quota " + brief(*q.Applied)
}

// peakOf is the highest rate, of tokens as they count against the quota where
// that is known.
func (m *monitored) peakOf(dimension string) record.Reading {
	if counted := m.values["peak_quota_"+dimension]; counted.Known {
		return counted
	}
	return m.values["peak_"+dimension]
}

// utilization is the share of the quota that the peak took.
func (m *monitored) utilization(dimension string) record.Reading {
	if used, ok := m.values["utilization."+dimension]; ok {
		return used
	}
	peak := m.peakOf(dimension)
	q, ok := m.Quota(dimension)
	if !ok || q.Applied == nil || !peak.Known {
		return record.Reading{}
	}
	return record.Read(peak.Value / *q.Applied, peak.Samples)
}

func (m *monitored) latency(small bool) (chart.Panel, bool) {
	return m.levels(record.MetricLatency, "latency", small)
}

func (m *monitored) firstToken(small bool) (chart.Panel, bool) {
	return m.levels(record.MetricFirstToken, "time to the first token", small)
}

// chosen are the metrics that the scenario asks for by name, one plot each.
func (m *monitored) chosen() (out []monitorChart) {
	for _, name := range slices.Sorted(maps.Keys(m.series)) {
		if !strings.HasPrefix(name, chosenPrefix) || !anyKnown(m.series[name]) {
			continue
		}
		out = append(out, monitorChart{name: fileName(name), title: oneLine(name), large: true, panel: func(m *monitored, _ bool) (chart.Panel, bool) {
			p := m.panel(name+", by "+period(m.period()), m.series[name])
			p.Lines = []chart.Line{{Name: name, Look: chart.Median, Period: m.period(), Values: m.series[name]}}
			return p, true
		}})
	}
	return out
}

// levels are the lowest and the highest percentile of a metric that were read.
func (m *monitored) levels(metric, what string, small bool) (chart.Panel, bool) {
	low, high := "", ""
	for _, name := range slices.Sorted(maps.Keys(m.series)) {
		p, ok := strings.CutPrefix(name, metric+".")
		if !ok || !anyKnown(m.series[name]) {
			continue
		}
		if low == "" || percentOf(p) < percentOf(low) {
			low = p
		}
		if high == "" || percentOf(p) > percentOf(high) {
			high = p
		}
	}
	p := m.panel(what+" in ms, by "+period(m.period()), m.series[metric+"."+low])
	if small {
		p.Caption = what + ", ms"
	}
	if low == "" {
		return p, false
	}
	line := func(level string, look chart.Look) {
		p.Lines = append(p.Lines, chart.Line{Name: what + " " + level, Look: look, Period: m.period(), Values: m.series[metric+"."+level]})
	}
	line(low, chart.Median)
	if high != low {
		line(high, chart.High)
	}
	if small {
		p.Note = high + " up to " + brief(highest(m.series[metric+"."+high])) + " ms"
	}
	return p, true
}

// percentOf reads p99.9. What is no percentile comes last.
func percentOf(level string) float64 {
	v, err := strconv.ParseFloat(strings.TrimPrefix(level, "p"), 64)
	if err != nil {
		return math.Inf(1)
	}
	return v
}

func highest(values []*float64) float64 {
	best := 0.0
	for _, v := range values {
		if v != nil {
			best = max(best, *v)
		}
	}
	return best
}

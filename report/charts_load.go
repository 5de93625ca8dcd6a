package report

import (
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/chart"
)

// loadFigure shows of each model in a load step the rate, what became of the
// calls, tokens and times, over one time axis, and how the times spread.
func loadFigure(r *record.Run, s *record.Step) chart.Figure {
	f := chart.Figure{Title: "Load by model, step " + s.Name}
	words := []string{"All models: " + account(s.Load)}
	for _, p := range loadParts(r, s) {
		f.Panels = append(f.Panels, p.panels...)
		words = append(words, p.words...)
	}
	if f.Panels == nil {
		f.Panels = []chart.Panel{{Heading: s.Name, Empty: "No calls for any model"}}
	}
	f.Desc = describe(words)
	return f
}

// loadPart is what a load step has of one model.
type loadPart struct {
	model  string
	panels []chart.Panel
	words  []string // for who cannot see the panels
}

// figure shows the model alone.
func (p loadPart) figure(s *record.Step) chart.Figure {
	return chart.Figure{Title: "Load of " + p.model + ", step " + s.Name, Desc: describe(p.words), Panels: p.panels}
}

func loadParts(r *record.Run, s *record.Step) (out []loadPart) {
	t := timesOf(r, s)
	for i := range r.Models {
		m := &r.Models[i]
		v, ok := m.Steps[s.Name]
		if !ok {
			continue
		}
		note := throttleSentence(v, "throttled")
		if s.Load.Warmup > 0 {
			note += ", without the warm-up"
		}
		part := loadPart{model: m.Name, panels: loadPanels(r, s, m, note, t)}
		if p, ok := searchPanel(s, m.Name, t); ok {
			first := &part.panels[0]
			p.Heading, p.Note, first.Heading, first.Note = first.Heading, first.Note, "", ""
			part.panels = append([]chart.Panel{p}, part.panels...)
			part.words = append(part.words, limitWords(s.Load, m.Name))
		}
		for _, x := range s.Load.Limiters {
			if x.Model == m.Name {
				part.words = append(part.words, oneLine(x.Model)+": "+limiterOf(&x))
			}
		}
		part.words = append(part.words, m.Name+": "+note+", latency p50 "+quantity(v["latency_ms.p50"], "ms")+", p95 "+quantity(v["latency_ms.p95"], "ms"))
		out = append(out, part)
	}
	return out
}

// times are the common time axis of a load step, and what is marked on it.
type times struct {
	start, end time.Time
	shades     []chart.Shade
	stages     []chart.Border
}

func timesOf(r *record.Run, s *record.Step) times {
	t := times{start: s.Started, end: s.Ended}
	for _, series := range r.Series {
		if series.Step != s.Name {
			continue
		}
		t.start = series.Start
		if end := series.Start.Add(time.Duration(len(series.Values)) * time.Duration(series.Period)); end.After(t.end) {
			t.end = end
		}
	}
	if warm := time.Duration(s.Load.Warmup); warm > 0 {
		t.shades = []chart.Shade{{From: t.start, To: t.start.Add(warm), Name: "warm-up"}}
	}
	for _, stage := range s.Load.Stages {
		// A burst takes no time: the pause behind it gives its column room.
		if end := t.start.Add(time.Duration(stage.Start + stage.Length)); stage.ToRPM == 0 && stage.Planned > 0 && end.After(t.end) {
			t.end = end
		}
		t.stages = append(t.stages, chart.Border{At: t.start.Add(time.Duration(stage.Start)), Name: stage.Name})
	}
	return t
}

// unnamed are the borders of stages for the panels below the first.
func (t times) unnamed() []chart.Border {
	var out []chart.Border
	for _, b := range t.stages {
		out = append(out, chart.Border{At: b.At})
	}
	return out
}

func loadPanels(r *record.Run, s *record.Step, m *record.Model, note string, t times) []chart.Panel {
	model := m.Name
	series, ok := r.Find(s.Name, model, record.SeriesSent)
	if !ok || len(series.Values) == 0 {
		return []chart.Panel{{Heading: model, Empty: "No calls for " + model}}
	}
	get := func(name string) []*float64 { return values(r, s.Name, model, name) }
	step := time.Duration(series.Period)
	moments := firstThrottle(m.Steps[s.Name], t)
	panel := func(caption string) chart.Panel {
		return chart.Panel{Caption: caption, Start: t.start, End: t.end, Shades: t.shades, Borders: t.unnamed(), NoTimes: true}
	}

	planned, sent := get(record.SeriesPlanned), series.Values
	k := rateJoin(step, planned)
	wide := step * time.Duration(k)
	perMinute := func(name string, look chart.Look, v []*float64) chart.Line {
		return chart.Line{Name: name, Look: look, Period: wide, Values: scaled(joined(v, k), 1/wide.Minutes())}
	}
	rate := panel("requests per minute, over " + period(wide))
	rate.Heading, rate.Note, rate.Borders, rate.Moments = model, note, t.stages, moments
	rate.Lines = []chart.Line{perMinute("sent", chart.Sent, sent), perMinute("planned", chart.Planned, planned)}
	if wave, ok := waveOf(s.Load, model, t); ok {
		rate.Lines = append(rate.Lines, wave)
	}
	out := []chart.Panel{withQuota(rate, m, "rpm", false)}

	what := "calls"
	if s.Load.Client != nil {
		what = "attempts"
	}
	outcome := outcomePanel(panel(""), what, get, sent, step)
	outcome.Moments = moments
	out = append(out, outcome)
	if reserved, settled := get(record.SeriesReserved), get(record.SeriesSettled); anyAboveZero(reserved) || anyAboveZero(settled) {
		out = append(out, tokenPanel(panel("quota tokens per minute, over "+period(wide)), m, reserved, settled, perMinute))
	}
	if !anyKnown(get(record.SeriesLatencyP50)) {
		out[len(out)-1].NoTimes = false
		return append(out, chart.Panel{Empty: "No call was answered, so there is no latency."})
	}
	levels := func(caption, p50, p95 string) chart.Panel {
		p := panel(caption)
		p.Lines = []chart.Line{{Name: "p50", Look: chart.Median, Period: step, Values: get(p50)}, {Name: "p95", Look: chart.High, Period: step, Values: get(p95)}}
		return p
	}
	out = append(out, levels("latency of calls that were ok, from the planned send to the whole answer, in ms", record.SeriesLatencyP50, record.SeriesLatencyP95))
	if anyKnown(get(record.SeriesTTFTP50)) {
		out = append(out, levels("time to the first text of streams, from the planned send, in ms", record.SeriesTTFTP50, record.SeriesTTFTP95))
	}
	out[len(out)-1].NoTimes = false
	if p, ok := spreadPanel(s.Load, model); ok {
		out = append(out, p)
	}
	return out
}

func outcomePanel(p chart.Panel, what string, get func(string) []*float64, sent []*float64, step time.Duration) chart.Panel {
	k := columnJoin(step, len(sent), maxColumns)
	wide := step * time.Duration(k)
	throttled := joined(counted(get(record.SeriesThrottled), sent), k)
	parts := []chart.Part{
		{Name: "ok", Look: chart.OK, Values: joined(counted(get(record.SeriesOK), sent), k)},
		{Name: "throttled", Look: chart.Throttled, Values: throttled},
	}
	if errors := get(record.SeriesErrors); anyAboveZero(errors) {
		parts = append(parts, chart.Part{Name: "errors", Look: chart.Errors, Values: joined(counted(errors, sent), k)})
	}
	p.Caption = what + " per " + period(wide) + ", by the time at which they were sent"
	p.Whole = true
	p.Known = &chart.Known{Period: step, Values: sent}
	p.Columns = &chart.Columns{Period: wide, Parts: parts, Notes: columnNotes(throttled, joined(sent, k))}
	return p
}

package report

import (
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/chart"
)

// loadFigure shows of each model in a load step the rate, what became of the
// calls, and their latency, over one time axis.
func loadFigure(r *record.Run, s *record.Step) chart.Figure {
	f := chart.Figure{Title: "Load by model, step " + s.Name}
	words := []string{"All models: " + account(s.Load)}
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
		panels := loadPanels(r, s, m.Name, note, t)
		if p, ok := searchPanel(s, m.Name, t); ok {
			p.Heading, p.Note, panels[0].Heading, panels[0].Note = panels[0].Heading, panels[0].Note, "", ""
			panels = append([]chart.Panel{p}, panels...)
			words = append(words, limitWords(s.Load, m.Name))
		}
		for _, x := range s.Load.Limiters {
			if x.Model == m.Name {
				words = append(words, oneLine(x.Model)+": "+limiterOf(&x))
			}
		}
		f.Panels = append(f.Panels, panels...)
		words = append(words, m.Name+": "+note+", latency p50 "+quantity(v["latency_ms.p50"], "ms")+", p95 "+quantity(v["latency_ms.p95"], "ms"))
	}
	if f.Panels == nil {
		f.Panels = []chart.Panel{{Heading: s.Name, Empty: "No calls for any model"}}
	}
	f.Desc = describe(words)
	return f
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

func loadPanels(r *record.Run, s *record.Step, model, note string, t times) []chart.Panel {
	series, ok := r.Find(s.Name, model, record.SeriesSent)
	if !ok || len(series.Values) == 0 {
		return []chart.Panel{{Heading: model, Empty: "No calls for " + model}}
	}
	get := func(name string) []*float64 { return values(r, s.Name, model, name) }
	step := time.Duration(series.Period)
	panel := func(caption string) chart.Panel {
		return chart.Panel{Caption: caption, Start: t.start, End: t.end, Shades: t.shades, Borders: t.unnamed(), NoTimes: true}
	}

	planned, sent := get(record.SeriesPlanned), series.Values
	k := rateJoin(step, planned)
	wide := step * time.Duration(k)
	rate := panel("requests per minute, over " + period(wide))
	rate.Heading, rate.Note, rate.Borders = model, note, t.stages
	rpm := func(v []*float64) []*float64 { return scaled(joined(v, k), 1/wide.Minutes()) }
	rate.Lines = []chart.Line{
		{Name: "sent", Look: chart.Sent, Period: wide, Values: rpm(sent)},
		{Name: "planned", Look: chart.Planned, Period: wide, Values: rpm(planned)},
	}

	latency := panel("latency of calls that were ok, from the planned send to the whole answer, in ms")
	latency.NoTimes = false
	latency.Lines = []chart.Line{
		{Name: "p50", Look: chart.Median, Period: step, Values: get(record.SeriesLatencyP50)},
		{Name: "p95", Look: chart.High, Period: step, Values: get(record.SeriesLatencyP95)},
	}
	outcome := outcomePanel(panel(""), get, sent, step)
	if !anyKnown(get(record.SeriesLatencyP50)) {
		latency = chart.Panel{Empty: "No call was answered, so there is no latency."}
		outcome.NoTimes = false
	}
	return []chart.Panel{rate, outcome, latency}
}

func outcomePanel(p chart.Panel, get func(string) []*float64, sent []*float64, step time.Duration) chart.Panel {
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
	p.Caption = "calls per " + period(wide) + ", by the time at which they were sent"
	p.Whole = true
	p.Known = &chart.Known{Period: step, Values: sent}
	p.Columns = &chart.Columns{Period: wide, Parts: parts, Notes: columnNotes(throttled, joined(sent, k))}
	return p
}

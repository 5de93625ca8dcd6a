package report

import (
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/chart"
)

// monitorFigure is the usage of each model over the window of a monitor step.
func monitorFigure(r *record.Run, s *record.Step) chart.Figure {
	f := chart.Figure{Name: s.Name, Title: "Usage by model, step " + s.Name}
	var words []string
	for i := range r.Models {
		m := &r.Models[i]
		v, ok := m.Steps[s.Name]
		if !ok {
			continue
		}
		p := monitorPanel(r, s, m.Name)
		p.Heading = m.Name
		sentence := m.Name + ": " + noData
		if p.Empty == "" {
			p.Note = throttleSentence(v, "throttles")
			sentence = m.Name + ": " + quantity(v["invocations"], "calls") + " successful calls, " + p.Note
		}
		f.Panels = append(f.Panels, p)
		words = append(words, sentence)
	}
	if f.Panels == nil {
		f.Panels = []chart.Panel{{Heading: s.Name, Empty: "No data for any model"}}
	}
	f.Desc = "From " + s.Window.Start.UTC().Format(timeForm) + " to " + s.Window.End.UTC().Format(timeForm) + ". " + describe(words)
	return f
}

func monitorPanel(r *record.Run, s *record.Step, model string) chart.Panel {
	get := func(name string) []*float64 { return values(r, s.Name, model, name) }
	errors := added(get(record.MetricClientErrors), get(record.MetricServerErrors))
	all := added(get(record.MetricInvocations), get(record.MetricThrottles), errors)
	if !anyKnown(all) {
		return chart.Panel{Empty: "No data for " + model}
	}
	step := time.Duration(s.Window.Period)
	k := columnJoin(step, len(all))
	count := func(v []*float64) []*float64 { return joined(counted(v, all), k) }

	throttled := count(get(record.MetricThrottles))
	parts := []chart.Part{
		{Name: "successful", Look: chart.OK, Values: count(get(record.MetricInvocations))},
		{Name: "throttled", Look: chart.Throttled, Values: throttled},
	}
	if anyAboveZero(errors) {
		parts = append(parts, chart.Part{Name: "errors", Look: chart.Errors, Values: count(errors)})
	}
	wide := step * time.Duration(k)
	return chart.Panel{
		Caption: "calls per " + period(wide),
		Start:   s.Window.Start, End: s.Window.End, Whole: true,
		Columns: &chart.Columns{Period: wide, Parts: parts, Notes: columnNotes(throttled, joined(all, k))},
	}
}

// describe joins sentences for who cannot see the chart.
func describe(sentences []string) string {
	out := ""
	for _, s := range sentences {
		out += s + ". "
	}
	return out
}

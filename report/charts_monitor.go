package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/chart"
)

// fewModels is how many models have room for large panels in one chart. More
// are shown in rows of small ones.
const fewModels = 2

// monitorDrawings are the charts of a monitor step: the dashboard of all models
// (charts/STEP.svg), the hours of the day where the window is long enough
// (charts/STEP-hours.svg), and each plot of the dashboard alone
// (charts/STEP/MODEL-calls.svg and so on).
func monitorDrawings(r *record.Run, s *record.Step, used names) []drawing {
	models := monitoredModels(r, s)
	name := used.unique(s.Name)
	f := dashboard(s, models)
	f.Name = name
	out := []drawing{{step: s.Name, path: "charts/" + name + ".svg", figure: f}}
	if f, ok := hoursFigure(s, models); ok {
		f.Name = used.unique(name + "-hours")
		out = append(out, drawing{step: s.Name, path: "charts/" + f.Name + ".svg", figure: f})
	}
	inside := names{}
	for _, m := range models {
		own := inside.unique(m.Name)
		parts := names{}
		for _, k := range slices.Concat(monitorCharts, m.chosen()) {
			p, ok := k.panel(m, false)
			if !ok {
				continue
			}
			part := parts.unique(k.name)
			p.Heading, p.Note = m.Name, m.note()
			figure := chart.Figure{Name: name + "-" + own + "-" + part, Title: k.title + " of " + m.Name + ", step " + s.Name, Desc: m.words(), Panels: []chart.Panel{p}}
			out = append(out, drawing{step: s.Name, path: "charts/" + name + "/" + own + "-" + part + ".svg", figure: figure, detail: true})
		}
	}
	return out
}

// monitorChart is one plot of a model.
type monitorChart struct {
	name  string // in the file's name: STEP/MODEL-calls.svg
	title string
	// panel draws it, small for a row of a dashboard. It is false where nothing is
	// known of what it shows.
	panel func(m *monitored, small bool) (chart.Panel, bool)
	large bool // there is no small one
}

// monitorCharts are in the order of the dashboard.
var monitorCharts = []monitorChart{
	{name: "calls", title: "Calls", panel: (*monitored).calls},
	{name: "rpm", title: "Requests per minute", panel: (*monitored).rpm},
	{name: "tpm", title: "Tokens per minute", panel: (*monitored).tpm},
	{name: "latency", title: "Latency", panel: (*monitored).latency},
	{name: "first-token", title: "Time to the first token", panel: (*monitored).firstToken, large: true},
}

// dashboard shows the usage of every model over the window, in the order of the
// scenario.
func dashboard(s *record.Step, models []*monitored) chart.Figure {
	f := chart.Figure{Title: "Usage by model, step " + oneLine(s.Name)}
	words := []string{"From " + when(s.Window, s.Window.Start) + " to " + when(s.Window, s.Window.End)}
	for _, m := range models {
		words = append(words, m.words())
	}
	f.Desc = describe(words)
	switch {
	case len(models) == 0:
		f.Panels = []chart.Panel{{Heading: s.Name, Empty: "No data for any model"}}
	case len(models) <= fewModels:
		for _, m := range models {
			f.Panels = append(f.Panels, m.panels()...)
		}
	default:
		f.Rows, f.Lead = rows(models), lead(models)
	}
	return f
}

// panels are the large plots of a model, over one time axis.
func (m *monitored) panels() []chart.Panel {
	var out []chart.Panel
	for _, k := range slices.Concat(monitorCharts, m.chosen()) {
		if p, ok := k.panel(m, false); ok {
			p.NoTimes = true
			out = append(out, p)
		}
	}
	if out == nil {
		return []chart.Panel{{Heading: m.Name, Empty: m.silence()}}
	}
	out[0].Heading, out[0].Note = m.Name, m.note()
	out[len(out)-1].NoTimes = false
	return out
}

// rows are the small plots of all models. A plot that no model has data for is
// left out.
func rows(models []*monitored) []chart.Row {
	var out []chart.Row
	for _, m := range models {
		row := chart.Row{Heading: m.Name, Note: m.note()}
		if !m.known() {
			row.Note, row.Empty = "", m.silence()
		}
		out = append(out, row)
	}
	for _, k := range monitorCharts {
		if k.large {
			continue
		}
		any, cells := false, make([]chart.Panel, len(models))
		for i, m := range models {
			p, ok := k.panel(m, true)
			if any = any || ok; !ok {
				p = chart.Panel{Caption: p.Caption, Empty: noData}
			}
			cells[i] = p
		}
		for i := range out {
			if any && out[i].Empty == "" {
				out[i].Cells = append(out[i].Cells, cells[i])
			}
		}
	}
	return out
}

// monitored is what a monitor step knows of one model.
type monitored struct {
	*record.Model
	step   *record.Step
	zone   *time.Location
	values record.Values
	series map[string][]*float64
	all    []*float64 // attempts
	errors []*float64
}

func monitoredModels(r *record.Run, s *record.Step) []*monitored {
	series := map[string]map[string][]*float64{}
	for i := range r.Series {
		x := &r.Series[i]
		if x.Step != s.Name {
			continue
		}
		if series[x.Model] == nil {
			series[x.Model] = map[string][]*float64{}
		}
		series[x.Model][x.Name] = x.Values
	}
	zone, _ := zoneOf(s.Window)
	var out []*monitored
	for i := range r.Models {
		v, ok := r.Models[i].Steps[s.Name]
		if !ok {
			continue
		}
		m := &monitored{Model: &r.Models[i], step: s, zone: zone, values: v, series: series[r.Models[i].Name]}
		m.errors = added(m.series[record.MetricClientErrors], m.series[record.MetricServerErrors])
		m.all = added(m.series[record.MetricInvocations], m.series[record.MetricThrottles], m.errors)
		out = append(out, m)
	}
	return out
}

// known tells whether CloudWatch had anything of the model.
func (m *monitored) known() bool {
	for _, values := range m.series {
		if anyKnown(values) {
			return true
		}
	}
	return false
}

func (m *monitored) silence() string { return "No data for " + m.Name }

// note stands beside the name of the model.
func (m *monitored) note() string {
	note := throttleSentence(m.values, "throttles")
	if c := m.values["coverage"]; c.Known {
		note += ", " + percent(c.Value) + " of the periods have data"
	}
	return note
}

// words tell what the charts of the model show.
func (m *monitored) words() string {
	if !m.known() {
		return m.Name + ": " + noData
	}
	text := fmt.Sprintf("%s: %s successful calls, %s", m.Name, quantity(m.values["invocations"], "calls"), throttleSentence(m.values, "throttles"))
	for _, d := range []string{"rpm", "tpm"} {
		if p := m.peak(d, false); p != "" {
			text += ", " + d + " " + p
		}
	}
	return text
}

// describe joins sentences for who cannot see the chart.
func describe(sentences []string) string {
	out := ""
	for _, s := range sentences {
		out += s + ". "
	}
	return out
}

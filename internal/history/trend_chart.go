package history

import (
	"fmt"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/report/chart"
)

// cell is a small plot of some rows of a model.
type cell struct {
	caption string
	scale   float64
	rows    []drawnRow
}

// drawnRow is how a row is drawn.
type drawnRow struct {
	name, label string
	look        chart.Look
	quota       bool // of the model, and holds until it changes
}

// cells are the plots of a step, of load and of monitor steps; those without data
// are left out.
var cells = [][]cell{
	{
		{"throttled, % of calls", 100, []drawnRow{{name: "throttle_rate", label: "throttled", look: chart.Throttled}}},
		{"latency, ms", 1, []drawnRow{{name: "latency_ms.p50", label: "p50", look: chart.Median}, {name: "latency_ms.p95", label: "p95", look: chart.High}}},
	},
	{
		{"requests a minute", 1, []drawnRow{
			{name: "ok_rpm", label: "answered", look: chart.OK}, {name: "peak_rpm", label: "busiest period", look: chart.Sent},
			{name: "quota.rpm.applied", label: "quota", look: chart.Limit, quota: true},
		}},
		{"limit found", 1, []drawnRow{{name: "limit.low", label: "held", look: chart.Sent}, {name: "limit.high", label: "did not hold", look: chart.Errors}}},
		{"tokens a minute", 1, []drawnRow{
			{name: "settled_tpm", label: "answered", look: chart.OK}, {name: "peak_quota_tpm", label: "busiest period", look: chart.Sent},
			{name: "quota.tpm.applied", label: "quota", look: chart.Limit, quota: true},
		}},
	},
}

// Chart draws the runs as SVG: a row of small plots for each model and step.
func (t *Trend) Chart(title string) ([]byte, error) {
	f := chart.Figure{Name: "trend", Title: title, Desc: t.summary()}
	start, end := t.span()
	for i := range t.Groups {
		g := &t.Groups[i]
		for _, p := range g.parts() {
			if p.step == "" {
				continue
			}
			row := chart.Row{Heading: p.title(), Note: g.Scenario}
			for _, side := range cells {
				best := chart.Panel{Start: start, End: end, Zone: t.Zone, Empty: "no data"}
				var panels []chart.Panel
				for _, c := range side {
					if panel, ok := g.cell(c, p); ok {
						panel.Start, panel.End, panel.Zone = start, end, t.Zone
						panels = append(panels, panel)
					}
				}
				for len(panels) < 2 {
					panels = append(panels, best)
				}
				row.Cells = append(row.Cells, panels[:2]...)
			}
			f.Rows = append(f.Rows, row)
		}
	}
	if f.Rows == nil {
		f.Rows = []chart.Row{{Heading: "runs", Empty: "No run measured anything."}}
	}
	return f.SVG()
}

// cell draws the rows of a plot; not ok without any.
func (g *Group) cell(c cell, p part) (chart.Panel, bool) {
	panel := chart.Panel{Caption: c.caption}
	measured := false
	for _, d := range c.rows {
		for _, r := range g.Rows {
			if r.Name != d.name || r.Model != p.model || r.Step != p.step && !d.quota {
				continue
			}
			measured = measured || !d.quota
			s := chart.Points{Name: d.label, Look: d.look, Steps: d.quota}
			for i, at := range r.Points {
				if g.Runs[i].Started.IsZero() {
					continue
				}
				s.List = append(s.List, chart.Point{At: g.Runs[i].Started, Value: scaled(at.Value, c.scale), Low: scaled(at.Low, c.scale), High: scaled(at.High, c.scale), Doubtful: g.Runs[i].Doubtful && !d.quota})
			}
			panel.Points = append(panel.Points, s)
		}
	}
	return panel, measured
}

func scaled(v *float64, scale float64) *float64 {
	if v == nil {
		return nil
	}
	return new(*v * scale)
}

// span is the time axis: from the first run to the last, with some room on both
// sides, so that one run alone is a point in the middle.
func (t *Trend) span() (start, end time.Time) {
	for _, g := range t.Groups {
		for _, r := range g.Runs {
			if r.Started.IsZero() {
				continue
			}
			if start.IsZero() || r.Started.Before(start) {
				start = r.Started
			}
			if r.Started.After(end) {
				end = r.Started
			}
		}
	}
	room := end.Sub(start) / 8
	if room == 0 {
		room = 10 * time.Minute
	}
	return start.Add(-room), end.Add(room)
}

// summary tells the runs in words.
func (t *Trend) summary() string {
	var parts []string
	for i := range t.Groups {
		g := &t.Groups[i]
		parts = append(parts, fmt.Sprintf("%d of %s, %s", len(g.Runs), named(g.Scenario), t.from(g)))
	}
	return "Runs over time: " + strings.Join(parts, "; ") + ". A cross is a run in doubt: it was cut short, or fell behind its load."
}

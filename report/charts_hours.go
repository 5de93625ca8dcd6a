package report

import (
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/chart"
)

// A map of hours needs two weeks: in less, a weekday comes once.
const leastDays = 14

// hoursFigure shows the attempts of each model by the hour of the day and the
// day, on the clocks of the zone. It is false where the window is too short, or
// its periods are longer than an hour, or nothing is known.
func hoursFigure(s *record.Step, models []*monitored) (chart.Figure, bool) {
	w := s.Window
	if step := time.Duration(w.Period); step <= 0 || step > time.Hour || w.End.Sub(w.Start) < leastDays*24*time.Hour {
		return chart.Figure{}, false
	}
	f := chart.Figure{Title: "Attempts by the hour of the day, step " + oneLine(s.Name)}
	words := []string{"From " + when(w, w.Start) + " to " + when(w, w.End) + ", in the time of " + zoneName(w)}
	for _, m := range models {
		if !anyKnown(m.all) {
			continue
		}
		h := chart.Heat{Heading: m.Name, Name: "attempts per hour, time of " + zoneName(w), MarkName: "with throttles", Days: m.days()}
		sentence := m.Name + ": " + quantity(m.values["attempts"], "calls") + " attempts"
		if b := busiest(m.usage()); b != "" {
			h.Note = "busiest: " + b
			sentence += ", busiest hour " + b
		}
		f.Heats = append(f.Heats, h)
		words = append(words, sentence)
	}
	f.Desc = describe(words)
	return f, f.Heats != nil
}

// days add up the attempts of each hour. An hour that comes twice, as the clocks
// go back, shows the mean of the two; one that they leave out is outside.
func (m *monitored) days() []chart.HeatDay {
	var out []chart.HeatDay
	var periods [24]int
	finish := func() {
		if len(out) == 0 {
			return
		}
		d := &out[len(out)-1]
		for h, n := range periods {
			d.Hours[h].Outside = n == 0
			if over := time.Duration(n) * m.period(); over > time.Hour && d.Hours[h].Value != nil {
				*d.Hours[h].Value *= float64(time.Hour) / float64(over)
			}
		}
		periods = [24]int{}
	}
	throttles := m.series[record.MetricThrottles]
	day := ""
	for i, v := range m.all {
		t := m.step.Window.Start.Add(time.Duration(i) * m.period()).In(m.zone)
		if d := t.Format("Jan 2"); d != day {
			finish()
			day = d
			out = append(out, chart.HeatDay{Label: d})
		}
		periods[t.Hour()]++
		hour := &out[len(out)-1].Hours[t.Hour()]
		hour.Value = sum(hour.Value, v)
		hour.Mark = hour.Mark || i < len(throttles) && throttles[i] != nil && *throttles[i] > 0
	}
	finish()
	return out
}

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
		h := chart.Heat{Heading: m.Name, Name: "attempts per hour, time of " + zoneName(w), MarkNames: throttledNames, Days: m.days()}
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

// throttledShares are the shares of throttled attempts from which an hour has a
// larger mark, and throttledNames what the marks are called.
var (
	throttledShares = []float64{0, 0.01, 0.05}
	throttledNames  = []string{"under 1 % throttled", "1 to 5 %", "5 % or more"}
)

// days add up the attempts of each hour. An hour that comes twice, as the clocks
// go back, shows the mean of the two; one that they leave out is outside.
func (m *monitored) days() []chart.HeatDay {
	var out []chart.HeatDay
	var periods [24]int
	var throttled [24]float64
	finish := func() {
		if len(out) == 0 {
			return
		}
		d := &out[len(out)-1]
		for h, n := range periods {
			d.Hours[h].Outside = n == 0
			for i, share := range throttledShares {
				if v := d.Hours[h].Value; throttled[h] > 0 && v != nil && throttled[h] >= share**v {
					d.Hours[h].Mark = i + 1
				}
			}
			if over := time.Duration(n) * m.period(); over > time.Hour && d.Hours[h].Value != nil {
				*d.Hours[h].Value *= float64(time.Hour) / float64(over)
			}
		}
		periods, throttled = [24]int{}, [24]float64{}
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
		if i < len(throttles) && throttles[i] != nil {
			throttled[t.Hour()] += *throttles[i]
		}
	}
	finish()
	return out
}

package report

import (
	"slices"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/chart"
)

// clientsName is what the chart of the clients is called among the files.
const clientsName = "clients"

// clientsPlot is how high its plots are, in pixels.
const clientsPlot = 170

// figure draws success rate, latency and amplification side by side: at each load
// a column for each client.
func (c compared) figure() chart.Figure {
	load := "offered load in calls per minute"
	if c.ofQuota {
		load = "offered load, of the quota of requests per minute"
	}
	f := chart.Figure{Title: clientsTitle, Rows: []chart.Row{{Plot: clientsPlot}}}
	places, at := c.places()
	start := time.Unix(0, 0).UTC()
	for _, p := range []struct {
		caption, value, high string
		scale                float64
	}{
		{"success rate, % of the calls", "success_rate", "", 100},
		{"latency of calls that were ok, in s: p50, and line to p95", "latency_ms.p50", "latency_ms.p95", 0.001},
		{"amplification, attempts for each call", "amplification", "", 1},
	} {
		panel := chart.Panel{
			Caption: p.caption, Start: start, End: start.Add(time.Duration(len(places)) * time.Second),
			Places: places, PlacesName: load, Groups: &chart.Groups{},
		}
		for _, label := range c.labels() {
			kind := chart.Kind{Name: label, Values: make([]*float64, len(places)), Highs: make([]*float64, len(places))}
			for i, s := range c.steps {
				if s.label == label {
					kind.Values[at[i]], kind.Highs[at[i]] = known(s.values[p.value], p.scale), known(s.values[p.high], p.scale)
				}
			}
			panel.Groups.Kinds = append(panel.Groups.Kinds, kind)
		}
		f.Rows[0].Cells = append(f.Rows[0].Cells, panel)
	}
	f.Desc = describe(c.words())
	return f
}

// known is a reading times a factor; nil is no data.
func known(r record.Reading, scale float64) *float64 {
	if !r.Known {
		return nil
	}
	v := r.Value * scale
	return &v
}

// labels are the clients in the order in which they came.
func (c compared) labels() (out []string) {
	for _, s := range c.steps {
		if !slices.Contains(out, s.label) {
			out = append(out, s.label)
		}
	}
	return out
}

// places are the loads in their order, and for each step which of them is its. A
// client that had the same load twice takes another place: no number is hidden.
func (c compared) places() (names []string, at []int) {
	var taken []map[string]bool // labels by place
	for _, s := range c.steps {
		name, i := c.loadText(s), 0
		for i < len(names) && (names[i] != name || taken[i][s.label]) {
			i++
		}
		if i == len(names) {
			names, taken = append(names, name), append(taken, map[string]bool{})
		}
		taken[i][s.label] = true
		at = append(at, i)
	}
	return names, at
}

// words are the numbers of the chart, a sentence for each step.
func (c compared) words() []string {
	words := []string{clientsNote}
	for _, s := range c.steps {
		v := s.values
		words = append(words, c.loadText(s)+", "+s.label+": success rate "+quantity(v["success_rate"], "fraction")+
			", latency p50 "+quantity(v["latency_ms.p50"], "ms")+", p95 "+quantity(v["latency_ms.p95"], "ms")+", amplification "+quantity(v["amplification"], ""))
	}
	return words
}

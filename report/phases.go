package report

import (
	"slices"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// phasesTitle is over the table of phases.
const phasesTitle = "Phases that were judged"

// phaseColumns are what is told of a phase, beside its name and its time.
var phaseColumns = []metricColumn{
	{Metric: "attempts", Heading: "sent"}, {Metric: "ok", Heading: "ok"}, {Metric: "throttled", Heading: "throttled"}, {Metric: "throttle_rate", Heading: "throttle rate"},
	{Metric: "errors", Heading: "errors"}, {Metric: "latency_ms.p50", Heading: "p50"}, {Metric: "latency_ms.p95", Heading: "p95"}, {Metric: "ttft_ms.p95", Heading: "first text p95"},
}

// phaseTable has a row for each phase that assertions read and each model in it,
// and one over all models where there are several.
func phaseTable(r *record.Run, s *record.Step) stepTable {
	t := stepTable{Head: []string{"phase", "from", "for", "model"}}
	if len(s.Load.Phases) == 0 {
		return stepTable{}
	}
	columns := slices.Clone(phaseColumns)
	if !slices.ContainsFunc(s.Load.Phases, func(p record.Phase) bool { return p.Totals["ttft_ms.p95"].Known }) {
		columns = columns[:len(columns)-1] // no streams
	}
	for _, c := range columns {
		t.Head = append(t.Head, c.Heading)
	}
	for _, p := range s.Load.Phases {
		row := func(model string, v record.Values) {
			cells := []string{oneLine(p.Name), span(time.Duration(p.Start)), span(time.Duration(p.Length)), model}
			for _, c := range columns {
				cells = append(cells, c.text(v))
			}
			t.Rows = append(t.Rows, cells)
		}
		for _, m := range r.Models {
			if v, ok := p.Values[m.Name]; ok {
				row(oneLine(m.Name), v)
			}
		}
		if len(p.Values) != 1 {
			row("all models", p.Totals)
		}
	}
	return t
}

package runner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loadline-dev/loadline/internal/statistics"
	"github.com/loadline-dev/loadline/record"
)

// Reach says of which assertions the planned calls are too few to pass, however
// well the run goes: a rate takes so many calls to be shown, and a percentile so
// many to be one.
func (p *Plan) Reach() []string {
	var out []string
	for _, a := range p.assertions {
		confidence := a.written.Confidence.Value
		if confidence == 0 {
			continue
		}
		for _, b := range a.program.Bounds() {
			step, metric, _ := strings.Cut(b.Name, ".")
			i := slices.IndexFunc(p.Steps, func(s PlannedStep) bool { return s.Name == step })
			if i < 0 || len(p.Steps[i].Estimate.Calls) == 0 {
				continue
			}
			needed, possible := record.Least(metric), true
			if record.IsRate(metric) {
				needed, possible = rateNeeds(b.Operator, b.Value, confidence)
			}
			name := record.CleanLine(a.written.Name.Value)
			if !possible {
				out = append(out, fmt.Sprintf("%s: no number of calls shows that a rate is %s %g; compare a count (throttled == 0), or use `confidence: none`", name, b.Operator, b.Value))
				continue
			}
			for _, model := range a.models {
				if planned := p.Steps[i].planned(model); planned < int64(needed) {
					out = append(out, fmt.Sprintf("%s%s: to show that %s %s %g takes %d calls or more, and step %s plans %d: it cannot pass", name, of(model), b.Name, b.Operator, b.Value, needed, step, planned))
				}
			}
		}
	}
	return out
}

// rateNeeds is the least number of calls that show a rate beyond a bound.
func rateNeeds(operator string, bound, confidence float64) (int, bool) {
	switch operator {
	case "<", "<=":
		return statistics.Needed(bound, confidence)
	case ">", ">=":
		return statistics.Needed(1-bound, confidence)
	case "==":
		return 0, false
	}
	return 0, true
}

// planned is how many calls a step would send to a model, or to all where it
// names none.
func (s PlannedStep) planned(model string) (calls int64) {
	for _, c := range s.Estimate.Calls {
		if model == "" || c.Model == model {
			calls += c.Requests
		}
	}
	return calls
}

func of(model string) string {
	if model == "" {
		return ""
	}
	return " [" + model + "]"
}

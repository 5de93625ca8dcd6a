package runner

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/internal/expression"
	"github.com/loadline-dev/loadline/internal/statistics"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// Reach says of which assertions the planned calls are too few to pass, however
// well the run goes: a rate takes so many calls to be shown, and a percentile so
// many to be one. With a baseline it also says what that has no data for.
func (p *Plan) Reach() []string {
	var out []string
	for _, a := range p.assertions {
		confidence := a.written.Confidence.Value
		if confidence == 0 {
			continue
		}
		name := record.CleanLine(a.written.Name.Value)
		short := func(read, what string, needed int, outcome string, again bool) {
			step, phase, _ := expression.Split(read)
			i := slices.IndexFunc(p.Steps, func(s PlannedStep) bool { return s.Name == step })
			if i < 0 || len(p.Steps[i].Estimate.Calls) == 0 {
				return
			}
			for _, model := range a.models {
				planned := p.Steps[i].planned(model, phase)
				if again {
					planned += p.Steps[i].retries(model)
				}
				if planned < int64(needed) {
					out = append(out, fmt.Sprintf("%s%s: %s takes %d calls or more, and %s plans %d: it cannot %s", name, of(model), what, needed, inWords(step, phase), planned, outcome))
				}
			}
		}
		for _, b := range a.program.Bounds() {
			_, _, metric := expression.Split(b.Name)
			if !record.IsRate(metric) {
				continue
			}
			needed, possible := rateNeeds(b.Operator, b.Value, confidence)
			if !possible {
				out = append(out, fmt.Sprintf("%s: no number of calls shows that a rate is %s %g; compare a count (throttled == 0), or use `confidence: none`", name, b.Operator, b.Value))
				continue
			}
			short(b.Name, fmt.Sprintf("to show that %s %s %g", b.Name, b.Operator, b.Value), needed, "pass", strings.HasPrefix(b.Operator, ">") && !record.OfCalls(metric))
		}
		for _, read := range a.program.Reads() {
			if _, _, metric := expression.Split(read); record.Least(metric) > 0 {
				short(read, "a verdict on "+read, record.Least(metric), "be decided", false)
			}
		}
	}
	return append(out, p.Lacking()...)
}

func inWords(step, phase string) string {
	if phase != "" {
		return step + "." + phase
	}
	return "step " + step
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

// planned is how many calls that are measured a step, or a part of it, would send
// to a model, or to all where it names none. Where only the run knows when they
// come due, all that it may send count.
func (s PlannedStep) planned(model, phase string) (calls int64) {
	for _, e := range s.Estimate.Calls {
		if model == "" || e.Model == model {
			calls += s.due(e, phase)
		}
	}
	return calls
}

// retries are the most attempts beyond the first of the calls to a model: failures
// that are asked for may come of them.
func (s PlannedStep) retries(model string) (attempts int64) {
	for _, e := range s.Estimate.Calls {
		if model == "" || e.Model == model {
			attempts += e.Requests - e.Calls
		}
	}
	return attempts
}

func (s PlannedStep) due(e plugins.CallEstimate, phase string) int64 {
	c, ok := s.step.(plugins.Course)
	if !ok {
		return e.Calls
	}
	from, to := c.Warmup(), lengthOf(c.Stages())
	if i := slices.IndexFunc(s.phases, func(x record.Phase) bool { return x.Name == phase }); i >= 0 {
		from = max(from, time.Duration(s.phases[i].Start))
		to = time.Duration(s.phases[i].Start + s.phases[i].Length)
	}
	if n, ok := c.Due(e.Model, from, to); ok {
		return n
	}
	return e.Calls
}

func of(model string) string {
	if model == "" {
		return ""
	}
	return " [" + model + "]"
}

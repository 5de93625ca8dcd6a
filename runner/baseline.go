package runner

import (
	"fmt"
	"strings"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// baselineName is what names of the baseline begin with.
const baselineName = "baseline"

// ofBaseline is the name that is read of the baseline, if it is.
func ofBaseline(name string) (string, bool) { return strings.CutPrefix(name, baselineName+".") }

// WithoutBaseline lists the assertions that read an earlier run, where the plan
// has none: they could not be decided.
func (p *Plan) WithoutBaseline() (out scenarios.Problems) {
	if p.Baseline != nil {
		return nil
	}
	for _, a := range p.assertions {
		if !reads(a.program, baselineName) {
			continue
		}
		before, _, _ := strings.Cut(a.written.Expr.Value, baselineName+".")
		out = append(out, scenarios.Problem{Pos: a.written.ExprNode.Place(len([]rune(before))), Width: len(baselineName), Code: "no-baseline",
			Message: "this assertion reads an earlier run, and none is given", Hint: "give the folder of that run with --baseline DIR"})
	}
	return out
}

// Lacking says what of the baseline has no data that assertions read.
func (p *Plan) Lacking() (out []string) {
	for _, a := range p.assertions {
		if p.Baseline == nil {
			break
		}
		for _, name := range a.program.Reads() {
			rest, ok := ofBaseline(name)
			if !ok {
				continue
			}
			for _, model := range a.models {
				if reading, word, _ := read(p.Baseline, model, rest); !reading.Known && word == "" {
					out = append(out, fmt.Sprintf("%s%s: the baseline has no data for %s: it cannot be decided", record.CleanLine(a.written.Name.Value), of(model), rest))
				}
			}
		}
	}
	return out
}

// baseline names the earlier run in the record of this one.
func (p *Plan) baseline() *record.Baseline {
	b := p.Baseline
	if b == nil {
		return nil
	}
	return &record.Baseline{Scenario: record.CleanLine(b.Scenario.Name), Digest: record.CleanLine(b.Scenario.Digest), Started: b.Started, Verdict: record.Verdict(record.CleanLine(string(b.Verdict)))}
}

package runner

import (
	"fmt"
	"slices"
	"time"

	"github.com/loadline-dev/loadline/internal/expression"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// phases says which parts of the steps an assertion can read: the stages of a
// ramp, and windows at its end.
func (p *Plan) phases() expression.Phases {
	metrics := expression.Names{}
	for _, m := range record.Metrics {
		if m.FromCalls != nil {
			metrics[m.Name] = expression.Number
		}
	}
	out := expression.Phases{}
	for _, s := range p.Steps {
		c, ok := s.step.(plugins.Course)
		if !ok {
			continue
		}
		pieces := c.Stages()
		in := expression.Phased{Stages: stageNames(pieces), Longest: max(0, lengthOf(pieces)-c.Warmup()), Names: metrics}
		out[s.Name], out[baselineName+"."+s.Name] = in, in
	}
	return out
}

// stageNames are the names of all pieces, and of what the scenario named that
// has two.
func stageNames(pieces []plugins.Piece) (out []string) {
	for _, x := range pieces {
		for _, name := range []string{x.Of, x.Name} {
			if name != "" && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

func lengthOf(pieces []plugins.Piece) (d time.Duration) {
	for _, x := range pieces {
		d += x.Length
	}
	return d
}

// phaseOf is a part of a ramp that an assertion reads.
func phaseOf(x expression.Phase, pieces []plugins.Piece) record.Phase {
	out := record.Phase{Name: x.Name}
	if x.Last > 0 {
		out.Start, out.Length = record.Duration(lengthOf(pieces)-x.Last), record.Duration(x.Last)
		return out
	}
	for i, piece := range pieces {
		if piece.Name != x.Stage && piece.Of != x.Stage {
			continue
		}
		if out.Stages == nil {
			out.Start = record.Duration(piece.Start)
		}
		out.Stages = append(out.Stages, i)
		out.Length += record.Duration(piece.Length)
	}
	return out
}

// keep remembers which parts of steps an assertion reads, so that they are added
// up in the run.
func (p *Plan) keep(a assertion, problem func(scenarios.Problem)) {
	for _, x := range a.program.Phases() {
		i := slices.IndexFunc(p.Steps, func(s PlannedStep) bool { return s.Name == x.Of })
		if i < 0 {
			continue // of the baseline
		}
		s := &p.Steps[i]
		c := s.step.(plugins.Course)
		phase := phaseOf(x, c.Stages())
		if end := time.Duration(phase.Start + phase.Length); end <= c.Warmup() {
			problem(scenarios.Problem{Pos: a.written.ExprNode.Place(0), Code: "stage-in-warmup",
				Message: fmt.Sprintf("nothing of %s.%s is measured: it ends after %s, and the warm-up takes %s", x.Of, x.Name, end, c.Warmup()), Hint: "shorten the warm-up, or read another stage"})
		}
		if !slices.ContainsFunc(s.phases, func(y record.Phase) bool { return y.Name == phase.Name }) {
			s.phases = append(s.phases, phase)
		}
	}
}

package runner

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/loadline-dev/loadline/internal/expression"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// assertion is an assertion as understood.
type assertion struct {
	written scenarios.Assertion
	program *expression.Program
	models  []string // "" alone for scope: run
}

const scopeRun = "run"

// quotaFields are what a quota has to read.
var quotaFields = map[string]expression.Type{"applied": expression.Number, "default": expression.Number, "adjustable": expression.Bool}

// names are what an assertion can read: the metrics of each step by its name,
// the quotas and the capacity of a model where a step discovers them, and all of
// it in the baseline.
func (p *Plan) names(scope string) expression.Names {
	names := expression.Names{}
	for _, s := range p.Steps {
		for _, m := range record.Metrics {
			if m.Kind() == s.Kind {
				names[s.Name+"."+m.Name] = expression.Number
			}
		}
		if m, ok := s.step.(plugins.Measurer); ok {
			for _, name := range m.Measures() {
				names[s.Name+"."+name] = expression.Number
			}
		}
		if s.Kind == record.KindLoad && scope != scopeRun {
			names[s.Name+"."+record.BoundByName] = expression.Text(record.Bounds...)
			names[s.Name+"."+record.AlgorithmName] = expression.Text(record.Algorithms...)
		}
	}
	if scope != scopeRun && p.discovers() {
		for _, d := range quotas.Dimensions {
			for field, t := range quotaFields {
				names["quota."+d+"."+field] = t
			}
		}
		for _, f := range record.CapacityFields {
			names["capacity."+f.Name] = capacityType(f)
		}
	}
	for _, name := range slices.Collect(maps.Keys(names)) {
		names[baselineName+"."+name] = names[name]
	}
	return names
}

func capacityType(f record.CapacityField) expression.Type {
	switch {
	case f.Words != nil:
		return expression.Text(f.Words...)
	case f.Bool:
		return expression.Bool
	}
	return expression.Number
}

func (p *Plan) discovers() bool {
	return slices.ContainsFunc(p.Steps, func(s PlannedStep) bool { return s.Kind == kindDiscover })
}

// bindAssertions understands the assertions. Broken says that the steps have
// problems, for which a ramp may have no stages.
func (p *Plan) bindAssertions(broken bool, problem func(scenarios.Problem)) {
	binding := &plugins.Binding{Problem: func(x scenarios.Problem) {
		if x.Code == "unknown-name" && len(p.Steps) < p.Scenario.StepsWritten() || broken && (x.Code == "no-phases" || x.Code == "bad-window") {
			return // its step has a problem of its own
		}
		problem(p.explain(x))
	}}
	for _, w := range p.Scenario.Assert {
		a := assertion{written: w, program: binding.Compile(w.ExprNode, p.names(w.Scope.Value), p.phases())}
		if a.program == nil {
			continue
		}
		if a.models = p.scope(w, a.program, problem); a.models != nil {
			p.keep(a, problem)
			p.assertions = append(p.assertions, a)
		}
	}
}

// explain adds to an unknown name what the scenario lacks for it.
func (p *Plan) explain(x scenarios.Problem) scenarios.Problem {
	if x.Code == "unknown-name" && (x.Message == `unknown name "quota"` || x.Message == `unknown name "capacity"`) {
		x.Hint = "quotas and capacity are read for each model, after a step `- discover: {}`; they are not there for scope: run"
	}
	return x
}

// scope lists the models for which an assertion is judged: those it names, or
// all that are in every step that it reads.
func (p *Plan) scope(w scenarios.Assertion, program *expression.Program, problem func(scenarios.Problem)) []string {
	if w.Scope.Value == scopeRun {
		return []string{""}
	}
	var models []string
	for _, m := range p.Models {
		models = append(models, m.Name)
	}
	for _, s := range p.Steps {
		if !reads(program, s.Name) {
			continue
		}
		for _, f := range w.For {
			if name := record.CleanLine(f.Value); !slices.Contains(s.Models, name) {
				problem(scenarios.Problem{Pos: f.Pos, Width: len([]rune(f.Value)), Code: "model-not-in-step",
					Message: fmt.Sprintf("step %s, which this assertion reads, does not have model %s", s.Name, name), Hint: "add the model to the step, or take it out of `for`"})
				return nil
			}
		}
		models = slices.DeleteFunc(models, func(m string) bool { return !slices.Contains(s.Models, m) })
	}
	if len(w.For) > 0 {
		models = nil
		for _, f := range w.For {
			models = append(models, record.CleanLine(f.Value))
		}
	}
	if len(models) == 0 {
		problem(scenarios.Problem{Pos: w.Expr.Pos, Code: "no-model", Message: "no model is in all the steps that this assertion reads", Hint: "split the assertion, or let the steps have a model in common"})
		return nil
	}
	return models
}

func reads(program *expression.Program, step string) bool {
	return slices.ContainsFunc(program.Reads(), func(name string) bool { return strings.HasPrefix(name, step+".") })
}

package runner

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/families"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// Plan is a scenario as understood: every name resolved, every expression
// compiled, the most it can use known. Nothing has been sent.
type Plan struct {
	Scenario *scenarios.Scenario
	Models   []plugins.Model
	Steps    []PlannedStep
	Cost     record.Cost // the worst case of all steps

	assertions []assertion
}

// PlannedStep is one step of a plan.
type PlannedStep struct {
	Name, Kind string
	Models     []string
	Estimate   plugins.Estimate

	step plugins.Step
}

// NewPlan binds a scenario to a set of plugins. The plan is complete only
// where there are no problems.
func NewPlan(s *scenarios.Scenario, set plugins.Set) (*Plan, scenarios.Problems) {
	p := &Plan{Scenario: s}
	var problems scenarios.Problems
	problem := func(x scenarios.Problem) { problems = append(problems, x) }
	set.Families = slices.Concat(declared(s.Families, set.Families, problem), set.Families)
	p.bindModels(set, problem)
	binding := &plugins.Binding{Models: p.Models, Request: s.Request, Folder: filepath.Dir(s.File), Seed: s.Seed.Value, Problem: problem}
	for _, written := range s.Steps {
		i := slices.IndexFunc(set.Steps, func(k plugins.StepKind) bool { return k.Name == written.Kind.Value })
		if i < 0 {
			continue // the loader has reported it
		}
		p.bindName(written, problem)
		step := PlannedStep{Name: written.Name.Value, Kind: written.Kind.Value, step: set.Steps[i].Bind(binding, written)}
		for _, m := range binding.Select(written.Body.Get("models")) {
			step.Models = append(step.Models, m.Name)
		}
		p.Steps = append(p.Steps, step)
	}
	p.bindAssertions(problem)
	if len(problems) == 0 {
		p.estimate()
	}
	return p, problems.Sort()
}

func (p *Plan) bindModels(set plugins.Set, problem func(scenarios.Problem)) {
	all := set.Families
	seen := map[string]scenarios.Pos{}
	for _, w := range p.Scenario.Models {
		name := record.CleanLine(w.Name.Value)
		if first, ok := seen[name]; ok {
			problem(scenarios.Problem{Pos: w.Name.Pos, Width: len([]rune(w.Name.Value)), Code: "duplicate-model",
				Message: fmt.Sprintf("this name looks like the one at line %d once its invisible characters are gone", first.Line), Hint: "give the models names that can be told apart"})
			continue
		}
		seen[name] = w.Name.Pos
		id := quotas.Identify(w.ID.Value)
		m := plugins.Model{Name: name, Pos: w.ID.Pos, ID: w.ID.Value, BaseID: id.Base, Scope: id.Scope, Family: families.Of(id.Base, all), Request: w.Request, Quotas: map[string]string{}}
		tariff := func(base, scope string) plugins.Tariff { return tariffOf(w, base, scope, set.Prices) }
		m.Tariff, m.Limits = tariff(id.Base, id.Scope), families.LimitsOf(id.Base)
		if id.Base == "" {
			m.TariffOf = tariff
		}
		if w.Family.Written() {
			m.Family = family(w.Family, all, m.Family, problem)
		}
		if w.Limits.Context.Written() {
			m.Limits.ContextWindow = w.Limits.Context.Value
		}
		if w.Limits.Output.Written() {
			m.Limits.MaxOutput = w.Limits.Output.Value
		}
		for dimension, code := range w.Quotas {
			m.Quotas[dimension] = code.Value
		}
		p.Models = append(p.Models, m)
	}
}

// tariffOf is what the calls of a model cost: as the scenario says, or else by
// the newest list or table.
func tariffOf(w scenarios.Model, base, scope string, listed func(base, scope string) *plugins.Price) plugins.Tariff {
	t := families.TariffOf(base, time.Time{})
	if listed != nil {
		if p := listed(base, scope); p != nil {
			t.Price = p
		}
	}
	if w.Price != nil {
		t.Price = &plugins.Price{Input: w.Price.Input.Value, Output: w.Price.Output.Value, Source: "the scenario"}
		if read := w.Price.CacheRead; read.Written() {
			t.Price.CacheRead = &read.Value
		}
		if write := w.Price.CacheWrite; write.Written() {
			t.Price.CacheWrite = &write.Value
		}
	}
	if w.Burndown.Written() {
		t.Burndown = w.Burndown.Value
	}
	return t
}

// family is the one that a model names or, where there is none of that name,
// the one that it has by its id.
func family(w scenarios.At[string], all []plugins.Family, byID plugins.Family, problem func(scenarios.Problem)) plugins.Family {
	var names []string
	for _, f := range all {
		if f.Name == w.Value {
			return f
		}
		names = append(names, f.Name)
	}
	hint := "there are: " + strings.Join(names, ", ")
	if near, ok := scenarios.Closest(w.Value, names); ok {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	problem(scenarios.Problem{Pos: w.Pos, Width: len([]rune(w.Value)), Code: "unknown-family", Message: fmt.Sprintf("there is no model family %q", w.Value), Hint: hint})
	return byID
}

// reservedNames cannot be names of steps: they stand beside the steps' names
// in an expression or in a model of run.json.
var reservedNames = slices.Concat(record.ModelKeys, []string{"quota", "capacity", "baseline", "ambient", "true", "false", "nil", "and", "or", "not", "in", "let", "if", "else", "matches", "contains", "startsWith", "endsWith", "abs", "ceil", "floor", "round", "min", "max"})

func (p *Plan) bindName(w scenarios.Step, problem func(scenarios.Problem)) {
	if slices.Contains(reservedNames, w.Name.Value) {
		problem(scenarios.Problem{Pos: w.Name.Pos, Width: len(w.Name.Value), Code: "reserved-name", Message: fmt.Sprintf("a step cannot be named %q: the word has a meaning of its own", w.Name.Value), Hint: "choose another name"})
	}
}

// estimate adds up the worst case.
func (p *Plan) estimate() {
	usd := 0.0
	var length time.Duration
	for i := range p.Steps {
		e := p.Steps[i].step.Estimate()
		p.Steps[i].Estimate = e
		length += e.Duration
		for _, c := range e.Calls {
			p.Cost.Requests += c.Requests
			p.Cost.ReservedTokens += c.Reserved
			p.Cost.Tokens += c.Settled
			if c.USD != nil {
				usd += *c.USD
			} else if !slices.Contains(p.Cost.Unpriced, c.Model) {
				p.Cost.Unpriced = append(p.Cost.Unpriced, c.Model)
			}
		}
	}
	p.Cost.Duration = record.Duration(length)
	if len(p.Cost.Unpriced) == 0 {
		p.Cost.USD = &usd
	}
}

// Seed is the seed of the run.
func (p *Plan) Seed() uint64 { return p.Scenario.Seed.Value }

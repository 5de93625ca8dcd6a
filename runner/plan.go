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
	// Baseline is the earlier run that assertions read as baseline; nil without one.
	Baseline *record.Run

	assertions []assertion
}

// PlannedStep is one step of a plan.
type PlannedStep struct {
	Name, Kind string
	Models     []string
	Estimate   plugins.Estimate
	// Beside: it runs at the same time as the step before it.
	Beside bool

	step   plugins.Step
	phases []record.Phase // that assertions read
}

// NewPlan binds a scenario to a set of plugins. The plan is complete only
// where there are no problems.
func NewPlan(s *scenarios.Scenario, set plugins.Set) (*Plan, scenarios.Problems) {
	p := &Plan{Scenario: s}
	var problems scenarios.Problems
	problem := func(x scenarios.Problem) { problems = append(problems, x) }
	set.Families = slices.Concat(declared(s.Families, set.Families, problem), set.Families)
	p.bindModels(set, problem)
	binding := &plugins.Binding{Models: p.Models, Request: s.Request, Folder: filepath.Dir(s.File), Seed: p.Seed(), Budget: s.Budget, Steps: s.Steps, Now: set.Now, Problem: problem}
	for _, written := range s.Steps {
		i := slices.IndexFunc(set.Steps, func(k plugins.StepKind) bool { return k.Name == written.Kind.Value })
		if i < 0 {
			continue // the loader has reported it
		}
		p.bindName(written, problem)
		step := PlannedStep{Name: written.Name.Value, Kind: written.Kind.Value, Beside: written.Beside, step: set.Steps[i].Bind(binding, written)}
		models := binding.Select(written.Body.Get("models"))
		if n, ok := step.step.(plugins.Narrower); ok {
			models = n.Concerns()
		}
		for _, m := range models {
			step.Models = append(step.Models, m.Name)
		}
		p.Steps = append(p.Steps, step)
		binding.Discovers = binding.Discovers || step.Kind == kindDiscover
	}
	p.notBeside(problem)
	p.bindAssertions(len(problems) > 0, problem)
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
var reservedNames = slices.Concat(record.ModelKeys, []string{"quota", "capacity", baselineName, "ambient", "true", "false", "nil", "and", "or", "not", "in", "let", "if", "else", "matches", "contains", "startsWith", "endsWith", "abs", "ceil", "floor", "round", "min", "max"})

func (p *Plan) bindName(w scenarios.Step, problem func(scenarios.Problem)) {
	if slices.Contains(reservedNames, w.Name.Value) {
		problem(scenarios.Problem{Pos: w.Name.Pos, Width: len(w.Name.Value), Code: "reserved-name", Message: fmt.Sprintf("a step cannot be named %q: the word has a meaning of its own", w.Name.Value), Hint: "choose another name"})
	}
}

// kindDiscover is the kind of step on whose results others build.
const kindDiscover = "discover"

// notBeside refuses a discover step that runs at the same time as others: they
// could not know whether it is done.
func (p *Plan) notBeside(problem func(scenarios.Problem)) {
	steps := p.Scenario.Steps
	for i, s := range steps {
		if s.Kind.Value == kindDiscover && (s.Beside || i+1 < len(steps) && steps[i+1].Beside) {
			problem(scenarios.Problem{Pos: s.Kind.Pos, Width: len(s.Kind.Value), Code: "not-parallel", Message: "discover cannot run at the same time as other steps, which may build on it", Hint: "put it before parallel"})
		}
	}
}

// groups are the steps in the order in which they run; those of a group run at
// the same time.
func (p *Plan) groups() (out [][]PlannedStep) {
	for _, s := range p.Steps {
		if !s.Beside {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], s)
	}
	return out
}

// estimate adds up the worst case: of what runs at the same time, the longest
// duration.
func (p *Plan) estimate() {
	var all, fixed sums
	var length, longest time.Duration
	open := false
	for i := range p.Steps {
		e := p.Steps[i].step.Estimate()
		p.Steps[i].Estimate = e
		if !p.Steps[i].Beside {
			length, longest = length+longest, 0
		}
		longest = max(longest, e.Duration)
		open = open || e.Open
		for _, c := range e.Calls {
			all.add(c)
			if !e.Open {
				fixed.add(c)
			}
			if c.USD == nil && !slices.Contains(p.Cost.Unpriced, c.Model) {
				p.Cost.Unpriced = append(p.Cost.Unpriced, c.Model)
			}
		}
	}
	if open {
		all.cap(fixed, p.caps())
	}
	p.Cost.Requests, p.Cost.ReservedTokens, p.Cost.Tokens = all.requests, all.reserved, all.settled
	p.Cost.Duration = record.Duration(length + longest)
	if len(p.Cost.Unpriced) == 0 {
		p.Cost.USD = &all.usd
	}
}

// Discovered makes the plan anew with what is known of the models, by name. The
// error says which step could not run, and why.
func (p *Plan) Discovered(models map[string]*record.Model) error {
	for i := range p.Steps {
		k, ok := p.Steps[i].step.(plugins.Knower)
		if !ok {
			continue
		}
		step, err := k.Know(models)
		if err != nil {
			return fmt.Errorf("step %s: %w", p.Steps[i].Name, err)
		}
		p.Steps[i].step = step
	}
	p.Cost = record.Cost{}
	p.estimate()
	return nil
}

// sums add up estimates.
type sums struct {
	requests, reserved, settled int64
	usd                         float64
}

func (s *sums) add(c plugins.CallEstimate) {
	s.requests += c.Requests
	s.reserved += c.Reserved
	s.settled += c.Settled
	if c.USD != nil {
		s.usd += *c.USD
	}
}

// cap bounds sums that hold steps of which only the run knows how much they
// send: no more than the budget, which the guard keeps, or than what the other
// steps need at least, if that is over it.
func (s *sums) cap(fixed sums, c caps) {
	bound := func(v *int64, least, most int64) {
		if most >= 0 {
			*v = min(*v, max(least, most))
		}
	}
	bound(&s.requests, fixed.requests, c.requests)
	bound(&s.reserved, fixed.reserved, c.tokens)
	bound(&s.settled, fixed.settled, c.tokens)
	if c.nanoUSD >= 0 {
		s.usd = min(s.usd, max(fixed.usd, float64(c.nanoUSD)/1e9))
	}
}

// Seed is the seed of the run.
func (p *Plan) Seed() uint64 { return p.Scenario.Seed.Value }

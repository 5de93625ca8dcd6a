package steps

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// The keys of a monitor step that reconciles.
var (
	reconcileKey = scenarios.Key{Name: "reconcile", Doc: "The name of a load step before this one: wait until CloudWatch has its calls, and compare them with ours by their outcomes. The window is then the minutes of that step, and the models are its models.", Type: scenarios.Name(), Example: "ramp"}
	settleKey    = scenarios.Key{Name: "settle", Doc: "How long `reconcile` waits at most for CloudWatch to have all calls. It shows a minute one to three minutes after its end; two minutes more without a change tell that it is done. Where it is not by then, `agreement` has no data.", Type: scenarios.Duration(leastSettle, time.Hour), Default: "10m"}
)

// reconciling is a monitor step that waits for CloudWatch to settle after a load
// step, and compares.
type reconciling struct {
	monitor
	of     string // the load step
	settle time.Duration
}

// bindReconcile binds a monitor step, and makes it one that reconciles where the
// scenario says so.
func bindReconcile(b *plugins.Binding, s scenarios.Step) plugins.Step {
	m := bindMonitor(b, s).(monitor)
	n := s.Body.Get("reconcile")
	if n == nil {
		if alone := s.Body.Get("settle"); alone != nil {
			b.Problem(scenarios.Problem{Pos: alone.Pos(), Width: len([]rune(alone.Text())), Code: "settle-without-reconcile",
				Message: "settle is how long reconcile waits, and this step reconciles nothing", Hint: "add reconcile with the name of a load step before this one, or leave settle out"})
		}
		return m
	}
	r := reconciling{monitor: m, of: n.Text(), settle: monitorType.Get(s.Body, "settle").Duration()}
	for _, key := range []string{"window", "period", "from", "to"} {
		if own := s.Body.Get(key); own != nil {
			b.Problem(scenarios.Problem{Pos: own.Pos(), Width: len([]rune(own.Text())), Code: "window-of-step",
				Message: fmt.Sprintf("a step that reconciles reads the minutes of step %s, and has no %s of its own", r.of, key), Hint: "leave " + key + " out, or write a second monitor step for it"})
		}
	}
	load, problem := loadBefore(b, s, n)
	if problem.Code != "" {
		problem.Pos, problem.Width = n.Pos(), len([]rune(n.Text()))
		b.Problem(problem)
		return r
	}
	called := b.Select(load.Body.Get("models"))
	if s.Body.Get("models") == nil {
		r.monitor = r.monitor.on(b, called)
	}
	for _, item := range s.Body.Get("models").Items() {
		if !slices.ContainsFunc(called, func(m plugins.Model) bool { return m.Name == record.CleanLine(item.Text()) }) {
			b.Problem(scenarios.Problem{Pos: item.Pos(), Width: len([]rune(item.Text())), Code: "model-not-in-step",
				Message: fmt.Sprintf("step %s does not call model %s, so there is nothing to reconcile", r.of, item.Text()), Hint: "take the model out, or add it to that step"})
		}
	}
	return r
}

// loadBefore is the load step that a step reconciles with, or what is wrong.
func loadBefore(b *plugins.Binding, s scenarios.Step, n *scenarios.Node) (load scenarios.Step, p scenarios.Problem) {
	place := func(name string) int {
		return slices.IndexFunc(b.Steps, func(x scenarios.Step) bool { return x.Name.Value == name })
	}
	own, at := place(s.Name.Value), place(n.Text())
	var loads []string
	for _, x := range b.Steps[:max(0, own)] {
		if x.Kind.Value == record.KindLoad {
			loads = append(loads, x.Name.Value)
		}
	}
	p.Hint = "load steps before this one: " + strings.Join(loads, ", ")
	if len(loads) == 0 {
		p.Hint = "put a load step before this one"
	}
	if near, ok := scenarios.Closest(n.Text(), loads); ok && at < 0 {
		p.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	switch {
	case at < 0:
		p.Code, p.Message = "unknown-step", fmt.Sprintf("there is no step %q", n.Text())
	case b.Steps[at].Kind.Value != record.KindLoad:
		p.Code, p.Message = "no-calls", fmt.Sprintf("step %s is of the kind %s, and sends no calls to reconcile", n.Text(), b.Steps[at].Kind.Value)
	case at > own:
		p.Code, p.Message, p.Hint = "step-comes-later", fmt.Sprintf("step %s comes after this one", n.Text()), "put this step behind it"
	case s.Beside || own+1 < len(b.Steps) && b.Steps[own+1].Beside:
		p.Code, p.Message, p.Hint = "not-parallel", "a step that reconciles cannot run at the same time as others: their calls could not be told from those of others", "put it behind parallel"
	default:
		return b.Steps[at], scenarios.Problem{}
	}
	return load, p
}

// Concerns are the models that the step is about.
func (r reconciling) Concerns() []plugins.Model { return r.models }

func (r reconciling) Estimate() plugins.Estimate {
	e := r.monitor.Estimate()
	e.Duration += r.settle
	reads := int(r.settle/pollEvery) + 1
	metrics := len(seriesOf("")) * len(record.EventMetrics)
	e.Notes = append(e.Notes, fmt.Sprintf("it reads CloudWatch up to %d times until it has settled, %d metrics for each model: up to USD %.4f a model, at USD 0.01 for 1,000", reads, metrics, float64(reads*metrics)*1e-5))
	return e
}

// seriesOf are the names of CloudWatch under which the calls by an id are counted.
func seriesOf(name string) []string { return []string{name, quotas.OptimizedSeries(name)} }

func (r reconciling) Run(ctx context.Context, env *plugins.Env) (plugins.Result, error) {
	list, window, notes := r.ours(env)
	window.Zone = r.span.zone
	all := make([]*settling, len(list))
	for i := range list {
		all[i] = &settling{expected: list[i].expected}
	}
	read := func(ctx context.Context) ([]told, error) { return readTold(ctx, env.AWS, list, window) }
	if err := settle(ctx, env, all, window.End, r.settle, read); err != nil {
		return plugins.Result{}, fmt.Errorf("read CloudWatch to reconcile step %s: %w", r.of, err)
	}
	out, err := r.over(ctx, env, window)
	if err != nil {
		return out, err
	}
	out.Step.Notes = append(out.Step.Notes, notes...)
	for i, s := range all {
		a := list[i].Agreement
		a.Settled, a.Why = s.settled, s.why
		if !s.settled {
			a.Why = s.unsettled(r.settle)
		}
		a.Waited = record.Duration(s.waited)
		a.Agree(s.expected, s.last)
		out.Step.Agreement = append(out.Step.Agreement, a)
		for _, m := range a.Models {
			if v, ok := out.Values[m]; ok {
				maps.Copy(v, a.Values())
			}
		}
	}
	total := record.Agreed(out.Step.Agreement)
	maps.Copy(out.Totals, total.Values())
	return out, nil
}

// called is an id that the step calls, before it is compared.
type called struct {
	record.Agreement
	name     string // of the id in CloudWatch
	expected record.Expected
}

// ours are the calls of this run to the ids of the step, and the minutes in which
// AWS counted them: outward to whole ones, with room for clocks that differ.
// Minutes cannot be split: another load step that called the same ids within
// them counts as well.
func (r reconciling) ours(env *plugins.Env) (out []called, w record.Window, notes []string) {
	names := map[string]string{} // of models to those of their ids
	for name, m := range env.Models {
		names[name] = quotas.Series(m.ID)
	}
	for _, m := range r.models {
		id := quotas.Series(m.ID)
		if !slices.ContainsFunc(out, func(c called) bool { return c.name == id }) {
			out = append(out, called{name: id, Agreement: record.Agreement{ID: record.CleanLine(id)}})
		}
	}
	calls := func(s record.Step) bool {
		for name, id := range names {
			if env.Log.Fold(s.Name, name) != nil && slices.ContainsFunc(out, func(c called) bool { return c.name == id }) {
				return true
			}
		}
		return false
	}
	ran := slices.DeleteFunc(slices.Clone(env.Ran), func(s record.Step) bool { return s.Kind != record.KindLoad || !calls(s) && s.Name != r.of })
	w.Period = record.Duration(time.Minute)
	in := map[string]bool{}
	for more := true; more; {
		more = false
		for _, s := range ran {
			from, to := minutesOf(s)
			if in[s.Name] || s.Name != r.of && (w.Start.IsZero() || !from.Before(w.End) || !w.Start.Before(to)) {
				continue
			}
			in[s.Name], more = true, true
			if w.Start.IsZero() || from.Before(w.Start) {
				w.Start = from
			}
			if to.After(w.End) {
				w.End = to
			}
		}
	}
	for i := range out {
		c := &out[i]
		for _, name := range slices.Sorted(maps.Keys(names)) {
			for _, s := range ran {
				if f := env.Log.Fold(s.Name, name); in[s.Name] && f != nil && names[name] == c.name {
					c.expected.Merge(f.Expected())
					c.expected.MayBe(fittedByCall(s, name))
					c.add(name, s.Name)
				}
			}
		}
	}
	if len(in) > 1 {
		notes = append(notes, fmt.Sprintf("steps %s share minutes with step %s and called the same ids, so their calls are compared together", strings.Join(besides(ran, in, r.of), ", "), r.of))
	}
	return out, w, notes
}

func (c *called) add(model, step string) {
	if !slices.Contains(c.Models, model) {
		c.Models = append(c.Models, model)
	}
	if !slices.Contains(c.Steps, step) {
		c.Steps = append(c.Steps, step)
	}
}

func besides(ran []record.Step, in map[string]bool, but string) (out []string) {
	for _, s := range ran {
		if in[s.Name] && s.Name != but {
			out = append(out, s.Name)
		}
	}
	return out
}

// minutesOf are the minutes in which AWS may have counted the calls of a step.
func minutesOf(s record.Step) (from, to time.Time) {
	from = s.Started.UTC().Add(-record.ClockSkew).Truncate(time.Minute)
	to = s.Ended.UTC().Add(record.ClockSkew)
	if whole := to.Truncate(time.Minute); !whole.Equal(to) {
		to = whole.Add(time.Minute)
	}
	return from, to
}

// fittedByCall is how many calls of a step fitted the prompt of a model: they are
// no part of the ramp.
func fittedByCall(s record.Step, model string) (n int) {
	if s.Load == nil {
		return 0
	}
	for _, p := range s.Load.Prompts {
		if p.Model == model && p.By != byCount {
			n++
		}
	}
	return n
}

// readTold reads what CloudWatch counted of each id over a window.
func readTold(ctx context.Context, aws plugins.AWS, list []called, w record.Window) ([]told, error) {
	var ids []string
	for _, c := range list {
		ids = append(ids, seriesOf(c.name)...)
	}
	points, err := aws.Measure(ctx, sumsOf(ids, record.EventMetrics), w)
	if err != nil {
		return nil, err
	}
	out := make([]told, len(list))
	for _, p := range points {
		i := slices.IndexFunc(list, func(c called) bool { return slices.Contains(seriesOf(c.name), p.Dimension(plugins.DimensionModel)) })
		k := slices.Index(record.EventMetrics, p.Metric)
		for _, v := range p.Values {
			if i < 0 || k < 0 || v == nil {
				continue
			}
			if out[i] == nil {
				out[i] = new([4]float64)
			}
			if record.Finite(v) != nil && *v > 0 {
				out[i][k] += *v
			}
		}
	}
	return out, nil
}

package runner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// Options say how to run a plan.
type Options struct {
	Target  string    // aws or simulated
	Version string    // of the program
	Journal io.Writer // takes the calls; nil keeps none
	Report  func(plugins.Progress)
	// Generator is how the program is set up that runs the plan; nil where time
	// is not the machine's own (testing/synctest).
	Generator *record.Generator
	// Content keeps in the record what the scenario sends; else its prompts,
	// system texts and bodies are masked in it.
	Content bool
}

// Interrupt is the cause of a context that was cancelled by a signal.
type Interrupt struct {
	Signal string
	Status int // the exit status for it
}

func (i Interrupt) Error() string { return "interrupted by " + i.Signal }

// flushOffset is half a microsecond: see flushing.
const flushOffset = 500 * time.Nanosecond

var errDuration = errors.New("budget.duration is over")

// Run does the steps in order and judges what they measured. The record is
// always complete; its Exit and Problem tell how the run ended. When ctx is
// done, no further call is sent, those under way may end, and the steps that
// are left do not run.
func (p *Plan) Run(ctx context.Context, aws plugins.AWS, o Options) *record.Run {
	started := time.Now()
	g := &guard{AWS: aws, caps: p.caps()}
	if d := p.Scenario.Budget.Duration; d.Written() {
		g.end = started.Add(d.Value)
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, d.Value, errDuration)
		defer cancel()
	}
	r := p.open(o, started)
	log := record.NewLog(o.Journal)
	env := plugins.Env{AWS: g, Log: log, Models: map[string]*record.Model{}, Real: o.Generator != nil}
	for i := range r.Models {
		env.Models[r.Models[i].Name] = &r.Models[i]
	}
	var reporting sync.Mutex
	env.Report = func(x plugins.Progress) {
		reporting.Lock()
		defer reporting.Unlock()
		o.Report(x)
	}
	err := p.meet(ctx, g, r)
	log.Open(r)
	spent := func() record.Cost { return g.spent(p.Cost.Unpriced) }
	defer flushing(log, spent)()
	for _, group := range p.groups() {
		if err != nil || ctx.Err() != nil {
			break
		}
		err = p.together(ctx, group, env, r)
		env.Ran = r.Steps
	}
	r.Spent = spent()
	log.Spend(spent)
	if closing := log.Close(); err == nil {
		err = closing
	}
	p.freeze(ctx, r, err)
	return r
}

// flushing writes the journal out every second, also where calls come more
// slowly, with what was spent so far, until it is told to stop.
func flushing(log *record.Log, spent func() record.Cost) (stop func()) {
	// At an instant at which no call goes out or ends: those are at whole
	// microseconds, or beside them by less than half of one.
	tick, over := time.NewTimer(time.Second+flushOffset), make(chan struct{})
	go func() {
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
				log.Spend(func() record.Cost {
					sofar, now := spent(), time.Now().UTC()
					sofar.Until = &now
					return sofar
				})
				tick.Reset(time.Second)
			}
		}
	}()
	return func() { close(over) }
}

// open begins the record with what is known before anything is sent.
func (p *Plan) open(o Options, started time.Time) *record.Run {
	s := p.Scenario
	sum := sha256.Sum256(s.Source)
	source := s.Masked()
	if o.Content {
		source = string(s.Source)
	}
	r := &record.Run{
		SchemaVersion: record.SchemaVersion,
		Tool:          record.Tool{Name: "loadline", Version: o.Version},
		Scenario: record.Scenario{
			Name: record.CleanLine(s.Name.Value), Description: record.Clean(s.Description.Value), File: record.CleanLine(filepath.ToSlash(s.File)),
			Digest: "sha256:" + hex.EncodeToString(sum[:]), Source: record.CleanAll(source),
		},
		Target: record.Target{Kind: o.Target}, Started: started.UTC(), Seed: p.Seed(), Generator: o.Generator, Baseline: p.baseline(),
		Plan: p.Cost, Totals: map[string]record.Values{}, Steps: []record.Step{}, Series: []record.Series{}, Artifacts: []record.Artifact{},
	}
	for _, m := range p.Models {
		known := record.Model{Name: m.Name, ID: record.CleanLine(m.ID), BaseID: record.CleanLine(m.BaseID), Family: m.Family.Name, Scope: m.Scope, Steps: map[string]record.Values{}}
		if m.TariffOf == nil {
			known.Burndown = m.Tariff.Burndown
		}
		r.Models = append(r.Models, known)
	}
	return r
}

// meet finds out whose account this is, and refuses one that the scenario does
// not expect.
func (p *Plan) meet(ctx context.Context, aws plugins.AWS, r *record.Run) error {
	who, err := aws.Identity(ctx)
	if err != nil {
		return fmt.Errorf("find out whose account this is: %w", err)
	}
	r.Target.Account, r.Target.Region = record.CleanLine(who.Account), record.CleanLine(who.Region)
	if want := p.Scenario.ExpectAccount; want.Written() && want.Value != who.Account {
		return fmt.Errorf("the credentials are for account %s, and the scenario expects %s: use other credentials, or change expect_account", who.Account, want.Value)
	}
	return nil
}

// ran is a step that has run.
type ran struct {
	plugins.Result
	err error
}

// together runs the steps of a group at the same time, and puts what they
// measured into the record in the order of the plan. Where one of them fails,
// the others end as after a signal.
func (p *Plan) together(ctx context.Context, group []PlannedStep, env plugins.Env, r *record.Run) error {
	beside, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	done := make([]ran, len(group))
	var all sync.WaitGroup
	for i, s := range group {
		all.Go(func() {
			done[i] = s.run(beside, env, i, len(group))
			if done[i].err != nil {
				stop(fmt.Errorf("step %s ended the run", s.Name))
			}
		})
	}
	all.Wait()
	var first error
	for i, s := range group {
		if err := s.record(done[i], r); first == nil {
			first = err
		}
		env.Log.End(s.ended(done[i], r))
	}
	return first
}

// run runs one step, in a lane of a group.
func (s PlannedStep) run(ctx context.Context, env plugins.Env, lane, lanes int) ran {
	began := time.Now()
	report := env.Report
	env.Lane, env.Lanes, env.Phases = lane, lanes, s.phases
	env.Report = func(x plugins.Progress) {
		x.Step = s.Name
		report(x)
	}
	result, err := s.step.Run(ctx, &env)
	step := &result.Step
	step.Name, step.Kind, step.Started, step.Ended = s.Name, s.Kind, began.UTC(), time.Now().UTC()
	switch {
	case ctx.Err() != nil:
		step.Cut = record.CleanLine(context.Cause(ctx).Error())
		err = nil // what failed did so because the run was stopping
	case err != nil:
		step.Cut = record.CleanLine(err.Error())
		err = fmt.Errorf("step %s: %w", s.Name, err)
	case step.Cut != "":
		err = spent(step.Cut)
	}
	step.Rates = record.RatesOf(result.Values, result.Totals, step.Load)
	return ran{result, err}
}

// record puts what a step measured into the record.
func (s PlannedStep) record(x ran, r *record.Run) error {
	r.Steps = append(r.Steps, x.Step)
	for i := range r.Models {
		if v, ok := x.Values[r.Models[i].Name]; ok {
			r.Models[i].Steps[s.Name] = v
		}
	}
	if x.Totals != nil {
		r.Totals[s.Name] = x.Totals
	}
	for _, series := range x.Series {
		series.Step = s.Name
		r.Series = append(r.Series, series)
	}
	return x.err
}

// ended is what the journal keeps of a step, beside its calls.
func (s PlannedStep) ended(x ran, r *record.Run) record.Ended {
	e := record.Ended{Step: x.Step, Values: x.Values, Totals: x.Totals, Models: slices.Clone(r.Models)}
	for i := range e.Models {
		e.Models[i].Steps = nil
	}
	for _, series := range x.Series {
		if !record.FromCalls(series.Name) {
			series.Step = s.Name
			e.Series = append(e.Series, series)
		}
	}
	return e
}

// spent is the error of a run that the budget ended.
type spent string

func (s spent) Error() string { return string(s) }

// freeze judges, and decides the exit status.
func (p *Plan) freeze(ctx context.Context, r *record.Run, err error) {
	r.Ended = time.Now().UTC()
	r.Spent.Duration = record.Duration(r.Ended.Sub(r.Started))
	r.Assertions = p.judge(r)
	r.Verdict = record.Overall(r.Assertions)
	var interrupt Interrupt
	var out spent
	switch cause := context.Cause(ctx); {
	case errors.As(cause, &interrupt):
		r.Aborted, r.Problem, r.Exit = true, interrupt.Error(), interrupt.Status
		return
	case errors.Is(cause, errDuration):
		r.Problem, r.Exit = errDuration.Error(), record.ExitBudget
	case errors.As(err, &out):
		r.Problem, r.Exit = out.Error(), record.ExitBudget
	case err != nil:
		r.Problem, r.Exit = record.CleanLine(err.Error()), record.ExitEnvironment
	case r.Verdict == record.Unknown:
		r.Exit = record.ExitUndecided
	}
	if r.Verdict == record.Fail {
		r.Exit = record.ExitFail
	}
}

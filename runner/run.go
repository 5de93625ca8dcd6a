package runner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
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
}

// Interrupt is the cause of a context that was cancelled by a signal.
type Interrupt struct {
	Signal string
	Status int // the exit status for it
}

func (i Interrupt) Error() string { return "interrupted by " + i.Signal }

var errDuration = errors.New("budget.duration is over")

// Run does the steps in order and judges what they measured. The record is
// always complete; its Exit and Problem tell how the run ended. When ctx is
// done, no further call is sent, those under way may end, and the steps that
// are left do not run.
func (p *Plan) Run(ctx context.Context, aws plugins.AWS, o Options) *record.Run {
	started := time.Now()
	if d := p.Scenario.Budget.Duration; d.Written() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, d.Value, errDuration)
		defer cancel()
	}
	g := &guard{AWS: aws, caps: p.caps()}
	r := p.open(o, started)
	log := record.NewLog(o.Journal)
	env := &plugins.Env{AWS: g, Log: log, Models: map[string]*record.Model{}}
	for i := range r.Models {
		env.Models[r.Models[i].Name] = &r.Models[i]
	}
	err := p.meet(ctx, g, r)
	for i := 0; i < len(p.Steps) && err == nil; i++ {
		if ctx.Err() != nil {
			break
		}
		s := p.Steps[i]
		env.Report = func(x plugins.Progress) {
			x.Step = s.Name
			o.Report(x)
		}
		err = p.do(ctx, s, env, r)
	}
	if closing := log.Close(); err == nil {
		err = closing
	}
	r.Spent = g.spent(p.Cost.Unpriced)
	p.freeze(ctx, r, err)
	return r
}

// open begins the record with what is known before anything is sent.
func (p *Plan) open(o Options, started time.Time) *record.Run {
	s := p.Scenario
	sum := sha256.Sum256(s.Source)
	r := &record.Run{
		SchemaVersion: record.SchemaVersion,
		Tool:          record.Tool{Name: "loadline", Version: o.Version},
		Scenario: record.Scenario{
			Name: record.CleanLine(s.Name.Value), Description: record.Clean(s.Description.Value), File: record.CleanLine(filepath.ToSlash(s.File)),
			Digest: "sha256:" + hex.EncodeToString(sum[:]), Source: record.CleanAll(string(s.Source)),
		},
		Target: record.Target{Kind: o.Target}, Started: started.UTC(), Seed: p.Seed(),
		Plan: p.Cost, Totals: map[string]record.Values{}, Steps: []record.Step{}, Series: []record.Series{}, Artifacts: []record.Artifact{},
	}
	for _, m := range p.Models {
		r.Models = append(r.Models, record.Model{Name: m.Name, ID: record.CleanLine(m.ID), BaseID: record.CleanLine(m.BaseID), Family: m.Family.Name, Scope: m.Scope, Steps: map[string]record.Values{}})
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

// do runs one step and puts what it measured into the record.
func (p *Plan) do(ctx context.Context, s PlannedStep, env *plugins.Env, r *record.Run) error {
	began := time.Now()
	result, err := s.step.Run(ctx, env)
	step := result.Step
	step.Name, step.Kind, step.Started, step.Ended = s.Name, s.Kind, began.UTC(), time.Now().UTC()
	switch {
	case ctx.Err() != nil:
		step.Cut = context.Cause(ctx).Error()
		err = nil // what failed did so because the run was stopping
	case err != nil:
		step.Cut = record.CleanLine(err.Error())
	}
	r.Steps = append(r.Steps, step)
	for name, v := range result.Values {
		env.Models[name].Steps[s.Name] = v
	}
	if result.Totals != nil {
		r.Totals[s.Name] = result.Totals
	}
	for _, series := range result.Series {
		series.Step = s.Name
		r.Series = append(r.Series, series)
	}
	if err != nil {
		return fmt.Errorf("step %s: %w", s.Name, err)
	}
	if step.Cut != "" && ctx.Err() == nil {
		return spent(step.Cut)
	}
	return nil
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

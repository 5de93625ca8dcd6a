package steps

import (
	"context"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/scenarios"
)

const maxWait = 24 * time.Hour

// Wait lets time pass: for CloudWatch to settle, for buckets to refill.
var Wait = plugins.StepKind{
	Name:    "wait",
	Doc:     "Lets time pass: for CloudWatch to catch up with a load (two to three minutes), or for a quota to refill (one minute).",
	Example: "3m",
	Type: scenarios.Either(scenarios.Duration(0, maxWait), scenarios.Object(
		scenarios.Key{Name: "for", Doc: "How long.", Type: scenarios.Duration(0, maxWait), Required: true, Example: "3m"},
	)),
	Bind: func(_ *plugins.Binding, s scenarios.Step) plugins.Step {
		if n := s.Body.Get("for"); n != nil {
			return wait(n.Duration())
		}
		return wait(s.Body.Duration())
	},
}

type wait time.Duration

func (w wait) Estimate() plugins.Estimate { return plugins.Estimate{Duration: time.Duration(w)} }

func (w wait) Run(ctx context.Context, env *plugins.Env) (plugins.Result, error) {
	const beat = 30 * time.Second
	total := time.Duration(w)
	for done := time.Duration(0); done < total; done += beat {
		env.Report(plugins.Progress{Stage: "waiting", Done: done, Total: total})
		timer := time.NewTimer(min(beat, total-done))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
		if ctx.Err() != nil {
			return plugins.Result{}, nil
		}
	}
	env.Report(plugins.Progress{Stage: "done", Done: total, Total: total})
	return plugins.Result{}, nil
}

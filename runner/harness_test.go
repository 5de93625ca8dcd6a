package runner_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/families"
	"github.com/loadline-dev/loadline/plugins/steps"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner"
	"github.com/loadline-dev/loadline/scenarios"
)

var set = plugins.Set{Steps: steps.All, Families: families.All}

func language() scenarios.Language {
	lang := scenarios.Language{Formats: []string{"json"}}
	for _, k := range set.Steps {
		lang.Steps = append(lang.Steps, scenarios.Key{Name: k.Name, Doc: k.Doc, Type: k.Type})
	}
	return lang
}

func understand(src string) (*runner.Plan, scenarios.Problems) {
	s, problems := scenarios.Load("scenario.yaml", []byte(src), language())
	if s == nil {
		return nil, problems
	}
	p, more := runner.NewPlan(s, set)
	return p, append(problems, more...).Sort()
}

// plan understands a scenario that has no problems.
func plan(t *testing.T, src string) *runner.Plan {
	t.Helper()
	p, problems := understand(src)
	if len(problems) > 0 {
		t.Fatalf("the scenario has problems:\n%s", scenarios.Render("scenario.yaml", []byte(src), problems))
	}
	return p
}

// outcome is what a run left: its record, the journal, and what the simulated
// account counted itself.
type outcome struct {
	*record.Run
	calls  []record.Call
	counts sim.Counts
}

// simulate runs a scenario against a simulated account in virtual time.
// meanwhile, where given, runs beside it and can cancel it.
func simulate(t *testing.T, scenario, account string, meanwhile func(cancel context.CancelCauseFunc)) outcome {
	t.Helper()
	return simulateAs(t, scenario, account, func(aws plugins.AWS) plugins.AWS { return aws }, meanwhile)
}

// simulateAs runs against the simulated account as something makes it look.
func simulateAs(t *testing.T, scenario, account string, as func(plugins.AWS) plugins.AWS, meanwhile func(cancel context.CancelCauseFunc)) outcome {
	t.Helper()
	var out outcome
	synctest.Test(t, func(t *testing.T) {
		parsed, err := sim.Parse("account.yaml", []byte(account))
		if err != nil {
			t.Fatal(err)
		}
		server := sim.New(parsed)
		aws, err := cloud.New(context.Background(), cloud.Config{Region: parsed.Region, Simulated: "http://simulated.invalid", Transport: cloud.InProcess(server)})
		if err != nil {
			t.Fatal(err)
		}
		out = execute(t, plan(t, scenario), as(aws), meanwhile)
		// Metrics of the last minute are counted when its calls end.
		out.counts = server.Counts()
	})
	return out
}

func execute(t *testing.T, p *runner.Plan, aws plugins.AWS, meanwhile func(context.CancelCauseFunc)) outcome {
	t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	if meanwhile != nil {
		go meanwhile(cancel)
	}
	var journal bytes.Buffer
	out := outcome{Run: p.Run(ctx, aws, runner.Options{Target: "simulated", Version: "test", Journal: &journal, Report: func(plugins.Progress) {}})}
	for c, err := range record.ReadJournal(&journal) {
		if err != nil {
			t.Fatal(err)
		}
		out.calls = append(out.calls, c)
	}
	return out
}

func (o outcome) json(t *testing.T) string {
	t.Helper()
	b, err := json.Marshal(o.Run)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (o outcome) verdict(t *testing.T, name string) record.Assertion {
	t.Helper()
	for _, a := range o.Assertions {
		if a.Name == name {
			return a
		}
	}
	t.Fatalf("there is no assertion %q", name)
	return record.Assertion{}
}

// after cancels a run when some virtual time has gone by.
func after(d time.Duration, cause error) func(context.CancelCauseFunc) {
	return func(cancel context.CancelCauseFunc) {
		time.Sleep(d)
		cancel(cause)
	}
}

package runner_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner"
)

const measuring = `steps:
  - discover: {}
  - load: {name: ramp, ramp: [{name: calm, to: 30 rpm, hold: 2m}, {name: rush, to: 300 rpm, hold: 2m}]}
assert:
`

// earlier is a run as its run.json keeps it.
func earlier(t *testing.T, src, account string, change func(*record.Run)) *record.Run {
	t.Helper()
	o := simulate(t, src, account, nil)
	b, err := json.Marshal(o.Run)
	if err != nil {
		t.Fatal(err)
	}
	r, err := record.ReadRun(b)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(r)
	}
	return r
}

// heldAgainst runs a scenario with a baseline.
func heldAgainst(t *testing.T, src, account string, baseline *record.Run) *record.Run {
	t.Helper()
	var out *record.Run
	synctest.Test(t, func(t *testing.T) {
		parsed, err := sim.Parse("account.yaml", []byte(account))
		if err != nil {
			t.Fatal(err)
		}
		aws, err := cloud.New(t.Context(), cloud.Config{Region: parsed.Region, Simulated: "http://simulated.invalid", Transport: cloud.InProcess(sim.New(parsed))})
		if err != nil {
			t.Fatal(err)
		}
		p := plan(t, src)
		p.Baseline = baseline
		out = p.Run(t.Context(), aws, runner.Options{Target: "simulated", Version: "test", Report: func(plugins.Progress) {}})
	})
	return out
}

func TestABaselineIsReadAsTheRunItself(t *testing.T) {
	// Of the baseline, haiku had a tenth of the quota, and was asked the same.
	tight := strings.Replace(haikuAccount, "limits: {rpm: 60,", "limits: {rpm: 20,", 1)
	was := earlier(t, scenario(measuring+"  - {expr: 'ramp.window(last: 1m).ok > 0'}\n"), tight, nil)
	dead := func(change func(s *record.Step)) *record.Run {
		b, _ := json.Marshal(was)
		r, err := record.ReadRun(b)
		if err != nil {
			t.Fatal(err)
		}
		change(&r.Steps[1])
		return r
	}
	for _, c := range []struct {
		name, assert string
		baseline     *record.Run
		verdict      record.Verdict
		reason       string
	}{
		{"the same metric of both", "{for: [nova], expr: ramp.latency_ms.p95 <= 1.5 * baseline.ramp.latency_ms.p95}", was, record.Pass, ""},
		{"each model by its name", "{for: [haiku], expr: ramp.ok > baseline.ramp.ok}", was, record.Pass, ""},
		{"totals", "{scope: run, expr: ramp.ok > baseline.ramp.ok}", was, record.Pass, ""},
		{"rates have intervals", "{for: [haiku], expr: ramp.throttle_rate < baseline.ramp.throttle_rate}", was, record.Pass, ""},
		{"and must be shown to differ", "{for: [nova], expr: ramp.throttle_rate <= baseline.ramp.throttle_rate}", was, record.Unknown, "not decided"},
		{"a difference that is allowed", "{for: [nova], expr: ramp.throttle_rate <= baseline.ramp.throttle_rate + 0.05}", was, record.Pass, ""},
		{"a stage", "{for: [haiku], expr: 'ramp.stage(\"rush\").throttle_rate < baseline.ramp.stage(\"rush\").throttle_rate'}", was, record.Pass, ""},
		{"a window that both read", "{for: [haiku], expr: 'ramp.window(last: 1m).throttle_rate < baseline.ramp.window(last: 1m).throttle_rate'}", was, record.Pass, ""},
		{"a window that it did not read", "{for: [haiku], expr: 'ramp.ok > baseline.ramp.window(last: 2m).ok'}", was, record.Unknown, "no data for baseline.ramp.window(last: 2m).ok"},
		{"quotas", "{for: [haiku], expr: quota.rpm.applied == baseline.quota.rpm.applied and baseline.capacity.access == \"AVAILABLE\"}", was, record.Pass, ""},
		{"no baseline", "{for: [haiku], expr: ramp.ok > baseline.ramp.ok}", nil, record.Unknown, "no data for baseline.ramp.ok"},
		{"a model that it had not", "{for: [haiku], expr: ramp.ok > baseline.ramp.ok}", &record.Run{}, record.Unknown, "no data for baseline.ramp.ok"},
		{"a step that it had not, skipped", "{for: [haiku], expr: ramp.ok > baseline.ramp.ok, on_no_data: skip}", &record.Run{Models: was.Models[:1]}, record.Pass, ""},
		{"a step that was cut short", "{for: [haiku], expr: ramp.ok > baseline.ramp.ok}", dead(func(s *record.Step) { s.Cut = "power\n" }), record.Unknown, "step ramp of the baseline was cut short: power"},
		{"a ramp that AWS gave reason to end", "{for: [haiku], expr: ramp.ok > baseline.ramp.ok}", dead(func(s *record.Step) { s.Load.Halted = map[string]string{"haiku": "tokens of the day\n"} }), record.Unknown, "step ramp of the baseline ended early for haiku: tokens of the day"},
		{"that of another model", "{for: [haiku], expr: ramp.ok > baseline.ramp.ok}", dead(func(s *record.Step) { s.Load.Halted = map[string]string{"nova": "tokens of the day"} }), record.Pass, ""},
		{"a generator that fell behind", "{for: [haiku], expr: ramp.ok > baseline.ramp.ok}", dead(func(s *record.Step) { s.Load.Behind = "late" }), record.Unknown, "step ramp of the baseline did not send the load of the scenario: late"},
		{"a record that tells no counts", "{for: [haiku], expr: ramp.throttle_rate < baseline.ramp.throttle_rate}", func() *record.Run { r := dead(func(*record.Step) {}); return withoutRates(t, r) }(), record.Unknown, "of an earlier version"},
		{"and is compared plainly", "{for: [haiku], expr: ramp.throttle_rate < baseline.ramp.throttle_rate, confidence: none}", func() *record.Run { r := dead(func(*record.Step) {}); return withoutRates(t, r) }(), record.Pass, ""},
		{"a percentile of too few", "{for: [nova], expr: 'baseline.ramp.stage(\"calm\").latency_ms.p95 >= ramp.latency_ms.p50'}", was, record.Unknown, "p95 is of 60 calls; a verdict on it takes 100"},
		{"a percentile of enough", "{for: [nova], expr: baseline.ramp.latency_ms.p99 >= ramp.latency_ms.p50}", was, record.Pass, ""},
	} {
		r := heldAgainst(t, scenario(measuring+"  - "+c.assert+"\n"), haikuAccount, c.baseline)
		a := r.Assertions[0]
		if a.Verdict != c.verdict || !strings.Contains(a.Reason, c.reason) {
			t.Errorf("%s: %s (%s); want %s (%s)", c.name, a.Verdict, a.Reason, c.verdict, c.reason)
		}
		if (r.Baseline == nil) != (c.baseline == nil) {
			t.Errorf("%s: the record names the baseline %+v", c.name, r.Baseline)
		}
	}
}

// withoutRates is a record of a version that did not keep them.
func withoutRates(t *testing.T, r *record.Run) *record.Run {
	t.Helper()
	for i := range r.Steps {
		r.Steps[i].Rates = nil
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if r, err = record.ReadRun(b); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestABaselineThatIsNotThere(t *testing.T) {
	src := scenario("steps:\n  - load: {ramp: {constant: 600 rpm, for: 1m}}\nassert:\n  - {for: [nova], name: a, expr: load.ok > 1 and load.ok >= baseline.load.ok}\n  - {name: b, expr: load.ok > 1}\n")
	p := plan(t, src)
	problems := p.WithoutBaseline()
	if len(problems) != 1 || problems[0].Pos.String() != "10:61" || !strings.Contains(problems[0].Hint, "--baseline DIR") {
		t.Errorf("problems %v; want one at the name of the baseline", problems)
	}
	p.Baseline = &record.Run{}
	if problems := p.WithoutBaseline(); len(problems) > 0 {
		t.Errorf("problems %v with a baseline; want none", problems)
	}
	if got := strings.Join(p.Lacking(), "\n"); got != "a [nova]: the baseline has no data for load.ok: it cannot be decided" {
		t.Errorf("Lacking() = %q", got)
	}
}

package runner_test

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner"
)

// phased goes far above the quota of haiku in its last minute alone.
const phased = `steps:
  - load:
      name: ramp
      warmup: 30s
      ramp:
        - {name: calm, to: 30 rpm, hold: 4m}
        - {name: rush, to: 600 rpm, over: 30s, hold: 30s}
        - {to: 60 rpm, hold: 1m}
      slo: {latency: 3s}
assert:
  - {for: [haiku], name: calm, expr: 'ramp.stage("calm").throttled == 0 and ramp.stage("calm").attempts == 105'}
  - {for: [haiku], name: rush, expr: 'ramp.stage("rush").throttle_rate > 0.5'}
  - {for: [haiku], name: not calm, expr: 'ramp.stage("rush").throttle_rate <= 0.01'}
  - {for: [haiku], name: parts, expr: 'ramp.stage("rush").attempts == ramp.stage("rush over").attempts + ramp.stage("rush hold").attempts'}
  - {for: [haiku], name: unnamed, expr: 'ramp.stage("stage 3 hold").attempts == 60'}
  - {for: [haiku], name: end, expr: "ramp.window(last: 1m).attempts == ramp.stage('stage 3 hold').attempts"}
  - {for: [haiku], name: two, expr: "ramp.window(last 2m).attempts == ramp.stage('rush').attempts + 60"}
  - {for: [haiku], name: all, expr: "ramp.window(last: 5m30s).attempts == ramp.attempts"}
  - {for: [nova], name: nova, expr: 'ramp.stage("rush").throttle_rate <= 0.05'}
  - {scope: run, name: run, expr: 'ramp.stage("calm").attempts == 210 and ramp.window(last: 1m).attempts == 120'}
`

func TestPhasesAreJudged(t *testing.T) {
	o := simulate(t, scenario(phased), haikuAccount, nil)
	for _, a := range o.Assertions {
		want := record.Pass
		if a.Name == "not calm" {
			want = record.Fail
		}
		if a.Verdict != want {
			t.Errorf("%s [%s] is %s (%s); want %s", a.Name, a.Model, a.Verdict, a.Reason, want)
		}
		for name, i := range a.Intervals {
			if !strings.Contains(name, `stage("rush")`) || i.Trials != 457 { // 157.5 on the way up, and 300
				t.Errorf("%s is judged by %d trials", name, i.Trials)
			}
		}
	}
	load := o.Steps[0].Load
	var names []string
	for _, p := range load.Phases {
		names = append(names, p.Name)
	}
	if want := []string{`stage("calm")`, `stage("rush")`, `stage("rush over")`, `stage("rush hold")`, `stage("stage 3 hold")`, "window(last: 1m)", "window(last: 2m)", "window(last: 5m30s)"}; !slices.Equal(names, want) {
		t.Errorf("phases %q; want %q", names, want)
	}
	// What is read in run.json is what is written in an assertion.
	if p, s := load.Phases[0], load.Stages[0]; s.Name != "calm" || !reflect.DeepEqual(p.Values, s.Values) || !reflect.DeepEqual(p.Totals, s.Totals) || p.Length != s.Length || p.Start != s.Start {
		t.Errorf("the phase of a stage is %+v; the stage is %+v", p, s)
	}
	if p := load.Phases[1]; p.Start != record.Duration(4*time.Minute) || p.Length != record.Duration(time.Minute) || !slices.Equal(p.Stages, []int{1, 2}) {
		t.Errorf("rush is %+v", p)
	}
}

// A run that is put together from its journal has the same phases and verdicts.
func TestPhasesOfARebuiltRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account, err := sim.Parse("account.yaml", []byte(haikuAccount))
		if err != nil {
			t.Fatal(err)
		}
		aws, err := cloud.New(context.Background(), cloud.Config{Region: account.Region, Simulated: "http://simulated.invalid", Transport: cloud.InProcess(sim.New(account))})
		if err != nil {
			t.Fatal(err)
		}
		var journal bytes.Buffer
		p := plan(t, scenario(phased))
		live := p.Run(context.Background(), aws, runner.Options{Target: "simulated", Version: "test", Journal: &journal, Report: func(plugins.Progress) {}})
		again, err := record.Replay(&journal)
		if err != nil {
			t.Fatal(err)
		}
		p.Judge(again)
		for _, c := range []struct {
			what      string
			got, want any
		}{
			{"phases", again.Steps[0].Load.Phases, live.Steps[0].Load.Phases}, {"rates", again.Steps[0].Rates, live.Steps[0].Rates}, {"assertions", again.Assertions, live.Assertions},
		} {
			got, _ := json.Marshal(c.got)
			want, _ := json.Marshal(c.want)
			if string(got) != string(want) {
				t.Errorf("%s of the rebuilt run are\n%.1500s\nwant\n%.1500s", c.what, got, want)
			}
		}
	})
}

// A ramp that was ended early has no end of the plan: a window there is no data,
// and not a pass.
func TestTheEndOfARampThatWasStopped(t *testing.T) {
	o := simulate(t, scenario(`steps:
  - load: {name: ramp, models: [haiku], ramp: [{name: all, to: 600 rpm, hold: 10m}, {name: never, to: 60 rpm, hold: 1m}], stop_when: throttled > 50}
assert:
  - {for: [haiku], name: end, expr: "ramp.window(last: 1m).throttle_rate <= 0.9"}
  - {for: [haiku], name: skip, on_no_data: skip, expr: ramp.stage("never").throttle_rate <= 0.9}
  - {for: [haiku], name: stage, expr: ramp.stage("all").throttle_rate >= 0.1}
`), haikuAccount, nil)
	for name, want := range map[string]record.Verdict{"end": record.Unknown, "skip": record.Skipped, "stage": record.Pass} {
		if a := o.verdict(t, name); a.Verdict != want || want != record.Pass && !strings.Contains(a.Reason, "no data for ramp.") {
			t.Errorf("%s is %s (%s); want %s", name, a.Verdict, a.Reason, want)
		}
	}
	if i := o.verdict(t, "stage").Intervals[`ramp.stage("all").throttle_rate`]; i.Method != "sequential" {
		t.Errorf("a stage of a step that stopped itself is judged by %+v", i)
	}
}

func TestPhasesThatTheScenarioHasNot(t *testing.T) {
	const steps = "steps:\n  - load: {name: ramp, warmup: 1m, ramp: [{name: climb, to: 60 rpm, over: 1m}, {name: hold, to: 60 rpm, hold: 3m}]}\n"
	for _, c := range []struct {
		name, rest string
		want       []string // line:col code
		hint       string
	}{
		{"misspelt", steps + "assert:\n  - expr: ramp.stage(\"hodl\").ok > 1\n", []string{"10:22 unknown-stage"}, `"hold"`},
		{"all warm-up", steps + "assert:\n  - expr: ramp.stage(\"climb\").ok > 1\n", []string{"10:11 stage-in-warmup"}, "another stage"},
		{"longer than what is measured", steps + "assert:\n  - expr: ramp.window(last 4m).ok > 1\n", []string{"10:23 bad-window"}, "shorter"},
		{"as long as what is measured", steps + "assert:\n  - expr: ramp.window(last 3m).ok > 1\n", nil, ""},
		{"in quotes", steps + "assert:\n  - expr: \"ramp.ok > 1 and ramp.window(last: 1h).ok > 1\"\n", []string{"10:40 bad-window"}, "shorter"},
		{"of the baseline", steps + "assert:\n  - expr: ramp.ok > baseline.ramp.stage(\"hodl\").ok\n", []string{"10:41 unknown-stage"}, `"hold"`},
		{"a metric of the step alone", steps + "assert:\n  - expr: ramp.stage(\"hold\").generator.achieved > 1\n", []string{"10:30 unknown-name"}, ""},
		{"two of a name", "steps:\n  - load: {ramp: [{name: a, to: 60 rpm, hold: 1m}, {to: 90 rpm, hold: 1m}, {name: a, to: 60 rpm, hold: 1m}]}\n", []string{"8:83 duplicate-stage"}, "another name"},
		{"a bad name", "steps:\n  - load: {ramp: [{name: my stage, to: 60 rpm, hold: 1m}]}\n", []string{"8:26 bad-name"}, "letters"},
		{"of workers", "steps:\n  - load: {name: loop, ramp: {concurrency: [{name: few, to: 2, hold: 1m}, {name: many, to: 9, over: 1m, hold: 1m}], calls: 100}}\nassert:\n  - expr: loop.stage(\"few\").ok > 1 and loop.stage(\"many\").ok > loop.stage(\"many hold\").ok\n", nil, ""},
		{"of other shapes", "steps:\n  - load: {name: loop, ramp: {stairs: 300 rpm, from: 60 rpm, step: 60 rpm, each: 1m}}\nassert:\n  - expr: loop.stage(\"stair 5\").ok > loop.stage(\"stair 1\").ok\n", nil, ""},
		{"of a search", "budget: {requests: 100}\nsteps:\n  - load: {name: loop, ramp: {find: rpm, from: 60 rpm, to: 600 rpm}}\nassert:\n  - expr: loop.stage(\"trial 1\").ok > 1\n  - expr: loop.window(last 1m).ok > 1\n", []string{"11:11 no-phases", "12:23 bad-window"}, ""},
		{"of a step that is wrong itself", "steps:\n  - load: {name: ramp, ramp: [{to: 60 rpm}]}\nassert:\n  - expr: ramp.stage(\"hold\").ok > 1 and ramp.window(last 1m).ok > 1\n", []string{"8:30 bad-ramp"}, ""},
		{"of a monitor", "steps:\n  - monitor: {window: 1h}\nassert:\n  - expr: monitor.stage(\"hold\").attempts > 1\n", []string{"10:11 no-phases"}, "load step"},
	} {
		_, problems := understand(scenario(c.rest))
		var got []string
		for _, x := range problems {
			got = append(got, x.Pos.String()+" "+x.Code)
		}
		if !slices.Equal(got, c.want) || len(got) > 0 && !strings.Contains(problems[0].Hint, c.hint) {
			t.Errorf("%s: %v (%v); want %v, with %q", c.name, got, problems, c.want, c.hint)
		}
	}
}

// The warm-up's calls show nothing, and a stage has but its own.
func TestPlanCountsWhatIsMeasured(t *testing.T) {
	p := plan(t, scenario(`steps:
  - load: {name: ramp, warmup: 30s, models: [nova], ramp: [{name: calm, to: 60 rpm, hold: 2m}, {name: rush, to: 600 rpm, hold: 1m}]}
  - load: {name: poisson, models: [nova], arrivals: poisson, ramp: {constant: 600 rpm, for: 2m}}
assert:
  - {for: [nova], name: a, expr: ramp.throttle_rate <= 0.001}
  - {for: [nova], name: b, expr: ramp.stage("calm").throttle_rate <= 0.05}
  - {for: [nova], name: c, expr: ramp.stage("rush").throttle_rate <= 0.01}
  - {for: [nova], name: d, expr: ramp.window(last 30s).throttle_rate <= 0.01}
  - {for: [nova], name: e, expr: ramp.stage("rush").latency_ms.p99 < 100}
  - {for: [nova], name: f, expr: poisson.throttle_rate <= 0.002}
  - {scope: run, name: g, expr: ramp.stage("calm").throttle_rate <= 0.02}
`))
	want := []string{
		"a [nova]: to show that ramp.throttle_rate <= 0.001 takes 5989 calls or more, and step ramp plans 690: it cannot pass",
		`b [nova]: to show that ramp.stage("calm").throttle_rate <= 0.05 takes 117 calls or more, and ramp.stage("calm") plans 90: it cannot pass`,
		`d [nova]: to show that ramp.window(last: 30s).throttle_rate <= 0.01 takes 597 calls or more, and ramp.window(last: 30s) plans 300: it cannot pass`,
		"f [nova]: to show that poisson.throttle_rate <= 0.002 takes 2993 calls or more, and step poisson plans 1200: it cannot pass",
		`g: to show that ramp.stage("calm").throttle_rate <= 0.02 takes 297 calls or more, and ramp.stage("calm") plans 90: it cannot pass`,
	}
	if got := p.Reach(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("Reach() =\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What the other side of an "or" decides is not said to be out of reach, and a
// percentile takes its calls wherever it stands.
func TestPlanSaysOnlyOfWhatMustHoldThatItCannot(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		{"load.throttle_rate <= 0.001 or load.ok > 1", ""},
		{"load.ok > 1 ? load.ok > 2 : load.throttle_rate <= 0.001", ""},
		{"load.ok > 1 and (load.ok > 2 and load.throttle_rate <= 0.001)", "load.throttle_rate <= 0.001 takes 5989"},
		{"not (load.throttle_rate > 0.001)", "load.throttle_rate <= 0.001 takes 5989"},
		{"not (load.ok < 2 or load.throttle_rate >= 0.001)", "load.throttle_rate < 0.001 takes 5989"},
		{"not (load.ok < 2 and load.throttle_rate > 0.001)", ""},
		{"not (load.throttle_rate != 0)", "no number of calls shows that a rate is == 0"},
		{"not (load.throttle_rate == 0)", ""},
		{"0 < load.throttle_rate <= 0.001", "load.throttle_rate <= 0.001 takes 5989"},
		{"load.latency_ms.p99 < 3 * load.latency_ms.p50", "a verdict on load.latency_ms.p99 takes 500 calls or more, and step load plans 60: it cannot be decided"},
		{"load.ok > 1 or load.latency_ms.p99 < 100", "a verdict on load.latency_ms.p99 takes 500"},
	} {
		p := plan(t, scenario("steps:\n  - load: {models: [nova], ramp: {constant: 60 rpm, for: 1m}}\nassert:\n  - {for: [nova], name: a, expr: '"+c.expr+"'}\n"))
		got := strings.Join(p.Reach(), "\n")
		if !strings.Contains(got, c.want) || (got == "") != (c.want == "") || strings.Contains(got, "\n") {
			t.Errorf("Reach() of %q = %q; want %q", c.expr, got, c.want)
		}
	}
}

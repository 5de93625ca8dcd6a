package runner_test

import (
	"bytes"
	"context"
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

// Credentials that expire in the middle end the run at once, though AWS has
// accepted calls before.
func TestExpiredCredentialsEndTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account, err := sim.Parse("account.yaml", []byte(haikuAccount+"credentials: [{access_key: AKIDOLD, secret_key: old, session_token: token, expires: 2000-01-01T00:00:20Z}]\n"))
		if err != nil {
			t.Fatal(err)
		}
		aws, err := cloud.New(context.Background(), cloud.Config{Region: "us-east-1", Simulated: "http://simulated.invalid", Transport: cloud.InProcess(sim.New(account)),
			Credentials: cloud.Credentials{AccessKey: "AKIDOLD", SecretKey: "old", SessionToken: "token"}})
		if err != nil {
			t.Fatal(err)
		}
		o := execute(t, plan(t, scenario("steps:\n  - load: {models: [nova], ramp: {constant: 600 rpm, for: 2m}}\n  - wait: 1h\nassert: [{expr: load.throttle_rate <= 0.01}]\n")), aws, nil)
		c := o.Steps[0].Load.Counts
		if o.Exit != record.ExitEnvironment || !strings.Contains(o.Problem, "ExpiredToken") || len(o.Steps) != 1 {
			t.Errorf("exit %d, problem %q, %d steps; want 4, the code, and no further step", o.Exit, o.Problem, len(o.Steps))
		}
		if refused := c.Outcomes[record.ClientError]; c.Outcomes[record.OK] < 150 || refused < 3 || refused > 40 {
			t.Errorf("outcomes %v; want 20 s of answers and a handful of refusals", c.Outcomes)
		}
		if o.Assertions[0].Verdict != record.Unknown {
			t.Errorf("verdict %s; want unknown", o.Assertions[0].Verdict)
		}
	})
}

// What a prompt has wrong says nothing of the next one, once others were taken.
func TestWrongRequestsAmongGoodOnesDoNotEndTheRun(t *testing.T) {
	f := &fake{answer: func(n int, _ plugins.Invocation) plugins.Reply {
		if n < 2 {
			return plugins.Reply{Outcome: record.OK}
		}
		return plugins.Reply{Outcome: record.ClientError, Status: 400, Code: "ValidationException"}
	}}
	if o := against(t, scenario("steps:\n  - load: {models: [nova], ramp: {constant: 60 rpm, for: 30s}}\n"), f); f.sent != 30 || o.Exit != 0 {
		t.Errorf("%d requests, exit %d; want all 30, and 0", f.sent, o.Exit)
	}
}

func TestTokensOfTheDayEndTheRampOfTheirModel(t *testing.T) {
	account := strings.Replace(haikuAccount, "limits: {rpm: 60, tpm: 200000, burst: 10}", "limits: {tpd: 3000}", 1)
	o := simulate(t, scenario("request: {max_tokens: 50}\nsteps:\n  - load: {ramp: {constant: 600 rpm, for: 1m}}\nassert: [{expr: load.throttled_by.tokens_per_day > 0, for: [haiku]}]\n"), account, nil)
	s := o.Steps[0]
	if !strings.HasPrefix(s.Stopped, "haiku: the tokens of the day are used up") || strings.Contains(s.Stopped, "nova") || s.Cut != "" || o.Exit != 0 {
		t.Errorf("stopped %q, cut %q, exit %d; want the ramp of haiku ended for the day, as a stop", s.Stopped, s.Cut, o.Exit)
	}
	haiku, nova := o.Models[0].Steps["load"], o.Models[1].Steps["load"]
	if n := haiku["throttled_by.tokens_per_day"].Value; n < 1 || n > 20 || haiku["throttled"].Value != n {
		t.Errorf("%v calls of haiku were throttled, %v of them by the day; want a handful, all of them", haiku["throttled"], n)
	}
	if nova["ok"].Value != 600 || nova["throttled_by.tokens_per_day"].Value != 0 {
		t.Errorf("nova had %v answers; want all 600", nova["ok"])
	}
}

func TestWantOfCapacityEndsTheRamp(t *testing.T) {
	account := strings.Replace(haikuAccount, "name: Nova Lite, provider: Amazon", "name: Nova Lite, provider: Amazon, capacity: [{from: 20s, for: 30s}]", 1)
	src := "steps:\n  - load: {models: [nova], ramp: {constant: 600 rpm, for: 1m}%s}\n"
	for _, c := range []struct {
		key         string
		least, most int
		stopped     string
	}{
		{"", 205, 230, "nova: AWS had no capacity for 10 of the last 20 calls (503 ServiceUnavailableException)"},
		{", stop_on_capacity: false", 600, 600, ""},
	} {
		o := simulate(t, scenario(strings.Replace(src, "%s", c.key, 1)), account, nil)
		if n := o.Steps[0].Load.Sent; n < c.least || n > c.most || !strings.HasPrefix(o.Steps[0].Stopped, c.stopped) || o.Steps[0].Cut != "" || c.stopped == "" && o.Steps[0].Stopped != "" {
			t.Errorf("with %q %d calls were sent, stopped %q; want %d to %d, and %q", c.key, n, o.Steps[0].Stopped, c.least, c.most, c.stopped)
		}
	}
}

// What AWS refuses in the middle of a stream may be billed.
func TestTheBudgetCountsWhatWasRefusedInMidStream(t *testing.T) {
	f := &fake{answer: func(int, plugins.Invocation) plugins.Reply {
		return plugins.Reply{Outcome: record.Throttled, Status: 200, MidStream: true}
	}}
	o := against(t, scenario("request: {api: converse-stream, input_tokens: 50, max_tokens: 50}\nsteps:\n  - load: {models: [nova], ramp: {constant: 60 rpm, for: 10s}}\n"), f)
	if o.Spent.Tokens != 1000 {
		t.Errorf("spent %d tokens; want the worst case of ten calls, 1000", o.Spent.Tokens)
	}
	v := o.Models[1].Steps["load"]
	if v["throttled_mid_stream"].Value != 10 || v["mid_stream_errors"].Value != 10 || v["throttled_by.unspecified"].Value != 10 {
		t.Errorf("mid-stream %v, errors %v, unspecified %v; want 10 each", v["throttled_mid_stream"], v["mid_stream_errors"], v["throttled_by.unspecified"])
	}
}

// Every throttle names its limit as the account's own log has it.
func TestThrottlesNameTheirLimit(t *testing.T) {
	for limits, name := range map[string]string{"rpm: 60, burst: 10": "requests", "tpm: 5000": "tokens"} {
		account := strings.Replace(haikuAccount, "rpm: 60, tpm: 200000, burst: 10", limits, 1)
		o := simulate(t, scenario("steps:\n  - load: {models: [haiku], ramp: {constant: 600 rpm, for: 30s}}\n"), account, nil)
		v := o.Models[0].Steps["load"]
		if v["throttled"].Value < 50 || v["throttled_by."+name].Value != v["throttled"].Value {
			t.Errorf("limits {%s}: %v throttled, %v of them by %s; want all of them", limits, v["throttled"], v["throttled_by."+name], name)
		}
		if v["first_throttle_rpm"].Value < 500 || v["first_throttle_rpm"].Value > 700 || v["first_throttle_tpm"].Value < 1000 {
			t.Errorf("at the first throttle %v rpm and %v tpm were sent; want 600 and some thousands", v["first_throttle_rpm"], v["first_throttle_tpm"])
		}
	}
}

func TestGoodput(t *testing.T) {
	f := &fake{answer: func(n int, _ plugins.Invocation) plugins.Reply {
		r := plugins.Reply{Outcome: record.OK, Usage: &record.Usage{Input: 10, Output: 10}}
		if n%4 == 0 {
			r = plugins.Reply{Outcome: record.Throttled}
		}
		return r
	}}
	o := against(t, scenario("steps:\n  - load: {name: with, models: [nova], slo: {latency: 1s}, ramp: {constant: 60 rpm, for: 20s}}\n  - load: {name: without, models: [nova], ramp: {constant: 60 rpm, for: 20s}}\n"), f)
	if v := o.Totals["with"]["goodput"]; v.Value != 0.75 || v.Samples != 20 {
		t.Errorf("goodput is %+v; want 0.75 of 20", v)
	}
	if v := o.Totals["without"]["goodput"]; v.Known {
		t.Errorf("goodput without slo is %v; want no data", v.Value)
	}
	for src, code := range map[string]string{"{ttft: 1s}": "slo-without-stream", "{tpot: 50ms}": "slo-without-stream", "{}": "empty-slo", "{latency: 0s}": "range"} {
		if _, problems := understand(scenario("steps:\n  - load: {models: [nova], slo: " + src + ", ramp: {constant: 60 rpm, for: 20s}}\n")); len(problems) != 1 || code != "range" && problems[0].Code != code {
			t.Errorf("slo: %s has the problems %v; want one, %s", src, problems, code)
		}
	}
}

// The journal alone makes the numbers of the run again, to the byte.
func TestAJournalMakesTheRunAgain(t *testing.T) {
	src := scenario("seed: 3\nsteps:\n  - discover: {}\n  - load: {warmup: 5s, slo: {latency: 2s}, ramp: [{to: 120 rpm, over: 20s, hold: 20s}, {to: 600 rpm, over: 20s}]}\n  - monitor: {window: 1h}\nassert: [{expr: load.throttle_rate <= 0.01}, {expr: quota.rpm.applied >= 60, for: [haiku]}]\n")
	synctest.Test(t, func(t *testing.T) {
		account, err := sim.Parse("account.yaml", []byte(haikuAccount))
		if err != nil {
			t.Fatal(err)
		}
		aws, err := cloud.New(context.Background(), cloud.Config{Region: "us-east-1", Simulated: "http://simulated.invalid", Transport: cloud.InProcess(sim.New(account))})
		if err != nil {
			t.Fatal(err)
		}
		var journal bytes.Buffer
		p := plan(t, src)
		live := p.Run(context.Background(), aws, runner.Options{Target: "simulated", Version: "test", Journal: &journal, Report: func(plugins.Progress) {}})
		again, err := record.Replay(&journal)
		if err != nil {
			t.Fatal(err)
		}
		p.Judge(again)
		if !again.Aborted || again.Problem == "" || again.Verdict != live.Verdict {
			t.Errorf("aborted %v, problem %q, verdict %s; want it aborted, told, and judged as before: %s", again.Aborted, again.Problem, again.Verdict, live.Verdict)
		}
		// What only its own end tells of a run.
		again.Aborted, again.Problem, again.Exit = live.Aborted, live.Problem, live.Exit
		again.Ended, again.Spent.Duration = live.Ended, live.Spent.Duration
		for i := range again.Assertions { // samples of other kinds than calls are not kept
			again.Assertions[i].Samples = live.Assertions[i].Samples
		}
		got, want := asText(t, again), asText(t, live)
		if got != want {
			at := 0
			for at < min(len(got), len(want)) && got[at] == want[at] {
				at++
			}
			t.Errorf("the run made of the journal differs at %d: ...%.300s; want ...%.300s", at, got[max(0, at-100):], want[max(0, at-100):])
		}
	})
}

func asText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestStagesHaveTheirOwnValues(t *testing.T) {
	o := simulate(t, scenario("steps:\n  - load: {ramp: [{to: 30 rpm, hold: 1m}, {to: 600 rpm, hold: 1m}]}\n"), haikuAccount, nil)
	sum := 0.0
	stages := o.Steps[0].Load.Stages
	for _, s := range stages {
		sum += s.Values["haiku"]["throttled"].Value
		if _, ok := s.Totals["goodput"]; ok {
			t.Errorf("stage %s tells a goodput that nothing was asked for", s.Name)
		}
	}
	slow, fast := stages[0].Values["haiku"], stages[len(stages)-1].Values["haiku"]
	if slow["throttle_rate"].Value != 0 || fast["throttle_rate"].Value < 0.5 || sum != o.Models[0].Steps["load"]["throttled"].Value {
		t.Errorf("throttle rates %v and %v, %v throttled in all stages; want none, most, and %v", slow["throttle_rate"], fast["throttle_rate"], sum, o.Models[0].Steps["load"]["throttled"])
	}
}

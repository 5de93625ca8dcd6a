package runner_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
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
	o := simulate(t, scenario("request: {max_tokens: 50}\nsteps:\n  - load: {ramp: {constant: 600 rpm, for: 1m}}\nassert: [{name: rate, expr: load.throttle_rate <= 0.99}, {name: few, expr: load.ok > 300}, {name: all, expr: load.throttle_rate <= 0.99, scope: run}]\n"), account, nil)
	s := o.Steps[0]
	// What held until then is no pass, what failed has failed, and the other model
	// is judged as always.
	for i, want := range []struct {
		model   string
		verdict record.Verdict
	}{{"haiku", record.Unknown}, {"nova", record.Pass}, {"haiku", record.Fail}, {"nova", record.Pass}, {"", record.Unknown}} {
		a := o.Assertions[i]
		if a.Model != want.model || a.Verdict != want.verdict || want.verdict == record.Unknown && !strings.HasPrefix(a.Reason, "step load ended early for haiku: the tokens of the day are used up") {
			t.Errorf("%s of %q is %s (%s); want %s", a.Name, a.Model, a.Verdict, a.Reason, want.verdict)
		}
	}
	if len(s.Load.Halted) != 1 || s.Load.Halted["haiku"] == "" {
		t.Errorf("halted %v; want haiku alone", s.Load.Halted)
	}
	if !strings.HasPrefix(s.Stopped, "haiku: the tokens of the day are used up") || strings.Contains(s.Stopped, "nova") || s.Cut != "" || o.Exit != record.ExitFail {
		t.Errorf("stopped %q, cut %q, exit %d; want the ramp of haiku ended for the day, as a stop, and the failed assertion to decide", s.Stopped, s.Cut, o.Exit)
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
		o := simulate(t, scenario(strings.Replace(src, "%s", c.key, 1)+"assert: [{expr: load.throttled == 0}]\n"), account, nil)
		if c.stopped != "" && o.Exit != record.ExitUndecided || c.stopped == "" && o.Exit != 0 {
			t.Errorf("with %q the exit is %d; want it not decided where the ramp ended early", c.key, o.Exit)
		}
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

// What calls under way can cost is in the record of a run that died: what was
// spent is never told too low.
func TestAJournalTellsWhatIsUnderWay(t *testing.T) {
	src := scenario("request: {input_tokens: 20, max_tokens: 50, timeout: 5m}\nsteps:\n  - load: {models: [haiku], ramp: {constant: 60 rpm, for: 2m}}\n")
	for _, died := range []struct {
		after    time.Duration
		requests int64 // begun until the last whole second
		slow     bool
	}{{400 * time.Millisecond, 0, true}, {30200 * time.Millisecond, 30, true}, {30200 * time.Millisecond, 30, false}, {10 * time.Minute, 120, true}} {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{answer: func(n int, _ plugins.Invocation) plugins.Reply {
				if died.slow {
					time.Sleep(3 * time.Minute)
				}
				return plugins.Reply{Outcome: record.OK, Usage: &record.Usage{Input: 10, Output: 5}}
			}}
			left := &dying{at: time.Now().Add(died.after)}
			live := plan(t, src).Run(context.Background(), f, runner.Options{Target: "simulated", Version: "test", Journal: left, Report: func(plugins.Progress) {}})
			again, err := record.Replay(left)
			if err != nil {
				t.Fatal(err)
			}
			got := again.Spent
			tokens, usd, ended := int64(20+50*5), (20*0.25+50*1.25)/1e6, !died.slow || died.after > time.Minute
			if ended {
				tokens, usd = 10+5*5, (10*0.25+5*1.25)/1e6
			}
			if got.Requests != died.requests || got.Tokens != died.requests*tokens || got.ReservedTokens != died.requests*70 || got.USD == nil || math.Abs(*got.USD-float64(died.requests)*usd) > 1e-9 {
				t.Errorf("died after %v: spent %+v (%v USD); want %d requests with %d tokens each", died.after, got, *got.USD, died.requests, tokens)
			}
			switch died.after {
			case 10 * time.Minute: // it died after its end, before its record was written
				got.Duration = live.Spent.Duration
				if asText(t, got) != asText(t, live.Spent) || strings.Contains(again.Problem, "spent") {
					t.Errorf("spent %s, problem %q; want what the run had spent, %s, for good", asText(t, got), again.Problem, asText(t, live.Spent))
				}
			case 400 * time.Millisecond:
			default:
				if got.Until == nil || got.Until.Sub(again.Started).Truncate(time.Second) != 30*time.Second || !strings.Contains(again.Problem, "what was spent is the most that calls begun until 00:00:30 UTC can have used") {
					t.Errorf("until %v, problem %q; want it told that calls were counted until 30 s", got.Until, again.Problem)
				}
			}
		})
	}
}

// dying is a file that takes nothing more from a moment on.
type dying struct {
	bytes.Buffer
	at time.Time
}

func (d *dying) Write(b []byte) (int, error) {
	if time.Now().Before(d.at) {
		return d.Buffer.Write(b)
	}
	return len(b), nil
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

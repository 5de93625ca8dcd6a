package runner_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner"
)

const haikuAccount = `
account: "123456789012"
region: us-east-1
seed: 5
quotas:
  - {code: L-2DC80978, name: "On-demand model inference requests per minute for Anthropic Claude 3 Haiku", value: 60, default: 1000}
  - {code: L-8CE99163, name: "On-demand model inference tokens per minute for Anthropic Claude 3 Haiku", value: 200000, default: 2000000}
models:
  - {id: "anthropic.claude-3-haiku-20240307-v1:0", name: Claude 3 Haiku, provider: Anthropic, limits: {rpm: 60, tpm: 200000, burst: 10}}
  - {id: "amazon.nova-lite-v1:0", name: Nova Lite, provider: Amazon}
`

// scenario fills the frame of a scenario on two models.
func scenario(rest string) string {
	return "version: 1\nname: test\nregion: us-east-1\nmodels:\n  haiku: anthropic.claude-3-haiku-20240307-v1:0\n  nova: amazon.nova-lite-v1:0\n" + rest
}

func TestEveryCountAgrees(t *testing.T) {
	for _, ramp := range []string{
		"[{to: 240 rpm, over: 30s, hold: 90s}]",
		"{constant: 5 rps, for: 1m}",
		"{batches: 6, size: 8, pause: 20s}",
		"{batches: 3, size: 20, pause: 10s, over: 20s}",
		"{stairs: 6 rps, from: 1 rps, steps: 3, each: 20s}",
		"{sine: 4 rps, amplitude: 4 rps, period: 20s, for: 1m}",
		"{concurrency: [{to: 6, over: 30s, hold: 30s}], think: 100ms, calls: 800}",
	} {
		for _, api := range []string{"invoke", "converse"} {
			t.Run(api+" "+ramp, func(t *testing.T) {
				o := simulate(t, scenario(fmt.Sprintf("request: {api: %s}\nsteps:\n  - load: {warmup: 5s, ramp: %s}\n  - wait: 1s\n  - monitor: {window: 10m, period: 1m}\n", api, ramp)), haikuAccount, nil)
				if o.Exit != 0 {
					t.Fatalf("exit %d: %s", o.Exit, o.Problem)
				}
				load := o.Steps[0].Load
				sum := 0
				for _, n := range load.Outcomes {
					sum += n
				}
				if load.Planned != load.Sent+load.Dropped || load.Sent != sum || load.Planned != len(o.calls) {
					t.Errorf("planned %d, sent %d, dropped %d, outcomes %v, journal %d lines: they must add up", load.Planned, load.Sent, load.Dropped, load.Outcomes, len(o.calls))
				}
				stages := 0
				for _, s := range load.Stages {
					stages += s.Planned
				}
				if stages != load.Planned {
					t.Errorf("the stages hold %d planned calls; the step %d", stages, load.Planned)
				}
				if load.Outcomes[record.Throttled] == 0 {
					t.Error("nothing was throttled: this test would not notice a lost throttle")
				}
				for _, m := range o.Models {
					own := o.counts.Models[m.ID]
					sent, ok, throttled := 0, 0, 0
					for _, c := range o.calls {
						if c.Model != m.Name || c.Outcome == record.Dropped {
							continue
						}
						sent++
						switch c.Outcome {
						case record.OK:
							ok++
						case record.Throttled:
							throttled++
						}
					}
					watch := m.Steps["monitor"]
					if int64(sent) != own.Attempts || float64(sent) != watch["attempts"].Value {
						t.Errorf("%s: the client sent %d, the account counted %d, CloudWatch %v: they must agree", m.Name, sent, own.Attempts, watch["attempts"].Value)
					}
					if int64(ok) != own.OK || float64(ok) != watch["invocations"].Value || int64(throttled) != own.Throttled || float64(throttled) != watch["throttles"].Value {
						t.Errorf("%s: client ok %d and throttled %d; account %d and %d; CloudWatch %v and %v", m.Name, ok, throttled, own.OK, own.Throttled, watch["invocations"].Value, watch["throttles"].Value)
					}
					if tokens := watch["output_tokens"].Value; tokens != float64(own.OutputTokens) {
						t.Errorf("%s: CloudWatch has %v output tokens; the account counted %d", m.Name, tokens, own.OutputTokens)
					}
				}
				if o.Spent.Requests != int64(load.Sent) {
					t.Errorf("spent %d requests; sent %d", o.Spent.Requests, load.Sent)
				}
			})
		}
	}
}

// The account refuses a body that is not its family's, as AWS does, and tells
// the tokens in each family's own way.
func TestEveryFamilyIsUnderstoodByTheAccount(t *testing.T) {
	account := "account: \"123456789012\"\nregion: us-east-1\nmodels:\n"
	src := "version: 1\nname: families\nrequest: {api: %s, system: Be brief., temperature: 0.5, max_tokens: 9}\nmodels:\n"
	ids := map[string]string{"claude": "anthropic.claude-3-haiku-20240307-v1:0", "nova": "amazon.nova-lite-v1:0", "titan": "amazon.titan-text-express-v1", "llama": "meta.llama3-1-8b-instruct-v1:0"}
	for name, id := range ids {
		account += fmt.Sprintf("  - {id: %q, name: %s, provider: P}\n", id, name)
		src += fmt.Sprintf("  %s: %q\n", name, id)
	}
	for _, api := range []string{"invoke", "converse"} {
		o := simulate(t, fmt.Sprintf(src, api)+"steps:\n  - load: {ramp: {batches: 1, size: 5, pause: 1s}}\n", account, nil)
		if len(o.calls) != 5*len(ids) {
			t.Fatalf("%d calls by %s; want %d", len(o.calls), api, 5*len(ids))
		}
		for _, c := range o.calls {
			if c.Outcome != record.OK || c.Usage == nil || c.Usage.Input == 0 || c.Usage.Output == 0 || c.Usage.Output > 9 {
				t.Errorf("%s by %s: %s %s (%s), usage %v; want ok, and at most 9 output tokens", c.Model, api, c.Outcome, c.Code, c.Message, c.Usage)
			}
		}
	}
}

func TestTheSameSeedGivesTheSameRecord(t *testing.T) {
	src := scenario("steps:\n  - discover: {}\n  - load: {ramp: [{to: 300 rpm, over: 1m, hold: 1m}], max_in_flight: 3, max_lateness: 200ms, stop_when: throttle_rate > 0.9}\n  - monitor: {window: 1h}\nassert: [{expr: load.throttle_rate <= 0.01}]\n")
	first := simulate(t, src, haikuAccount, nil)
	if n := first.Steps[1].Load.Dropped; n == 0 {
		t.Error("nothing was dropped: the cap is not part of this test")
	}
	for range 5 {
		again := simulate(t, src, haikuAccount, nil)
		if a, b := first.json(t), again.json(t); a != b {
			t.Fatalf("two runs with one seed differ:\n%.2000s\n%.2000s", a, b)
		}
	}
}

func TestStopWhenEndsTheRamp(t *testing.T) {
	o := simulate(t, scenario("steps:\n  - load: {models: [haiku], ramp: {constant: 600 rpm, for: 10m}, stop_when: throttle_rate > 0.5}\n"), haikuAccount, nil)
	s := o.Steps[0]
	if !strings.HasPrefix(s.Stopped, "haiku: stop_when: throttle_rate > 0.5, throttle_rate = 0.") {
		t.Errorf("stopped is %q; want the condition and the value", s.Stopped)
	}
	if s.Load.Planned >= s.Load.Scheduled || s.Load.Planned > 60 || s.Cut != "" {
		t.Errorf("planned %d of %d, cut %q; want an early end that is no cut", s.Load.Planned, s.Load.Scheduled, s.Cut)
	}
}

func TestStopWhenIsAskedOfEachModel(t *testing.T) {
	o := simulate(t, scenario("steps:\n  - load: {ramp: {constant: 600 rpm, for: 1m}, stop_when: throttle_rate > 0.5}\n"), haikuAccount, nil)
	sent := map[string]int{}
	for _, c := range o.calls {
		sent[c.Model]++
	}
	// Nova has no limit and goes on to the end.
	if sent["nova"] != 600 || sent["haiku"] > 60 || !strings.HasPrefix(o.Steps[0].Stopped, "haiku: ") || strings.Contains(o.Steps[0].Stopped, "nova") {
		t.Errorf("sent %v, stopped %q; want haiku stopped early and nova not", sent, o.Steps[0].Stopped)
	}
}

func TestBatchesEndWhenHalfIsThrottled(t *testing.T) {
	o := simulate(t, scenario("steps:\n  - load: {models: [haiku], ramp: {batches: 10, size: 5, pause: 3s}}\n"), haikuAccount, nil)
	stages := o.Steps[0].Load.Stages
	last := slices.IndexFunc(stages, func(s record.Stage) bool { return s.Planned == 0 }) - 1
	if last < 1 {
		t.Fatalf("the ramp ended after stage %d of %v", last, stages)
	}
	for i, s := range stages[:last+1] {
		if s.Planned != 5*(i+1) {
			t.Errorf("batch %d has %d calls; want %d", i+1, s.Planned, 5*(i+1))
		}
		half := 2*s.Outcomes[record.Throttled] > s.Sent
		if half != (i == last) {
			t.Errorf("batch %d of %d: %d of %d throttled; the ramp must end at the first batch with more than half", i+1, last+1, s.Outcomes[record.Throttled], s.Sent)
		}
	}
}

func TestInterruptDrainsAndJudges(t *testing.T) {
	src := scenario("steps:\n  - load: {name: first, models: [nova], ramp: {constant: 60 rpm, for: 30s}}\n  - load: {name: second, ramp: {constant: 60 rpm, for: 10m}}\n  - monitor: {}\nassert:\n  - {name: done, expr: first.throttled == 0}\n  - {name: cut, expr: second.throttle_rate <= 1}\n  - {name: never, expr: monitor.points >= 0}\n")
	o := simulate(t, src, haikuAccount, after(45*time.Second, runner.Interrupt{Signal: "SIGINT", Status: 130}))
	if !o.Aborted || o.Exit != 130 || o.Problem != "interrupted by SIGINT" {
		t.Errorf("aborted %v, exit %d, problem %q; want true, 130, interrupted by SIGINT", o.Aborted, o.Exit, o.Problem)
	}
	for name, want := range map[string]record.Verdict{"done": record.Pass, "cut": record.Unknown, "never": record.Unknown} {
		if a := o.verdict(t, name); a.Verdict != want {
			t.Errorf("assertion %q is %s (%s); want %s", name, a.Verdict, a.Reason, want)
		}
	}
	if len(o.Steps) != 2 || o.Steps[1].Cut != "interrupted by SIGINT" {
		t.Errorf("steps %+v; want two, the second cut", o.Steps)
	}
	load := o.Steps[1].Load
	if load.Outcomes[record.OK]+load.Outcomes[record.Throttled] != load.Sent || load.Planned >= load.Scheduled {
		t.Errorf("%+v: the calls under way must end by themselves", load.Counts)
	}
	if d := o.Ended.Sub(o.Started); d > 47*time.Second {
		t.Errorf("the run took %s; the calls under way take about half a second", d)
	}
}

func TestNoDataIsUnknownNeverAPass(t *testing.T) {
	src := scenario(`steps:
  - discover: {}
  - load: {models: [haiku], ramp: {constant: 60 rpm, for: 10s}}
  - monitor: {window: 1h, models: [nova]}
assert:
  - {name: idle, expr: monitor.throttle_rate <= 1}
  - {name: not idle, expr: not (monitor.throttle_rate > 1)}
  - {name: either, expr: monitor.throttles > 0 or monitor.throttles <= 0}
  - {name: skipped, expr: monitor.peak_tpm < 1, on_no_data: skip}
  - {name: no quota, expr: quota.rpm.applied > 0, for: [nova]}
  - {name: quota, expr: quota.rpm.applied == 60 and not quota.rpm.adjustable, for: [haiku]}
  - {name: divides, expr: load.ok / load.throttled >= 0}
  - {name: fails, expr: load.ok > 1000, severity: warn}
  - {name: counted, expr: monitor.points == 0}
  - {name: total, expr: load.ok == 10, scope: run}
`)
	o := simulate(t, src, haikuAccount, nil)
	for name, want := range map[string]record.Verdict{"idle": record.Unknown, "not idle": record.Unknown, "either": record.Unknown, "skipped": record.Skipped,
		"no quota": record.Unknown, "quota": record.Pass, "divides": record.Unknown, "fails": record.Fail, "counted": record.Pass, "total": record.Pass} {
		a := o.verdict(t, name)
		if a.Verdict != want {
			t.Errorf("assertion %q is %s (%s); want %s", name, a.Verdict, a.Reason, want)
		}
		if (a.Verdict == record.Pass) != (a.Reason == "") {
			t.Errorf("assertion %q (%s) gives the reason %q", name, a.Verdict, a.Reason)
		}
	}
	if o.Exit != record.ExitUndecided || o.Verdict != record.Unknown {
		t.Errorf("exit %d, verdict %s; want %d, unknown", o.Exit, o.Verdict, record.ExitUndecided)
	}
	if v := o.Models[1].Steps["monitor"]["throttles"]; v.Known {
		t.Errorf("throttles of an idle model are %v; want no data", v)
	}
	if a := o.verdict(t, "total"); a.Model != "" || a.Samples["load.ok"] != 10 || a.Line != 21 || a.Column != 25 {
		t.Errorf("total: model %q, samples %v, place %d:%d; want none, 10, 21:25", a.Model, a.Samples, a.Line, a.Column)
	}
}

func TestAFailedAssertionWinsOverAnUnknownOne(t *testing.T) {
	o := simulate(t, scenario("steps:\n  - load: {models: [haiku], ramp: {constant: 60 rpm, for: 10s}}\n  - monitor: {models: [nova]}\nassert:\n  - expr: monitor.throttles == 0\n  - expr: load.ok == 0\n"), haikuAccount, nil)
	if o.Exit != record.ExitFail || o.Verdict != record.Fail {
		t.Errorf("exit %d, verdict %s; want 1, fail", o.Exit, o.Verdict)
	}
	if a := o.verdict(t, "load.ok == 0"); a.Reason != "load.ok is 10; wanted load.ok == 0" {
		t.Errorf("reason %q; want the value and the wish", a.Reason)
	}
}

func TestTheWrongAccountIsRefusedBeforeAnyCall(t *testing.T) {
	o := simulate(t, scenario("expect_account: \"999999999999\"\nsteps:\n  - load: {ramp: {constant: 60 rpm, for: 10s}}\nassert: [{expr: load.ok > 0}]\n"), haikuAccount, nil)
	if o.Exit != record.ExitEnvironment || !strings.Contains(o.Problem, "123456789012") || !strings.Contains(o.Problem, "999999999999") {
		t.Errorf("exit %d, problem %q; want 4 and both accounts", o.Exit, o.Problem)
	}
	if len(o.counts.Models) > 0 || len(o.calls) > 0 {
		t.Errorf("calls were sent: %v", o.counts.Models)
	}
}

// fake answers every invocation by a function.
type fake struct {
	plugins.AWS
	mu       sync.Mutex
	sent     int
	answer   func(n int, in plugins.Invocation) plugins.Reply
	catalog  plugins.Catalog
	unlisted error // why there is no catalog
	silent   bool  // the catalog never comes
	listed   int
}

func (f *fake) Catalog(ctx context.Context) (plugins.Catalog, error) {
	f.listed++
	if f.silent {
		<-ctx.Done()
		return plugins.Catalog{}, ctx.Err()
	}
	return f.catalog, f.unlisted
}

func (f *fake) Identity(context.Context) (plugins.Identity, error) {
	return plugins.Identity{Account: "123456789012", Region: "us-east-1"}, nil
}

func (f *fake) Invoke(_ context.Context, in plugins.Invocation) plugins.Reply {
	f.mu.Lock()
	f.sent++
	n := f.sent
	f.mu.Unlock()
	time.Sleep(100 * time.Millisecond)
	return f.answer(n, in)
}

func against(t *testing.T, src string, f *fake) (o outcome) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { o = execute(t, plan(t, src), f, nil) })
	return o
}

func TestTheGuardKeepsTheBudgetWhereTheRealCostIsHigher(t *testing.T) {
	// The plan takes 20 + 50 tokens a call for granted; the account bills 1,000.
	f := &fake{answer: func(int, plugins.Invocation) plugins.Reply {
		return plugins.Reply{Outcome: record.OK, Usage: &record.Usage{Input: 950, Output: 50}}
	}}
	o := against(t, scenario("budget: {tokens: 10k}\nrequest: {input_tokens: 20}\nsteps:\n  - load: {models: [nova], ramp: {constant: 60 rpm, for: 2m}}\n  - wait: 1h\nassert: [{expr: load.throttle_rate <= 1}]\n"), f)
	if o.Exit != record.ExitBudget || !strings.Contains(o.Problem, "budget.tokens") {
		t.Errorf("exit %d, problem %q; want 5 and budget.tokens", o.Exit, o.Problem)
	}
	if o.Spent.Tokens > 10_000 || o.Spent.Tokens < 9_000 || int64(f.sent) != o.Spent.Requests {
		t.Errorf("spent %+v with %d requests at the account; want just under 10,000 tokens", o.Spent, f.sent)
	}
	load := o.Steps[0].Load
	if load.Planned != load.Sent+load.Dropped || load.Dropped == 0 || o.calls[len(o.calls)-1].Code != plugins.CodeBudget {
		t.Errorf("%+v: the call that the budget refused must be told as dropped", load.Counts)
	}
	if len(o.Steps) != 1 || o.Assertions[0].Verdict != record.Unknown {
		t.Errorf("%d steps, verdict %s; want the run to end there, undecided", len(o.Steps), o.Assertions[0].Verdict)
	}
}

func TestTheBudgetHoldsForCallsUnderWay(t *testing.T) {
	f := &fake{answer: func(int, plugins.Invocation) plugins.Reply {
		return plugins.Reply{Outcome: record.OK, Usage: &record.Usage{Input: 20, Output: 50}}
	}}
	src := scenario("budget: {requests: 40}\nsteps:\n  - load: {models: [nova], ramp: {batches: 1, size: 40, pause: 1s}}\n")
	if o := against(t, src, f); o.Exit != 0 || f.sent != 40 {
		t.Errorf("exit %d after %d requests; the plan fits its budget exactly", o.Exit, f.sent)
	}
}

func TestRefusedCallsEndTheRun(t *testing.T) {
	f := &fake{answer: func(int, plugins.Invocation) plugins.Reply {
		return plugins.Reply{Outcome: record.ClientError, Status: 403, Code: "AccessDeniedException", Message: "You don't have access."}
	}}
	o := against(t, scenario("steps:\n  - load: {models: [nova], ramp: {constant: 600 rpm, for: 2m}}\nassert: [{expr: load.throttle_rate <= 0.01}]\n"), f)
	if o.Exit != record.ExitEnvironment || !strings.Contains(o.Problem, "AccessDeniedException") || f.sent > 10 {
		t.Errorf("exit %d, problem %q, %d requests; want 4, the code, and a handful", o.Exit, o.Problem, f.sent)
	}
	if v := o.Assertions[0]; v.Verdict != record.Unknown {
		t.Errorf("verdict %s; a model that answers nothing is not below its quota", v.Verdict)
	}
}

func TestLostCallsSayNothingAboutThrottling(t *testing.T) {
	f := &fake{answer: func(int, plugins.Invocation) plugins.Reply {
		return plugins.Reply{Outcome: record.Connection, Code: "SendFailed"}
	}}
	o := against(t, scenario("steps:\n  - load: {models: [nova], ramp: {constant: 60 rpm, for: 1m}}\nassert:\n  - {name: rate, expr: load.throttle_rate <= 0.01}\n  - {name: errors, expr: load.error_rate <= 0.01}\n"), f)
	if a := o.verdict(t, "rate"); a.Verdict != record.Unknown {
		t.Errorf("throttle rate: %s; want unknown", a.Verdict)
	}
	if a := o.verdict(t, "errors"); a.Verdict != record.Fail || o.Exit != record.ExitFail {
		t.Errorf("error rate: %s, exit %d; want fail, 1", a.Verdict, o.Exit)
	}
}

func TestTheDurationBudgetEndsTheRun(t *testing.T) {
	// The plan fits: only the real account is slower than any plan can know.
	f := &fake{answer: func(int, plugins.Invocation) plugins.Reply {
		time.Sleep(20 * time.Second)
		return plugins.Reply{Outcome: record.OK}
	}}
	o := against(t, scenario("budget: {duration: 100s}\nrequest: {timeout: 5s}\nsteps:\n  - load: {models: [nova], max_in_flight: 1, max_lateness: 1h, ramp: {constant: 60 rpm, for: 80s}}\nassert: [{expr: load.ok > 0}]\n"), f)
	if o.Exit != record.ExitBudget || o.Problem != "budget.duration is over" || o.Assertions[0].Verdict != record.Unknown {
		t.Errorf("exit %d, problem %q, verdict %s; want 5, budget.duration, unknown", o.Exit, o.Problem, o.Assertions[0].Verdict)
	}
	// Neither does a call under way go on after it.
	slow := strings.Replace(haikuAccount, "name: Nova Lite,", "name: Nova Lite, latency: {first_token: 23s, spread: 0},", 1)
	o = simulate(t, scenario("budget: {duration: 100s}\nsteps:\n  - load: {models: [nova], max_in_flight: 1, max_lateness: 1h, ramp: {constant: 60 rpm, for: 30s}}\n"), slow, nil)
	if d := time.Duration(o.Spent.Duration); o.Exit != record.ExitBudget || d < 99*time.Second || d > 100*time.Second || o.Steps[0].Load.Outcomes[record.OK] != 4 || o.Steps[0].Load.Outcomes[record.Timeout] != 1 {
		t.Errorf("exit %d after %v with %v; want four answers, and the fifth call cut off at 100 s", o.Exit, d, o.Steps[0].Load.Outcomes)
	}
}

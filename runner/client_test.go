package runner_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner"
)

// client is a scenario of one step with a client, after a discover step.
func client(request, load, client string) string {
	return scenario("request: {" + request + "}\nsteps:\n  - discover: {}\n  - load: {" + load + ", client: " + client + "}\n")
}

// the clients that are held against each other, and what makes each
var clients = map[string]string{
	"bare":        "{}",
	"full-jitter": "{retry: {policy: full-jitter}}",
	"paced":       "{pacing: {}}",
	"both":        "{pacing: {share: 90%, max_wait: 20s}, retry: {policy: full-jitter, max_attempts: 3}}",
}

// accounts checks what holds of every load of a client: that its numbers add up,
// and that its lines are whole.
func (o outcome) accounts(t *testing.T, step record.Step) {
	t.Helper()
	c := step.Load.Counts
	sum, lines := 0, 0
	for _, n := range c.Outcomes {
		sum += n
	}
	byCall := map[int][]record.Call{}
	for _, call := range o.calls {
		if call.Step == step.Name {
			byCall[call.Seq] = append(byCall[call.Seq], call)
			lines++
		}
	}
	if c.Planned+c.Retried != c.Sent+c.Dropped+c.GivenUp || sum != c.Sent || c.Planned != len(byCall) || lines != c.Planned+c.Retried {
		t.Errorf("%+v, %d lines of %d calls: they must add up", c, lines, len(byCall))
	}
	for _, calls := range byCall {
		var before record.Call
		for i, a := range calls {
			last := i == len(calls)-1
			switch {
			case a.Outcome == record.Dropped:
				if !last || a.Lag != 0 || a.Held != 0 || a.Waited != 0 {
					t.Errorf("dropped: %+v", a)
				}
				continue
			case a.Attempt != i+1 || a.Retried == last || a.Held > a.Lag || a.Waited > a.Held || a.Waited < before.Waited:
				t.Errorf("line %d of %d of a call: %+v", i+1, len(calls), a)
			case i > 0 && a.Sent().Before(before.End()):
				t.Errorf("attempt %d went out at %s; the one before ended at %s", i+1, a.Sent(), before.End())
			case i > 0 && (a.Planned != before.Planned || a.Stage != before.Stage || a.Warmup != before.Warmup):
				t.Errorf("attempts of a call differ: %+v, %+v", before, a)
			case !a.Outcome.Sent() && (a.Took != 0 || a.ReservedTokens != 0 || a.Code == "" || a.Message == ""):
				t.Errorf("not sent: %+v", a)
			}
			before = a
		}
	}
}

// At half the quota, at the quota and above it, with every client: what the client
// counts is what the account saw, attempt by attempt, and its metrics tell calls
// and attempts apart.
func TestAClientCountsCallsAndAttempts(t *testing.T) {
	const quota = 60
	for _, api := range []string{"converse", "invoke-stream"} {
		for _, offered := range []int{50, 100, 150} {
			if api != "converse" && offered != 150 {
				continue
			}
			got := map[string]record.Values{}
			for name, how := range clients {
				synctest.Test(t, func(t *testing.T) {
					parsed, err := sim.Parse("account.yaml", []byte(haikuAccount))
					if err != nil {
						t.Fatal(err)
					}
					l := &logged{Server: sim.New(parsed), log: map[time.Time]sim.RecentCall{}}
					aws, err := cloud.New(context.Background(), cloud.Config{Region: parsed.Region, Simulated: "http://simulated.invalid", Transport: cloud.InProcess(l)})
					if err != nil {
						t.Fatal(err)
					}
					o := execute(t, plan(t, client("api: "+api+", input_tokens: 20, max_tokens: 40", fmt.Sprintf("models: [haiku], warmup: 1m, slo: {latency: 5s}, ramp: {constant: %d rpm, for: 4m}", quota*offered/100), how)), aws, nil)
					if o.Exit != 0 {
						t.Fatalf("%s at %d %%: exit %d: %s", name, offered, o.Exit, o.Problem)
					}
					step := o.Steps[1]
					o.accounts(t, step)
					if len(l.seq) != step.Load.Sent || o.Spent.Requests != int64(step.Load.Sent) {
						t.Errorf("%s at %d %%: the account saw %d requests, %d were sent and %d spent", name, offered, len(l.seq), step.Load.Sent, o.Spent.Requests)
					}
					for _, c := range o.calls {
						says, ok := l.log[c.Sent().UTC()]
						if want := map[string]record.Outcome{"ok": record.OK, "ThrottlingException": record.Throttled}[says.Outcome]; c.Outcome.Sent() && (!ok || want != c.Outcome) {
							t.Errorf("%s at %d %%: attempt %d of call %d is %s; the account says %q", name, offered, c.Attempt, c.Seq, c.Outcome, says.Outcome)
						}
					}
					if n := step.Load.Dropped; n > 0 || step.Load.Behind != "" {
						t.Errorf("%s at %d %%: %d dropped, behind: %q", name, offered, n, step.Load.Behind)
					}
					got[name] = o.Models[0].Steps["load"]
				})
			}
			at := fmt.Sprintf("%s at %d %%", api, offered)
			value := func(client, metric string) float64 {
				r, ok := got[client][metric]
				if !ok || !r.Known {
					t.Errorf("%s: %s is not known of %s", at, metric, client)
				}
				return r.Value
			}
			for name := range clients {
				if a, c, r := value(name, "attempts"), value(name, "calls"), value(name, "amplification"); r != a/c || value(name, "success_rate") != value(name, "ok")/c {
					t.Errorf("%s, %s: amplification %g, success_rate %g of %g calls and %g attempts", at, name, r, value(name, "success_rate"), c, a)
				}
				if rpm := value(name, "offered_rpm"); rpm < float64(quota*offered)/100*0.98 || rpm > float64(quota*offered)/100*1.02 {
					t.Errorf("%s, %s: %g calls a minute were offered", at, name, rpm)
				}
			}
			for _, name := range slices.Sorted(maps.Keys(clients)) {
				t.Logf("%-24s %-12s success %5.1f %%, throttled %5.2f %%, amplification %.2f, waits of %5.0f ms, latency p50 %5.0f ms", at, name,
					100*value(name, "success_rate"), 100*value(name, "throttle_rate"), value(name, "amplification"), value(name, "wait_ms.p50"), value(name, "latency_ms.p50"))
			}
			if n := value("bare", "amplification"); n != 1 || value("bare", "retry_count") != 0 || value("bare", "wait_ms.max") != 0 {
				t.Errorf("%s: a client that does nothing makes %g attempts a call", at, n)
			}
			for _, paced := range []string{"paced", "both"} {
				if r := value(paced, "throttle_rate"); r >= 0.005 {
					t.Errorf("%s: %s throttled at %g", at, paced, r)
				}
			}
			if offered < 100 {
				if value("paced", "success_rate") != 1 || value("full-jitter", "amplification") != 1 {
					t.Errorf("%s: success %g paced, amplification %g with retries; want 1", at, value("paced", "success_rate"), value("full-jitter", "amplification"))
				}
			}
			if offered > 100 {
				if value("full-jitter", "amplification") < 1.5 || value("full-jitter", "retry_count") == 0 || value("bare", "throttle_rate") < 0.2 {
					t.Errorf("%s: amplification %g with retries, throttle rate %g without", at, value("full-jitter", "amplification"), value("bare", "throttle_rate"))
				}
				if value("paced", "wait_ms.p50") < 5000 || value("paced", "given_up") == 0 || value("paced", "latency_ms.p50") < value("paced", "service_ms.p50")+5000 {
					t.Errorf("%s: paced waits %g ms, latency %g, service %g, %g given up", at, value("paced", "wait_ms.p50"), value("paced", "latency_ms.p50"), value("paced", "service_ms.p50"), value("paced", "given_up"))
				}
				if value("bare", "goodput") <= value("paced", "goodput") { // what waits longer than the slo is no good
					t.Errorf("%s: goodput %g bare and %g paced", at, value("bare", "goodput"), value("paced", "goodput"))
				}
			}
		}
	}
}

// Bursts of a few calls above the quota are what retries are for.
func TestRetriesSaveCallsOfABurst(t *testing.T) {
	rate := map[string]float64{}
	for name, how := range clients {
		o := simulate(t, client("max_tokens: 20", "models: [haiku], ramp: {batches: 3, size: 10, pause: 40s}", how), haikuAccount, nil)
		o.accounts(t, o.Steps[1])
		rate[name] = o.Models[0].Steps["load"]["success_rate"].Value
	}
	if rate["bare"] > 0.8 || rate["full-jitter"] < rate["bare"]+0.1 || rate["paced"] != 1 || rate["both"] < rate["bare"]+0.1 {
		t.Errorf("success rates %v; want retries to save calls, and pacing all of them", rate)
	}
}

// The same seed gives the same run, to the byte: also where calls of two models
// wait for one instant and are retried at random, in steps side by side.
func TestAClientRepeatsItself(t *testing.T) {
	load := func(name, how string) string {
		return "    - load: {name: " + name + ", ramp: {batches: 3, size: 40, pause: 50s}, client: " + how + "}\n"
	}
	src := func(seed int) string {
		return scenario(fmt.Sprintf("seed: %d\nrequest: {input_tokens: 20, max_tokens: 40, nonce: true}\nsteps:\n  - discover: {}\n  - parallel:\n", seed) +
			load("one", "{pacing: {rpm: 30, concurrent: 3, max_wait: 20s}, retry: {policy: decorrelated-jitter}}") +
			load("two", "{retry: {policy: full-jitter, budget: 50%}}") + load("three", "{pacing: {adaptive: true}, retry: {policy: equal-jitter}}"))
	}
	account := haikuAccount + "faults: [{match: {operation: bedrock-runtime.Converse}, when: {probability: 0.1}, what: {error: {status: 503, code: ServiceUnavailableException}}}]\n"
	first := simulate(t, src(3), account, nil)
	for _, s := range first.Steps[1:] {
		first.accounts(t, s)
		if s.Load.Retried == 0 {
			t.Errorf("step %s retried nothing: this test would not notice chance in it", s.Name)
		}
	}
	line := func(c record.Call) string {
		b, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for range 3 {
		again := simulate(t, src(3), account, nil)
		for i := range min(len(first.calls), len(again.calls)) {
			if a, b := line(first.calls[i]), line(again.calls[i]); a != b {
				t.Fatalf("a second run with the same seed differs at line %d:\n%s\n%s", i, a, b)
			}
		}
		if again.json(t) != first.json(t) {
			t.Fatal("a second run with the same seed has another record")
		}
	}
	if other := simulate(t, src(4), account, nil); other.Steps[1].Load.Retried == first.Steps[1].Load.Retried && other.json(t) == first.json(t) {
		t.Error("a run with another seed is the same")
	}
}

// asking is an account that asks to wait, in the reply to each call that it throttles.
type asking struct{ *sim.Server }

func (a asking) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Retry-After", "7") // of a success it says nothing
	a.Server.ServeHTTP(w, r)
}

func TestAClientWaitsAsLongAsAWSAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parsed, err := sim.Parse("account.yaml", []byte(haikuAccount+"faults: [{match: {operation: bedrock-runtime.Converse}, when: {nth: 1}, what: {error: {status: 429, code: ThrottlingException}}}]\n"))
		if err != nil {
			t.Fatal(err)
		}
		aws, err := cloud.New(context.Background(), cloud.Config{Region: parsed.Region, Simulated: "http://simulated.invalid", Transport: cloud.InProcess(asking{sim.New(parsed)})})
		if err != nil {
			t.Fatal(err)
		}
		o := execute(t, plan(t, client("max_tokens: 20", "models: [nova], ramp: {batches: 1, size: 1, pause: 1s}", "{retry: {policy: full-jitter, base: 10ms}}")), aws, nil)
		if len(o.calls) != 2 || o.calls[1].Sent().Sub(o.calls[0].End()).Round(time.Millisecond) != 7*time.Second || o.calls[1].Outcome != record.OK {
			t.Errorf("calls %+v; want a second attempt 7 s after the first", o.calls)
		}
	})
}

// What is retried, by how the first attempt ended.
func TestWhatAClientTriesAgain(t *testing.T) {
	for name, tt := range map[string]struct {
		api, what string
		first     record.Outcome
		attempts  int
	}{
		"throttle":         {"converse", "{error: {status: 429, code: ThrottlingException}}", record.Throttled, 2},
		"tokens of a day":  {"converse", `{error: {status: 429, code: ThrottlingException, message: "Too many tokens per day, please wait before trying again."}}`, record.Throttled, 1},
		"no capacity":      {"converse", "{error: {status: 503, code: ServiceUnavailableException}}", record.Capacity, 2},
		"AWS's fault":      {"invoke", "{error: {status: 500, code: InternalServerException}}", record.ServerError, 2},
		"the model's":      {"invoke", "{error: {status: 424, code: ModelErrorException}}", record.ServerError, 1},
		"ours":             {"converse", "{error: {status: 400, code: ValidationException}}", record.ClientError, 1},
		"reset":            {"converse", "{reset: before}", record.Connection, 2},
		"too late":         {"converse", "{delay: 1h}", record.Timeout, 2},
		"cut stream":       {"converse-stream", "{truncate_stream: 2}", record.Truncated, 1},
		"late stream":      {"converse-stream", "{stall: {after: 50, for: 1h}}", record.Timeout, 1},
		"throttled stream": {"invoke-stream", "{error: {status: 429, code: ThrottlingException}}", record.Throttled, 2},
	} {
		t.Run(name, func(t *testing.T) {
			// One at a time, so that a place that is not given back would be missed.
			account := haikuAccount + "faults: [{match: {operation: bedrock-runtime.*}, when: {nth: 3}, what: " + tt.what + "}]\n"
			o := simulate(t, client("timeout: 10s, max_tokens: 20, api: "+tt.api, "models: [nova], stop_on_capacity: false, ramp: {batches: 1, size: 4, pause: 1s, over: 8s}", "{pacing: {concurrent: 1}, retry: {}}"), account, nil)
			o.accounts(t, o.Steps[1])
			var calls []record.Call
			for _, c := range o.calls {
				if c.Seq == 2 {
					calls = append(calls, c)
				}
			}
			next := slices.ContainsFunc(o.calls, func(c record.Call) bool { return c.Seq == 3 && c.Outcome == record.OK })
			if over := name == "tokens of a day"; next == over {
				t.Errorf("the next call was answered: %t; the ramp is over: %t", next, over)
			}
			if len(calls) != tt.attempts || calls[0].Outcome != tt.first || tt.attempts == 2 && calls[1].Outcome != record.OK {
				t.Errorf("attempts %+v; want %d, the first %s", calls, tt.attempts, tt.first)
			}
		})
	}
	// A throttle in the middle of a stream is told, and not retried.
	o := simulate(t, client("max_tokens: 20, api: converse-stream", "models: [nova], ramp: {constant: 60 rpm, for: 1m}", "{pacing: {rpm: 100}, retry: {}}"), strings.Replace(haikuAccount, "name: Nova Lite,", "name: Nova Lite, mid_stream_throttle: 0.3,", 1), nil)
	v := o.Models[1].Steps["load"]
	if v["throttled"].Value < 5 || v["retry_count"].Value != 0 || v["success_rate"].Value >= 0.95 {
		t.Errorf("throttled %v in the middle of streams, %v retries, success rate %v", v["throttled"], v["retry_count"], v["success_rate"])
	}
}

// Tokens are reserved with max_tokens and settled with the burndown: the quota is
// used, and not exceeded, where it is the one of tokens.
func TestAClientPacesTokens(t *testing.T) {
	account := strings.NewReplacer("value: 60,", "value: 6000,", "value: 200000", "value: 20000", "limits: {rpm: 60, tpm: 200000, burst: 10}", "limits: {tpm: 20000}").Replace(haikuAccount)
	for _, api := range []string{"invoke", "converse-stream"} {
		o := simulate(t, client("api: "+api+", input_tokens: 22, max_tokens: 60", "models: [haiku], warmup: 1m, ramp: {constant: 160 rpm, for: 6m}", "{pacing: {max_wait: 20s}}"), account, nil)
		o.accounts(t, o.Steps[1])
		v := o.Models[0].Steps["load"]
		if used := v["settled_tpm"].Value / 20000; v["throttle_rate"].Value >= 0.005 || used < 0.93 || used > 1.01 || v["given_up"].Value < 100 {
			t.Errorf("%s: %v throttled, %g of the quota used, %v given up", api, v["throttle_rate"], used, v["given_up"])
		}
	}
}

var errGone = runner.Interrupt{Signal: "SIGINT", Status: 130}

// The end of a run, of a step or of a ramp leaves nobody waiting.
func TestNobodyWaitsBeyondTheEnd(t *testing.T) {
	const wait = "{pacing: {rpm: 10, max_wait: 10m}, retry: {base: 10m, cap: 10m}}"
	ended := func(o outcome, load *record.Load, within time.Duration) {
		t.Helper()
		o.accounts(t, o.Steps[1])
		stopped := 0
		for _, c := range o.calls {
			if c.Outcome == record.Dropped && c.Code == "stopped" {
				stopped++
			}
		}
		if stopped == 0 || stopped != load.Dropped || load.Behind != "" || o.Ended.Sub(o.Steps[1].Started) > within {
			t.Errorf("%d calls ended as stopped, %d dropped, behind %q, the step took %s (%s)", stopped, load.Dropped, load.Behind, o.Ended.Sub(o.Steps[1].Started), o.Problem)
		}
	}
	o := simulate(t, client("max_tokens: 20", "models: [nova], ramp: {constant: 60 rpm, for: 5m}", wait), haikuAccount, after(30*time.Second, errGone))
	ended(o, o.Steps[1].Load, 32*time.Second)
	if o.Exit != 130 {
		t.Errorf("exit %d", o.Exit)
	}
	// Those who wait for a retry, too.
	o = simulate(t, client("max_tokens: 20", "models: [haiku], ramp: {constant: 300 rpm, for: 1m}, stop_when: throttled >= 20, stop_confidence: none", "{retry: {base: 10m, cap: 10m}}"), haikuAccount, nil)
	ended(o, o.Steps[1].Load, time.Minute)
	if !strings.Contains(o.Steps[1].Stopped, "throttled >= 20") || o.Exit != 0 {
		t.Errorf("stopped %q, exit %d", o.Steps[1].Stopped, o.Exit)
	}
	// And where AWS ends the ramp, and no later call comes due to tell.
	o = simulate(t, client("max_tokens: 20", "models: [nova], ramp: {batches: 1, size: 40, pause: 1m}", "{pacing: {rpm: 60}, retry: {base: 10m, cap: 10m}}"), haikuAccount+"faults: [{match: {operation: bedrock-runtime.*}, what: {error: {status: 503, code: ServiceUnavailableException}}}]\n", nil)
	ended(o, o.Steps[1].Load, time.Minute)
}

// The budget counts attempts, and ends the run at its number.
func TestTheBudgetCountsRetries(t *testing.T) {
	src := "budget: {requests: 400}\n" + client("max_tokens: 20", "models: [haiku], ramp: {constant: 120 rpm, for: 100s}", "{retry: {max_attempts: 2}}")
	o := simulate(t, strings.Replace(src, "budget: {requests: 400}\n", "", 1), haikuAccount, nil)
	if o.Steps[1].Load.Sent <= 250 || o.Plan.Requests != 400 {
		t.Errorf("without a budget %d requests were sent, of %d planned", o.Steps[1].Load.Sent, o.Plan.Requests)
	}
	p, problems := understand(src)
	if len(problems) > 0 || len(p.Over()) > 0 {
		t.Fatalf("problems %v, over %v", problems, p.Over())
	}
	if p, _ := understand(strings.Replace(src, "400}", "399}", 1)); len(p.Over()) != 1 || !strings.Contains(p.Over()[0], "up to 400 requests") {
		t.Errorf("over %q; want the 200 calls twice", p.Over())
	}
	// A budget of retries is kept, and is what the plan says.
	src = strings.Replace(src, "{requests: 400}", "{requests: 260}", 1)
	src = strings.Replace(src, "max_attempts: 2", "budget: 25%", 1)
	never := haikuAccount + "faults: [{match: {operation: bedrock-runtime.*}, what: {error: {status: 429, code: ThrottlingException}}}]\n"
	if o = simulate(t, src, never, nil); o.Exit != 0 || o.Plan.Requests != 260 || o.Steps[1].Load.Sent != 260 || o.Steps[1].Load.Retried != 60 {
		t.Errorf("exit %d, %d requests planned, %+v; want 200 calls, 50 retries for them, and ten", o.Exit, o.Plan.Requests, o.Steps[1].Load.Counts)
	}
	// The guard holds where a plan did not know: of a closed loop.
	loop := "budget: {requests: 150}\n" + client("max_tokens: 20", "models: [haiku], ramp: {concurrency: 5, for: 10m}", "{retry: {max_attempts: 4}}")
	o = simulate(t, loop, haikuAccount, nil)
	o.accounts(t, o.Steps[1])
	if o.Exit != record.ExitBudget || o.Spent.Requests != 150 || o.counts.Models["anthropic.claude-3-haiku-20240307-v1:0"].Attempts != 150 || o.Steps[1].Load.Retried == 0 {
		t.Errorf("exit %d after %d requests: %q", o.Exit, o.Spent.Requests, o.Problem)
	}
}

// Models of one quota share its limit, and others do not.
func TestModelsOfOneQuotaShareALimit(t *testing.T) {
	src := strings.Replace(client("input_tokens: 20, max_tokens: 20", "models: [haiku, twin], ramp: {constant: 40 rpm, for: 4m}", "{pacing: {max_wait: 5s}}"), "models:\n", "models:\n  twin: {id: \"anthropic.claude-3-haiku-20240307-v1:0\"}\n", 1)
	o := simulate(t, src, haikuAccount, nil)
	limits := o.Steps[1].Load.Client.Pacing.Limits
	if len(limits) != 1 || !slices.Equal(limits[0].Models, []string{"haiku", "twin"}) || limits[0].RPM != 60 || limits[0].TPM != 200_000 {
		t.Errorf("limits %+v; want one of both models", limits)
	}
	if v := o.Totals["load"]; v["throttled"].Value != 0 || v["given_up"].Value == 0 || v["attempts"].Value > 4*60+1 {
		t.Errorf("%v throttled, %v given up, %v attempts", v["throttled"], v["given_up"], v["attempts"])
	}
}

package runner_test

import (
	"bytes"
	"context"
	"fmt"
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

func TestThePlanCountsRetries(t *testing.T) {
	const request = "input_tokens: 100, max_tokens: 50, timeout: 10s"
	for _, tt := range []struct {
		load, client string
		requests     int64
		most         time.Duration // of the step of a minute
	}{
		{"ramp: {constant: 60 rpm, for: 1m}", "{}", 60, 70 * time.Second},
		{"ramp: {constant: 60 rpm, for: 1m}", "{retry: {policy: none, max_attempts: 9}}", 60, 70 * time.Second},
		{"ramp: {constant: 60 rpm, for: 1m}", "{retry: {}}", 240, time.Minute + 4*10*time.Second + 3*24*time.Second},
		{"ramp: {constant: 60 rpm, for: 1m}", "{retry: {policy: equal-jitter, max_attempts: 3, cap: 5s}}", 180, time.Minute + 3*10*time.Second + 2*5*time.Second},
		{"ramp: {constant: 60 rpm, for: 1m}", "{pacing: {max_wait: 15s}}", 60, time.Minute + 25*time.Second},
		{"ramp: {constant: 60 rpm, for: 1m}", "{pacing: {max_wait: 15s}, retry: {policy: full-jitter, max_attempts: 2}}", 120, time.Minute + 50*time.Second + 20*time.Second},
		{"ramp: {constant: 60 rpm, for: 1m}", "{retry: {budget: 15%}}", 79, time.Minute + 4*10*time.Second + 3*24*time.Second},
		{"ramp: {constant: 60 rpm, for: 1m}", "{retry: {max_attempts: 2, budget: 100%}}", 120, time.Minute + 2*10*time.Second + 24*time.Second},
		{"ramp: {concurrency: 4, for: 1m, calls: 30}", "{retry: {}}", 120, time.Minute + 4*10*time.Second + 3*24*time.Second},
	} {
		p := plan(t, client(request, "models: [haiku], "+tt.load, tt.client))
		e := p.Steps[1].Estimate
		c := e.Calls[0]
		if c.Requests != tt.requests || p.Cost.Requests != tt.requests || e.Duration != tt.most {
			t.Errorf("%s, %s: %d requests (%d in all) in %s; want %d in %s", tt.load, tt.client, c.Requests, p.Cost.Requests, e.Duration, tt.requests, tt.most)
		}
		if c.Reserved != 150*tt.requests || c.Settled != 350*tt.requests || *c.USD < float64(tt.requests)*(100*0.25+50*1.25)/1e6*0.999 {
			t.Errorf("%s: reserved %d, settled %d, %g USD; want those of %d requests", tt.client, c.Reserved, c.Settled, *c.USD, tt.requests)
		}
	}
	// What only the budget bounds, it bounds with the retries.
	p := plan(t, "budget: {requests: 500}\n"+client(request, "models: [haiku], ramp: {constant: 80% of quota, for: 1m}", "{retry: {}}"))
	if c := p.Steps[1].Estimate.Calls[0]; c.Requests != 500 || c.Calls != 500 || len(p.Over()) > 0 {
		t.Errorf("an open ramp is %d calls and %d requests, over %q; want the budget", c.Calls, c.Requests, p.Over())
	}
}

func TestThePlanTellsOfTheClient(t *testing.T) {
	src := client("timeout: 10s", "models: [haiku], ramp: {constant: 60 rpm, for: 1m}", "{pacing: {share: 90%, max_wait: 20s}, retry: {policy: full-jitter, budget: 10%}}")
	p := plan(t, src)
	const told = "its client is paced at 90 %, full-jitter: a call is sent up to 4 times, which the worst case counts, and may take up to 3m0s with its waits, or longer where AWS asks for it; retries are at most 10% of the calls to each model, and 10"
	if n := p.Steps[1].Estimate.Notes; len(n) != 1 || n[0] != told {
		t.Errorf("notes %q", n)
	}
	rpm, tpm := 6000.0, 100_001.0
	known := map[string]*record.Model{"haiku": {Name: "haiku", Quotas: []record.Quota{{Dimension: "rpm", Code: "L-1", Applied: &rpm}, {Dimension: "tpm", Code: "L-2", Applied: &tpm}}}}
	if err := p.Discovered(known); err != nil {
		t.Fatal(err)
	}
	held := "haiku: held to 5400 requests a minute, 90000 quota tokens a minute"
	if n := p.Steps[1].Estimate.Notes; !slices.Equal(n, []string{told, held}) {
		t.Errorf("with the quotas: notes %q", n)
	}
	// Calls come to wait where more of them come than are sent.
	for ramp, waiting := range map[string]string{
		"constant: 5400 rpm, for: 1h":         "",
		"constant: 7000 rpm, for: 1h":         "1800",
		"constant: 7000 rpm, for: 10s":        "1167", // all that come
		"constant: 5500 rpm, for: 10s":        "",
		"batches: 1, size: 1500, pause: 1m":   "1500",
		"concurrency: 900, for: 1m, calls: 9": "",
	} {
		p := plan(t, strings.Replace(src, "ramp: {constant: 60 rpm, for: 1m}", "ramp: {"+ramp+"}", 1))
		if err := p.Discovered(known); err != nil {
			t.Fatal(err)
		}
		var want []string
		if waiting != "" {
			want = []string{waiting + " calls may come to wait for their turn at once, and max_in_flight (1000) would drop some of them: raise it to twice that, or lower max_wait"}
		}
		if n := p.Steps[1].Estimate.Notes; len(n) < 2 || !slices.Equal(n[2:], want) {
			t.Errorf("%s: notes %q", ramp, n)
		}
	}
	p = plan(t, client("timeout: 10s", "models: [haiku], ramp: {constant: 60 rpm, for: 1m}", "{pacing: {share: 50%, rpm: 100, concurrent: 3}}"))
	if n := p.Steps[1].Estimate.Notes; len(n) != 1 || n[0] != "its client is paced at 50 % of 100 rpm and 3 at once: a call is sent once, and may take up to 40s with its wait" {
		t.Errorf("notes %q", n)
	}
}

func TestProblemsOfAClient(t *testing.T) {
	const head = "steps:\n  - discover: {}\n  - load: "
	for _, tt := range []struct{ src, want string }{
		{"steps:\n  - load: {client: {pacing: {share: 90%}}, ramp: {constant: 60 rpm, for: 1m}}\n", "8:21 quota-not-read client.pacing is held to the quotas, and no step before this one reads them; add the step `- discover: {}` before it, write the limits, such as pacing: {rpm: 100, tpm: 200k}, or let it find the rate with adaptive: true"},
		{"steps:\n  - load: {client: {pacing: {rpm: 100, max_wait: 1m}}, ramp: {constant: 60 rpm, for: 1m}}\n", ""},
		{"steps:\n  - load: {client: {pacing: {adaptive: true}}, ramp: {constant: 60 rpm, for: 1m}}\n", ""},
		{"steps:\n  - load: {client: {retry: {}}, ramp: {constant: 60 rpm, for: 1m}}\n", ""},
		{head + "{client: {pacing: {}}, ramp: {concurrency: 3, for: 1m, calls: 9}}\n", ""},
		{head + "{client: {pacing: , retry: }, ramp: {batches: 3, size: 1, pause: 1m}}\n", ""},
		{"budget: {requests: 999}\n" + head + "{client: {retry: {}}, models: [haiku], ramp: {find: rpm, from: 10 rpm, to: 100 rpm}}\n", "10:20 no-client a search looks for the rate that the quota itself carries, and a client that waits and retries would hide it; leave client out, and let another step with a client send at the rate that was found"},
		{"budget: {requests: 999}\n" + head + "{client: {pacing: {rpm: 9}}, models: [haiku], ramp: {probe: rpm, rate: 100 rpm}}\n", "10:20 no-client a probe looks at AWS's limiter itself, and a client that waits and retries would hide it; leave client out, and let another step have it"},
		{head + "{client: {retry: {base: 5s, cap: 2s}}, ramp: {constant: 60 rpm, for: 1m}}\n", "9:44 bad-backoff no delay is longer than cap (2s), and base is 5s; lower base, or raise cap"},
		{head + "{client: {retry: {base: 1m}}, ramp: {constant: 60 rpm, for: 1m}}\n", "9:35 bad-backoff no delay is longer than cap (20s), and base is 1m0s; lower base, or raise cap"},
		{head + "{client: {retry: {policy: full}}, ramp: {constant: 60 rpm, for: 1m}}\n", "9:37 bad-value load.client.retry.policy needs one of none, exponential, full-jitter, equal-jitter, decorrelated-jitter, not \"full\"; write one of none, exponential, full-jitter, equal-jitter, decorrelated-jitter"},
		{head + "{client: {pacing: {share: 0%}}, ramp: {constant: 60 rpm, for: 1m}}\n", "9:37 quantity-range load.client.pacing.share is out of range: 0%; write a share above 0% and up to 100%, such as 70%"},
	} {
		_, problems := understand(scenario(tt.src))
		var got []string
		for _, p := range problems {
			got = append(got, fmt.Sprintf("%s %s %s; %s", p.Pos, p.Code, p.Message, p.Hint))
		}
		if s := strings.Join(got, "\n"); s != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.src, s, tt.want)
		}
	}
}

// A client that cannot pace, or could never send, sends nothing.
func TestAClientThatCannotPace(t *testing.T) {
	for _, tt := range []struct{ request, load, client, want string }{
		{"max_tokens: 20", "models: [nova], ramp: {constant: 60 rpm, for: 1m}", "{pacing: {}}",
			"step load: model nova has no rpm, tpm or concurrent quota with a value, so its calls cannot be paced by it (discover found: none); write client.pacing.rpm, tpm or concurrent, let it find the rate with adaptive: true, or name its quota under models.nova.quotas"},
		{"max_tokens: 20", "models: [nova], ramp: {constant: 60 rpm, for: 1m}", "{pacing: {rpm: 100, concurrent: 4, share: 20%}}",
			"step load: client.pacing leaves model nova less than one of the 4 calls at once: raise its share"},
		{"input_tokens: 100, max_tokens: 901", "models: [nova], ramp: {concurrency: 3, for: 1h, calls: 1000000}", "{pacing: {tpm: 2000, share: 50%}}",
			"step load: no call of model nova would ever be sent: each reserves 1001 tokens or more (input + max_tokens), and client.pacing lets it have 1000 a minute; lower max_tokens, or raise the limit"},
	} {
		o := simulate(t, client(tt.request, tt.load, tt.client), haikuAccount, nil)
		if o.Exit != record.ExitEnvironment || o.Problem != tt.want || len(o.calls) > 0 {
			t.Errorf("exit %d with %d calls: %q; want %q", o.Exit, len(o.calls), o.Problem, tt.want)
		}
	}
	none := strings.Replace(haikuAccount, "value: 60,", "value: 0,", 1)
	const want = "step load: pace the calls: the applied rpm of haiku is 0: AWS throttles all of its calls; ask for a higher quota (L-2DC80978)"
	if o := simulate(t, client("max_tokens: 20", "models: [haiku], ramp: {constant: 60 rpm, for: 1m}", "{pacing: {}}"), none, nil); o.Problem != want || len(o.calls) > 0 {
		t.Errorf("with a quota of 0, %d calls: %q", len(o.calls), o.Problem)
	}
	// Of calls of several sizes, those that fit are sent.
	folder(t, map[string]string{"a.csv": "at,max_tokens\n0,50\n1,5000\n2,60\n"})
	o := simulate(t, client("input_tokens: 10", "models: [nova], ramp: {replay: a.csv}", "{pacing: {tpm: 1000}}"), haikuAccount, nil)
	o.accounts(t, o.Steps[1])
	if c := o.Steps[1].Load.Counts; c.GivenUp != 1 || c.Outcomes[record.OK] != 2 || o.outcomes()["given_up too_large"] != 1 {
		t.Errorf("%+v, %v; want one call given up, as it is too large", c, o.outcomes())
	}
}

// An adaptive client needs to know no limits: it finds the rate that AWS admits, and
// keeps to it, by the reply's beginning in streams, too.
func TestAnAdaptiveClientFindsTheRate(t *testing.T) {
	for _, tt := range []struct{ steps, api, label string }{
		{"", "converse", "adaptive"},
		{"", "converse-stream", "adaptive"},
		{"  - discover: {}\n", "invoke", "paced at 100 %, adaptive"},
	} {
		src := scenario("request: {api: " + tt.api + ", max_tokens: 20}\nsteps:\n" + tt.steps + "  - load: {ramp: {constant: 90 rpm, for: 8m}, client: {pacing: {adaptive: true, max_wait: 20s}}}\n")
		o := simulate(t, src, haikuAccount, nil)
		step := o.Steps[len(o.Steps)-1]
		o.accounts(t, step)
		limits := 0
		if tt.steps != "" {
			limits = 1 // haiku's; of nova none is known
		}
		if c := step.Load.Client; c.Label != tt.label || !c.Pacing.Adaptive || len(c.Pacing.Limits) != limits {
			t.Errorf("%s: the record tells of %+v, %+v", tt.label, c, c.Pacing)
		}
		v := o.Models[0].Steps["load"]
		if rate := v["throttle_rate"].Value; rate > 0.03 || limits == 0 && rate == 0 || v["ok_rpm"].Value < 53 {
			t.Errorf("%s: %g throttled, %g a minute answered; want about 60 a minute, and a throttle now and then where the limit is not known", tt.label, rate, v["ok_rpm"].Value)
		}
		if nova := o.Models[1].Steps["load"]; nova["success_rate"].Value < 0.99 {
			t.Errorf("%s: nova, which has no limit: %v", tt.label, nova["success_rate"])
		}
	}
}

// outcomes counts the lines by outcome and code.
func (o outcome) outcomes() map[string]int {
	n := map[string]int{}
	for _, c := range o.calls {
		n[strings.TrimSpace(string(c.Outcome)+" "+c.Code)]++
	}
	return n
}

// A verdict on a share of calls takes calls; one on throttles may have the retries too.
func TestReachOfAClient(t *testing.T) {
	for expr, want := range map[string]string{
		"load.success_rate >= 0.9":   "", // 60 of 60 show it
		"load.success_rate >= 0.99":  "load.success_rate >= 0.99: to show that load.success_rate >= 0.99 takes 597 calls or more, and step load plans 60: it cannot pass",
		"load.throttle_rate >= 0.99": "load.throttle_rate >= 0.99: to show that load.throttle_rate >= 0.99 takes 597 calls or more, and step load plans 240: it cannot pass",
		"load.throttle_rate >= 0.97": "", // 197 of up to 240
		"load.throttle_rate <= 0.01": "load.throttle_rate <= 0.01: to show that load.throttle_rate <= 0.01 takes 597 calls or more, and step load plans 60: it cannot pass",
	} {
		p := plan(t, client("max_tokens: 20", "models: [haiku], ramp: {constant: 60 rpm, for: 1m}", "{retry: {}}")+"assert: [{scope: run, expr: "+expr+"}]\n")
		if got := strings.Join(p.Reach(), "\n"); got != want {
			t.Errorf("%s: %q; want %q", expr, got, want)
		}
	}
}

// The journal alone makes the record of a client's step again.
func TestAJournalTellsOfAClient(t *testing.T) {
	src := client("max_tokens: 20", "warmup: 5s, slo: {latency: 9s}, ramp: {constant: 150 rpm, for: 2m}", "{pacing: {rpm: 90, tpm: 100k, max_wait: 10s}, retry: {policy: full-jitter}}")
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
		load := live.Steps[1].Load
		if load.Retried == 0 || load.GivenUp == 0 || load.Client == nil || load.Client.Label != "paced at 90 rpm and 100000 tpm, full-jitter" {
			t.Errorf("%+v by %+v: this test would not notice what is lost", load.Counts, load.Client)
		}
		again, err := record.Replay(&journal)
		if err != nil {
			t.Fatal(err)
		}
		again.Aborted, again.Problem, again.Exit, again.Verdict = live.Aborted, live.Problem, live.Exit, live.Verdict
		again.Ended, again.Spent.Duration, again.Assertions = live.Ended, live.Spent.Duration, live.Assertions
		if got, want := asText(t, again), asText(t, live); got != want {
			t.Errorf("the run made of the journal differs:\n%s\nwant\n%s", got, want)
		}
	})
}

// A worker of a closed loop calls again when its call has ended, with all its
// attempts; batches and replays have clients, too.
func TestEveryLoadMayHaveAClient(t *testing.T) {
	folder(t, map[string]string{"a.jsonl": strings.Repeat("{\"at\": 1}\n", 30)})
	for name, ramp := range map[string]string{
		"a loop":       "ramp: {concurrency: 3, for: 3m, calls: 100, think: 1s}",
		"batches":      "ramp: {batches: 2, size: 15, pause: 1m}",
		"a replay":     "ramp: {replay: a.jsonl}",
		"poisson":      "arrivals: poisson, ramp: {constant: 120 rpm, for: 1m}",
		"few at once":  "max_in_flight: 2, max_lateness: 1s, ramp: {constant: 120 rpm, for: 1m}",
		"both in turn": "models: {haiku: 50%, nova: 50%}, ramp: {constant: 200 rpm, for: 1m}",
	} {
		t.Run(name, func(t *testing.T) {
			load := ramp
			if !strings.Contains(ramp, "models:") {
				load = "models: [haiku], " + ramp
			}
			o := simulate(t, client("max_tokens: 20", load, "{pacing: {rpm: 300, max_wait: 3s}, retry: {policy: full-jitter}}"), haikuAccount, nil)
			o.accounts(t, o.Steps[1])
			l := o.Steps[1].Load
			if l.Retried == 0 || o.Problem != "" || name == "few at once" != (l.Dropped > 0) {
				t.Errorf("%+v: %s", l.Counts, o.Problem)
			}
			if name != "a loop" {
				return
			}
			for _, c := range o.calls {
				under := 0
				for _, d := range o.calls {
					if d.Retried {
						continue
					}
					if !d.Planned.After(c.Planned) && d.End().After(c.Planned) {
						under++
					}
				}
				if under > 3 {
					t.Errorf("%d calls were under way as call %d came due; want 3 at most", under, c.Seq)
				}
			}
		})
	}
}

package runner_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner"
)

// counted is an account with quotas, faults and others whose calls are known: 30
// a minute by the id that we call, of which 3 are throttled, and as many by
// another id, which are none of a reconciliation.
func counted(delay time.Duration, others bool, model, more string) string {
	if !strings.Contains(model, "latency:") {
		model += ", latency: {first_token: 300ms, per_token: 20ms}"
	}
	s := fmt.Sprintf(`
account: "123456789012"
region: us-east-1
seed: 5
models:
  - {id: "amazon.nova-lite-v1:0", name: Nova Lite, provider: Amazon%s}
profiles:
  - {id: "us.amazon.nova-lite-v1:0", name: US, models: ["amazon.nova-lite-v1:0"]}
metrics: {delay: %s}
%s`, model, delay, more)
	if others {
		s += `traffic:
  - {model: "amazon.nova-lite-v1:0", rpm: 30, throttled: 0.1, input_tokens: 10, output_tokens: 5}
  - {model: "us.amazon.nova-lite-v1:0", rpm: 1000, throttled: 0.5, input_tokens: 10, output_tokens: 5}
`
	}
	return s
}

func reconcile(load, more string) string {
	return "version: 1\nname: t\nmodels:\n  nova: amazon.nova-lite-v1:0\n  other: us.amazon.nova-lite-v1:0\nrequest: {max_tokens: 20}\nsteps:\n  - load: {name: ramp, models: [nova], " + load + "}\n  - monitor: {reconcile: ramp" + more + "}\n" +
		"assert:\n  - {expr: monitor.agreement == 1, name: agree}\n  - {expr: monitor.others.calls == 0, name: alone}\n"
}

// minutes are the whole minutes of a step's window.
func minutes(w *record.Window) float64 { return w.End.Sub(w.Start).Minutes() }

// Over ramps, operations, lateness and faults: what the client counts of each
// outcome, and what is known of others, is what CloudWatch has, exactly. Faults
// in place of an operation leave no metrics, so that they are what is missing.
func TestOurCallsAndThoseOfOthersAreWhatCloudWatchCounts(t *testing.T) {
	const bedrock = "match: {operation: bedrock-runtime.*}"
	ramps := map[string]string{"constant": "ramp: {constant: 90 rpm, for: 100s}", "stages": "ramp: [{to: 120 rpm, over: 1m, hold: 30s}], warmup: 20s", "a batch": "ramp: {batches: 2, size: 20, pause: 70s}",
		"a client": "client: {pacing: {rpm: 60, max_wait: 10s}, retry: {max_attempts: 3}}, ramp: {constant: 90 rpm, for: 100s}"}
	faults := map[string]struct {
		model, more, request string
		missing              string // the fault whose calls CloudWatch does not have
		unsure               bool
	}{
		"none":               {},
		"throttles":          {model: ", limits: {rpm: 40, burst: 3}"},
		"no capacity":        {model: ", capacity: [{from: 20s, for: 30s, probability: 0.5}]"},
		"cold start":         {model: ", cold_start: 20s", unsure: true},
		"mid-stream":         {model: ", mid_stream_throttle: 0.3", unsure: true},
		"lost errors":        {more: "faults: [{" + bedrock + ", when: {every: 7}, what: {error: {status: 500, code: InternalServerException}}}]\n", missing: "error"},
		"lost throttles":     {more: "faults: [{" + bedrock + ", when: {every: 5}, what: {error: {status: 429, code: ThrottlingException}}}]\n", missing: "error"},
		"gateway":            {more: "faults: [{" + bedrock + ", when: {every: 5}, what: {html: 502}}]\n", unsure: true},
		"reset":              {more: "faults: [{" + bedrock + ", when: {every: 5}, what: {reset: middle}}]\n", unsure: true},
		"refused connection": {more: "faults: [{" + bedrock + ", when: {every: 5}, what: {reset: before}}]\n", unsure: true},
		"truncated":          {more: "faults: [{" + bedrock + ", when: {every: 5}, what: {truncate: 40}}]\n", unsure: true},
		"cut streams":        {more: "faults: [{" + bedrock + ", when: {every: 5}, what: {truncate_stream: 2}}]\n", unsure: true},
		"malformed":          {more: "faults: [{" + bedrock + ", when: {every: 5}, what: {malformed: true}}]\n", unsure: true},
		"given up":           {model: ", latency: {first_token: 900ms, per_token: 10ms}", request: ", timeout: 1s", unsure: true},
		"never begun":        {more: "faults: [{" + bedrock + ", when: {every: 5}, what: {delay: 3s}}]\n", request: ", timeout: 2s", unsure: true},
		"late":               {more: "faults: [{" + bedrock + ", when: {every: 5}, what: {delay: 3s}}]\n"},
	}
	delays := []time.Duration{0, 90 * time.Second, 3 * time.Minute}
	n := 0
	for _, ramp := range slices.Sorted(maps.Keys(ramps)) {
		for _, fault := range slices.Sorted(maps.Keys(faults)) {
			f := faults[fault]
			for _, api := range []string{"converse", "converse-stream", "invoke", "invoke-stream"} {
				if strings.Contains(fault, "stream") && !strings.Contains(api, "stream") {
					continue
				}
				delay, others := delays[n%3], n/2%2 == 0
				n++
				if raced && n%4 != 0 {
					continue
				}
				what := fmt.Sprintf("%s, %s, %s, delay %s, others %t", ramp, fault, api, delay, others)
				src := reconcile(ramps[ramp]+", stop_on_capacity: false, request: {api: "+api+f.request+"}", "")
				checkAgreement(t, what, simulate(t, src, counted(delay, others, f.model, f.more), nil), others, f.missing, f.unsure)
			}
		}
	}
}

func checkAgreement(t *testing.T, what string, o outcome, others bool, missing string, unsure bool) {
	t.Helper()
	if len(o.Steps) != 2 || len(o.Steps[1].Agreement) != 1 {
		t.Errorf("%s: exit %d (%s), %d steps", what, o.Exit, o.Problem, len(o.Steps))
		return
	}
	a, w := o.Steps[1].Agreement[0], o.Steps[1].Window
	outcomes := map[record.Outcome]int{}
	for _, c := range o.calls {
		outcomes[c.Outcome]++
	}
	own := o.counts.Models["amazon.nova-lite-v1:0"] // the account's own count of ours
	wantOthers := map[string]float64{}
	if others {
		wantOthers[record.MetricInvocations], wantOthers[record.MetricThrottles] = 27*minutes(w), 3*minutes(w)
	}
	real := map[string]float64{record.MetricInvocations: float64(own.OK), record.MetricThrottles: float64(own.Throttled), record.MetricClientErrors: float64(own.ClientErrors), record.MetricServerErrors: float64(own.ServerErrors)}
	var sum, ours, lost float64
	for _, row := range a.Outcomes {
		if row.CloudWatch == nil || row.Others == nil {
			t.Errorf("%s: %s not known (%s)", what, row.Metric, a.Why)
			return
		}
		if *row.CloudWatch != real[row.Metric]+wantOthers[row.Metric] {
			t.Errorf("%s: %s: CloudWatch %g; the account counts %g of ours, and %g are of others", what, row.Metric, *row.CloudWatch, real[row.Metric], wantOthers[row.Metric])
		}
		if got := float64(row.Ours) + *row.MaybeOurs + *row.Others - *row.Missing; got != *row.CloudWatch {
			t.Errorf("%s: %s: %d ours + %g maybe + %g others - %g missing is not the %g of CloudWatch", what, row.Metric, row.Ours, *row.MaybeOurs, *row.Others, *row.Missing, *row.CloudWatch)
		}
		if !unsure && *row.Others != wantOthers[row.Metric] && missing == "" {
			t.Errorf("%s: %s: %g of others; want %g", what, row.Metric, *row.Others, wantOthers[row.Metric])
		}
		sum, ours, lost = sum+*row.Others, ours+float64(row.Ours), lost+*row.Missing
	}
	sent := 0
	for outcome, n := range outcomes {
		if outcome.Sent() {
			sent += n
		}
	}
	if int(ours)+a.Unsure != sent || (a.Unsure > 0) != unsure {
		t.Errorf("%s: %g sure and %d unsure calls of %d (%v); want unsure ones: %t", what, ours, a.Unsure, sent, outcomes, unsure)
	}
	if most := 30 * minutes(w); others && (sum > most || sum < most-float64(a.Unsure)-float64(o.counts.Faults[missing])) || !others && sum != 0 {
		t.Errorf("%s: %g calls of others; want %g", what, sum, most)
	}
	// Where others are there, theirs stand in for ours that are lost.
	if !others && lost != float64(o.counts.Faults[missing]) || lost > float64(o.counts.Faults[missing]) {
		t.Errorf("%s: %g are missing; want %d", what, lost, o.counts.Faults[missing])
	}
	v := o.Models[0].Steps["monitor"]
	if !a.Settled || v["agreement"].Value != 1-lost/ours || !v["agreement"].Known || v["others.calls"].Value != sum || v["missing"].Value != lost || v["unsure"].Value != float64(a.Unsure) {
		t.Errorf("%s: settled %t, %v; want the same numbers", what, a.Settled, v)
	}
	if total := o.Totals["monitor"]; total["agreement"] != v["agreement"] || total["others.calls"] != v["others.calls"] {
		t.Errorf("%s: totals %v; want those of the only id", what, total)
	}
}

// It takes as long as CloudWatch is late and no longer, where we are alone.
func TestSettlingTakesAsLongAsCloudWatchIsLate(t *testing.T) {
	for _, tt := range []struct {
		delay  time.Duration
		others bool
		more   string
		waited [2]time.Duration // from the end of the last minute
		why    string
	}{
		{0, false, "", [2]time.Duration{0, 0}, "it counts as many calls as we do"},
		{90 * time.Second, false, "", [2]time.Duration{90 * time.Second, 120 * time.Second}, "it counts as many calls as we do"},
		{90 * time.Second, true, "", [2]time.Duration{210 * time.Second, 240 * time.Second}, "its counts did not change for 2m"},
		{3 * time.Minute, true, "", [2]time.Duration{5 * time.Minute, 330 * time.Second}, "its counts did not change for 2m"},
		{0, false, "faults: [{match: {operation: bedrock-runtime.*}, when: {nth: 1}, what: {error: {status: 500, code: InternalServerException}}}]\n", [2]time.Duration{5 * time.Minute, 330 * time.Second}, "its counts did not change for 5m, and calls of ours are missing"},
	} {
		o := simulate(t, reconcile("ramp: {constant: 60 rpm, for: 100s}", ""), counted(tt.delay, tt.others, "", tt.more), nil)
		s := o.Steps[1]
		after := s.Ended.Sub(s.Window.End)
		if a := s.Agreement[0]; !a.Settled || a.Why != tt.why || after < tt.waited[0] || after > tt.waited[1] || time.Duration(a.Waited) > s.Ended.Sub(s.Started) {
			t.Errorf("delay %s, others %t: settled %t after %s, because %q; want %s to %s, %q", tt.delay, tt.others, a.Settled, after, a.Why, tt.waited[0], tt.waited[1], tt.why)
		}
		if s.Window.Start.After(o.calls[0].Planned) || !s.Window.End.After(o.calls[len(o.calls)-1].End()) || s.Window.Start.Second()+s.Window.End.Second() != 0 {
			t.Errorf("window %+v; want whole minutes around the calls", s.Window)
		}
	}
}

// A deadline that passes leaves nothing known, and no number is made up.
func TestADeadlineThatPassesLeavesNothingKnown(t *testing.T) {
	for _, tt := range []struct {
		delay time.Duration
		why   string
		told  bool
	}{
		{4 * time.Minute, "CloudWatch told of no call within 3m", false},
		{150 * time.Second, "its counts still changed, or lacked calls of ours, after 3m", true},
	} {
		o := simulate(t, reconcile("ramp: {constant: 60 rpm, for: 110s}", ", settle: 3m"), counted(tt.delay, tt.told, "", ""), nil)
		s := o.Steps[1]
		a := s.Agreement[0]
		if a.Settled || a.Why != tt.why || s.Ended.Sub(s.Started) != 3*time.Minute || o.Exit != record.ExitUndecided {
			t.Errorf("delay %s: settled %t, %q after %s, exit %d", tt.delay, a.Settled, a.Why, s.Ended.Sub(s.Started), o.Exit)
		}
		for _, row := range a.Outcomes {
			if (row.CloudWatch != nil) != tt.told || row.Others != nil || row.Missing != nil || row.MaybeOurs != nil {
				t.Errorf("delay %s: %+v; want nothing but what was told", tt.delay, row)
			}
		}
		for _, name := range []string{"agree", "alone"} {
			if v := o.verdict(t, name); v.Verdict != record.Unknown || !strings.HasPrefix(v.Reason, "no data for monitor.") {
				t.Errorf("delay %s: %s: %+v; want unknown", tt.delay, name, v)
			}
		}
		if text := o.json(t); !strings.Contains(text, `"agreement":null`) || !strings.Contains(text, `"others":null`) {
			t.Errorf("delay %s: run.json does not say null", tt.delay)
		}
	}
}

// Steps whose minutes cannot be told apart are compared together; one of other
// minutes is not in it, nor are calls by another id.
func TestStepsThatShareMinutesAreComparedTogether(t *testing.T) {
	src := "version: 1\nname: t\nmodels:\n  nova: amazon.nova-lite-v1:0\n  again: amazon.nova-lite-v1:0\n  other: us.amazon.nova-lite-v1:0\nrequest: {max_tokens: 20}\nsteps:\n" +
		"  - load: {name: long before, models: [nova], ramp: {constant: 60 rpm, for: 30s}}\n  - wait: 3m\n" +
		"  - load: {name: before, models: [again], ramp: {constant: 60 rpm, for: 20s}}\n" +
		"  - load: {name: elsewhere, models: [other], ramp: {constant: 60 rpm, for: 20s}}\n" +
		"  - load: {name: ramp, models: [nova, other], ramp: {constant: 60 rpm, for: 30s}}\n" +
		"  - monitor: {reconcile: ramp}\nassert:\n  - {expr: monitor.agreement == 1, name: agree}\n  - {expr: monitor.others.calls == 0, name: alone}\n"
	o := simulate(t, strings.ReplaceAll(src, "long before", "long_before"), counted(0, false, "", ""), nil)
	s := o.Steps[len(o.Steps)-1]
	if o.Exit != 0 || len(s.Agreement) != 2 {
		t.Fatalf("exit %d (%s), %+v", o.Exit, o.Problem, s.Agreement)
	}
	nova, other := s.Agreement[0], s.Agreement[1]
	if fmt.Sprint(nova.Models, nova.Steps, nova.Ours()) != "[again nova] [before ramp] 50" || fmt.Sprint(other.Models, other.Steps, other.Ours()) != "[other] [elsewhere ramp] 50" {
		t.Errorf("%v %v %d and %v %v %d", nova.Models, nova.Steps, nova.Ours(), other.Models, other.Steps, other.Ours())
	}
	if want := "steps before, elsewhere share minutes with step ramp and called the same ids, so their calls are compared together"; len(s.Notes) != 1 || s.Notes[0] != want {
		t.Errorf("notes %q; want %q", s.Notes, want)
	}
	if v := o.Totals["monitor"]["agreement"]; v.Value != 1 || v.Samples != 100 {
		t.Errorf("agreement of all %+v; want 1 of 100 calls", v)
	}
	if len(o.Assertions) != 4 {
		t.Errorf("%d verdicts; want those of the models of the step, nova and other", len(o.Assertions))
	}
}

// Calls at optimized latency have a series of their own, and one that fits a
// prompt is ours as well.
func TestCallsBesideTheRampAndInOtherSeriesAreOurs(t *testing.T) {
	src := reconcile("request: {latency: optimized}, ramp: {constant: 60 rpm, for: 90s}", "")
	o := simulate(t, src, counted(0, false, ", optimized: {limits: {rpm: 30, burst: 3}}", ""), nil)
	if a := o.Steps[1].Agreement[0]; o.Exit != 0 || a.Outcomes[0].CloudWatch == nil || *a.Outcomes[0].CloudWatch != 90 {
		t.Errorf("exit %d (%s): %+v; want the 90 calls of both series", o.Exit, o.Problem, a)
	}
	uncounted := "faults: [{match: {operation: bedrock-runtime.CountTokens}, what: {error: {status: 400, code: ValidationException}}}]\n"
	o = simulate(t, reconcile("request: {prompt_tokens: 200}, ramp: {constant: 60 rpm, for: 90s}", ""), counted(0, false, "", uncounted), nil)
	a := o.Steps[1].Agreement[0]
	if o.Exit != 0 || a.Unsure != 1 || *a.Outcomes[0].CloudWatch != 91 || *a.Outcomes[0].MaybeOurs != 1 || *a.Outcomes[0].Others != 0 {
		t.Errorf("exit %d (%s): %+v; want 90 calls, and the one before them", o.Exit, o.Problem, a.Outcomes[0])
	}
}

// A reading that fails on the way is tried again; the first and the last are not.
func TestReadingsThatFailWhileItSettles(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fails func(int) bool
		exit  int
	}{
		{"the first", func(n int) bool { return n == 1 }, record.ExitEnvironment},
		{"some", func(n int) bool { return n%2 == 0 && n < 7 }, 0},
		{"all others", func(n int) bool { return n > 1 }, record.ExitEnvironment},
	} {
		o := failingReads(t, reconcile("ramp: {constant: 60 rpm, for: 90s}", ""), counted(3*time.Minute, false, "", ""), tt.fails)
		if o.Exit != tt.exit || tt.exit != 0 && !strings.Contains(o.Problem, "read CloudWatch to reconcile step ramp: cloudwatch:GetMetricData: not now") {
			t.Errorf("%s: exit %d (%s); want %d", tt.name, o.Exit, o.Problem, tt.exit)
		}
	}
}

func TestASignalEndsTheSettling(t *testing.T) {
	o := simulate(t, reconcile("ramp: {constant: 60 rpm, for: 90s}", ""), counted(5*time.Minute, false, "", ""), after(3*time.Minute, runner.Interrupt{Signal: "SIGINT", Status: record.ExitInterrupt}))
	if o.Exit != record.ExitInterrupt || o.Steps[1].Cut == "" || o.Ended.Sub(o.Started) != 3*time.Minute {
		t.Errorf("exit %d after %s, cut %q", o.Exit, o.Ended.Sub(o.Started), o.Steps[1].Cut)
	}
}

// What run.json says of agreement is in the journal as well.
func TestThePlanTellsOfSettling(t *testing.T) {
	p := plan(t, reconcile("ramp: {constant: 60 rpm, for: 90s}", ", settle: 4m"))
	e := p.Steps[1].Estimate
	if e.Duration != 4*time.Minute || len(e.Notes) != 1 || !strings.Contains(e.Notes[0], "it reads CloudWatch up to 9 times until it has settled, 8 metrics for each model: up to USD 0.0007 a model") {
		t.Errorf("%s, notes %q", e.Duration, e.Notes)
	}
	if fmt.Sprint(p.Steps[1].Models) != "[nova]" {
		t.Errorf("models %v; want those of the load step", p.Steps[1].Models)
	}
}

func TestProblemsOfReconcile(t *testing.T) {
	const ramp = "ramp: {constant: 60 rpm, for: 1m}"
	for _, tt := range []struct{ steps, want string }{
		{"  - load: {name: ramp, " + ramp + "}\n  - monitor: {reconcile: rmap}\n", `unknown-step there is no step "rmap"; did you mean "ramp"?`},
		{"  - discover: {}\n  - monitor: {reconcile: ramp}\n", `unknown-step there is no step "ramp"; put a load step before this one`},
		{"  - load: {name: one, " + ramp + "}\n  - load: {name: two, " + ramp + "}\n  - monitor: {reconcile: something}\n", `unknown-step there is no step "something"; load steps before this one: one, two`},
		{"  - monitor: {reconcile: ramp}\n  - load: {name: ramp, " + ramp + "}\n", `step-comes-later step ramp comes after this one; put this step behind it`},
		{"  - discover: {}\n  - monitor: {reconcile: discover}\n", `no-calls step discover is of the kind discover, and sends no calls to reconcile; put a load step before this one`},
		{"  - monitor: {reconcile: monitor}\n", `no-calls step monitor is of the kind monitor, and sends no calls to reconcile; put a load step before this one`},
		{"  - load: {name: ramp, " + ramp + "}\n  - parallel:\n    - wait: 1m\n    - monitor: {reconcile: ramp}\n", `not-parallel a step that reconciles cannot run at the same time as others: their calls could not be told from those of others; put it behind parallel`},
		{"  - load: {name: ramp, " + ramp + "}\n  - parallel:\n    - monitor: {reconcile: ramp}\n    - wait: 1m\n", `not-parallel a step that reconciles cannot run at the same time as others: their calls could not be told from those of others; put it behind parallel`},
		{"  - load: {name: ramp, " + ramp + "}\n  - monitor: {reconcile: ramp, window: 1h}\n", `window-of-step a step that reconciles reads the minutes of step ramp, and has no window of its own; leave window out, or write a second monitor step for it`},
		{"  - load: {name: ramp, " + ramp + "}\n  - monitor: {reconcile: ramp, period: 5m}\n", `window-of-step a step that reconciles reads the minutes of step ramp, and has no period of its own; leave period out, or write a second monitor step for it`},
		{"  - load: {name: ramp, models: [nova], " + ramp + "}\n  - monitor: {reconcile: ramp, models: [other]}\n", `model-not-in-step step ramp does not call model other, so there is nothing to reconcile; take the model out, or add it to that step`},
		{"  - monitor: {settle: 3m}\n", `settle-without-reconcile settle is how long reconcile waits, and this step reconciles nothing; add reconcile with the name of a load step before this one, or leave settle out`},
		{"  - load: {name: ramp, " + ramp + "}\n  - monitor: {reconcile: ramp, models: [other], settle: 3m}\n", ""},
	} {
		_, problems := understand("version: 1\nname: t\nmodels:\n  nova: amazon.nova-lite-v1:0\n  other: us.amazon.nova-lite-v1:0\nsteps:\n" + tt.steps)
		var got []string
		for _, p := range problems {
			got = append(got, fmt.Sprintf("%s %s; %s", p.Code, p.Message, p.Hint))
		}
		if s := strings.Join(got, "\n"); s != tt.want {
			t.Errorf("%sgot  %s\nwant %s", tt.steps, s, tt.want)
		}
	}
}

// The usage beside the comparison is of the same series, also where CloudWatch does
// not list them yet: the load step itself may be what asks for optimized latency.
func TestUsageHasTheOptimizedCallsOfTheStep(t *testing.T) {
	unlisted := "faults:\n  - {match: {operation: cloudwatch.ListMetrics}, what: {error: {status: 403, code: AccessDenied, message: not yours}}}\n"
	o := simulate(t, reconcile("request: {latency: optimized}, ramp: {constant: 60 rpm, for: 90s}", ""), counted(0, false, ", optimized: {limits: {rpm: 30, burst: 3}}", unlisted), nil)
	m := o.Steps[1]
	if len(m.Agreement) != 1 || m.Agreement[0].Ours() != 90 {
		t.Fatalf("the agreement is %+v; want one, of 90 calls", m.Agreement)
	}
	if got := o.Models[0].Steps["monitor"]["attempts"]; got.Value != 90 {
		t.Errorf("CloudWatch counted %v calls of the model; want the 90 of the step, those at optimized latency among them", got)
	}
}

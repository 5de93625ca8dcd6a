package runner_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner"
	"github.com/loadline-dev/loadline/scenarios"
)

// planned counts the calls of a model that came due in a step.
func (o outcome) planned(step, model string) int {
	n := 0
	for _, c := range o.calls {
		if c.Step == step && c.Model == model {
			n++
		}
	}
	return n
}

func TestModelsGetTheirSharesOfARate(t *testing.T) {
	o := simulate(t, scenario("steps:\n  - load: {models: {haiku: 75%, nova: 25%}, ramp: [{to: 60 rpm, hold: 1m}]}\n"), haikuAccount, nil)
	if h, n := o.planned("load", "haiku"), o.planned("load", "nova"); h != 45 || n != 15 {
		t.Errorf("haiku got %d calls and nova %d; want 45 and 15 of 60", h, n)
	}
	stage := o.Steps[0].Load.Stages[0]
	want := []record.StageRate{{Model: "haiku", FromRPM: 45, ToRPM: 45}, {Model: "nova", FromRPM: 15, ToRPM: 15}}
	if stage.FromRPM != 60 || !slices.Equal(stage.Models, want) {
		t.Errorf("the stage has %g rpm and %v; want 60 together, and %v", stage.FromRPM, stage.Models, want)
	}
	// Of a burst too, and of a closed loop's calls.
	o = simulate(t, scenario("steps:\n  - load: {models: {haiku: 70%, nova: 30%}, ramp: {batches: 2, size: 5, pause: 9s}}\n  - load: {name: loop, models: {haiku: 70%, nova: 30%}, ramp: {concurrency: 2, for: 1h, calls: 20}}\n"), haikuAccount, nil)
	for step, want := range map[string][2]int{"load": {11, 4}, "loop": {14, 6}} {
		if got := [2]int{o.planned(step, "haiku"), o.planned(step, "nova")}; got != want {
			t.Errorf("step %s: calls %v; want %v", step, got, want)
		}
	}
}

// What a wave is drawn from is in the record, of each model where they differ.
func TestWavesAreTold(t *testing.T) {
	o := simulate(t, scenario("steps:\n  - load: {models: {haiku: 75%, nova: 25%}, ramp: {sine: 40 rpm, amplitude: 20 rpm, period: 2m, for: 4m}}\n  - load: {name: line, ramp: {constant: 60 rpm, for: 1m}}\n"), haikuAccount, nil)
	s := o.Steps[0].Load.Stages[0]
	if s.FromRPM != 40 || s.SwingRPM != 20 || time.Duration(s.WavePeriod) != 2*time.Minute || s.MostRPM != 0 {
		t.Errorf("the wave is told as %+v; want 40 rpm, 20 up and down, every 2m", s)
	}
	want := []record.StageRate{{Model: "haiku", FromRPM: 30, ToRPM: 30, SwingRPM: 15}, {Model: "nova", FromRPM: 10, ToRPM: 10, SwingRPM: 5}}
	if !slices.Equal(s.Models, want) {
		t.Errorf("the models' waves are told as %+v; want %+v", s.Models, want)
	}
	if s := o.Steps[1].Load.Stages[0]; s.WavePeriod != 0 || s.SwingRPM != 0 {
		t.Errorf("a straight stage has a wave: %+v", s)
	}
}

func TestRatesInTokens(t *testing.T) {
	const request = "request: {input_tokens: 100, max_tokens: 50}\n"
	for counts, want := range map[string]int{"reserved": 60, "settled": 26} { // 150 a call; with burndown 350
		o := simulate(t, scenario(request+"steps:\n  - load: {models: [haiku], tpm_counts: "+counts+", ramp: {constant: 9k tpm, for: 1m}}\n"), haikuAccount, nil)
		if got := o.planned("load", "haiku"); got != want {
			t.Errorf("9k tpm of tokens %s sent %d calls; want %d", counts, got, want)
		}
		if notes := o.Steps[0].Load.Notes; len(notes) != 1 || !strings.Contains(notes[0], counts+" tokens a call") {
			t.Errorf("notes %q; want one that tells that tokens are %s", notes, counts)
		}
	}
}

// An account whose models have an rpm quota, a tpm quota alone, and none.
const quotaAccount = haikuAccount + `  - {id: "amazon.nova-micro-v1:0", name: Nova Micro, provider: Amazon}
`

func TestSharesOfQuotas(t *testing.T) {
	account := strings.Replace(quotaAccount, "models:", `  - {code: L-70423BF8, name: "On-demand model inference tokens per minute for Amazon Nova Lite", value: 18000, default: 4000000}
models:`, 1)
	const head = "budget: {requests: 500}\nrequest: {input_tokens: 100, max_tokens: 50}\nsteps:\n  - discover: {}\n"
	for _, tt := range []struct {
		ramp string
		want map[string]int // calls by model
	}{
		{"{constant: 50% of quota, for: 1m}", map[string]int{"haiku": 30, "nova": 60}}, // 9,000 tpm at 150
		{"{constant: 9% of tpm quota, for: 1m}", map[string]int{"haiku": 120, "nova": 11}},
		{"{stairs: 100% of quota, from: 50% of quota, step: 25% of quota, each: 20s}", map[string]int{"haiku": 45, "nova": 90}},
	} {
		o := simulate(t, scenario(head+"  - load: {ramp: "+tt.ramp+"}\n"), account, nil)
		for model, want := range tt.want {
			if got := o.planned("load", model); got != want {
				t.Errorf("%s: %d calls to %s; want %d (%s)", tt.ramp, got, model, want, o.Problem)
			}
		}
	}
	// A model without the quota: nothing is sent, and it is said what there is.
	for ramp, want := range map[string]string{
		"{constant: 50% of rpm quota, for: 1m}": "step load: model nova has no rpm quota to take a share of (discover found: tpm 18000)",
	} {
		o := simulate(t, scenario(head+"  - load: {ramp: "+ramp+"}\n"), account, nil)
		if o.Exit != record.ExitEnvironment || !strings.HasPrefix(o.Problem, want) || len(o.calls) > 0 {
			t.Errorf("%s: exit %d with %d calls, %q; want exit %d, none, and %q", ramp, o.Exit, len(o.calls), o.Problem, record.ExitEnvironment, want)
		}
	}
}

func TestPlanOfWhatOnlyTheRunKnows(t *testing.T) {
	p := plan(t, scenario("budget: {requests: 200, tokens: 50k}\nrequest: {input_tokens: 100, max_tokens: 100}\nsteps:\n  - discover: {}\n"+
		"  - load: {ramp: {constant: 60 rpm, for: 1m}, models: [nova]}\n"+
		"  - load: {name: share, ramp: {constant: 80% of quota, for: 1m}, models: [nova]}\n"))
	if p.Cost.Requests != 200 || p.Cost.Tokens != 50_000 || len(p.Over()) != 0 {
		t.Errorf("the plan costs %+v (over: %v); want the budget, which is what bounds it", p.Cost, p.Over())
	}
	if c := p.Steps[2].Estimate.Calls[0]; c.Requests != 200 || c.Rate != "80% of quota" {
		t.Errorf("estimate of the share = %+v; want 200 requests and its rate in words", c)
	}
	// What is known must fit all the same.
	p = plan(t, scenario("budget: {requests: 50}\nsteps:\n  - discover: {}\n  - load: {ramp: {constant: 60 rpm, for: 1m}, models: [nova]}\n  - load: {name: share, ramp: {constant: 80% of quota, for: 1m}}\n"))
	if over := p.Over(); len(over) != 1 || !strings.Contains(over[0], "up to 60 requests") {
		t.Errorf("over the budget of 50: %v; want the 60 calls of the step that is known", over)
	}
	// Caps on tokens and money hold too, but say nothing of how many requests there are: those that AWS refuses are free.
	p = plan(t, scenario("budget: {requests: 900, tokens: 5k, usd: 0.001}\nsteps:\n  - load: {ramp: {concurrency: 3, for: 1m}, models: [nova]}\n"))
	if p.Cost.Requests != 900 || p.Cost.Tokens != 5000 || *p.Cost.USD != 0.001 || len(p.Over()) > 0 {
		t.Errorf("the plan costs %+v, %v USD (over: %v); want each cap of the budget", p.Cost, *p.Cost.USD, p.Over())
	}
	// And with the quotas the numbers are real.
	rpm := 30.0
	known := map[string]*record.Model{"haiku": {Name: "haiku"}, "nova": {Name: "nova", Quotas: []record.Quota{{Dimension: "rpm", Applied: &rpm}}}}
	p = plan(t, scenario("budget: {requests: 500}\nsteps:\n  - discover: {}\n  - load: {ramp: {constant: 80% of quota, for: 5m}, models: [nova]}\n"))
	if err := p.Discovered(known); err != nil || p.Cost.Requests != 120 {
		t.Errorf("with a quota of 30 rpm the plan costs %+v, %v; want 120 requests", p.Cost, err)
	}
	if err := p.Discovered(known); err != nil || p.Cost.Requests != 120 || p.Steps[1].Estimate.Open {
		t.Errorf("asked once more the plan costs %+v, %v; want the same", p.Cost, err)
	}
	p = plan(t, scenario("budget: {requests: 500}\nsteps:\n  - discover: {}\n  - load: {ramp: {constant: 80% of quota, for: 5m}, models: [haiku]}\n"))
	if err := p.Discovered(known); err == nil || !strings.Contains(err.Error(), "step load: model haiku has no rpm or tpm quota to take a share of (discover found: none)") {
		t.Errorf("a model without quotas: error %v; want one that says so", err)
	}
}

func TestAClosedLoopNeverHasMoreUnderWay(t *testing.T) {
	o := simulate(t, scenario("steps:\n  - load: {models: [nova], ramp: {concurrency: [{to: 2, hold: 10s}, {to: 8, over: 10s, hold: 20s}], think: 200ms, calls: 1000}}\n"), haikuAccount, nil)
	load := o.Steps[0].Load
	if o.Exit != 0 || load.Planned == 0 || load.Planned != load.Sent+load.Dropped || load.Dropped != 0 || load.Scheduled != load.Planned {
		t.Errorf("exit %d, planned %d, sent %d, dropped %d, scheduled %d; want a loop that drops nothing", o.Exit, load.Planned, load.Sent, load.Dropped, load.Scheduled)
	}
	for _, c := range o.calls {
		under := 0
		for _, d := range o.calls {
			if !d.Sent().After(c.Sent()) && d.End().After(c.Sent()) {
				under++
			}
		}
		most := 8
		if c.Stage == 0 {
			most = 2
		}
		if under > most {
			t.Errorf("call %d: %d were under way; want at most %d", c.Seq, under, most)
		}
	}
	if s := load.Stages[1]; s.FromWorkers != 2 || s.ToWorkers != 8 || s.FromRPM != 0 {
		t.Errorf("stage 2 = %+v; want 2 to 8 workers, and no rate", s)
	}
	// The budget bounds what has no bound of its own, and says so.
	o = simulate(t, scenario("budget: {requests: 25}\nsteps:\n  - load: {models: [nova], ramp: {concurrency: 4, for: 1h}}\n"), haikuAccount, nil)
	if o.Exit != record.ExitBudget || o.Spent.Requests != 25 || !strings.Contains(o.Problem, "budget.requests (25) is used up") {
		t.Errorf("exit %d after %d requests: %q; want the budget to end it after 25", o.Exit, o.Spent.Requests, o.Problem)
	}
}

func TestAReplaySendsItsSizes(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("arrivals.csv", "at,model,input_tokens,max_tokens\n3,nova,300,7\n0,,40,\n1.5,haiku,,9\n")
	t.Chdir(dir)
	for _, api := range []string{"invoke", "converse"} {
		o := simulate(t, scenario("request: {api: "+api+", input_tokens: 20, max_tokens: 5}\nsteps:\n  - load: {ramp: {replay: arrivals.csv, speed: 2x}}\n"), haikuAccount, nil)
		// Both models get the call that names none.
		want := []struct {
			model       string
			at          time.Duration
			output, big int64
		}{{"haiku", 0, 5, 20}, {"nova", 1000, 5, 20}, {"haiku", 750 * time.Millisecond, 9, 0}, {"nova", 1500 * time.Millisecond, 7, 200}}
		slices.SortFunc(o.calls, func(a, b record.Call) int { return a.Seq - b.Seq })
		if len(o.calls) != len(want) {
			t.Fatalf("%s: %d calls; want %d (%s)", api, len(o.calls), len(want), o.Problem)
		}
		for i, c := range o.calls {
			w := want[i]
			at := c.Planned.Sub(o.calls[0].Planned)
			if c.Model != w.model || at != w.at || c.Usage == nil || c.Usage.Output > w.output || c.Usage.Input < w.big {
				t.Errorf("%s: call %d to %s at %v used %+v; want %s at %v, at most %d tokens out, at least %d in", api, i, c.Model, at, c.Usage, w.model, w.at, w.output, w.big)
			}
		}
		if reserved := int64(40 + 5 + 40 + 5 + 20 + 9 + 300 + 7); o.Plan.ReservedTokens != reserved || o.Spent.ReservedTokens != reserved {
			t.Errorf("%s: planned to reserve %d tokens, and reserved %d; want %d", api, o.Plan.ReservedTokens, o.Spent.ReservedTokens, reserved)
		}
	}
}

func TestRampsThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range map[string]string{"bad.jsonl": "{\"at\": 1}\n{\"at\": -1}\n", "other.csv": "at,model\n1,sonnet\n", "named.jsonl": `{"at": 1, "model": "nova"}`, "none.jsonl": "\n", "large.csv": "at,max_tokens\n1,\n2,4097\n", "long.jsonl": `{"at": 1, "input_tokens": 300000}`, "far.jsonl": `{"at": 604800}`, "semicolons.csv": "\ufeffat;model\n1;nova\n"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("folder", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", "out.jsonl"); err != nil {
		t.Fatal(err)
	}
	load := func(body string) string {
		return "budget: {requests: 9}\nsteps:\n  - discover: {}\n  - load: {" + body + "}\n"
	}
	for _, tt := range []struct{ src, code, message string }{
		{"steps:\n  - load: {ramp: {constant: 80% of quota, for: 1m}}\n", "quota-not-read", "80% of quota is known only when the quotas have been read"},
		{"steps:\n  - discover: {}\n  - load: {ramp: {constant: 80% of quota, for: 1m}}\n", "no-bound", "how many calls 80% of quota is will be known only"},
		{"steps:\n  - load: {ramp: {concurrency: 3, for: 1m}}\n", "no-bound", "how many calls this ramp sends is known only as it runs"},
		{"budget: {tokens: 9k, usd: 1}\nsteps:\n  - load: {ramp: {concurrency: 3, for: 1m}}\n", "no-bound", "how many calls this ramp sends is known only as it runs"},
		{load("ramp: {stairs: 80% of quota, from: 60 rpm, steps: 3, each: 1m}"), "mixed-units", "80% of quota and 60 rpm cannot be compared"},
		{load("ramp: {sine: 80% of rpm quota, amplitude: 9% of tpm quota, period: 1m, for: 1m}"), "mixed-units", "cannot be compared"},
		{load("ramp: {sine: 6 rpm, amplitude: 10 rpm, period: 1m, for: 1m}"), "bad-ramp", "`amplitude` is larger than the mean"},
		{load("ramp: {stairs: 6 rps, from: 60 rpm, each: 1m}"), "bad-ramp", "one of `step` and `steps`"},
		{load("ramp: {concurrency: 3, calls: 10}"), "bad-ramp", "say how long with `for`"},
		{load("ramp: {constant: 10M rpm, for: 7d}"), "bad-ramp", "at most 100000000 are allowed"},
		{load("ramp: {linear: 0 rpm, over: 1m}"), "bad-ramp", "sends no call"},
		{load("ramp: {constant: 60 rpm, for: 1m}, models: {haiku: 70%, nova: 20%}"), "bad-shares", "add up to 90%"},
		{load("ramp: {concurrency: 3, for: 1m}, arrivals: poisson"), "no-arrivals", "shape concurrency says itself when calls come"},
		{load("ramp: {replay: named.jsonl}, arrivals: poisson"), "no-arrivals", "shape replay says itself"},
		{load("ramp: {replay: missing.jsonl}"), "replay-file", "missing.jsonl cannot be read: no such file or directory"},
		{load("ramp: {replay: folder}"), "replay-file", "folder is no regular file"},
		{load("ramp: {replay: ../x.jsonl}"), "replay-file", "../x.jsonl leads out of the scenario's folder"},
		{load("ramp: {replay: out.jsonl}"), "replay-file", "out.jsonl cannot be read: path escapes"},
		{load("ramp: {replay: bad.jsonl}"), "replay-line", "bad.jsonl:2: `at` is \"-1\""},
		{load("ramp: {replay: other.csv}"), "replay-model", "other.csv:2: \"sonnet\" is none of the models"},
		{load("ramp: {replay: named.jsonl}, models: {haiku: 50%, nova: 50%}"), "replay-shares", "named.jsonl:1 names a model"},
		{load("models: [haiku], ramp: {replay: large.csv}"), "replay-size", "large.csv:3: max_tokens 4097 is over what model haiku gives (4096)"},
		{load("models: [haiku], ramp: {replay: long.jsonl}"), "replay-size", "long.jsonl:1: a call of model haiku takes up to 300000 tokens of input"},
		{load("ramp: {replay: far.jsonl, speed: 0.5x}"), "bad-ramp", "the last call comes after 14 days; at most 7 are allowed"},
		{load("ramp: {replay: semicolons.csv}"), "replay-line", "semicolons.csv:1: the head has no column `at`"},
		{load("ramp: {replay: none.jsonl}"), "bad-ramp", "this file has no calls"},
		{"steps:\n  - parallel: [{discover: {}}, {wait: 1s}]\n", "not-parallel", "discover cannot run at the same time"},
		{"steps:\n  - parallel: [{wait: 1s}, {wait: {for: 1s, name: b}}, {discover: {}}]\n", "not-parallel", "discover cannot run at the same time"},
	} {
		src := scenario(tt.src)
		_, problems := understand(src)
		i := slices.IndexFunc(problems, func(p scenarios.Problem) bool { return p.Code == tt.code })
		if i < 0 || !strings.Contains(problems[i].Message, tt.message) || len(problems) != 1 {
			t.Errorf("%s\nproblems:\n%s\nwant %s alone, which says %q", tt.src, scenarios.Render("scenario.yaml", []byte(src), problems), tt.code, tt.message)
			continue
		}
		if problems[i].Hint == "" || problems[i].Pos.IsZero() {
			t.Errorf("%s: %+v has no place or no way out", tt.src, problems[i])
		}
	}
}

func TestPoissonArrivalsRepeatThemselves(t *testing.T) {
	src := func(seed int) string {
		return scenario(fmt.Sprintf("seed: %d\nsteps:\n  - load: {arrivals: poisson, ramp: {constant: 60 rpm, for: 5m}}\n", seed))
	}
	first, again, other := simulate(t, src(1), haikuAccount, nil), simulate(t, src(1), haikuAccount, nil), simulate(t, src(2), haikuAccount, nil)
	if first.json(t) != again.json(t) {
		t.Error("two runs with the same seed differ")
	}
	if first.Plan.Requests != int64(len(first.calls)) || first.Plan.Requests == other.Plan.Requests && first.calls[0].Planned.Sub(first.Started) == other.calls[0].Planned.Sub(other.Started) {
		t.Errorf("planned %d calls, sent %d; with another seed %d: want what was planned, and another draw", first.Plan.Requests, len(first.calls), other.Plan.Requests)
	}
	for _, m := range []string{"haiku", "nova"} {
		if n := first.planned("load", m); math.Abs(float64(n)-300) > 5*math.Sqrt(300) {
			t.Errorf("%d calls to %s; want about 300", n, m)
		}
	}
}

func TestStepsAtTheSameTime(t *testing.T) {
	src := scenario("budget: {requests: 200}\nsteps:\n  - parallel:\n    - load: {name: a, models: [nova], ramp: {constant: 60 rpm, for: 1m}, request: {timeout: 1s}}\n" +
		"    - load: {name: b, models: [nova], ramp: {constant: 60 rpm, for: 30s}, request: {timeout: 1s}}\n    - wait: 10s\n  - wait: {for: 5s, name: last}\nassert:\n  - {expr: a.ok == 60, for: [nova]}\n  - {expr: b.ok == 30}\n")
	p := plan(t, src)
	if d := time.Duration(p.Cost.Duration); d != time.Minute+6*time.Second || p.Cost.Requests != 90 {
		t.Errorf("the plan takes %v and %d requests; want 1m6s, of the longest and what comes after, and 90", d, p.Cost.Requests)
	}
	o := simulate(t, src, haikuAccount, nil)
	if o.Exit != 0 || len(o.Steps) != 4 {
		t.Fatalf("exit %d with %d steps: %s", o.Exit, len(o.Steps), o.Problem)
	}
	a, b, w, last := o.Steps[0], o.Steps[1], o.Steps[2], o.Steps[3]
	if a.Name != "a" || b.Name != "b" || !a.Started.Equal(b.Started) || !a.Started.Equal(w.Started) || !b.Ended.Before(a.Ended) || last.Started.Before(a.Ended) {
		t.Errorf("steps a %v-%v, b %v-%v, wait %v, last %v: want them to start together, and the last after them", a.Started, a.Ended, b.Started, b.Ended, w.Started, last.Started)
	}
	if again := simulate(t, src, haikuAccount, nil); again.json(t) != o.json(t) {
		t.Error("two runs with the same seed differ")
	}
	seen := map[time.Time]string{}
	for _, c := range o.calls {
		if other, taken := seen[c.Sent()]; taken {
			t.Errorf("calls of %s and %s were sent at the same instant", c.Step, other)
		}
		seen[c.Sent()] = c.Step
	}
}

func TestWhatEndsAStepEndsThoseBesideIt(t *testing.T) {
	const both = "  - parallel:\n    - load: {name: a, models: [nova], ramp: {constant: 60 rpm, for: 10m}}\n    - load: {name: b, models: [%s], ramp: {constant: 60 rpm, for: 10m}}\n  - wait: 1h\n"
	// A signal.
	o := simulate(t, scenario("steps:\n"+fmt.Sprintf(both, "nova")), haikuAccount, after(30*time.Second, runner.Interrupt{Signal: "SIGINT", Status: record.ExitInterrupt}))
	if o.Exit != record.ExitInterrupt || len(o.Steps) != 2 || o.Steps[0].Cut == "" || o.Steps[1].Cut == "" || o.Spent.Requests > 62 {
		t.Errorf("exit %d, %d steps, %d requests; want both cut by the signal after 30s", o.Exit, len(o.Steps), o.Spent.Requests)
	}
	// The budget, which they share.
	o = simulate(t, scenario("budget: {requests: 1200, tokens: 9k}\nrequest: {input_tokens: 10, max_tokens: 1}\nsteps:\n"+fmt.Sprintf(both, "nova")), haikuAccount, nil)
	if o.Exit != record.ExitBudget || len(o.Steps) != 2 || o.Steps[0].Cut == "" || o.Steps[1].Cut == "" {
		t.Errorf("exit %d, steps %+v; want both cut by the budget", o.Exit, o.Steps)
	}
	// A failure of one.
	o = simulate(t, strings.Replace(scenario("steps:\n"+fmt.Sprintf(both, "haiku")), "anthropic.claude-3-haiku-20240307-v1:0", "anthropic.claude-3-sonnet-20240229-v1:0", 1), haikuAccount, nil)
	if o.Exit != record.ExitEnvironment || !strings.Contains(o.Problem, "step b: AWS refuses") || len(o.Steps) != 2 || !strings.Contains(o.Steps[0].Cut, "step b ended the run") || o.Spent.Requests > 20 {
		t.Errorf("exit %d, %q, steps %+v; want step b to end both", o.Exit, o.Problem, o.Steps)
	}
}

func TestASickGeneratorSaysSo(t *testing.T) {
	slow := strings.Replace(haikuAccount, "name: Nova Lite,", "name: Nova Lite, latency: {first_token: 3s},", 1)
	o := simulate(t, scenario("steps:\n  - load: {models: [nova], max_in_flight: 2, max_lateness: 1s, ramp: {constant: 5 rps, for: 20s}}\nassert: [{expr: load.generator.achieved >= 0.95}, {expr: load.generator.dropped == 0, name: scope, scope: run}]\n"), slow, nil)
	load := o.Steps[0].Load
	if load.Dropped == 0 || !strings.Contains(load.Sick, "of the calls that came due were sent: max_in_flight (2) held") {
		t.Errorf("dropped %d, sick: %q; want it to tell the cause", load.Dropped, load.Sick)
	}
	if a := o.verdict(t, "load.generator.achieved >= 0.95"); a.Verdict != record.Fail {
		t.Errorf("verdict %s; want fail", a.Verdict)
	}
	if a := o.verdict(t, "scope"); a.Verdict != record.Fail {
		t.Errorf("verdict on all models %s; want fail", a.Verdict)
	}
	v := o.Models[1].Steps["load"]
	if got, want := v["generator.achieved"].Value, float64(load.Sent)/float64(load.Planned); got != want || v["generator.gc_pause_ms.max"].Known || v["generator.procs"].Known {
		t.Errorf("achieved %v (want %v), GC %v, procs %v; want none of the machine in virtual time", got, want, v["generator.gc_pause_ms.max"], v["generator.procs"])
	}
	if well := simulate(t, scenario("steps:\n  - load: {models: [nova], ramp: {constant: 5 rps, for: 20s}}\n"), haikuAccount, nil); well.Steps[0].Load.Sick != "" {
		t.Errorf("a generator that sent all is sick: %q", well.Steps[0].Load.Sick)
	}
}

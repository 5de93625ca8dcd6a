package runner_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner"
)

const finding = "version: 1\nname: t\nregion: us-east-1\nmodels: {haiku: anthropic.claude-3-haiku-20240307-v1:0}\n"

func findAccount(model, rest string) string {
	return "account: \"123456789012\"\nregion: us-east-1\nseed: 3\nmodels:\n  - {id: \"anthropic.claude-3-haiku-20240307-v1:0\", name: Claude 3 Haiku, provider: Anthropic, burndown: 5" + model + "}\n" + rest
}

// What keeps a rate from holding is told, whatever it is.
func TestFindSaysWhatBoundIt(t *testing.T) {
	const rpm = "steps:\n  - load: {ramp: {find: rpm, from: 60 rpm, to: 900 rpm}%s}\n"
	for _, tt := range []struct {
		name, account, steps, want string
		low, high                  float64 // where the bracket must lie; 0: not known
	}{
		{"concurrency", findAccount(", latency: {first_token: 2s, spread: 0}, limits: {concurrent: 10}", ""), fmt.Sprintf(rpm, ""), record.BoundConcurrency, 280, 320},
		{"requests", findAccount(", limits: {rpm: 200, concurrent: 500}", ""), fmt.Sprintf(rpm, ""), record.BoundRPM, 190, 210},
		{"capacity", findAccount("", "faults:\n  - {match: {operation: \"bedrock-runtime.*\"}, when: {probability: 0.3}, what: {error: {status: 503, code: ServiceUnavailableException, message: no room}}}\n"), fmt.Sprintf(rpm, ""), record.BoundCapacity, 0, 61},
		{"failures", findAccount("", "faults:\n  - {match: {operation: \"bedrock-runtime.*\"}, when: {probability: 0.3}, what: {error: {status: 500, code: InternalServerException, message: broken}}}\n"), fmt.Sprintf(rpm, ""), record.BoundErrors, 0, 61},
		{"a quota that AWS does not name", findAccount("", "faults:\n  - {match: {operation: \"bedrock-runtime.*\"}, when: {probability: 0.3}, what: {error: {status: 429, code: ThrottlingException, message: Rate exceeded}}}\n"), fmt.Sprintf(rpm, ""), record.BoundUnspecified, 0, 61},
		{"words of a rate in tokens", findAccount("", "faults:\n  - {match: {operation: \"bedrock-runtime.*\"}, when: {probability: 0.3}, what: {error: {status: 429, code: ThrottlingException, message: \"Over the tokens per minute of the model\"}}}\n"), fmt.Sprintf(rpm, ""), record.BoundTPM, 0, 61},
		{"too many at once by name", findAccount("", "faults:\n  - {match: {operation: \"bedrock-runtime.*\"}, when: {probability: 0.3}, what: {error: {status: 429, code: ThrottlingException, message: \"Too many concurrent requests\"}}}\n"), fmt.Sprintf(rpm, ""), record.BoundConcurrency, 0, 61},
		{"generator", findAccount(", latency: {first_token: 2s, spread: 0}", ""), fmt.Sprintf(rpm, ", max_in_flight: 10, max_lateness: 1s"), record.BoundGenerator, 280, 330},
		{"nothing", findAccount("", ""), fmt.Sprintf(rpm, ""), record.BoundNone, 900, 0},
		{"reservation", findAccount(", output_tokens: {mean: 5, spread: 0}, latency: {first_token: 6s, spread: 0}, limits: {tpm: 20000}", ""), "steps:\n  - load: {ramp: {find: tpm, from: 20k tpm, to: 900k tpm}}\n", record.BoundReservation, 1, 1e6},
		{"tokens of the day", findAccount(", limits: {rpm: 5000, tpd: 20000}", ""), fmt.Sprintf(rpm, ""), record.BoundTPD, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := simulate(t, finding+tt.steps, tt.account, nil)
			if len(o.Steps) == 0 || len(o.Steps[0].Load.Limits) != 1 {
				t.Fatalf("exit %d: %s", o.Exit, o.Problem)
			}
			load := o.Steps[0].Load
			l := load.Limits[0]
			if l.BoundBy != tt.want {
				t.Errorf("bound by %q; want %q: %s", l.BoundBy, tt.want, trials(load))
			}
			if tt.low > 0 && (l.Low == nil || *l.Low < tt.low) || tt.high > 0 && (l.High == nil || *l.High > tt.high) {
				t.Errorf("found %v to %v; want it from %v to %v: %s", known(l.Low), known(l.High), tt.low, tt.high, trials(load))
			}
			if load.Planned != load.Sent+load.Dropped || len(o.calls) != load.Planned {
				t.Errorf("planned %d, sent %d, dropped %d, journal %d; want them to agree", load.Planned, load.Sent, load.Dropped, len(o.calls))
			}
		})
	}
}

func trials(l *record.Load) string {
	var b strings.Builder
	for _, x := range l.Trials {
		fmt.Fprintf(&b, "\n  %+v", x)
	}
	return b.String()
}

// Tokens of the day end the search at once: no call after the throttle is known.
func TestFindEndsWithTheDay(t *testing.T) {
	o := simulate(t, finding+"steps:\n  - load: {ramp: {find: rpm, from: 60 rpm, to: 900 rpm}}\n", findAccount(", limits: {tpd: 20000}", ""), nil)
	load := o.Steps[0].Load
	if n := load.Outcomes[record.Throttled]; n == 0 || n > 3 {
		t.Errorf("%d calls were throttled; want the search to end with the first", n)
	}
	if !strings.Contains(load.Limits[0].Why, "tokens of the day") {
		t.Errorf("the limit says %q; want the reason", load.Limits[0].Why)
	}
}

// Each model is searched by itself, side by side, and a run repeats itself.
func TestFindSearchesModelsSideBySide(t *testing.T) {
	account := strings.Replace(haikuAccount, "name: Nova Lite, provider: Amazon", "name: Nova Lite, provider: Amazon, limits: {rpm: 310, algorithm: fixed}", 1)
	src := scenario("steps:\n  - load: {ramp: {find: rpm, from: 30 rpm, to: 900 rpm}}\nassert:\n  - {expr: load.limit.low <= 60 and load.limit.high > 60, for: [haiku]}\n  - {expr: load.limit.low <= 310 and load.limit.high > 310, for: [nova]}\n  - {name: bound, expr: load.limit.bound_by == \"rpm\"}\n")
	o := simulate(t, src, account, nil)
	if o.Exit != 0 {
		t.Errorf("exit %d: %+v%s", o.Exit, o.Assertions, trials(o.Steps[0].Load))
	}
	if o.Steps[0].Load.Trials[0].Model == o.Steps[0].Load.Trials[len(o.Steps[0].Load.Trials)-1].Model {
		t.Error("the trials are of one model; want both")
	}
	sent := map[time.Time]bool{}
	seqs := map[int]bool{}
	for _, c := range o.calls {
		if sent[c.Sent()] || seqs[c.Seq] {
			t.Fatalf("two calls were sent at %v, or have the number %d", c.Sent(), c.Seq)
		}
		sent[c.Sent()], seqs[c.Seq] = true, true
	}
	if again := simulate(t, src, account, nil); again.json(t) != o.json(t) {
		t.Error("two runs with the same seed differ")
	}
}

// What was found before the search was cut stays.
func TestFindKeepsWhatItHasWhenItIsCut(t *testing.T) {
	src := finding + "%ssteps:\n  - load: {ramp: {find: rpm, from: 60 rpm, to: 900 rpm}%s}\nassert: [{expr: load.limit.low > 0}]\n"
	account := findAccount(", limits: {rpm: 200}", "")
	o := simulate(t, fmt.Sprintf(src, "", ""), account, after(4*time.Minute, runner.Interrupt{Signal: "SIGINT", Status: record.ExitInterrupt}))
	l := o.Steps[0].Load.Limits[0]
	if o.Exit != record.ExitInterrupt || l.High == nil || !strings.Contains(l.Why, "ended early") || o.Steps[0].Cut == "" {
		t.Errorf("exit %d with %+v (cut: %q); want the upper end that was found, and why it ended", o.Exit, l, o.Steps[0].Cut)
	}
	if a := o.Assertions[0]; a.Verdict != record.Unknown {
		t.Errorf("the assertion is %s; want unknown, as the step was cut", a.Verdict)
	}
	// The budget ends it too, and bounds the plan.
	src = strings.Replace(src, "rpm}%s", "rpm}%s", 1)
	p := plan(t, fmt.Sprintf(src, "budget: {requests: 700}\n", ""))
	if p.Cost.Requests != 700 || len(p.Over()) > 0 {
		t.Errorf("the plan sends %d requests (over: %v); want the budget of 700 as the bound", p.Cost.Requests, p.Over())
	}
	o = simulate(t, fmt.Sprintf(src, "budget: {requests: 700}\n", ""), account, nil)
	if o.Exit != record.ExitBudget || o.Spent.Requests != 700 || o.Steps[0].Load.Limits[0].Why == "" {
		t.Errorf("exit %d after %d requests; want the budget to end it", o.Exit, o.Spent.Requests)
	}
	// And a condition of the scenario.
	o = simulate(t, fmt.Sprintf(src, "", ", stop_when: throttled > 10"), account, nil)
	if o.Exit != 0 && o.Exit != record.ExitUndecided || !strings.Contains(o.Steps[0].Load.Limits[0].Why, "stop_when") || !strings.Contains(o.Steps[0].Stopped, "throttled") {
		t.Errorf("exit %d, stopped %q, %+v; want stop_when to end the search", o.Exit, o.Steps[0].Stopped, o.Steps[0].Load.Limits[0])
	}
}

// The plan knows the worst case, and no search goes over it.
func TestFindStaysWithinItsPlan(t *testing.T) {
	for _, ramp := range []string{"{find: rpm, from: 60 rpm, to: 600 rpm, trials: 5}", "{find: tpm, from: 3k tpm, to: 500k tpm, trials: 4, width: 10%}", "{find: rpm, from: 60 rpm, to: 600 rpm, loss: 1%}"} {
		src := finding + "steps:\n  - load: {ramp: " + ramp + "}\n"
		p := plan(t, src)
		o := simulate(t, src, findAccount(", limits: {rpm: 300, burst: 2000, tpm: 60000, throttled_consume_rpm: true}", ""), nil)
		if o.Spent.Requests > p.Cost.Requests || o.Spent.Duration > p.Cost.Duration {
			t.Errorf("%s: %d requests in %v; the plan said %d in %v at most", ramp, o.Spent.Requests, time.Duration(o.Spent.Duration), p.Cost.Requests, time.Duration(p.Cost.Duration))
		}
		if len(o.Steps[0].Load.Trials) < 2 {
			t.Errorf("%s: the trials are %s", ramp, trials(o.Steps[0].Load))
		}
	}
	// Shares of quotas are known with the quotas.
	src := scenario("budget: {requests: 90000}\nsteps:\n  - discover: {}\n  - load: {models: [haiku], ramp: {find: rpm, from: 50% of rpm quota, to: 200% of rpm quota}}\nassert: [{expr: load.limit.low <= 60 and load.limit.high > 60}]\n")
	o := simulate(t, src, haikuAccount, nil)
	if o.Exit != 0 {
		t.Errorf("exit %d: %s %+v", o.Exit, o.Problem, o.Assertions)
	}
	// A quota that is small takes long to be found, which the plan cannot know.
	src = strings.Replace(src, "50% of rpm quota", "5% of rpm quota", 1)
	o = simulate(t, src, strings.ReplaceAll(strings.Replace(haikuAccount, "value: 60,", "value: 3,", 1), "rpm: 60", "rpm: 3"), nil)
	if p := plan(t, src); o.Spent.Duration > p.Cost.Duration || o.Spent.Duration < record.Duration(time.Hour) {
		t.Errorf("exit %d after %v; the plan said %v at most", o.Exit, time.Duration(o.Spent.Duration), time.Duration(p.Cost.Duration))
	}
}

func TestSearchesThatCannotBe(t *testing.T) {
	for _, tt := range []struct{ load, code, message string }{
		{"ramp: {find: rpm, from: 60 rpm, to: 20 rpm}", "bad-ramp", "from a lower rate to a higher one"},
		{"ramp: {find: rpm, from: 60 rpm, to: 2k tpm}", "mixed-units", "cannot be compared"},
		{"ramp: {find: tpm, from: 60 rpm, to: 200 rpm}", "wrong-unit", "60 rpm is no rate in tpm"},
		{"ramp: {find: rpm, from: 60 rpm, to: 200 rpm, width: 70%}", "bad-ramp", "from 1% to 50%"},
		{"ramp: {find: rpm, from: 60 rpm, to: 200 rpm, loss: 3%}", "bad-ramp", "below a quarter of `width`"},
		{"ramp: {find: rpm, from: 60 rpm, to: 200 rpm}, arrivals: poisson", "no-arrivals", "refused by chance at any rate near the limit"},
		{"ramp: {find: rpm, from: 60 rpm, to: 200 rpm}, models: {haiku: 50%, nova: 50%}", "no-shares", "each is searched by itself"},
	} {
		_, problems := understand(scenario("steps:\n  - load: {" + tt.load + "}\n"))
		if len(problems) != 1 || problems[0].Code != tt.code || !strings.Contains(problems[0].Message, tt.message) {
			t.Errorf("%s: problems %v; want one, %s: %s", tt.load, problems, tt.code, tt.message)
		}
	}
}

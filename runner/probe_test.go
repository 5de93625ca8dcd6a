package runner_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner"
	"github.com/loadline-dev/loadline/runner/ramp"
)

// probed are accounts whose limiter a probe does not know.
var probed = []hidden{
	{name: "small bucket", unit: "rpm", algorithm: "bucket", burst: 0.1},
	{name: "bucket", unit: "rpm", algorithm: "bucket", burst: 1},
	{name: "large bucket", unit: "rpm", algorithm: "bucket", burst: 3},
	{name: "fixed", unit: "rpm", algorithm: "fixed", burst: 1},
	{name: "sliding", unit: "rpm", algorithm: "sliding", burst: 1},
	{name: "bucket, throttles count", unit: "rpm", algorithm: "bucket", burst: 1, extra: ", throttled_consume_rpm: true"},
	{name: "sliding, throttles count", unit: "rpm", algorithm: "sliding", burst: 1, extra: ", throttled_consume_rpm: true"},
	{name: "tokens, small bucket", unit: "tpm", algorithm: "bucket", burst: 0.3, burndown: 5},
	{name: "tokens, bucket", unit: "tpm", algorithm: "bucket", burst: 1, burndown: 5},
	{name: "tokens, large bucket", unit: "tpm", algorithm: "bucket", burst: 3, burndown: 5},
	{name: "tokens, fixed", unit: "tpm", algorithm: "fixed", burst: 1, burndown: 5},
	{name: "tokens, sliding", unit: "tpm", algorithm: "sliding", burst: 1, burndown: 5},
}

// others is what others use of the quota of an account, as a part of it.
func (h hidden) probe(t *testing.T, seed int, others float64) (free float64, l record.Limiter, o outcome) {
	q := h.quota(seed)
	times := 2 + float64(seed%4)
	unit, limits := 1.0, fmt.Sprintf("rpm: %g, burst: %g", q, max(1, math.Floor(q*h.burst)))
	if h.unit == "tpm" {
		unit, limits = 1000, fmt.Sprintf("tpm: %.0f, burst_tokens: %.0f", q*1000, math.Floor(q*1000*h.burst))
	}
	traffic := ""
	if others > 0 {
		traffic = fmt.Sprintf("traffic:\n  - {model: anthropic.claude-3-haiku-20240307-v1:0, rpm: %g, input_tokens: 1000, output_tokens: 0}\n", math.Floor(q*others))
	}
	account := fmt.Sprintf("account: \"123456789012\"\nregion: us-east-1\nseed: %d\nmodels:\n  - {id: anthropic.claude-3-haiku-20240307-v1:0, name: Claude 3 Haiku, provider: Anthropic, burndown: %d, latency: {first_token: 300ms, spread: 0.4}, limits: {%s, algorithm: %s%s}}\n%s",
		seed, max(1, h.burndown), limits, h.algorithm, h.extra, traffic)
	src := fmt.Sprintf("version: 1\nname: t\nregion: us-east-1\nseed: %d\nmodels: {haiku: {id: anthropic.claude-3-haiku-20240307-v1:0, burndown: %d}}\nsteps:\n  - wait: {for: %ds}\n  - load: {ramp: {probe: %s, rate: %.0f %s}}\n",
		seed, max(1, h.burndown), 1+seed*7%60, h.unit, math.Floor(q*times)*unit, h.unit)
	o = simulate(t, src, account, nil)
	return (q - math.Floor(q*others)) * unit, o.Steps[1].Load.Limiters[0], o
}

// told tells whether a number is within a tenth of the truth, or its interval
// holds it.
func told(value, low, high *float64, truth float64) bool {
	return value != nil && (math.Abs(*value/truth-1) <= 0.1 || *low <= truth && truth <= *high)
}

// The algorithm is told in 19 of 20 probes, and never wrongly with confidence;
// and so are its numbers.
func TestProbeTellsLimitersApart(t *testing.T) {
	for i, h := range probed {
		if i%4 != 1 && (raced || testing.Short()) {
			continue // a bucket, throttles that count, tokens
		}
		t.Run(h.name, func(t *testing.T) {
			missed, wrong, sure := 0, 0, 0
			for i := range *seeds {
				seed := *firstSeed + i
				others := 0.0
				if seed%5 == 4 {
					others = 0.2
				}
				free, l, o := h.probe(t, seed, others)
				refused := ""
				if h.algorithm != "fixed" {
					refused = "free"
					if h.extra != "" {
						refused = "counted"
					}
				}
				word := "told"
				right := l.Algorithm == h.algorithm
				if !right || !told(l.Burst, l.BurstLow, l.BurstHigh, free*h.burst) || !told(l.Refill, l.RefillLow, l.RefillHigh, free) || l.Refused != refused {
					missed++
					word = "MISSED"
				}
				if l.Confidence != nil && *l.Confidence >= 0.95 {
					sure++
					if !right {
						wrong++
					}
				}
				t.Logf("%s seed %d: %s with %.3f, burst %.1f (%.1f to %.1f) of %.1f, refill %.1f (%.1f to %.1f) of %.1f, opens %s, refused %s, %d calls, %v; %s %v", word, seed, l.Algorithm, known(l.Confidence),
					known(l.Burst), known(l.BurstLow), known(l.BurstHigh), free*h.burst, known(l.Refill), known(l.RefillLow), known(l.RefillHigh), free, l.Opens, l.Refused,
					o.Spent.Requests, time.Duration(o.Spent.Duration).Round(time.Second), l.Why, l.Theories)
				if h.algorithm == "fixed" && right && l.Opens != "clock" {
					t.Errorf("seed %d: the fixed minute begins with %q; want the clock", seed, l.Opens)
				}
			}
			if missed > *seeds/20 || wrong > sure/20 {
				t.Errorf("%d of %d seeds missed, %d of %d told with confidence were wrong; want at most one in 20", missed, *seeds, wrong, sure)
			}
		})
	}
}

// What can not be told is unknown, with its reason, and no number.
func TestProbeSaysWhatItCanNotTell(t *testing.T) {
	const rpm = "steps:\n  - load: {ramp: {probe: rpm, rate: 300 rpm}%s}\nassert: [{expr: 'load.limiter.algorithm == \"bucket\"'}, {expr: load.limiter.burst > 1}, {expr: load.limiter.confidence > 0.5}]\n"
	fault := "faults:\n  - {match: {operation: \"bedrock-runtime.*\"}, when: {probability: 0.3}, what: {error: {status: %d, code: %s, message: %s}}}\n"
	for _, tt := range []struct{ name, account, more, why string }{
		{"no limiter", findAccount("", ""), "", "nothing was throttled at 300 rpm"},
		{"a rate below the limit", findAccount(", limits: {rpm: 400}", ""), "", "nothing was throttled at 300 rpm"},
		{"a rate just above the limit", findAccount(", limits: {rpm: 297, burst: 4}", ""), "", "did not empty the limiter"},
		{"another limit", findAccount(", limits: {tpm: 3000}", ""), "", "another limit, tokens"},
		{"capacity", findAccount(", limits: {rpm: 100}", fmt.Sprintf(fault, 503, "ServiceUnavailableException", "no room")), "", "AWS had no room"},
		{"failures", findAccount(", limits: {rpm: 100}", fmt.Sprintf(fault, 500, "InternalServerException", "broken")), "", "calls failed"},
		{"throttles by chance", findAccount("", fmt.Sprintf(fault, 429, "ThrottlingException", "Too many requests")), "", "no algorithm"},
		{"our own limit", findAccount(", latency: {first_token: 4s, spread: 0}, limits: {rpm: 100}", ""), ", max_in_flight: 3, max_lateness: 1s", "could not be sent in time"},
		{"calls at once", findAccount(", latency: {first_token: 1s, spread: 0.2}, limits: {concurrent: 3}", ""), "", "calls at once that are limited"},
		{"the day", findAccount(", limits: {rpm: 5000, tpd: 4000}", ""), "", "tokens of the day"},
		{"a condition", findAccount(", limits: {rpm: 100}", ""), ", stop_when: throttled > 40", "stop_when"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := simulate(t, finding+fmt.Sprintf(rpm, tt.more), tt.account, nil)
			l := o.Steps[0].Load.Limiters[0]
			if l.Algorithm != record.AlgorithmUnknown || !strings.Contains(l.Why, tt.why) || l.Burst != nil || l.Refill != nil || l.Confidence != nil {
				t.Errorf("told %+v; want unknown: %s%s", l, tt.why, trials(o.Steps[0].Load))
			}
			for _, a := range o.Assertions {
				if a.Verdict != record.Unknown {
					t.Errorf("%s is %s; want unknown", a.Expr, a.Verdict)
				}
			}
			if load := o.Steps[0].Load; load.Planned != load.Sent+load.Dropped || len(o.calls) != load.Planned {
				t.Errorf("planned %d, sent %d, dropped %d, journal %d; want them to agree", load.Planned, load.Sent, load.Dropped, len(o.calls))
			}
		})
	}
}

// A probe keeps within what is left, where nothing is throttled.
func TestProbeLeavesHeadroom(t *testing.T) {
	src := scenario("steps:\n  - discover: {}\n  - load: {models: [haiku], leave: 50%, ramp: {probe: rpm, rate: 900 rpm}}\n")
	o := simulate(t, src, haikuAccount, nil)
	load := o.Steps[1].Load
	if l := load.Limiters[0]; l.Algorithm != record.AlgorithmUnknown || !strings.Contains(l.Why, "nothing was throttled at 30 rpm") || load.Trials[0].RPM != 30 {
		t.Errorf("told %+v; want unknown at 30 rpm, which is half of the quota%s", l, trials(load))
	}
}

// A little of what says nothing of the limiter does no harm.
func TestProbeBearsSomeFailures(t *testing.T) {
	account := findAccount(", limits: {rpm: 150, algorithm: sliding}", "faults:\n  - {match: {operation: \"bedrock-runtime.*\"}, when: {probability: 0.04}, what: {error: {status: 503, code: ServiceUnavailableException, message: no room}}}\n")
	o := simulate(t, finding+"steps:\n  - load: {ramp: {probe: rpm, rate: 500 rpm}}\n", account, nil)
	if l := o.Steps[0].Load.Limiters[0]; l.Algorithm != record.AlgorithmSliding || !told(l.Refill, l.RefillLow, l.RefillHigh, 150) {
		t.Errorf("told %+v; want a sliding minute of 150", l)
	}
}

// Models are probed side by side, by shares of their quotas, within the plan; and
// a run repeats itself.
func TestProbesSideBySide(t *testing.T) {
	account := strings.Replace(haikuAccount, "name: Nova Lite, provider: Amazon", "name: Nova Lite, provider: Amazon, limits: {rpm: 310, algorithm: fixed}", 1)
	src := scenario("budget: {requests: 20000}\nsteps:\n  - load: {ramp: {probe: rpm, rate: 900 rpm}}\nassert:\n  - {expr: 'load.limiter.algorithm == \"bucket\" and load.limiter.refill_low <= 60 and load.limiter.refill_high >= 60', for: [haiku]}\n  - {expr: 'load.limiter.algorithm == \"fixed\" and load.limiter.confidence >= 0.95', for: [nova]}\n")
	p := plan(t, src)
	o := simulate(t, src, account, nil)
	if o.Exit != 0 {
		t.Errorf("exit %d: %+v", o.Exit, o.Assertions)
	}
	if o.Spent.Requests > p.Cost.Requests || o.Spent.Duration > p.Cost.Duration {
		t.Errorf("%d requests in %v; the plan said %d in %v at most", o.Spent.Requests, time.Duration(o.Spent.Duration), p.Cost.Requests, time.Duration(p.Cost.Duration))
	}
	if again := simulate(t, src, account, nil); again.json(t) != o.json(t) {
		t.Error("two runs with the same seed differ")
	}
	src = scenario("budget: {requests: 20000}\nsteps:\n  - discover: {}\n  - load: {models: [haiku], ramp: {probe: rpm, rate: 300% of rpm quota}}\nassert: [{expr: 'load.limiter.algorithm == \"bucket\"'}]\n")
	if o := simulate(t, src, haikuAccount, nil); o.Exit != 0 {
		t.Errorf("exit %d: %s %+v", o.Exit, o.Problem, o.Assertions)
	}
}

// A probe that is cut tells nothing, and a budget below its worst case is told
// before anything is sent.
func TestProbeIsBoundedByTheBudget(t *testing.T) {
	const src = "steps:\n  - load: {ramp: {probe: rpm, rate: 600 rpm}}\nassert: [{expr: load.limiter.burst > 0}]\n"
	if p := plan(t, finding+"budget: {requests: 700}\n"+src); len(p.Over()) == 0 {
		t.Errorf("a plan of %d requests fits a budget of 700", p.Cost.Requests)
	}
	o := simulate(t, finding+src, findAccount(", limits: {rpm: 200}", ""), after(4*time.Minute, runner.Interrupt{Signal: "SIGINT", Status: record.ExitInterrupt}))
	l := o.Steps[0].Load.Limiters[0]
	if o.Exit != record.ExitInterrupt || l.Algorithm != record.AlgorithmUnknown || !strings.Contains(l.Why, "ended early") || o.Assertions[0].Verdict != record.Unknown {
		t.Errorf("exit %d with %+v; want it unknown, and why it ended", o.Exit, l)
	}
}

func TestProbesThatCannotBe(t *testing.T) {
	for _, tt := range []struct{ load, code, message string }{
		{"ramp: {probe: tpm, rate: 60 rpm}", "wrong-unit", "60 rpm is no rate in tpm"},
		{"ramp: {probe: rpm, rate: 60 rpm, rest: 1s}", "bad-ramp", "`rest` is 10s or more"},
		{"ramp: {probe: rpm, rate: 60 rpm}, arrivals: poisson", "no-arrivals", "says itself when calls come"},
		{"ramp: {probe: rpm, rate: 60 rpm}, models: {haiku: 50%, nova: 50%}", "no-shares", "a probe has no rate to share"},
	} {
		_, problems := understand(scenario("steps:\n  - load: {" + tt.load + "}\n"))
		if len(problems) != 1 || problems[0].Code != tt.code || !strings.Contains(problems[0].Message, tt.message) {
			t.Errorf("%s: problems %v; want one, %s: %s", tt.load, problems, tt.code, tt.message)
		}
	}
}

// The algorithms that an assertion can name are those that a probe can tell.
func TestAlgorithmsAgree(t *testing.T) {
	if want := []string{ramp.AlgorithmBucket, ramp.AlgorithmFixed, ramp.AlgorithmSliding}; !slices.Equal(record.Algorithms, want) {
		t.Errorf("an assertion can name %v; a probe tells %v", record.Algorithms, want)
	}
}

package runner_test

import (
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/record"
)

// A rate has to be shown: on which side it is of its limit is told only where the
// calls can tell it.
func TestRatesAreShown(t *testing.T) {
	const steps = `steps:
  - load: {name: quiet, models: [nova], ramp: {constant: 120 rpm, for: 6m}}
  - load: {name: short, models: [nova], ramp: {constant: 120 rpm, for: 1m}}
  - load: {name: flood, models: [haiku], ramp: {constant: 120 rpm, for: 6m}}
  - load: {name: ended, models: [haiku], ramp: {constant: 240 rpm, for: 10m}, stop_when: throttled > 20}
assert:
`
	for _, c := range []struct {
		name, assert string
		verdict      record.Verdict
		method       string
		reason       string
	}{
		{"shown", "{for: [nova], expr: quiet.throttle_rate <= 0.01}", record.Pass, "halved", ""},
		{"too few calls", "{for: [nova], expr: short.throttle_rate <= 0.01}", record.Unknown, "halved", "not decided: short.throttle_rate is 0 (0 of 120; with 95 % confidence above 0, and below 0.0487"},
		{"fewer are enough for less", "{for: [nova], expr: short.throttle_rate <= 0.01, confidence: 0.5}", record.Unknown, "halved", "with 50 %"},
		{"the plain comparison", "{for: [nova], expr: short.throttle_rate <= 0.01, confidence: none}", record.Pass, "", ""},
		{"shown not to hold", "{for: [haiku], expr: flood.throttle_rate <= 0.4}", record.Fail, "exact", "wanted flood.throttle_rate <= 0.4"},
		{"an error rate", "{for: [nova], expr: quiet.error_rate < 0.02}", record.Pass, "halved", ""},
		{"ended by what it looked like", "{for: [haiku], expr: ended.throttle_rate <= 0.1}", record.Fail, "sequential", ""},
		{"a percentile of enough", "{for: [nova], expr: quiet.latency_ms.p99 < 60000}", record.Pass, "", ""},
		{"a percentile of few", "{for: [nova], expr: short.latency_ms.p99 < 60000}", record.Unknown, "", "short.latency_ms.p99 is of 120 calls; a verdict on it takes 500"},
		{"a percentile of few, plainly", "{for: [nova], expr: short.latency_ms.p99 < 60000, confidence: none}", record.Pass, "", ""},
		{"all models together", "{scope: run, expr: flood.throttle_rate > 0.2}", record.Pass, "exact", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := simulate(t, scenario(steps+"  - "+c.assert+"\n"), haikuAccount, nil)
			a := o.Assertions[0]
			if a.Verdict != c.verdict || !strings.Contains(a.Reason, c.reason) {
				t.Errorf("verdict %s (%s); want %s (%s)", a.Verdict, a.Reason, c.verdict, c.reason)
			}
			method := ""
			for _, i := range a.Intervals {
				method = i.Method
				if v := float64(i.Hits) / float64(i.Trials); v < i.Low || v > i.High {
					t.Errorf("%d of %d lies outside of %+v", i.Hits, i.Trials, i)
				}
			}
			if method != c.method || (a.Confidence != 0) != (c.method != "") {
				t.Errorf("method %q with confidence %v; want %q", method, a.Confidence, c.method)
			}
		})
	}
}

// A generator that fell behind sent another load than the scenario's: nothing
// that it measured carries a verdict, but what tells of the generator itself.
func TestAGeneratorThatFellBehindDecidesNothing(t *testing.T) {
	slow := strings.Replace(haikuAccount, "provider: Amazon}", "provider: Amazon, latency: {first_token: 3s, spread: 0}}", 1)
	o := simulate(t, scenario(`steps:
  - load: {models: [nova], max_in_flight: 2, max_lateness: 1s, ramp: {constant: 5 rps, for: 20s}}
assert:
  - {name: rate, expr: load.throttle_rate <= 0.9}
  - {name: plain, expr: load.ok > 0, confidence: none}
  - {name: own, expr: load.generator.achieved < 0.5 and load.dropped > 0}
`), slow, nil)
	for name, want := range map[string]record.Verdict{"rate": record.Unknown, "plain": record.Unknown, "own": record.Pass} {
		a := o.verdict(t, name)
		if a.Verdict != want || want == record.Unknown && !strings.Contains(a.Reason, "step load did not send the load of the scenario: only ") {
			t.Errorf("%s is %s (%s); want %s", name, a.Verdict, a.Reason, want)
		}
	}
	if o.Exit != record.ExitUndecided {
		t.Errorf("exit %d; want %d", o.Exit, record.ExitUndecided)
	}
}

// What cannot pass is told before anything is sent.
func TestPlanTellsWhatCannotPass(t *testing.T) {
	p := plan(t, scenario(`steps:
  - load: {name: few, ramp: {constant: 60 rpm, for: 5m}}
  - load: {name: many, models: [nova], ramp: {constant: 600 rpm, for: 5m}}
assert:
  - {name: a, expr: few.throttle_rate <= 0.01}
  - {name: b, for: [nova], expr: many.throttle_rate <= 0.01 and 0.02 > many.error_rate}
  - {name: c, for: [nova], expr: few.throttle_rate <= 0.05}
  - {name: d, for: [nova], expr: many.throttle_rate == 0}
  - {name: e, for: [nova], expr: few.latency_ms.p99 < 900}
  - {name: f, for: [nova], expr: few.throttle_rate <= 0.01, confidence: none}
  - {name: g, for: [haiku], expr: few.throttle_rate > 0.99}
`))
	want := []string{
		"a [haiku]: to show that few.throttle_rate <= 0.01 takes 597 calls or more, and step few plans 300: it cannot pass",
		"a [nova]: to show that few.throttle_rate <= 0.01 takes 597 calls or more, and step few plans 300: it cannot pass",
		"d: no number of calls shows that a rate is == 0; compare a count (throttled == 0), or use `confidence: none`",
		"e [nova]: a verdict on few.latency_ms.p99 takes 500 calls or more, and step few plans 300: it cannot be decided",
		"g [haiku]: to show that few.throttle_rate > 0.99 takes 597 calls or more, and step few plans 300: it cannot pass",
	}
	got := p.Reach()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("Reach() =\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Severity, skipping and scope hold for what is not decided as for the rest: a
// gate is closed by an unknown that is no warning, and by nothing that was skipped.
func TestWhatIsNotDecidedClosesTheGate(t *testing.T) {
	const few = "steps:\n  - load: {name: few, models: [nova], ramp: {constant: 120 rpm, for: 1m}}\n  - load: {name: flood, models: [haiku], ramp: {constant: 600 rpm, for: 1m}}\nassert:\n"
	const undecided, passing, failing, unread = "few.throttle_rate <= 0.01", "few.ok > 0", "few.ok < 0", "few.limit.low > 0"
	for _, c := range []struct {
		name    string
		asserts []string // for: [nova] is added
		want    []record.Verdict
		exit    int
	}{
		{"an undecided rate", []string{"expr: " + undecided}, []record.Verdict{record.Unknown}, record.ExitUndecided},
		{"as a warning", []string{"severity: warn, expr: " + undecided}, []record.Verdict{record.Unknown}, record.ExitPass},
		{"as a warning beside a pass", []string{"severity: warn, expr: " + undecided, "expr: " + passing}, []record.Verdict{record.Unknown, record.Pass}, record.ExitPass},
		{"beside a failure", []string{"expr: " + undecided, "name: b, expr: " + failing}, []record.Verdict{record.Unknown, record.Fail}, record.ExitFail},
		{"beside a failure that is a warning", []string{"expr: " + undecided, "severity: warn, name: b, expr: " + failing}, []record.Verdict{record.Unknown, record.Fail}, record.ExitUndecided},
		{"few calls are data", []string{"on_no_data: skip, expr: " + undecided}, []record.Verdict{record.Unknown}, record.ExitUndecided},
		{"no data", []string{"expr: " + unread}, []record.Verdict{record.Unknown}, record.ExitUndecided},
		{"no data, skipped", []string{"on_no_data: skip, expr: " + unread}, []record.Verdict{record.Skipped}, record.ExitPass},
		{"no data on one side, skipped", []string{"on_no_data: skip, expr: " + unread + " or " + undecided}, []record.Verdict{record.Skipped}, record.ExitPass},
		{"no data on the side that does not matter", []string{"expr: " + passing + " or " + unread}, []record.Verdict{record.Unknown}, record.ExitUndecided},
		{"all models together", []string{"scope: run, expr: flood.throttle_rate > 0.5"}, []record.Verdict{record.Pass}, record.ExitPass},
		{"all models together, undecided", []string{"scope: run, expr: " + undecided}, []record.Verdict{record.Unknown}, record.ExitUndecided},
		{"a division by zero", []string{"expr: few.ok / few.throttled > 1"}, []record.Verdict{record.Unknown}, record.ExitUndecided},
		{"a division by zero that is denied", []string{"expr: not (few.ok / few.throttled > 1)"}, []record.Verdict{record.Unknown}, record.ExitUndecided},
		{"a division by zero is data", []string{"on_no_data: skip, expr: few.ok / few.throttled > 1"}, []record.Verdict{record.Unknown}, record.ExitUndecided},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := scenario(few)
			for _, a := range c.asserts {
				if !strings.Contains(a, "scope") {
					a += ", for: [nova]"
				}
				src += "  - {" + a + "}\n"
			}
			o := simulate(t, src, haikuAccount, nil)
			for i, a := range o.Assertions {
				if a.Verdict != c.want[i] || a.Verdict != record.Pass && a.Reason == "" {
					t.Errorf("%s is %s (%s); want %s", a.Expr, a.Verdict, a.Reason, c.want[i])
				}
			}
			if o.Exit != c.exit {
				t.Errorf("exit %d; want %d", o.Exit, c.exit)
			}
		})
	}
}

// Where the generator fell behind there is data, and it is not to be trusted:
// skipping what has none does not open the gate, but a warning never closes it.
func TestAGeneratorThatFellBehindIsNotSkipped(t *testing.T) {
	slow := strings.Replace(haikuAccount, "provider: Amazon}", "provider: Amazon, latency: {first_token: 3s, spread: 0}}", 1)
	for assert, exit := range map[string]int{
		"on_no_data: skip, expr: load.throttle_rate <= 0.9":             record.ExitUndecided,
		"scope: run, expr: load.ok > 0":                                 record.ExitUndecided,
		"severity: warn, expr: load.throttle_rate <= 0.9":               record.ExitPass,
		"expr: 'load.stage(\"constant\").throttle_rate <= 0.9'":         record.ExitUndecided,
		"expr: 'load.window(last: 10s).ok > 0', on_no_data: skip":       record.ExitUndecided,
		"expr: 'load.window(last: 10s).dropped > 0', on_no_data: skip":  record.ExitPass,
		"scope: run, expr: load.generator.achieved < 0.9, name: health": record.ExitPass,
	} {
		if !strings.Contains(assert, "scope") {
			assert += ", for: [nova]"
		}
		o := simulate(t, scenario("steps:\n  - load: {models: [nova], max_in_flight: 2, max_lateness: 1s, ramp: {constant: 5 rps, for: 20s}}\nassert: [{"+assert+"}]\n"), slow, nil)
		if o.Exit != exit {
			t.Errorf("%s: exit %d, %+v; want %d", assert, o.Exit, o.Assertions, exit)
		}
	}
}

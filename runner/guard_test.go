package runner_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// production is an account in which others use the pool of a profile by the
// profile and by a copy of it, and are throttled from the minute calm on.
func production(limit int, throttled float64, calm, delay time.Duration, more string) string {
	quiet := ""
	if calm > 0 {
		quiet = fmt.Sprintf(", incidents: [{ago: 0s, for: %s, throttled: 0}]", calm)
	}
	return fmt.Sprintf(`
account: "123456789012"
region: us-east-1
seed: 5
models:
  - {id: "anthropic.claude-sonnet-4-5-20250929-v1:0", name: Claude Sonnet 4.5, provider: Anthropic, inference_types: [INFERENCE_PROFILE]%s}
profiles:
  - {id: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", name: US, models: ["anthropic.claude-sonnet-4-5-20250929-v1:0"], limits: {rpm: %d, burst: 5}}
  - {id: "global.anthropic.claude-sonnet-4-5-20250929-v1:0", name: Global, models: ["anthropic.claude-sonnet-4-5-20250929-v1:0"]}
  - {id: "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl", name: team, models: ["us.anthropic.claude-sonnet-4-5-20250929-v1:0"]}
traffic:
  - {model: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", rpm: 7, input_tokens: 10, output_tokens: 5}
  - {model: "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl", rpm: 20, throttled: %g, input_tokens: 10, output_tokens: 5%s}
  - {model: "global.anthropic.claude-sonnet-4-5-20250929-v1:0", rpm: 100, throttled: 0.9, input_tokens: 10, output_tokens: 5}
metrics: {delay: %s}
`, more, limit, throttled, quiet, delay)
}

func guarded(load string) string {
	return "version: 1\nname: t\nmodels:\n  direct: us.anthropic.claude-sonnet-4-5-20250929-v1:0\nrequest: {max_tokens: 20}\nsteps:\n  - load: {" + load + "}\n" +
		"assert:\n  - {expr: load.ambient.throttles == 0, name: nobody}\n"
}

// Others begin to be throttled in the middle: the ramp ends as soon as CloudWatch
// can be known to show it, and not before.
func TestALiveGuardStopsForOthers(t *testing.T) {
	for delay, least := range map[time.Duration]time.Duration{0: 6 * time.Minute, 90 * time.Second: 450 * time.Second, 3 * time.Minute: 9 * time.Minute} {
		o := simulate(t, guarded("stop_when: ambient.throttles > 0, ramp: {constant: 60 rpm, for: 20m}"), production(1000, 0.5, 5*time.Minute, delay, ""), nil)
		last := o.calls[len(o.calls)-1].Planned.Sub(o.Started)
		if o.Exit != record.ExitFail || last < least || last > least+80*time.Second {
			t.Errorf("delay %s: exit %d (%s), the last call came after %s; want it from %s to 80s later", delay, o.Exit, o.Problem, last, least)
		}
		s := o.Steps[0]
		if want := "direct: stop_when: ambient.throttles > 0, ambient.throttles = 10"; s.Stopped != want {
			t.Errorf("delay %s: stopped by %q; want %q, the 10 of the sixth minute", delay, s.Stopped, want)
		}
		g := s.Load.Guard
		if len(g) != 1 || *g[0].Throttles != 10 || g[0].Failed != 0 || len(g[0].IDs) != 4 || o.verdict(t, "nobody").Verdict != record.Fail {
			t.Errorf("delay %s: guard %+v, verdict %+v", delay, g, o.verdict(t, "nobody"))
		}
		if n := o.counts.Requests["cloudwatch.GetMetricData"]; int(n) != g[0].Reads+1 {
			t.Errorf("delay %s: CloudWatch was read %d times, and the guard says %d and one before", delay, n, g[0].Reads)
		}
	}
}

// Our own throttles are none of others', however many, whatever minute AWS counts
// them in; also those in the middle of streams, and those of other steps.
func TestALiveGuardTakesOffOurOwnThrottles(t *testing.T) {
	for name, tt := range map[string]struct{ src, more string }{
		"a quota":       {guarded("stop_when: ambient.throttles > 0, ramp: {constant: 300 rpm, for: 12m}"), ""},
		"poisson":       {guarded("stop_when: ambient.throttles > 0, arrivals: poisson, ramp: {constant: 300 rpm, for: 12m}"), ""},
		"streams":       {guarded("stop_when: ambient.throttles > 0, request: {api: converse-stream}, ramp: {constant: 300 rpm, for: 12m}"), ", mid_stream_throttle: 0.5, latency: {first_token: 2s, per_token: 500ms}"},
		"a wave":        {guarded("stop_when: ambient.throttles > 0, ramp: {sine: 200 rpm, amplitude: 200 rpm, period: 2m, for: 12m}"), ""},
		"parallel":      {strings.Replace(guarded("X"), "- load: {X}", "- parallel:\n    - load: {stop_when: ambient.throttles > 0, ramp: {constant: 60 rpm, for: 12m}}\n    - load: {name: b, ramp: {constant: 300 rpm, for: 12m}}", 1), ""},
		"one before it": {strings.Replace(guarded("stop_when: ambient.throttles > 0, ramp: {constant: 60 rpm, for: 12m}"), "steps:\n", "steps:\n  - load: {name: before, ramp: {constant: 300 rpm, for: 100s}}\n", 1), ""},
		"a copy's own":  {strings.Replace(guarded("stop_when: ambient.throttles > 0, ramp: {constant: 150 rpm, for: 12m}"), "models:\n", "models:\n  team: \"arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl\"\n", 1), ""},
	} {
		for _, delay := range []time.Duration{90 * time.Second, 0, 3 * time.Minute} {
			if raced && delay != 90*time.Second {
				continue
			}
			o := simulate(t, tt.src, production(60, 0, 0, delay, tt.more), nil)
			for _, s := range o.Steps {
				for _, g := range s.Load.Guard {
					if s.Stopped != "" || g.Throttles == nil || *g.Throttles != 0 || g.Minutes < 7 {
						t.Errorf("%s, delay %s: stopped %q, guard %+v with %v throttles; want none of others", name, delay, s.Stopped, g, g.Throttles)
					}
				}
			}
			throttled := 0
			for _, c := range o.calls {
				if c.Outcome == record.Throttled {
					throttled++
				}
			}
			if throttled < 50 || o.Exit != 0 {
				t.Errorf("%s, delay %s: exit %d (%s), %d throttled of %d; want many", name, delay, o.Exit, o.Problem, throttled, len(o.calls))
			}
		}
	}
}

// Throttles of others show beside our own: all but those that ours may hide, of
// twice as long as clocks may be apart.
func TestALiveGuardSeesOthersBesideOwnThrottles(t *testing.T) {
	o := simulate(t, guarded("stop_when: ambient.throttles > 1000, ramp: {constant: 120 rpm, for: 15m}"), production(60, 0.5, 5*time.Minute, 90*time.Second, ""), nil)
	g := o.Steps[0].Load.Guard[0]
	// Minutes 1 to 12 had been told at 14:15, of which 7 had 10 throttles each.
	if g.Minutes != 12 && g.Minutes != 11 {
		t.Fatalf("guard %+v", g)
	}
	most := float64(10 * (g.Minutes - 4))
	if *g.Throttles > most || *g.Throttles < most-15 {
		t.Errorf("%g throttles of others; want %g, less 15 at most", *g.Throttles, most)
	}
	if *g.RPM > 27 || *g.RPM < 24 {
		t.Errorf("%g calls a minute of others; want 27, less a few", *g.RPM)
	}
}

// Nothing is read for a stop_when that does not ask.
func TestALiveGuardThatIsNotAskedReadsNothing(t *testing.T) {
	o := simulate(t, strings.Replace(guarded("stop_when: throttle_rate > 0.9, ramp: {constant: 60 rpm, for: 5m}"), "assert:\n  - {expr: load.ambient.throttles == 0, name: nobody}\n", "", 1), production(1000, 0.5, 0, 0, ""), nil)
	if n := o.counts.Requests["cloudwatch.GetMetricData"]; n != 0 || o.Steps[0].Load.Guard != nil || o.Exit != 0 {
		t.Errorf("%d reads, guard %+v, exit %d", n, o.Steps[0].Load.Guard, o.Exit)
	}
}

// failing fails some reads of CloudWatch, by their numbers.
type failing struct {
	plugins.AWS
	reads *int
	fails func(int) bool
}

func (f failing) Measure(ctx context.Context, queries []plugins.Query, w record.Window) ([]plugins.Points, error) {
	*f.reads++
	if f.fails(*f.reads) {
		return nil, errors.New("cloudwatch:GetMetricData: not now")
	}
	return f.AWS.Measure(ctx, queries, w)
}

func failingReads(t *testing.T, src, account string, fails func(int) bool) outcome {
	t.Helper()
	return simulateAs(t, src, account, func(aws plugins.AWS) plugins.AWS { return failing{aws, new(int), fails} }, nil)
}

// A guard that cannot see lets nothing begin, and does not let a ramp go on.
func TestALiveGuardThatIsBlind(t *testing.T) {
	src := guarded("stop_when: ambient.throttles > 0, ramp: {constant: 60 rpm, for: 20m}")
	for _, tt := range []struct {
		name  string
		fails func(int) bool
		exit  int
		calls [2]int
		want  string
	}{
		{"at first", func(int) bool { return true }, record.ExitEnvironment, [2]int{0, 0}, "step load: read what others do, for stop_when: cloudwatch:GetMetricData: not now"},
		{"later", func(n int) bool { return n > 4 }, record.ExitEnvironment, [2]int{435, 436}, "step load: stop_when could not see what others do: 3 reads of CloudWatch in a row failed: cloudwatch:GetMetricData: not now"},
		{"now and then", func(n int) bool { return n%3 != 1 }, 0, [2]int{1200, 1200}, ""},
	} {
		o := failingReads(t, src, production(1000, 0, 0, 90*time.Second, ""), tt.fails)
		if o.Exit != tt.exit || len(o.calls) < tt.calls[0] || len(o.calls) > tt.calls[1] || o.Problem != tt.want {
			t.Errorf("%s: exit %d with %d calls: %q; want %d with %d: %q", tt.name, o.Exit, len(o.calls), o.Problem, tt.exit, tt.calls, tt.want)
		}
		if v := o.verdict(t, "nobody"); tt.exit != 0 && v.Verdict != record.Unknown {
			t.Errorf("%s: %+v; want unknown", tt.name, v)
		}
	}
}

// What CloudWatch did not tell is unknown, and does not stop.
func TestALiveGuardKnowsNothingBeforeItIsTold(t *testing.T) {
	o := simulate(t, guarded("stop_when: ambient.throttles >= 0, ramp: {constant: 60 rpm, for: 20m}"), production(1000, 0, 0, 30*time.Minute, ""), nil)
	g := o.Steps[0].Load.Guard[0]
	if o.Steps[0].Stopped != "" || len(o.calls) != 1200 || g.Throttles != nil || g.RPM != nil || g.Reads < 18 || o.verdict(t, "nobody").Verdict != record.Unknown {
		t.Errorf("stopped %q after %d calls, guard %+v, verdict %+v", o.Steps[0].Stopped, len(o.calls), g, o.verdict(t, "nobody"))
	}
	if n := o.Steps[0].Load.Notes; len(n) == 0 || !strings.Contains(n[len(n)-1], "CloudWatch told nothing while the step sent") {
		t.Errorf("notes %q", n)
	}
}

func TestThePlanTellsOfTheLiveGuard(t *testing.T) {
	e := plan(t, guarded("stop_when: ambient.rpm > 100, ramp: {constant: 60 rpm, for: 1h}")).Steps[0].Estimate
	if !strings.Contains(strings.Join(e.Reads, " "), "cloudwatch:GetMetricData") || len(e.Notes) != 1 || !strings.Contains(e.Notes[0], "CloudWatch is read up to 61 times, 8 metrics for each id that shares a quota: up to USD 0.0049 an id") {
		t.Errorf("reads %q, notes %q", e.Reads, e.Notes)
	}
	_, problems := understand(guarded("stop_when: ambient.throttle > 0, ramp: {constant: 60 rpm, for: 1h}"))
	if len(problems) != 1 || problems[0].Code != "unknown-name" || problems[0].Hint != `did you mean "throttles"?` {
		t.Errorf("problems %v", problems)
	}
}

// What is not known yet does not keep the other half of a condition from stopping.
func TestALateGuardDoesNotHideAnotherCondition(t *testing.T) {
	for when, stops := range map[string]bool{
		"throttle_rate > 0.5 or ambient.throttles > 0":      true,
		"ambient.rpm > 1000 or throttle_rate > 0.5":         true,
		"throttle_rate > 0.5 and ambient.throttles == 0":    false,
		"throttle_rate > 0.5 and ambient.rpm < 10":          false,
		"ambient.throttles / attempts > 0.1":                false,
		"throttle_rate > 2 or ambient.throttles > 0":        false,
		"ambient.throttles > 0 ? errors > 0 : attempts > 5": false,
	} {
		o := simulate(t, guarded("stop_when: '"+when+"', ramp: {constant: 300 rpm, for: 4m}"), production(60, 0, 0, 30*time.Minute, ""), nil)
		if s := o.Steps[0].Stopped; (s != "") != stops || stops && !strings.Contains(s, "is not known yet") {
			t.Errorf("%s: stopped %q; want it to stop: %t", when, s, stops)
		}
	}
}

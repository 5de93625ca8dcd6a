package runner_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner"
	"github.com/loadline-dev/loadline/scenarios"
)

const teamProfile = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl"

// usedByTwo is an account whose quota two ids take from, at rates that are known:
// 40 attempts a minute of which 4 are throttled, and 20 by an application.
func usedByTwo(more string) string {
	return `
account: "123456789012"
region: us-east-1
models:
  - {id: "anthropic.claude-sonnet-4-5-20250929-v1:0", name: Claude Sonnet 4.5, provider: Anthropic, inference_types: [INFERENCE_PROFILE], burndown: 5, latency: {spread: 0}}
profiles:
  - {id: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", name: US, models: ["anthropic.claude-sonnet-4-5-20250929-v1:0"]}
  - {id: "` + teamProfile + `", name: team, models: ["us.anthropic.claude-sonnet-4-5-20250929-v1:0"]}
traffic:
  - {model: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", rpm: 40, throttled: 0.1, input_tokens: 200, output_tokens: 50, latency: 800ms}
  - {model: "` + teamProfile + `", rpm: 20, input_tokens: 1000, output_tokens: 10, latency: 9s}
` + more
}

const sonnetModel = "version: 1\nname: t\nregion: us-east-1\nmodels: {sonnet: us.anthropic.claude-sonnet-4-5-20250929-v1:0}\nrequest: {max_tokens: 20}\n"

func TestMonitorReadsTheUsageOfAQuota(t *testing.T) {
	src := sonnetModel + `steps:
  - monitor:
      window: 2h
      period: 5m
      metrics: [InvocationLatency.p95, InvocationLatency.Maximum, Invocations.Sum, {name: InputTokenCount, stat: SampleCount, as: calls}, {name: Requests, stat: Sum, namespace: MyApp, as: app}]
assert:
  - {name: p95, expr: monitor.metric.InvocationLatency.p95 == 800 and monitor.metric.InvocationLatency.Maximum == 9000}
  - {name: sums, expr: monitor.metric.Invocations.Sum == monitor.invocations and monitor.metric.calls == monitor.invocations}
  - {name: app, expr: monitor.metric.app > 0}
  - {name: of the run, expr: monitor.metric.Invocations.Sum == monitor.invocations, scope: run}
  - {name: no percentile of all models, expr: monitor.metric.InvocationLatency.p95 < 1, scope: run}
`
	o := simulate(t, src, usedByTwo(""), nil)
	const minutes = 120 // time begins at a whole hour
	v := o.Models[0].Steps["monitor"]
	for name, want := range map[string]float64{
		"invocations": minutes * (36 + 20), "throttles": minutes * 4, "attempts": minutes * 60, "throttle_rate": 4. / 60, "coverage": 1, "points": minutes / 5,
		"input_tokens": minutes * (36*200 + 20*1000), "output_tokens": minutes * (36*50 + 20*10), "peak_rpm": 60, "peak_tpm": 36*250 + 20*1010,
	} {
		if got := v[name]; !got.Known || math.Abs(got.Value-want) > 1e-9*want {
			t.Errorf("%s is %v; want %g", name, got, want)
		}
	}
	for name, want := range map[string]record.Verdict{"p95": record.Pass, "sums": record.Pass, "app": record.Unknown, "of the run": record.Pass, "no percentile of all models": record.Unknown} {
		if a := o.verdict(t, name); a.Verdict != want {
			t.Errorf("%s: %s, %s; want %s", name, a.Verdict, a.Reason, want)
		}
	}
	parts := o.Steps[0].Usage[0].Parts
	if len(parts) != 2 || parts[0].Kind != "profile" || *parts[0].Attempts != minutes*40 || parts[1].ID != "abcdefghijkl" || parts[1].Kind != "application-profile" || *parts[1].Attempts != minutes*20 {
		t.Errorf("parts %+v", parts)
	}
	if notes := o.Steps[0].Notes; len(notes) != 1 || !strings.Contains(notes[0], "no point of Requests in MyApp") {
		t.Errorf("notes %q; want one, of the metric that is not there", notes)
	}
	for name, want := range map[string]float64{"InvocationLatency.p90": 800, "metric.InvocationLatency.p95": 800, "EstimatedTPMQuotaUsage": 5 * (36*(200+5*50) + 20*(1000+5*10)), "metric.Invocations.Sum": 5 * 56} {
		s, ok := o.Find("monitor", "sonnet", name)
		if !ok || len(s.Values) != minutes/5 || s.Values[0] == nil || *s.Values[0] != want {
			t.Errorf("series %s is %v; want %g in each period", name, s.Values, want)
		}
	}
	if _, ok := o.Find("monitor", "", "metric.app"); !ok {
		t.Error("the series of the application's own metric is not there")
	}
	if n := o.counts.Requests["cloudwatch.GetMetricData"]; n != 1 {
		t.Errorf("%d requests of GetMetricData; want 1", n)
	}
}

// Calls that name a service tier are a part of those of their id.
func TestMonitorListsServiceTiers(t *testing.T) {
	src := sonnetModel + "steps:\n  - load: {ramp: {constant: 60 rpm, for: 1m}, request: {service_tier: flex}}\n  - wait: 2m\n  - monitor: {window: 10m}\n"
	o := simulate(t, src, usedByTwo(""), nil)
	parts := o.Steps[2].Usage[0].Parts
	if len(parts) != 3 || parts[2].Tier != "flex" || parts[2].Kind != "tier" || *parts[2].Attempts != 60 {
		t.Fatalf("parts %+v; want one of the tier, with 60 attempts", parts)
	}
	if all := o.Models[0].Steps["monitor"]["attempts"].Value; all != *parts[0].Attempts+*parts[1].Attempts {
		t.Errorf("%g attempts of parts %g, %g and %g; want the tier to be counted once", all, *parts[0].Attempts, *parts[1].Attempts, *parts[2].Attempts)
	}
}

// Who may not list profiles or series gets the usage of the own id, and a note.
func TestMonitorWithoutPermissionToList(t *testing.T) {
	refuse := func(operation string) string {
		return "  - {match: {operation: " + operation + "}, what: {error: {status: 403, code: AccessDeniedException, message: not yours}}}\n"
	}
	src := sonnetModel + "steps:\n  - monitor: {window: 1h, period: 1m}\n"
	o := simulate(t, src, usedByTwo("faults:\n"+refuse("bedrock.ListInferenceProfiles")+refuse("cloudwatch.ListMetrics")), nil)
	if v := o.Models[0].Steps["monitor"]["attempts"]; o.Exit != 0 || v.Value != 60*40 {
		t.Errorf("exit %d, %v attempts; want those of the own id", o.Exit, v)
	}
	notes := strings.Join(o.Steps[0].Notes, "\n")
	for _, want := range []string{"bedrock:ListInferenceProfiles", "cloudwatch:ListMetrics", "only calls by the models' own ids"} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes %q; want %q", notes, want)
		}
	}
	o = simulate(t, src, usedByTwo("faults:\n"+refuse("cloudwatch.GetMetricData")), nil)
	if o.Exit != record.ExitEnvironment || !strings.Contains(o.Problem, "need the action cloudwatch:GetMetricData") {
		t.Errorf("exit %d, %q; want 4: there is nothing without it", o.Exit, o.Problem)
	}
}

// A gap stays one, and so does what CloudWatch has half of.
func TestMonitorKeepsGaps(t *testing.T) {
	src := sonnetModel + "steps:\n  - monitor: {window: 1h, period: 1m}\n"
	account := strings.ReplaceAll(usedByTwo(""), "latency: 800ms}", "latency: 800ms, incidents: [{ago: 30m, for: 10m, rpm: 0}]}")
	account = strings.ReplaceAll(account, "rpm: 20,", "rpm: 20, incidents: [{ago: 30m, for: 10m, rpm: 0}],")
	o := simulate(t, src, account, nil)
	if v := o.Models[0].Steps["monitor"]; v["points"].Value != 50 || math.Abs(v["coverage"].Value-50./60) > 1e-12 {
		t.Errorf("%v points, coverage %v; want 50 of 60", v["points"], v["coverage"])
	}
	s, _ := o.Find("monitor", "sonnet", "InvocationLatency.p50")
	for i, v := range s.Values {
		if gap := i >= 30 && i < 40; (v == nil) != gap {
			t.Errorf("minute %d is %v", i, v)
		}
	}
	o = simulate(t, src, usedByTwo("faults: [{match: {operation: cloudwatch.GetMetricData}, what: {partial: true}}]\n"), nil)
	if o.Exit != record.ExitEnvironment || !strings.Contains(o.Problem, "did not complete") {
		t.Errorf("exit %d, %q; want no number out of half a series", o.Exit, o.Problem)
	}
}

func TestMonitorProblems(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"steps:\n  - monitor: {metrics: [InvokeModel.Sum]}\n", "unknown-metric"},
		{"steps:\n  - monitor: {from: 2001-01-01}\n", "bad-window"},
		{"steps:\n  - monitor: {zone: Mars/Olympus}\n", "bad-zone"},
		{"steps:\n  - monitor: {metrics: [TimeToFirstToken.p95]}\nassert: [{expr: monitor.metric.TimeToFirstToken.p95 < 900}]\n", ""},
		{"steps:\n  - monitor: {metrics: [TimeToFirstToken.p95]}\nassert: [{expr: monitor.metric.TimeToFirstToken.p90 < 900}]\n", "unknown-name"},
		{"steps:\n  - monitor: {metrics: [TimeToFirstToken.p95]}\nassert: [{expr: monitor.metric.TimeToFirstToken < 900}]\n", "not-a-value"},
		{"steps:\n  - monitor: {}\nassert: [{expr: monitor.metric.TimeToFirstToken.p95 < 900}]\n", "unknown-name"},
	} {
		_, problems := understand(sonnetModel + tt.text)
		codes := ""
		for _, p := range problems {
			codes += p.Code
		}
		if codes != tt.want {
			t.Errorf("%s: %v; want %q", tt.text, problems, tt.want)
		}
	}
}

// A record is judged again as of the time of its run: what CloudWatch had then.
func TestAgesCountFromTheTimeOfThePlan(t *testing.T) {
	s, problems := scenarios.Load("t.yaml", []byte(sonnetModel+"steps:\n  - monitor: {from: 2020-03-01, to: 2020-03-02, period: 1m}\n"), language())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	then := set
	then.Now = time.Date(2020, 3, 10, 0, 0, 0, 0, time.UTC)
	if _, problems := runner.NewPlan(s, then); len(problems) > 0 {
		t.Errorf("as of 2020: %v", problems)
	}
	if _, problems := runner.NewPlan(s, set); len(problems) != 1 || problems[0].Code != "bad-window" {
		t.Errorf("as of now: %v; want bad-window", problems)
	}
}

// A percentile of CloudWatch's takes as many calls as one of our own; its samples
// are periods, which tell nothing of that.
func TestAPercentileOfFewCallsThatCloudWatchCountedIsUnknown(t *testing.T) {
	account := haikuAccount + "traffic:\n  - {model: \"anthropic.claude-3-haiku-20240307-v1:0\", rpm: 2, input_tokens: 200, output_tokens: 50, latency: 800ms}\n"
	for assert, want := range map[string]record.Verdict{
		"monitor.latency_ms.p99 < 60000":                   record.Unknown,
		"monitor.latency_ms.p50 < 60000":                   record.Pass,
		"monitor.latency_ms.p99 < 60000, confidence: none": record.Pass,
		"monitor.rpm.p99 < 60000":                          record.Pass,
	} {
		o := simulate(t, scenario("steps:\n  - monitor: {window: 1h, models: [haiku]}\nassert:\n  - {for: [haiku], expr: "+assert+"}\n"), account, nil)
		a := o.Assertions[0]
		if a.Verdict != want || want == record.Unknown && !strings.Contains(a.Reason, " calls; a verdict on it takes 500") {
			t.Errorf("%s: %s (%s), values %v; want %s", assert, a.Verdict, a.Reason, a.Values, want)
		}
	}
}

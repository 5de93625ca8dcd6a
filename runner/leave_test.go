package runner_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// shared is an account whose on-demand pool of Claude 3 Haiku others use too.
func shared(rpm, tpm int, more string) string {
	return fmt.Sprintf(`
account: "123456789012"
region: us-east-1
seed: 5
quotas:
  - {code: L-2DC80978, name: "On-demand model inference requests per minute for Anthropic Claude 3 Haiku", value: %d, default: 1000}
  - {code: L-8CE99163, name: "On-demand model inference tokens per minute for Anthropic Claude 3 Haiku", value: %d, default: 2000000}
models:
  - {id: "anthropic.claude-3-haiku-20240307-v1:0", name: Claude 3 Haiku, provider: Anthropic, limits: {rpm: %d, tpm: %d, burst: 5}}
  - {id: "amazon.nova-lite-v1:0", name: Nova Lite, provider: Amazon}
%s`, rpm, tpm, rpm, tpm, more)
}

const haikuTraffic = "  - {model: \"anthropic.claude-3-haiku-20240307-v1:0\", rpm: %g, input_tokens: 200, output_tokens: 50}\n"

func traffic(rpm float64) string { return "traffic:\n" + fmt.Sprintf(haikuTraffic, rpm) }

func leave(load string) string {
	return scenario("request: {input_tokens: 100, max_tokens: 50}\nsteps:\n  - discover: {}\n  - load: {models: [haiku], " + load + "}\nassert:\n  - {expr: load.ambient.rpm < 1000, name: rpm, for: [haiku]}\n  - {expr: load.ambient.tpm < 1000000, name: tpm, for: [haiku]}\n")
}

// busiest is the most calls that came due within any span of a length.
func (o outcome) busiest(span time.Duration) (calls int) {
	var at []time.Time
	for _, c := range o.calls {
		at = append(at, c.Planned)
	}
	slices.SortFunc(at, time.Time.Compare)
	first := 0
	for i, t := range at {
		for t.Sub(at[first]) >= span {
			first++
		}
		calls = max(calls, i-first+1)
	}
	return calls
}

func TestARampLeavesAHeadroom(t *testing.T) {
	const others = 120 // of 400 rpm, of which 280 may be used
	for _, tt := range []struct {
		name, ramp, more string
		rpm, tpm         int
		cap, least       float64 // the bound, and how many calls come in the busiest minute all the same
		by               string
	}{
		{"requests", "[{to: 480 rpm, over: 1m, hold: 2m}]", "", 400, 10_000_000, 160, 150, "rpm"},
		{"late metrics", "{constant: 480 rpm, for: 3m}", "metrics: {delay: 3m}\n", 400, 10_000_000, 160, 150, "rpm"},
		{"a wave", "{sine: 160 rpm, amplitude: 160 rpm, period: 30s, for: 3m}", "", 400, 10_000_000, 160, 100, "rpm"},
		// The others take 200 + 50 x 5 tokens a call, ours reserve 150.
		{"tokens", "{linear: 480 rpm, over: 3m}", "", 4000, 100_000, (100_000*0.7 - others*450) / 150, 100, "tpm"},
	} {
		o := simulate(t, leave("leave: 30%, ramp: "+tt.ramp), shared(tt.rpm, tt.tpm, traffic(others)+tt.more), nil)
		if o.Exit != 0 || len(o.calls) == 0 {
			t.Fatalf("%s: exit %d with %d calls: %s", tt.name, o.Exit, len(o.calls), o.Problem)
		}
		load := o.Steps[1].Load
		a := load.Ambient[0]
		if load.Leave != 0.3 || len(load.Ambient) != 1 || a.Model != "haiku" || a.RPM == nil || *a.RPM != others || a.TPM == nil || *a.TPM != others*450 || a.Minutes != 10 || a.BoundBy != tt.by || math.Abs(a.CapRPM-tt.cap) > 1e-9 {
			t.Errorf("%s: ambient %+v; want %d calls and %d tokens a minute, over 10 minutes, and a cap of %g by %s", tt.name, a, others, others*450, tt.cap, tt.by)
		}
		if n, short := o.busiest(time.Minute), o.busiest(6*time.Second); float64(n) > tt.cap+1 || float64(n) < tt.least || float64(short) > tt.cap/10+1 {
			t.Errorf("%s: %d calls in one minute and %d in 6 seconds; want the cap of %g to be kept, and at least %g", tt.name, n, short, tt.cap, tt.least)
		}
		v := o.Models[0].Steps["load"]
		if v["throttled"].Value != 0 || !v["throttled"].Known || v["ambient.rpm"].Value != others || v["ambient.tpm"].Value != others*450 {
			t.Errorf("%s: throttled %v, ambient %v and %v", tt.name, v["throttled"], v["ambient.rpm"], v["ambient.tpm"])
		}
		if load.Dropped != 0 || load.Scheduled != load.Planned {
			t.Errorf("%s: dropped %d, scheduled %d, planned %d; want the rest to be cut off before it is scheduled", tt.name, load.Dropped, load.Scheduled, load.Planned)
		}
		for _, s := range load.Stages {
			if max(s.FromRPM, s.ToRPM) > tt.cap {
				t.Errorf("%s: stage %s goes from %g to %g", tt.name, s.Name, s.FromRPM, s.ToRPM)
			}
		}
		if !slices.ContainsFunc(load.Notes, func(n string) bool { return strings.Contains(n, "with 30% left free, its rate stays at or below") }) {
			t.Errorf("%s: notes %q", tt.name, load.Notes)
		}
	}
}

// The busiest minute counts, not the mean: here one of an incident.
func TestTheBusiestMinuteOfOthersCounts(t *testing.T) {
	more := "traffic:\n  - {model: \"anthropic.claude-3-haiku-20240307-v1:0\", rpm: 10, incidents: [{ago: 6m, for: 1m, rpm: 100}, {ago: 30m, for: 1m, rpm: 300}]}\n"
	o := simulate(t, leave("leave: 10%, ramp: {constant: 480 rpm, for: 1m}"), shared(400, 10_000_000, more), nil)
	if a := o.Steps[1].Load.Ambient[0]; a.RPM == nil || *a.RPM != 100 || a.CapRPM != 260 {
		t.Errorf("ambient %+v; want the 100 of 6 minutes ago, not the 300 of half an hour ago, and a cap of 260", a)
	}
}

// What is not told is not taken for zero in the record, and all of what leave
// does not keep may be used.
func TestAQuietAccountIsUnknownAndLeavesItsPart(t *testing.T) {
	o := simulate(t, leave("leave: 25%, ramp: {constant: 480 rpm, for: 2m}"), shared(400, 10_000_000, ""), nil)
	a := o.Steps[1].Load.Ambient[0]
	if a.RPM != nil || a.TPM != nil || a.Minutes != 0 || a.CapRPM != 300 {
		t.Errorf("ambient %+v; want nothing known, and a cap of 300", a)
	}
	for _, name := range []string{"rpm", "tpm"} {
		if v := o.verdict(t, name); v.Verdict != record.Unknown || !strings.Contains(v.Reason, "no data for load.ambient."+name) {
			t.Errorf("%s: %+v; want unknown", name, v)
		}
	}
	if n := o.busiest(time.Minute); n > 301 || o.Models[0].Steps["load"]["throttled"].Value != 0 {
		t.Errorf("%d calls in a minute", n)
	}
	if !strings.Contains(o.json(t), `"rpm":null,"tpm":null,"minutes":0,"cap_rpm":300,"bound_by":"rpm"`) {
		t.Error("run.json does not say null")
	}
}

// Calls of an earlier step of this run are not those of others.
func TestOwnCallsAreNotAmbient(t *testing.T) {
	src := scenario("request: {input_tokens: 100, max_tokens: 50}\nsteps:\n  - discover: {}\n  - load: {name: before, models: [haiku], ramp: {constant: 200 rpm, for: 4m}}\n  - wait: 3m\n  - load: {models: [haiku], leave: 30%, ramp: {constant: 480 rpm, for: 1m}}\n")
	o := simulate(t, src, shared(400, 10_000_000, traffic(50)), nil)
	if a := o.Steps[3].Load.Ambient[0]; a.RPM == nil || *a.RPM != 50 || a.CapRPM != 230 {
		t.Errorf("ambient %+v (%s); want the 50 of others alone", a, o.Problem)
	}
}

const sonnets = `
account: "123456789012"
region: us-east-1
seed: 5
quotas:
  - {code: L-4A6BFAB1, name: "Cross-region model inference requests per minute for Anthropic Claude Sonnet 4.5 V1", value: 400}
models:
  - {id: "anthropic.claude-sonnet-4-5-20250929-v1:0", name: Claude Sonnet 4.5, provider: Anthropic, inference_types: [INFERENCE_PROFILE]}
profiles:
  - {id: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", name: US, models: ["anthropic.claude-sonnet-4-5-20250929-v1:0"], limits: {rpm: 400}}
  - {id: "global.anthropic.claude-sonnet-4-5-20250929-v1:0", name: Global, models: ["anthropic.claude-sonnet-4-5-20250929-v1:0"]}
  - {id: "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl", name: team, models: ["us.anthropic.claude-sonnet-4-5-20250929-v1:0"]}
traffic:
  - {model: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", rpm: 40}
  - {model: "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl", rpm: 25}
  - {model: "global.anthropic.claude-sonnet-4-5-20250929-v1:0", rpm: 1000}
`

// Whoever shares the quota counts, by whatever id; the global pool is another
// one. Two names for one id divide the room.
func TestIdsThatShareAQuotaAreOnePool(t *testing.T) {
	src := "version: 1\nname: t\nmodels:\n  direct: us.anthropic.claude-sonnet-4-5-20250929-v1:0\n  team: \"arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl\"\n" +
		"request: {input_tokens: 100, max_tokens: 50}\nsteps:\n  - discover: {}\n  - load: {%sleave: 30%%, ramp: {constant: 480 rpm, for: 2m}}\n"
	for shares, want := range map[string][2]float64{"": {107.5, 107.5}, "models: {direct: 80%, team: 20%}, ": {172, 43}} {
		o := simulate(t, fmt.Sprintf(src, shares), sonnets, nil)
		if o.Exit != 0 {
			t.Fatalf("exit %d: %s", o.Exit, o.Problem)
		}
		for i, a := range o.Steps[1].Load.Ambient {
			if a.RPM == nil || *a.RPM != 65 || math.Abs(a.CapRPM-want[i]) > 1e-9 {
				t.Errorf("%q: %+v; want 65 calls of others and a cap of %g", shares, a, want[i])
			}
			if len(a.IDs) != 4 || !slices.Contains(a.IDs, "abcdefghijkl") || !slices.Contains(a.IDs, "us.anthropic.claude-sonnet-4-5-20250929-v1:0+latency-optimized") {
				t.Errorf("ids %q; want the profile, its copy, and their optimized series", a.IDs)
			}
		}
		if n := o.busiest(time.Minute); n > 217 || n < 205 || o.Totals["load"]["throttled"].Value != 0 {
			t.Errorf("%q: %d calls in a minute, %v throttled; want 215 at most and none", shares, n, o.Totals["load"]["throttled"])
		}
	}
}

// Steps that run at the same time divide what is left.
func TestStepsAtTheSameTimeDivideTheRoom(t *testing.T) {
	src := scenario("request: {input_tokens: 100, max_tokens: 50}\nsteps:\n  - discover: {}\n  - parallel:\n" +
		"    - load: {name: a, models: [haiku], leave: 30%, ramp: {constant: 480 rpm, for: 2m}}\n    - load: {name: b, models: [haiku], leave: 30%, ramp: {constant: 480 rpm, for: 2m}}\n")
	o := simulate(t, src, shared(400, 10_000_000, traffic(120)), nil)
	if n := o.busiest(time.Minute); n > 162 || n < 150 || o.Steps[1].Load.Ambient[0].CapRPM != 80 || o.Totals["a"]["throttled"].Value+o.Totals["b"]["throttled"].Value != 0 {
		t.Errorf("%d calls in a minute, a cap of %g, throttled %v and %v; want 160 of both together", n, o.Steps[1].Load.Ambient[0].CapRPM, o.Totals["a"]["throttled"], o.Totals["b"]["throttled"])
	}
}

func TestWhereNothingIsLeftNothingIsSent(t *testing.T) {
	for _, others := range []float64{280, 300, 500} {
		o := simulate(t, leave("leave: 30%, ramp: {constant: 480 rpm, for: 1m}"), shared(400, 10_000_000, traffic(others)), nil)
		if o.Exit != record.ExitBudget || len(o.calls) != 0 || o.counts.Requests["bedrock-runtime.Converse"] != 0 {
			t.Errorf("%g: exit %d with %d calls; want 5 and none", others, o.Exit, len(o.calls))
		}
		if want := "nothing is left to send: of the rpm quota of haiku, 30% stays free and others use the rest; run it when others use less, or lower leave"; o.Problem != want {
			t.Errorf("problem %q; want %q", o.Problem, want)
		}
		if note, want := o.Steps[1].Load.Notes[0], fmt.Sprintf("haiku: others used up to %g of 400 rpm", others); !strings.HasPrefix(note, want) {
			t.Errorf("note %q; want it to begin with %q", note, want)
		}
		if load := o.Steps[1].Load; load == nil || load.Ambient[0].CapRPM != 0 || *load.Ambient[0].RPM != others {
			t.Errorf("load %+v; want what was read", load)
		}
		if v := o.verdict(t, "rpm"); v.Verdict != record.Unknown || !strings.Contains(v.Reason, "cut short") {
			t.Errorf("verdict %+v; want unknown", v)
		}
	}
}

// blind is an account whose CloudWatch may not be read.
type blind struct{ plugins.AWS }

func (blind) Measure(context.Context, []plugins.Query, record.Window) ([]plugins.Points, error) {
	return nil, errors.New("cloudwatch:GetMetricData: not allowed")
}

func TestWithoutCloudWatchNothingIsSent(t *testing.T) {
	o := simulateAs(t, leave("leave: 30%, ramp: {constant: 480 rpm, for: 1m}"), shared(400, 10_000_000, ""), func(aws plugins.AWS) plugins.AWS { return blind{aws} }, nil)
	if o.Exit != record.ExitEnvironment || len(o.calls) != 0 || !strings.Contains(o.Problem, "read what others use, for leave: cloudwatch:GetMetricData: not allowed") {
		t.Errorf("exit %d with %d calls: %q; want 4 and none", o.Exit, len(o.calls), o.Problem)
	}
}

func TestAModelWithoutQuotasHasNothingToLeave(t *testing.T) {
	src := scenario("steps:\n  - discover: {}\n  - load: {models: [nova], leave: 30%, ramp: {constant: 60 rpm, for: 1m}}\n")
	o := simulate(t, src, shared(400, 10_000_000, ""), nil)
	if o.Exit != record.ExitEnvironment || len(o.calls) != 0 || !strings.Contains(o.Problem, "model nova has no rpm or tpm quota with a value") {
		t.Errorf("exit %d with %d calls: %q; want 4 and none", o.Exit, len(o.calls), o.Problem)
	}
	if err := plan(t, src).Discovered(map[string]*record.Model{"haiku": {}, "nova": {}}); err == nil || !strings.Contains(err.Error(), "nothing that leave could keep") {
		t.Errorf("plan --discover: %v", err)
	}
}

func TestThePlanTellsOfLeave(t *testing.T) {
	e := plan(t, leave("leave: 30%, ramp: {constant: 480 rpm, for: 1m}")).Steps[1].Estimate
	if !slices.Contains(e.Reads, "cloudwatch:GetMetricData") || e.Calls[0].Requests != 480 {
		t.Errorf("reads %q, %d requests; want CloudWatch, and the most that can be sent", e.Reads, e.Calls[0].Requests)
	}
	if len(e.Notes) != 1 || !strings.Contains(e.Notes[0], "30% of each rpm and tpm quota is left") {
		t.Errorf("notes %q", e.Notes)
	}
}

func TestProblemsOfLeave(t *testing.T) {
	folder(t, map[string]string{"a.jsonl": "{\"at\": 1}\n"})
	const head = "steps:\n  - discover: {}\n  - load: "
	for _, tt := range []struct{ src, want string }{
		{"steps:\n  - load: {leave: 30%, ramp: {constant: 60 rpm, for: 1m}}\n", "8:19 quota-not-read what leave keeps free is a part of quotas, and no step before this one reads them; add the step `- discover: {}` before it"},
		{head + "{leave: 100%, ramp: {constant: 60 rpm, for: 1m}}\n", "9:19 leaves-all leave keeps the whole quota free, so nothing could be sent; leave a part of it, such as 30%"},
		{head + "{leave: 30%, ramp: {concurrency: 3, for: 1m, calls: 9}}\n", "9:19 leave-without-rate a closed loop sends as fast as it is answered: it has no rate that could be cut off to leave a headroom; use a shape with a rate, such as constant, or leave out `leave`"},
		{head + "{leave: 30%, ramp: {replay: a.jsonl}}\n", "9:19 leave-without-rate the calls of a replay come when they once came: it has no rate that could be cut off to leave a headroom; use a shape with a rate, or leave out `leave` and lower `speed`"},
		{head + "{leave: 30%, ramp: {batches: 2, size: 5, pause: 1m}}\n", "9:19 leave-without-rate a batch that is sent at once has no rate that could be cut off to leave a headroom; spread each batch with `over`, or leave out `leave`"},
		{head + "{leave: 30%, ramp: {batches: 2, size: 5, pause: 1m, over: 30s}}\n", ""},
		{head + "{leave: 30, ramp: {constant: 60 rpm, for: 1m}}\n", "9:19 bad-percent load.leave needs a share above 0% and up to 100%, such as 70%, not the number 30; write a number without sign or leading zeros, and the sign %: 70%"},
	} {
		_, problems := understand(scenario(tt.src))
		var got []string
		for _, p := range problems {
			got = append(got, fmt.Sprintf("%s %s %s; %s", p.Pos, p.Code, p.Message, p.Hint))
		}
		if s := strings.Join(got, "\n"); s != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s\n%s", tt.src, s, tt.want, scenarios.Render("scenario.yaml", []byte(scenario(tt.src)), problems))
		}
	}
}

// A search goes no faster than what is left, not even in the bursts that empty a
// quota elsewhere: here it finds that all of it holds.
func TestASearchStaysBelowWhatIsLeft(t *testing.T) {
	src := func(from int) string {
		return scenario(fmt.Sprintf("budget: {requests: 20000}\nsteps:\n  - discover: {}\n  - load: {models: [haiku], leave: 30%%, ramp: {find: rpm, from: %d rpm, to: 1000 rpm, width: 10%%, trial: 60s, rest: 30s}}\n", from))
	}
	o := simulate(t, src(30), shared(400, 10_000_000, traffic(120)), nil)
	v := o.Models[0].Steps["load"]
	if o.Exit != 0 || v["throttled"].Value != 0 || v["limit.high"].Known || v["limit.low"].Value < 150 || v["limit.low"].Value > 160 {
		t.Errorf("exit %d (%s), throttled %v, bracket %v to %v; want the 160 that are left to hold, and nothing above", o.Exit, o.Problem, v["throttled"], v["limit.low"], v["limit.high"])
	}
	if n, short := o.busiest(time.Minute), o.busiest(6*time.Second); n > 161 || short > 17 {
		t.Errorf("%d calls in a minute, %d in 6 seconds; want 160 and 16 at most", n, short)
	}
	o = simulate(t, src(200), shared(400, 10_000_000, traffic(120)), nil)
	if o.Exit != record.ExitBudget || len(o.calls) != 0 {
		t.Errorf("exit %d with %d calls; want none, as 200 is above what is left", o.Exit, len(o.calls))
	}
}

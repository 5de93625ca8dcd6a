package runner_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner"
)

func TestAProfileOnlyModelIsReportedBeforeAnyCall(t *testing.T) {
	account := haikuAccount + `  - {id: "anthropic.claude-sonnet-4-5-20250929-v1:0", name: Claude Sonnet 4.5, provider: Anthropic, inference_types: [INFERENCE_PROFILE]}
profiles:
  - {id: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", name: US, models: ["anthropic.claude-sonnet-4-5-20250929-v1:0"]}
`
	for _, steps := range []string{
		"  - discover: {}\n  - load: {ramp: {constant: 60 rpm, for: 10s}}\n",
		"  - load: {ramp: {constant: 60 rpm, for: 10s}}\n",
		"  - wait: 1s\n  - load: {ramp: {batches: 1, size: 5, pause: 1s}}\n  - discover: {}\n",
	} {
		o := simulate(t, "version: 1\nname: t\nmodels: {sonnet: \"anthropic.claude-sonnet-4-5-20250929-v1:0\"}\nsteps:\n"+steps, account, nil)
		if o.Exit != record.ExitEnvironment || !strings.Contains(o.Problem, "use us.anthropic.claude-sonnet-4-5-20250929-v1:0") || len(o.calls) > 0 {
			t.Errorf("%sexit %d, problem %q, %d calls; want 4, the profile to use, none", steps, o.Exit, o.Problem, len(o.calls))
		}
	}
}

func TestAnAccountThatDoesNotTellOfItsModelsIsMeasuredAllTheSame(t *testing.T) {
	for _, err := range []error{nil, errors.New("bedrock:ListFoundationModels: no such host")} {
		f := &fake{unlisted: err, answer: func(int, plugins.Invocation) plugins.Reply { return plugins.Reply{Outcome: record.OK} }}
		f.catalog.Notes = []string{"bedrock:ListFoundationModels: not allowed"}
		o := against(t, scenario("steps:\n  - load: {models: [nova], ramp: {constant: 60 rpm, for: 2s}}\n  - load: {name: again, models: [nova], ramp: {constant: 60 rpm, for: 2s}}\n"), f)
		if o.Exit != 0 || f.sent != 4 || f.listed != 1 {
			t.Errorf("exit %d, %d calls, %d lookups; want 0, 4, 1", o.Exit, f.sent, f.listed)
		}
		if n := o.Steps[0].Notes; len(n) != 1 || !strings.Contains(n[0], "was not looked up: bedrock:ListFoundationModels") {
			t.Errorf("notes %q; want that and why the ids were not looked up", n)
		}
	}
}

func TestALookupWithoutAnAnswerHoldsNothingUp(t *testing.T) {
	load := scenario("budget: {duration: 61s}\nsteps:\n  - load: {models: [nova], ramp: {constant: 60 rpm, for: 1s}}\n")
	f := &fake{silent: true, answer: func(int, plugins.Invocation) plugins.Reply { return plugins.Reply{Outcome: record.OK} }}
	o := against(t, load, f)
	if n := o.Steps[0].Notes; f.sent != 1 || len(n) != 1 || !strings.HasSuffix(n[0], "was not looked up: no answer within 10s") {
		t.Errorf("%d calls, notes %q", f.sent, n)
	}
	// A run that is told to stop meanwhile sends nothing.
	f = &fake{silent: true, answer: f.answer}
	synctest.Test(t, func(t *testing.T) {
		o = execute(t, plan(t, load), f, after(3*time.Second, runner.Interrupt{Signal: "SIGINT", Status: 130}))
	})
	if f.sent != 0 || o.Exit != 130 {
		t.Errorf("%d calls, exit %d; want none, 130", f.sent, o.Exit)
	}
}

func TestAStepThatAsksForAVariantSaysThatOtherQuotasBindIt(t *testing.T) {
	const sentence = "give the id a second name under models"
	for src, want := range map[string]int{
		"steps:\n  - load: {models: [nova], request: {latency: optimized}, ramp: {constant: 60 rpm, for: 2s}}\n":                                1,
		"steps:\n  - load: {models: [nova], ramp: {constant: 60 rpm, for: 2s}}\n":                                                               0,
		"request: {latency: optimized}\nsteps:\n  - load: {models: [nova], request: {latency: optimized}, ramp: {constant: 60 rpm, for: 2s}}\n": 0,
		"request: {latency: optimized}\nsteps:\n  - load: {models: [nova], request: {latency: standard}, ramp: {constant: 60 rpm, for: 2s}}\n":  1,
		"request: {latency: standard}\nsteps:\n  - load: {models: [nova], request: {max_tokens: 9}, ramp: {constant: 60 rpm, for: 2s}}\n":       0,
	} {
		f := &fake{catalog: plugins.Catalog{Models: []plugins.FoundationModel{}}, answer: func(int, plugins.Invocation) plugins.Reply { return plugins.Reply{Outcome: record.OK} }}
		planned := plan(t, scenario(src)).Steps[0].Estimate.Notes
		notes := against(t, scenario(src), f).Steps[0].Notes
		for _, got := range [][]string{planned, notes} {
			if len(got) != want || want == 1 && !strings.Contains(got[0], sentence) {
				t.Errorf("%s: notes %q; want %d", src, got, want)
			}
		}
	}
}

// What is behind the ARN of an application's profile only AWS can tell. Its
// calls are counted as those of that model once it has.
func TestAnApplicationProfileCountsAsTheModelBehindIt(t *testing.T) {
	const arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl"
	account := haikuAccount + `  - {id: "anthropic.claude-sonnet-4-5-20250929-v1:0", name: Claude Sonnet 4.5, provider: Anthropic, inference_types: [INFERENCE_PROFILE]}
profiles:
  - {id: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", name: US, models: ["anthropic.claude-sonnet-4-5-20250929-v1:0"]}
  - {id: "` + arn + `", name: team, models: ["us.anthropic.claude-sonnet-4-5-20250929-v1:0"]}
`
	for own, burndown := range map[string]float64{"": 5, ", burndown: 2": 2} {
		for _, discover := range []string{"", "  - discover: {}\n"} {
			src := "version: 1\nname: t\nmodels: {team: {id: \"" + arn + "\"" + own + "}}\nsteps:\n" + discover + "  - load: {ramp: {constant: 60 rpm, for: 3s}}\n"
			steps := plan(t, src).Steps
			if notes := steps[len(steps)-1].Estimate.Notes; len(notes) != 1 || !strings.Contains(notes[0], "only AWS can tell which model is behind the id of team") {
				t.Errorf("notes of the plan: %q", notes)
			}
			o := simulate(t, src, account, nil)
			m := o.Models[0]
			if m.BaseID != "anthropic.claude-sonnet-4-5-20250929-v1:0" || len(o.calls) != 3 {
				t.Fatalf("%d calls of %q", len(o.calls), m.BaseID)
			}
			for _, c := range o.calls {
				if want := c.Usage.Input + int64(burndown)*c.Usage.Output; c.QuotaTokens != want || c.USD == nil {
					t.Errorf("%s%s: %+v takes %d quota tokens and costs %v; want %d, and a price", discover, own, *c.Usage, c.QuotaTokens, c.USD, want)
				}
			}
		}
	}
}

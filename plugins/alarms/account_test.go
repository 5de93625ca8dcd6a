package alarms_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/alarms"
	"github.com/loadline-dev/loadline/plugins/steps"
)

const (
	haiku  = "anthropic.claude-3-haiku-20240307-v1:0"
	sonnet = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
	copied = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl"
)

const account = `
account: "123456789012"
region: us-east-1
quotas:
  - {code: L-2DC80978, name: "On-demand model inference requests per minute for Anthropic Claude 3 Haiku", value: 60}
  - {code: L-8CE99163, name: "On-demand model inference tokens per minute for Anthropic Claude 3 Haiku", value: 1000000}
  - {code: L-4A6BFAB1, name: "Cross-region model inference requests per minute for Anthropic Claude Sonnet 4.5 V1", value: 10000}
  - {code: L-F4DDD3EB, name: "Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.5 V1", value: 100000}
  - {code: L-381AD9EE, name: "Model invocation max tokens per day for Anthropic Claude Sonnet 4.5 V1 (doubled for cross-region calls)", value: 150000}
models:
  - {id: anthropic.claude-3-haiku-20240307-v1:0, name: Claude 3 Haiku, provider: Anthropic, limits: {rpm: 60, burst: 10}, latency: {first_token: 10ms, per_token: 0s, spread: 0}}
  - {id: anthropic.claude-sonnet-4-5-20250929-v1:0, name: Claude Sonnet 4.5, provider: Anthropic, inference_types: [INFERENCE_PROFILE], burndown: 5,
     latency: {first_token: 10ms, per_token: 0s, spread: 0}, output_tokens: {mean: 1000, spread: 0}}
profiles:
  - {id: us.anthropic.claude-sonnet-4-5-20250929-v1:0, models: [anthropic.claude-sonnet-4-5-20250929-v1:0]}
  - {id: "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl", name: checkout, models: [us.anthropic.claude-sonnet-4-5-20250929-v1:0]}
`

// watched is an account with the alarms of two models.
type watched struct {
	*testing.T
	cloud    *cloud.Cloud
	settings alarms.Settings
	plan     alarms.Plan
}

func watch(t *testing.T, yaml string) watched {
	parsed, err := sim.Parse("account.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	c, err := cloud.New(t.Context(), cloud.Config{Region: "us-east-1", Simulated: "http://simulated.invalid", Transport: cloud.InProcess(sim.New(parsed))})
	if err != nil {
		t.Fatal(err)
	}
	w := watched{t, c, alarms.Settings{Scenario: "gate", Usage: 0.8, Minutes: 3, Actions: []string{"arn:aws:sns:us-east-1:123456789012:pager"}}, alarms.Plan{}}
	w.look()
	return w
}

// look plans anew.
func (w *watched) look() {
	w.Helper()
	asked := []steps.Asked{{ID: haiku}, {ID: sonnet}, {ID: copied}}
	s, err := steps.Look(w.Context(), w.cloud, asked, steps.How{Current: true})
	if err != nil {
		w.Fatal(err)
	}
	var models []alarms.Model
	for i, name := range []string{"haiku", "sonnet", "checkout"} {
		f := s.Found[i]
		models = append(models, alarms.Model{Name: name, Base: f.Base, Scope: f.Scope, Series: s.Sharing(f.ID), Quotas: f.Binds, Burndown: map[bool]float64{true: 5, false: 1}[i > 0]})
	}
	w.plan = alarms.Make(w.settings, models)
}

func (w *watched) compare() []alarms.Row {
	w.Helper()
	found, err := w.cloud.Alarms(w.Context(), w.settings.NamePrefix())
	if err != nil {
		w.Fatal(err)
	}
	return alarms.Compare(w.settings, w.plan, found)
}

func (w *watched) apply() (put int) {
	w.Helper()
	for _, r := range w.compare() {
		if r.Writes() {
			put++
			if err := w.cloud.PutAlarm(w.Context(), r.Alarm, w.settings.Tags()); err != nil {
				w.Fatal(err)
			}
		}
	}
	return put
}

// firing are the alarms that are in the state ALARM, by what they watch.
func (w *watched) firing() (out []string) {
	w.Helper()
	for _, r := range w.compare() {
		if r.Now == "ALARM" {
			what := "throttles"
			if r.Quota != nil {
				what = r.Quota.Dimension
			}
			out = append(out, r.Models[0]+" "+what)
		}
	}
	return out
}

// minutes sends so many calls a minute to each id, evenly, for whole minutes.
func (w *watched) minutes(n int, rates map[string]int) {
	began := time.Now().Truncate(time.Minute).Add(time.Minute)
	time.Sleep(time.Until(began))
	var due []time.Duration
	calls := map[time.Duration][]string{}
	for _, id := range slices.Sorted(maps.Keys(rates)) {
		for i := range n * rates[id] {
			at := time.Duration(i) * time.Minute / time.Duration(rates[id])
			calls[at] = append(calls[at], id)
		}
	}
	due = slices.Sorted(maps.Keys(calls))
	for _, at := range due {
		time.Sleep(time.Until(began.Add(at)))
		for _, id := range calls[at] {
			w.cloud.Invoke(w.Context(), plugins.Invocation{API: plugins.APIConverse, ModelID: id, Prompt: plugins.Prompt{Text: "hello", MaxTokens: 200}})
		}
	}
	time.Sleep(time.Until(began.Add(time.Duration(n) * time.Minute)))
}

// The alarms go off when usage is over the mark or calls are throttled for as
// long as the scenario says, and not before; and they calm down again.
func TestAlarmsGoOff(t *testing.T) {
	for delay := range 4 {
		t.Run(fmt.Sprintf("CloudWatch is %d min late", delay), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := watch(t, account+fmt.Sprintf("metrics: {delay: %dm}\n", delay))
				if n := w.apply(); n != 7 || len(w.plan.LeftOut) != 0 {
					t.Fatalf("%d alarms were put, %v left out; want 7: rpm and tpm of both, a day's tokens of sonnet, throttles of both", n, w.plan.LeftOut)
				}
				want := func(after string, want ...string) {
					t.Helper()
					if got := w.firing(); !slices.Equal(got, want) {
						t.Errorf("after %s: ALARM of %q; want %q", after, got, want)
					}
				}
				late := func() { time.Sleep(time.Duration(delay) * time.Minute) }

				w.minutes(5, map[string]int{haiku: 30, sonnet: 20, copied: 20})
				late()
				want("usage of a half")

				w.minutes(2, map[string]int{haiku: 54})
				late()
				want("two minutes of nine tenths")

				w.minutes(3, map[string]int{haiku: 54})
				late()
				want("three minutes of nine tenths", "haiku rpm")

				// More than the quota: what is throttled counts as wanted.
				w.minutes(3, map[string]int{haiku: 90})
				late()
				want("three minutes above the quota", "haiku rpm", "haiku throttles")

				w.minutes(10, nil)
				want("ten quiet minutes")

				// Each id alone uses two fifths of the quota that they share.
				w.minutes(3, map[string]int{sonnet: 42, copied: 42})
				late()
				want("three minutes of two ids", "sonnet tpm", "sonnet tpd")

				w.minutes(10, nil)
				want("ten more quiet minutes", "sonnet tpd")
				time.Sleep(24 * time.Hour)
				want("a quiet day")
				for _, r := range w.compare() {
					if r.Now != "OK" {
						t.Errorf("%s is %s at the end; want OK: no traffic is no usage", r.Name, r.Now)
					}
				}
			})
		})
	}
}

// A second run finds everything as it should be; what changed is put; what is
// not planned any more is stale; what others own is left alone.
func TestSecondRun(t *testing.T) {
	w := watch(t, account)
	theirs := w.plan.Alarms[1].Alarm
	theirs.Threshold = 42
	if err := w.cloud.PutAlarm(t.Context(), theirs, map[string]string{"team": "others", alarms.TagKey: "another"}); err != nil {
		t.Fatal(err)
	}
	states := func(want map[alarms.State]int) {
		t.Helper()
		got := map[alarms.State]int{}
		for _, r := range w.compare() {
			got[r.State]++
		}
		if !maps.Equal(got, want) {
			t.Errorf("states %v; want %v", got, want)
		}
	}
	states(map[alarms.State]int{alarms.New: 6, alarms.NotOurs: 1})
	if n := w.apply(); n != 6 {
		t.Errorf("%d alarms were put; want 6", n)
	}
	states(map[alarms.State]int{alarms.Same: 6, alarms.NotOurs: 1})

	w.settings.Usage = 0.7
	w.look()
	states(map[alarms.State]int{alarms.Changed: 4, alarms.Same: 2, alarms.NotOurs: 1})
	for _, r := range w.compare() {
		if r.State == alarms.Changed && (r.Changes[0] != alarms.Change{Field: "threshold", Old: ">= 80", New: ">= 70"}) {
			t.Errorf("%s changes %+v", r.Name, r.Changes)
		}
	}
	w.apply()
	states(map[alarms.State]int{alarms.Same: 6, alarms.NotOurs: 1})

	w.plan.Alarms = w.plan.Alarms[:3]
	states(map[alarms.State]int{alarms.Same: 2, alarms.NotOurs: 1, alarms.Stale: 4})
	var stale []string
	for _, r := range w.compare() {
		if r.State == alarms.Stale {
			stale = append(stale, r.Name)
		}
	}
	if err := w.cloud.DeleteAlarms(t.Context(), stale); err != nil {
		t.Fatal(err)
	}
	states(map[alarms.State]int{alarms.Same: 2, alarms.NotOurs: 1})
	found, err := w.cloud.Alarms(t.Context(), theirs.Name)
	if err != nil || len(found) != 1 || found[0].Threshold != 42 || found[0].Tags["team"] != "others" {
		t.Errorf("the alarm of others is now %+v, %v", found, err)
	}
}

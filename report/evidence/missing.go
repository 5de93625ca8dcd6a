package evidence

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/loadline-dev/loadline/report"
)

// miss tells what AWS asks for and the runs do not tell.
func (r *Request) miss(region string) {
	r.Missing = []Missing{}
	add := func(what, why, way string) { r.Missing = append(r.Missing, Missing{what, why, way}) }
	models := r.modelFlags(region)
	monitor, discover := "loadline monitor "+models+" --window 14d --out DIR", "loadline discover --fresh "+models
	switch {
	case len(r.Usage) == 0:
		add("steady and peak rpm and tpm, mean tokens, throttling of your traffic", "no run has a monitor step of a model of this quota", monitor)
	case !r.Usage[0].Values["rpm.p50"].Known:
		add("steady and peak rpm and tpm", "CloudWatch told of no call in the window", monitor+", with a window that has traffic")
	default:
		if !r.Usage[0].Values["tpm.p50"].Known || r.Usage[0].MeanInput == nil || r.Usage[0].MeanOutput == nil {
			add("steady and peak tpm, mean tokens", "CloudWatch told of calls and not of their tokens", monitor)
		}
		if c := r.Usage[0].Values["token_coverage"]; c.Known && c.Value < wholeTokens {
			add("some of the tokens", fmt.Sprintf("they were told for %s of the periods with calls, so that means and rates of tokens are too low", report.Percent(c.Value)), monitor+", once CloudWatch has settled")
		}
	}
	if len(r.LoadTests) == 0 {
		add("the load test that shows the need", "no run has a load step of a model of this quota", "loadline run SCENARIO.yaml, with a load step such as {load: {ramp: {find: rpm, from: 30 rpm, to: 600 rpm}}}")
	}
	seen := false
	for _, t := range r.LoadTests {
		seen = seen || t.Calls != nil
	}
	if !seen {
		add("the share of requests above 25k input tokens", "CloudWatch tells sums and not single calls, and there is no journal (calls.jsonl.zst) of a load test", "loadline run SCENARIO.yaml, with a load step that asks prompts like yours (request: {prompts: FILE}), and the whole run folder here")
	}
	if r.Quota.Applied == nil {
		why := "AWS told none"
		if r.Quota.Problem != "" {
			why += ": " + r.Quota.Problem
		}
		add("the applied value", why, discover)
	}
	if r.Quota.Default == nil {
		add("the default value", "AWS told none", discover)
	}
	if r.Quota.Dimension == "tpm" && r.maxTokens == 0 {
		add("the max_tokens of your application", "CloudWatch does not tell it", "--max-tokens N")
	}
	add("the use case, and what you expect to grow to", "no record knows it", "write it into the case yourself")
}

// wholeTokens is the coverage below which tokens are too low to be asked by.
const wholeTokens = 0.99

// modelFlags names the Region and the models for a command line.
func (r *Request) modelFlags(region string) string {
	flags := []string{"--region " + quoted(region)}
	for _, m := range r.Models {
		flags = append(flags, "--model "+quoted(m.ID))
	}
	return strings.Join(flags, " ")
}

var plain = regexp.MustCompile(`^[A-Za-z0-9._:/@%+=-]+$`)

// quoted is a word that a shell takes as it is.
func quoted(word string) string {
	if plain.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

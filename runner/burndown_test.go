package runner_test

import "testing"

// run.json tells the burndown of every model: by its id, by the scenario, and of a
// profile of an application once AWS has told what is behind it, with a discover
// step and without; and none where nobody told.
func TestBurndownInTheRecord(t *testing.T) {
	const models = "version: 1\nname: t\nmodels:\n  direct: us.anthropic.claude-sonnet-4-5-20250929-v1:0\n  own: {id: global.anthropic.claude-sonnet-4-5-20250929-v1:0, burndown: 3}\n" +
		"  team: \"arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl\"\n" +
		"request: {input_tokens: 100, max_tokens: 50}\nsteps:\n"
	for steps, want := range map[string][]float64{
		"  - discover: {}\n":                                                {5, 3, 5},
		"  - load: {ramp: {constant: 60 rpm, for: 1m}}\n":                   {5, 3, 5},
		"  - load: {models: [direct], ramp: {constant: 60 rpm, for: 1m}}\n": {5, 3, 0},
	} {
		o := simulate(t, models+steps, sonnets, nil)
		for i, m := range o.Models {
			if m.Burndown != want[i] {
				t.Errorf("%s has the burndown %g after\n%swant %g (%s)", m.Name, m.Burndown, steps, want[i], o.Problem)
			}
		}
	}
}

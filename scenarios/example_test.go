package scenarios_test

import (
	"fmt"

	"github.com/loadline-dev/loadline/scenarios"
)

// A program says which kinds of step it has, loads a file, adds problems of its own and shows them all.
func Example() {
	lang := scenarios.Language{
		Steps: []scenarios.Key{{Name: "wait", Doc: "Does nothing for a while.", Type: scenarios.Object(
			scenarios.Key{Name: "until", Type: scenarios.Expression(), Required: true, Doc: "What to wait for."},
		)}},
		Formats: []string{"json"},
	}
	src := []byte(`version: 1
name: example
models: {haiku: anthropic.claude-3-haiku-20240307-v1:0}
steps:
  - wait:
      until: >-
        quota.rpm > 100
        and quota.tmp > 0
reprot: {formats: [json]}
`)
	s, problems := scenarios.Load("example.yaml", src, lang)
	for _, step := range s.Steps {
		problems = append(problems, scenarios.Problem{
			Pos: step.Body.Get("until").Place(20), Width: 9, Code: "unknown-name", Message: `there is no "quota.tmp"`, Hint: `did you mean "quota.tpm"?`,
		})
	}
	fmt.Print(scenarios.Render(s.File, s.Source, problems.Sort()))
	// Output:
	// example.yaml:8:13: there is no "quota.tmp" [unknown-name]
	//     8 |         and quota.tmp > 0
	//       |             ^~~~~~~~~
	//       = help: did you mean "quota.tpm"?
	// example.yaml:9:1: unknown key "reprot" [unknown-key]
	//     9 | reprot: {formats: [json]}
	//       | ^~~~~~
	//       = help: did you mean "report"? allowed here: version, name, description, region, expect_account, seed, budget, models, families, request, steps, assert, alarms, report
}

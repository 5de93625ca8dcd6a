package runner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/scenarios"
)

// ownGroup is the heading of the families that a scenario declares.
const ownGroup = "General"

// declared makes families of those that the scenario declares. They are asked by
// their bodies only: whether Converse knows their models, nobody told.
func declared(written []scenarios.Family, known []plugins.Family, problem func(scenarios.Problem)) []plugins.Family {
	var out []plugins.Family
	for _, w := range written {
		f := plugins.Family{
			Name: w.Name.Value, Group: ownGroup, Doc: "Declared in the scenario.", NoOutput: w.NoOutput.Value,
			Usage: plugins.Usage{Input: w.Usage.Input, Output: w.Usage.Output, CacheRead: w.Usage.CacheRead, CacheWrite: w.Usage.CacheWrite},
		}
		for _, m := range w.Match {
			f.Match = append(f.Match, m.Value)
		}
		if s := w.Stream; s != nil {
			f.Stream = &plugins.Stream{Text: s.Text, Last: s.Last, Usage: plugins.Usage{Input: s.Usage.Input, Output: s.Usage.Output, CacheRead: s.Usage.CacheRead, CacheWrite: s.Usage.CacheWrite}}
		}
		at := scenarios.Problem{Pos: w.Name.Pos, Width: len([]rune(w.Name.Value))}
		if slices.ContainsFunc(known, func(k plugins.Family) bool { return strings.EqualFold(k.Name, f.Name) }) {
			at.Code, at.Message, at.Hint = "family-taken", fmt.Sprintf("there is a family %q already, and reports could not tell the two apart", f.Name), "choose another name; with match it wins over that of the program all the same"
			problem(at)
		}
		// A body that is wrong is told once: its family has one all the same.
		f.Body = func(plugins.Prompt) ([]byte, error) { return nil, nil }
		if t := plugins.TemplateOf(w.Body, problem); t != nil {
			f.Body = t.Body
			if !f.NoOutput && !t.Has(plugins.HoleMaxTokens) {
				at.Pos, at.Width, at.Code, at.Message, at.Hint = w.Body.Pos(), 1, "no-output-limit", fmt.Sprintf("the body of family %s does not limit the output", f.Name), "put \"${max_tokens}\" where the model takes its limit, or say no_output: true where it has none"
				problem(at)
			}
		}
		out = append(out, f)
	}
	return out
}

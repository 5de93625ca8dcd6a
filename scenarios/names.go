package scenarios

import "fmt"

// names holds the parts of a scenario against each other: steps and assertions are called by their names, and a request asks one thing.
func (l *loader) names(s *Scenario) {
	l.families(s.Root.Get("families"))
	l.onePrompt(s.Root.Get("request"))
	for _, e := range s.Root.Get("models").all() {
		l.onePrompt(e.value.Get("request"))
	}
	for _, step := range s.Steps {
		l.onePrompt(step.Body.Get("request"))
	}
	steps := map[string]Pos{}
	for _, step := range s.Steps {
		pos, hint := step.Name.Pos, "choose another name"
		if !step.Name.Written() {
			pos, hint = step.Kind.Pos, "give it a name of its own, with the key name"
		}
		if first, taken := steps[step.Name.Value]; taken {
			l.add(Problem{Pos: pos, Width: len([]rune(step.Name.Value)), Code: "duplicate-step",
				Message: fmt.Sprintf("a second step is called %q; the first is at %s", step.Name.Value, first), Hint: hint})
			continue
		}
		steps[step.Name.Value] = pos
	}
	assertions := map[string]Pos{}
	for _, a := range s.Assert {
		pos, hint := a.Name.Pos, "choose another name"
		if !a.Name.Written() {
			pos, hint = a.Expr.Pos, "give it a name of its own, with the key name"
		}
		if first, taken := assertions[a.Name.Value]; taken {
			l.add(Problem{Pos: pos, Code: "duplicate-assertion",
				Message: fmt.Sprintf("a second assertion is called %q; the first is at %s", a.Name.Value, first), Hint: hint})
			continue
		}
		assertions[a.Name.Value] = pos
	}
}

package steps

import (
	"fmt"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/runner/ramp"
	"github.com/loadline-dev/loadline/scenarios"
)

// What a search asks where nobody says. To find a limit on requests, the answer
// is one token. To find one on tokens, much is reserved and little comes back:
// the reservation takes from the quota, and only what comes back is billed.
const (
	findTPM       = "tpm"
	requestTokens = 1
	reserveTokens = 1000
	promptTokens  = 1000 // of a probe of tokens
	shortPrompt   = "Answer with one word and nothing else: ok"
)

// searched is what a ramp searches or probes, rpm or tpm; "" where it does
// neither.
func searched(n *scenarios.Node) string {
	for _, key := range []string{"find", "probe"} {
		if what := n.Get(key); what != nil {
			return what.Text()
		}
	}
	return ""
}

// cheap is the request of a search, where nobody says how much it may answer. A
// probe of tokens wants calls that keep what they reserve: a long prompt, and an
// answer of one token.
func cheap(ramp *scenarios.Node, r scenarios.Request) scenarios.Request {
	measure := searched(ramp)
	if measure == "" || r.MaxTokens.Written() || r.Body != nil {
		return r
	}
	r.MaxTokens.Value = requestTokens
	if measure == findTPM {
		if probe := ramp.Get("probe"); probe != nil {
			if !r.Prompt.Written() {
				r.Prompt.Tokens = scenarios.At[int64]{Value: promptTokens, Pos: probe.Pos()}
			}
			return r
		}
		r.MaxTokens.Value = reserveTokens
		if !r.Prompt.Written() {
			r.Prompt.Text.Value = shortPrompt
		}
	}
	return r
}

// sameMeasure reports rates that are not of what is searched.
func (c course) sameMeasure(b *plugins.Binding) bool {
	want := searched(c.node)
	for _, n := range c.rates() {
		unit := measure(n.Rate())
		if dimension, share := n.Rate().OfQuota(); share {
			unit = dimension
		}
		if unit != want {
			b.Problem(scenarios.Problem{Pos: n.Pos(), Width: len([]rune(n.Text())), Code: "wrong-unit",
				Message: fmt.Sprintf("%s is no rate in %s, which is searched", n.Text(), want), Hint: fmt.Sprintf("write it like 600 %s or 120%% of %s quota", want, want)})
			return false
		}
	}
	return true
}

// finding is the search, with its rates in calls a minute.
func (c course) finding(perMinute func(scenarios.Rate) float64) ramp.Finding {
	f, _ := ramp.FindingOf(argsOf(c.shape.Params, c.node, perMinute)) // its profile was made of the same
	if searched(c.node) == findTPM {
		f = f.ForTokens()
	}
	return f
}

// unit is how much of what is searched one call is.
func (l *load) unit(t target) float64 {
	if searched(l.course.node) == findTPM {
		return t.tokens(l.counts)
	}
	return 1
}

// searchNotes say what a search asks of each model.
func (l *load) searchNotes() (out []string) {
	if !l.course.shape.Search {
		return nil
	}
	what := "search for"
	if l.course.shape.Probe {
		what = "probe of"
	}
	for _, t := range l.targets {
		most := t.invocation.Most()
		out = append(out, fmt.Sprintf("the %s the %s of %s sends max_tokens %d, and a call reserves %d tokens", what, searched(l.course.node), t.Name, most.Output, most.Input+most.Output))
	}
	return out
}

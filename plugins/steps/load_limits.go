package steps

import (
	"fmt"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// longContext is the context window of a call that asks for the long one.
const longContext = 1_000_000

// within reports a request that AWS would refuse for its size: it is a problem
// of the plan, not a failed call.
func (b *binder) within(t target, r scenarios.Request) {
	most := t.invocation.Most()
	p := scenarios.Problem{Pos: placeOfPrompt(r, t.Model), Code: "over-context-window"}
	if p.Message, p.Hint = tooLarge(&t, most); p.Message == "" {
		return
	}
	if overOutput(&t, most) {
		p.Code, p.Pos = "max-tokens-over-model", t.Pos
		switch {
		case most.Output != r.MaxTokens.Value: // a line of the file of prompts says it
			p.Pos, p.Width = r.Prompt.File.Pos, len([]rune(r.Prompt.File.Value))
		case r.MaxTokens.Written():
			p.Pos, p.Width = r.MaxTokens.Pos, len(fmt.Sprint(r.MaxTokens.Value))
		}
	}
	b.Problem(p)
}

func overOutput(t *target, most record.Usage) bool {
	return t.Limits.MaxOutput > 0 && most.Output > t.Limits.MaxOutput
}

// tooLarge says why AWS would refuse a call that can use so much, and what helps;
// "" where it would not. What is not known of a model refuses nothing.
func tooLarge(t *target, most record.Usage) (wrong, hint string) {
	window := t.Limits.ContextWindow
	if t.invocation.LongContext && window > 0 {
		window = max(window, longContext)
	}
	switch {
	case overOutput(t, most):
		return fmt.Sprintf("max_tokens %d is over what model %s gives (%d)", most.Output, t.Name, t.Limits.MaxOutput),
			fmt.Sprintf("lower max_tokens, or say models.%s.limits.output where AWS gives more", t.Name)
	case window > 0 && most.Input+most.Output > window:
		return fmt.Sprintf("a call of model %s takes up to %d tokens of input and %d of output, together more than its context window (%d)", t.Name, most.Input, most.Output, window),
			fmt.Sprintf("shorten the prompt or lower max_tokens; input_tokens helps where the estimate of the prompt is too high, and models.%s.limits.context where the model takes more", t.Name)
	}
	return "", ""
}

// stall is how long the streams of a model may be silent; 0 for any time.
func (b *binder) stall(m plugins.Model, api string, r scenarios.Request) time.Duration {
	if r.Stall.Written() && !plugins.Streams(api) {
		b.Problem(scenarios.Problem{Pos: r.Stall.Pos, Code: "stall-without-stream",
			Message: fmt.Sprintf("stall_timeout is for streams, and model %s is asked by %s", m.Name, api),
			Hint:    "use api: converse-stream or invoke-stream, or leave it out: timeout ends a call of any kind"})
		return 0
	}
	return r.Stall.Value
}

// placeOfPrompt is where the scenario says how long the prompt is; the model's
// place where it is the language's default.
func placeOfPrompt(r scenarios.Request, m plugins.Model) scenarios.Pos {
	for _, pos := range []scenarios.Pos{r.InputTokens.Pos, r.Prompt.Tokens.Pos, r.Prompt.File.Pos, r.Prompt.Text.Pos, r.MaxTokens.Pos} {
		if !pos.IsZero() {
			return pos
		}
	}
	return m.Pos
}

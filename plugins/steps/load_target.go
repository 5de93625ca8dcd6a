package steps

import (
	"fmt"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/scenarios"
)

// bindTarget joins a model with the request that it gets; what nobody writes
// has the language's default.
func bindTarget(b *plugins.Binding, m plugins.Model, r scenarios.Request) target {
	prompt := plugins.Prompt{Text: r.Prompt.Value, System: r.System.Value, MaxTokens: r.MaxTokens.Value}
	if r.Temperature.Written() {
		prompt.Temperature = &r.Temperature.Value
	}
	in := plugins.Invocation{API: r.API.Value, ModelID: m.ID, Prompt: prompt, Usage: m.Family.Usage, Stream: m.Family.Stream, NoOutput: m.Family.NoOutput, Tariff: m.Tariff, InputTokens: r.InputTokens.Value}
	if !r.InputTokens.Written() {
		in.InputTokens = estimateTokens(prompt)
	}
	t := target{Model: m, invocation: in, timeout: r.Timeout.Value}
	if in.API != plugins.APIInvoke {
		return t
	}
	if m.Family.Body == nil {
		b.Problem(scenarios.Problem{Pos: r.API.Pos, Width: len(r.API.Value), Code: "no-body",
			Message: fmt.Sprintf("the body of InvokeModel is not known for model %s (family %s)", m.Name, m.Family.Name), Hint: "use api: converse, or say which family it is like with family:"})
		return t
	}
	body, err := m.Family.Body(prompt)
	if err != nil {
		b.Problem(scenarios.Problem{Pos: r.Prompt.Pos, Code: "bad-prompt", Message: fmt.Sprintf("the prompt does not fit the body of family %s: %v", m.Family.Name, err), Hint: "change the prompt"})
	}
	t.invocation.Body = body
	return t
}

// estimateTokens is a high guess at the input tokens of a prompt: one for
// every three bytes, and ten for the frame of the message. English text has
// about one for four. request.input_tokens overrides it.
func estimateTokens(p plugins.Prompt) int64 {
	return int64((len(p.Text)+len(p.System)+2)/3 + 10)
}

package steps

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// target is a model and the request that it gets.
type target struct {
	plugins.Model
	// invocation is what every call sends or, where calls differ, what they
	// have in common, with the most that any of them can use.
	invocation plugins.Invocation
	asker      *asker                               // nil where every call is the same
	body       func(plugins.Prompt) ([]byte, error) // of a call; nil for operations without one
	timeout    time.Duration
}

// call is what a call sends: the number of the call in its step, and among
// those of its model.
func (t *target) call(seq, own int) plugins.Invocation {
	if t.asker == nil {
		return t.invocation
	}
	return t.asker.call(t.invocation, seq, own)
}

// wanted is the input tokens that the prompt is to be fitted to; 0 for none.
func (t *target) wanted() int64 {
	if t.asker == nil {
		return 0
	}
	return t.asker.wanted
}

// least is how many tokens the smallest of its calls reserves.
func (t *target) least() int64 {
	reserves := func(in plugins.Invocation) int64 { m := in.Most(); return m.Input + m.Output }
	if t.asker == nil {
		return reserves(t.invocation)
	}
	least := int64(math.MaxInt64)
	for i := range t.asker.prompts {
		least = min(least, reserves(t.asker.one(t.invocation, i)))
	}
	return least
}

// binder makes the targets of a load step.
type binder struct {
	*plugins.Binding
	step string
	sets map[string]promptSet // files that were read, by name
}

// target joins a model with the request that it gets; what nobody writes has
// the language's default.
func (b *binder) target(m plugins.Model, r scenarios.Request) target {
	in := plugins.Invocation{
		API: r.API.Value, ModelID: m.ID, Usage: m.Family.Usage, Stream: m.Family.Stream, NoOutput: m.Family.NoOutput, Tariff: m.Tariff,
		Tier: r.ServiceTier.Value, Latency: r.Latency.Value, LongContext: r.LongContext.Value,
	}
	if !r.API.Written() && (!m.Family.Text || r.Body != nil) {
		in.API = plugins.APIInvoke // Converse knows neither these models nor bodies
	}
	in.Stall = b.stall(m, in.API, r)
	t := target{Model: m, invocation: in, timeout: r.Timeout.Value}
	a := b.asker(m, in, r)
	if a == nil {
		return t
	}
	t.invocation, t.body = a.most(in), a.body
	b.within(t, r)
	if !a.varies() {
		body, err := a.bodyOf(t.invocation.Prompt)
		if err != nil {
			b.Problem(scenarios.Problem{Pos: r.Prompt.Text.Pos, Code: "bad-prompt", Message: fmt.Sprintf("the prompt does not fit the body of family %s: %v", m.Family.Name, err), Hint: "change the prompt"})
		}
		t.invocation.Body = body
		return t
	}
	t.asker = a
	return t
}

// asker finds out what the calls of a model ask; nil where there is a problem.
func (b *binder) asker(m plugins.Model, in plugins.Invocation, r scenarios.Request) *asker {
	a := &asker{seed: seedOf(b.Seed, b.step, m.Name), nonce: r.Nonce.Value, input: r.InputTokens.Value}
	own, ok := b.body(m, in, r)
	if !ok {
		return nil
	}
	a.body = own
	prompt := plugins.Prompt{Text: r.Prompt.Text.Value, System: r.System.Value, MaxTokens: r.MaxTokens.Value, Streamed: in.API == plugins.APIInvokeStream}
	if r.Temperature.Written() {
		prompt.Temperature = &r.Temperature.Value
	}
	switch {
	case r.Prompt.Tokens.Written():
		a.wanted = r.Prompt.Tokens.Value
		prompt.Text = a.words(a.guess())
		a.prompts = []plugins.Prompt{prompt}
	case r.Prompt.File.Written():
		set := b.read(r.Prompt.File)
		a.random = r.Prompt.Order.Value == "random"
		a.set = record.PromptSet{File: record.CleanLine(r.Prompt.File.Value), Digest: set.digest, Prompts: len(set.prompts)}
		for _, one := range set.prompts {
			a.prompts = append(a.prompts, one.over(prompt))
		}
		if set.prompts == nil || !b.fitting(m, a, r) {
			return nil
		}
	default:
		a.prompts = []plugins.Prompt{prompt}
	}
	return a
}

// fitting reports whether every prompt of a set fits the body.
func (b *binder) fitting(m plugins.Model, a *asker, r scenarios.Request) bool {
	for i, p := range a.prompts {
		if _, err := a.bodyOf(p); err != nil {
			b.Problem(scenarios.Problem{Pos: r.Prompt.File.Pos, Width: len([]rune(r.Prompt.File.Value)), Code: "bad-prompt",
				Message: fmt.Sprintf("prompt %d of %s does not fit the body of family %s: %v", i+1, r.Prompt.File.Value, m.Family.Name, err), Hint: "change the prompt"})
			return false
		}
	}
	return true
}

// body is how the body of a call is made: nil for the operations that take none.
// It is not ok where an operation and a model do not go together, which is then
// reported.
func (b *binder) body(m plugins.Model, in plugins.Invocation, r scenarios.Request) (_ func(plugins.Prompt) ([]byte, error), ok bool) {
	refuse := func(at scenarios.Pos, width int, code, hint, message string, args ...any) {
		if at.IsZero() { // the language's default
			at, width = m.Pos, 0
		}
		b.Problem(scenarios.Problem{Pos: at, Width: width, Code: code, Message: fmt.Sprintf(message, args...), Hint: hint})
	}
	if r.LongContext.Value && !strings.HasPrefix(m.BaseID, "anthropic.") {
		refuse(r.LongContext.Pos, len("true"), "no-long-context", "leave it out for this model", "long_context is asked of Anthropic's models alone, and %s is %s", m.Name, m.BaseID)
		return nil, false
	}
	width := len(r.API.Value)
	if !plugins.TakesBody(in.API) {
		switch {
		case r.Body != nil:
			refuse(r.API.Pos, width, "body-not-sent", "use api: invoke or invoke-stream, or leave body out", "%s takes no body, and the request of model %s has one", in.API, m.Name)
		case !m.Family.Text:
			refuse(r.API.Pos, width, "no-converse", "use api: invoke", "Converse does not know models of the family %s, such as %s", m.Family.Name, m.Name)
		default:
			return nil, true
		}
		return nil, false
	}
	if in.API == plugins.APIInvokeStream && m.Family.Stream == nil {
		refuse(r.API.Pos, width, "no-stream", "use api: invoke, or say how a chunk is read with families.<name>.stream", "how model %s streams is not known (family %s)", m.Name, m.Family.Name)
		return nil, false
	}
	if r.Body == nil && m.Family.Body == nil {
		hint := "say which family it is like with family:, or give a body:"
		if m.Family.Text {
			hint = "use api: converse, " + hint
		}
		refuse(r.API.Pos, width, "no-body", hint, "the body of InvokeModel is not known for model %s (family %s)", m.Name, m.Family.Name)
		return nil, false
	}
	if r.Body == nil {
		return withBeta(m.Family.Body, r.LongContext.Value), true
	}
	return b.raw(m, r)
}

// raw makes the body that a request gives itself.
func (b *binder) raw(m plugins.Model, r scenarios.Request) (_ func(plugins.Prompt) ([]byte, error), ok bool) {
	t := plugins.TemplateOf(r.Body, b.Problem)
	if t == nil {
		return nil, false
	}
	p := scenarios.Problem{Pos: r.Body.Pos(), Width: 1}
	switch {
	case !m.Family.NoOutput && !r.MaxTokens.Written():
		p.Code, p.Message, p.Hint = "no-max-tokens", fmt.Sprintf("the request of model %s has a body and no max_tokens, so what its calls reserve is not known", m.Name), "add max_tokens with the limit that the body has, or \"${max_tokens}\" in its place in the body"
	case !t.Has(plugins.HolePrompt) && (r.Nonce.Value || r.Prompt.Tokens.Written() || r.Prompt.File.Written()):
		p.Code, p.Message, p.Hint = "prompt-not-sent", fmt.Sprintf("the body of the request of model %s has no place for the prompts that the request asks for", m.Name), "put ${prompt} into the body, or leave prompts, prompt_tokens and nonce out"
	case !m.Family.NoOutput && !t.Has(plugins.HoleMaxTokens) && !limits(m.Family, t, r.MaxTokens.Value):
		p.Code, p.Message, p.Hint = "no-output-limit", fmt.Sprintf("the body of the request of model %s does not limit the output to max_tokens (%d)", m.Name, r.MaxTokens.Value), "put \"${max_tokens}\" where the model takes its limit"
	default:
		return t.Body, true
	}
	b.Problem(p)
	return nil, false
}

// limits reports whether a body says the limit of the output itself, where its
// family has it.
func limits(f plugins.Family, t *plugins.Template, limit int64) bool {
	body, err := t.Body(plugins.Prompt{})
	if err != nil || f.Cap == "" {
		return false
	}
	said := plugins.Usage{Input: []string{f.Cap}}.Read(body, true)
	return said != nil && said.Input == limit
}

// withBeta asks in the body for the long context: the header of Anthropic's own
// API is a member of the body at Bedrock.
func withBeta(body func(plugins.Prompt) ([]byte, error), long bool) func(plugins.Prompt) ([]byte, error) {
	if !long {
		return body
	}
	const member = `{"anthropic_beta":["` + plugins.LongContextBeta + `"],`
	return func(p plugins.Prompt) ([]byte, error) {
		b, err := body(p)
		if err != nil {
			return nil, err
		}
		return append([]byte(member), b[1:]...), nil
	}
}

// estimateTokens is a high guess at the input tokens of a prompt: one for
// every three bytes, and ten for the frame of the message. English text has
// about one for four. request.input_tokens overrides it.
func estimateTokens(p plugins.Prompt) int64 {
	return int64((len(p.Text)+len(p.System)+2)/3 + 10)
}

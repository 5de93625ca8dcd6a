// Package families is the table of model families: how a kind of models is
// asked through InvokeModel, and where its replies tell the tokens used.
//
// Shapes of bodies and replies: "Inference request parameters and response
// fields for foundation models" in the Amazon Bedrock user guide.
package families

import (
	"encoding/json"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// All is the table of families. A new one is a row here. The first row that
// matches a model id is its family; the last row matches every id.
var All = []plugins.Family{
	{Name: "claude", Doc: "Anthropic Claude: the messages body.", Match: []string{"anthropic.claude"}, Text: true, Body: claudeBody,
		Usage: func(b []byte) *record.Usage {
			return read(b, func(r *struct {
				Usage *struct {
					In  *int64 `json:"input_tokens"`
					Out *int64 `json:"output_tokens"`
				} `json:"usage"`
			}) *record.Usage {
				if r.Usage == nil {
					return nil
				}
				return usage(r.Usage.In, r.Usage.Out)
			})
		}},
	{Name: "nova", Doc: "Amazon Nova understanding models: the messages-v1 body.", Match: []string{"amazon.nova-micro", "amazon.nova-lite", "amazon.nova-pro", "amazon.nova-premier", "amazon.nova-2-lite", "amazon.nova-2-pro"}, Text: true, Body: novaBody,
		Usage: func(b []byte) *record.Usage {
			return read(b, func(r *struct {
				Usage *struct {
					In  *int64 `json:"inputTokens"`
					Out *int64 `json:"outputTokens"`
				} `json:"usage"`
			}) *record.Usage {
				if r.Usage == nil {
					return nil
				}
				return usage(r.Usage.In, r.Usage.Out)
			})
		}},
	{Name: "titan-text", Doc: "Amazon Titan Text: inputText and textGenerationConfig.", Match: []string{"amazon.titan-text"}, Text: true, Body: titanBody,
		Usage: func(b []byte) *record.Usage {
			return read(b, func(r *struct {
				In      *int64 `json:"inputTextTokenCount"`
				Results []struct {
					Out *int64 `json:"tokenCount"`
				} `json:"results"`
			}) *record.Usage {
				var out *int64
				for _, part := range r.Results {
					if part.Out == nil || *part.Out < 0 {
						return nil
					}
					if out == nil {
						out = new(int64)
					}
					if *out += *part.Out; *out < 0 {
						return nil // more than can be counted
					}
				}
				return usage(r.In, out)
			})
		}},
	{Name: "llama", Doc: "Meta Llama 3 and later: the prompt in the model's chat template.", Match: []string{"meta.llama3", "meta.llama4"}, Text: true, Body: llamaBody,
		Usage: func(b []byte) *record.Usage {
			return read(b, func(r *struct {
				In  *int64 `json:"prompt_token_count"`
				Out *int64 `json:"generation_token_count"`
			}) *record.Usage {
				return usage(r.In, r.Out)
			})
		}},
	{Name: "general", Doc: "Every other text model: asked through Converse only.", Match: []string{""}, Text: true},
}

// Of finds the family of a foundation model id.
func Of(base string, all []plugins.Family) plugins.Family {
	for _, f := range all {
		for _, m := range f.Match {
			if strings.HasPrefix(base, m) {
				return f
			}
		}
	}
	return plugins.Family{Name: "general", Text: true}
}

// message is one turn of a conversation as Claude writes it.
type message struct {
	Role    string `json:"role"`
	Content any    `json:"content"`
}

func claudeBody(p plugins.Prompt) ([]byte, error) {
	return json.Marshal(struct {
		Version     string    `json:"anthropic_version"`
		MaxTokens   int64     `json:"max_tokens"`
		System      string    `json:"system,omitempty"`
		Temperature *float64  `json:"temperature,omitempty"`
		Messages    []message `json:"messages"`
	}{"bedrock-2023-05-31", p.MaxTokens, p.System, p.Temperature, []message{{"user", p.Text}}})
}

func novaBody(p plugins.Prompt) ([]byte, error) {
	type text struct {
		Text string `json:"text"`
	}
	type config struct {
		MaxTokens   int64    `json:"maxTokens"`
		Temperature *float64 `json:"temperature,omitempty"`
	}
	body := struct {
		Schema   string    `json:"schemaVersion"`
		System   []text    `json:"system,omitempty"`
		Messages []message `json:"messages"`
		Config   config    `json:"inferenceConfig"`
	}{Schema: "messages-v1", Messages: []message{{"user", []text{{p.Text}}}}, Config: config{p.MaxTokens, p.Temperature}}
	if p.System != "" {
		body.System = []text{{p.System}}
	}
	return json.Marshal(body)
}

// titanBody puts the system text before the prompt: Titan has no place for it.
func titanBody(p plugins.Prompt) ([]byte, error) {
	type config struct {
		MaxTokens   int64    `json:"maxTokenCount"`
		Temperature *float64 `json:"temperature,omitempty"`
	}
	text := p.Text
	if p.System != "" {
		text = p.System + "\n\n" + p.Text
	}
	return json.Marshal(struct {
		Text   string `json:"inputText"`
		Config config `json:"textGenerationConfig"`
	}{text, config{p.MaxTokens, p.Temperature}})
}

// llamaBody writes the chat template of Llama 3, which Llama 4 understands.
func llamaBody(p plugins.Prompt) ([]byte, error) {
	var b strings.Builder
	b.WriteString("<|begin_of_text|>")
	turn := func(role, text string) {
		b.WriteString("<|start_header_id|>" + role + "<|end_header_id|>\n\n" + text + "<|eot_id|>")
	}
	if p.System != "" {
		turn("system", p.System)
	}
	turn("user", p.Text)
	b.WriteString("<|start_header_id|>assistant<|end_header_id|>\n\n")
	return json.Marshal(struct {
		Prompt      string   `json:"prompt"`
		MaxTokens   int64    `json:"max_gen_len"`
		Temperature *float64 `json:"temperature,omitempty"`
	}{b.String(), p.MaxTokens, p.Temperature})
}

// read decodes a reply; a reply of another form tells no usage.
func read[T any](reply []byte, get func(*T) *record.Usage) *record.Usage {
	var v T
	if json.Unmarshal(reply, &v) != nil {
		return nil
	}
	return get(&v)
}

// usage is known only where both counts are, and make sense.
func usage(in, out *int64) *record.Usage {
	if in == nil || out == nil || *in < 0 || *out < 0 {
		return nil
	}
	return &record.Usage{Input: *in, Output: *out}
}

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
)

// All is the table of families. A new one is a row here. The first row that
// matches a model id is its family; the last row matches every id.
var All = []plugins.Family{
	{Name: "claude", Group: "Claude", Doc: "Anthropic Claude: the messages body.", Match: []string{"anthropic.claude"}, Text: true,
		Body: claudeBody, Cap: "max_tokens",
		Usage: plugins.Usage{Input: []string{"usage.input_tokens"}, Output: []string{"usage.output_tokens"}, CacheRead: []string{"usage.cache_read_input_tokens"}, CacheWrite: []string{"usage.cache_creation_input_tokens"}}},
	{Name: "nova", Group: "Nova", Doc: "Amazon Nova understanding models: the messages-v1 body.", Match: []string{"amazon.nova-micro", "amazon.nova-lite", "amazon.nova-pro", "amazon.nova-premier", "amazon.nova-2-lite", "amazon.nova-2-pro"}, Text: true,
		Body: novaBody, Cap: "inferenceConfig.maxTokens",
		Usage: plugins.Usage{Input: []string{"usage.inputTokens"}, Output: []string{"usage.outputTokens"}, CacheRead: []string{"usage.cacheReadInputTokenCount"}, CacheWrite: []string{"usage.cacheWriteInputTokenCount"}}},
	{Name: "titan-text", Group: "Titan", Doc: "Amazon Titan Text: inputText and textGenerationConfig.", Match: []string{"amazon.titan-text"}, Text: true,
		Body: titanBody, Cap: "textGenerationConfig.maxTokenCount",
		Usage: plugins.Usage{Input: []string{"inputTextTokenCount"}, Output: []string{"results[].tokenCount"}}},
	{Name: "llama", Group: "Llama", Doc: "Meta Llama 3 and later: the prompt in the model's chat template.", Match: []string{"meta.llama3", "meta.llama4"}, Text: true,
		Body: llamaBody, Cap: "max_gen_len",
		Usage: plugins.Usage{Input: []string{"prompt_token_count"}, Output: []string{"generation_token_count"}}},
	{Name: "general", Group: "General", Doc: "Every other text model: asked through Converse only.", Match: []string{""}, Text: true},
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
	return plugins.Family{Name: "general", Group: "General", Text: true}
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

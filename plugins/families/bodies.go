package families

import (
	"encoding/json"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
)

// body writes the body of InvokeModel for a prompt.
type body = func(plugins.Prompt) ([]byte, error)

// object is a JSON object. Its members are written in the order of their
// names, so that a prompt always makes the same bytes.
type object = map[string]any

// message is one turn of a conversation.
type message struct {
	Role    string `json:"role"`
	Content any    `json:"content"`
}

// write writes a body with the temperature, if the prompt has one, in the
// object of its settings.
func write(b object, p plugins.Prompt, settings object) ([]byte, error) {
	if p.Temperature != nil {
		settings["temperature"] = *p.Temperature
	}
	return json.Marshal(b)
}

// chat is the shape of OpenAI's chat completions, which most makers share; the
// field that limits the output differs.
func chat(limit string) body {
	return func(p plugins.Prompt) ([]byte, error) {
		var messages []message
		if p.System != "" {
			messages = append(messages, message{"system", p.System})
		}
		b := object{"messages": append(messages, message{"user", p.Text}), limit: p.MaxTokens}
		return write(b, p, b)
	}
}

// completion is one text that the model goes on with.
func completion(template func(plugins.Prompt) string, limit string) body {
	return func(p plugins.Prompt) ([]byte, error) {
		b := object{"prompt": template(p), limit: p.MaxTokens}
		return write(b, p, b)
	}
}

func claudeBody(p plugins.Prompt) ([]byte, error) {
	b := object{"anthropic_version": "bedrock-2023-05-31", "max_tokens": p.MaxTokens, "messages": []message{{"user", p.Text}}}
	if p.System != "" {
		b["system"] = p.System
	}
	return write(b, p, b)
}

func novaBody(p plugins.Prompt) ([]byte, error) {
	settings := object{"maxTokens": p.MaxTokens}
	b := object{"schemaVersion": "messages-v1", "messages": []message{{"user", []object{{"text": p.Text}}}}, "inferenceConfig": settings}
	if p.System != "" {
		b["system"] = []object{{"text": p.System}}
	}
	return write(b, p, settings)
}

func titanBody(p plugins.Prompt) ([]byte, error) {
	settings := object{"maxTokenCount": p.MaxTokens}
	return write(object{"inputText": joined(p), "textGenerationConfig": settings}, p, settings)
}

// commandBody is Cohere's text body: alone of all, it asks for a stream in the
// body too.
func commandBody(p plugins.Prompt) ([]byte, error) {
	b := object{"prompt": joined(p), "max_tokens": p.MaxTokens}
	if p.Streamed {
		b["stream"] = true
	}
	return write(b, p, b)
}

func commandRBody(p plugins.Prompt) ([]byte, error) {
	b := object{"message": p.Text, "max_tokens": p.MaxTokens}
	if p.System != "" {
		b["preamble"] = p.System
	}
	return write(b, p, b)
}

// ofText is a body without settings of its own: nothing in it but the text
// varies.
func ofText(shape func(text string) object) body {
	return func(p plugins.Prompt) ([]byte, error) { return json.Marshal(shape(joined(p))) }
}

// rerank asks for the order of the prompt's further lines by its first; a
// prompt of one line is ranked against itself.
func rerank(more object) body {
	return func(p plugins.Prompt) ([]byte, error) {
		query, rest, _ := strings.Cut(p.Text, "\n")
		var documents []string
		for line := range strings.Lines(rest) {
			if line = strings.TrimSpace(line); line != "" {
				documents = append(documents, line)
			}
		}
		if documents == nil {
			documents = []string{query}
		}
		b := object{"query": joined(plugins.Prompt{System: p.System, Text: query}), "documents": documents, "top_n": len(documents)}
		for k, v := range more {
			b[k] = v
		}
		return json.Marshal(b)
	}
}

// The bodies that hold a text and nothing that a scenario sets.
var (
	titanEmbedBody  = ofText(func(s string) object { return object{"inputText": s} })
	cohereEmbedBody = ofText(func(s string) object { return object{"texts": []string{s}, "input_type": "search_document"} })
	marengoBody     = ofText(func(s string) object { return object{"inputType": "text", "text": object{"inputText": s}} })
	novaEmbedBody   = ofText(func(s string) object {
		return object{"schemaVersion": "nova-multimodal-embed-v1", "taskType": "SINGLE_EMBEDDING",
			"singleEmbeddingParams": object{"embeddingPurpose": "GENERIC_INDEX", "text": object{"truncationMode": "END", "value": s}}}
	})
	canvasBody = ofText(func(s string) object {
		return object{"taskType": "TEXT_IMAGE", "textToImageParams": object{"text": s},
			"imageGenerationConfig": object{"numberOfImages": 1, "width": 512, "height": 512}}
	})
	stableImageBody = ofText(func(s string) object {
		return object{"prompt": s, "mode": "text-to-image", "aspect_ratio": "1:1", "output_format": "png"}
	})
	stableDiffusionXLBody = ofText(func(s string) object { return object{"text_prompts": []object{{"text": s}}} })
)

package families_test

import (
	"reflect"
	"testing"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/families"
	"github.com/loadline-dev/loadline/record"
)

// A chat completion as most makers reply.
const chatReply = `{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}}`

var chatUsage = &record.Usage{Input: 12, Output: 3}

// Replies as the provider's page in the user guide shows them. A family whose
// replies tell no tokens has a row as well: they stand in the headers alone.
func TestUsage(t *testing.T) {
	tests := []struct {
		family, reply string
		want          *record.Usage // nil: unknown
	}{
		{"claude-text", `{"type":"completion","completion":" ok","stop_reason":"stop_sequence","stop":"\n\nHuman:"}`, nil},
		{"claude", `{"id":"msg_1","type":"message","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","usage":{"input_tokens":12,"output_tokens":3}}`, &record.Usage{Input: 12, Output: 3}},
		{"claude", `{"usage":{"input_tokens":12,"cache_creation_input_tokens":100,"cache_read_input_tokens":2000,"output_tokens":3}}`, &record.Usage{Input: 12, Output: 3, CacheRead: 2000, CacheWrite: 100}},
		{"claude", `{"usage":{"input_tokens":12,"cache_creation_input_tokens":null,"output_tokens":3}}`, &record.Usage{Input: 12, Output: 3}},
		{"claude", `{"usage":{"input_tokens":12,"cache_creation_input_tokens":-1,"output_tokens":3}}`, nil},
		{"claude", `{"usage":{"input_tokens":0,"output_tokens":0}}`, &record.Usage{}},
		{"claude", `{"usage":{"input_tokens":12}}`, nil},
		{"claude", `{"usage":{"output_tokens":3}}`, nil},
		{"claude", `{"usage":{"input_tokens":null,"output_tokens":3}}`, nil},
		{"claude", `{"usage":{"input_tokens":-1,"output_tokens":3}}`, nil},
		{"claude", `{"usage":{"input_tokens":"12","output_tokens":3}}`, nil},
		{"claude", `{"usage":{"input_tokens":1.5,"output_tokens":3}}`, nil},
		{"claude", `{"usage":{"input_tokens":1e30,"output_tokens":3}}`, nil},
		{"claude", `{"usage":{}}`, nil},
		{"claude", `{"usage":null}`, nil},
		{"claude", `{"usage":[12,3]}`, nil},
		{"claude", `{}`, nil},
		{"nova-canvas", `{"images":["iVBORw0KGgo="]}`, nil},
		{"nova-embed", `{"embeddings":[{"embeddingType":"TEXT","embedding":[0.1,0.2]}]}`, nil},
		{"nova", `{"output":{"message":{"role":"assistant","content":[{"text":"ok"}]}},"stopReason":"end_turn","usage":{"inputTokens":7,"outputTokens":2,"totalTokens":9}}`, &record.Usage{Input: 7, Output: 2}},
		{"nova", `{"usage":{"inputTokens":7,"outputTokens":2,"cacheReadInputTokenCount":5,"cacheWriteInputTokenCount":6}}`, &record.Usage{Input: 7, Output: 2, CacheRead: 5, CacheWrite: 6}},
		{"nova", `{"usage":{"inputTokens":7}}`, nil},
		{"nova", `{"usage":{"inputTokens":7,"outputTokens":-2}}`, nil},
		{"nova", `{"usage":{"inputTokens":7,"outputTokens":true}}`, nil},
		{"nova", `{"usage":{"input_tokens":7,"output_tokens":2}}`, nil},
		{"nova", `{}`, nil},
		{"titan-embed", `{"embedding":[0.1,-0.2e-3],"inputTextTokenCount":4}`, &record.Usage{Input: 4}},
		{"titan-embed", `{"embedding":[0.1]}`, nil},
		{"titan-embed", `{"inputTextTokenCount":-4}`, nil},
		{"titan-image", `{"images":["iVBORw0KGgo="],"error":null}`, nil},
		{"titan-text", `{"inputTextTokenCount":5,"results":[{"tokenCount":4,"outputText":"ok","completionReason":"FINISH"}]}`, &record.Usage{Input: 5, Output: 4}},
		{"titan-text", `{"inputTextTokenCount":5,"results":[{"tokenCount":4},{"tokenCount":6}]}`, &record.Usage{Input: 5, Output: 10}},
		{"titan-text", `{"inputTextTokenCount":5,"results":[{"tokenCount":4},{"outputText":"ok"}]}`, nil},
		{"titan-text", `{"inputTextTokenCount":5,"results":[{"tokenCount":-4},{"tokenCount":6}]}`, nil},
		{"titan-text", `{"inputTextTokenCount":5,"results":[{"tokenCount":9223372036854775807},{"tokenCount":9223372036854775807},{"tokenCount":9}]}`, nil},
		{"titan-text", `{"inputTextTokenCount":5,"results":[]}`, nil},
		{"titan-text", `{"inputTextTokenCount":5,"results":7}`, nil},
		{"titan-text", `{"inputTextTokenCount":5,"results":{"tokenCount":7}}`, nil},
		{"titan-text", `{"inputTextTokenCount":5}`, nil},
		{"titan-text", `{"results":[{"tokenCount":4}]}`, nil},
		{"titan-text", `{"inputTextTokenCount":-5,"results":[{"tokenCount":4}]}`, nil},
		{"amazon-rerank", `{"results":[{"index":0,"relevance_score":0.9}]}`, nil},
		{"llama2", `{"generation":"ok","prompt_token_count":9,"generation_token_count":1,"stop_reason":"stop"}`, &record.Usage{Input: 9, Output: 1}},
		{"llama", `{"generation":"ok","prompt_token_count":9,"generation_token_count":1,"stop_reason":"stop"}`, &record.Usage{Input: 9, Output: 1}},
		{"llama", `{"prompt_token_count":9}`, nil},
		{"llama", `{"generation_token_count":9}`, nil},
		{"llama", `{"prompt_token_count":9,"generation_token_count":-1}`, nil},
		{"llama", `{"prompt_token_count":[9],"generation_token_count":1}`, nil},
		{"llama4", `{"generation":"ok","prompt_token_count":9,"generation_token_count":1,"stop_reason":"stop"}`, &record.Usage{Input: 9, Output: 1}},
		{"mistral-text", `{"outputs":[{"text":" ok","stop_reason":"stop"}]}`, nil},
		{"mistral", `{"choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"stop_reason":"stop"}]}`, nil},
		{"mistral", chatReply, chatUsage},
		{"cohere-command-r", `{"response_id":"r","text":"ok","finish_reason":"COMPLETE"}`, nil},
		{"cohere-command-r", `{"text":"ok","meta":{"api_version":{"version":"1"},"billed_units":{"input_tokens":8,"output_tokens":2}}}`, &record.Usage{Input: 8, Output: 2}},
		{"cohere-command", `{"generations":[{"finish_reason":"COMPLETE","id":"g","text":" ok"}],"id":"i","prompt":"hi"}`, nil},
		{"cohere-embed", `{"embeddings":[[0.1,0.2]],"id":"e","response_type":"embeddings_floats","texts":["hi"]}`, nil},
		{"cohere-rerank", `{"results":[{"index":0,"relevance_score":0.9}]}`, nil},
		{"jurassic", `{"id":1,"prompt":{"text":"hi","tokens":[{"generatedToken":{}},{}]},"completions":[{"data":{"text":"ok","tokens":[{},{},{}]},"finishReason":{"reason":"endoftext"}}]}`, &record.Usage{Input: 2, Output: 3}},
		{"jurassic", `{"prompt":{"tokens":[]},"completions":[{"data":{"tokens":[{}]}},{"data":{"tokens":[{},{}]}}]}`, &record.Usage{Input: 0, Output: 3}},
		{"jurassic", `{"prompt":{"tokens":null},"completions":[{"data":{"tokens":[{}]}}]}`, nil},
		{"jurassic", `{"prompt":{"tokens":7},"completions":[{"data":{"tokens":[{}]}}]}`, nil},
		{"jurassic", `{"prompt":{"tokens":"7"},"completions":[{"data":{"tokens":[{}]}}]}`, nil},
		{"jamba", chatReply, chatUsage},
		{"deepseek-r1", `{"choices":[{"text":"ok","stop_reason":"stop"}]}`, nil},
		{"deepseek", chatReply, chatUsage},
		{"openai", chatReply, chatUsage},
		{"qwen", chatReply, chatUsage},
		{"writer", chatReply, chatUsage},
		{"gemma", chatReply, chatUsage},
		{"glm", chatReply, chatUsage},
		{"grok", chatReply, chatUsage},
		{"kimi", chatReply, chatUsage},
		{"minimax", chatReply, chatUsage},
		{"nemotron", chatReply, chatUsage},
		{"general", chatReply, chatUsage},
		{"general", `{"choices":[{"message":{"content":"ok"}}]}`, nil},
		{"stable-diffusion-xl", `{"result":"success","artifacts":[{"seed":1,"base64":"iVBORw0KGgo=","finishReason":"SUCCESS"}]}`, nil},
		{"stable-image", `{"seeds":[1],"finish_reasons":[null],"images":["iVBORw0KGgo="]}`, nil},
		{"marengo", `{"data":[{"embedding":[0.1]}]}`, nil},
	}
	covered, known := map[string]bool{}, map[string]bool{}
	for _, tt := range tests {
		covered[tt.family] = true
		known[tt.family] = known[tt.family] || tt.want != nil
		f := family(t, tt.family)
		if got := f.Usage.Read([]byte(tt.reply), f.NoOutput); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: Usage(%s) = %+v; want %+v", tt.family, tt.reply, got, tt.want)
		}
	}
	for _, f := range families.All {
		if f.Body == nil {
			continue
		}
		if !covered[f.Name] || known[f.Name] != (len(f.Usage.Input) > 0) {
			t.Errorf("the rows here do not say whether and where the replies of %s tell their tokens", f.Name)
		}
		for _, reply := range []string{"", "null", "1", `""`, "[]", "{", "<html>", "\xff"} {
			if got := f.Usage.Read([]byte(reply), f.NoOutput); got != nil {
				t.Errorf("%s: Usage(%q) = %+v; want nil: unknown is not zero", f.Name, reply, got)
			}
		}
	}
}

// Where a family of a scenario does not say where the output stands, the usage
// is not known; only a model without output needs no such word.
func TestUsageWithoutAPathToTheOutput(t *testing.T) {
	u := plugins.Usage{Input: []string{"in"}}
	for _, c := range []struct {
		reply    string
		noOutput bool
		want     *record.Usage
	}{
		{`{"in":3,"out":4}`, false, nil},
		{`{"in":3}`, true, &record.Usage{Input: 3}},
		{`{"in":-3}`, true, nil},
	} {
		if got := u.Read([]byte(c.reply), c.noOutput); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s, without output %v: %+v; want %+v", c.reply, c.noOutput, got, c.want)
		}
	}
}

// A reply of each family, or any bytes, never tells a count that cannot be.
func FuzzUsage(f *testing.F) {
	f.Add([]byte(`{"usage":{"input_tokens":12,"output_tokens":3,"inputTokens":1,"outputTokens":2,"prompt_tokens":4,"completion_tokens":5}}`))
	f.Add([]byte(`{"inputTextTokenCount":5,"results":[{"tokenCount":4},{"tokenCount":-6}]}`))
	f.Add([]byte(`{"prompt_token_count":9,"generation_token_count":1}`))
	f.Add([]byte(`{"prompt":{"tokens":[1,[2],{}]},"completions":[{"data":{"tokens":[]}}]}`))
	f.Fuzz(func(t *testing.T, reply []byte) {
		for _, row := range families.All {
			if u := row.Usage.Read(reply, row.NoOutput); u != nil && !sound(*u) {
				t.Errorf("%s: Usage(%q) = %+v; want counts that can be", row.Name, reply, *u)
			}
		}
	})
}

// sound tells whether all counts are at least 0 and can be added up over a run.
func sound(u record.Usage) bool {
	for _, n := range []int64{u.Input, u.Output, u.CacheRead, u.CacheWrite} {
		if n < 0 || n > 1e12 {
			return false
		}
	}
	return true
}

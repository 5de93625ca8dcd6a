package families_test

import (
	"reflect"
	"testing"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/families"
	"github.com/loadline-dev/loadline/record"
)

// awsMetrics is what AWS adds to the last chunk of every family.
const awsMetrics = `"amazon-bedrock-invocationMetrics":{"inputTokenCount":11,"outputTokenCount":2,"invocationLatency":800,"firstByteLatency":300}`

// chatChunks is the stream of most makers; the usage comes after the end.
var chatChunks = []string{
	`{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}`,
	`{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"o"},"finish_reason":null}]}`,
	`{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"k"},"finish_reason":null}]}`,
	`{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`,
	`{"object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":2,"total_tokens":13}}`,
}

// Streams as the providers send them, without what AWS adds: which chunk is
// the first output, which the last, and what they tell of tokens.
func TestStreams(t *testing.T) {
	told := &record.Usage{Input: 11, Output: 2}
	tests := []struct {
		family      string
		chunks      []string
		first, last int
		want        *record.Usage
	}{
		{"claude-text", []string{`{"type":"completion","completion":" o","stop_reason":null}`, `{"type":"completion","completion":"k","stop_reason":null}`, `{"type":"completion","completion":"","stop_reason":"stop_sequence","stop":"\n\nHuman:"}`}, 0, 2, nil},
		{"claude", []string{
			`{"type":"message_start","message":{"id":"m","role":"assistant","content":[],"usage":{"input_tokens":11,"output_tokens":1}}}`,
			`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"o"}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"k"}}`,
			`{"type":"content_block_stop","index":0}`,
			`{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}}`,
			`{"type":"message_stop"}`}, 2, 6, told},
		{"claude", []string{
			`{"type":"message_start","message":{"usage":{"input_tokens":11,"cache_read_input_tokens":5,"cache_creation_input_tokens":6,"output_tokens":1}}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}`,
			`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":12,"output_tokens":9}}`,
			`{"type":"message_stop"}`}, 1, 3, &record.Usage{Input: 12, Output: 9, CacheRead: 5, CacheWrite: 6}},
		{"nova", []string{`{"messageStart":{"role":"assistant"}}`, `{"contentBlockDelta":{"delta":{"text":"ok"},"contentBlockIndex":0}}`, `{"contentBlockStop":{"contentBlockIndex":0}}`, `{"messageStop":{"stopReason":"end_turn"}}`,
			`{"metadata":{"usage":{"inputTokens":11,"outputTokens":2},"metrics":{}}}`}, 1, 4, told},
		{"titan-text", []string{`{"outputText":"o","index":0,"totalOutputTextTokenCount":1,"completionReason":null,"inputTextTokenCount":11}`, `{"outputText":"k","index":0,"totalOutputTextTokenCount":2,"completionReason":"FINISH","inputTextTokenCount":null}`}, 0, 1, told},
		{"llama2", []string{`{"generation":"","prompt_token_count":11,"generation_token_count":0,"stop_reason":null}`, `{"generation":"ok","prompt_token_count":null,"generation_token_count":2,"stop_reason":"stop"}`}, 1, 1, told},
		{"llama", []string{`{"generation":"o","prompt_token_count":11,"generation_token_count":1,"stop_reason":null}`, `{"generation":"k","prompt_token_count":null,"generation_token_count":2,"stop_reason":"length"}`}, 0, 1, told},
		{"mistral-text", []string{`{"outputs":[{"text":"ok","stop_reason":null}]}`, `{"outputs":[{"text":"","stop_reason":"stop"}]}`}, 0, 1, nil},
		{"mistral", chatChunks, 1, 3, told},
		{"mistral", []string{`{"choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"stop_reason":null}]}`, `{"choices":[{"index":0,"message":{"role":"assistant","content":""},"stop_reason":"stop"}]}`}, 0, 1, nil},
		{"cohere-command-r", []string{`{"is_finished":false,"event_type":"stream-start","generation_id":"g"}`, `{"is_finished":false,"event_type":"text-generation","text":"ok"}`,
			`{"is_finished":true,"event_type":"stream-end","finish_reason":"COMPLETE","response":{"text":"ok","meta":{"billed_units":{"input_tokens":11,"output_tokens":2}}}}`}, 1, 2, told},
		{"cohere-command", []string{`{"is_finished":false,"text":" ok"}`, `{"is_finished":true,"finish_reason":"COMPLETE"}`}, 0, 1, nil},
		{"jamba", chatChunks, 1, 3, told},
		{"deepseek-r1", []string{`{"choices":[{"index":0,"text":"ok","stop_reason":null}]}`, `{"choices":[{"index":0,"text":"","stop_reason":"stop"}]}`}, 0, 1, nil},
		{"deepseek", chatChunks, 1, 3, told},
		{"openai", chatChunks, 1, 3, told},
		{"openai", []string{`{"choices":[{"delta":{"reasoning_content":"hm"},"finish_reason":null}]}`, `{"choices":[{"delta":{"content":"ok"},"finish_reason":"stop"}]}`}, 0, 1, nil},
		{"qwen", chatChunks, 1, 3, told},
		{"writer", chatChunks, 1, 3, told},
		{"gemma", chatChunks, 1, 3, told},
		{"glm", chatChunks, 1, 3, told},
		{"grok", chatChunks, 1, 3, told},
		{"kimi", chatChunks, 1, 3, told},
		{"minimax", chatChunks, 1, 3, told},
		{"nemotron", chatChunks, 1, 3, told},
		{"general", chatChunks, 1, 3, told},
		{"pegasus", []string{`{"message":"ok","finishReason":null}`, `{"message":"","finishReason":"stop"}`}, 0, 1, nil},
	}
	covered := map[string]bool{}
	for _, tt := range tests {
		covered[tt.family] = true
		r := family(t, tt.family).Stream.NewReader()
		first, last := -1, -1
		for i, chunk := range tt.chunks {
			output, end := r.Read([]byte(chunk))
			if output && first < 0 {
				first = i
			}
			if end && last < 0 {
				last = i
			}
		}
		if first != tt.first || last != tt.last {
			t.Errorf("%s: the first output is chunk %d, the last chunk %d; want %d and %d", tt.family, first, last, tt.first, tt.last)
		}
		if got := r.Usage(); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: the stream tells %+v; want %+v", tt.family, got, tt.want)
		}
	}
	for _, f := range families.All {
		if f.Stream == nil {
			continue
		}
		if !covered[f.Name] {
			t.Errorf("no row here says how a stream of %s is read", f.Name)
		}
		r := f.Stream.NewReader()
		if output, last := r.Read([]byte("{" + awsMetrics + "}")); output || !last {
			t.Errorf("%s: AWS's metrics are output: %v, the end: %v; want false, true", f.Name, output, last)
		}
		if got := r.Usage(); !reflect.DeepEqual(got, told) {
			t.Errorf("%s: AWS's metrics tell %+v; want %+v", f.Name, got, told)
		}
	}
}

// AWS's own count comes before the provider's, where it is whole.
func TestStreamUsageOfAWSComesFirst(t *testing.T) {
	start := `{"type":"message_start","message":{"usage":{"input_tokens":1,"output_tokens":1}}}`
	for _, c := range []struct {
		stop string
		want *record.Usage
	}{
		{`{"type":"message_stop",` + awsMetrics + `}`, &record.Usage{Input: 11, Output: 2}},
		{`{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":11,"outputTokenCount":2,"cacheReadInputTokenCount":3,"cacheWriteInputTokenCount":4}}`, &record.Usage{Input: 11, Output: 2, CacheRead: 3, CacheWrite: 4}},
		{`{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":11}}`, &record.Usage{Input: 1, Output: 1}},
		{`{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":-11,"outputTokenCount":2}}`, &record.Usage{Input: 1, Output: 1}},
		{`{"type":"message_stop"}`, &record.Usage{Input: 1, Output: 1}},
		{`{"type":"message_delta","usage":{"output_tokens":-1}}`, nil}, // the newest word is a wrong one
	} {
		r := family(t, "claude").Stream.NewReader()
		r.Read([]byte(start))
		r.Read([]byte(c.stop))
		if got := r.Usage(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("after %s the stream tells %+v; want %+v", c.stop, got, c.want)
		}
	}
}

func FuzzStream(f *testing.F) {
	f.Add([]byte(chatChunks[4]), []byte(`{"type":"message_stop",`+awsMetrics+`}`))
	f.Add([]byte(`{"delta":{"text":[]},"choices":{"delta":1}}`), []byte(`"`))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		for _, row := range families.All {
			if row.Stream == nil {
				continue
			}
			r := row.Stream.NewReader()
			r.Read(a)
			r.Read(b)
			if u := r.Usage(); u != nil && !sound(*u) {
				t.Errorf("%s: %q and %q tell %+v; want counts that can be", row.Name, a, b, *u)
			}
		}
	})
}

// Reading stands on the path of every call.
func BenchmarkUsageRead(b *testing.B) {
	embedding := []byte(`{"embedding":[0.0123456`)
	for range 1023 {
		embedding = append(embedding, `,-0.0123456`...)
	}
	embedding = append(embedding, `],"inputTextTokenCount":4}`...)
	for _, c := range []struct {
		family string
		reply  []byte
	}{
		{"claude", []byte(`{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","usage":{"input_tokens":12,"output_tokens":3}}`)},
		{"openai", []byte(chatReply)},
		{"titan-embed", embedding},
	} {
		f := family(b, c.family)
		b.Run(c.family, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.reply)))
			for b.Loop() {
				if f.Usage.Read(c.reply, f.NoOutput) == nil {
					b.Fatal("no usage")
				}
			}
		})
	}
}

func BenchmarkStreamRead(b *testing.B) {
	s := family(b, "claude").Stream
	chunk := []byte(`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"some words"},"p":"abcdefghijkl"}`)
	var r *plugins.StreamReader = s.NewReader()
	b.ReportAllocs()
	for b.Loop() {
		if output, _ := r.Read(chunk); !output {
			b.Fatal("no output")
		}
	}
}

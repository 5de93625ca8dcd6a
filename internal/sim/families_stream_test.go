package sim

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Each family streams in the shape of its own: kinds are the events of a reply
// of three tokens, told by the key or value that marks them; text is where the
// text of a piece stands, values what some pieces say.
func TestInvokeStreamFamilies(t *testing.T) {
	tried := map[string]bool{}
	const messages = `"messages":[{"role":"user","content":"hello there"}]`
	for _, test := range []struct {
		model, body string
		chunks      int
		text        string            // path in a piece
		values      map[string]string // chunk, from 0 or below 0 from the end, and path
	}{
		{"anthropic.claude-3-haiku-20240307-v1:0", `{"anthropic_version":"bedrock-2023-05-31","max_tokens":3,` + messages + `}`, 8, "delta.text", map[string]string{
			"0 type": "message_start", "0 message.usage.input_tokens": "3", "0 message.stop_reason": "<nil>", "0 message.content": "[]",
			"1 type": "content_block_start", "2 type": "content_block_delta", "2 delta.type": "text_delta", "-3 type": "content_block_stop",
			"-2 type": "message_delta", "-2 delta.stop_reason": "max_tokens", "-2 usage.output_tokens": "3", "-1 type": "message_stop",
		}},
		{"anthropic.claude-v2:1", `{"prompt":"\n\nHuman: hi\n\nAssistant:","max_tokens_to_sample":3}`, 4, "completion", map[string]string{
			"0 stop_reason": "<nil>", "-1 stop_reason": "max_tokens", "-1 completion": "",
		}},
		{"amazon.nova-lite-v1:0", `{"messages":[{"role":"user","content":[{"text":"hello there"}]}],"inferenceConfig":{"maxTokens":3}}`, 7, "contentBlockDelta.delta.text", map[string]string{
			"0 messageStart.role": "assistant", "-3 contentBlockStop.contentBlockIndex": "0", "-2 messageStop.stopReason": "max_tokens",
			"-1 metadata.usage.inputTokens": "3", "-1 metadata.usage.outputTokens": "3",
		}},
		{"amazon.titan-text-express-v1", `{"inputText":"hello there","textGenerationConfig":{"maxTokenCount":3}}`, 4, "outputText", map[string]string{
			"0 completionReason": "<nil>", "-1 completionReason": "LENGTH", "-1 totalOutputTextTokenCount": "3", "-1 inputTextTokenCount": "3",
		}},
		{"meta.llama3-1-8b-instruct-v1:0", `{"prompt":"hello there","max_gen_len":3}`, 4, "generation", map[string]string{
			"0 prompt_token_count": "3", "1 prompt_token_count": "<nil>", "1 generation_token_count": "2", "-1 generation_token_count": "3",
			"0 stop_reason": "<nil>", "-1 stop_reason": "length",
		}},
		{"openai.gpt-oss-120b-1:0", `{` + messages + `,"max_completion_tokens":3}`, 5, "choices.0.delta.content", map[string]string{
			"0 object": "chat.completion.chunk", "0 choices.0.delta.role": "assistant", "0 choices.0.finish_reason": "<nil>",
			"-1 choices.0.finish_reason": "length", "-1 usage.prompt_tokens": "3", "-1 usage.completion_tokens": "3",
		}},
		{"meta.llama4-scout-17b-instruct-v1:0", `{"prompt":"hello there","max_gen_len":3}`, 4, "generation", map[string]string{"-1 generation_token_count": "3"}},
		{"mistral.mistral-7b-instruct-v0:2", `{"prompt":"hello there","max_tokens":3}`, 4, "outputs.0.text", completions("outputs.0.stop_reason")},
		{"mistral.mixtral-8x7b-instruct-v0:1", `{"prompt":"hello there","max_tokens":3}`, 4, "outputs.0.text", completions("outputs.0.stop_reason")},
		{"mistral.mistral-small-2402-v1:0", `{"prompt":"hello there","max_tokens":3}`, 4, "outputs.0.text", completions("outputs.0.stop_reason")},
		{"mistral.pixtral-large-2502-v1:0", `{` + messages + `,"max_tokens":3}`, 4, "choices.0.message.content", completions("choices.0.stop_reason")},
		{"deepseek.r1-v1:0", `{"prompt":"hello there","max_tokens":3}`, 4, "choices.0.text", completions("choices.0.stop_reason")},
		{"twelvelabs.pegasus-1-2-v1:0", `{"inputPrompt":"hello there","mediaSource":{"base64String":"aGk="},"maxOutputTokens":3}`, 4, "message", completions("finishReason")},
		{"amazon.titan-text-lite-v1", `{"inputText":"hello there","textGenerationConfig":{"maxTokenCount":3}}`, 4, "outputText", map[string]string{"-1 totalOutputTextTokenCount": "3"}},
		{"amazon.titan-text-premier-v1:0", `{"inputText":"hello there","textGenerationConfig":{"maxTokenCount":3}}`, 4, "outputText", map[string]string{"-1 totalOutputTextTokenCount": "3"}},
		{"cohere.command-light-text-v14", `{"prompt":"hello there","max_tokens":3,"stream":true}`, 4, "text", map[string]string{
			"0 is_finished": "false", "-1 is_finished": "true", "-1 finish_reason": "MAX_TOKENS",
		}},
		{"cohere.command-r-v1:0", `{"message":"hello there","max_tokens":3}`, 5, "text", map[string]string{
			"0 event_type": "stream-start", "1 event_type": "text-generation", "1 is_finished": "false", "-1 is_finished": "true", "-1 event_type": "stream-end",
			"-1 response.text": filler(3), "-1 response.meta.billed_units.input_tokens": "3", "-1 response.meta.billed_units.output_tokens": "3",
		}},
		{"ai21.jamba-1-5-large-v1:0", `{` + messages + `,"max_tokens":3}`, 5, "choices.0.delta.content", map[string]string{
			"0 object": "<nil>", "0 choices.0.delta.role": "assistant", "-1 choices.0.finish_reason": "length", "-1 usage.completion_tokens": "3",
		}},
		{"writer.palmyra-x4-v1:0", `{` + messages + `,"max_tokens":3}`, 5, "choices.0.delta.content", map[string]string{"-1 usage.prompt_tokens": "3"}},
		{"moonshotai.kimi-k2.5", `{` + messages + `,"max_tokens":3,"stream":true}`, 5, "choices.0.delta.content", map[string]string{"-1 usage.prompt_tokens": "3"}},
	} {
		tried[familyOf(test.model).name] = true
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t, fmt.Sprintf("models: [{id: %q, latency: {spread: 0}, streaming: true}]", test.model))
			began := time.Now()
			out, err := streamClient(s).InvokeModelWithResponseStream(t.Context(), &bedrockruntime.InvokeModelWithResponseStreamInput{
				ModelId: &test.model, Body: []byte(test.body),
				ServiceTier: types.ServiceTierTypeFlex, PerformanceConfigLatency: types.PerformanceConfigLatencyOptimized,
			})
			if err != nil {
				t.Fatalf("%s: %v", test.model, err)
			}
			if *out.ContentType != "application/json" || out.ServiceTier != types.ServiceTierTypeFlex || out.PerformanceConfigLatency != types.PerformanceConfigLatencyOptimized {
				t.Errorf("%s: content type %s, tier %s, latency %s", test.model, *out.ContentType, out.ServiceTier, out.PerformanceConfigLatency)
			}
			header := awsmiddleware.GetRawResponse(out.ResultMetadata).(*smithyhttp.Response).Header
			if got := header.Get("Content-Type"); got != "application/vnd.amazon.eventstream" {
				t.Errorf("%s: the content type of the reply is %q", test.model, got)
			}
			var chunks []any
			var text string
			var first time.Duration
			stream := out.GetStream()
			for e := range stream.Events() {
				var v any
				part := e.(*types.ResponseStreamMemberChunk).Value.Bytes
				if err := json.Unmarshal(part, &v); err != nil {
					t.Fatalf("%s: the chunk %s: %v", test.model, part, err)
				}
				chunks = append(chunks, v)
				if piece := at(v, test.text); strings.Contains(string(part), `"`+piece+`"`) {
					text += piece
					if first == 0 && piece != "" {
						first = time.Since(began)
					}
				}
			}
			if err := stream.Err(); err != nil {
				t.Errorf("%s: %v", test.model, err)
			}
			stream.Close()
			if len(chunks) != test.chunks || strings.TrimSpace(text) != filler(3) || first.Truncate(time.Microsecond) != 200*time.Millisecond {
				t.Fatalf("%s: %d chunks with %q from %s on; want %d with %q from 200ms on", test.model, len(chunks), text, first, test.chunks, filler(3))
			}
			for path, want := range test.values {
				var i int
				var key string
				fmt.Sscan(path, &i, &key)
				if got := at(chunks[(i+len(chunks))%len(chunks)], key); got != want {
					t.Errorf("%s: chunk %s = %s; want %s", test.model, path, got, want)
				}
			}
			for i, v := range chunks {
				told := at(v, "amazon-bedrock-invocationMetrics")
				want := "<nil>"
				if i == len(chunks)-1 {
					input := 3
					if strings.Contains(test.body, "Human") {
						input = 6
					}
					want = fmt.Sprintf("map[firstByteLatency:200 inputTokenCount:%d invocationLatency:215 outputTokenCount:3]", input)
				}
				if told != want {
					t.Errorf("%s: chunk %d tells the metrics %s; want %s", test.model, i, told, want)
				}
			}
		})
	}
	for _, f := range families {
		if f.stream != nil && !tried[f.name] {
			t.Errorf("no stream of the family %s is read", f.name)
		}
	}
}

// completions is a reason that stands in the last piece only.
func completions(path string) map[string]string {
	return map[string]string{"0 " + path: "<nil>", "-1 " + path: "length"}
}

// The reasoning of the models of OpenAI comes first, in its tags, in pieces as in
// one; tokens that are due at once share a piece.
func TestReasoningStreams(t *testing.T) {
	for _, perToken := range []string{"0s", "5ms"} {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t, fmt.Sprintf("models: [{id: openai.gpt-oss-20b-1:0, latency: {per_token: %s}, output_tokens: {mean: 100, spread: 0}}]", perToken))
			body := []byte(`{"messages":[{"role":"user","content":"hi"}]}`)
			out, err := streamClient(s).InvokeModelWithResponseStream(t.Context(), &bedrockruntime.InvokeModelWithResponseStreamInput{ModelId: aws.String("openai.gpt-oss-20b-1:0"), Body: body})
			if err != nil {
				t.Fatal(err)
			}
			stream, streamed := out.GetStream(), ""
			for e := range stream.Events() {
				var v chatChunk
				if err := json.Unmarshal(e.(*types.ResponseStreamMemberChunk).Value.Bytes, &v); err != nil {
					t.Fatal(err)
				}
				if piece := at(v.Choices, "0.delta.content"); piece != "<nil>" {
					streamed += piece
				}
			}
			stream.Close()
			whole := reasoningOpens + fillerPart(0, 25, 100) + reasoningCloses + fillerPart(25, 100, 100)
			if streamed != whole {
				t.Errorf("streamed at %s a token: %q; want %q", perToken, streamed, whole)
			}
		})
	}
}

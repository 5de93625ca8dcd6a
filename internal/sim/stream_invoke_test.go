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
		{"anthropic.claude-v2:1", `{"prompt":"hello there","max_tokens_to_sample":3}`, 4, "completion", map[string]string{
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
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t, fmt.Sprintf("models: [{id: %q, latency: {spread: 0}}]", test.model))
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
					want = "map[firstByteLatency:200 inputTokenCount:3 invocationLatency:215 outputTokenCount:3]"
				}
				if told != want {
					t.Errorf("%s: chunk %d tells the metrics %s; want %s", test.model, i, told, want)
				}
			}
		})
	}
}

// Every event carries padding of many lengths, the same for the same seed.
func TestStreamPadding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lengths := map[int]bool{}
		read := func(path, body string) (all string) {
			w := send(newServer(t, `models: [{id: amazon.titan-text-x, output_tokens: {mean: 90, spread: 0}}]`), "POST", path, body)
			for rest := w.body.Bytes(); len(rest) > 0; {
				m, left, err := decodeFrame(rest)
				if err != nil {
					t.Fatal(err)
				}
				rest = rest[len(rest)-left:]
				var v map[string]any
				if err := json.Unmarshal(m.Payload, &v); err != nil {
					t.Fatal(err)
				}
				p, _ := v["p"].(string)
				lengths[len(p)] = true
				all += p + " "
			}
			return all
		}
		invoke := read("/model/amazon.titan-text-x/invoke-with-response-stream", `{"inputText":"hi"}`)
		converse := read("/model/amazon.titan-text-x/converse-stream", `{"messages":[{"role":"user","content":[{"text":"hi"}]}]}`)
		if lengths[0] || len(lengths) < 20 {
			t.Errorf("lengths of the padding = %v; want many, and none of 0", lengths)
		}
		if strings.Count(invoke, " ") != 91 || strings.Count(converse, " ") != 94 {
			t.Errorf("%d and %d events; want 91 chunks and 94 events", strings.Count(invoke, " "), strings.Count(converse, " "))
		}
		if again := read("/model/amazon.titan-text-x/invoke-with-response-stream", `{"inputText":"hi"}`); again != invoke {
			t.Error("the same seed padded differently")
		}
	})
}

// Tier and latency are told as they were asked for, in every operation; words
// that are none are refused.
func TestServing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, `models: [{id: meta.llama3}]`)
		in := converseInput("meta.llama3", "hi", 3)
		in.ServiceTier = &types.ServiceTier{Type: types.ServiceTierTypePriority}
		in.PerformanceConfig = &types.PerformanceConfiguration{Latency: types.PerformanceConfigLatencyOptimized}
		whole, err := c.runtime.Converse(t.Context(), in)
		if err != nil || whole.ServiceTier.Type != "priority" || whole.PerformanceConfig.Latency != "optimized" {
			t.Errorf("Converse = %+v, %v", whole, err)
		}
		streamed := converseStreamInput("meta.llama3", "hi", 3)
		streamed.ServiceTier, streamed.PerformanceConfig = in.ServiceTier, in.PerformanceConfig
		if h := listen(t.Context(), c.server, streamed); h.err != nil || h.meta.ServiceTier.Type != "priority" || h.meta.PerformanceConfig.Latency != "optimized" {
			t.Errorf("ConverseStream = %+v, %v", h.meta, h.err)
		}
		invoke := &bedrockruntime.InvokeModelInput{ModelId: aws.String("meta.llama3"), Body: []byte(`{"prompt":"hi"}`)}
		if out, err := c.runtime.InvokeModel(t.Context(), invoke); err != nil || out.ServiceTier != "" || out.PerformanceConfigLatency != "" {
			t.Errorf("InvokeModel that asks for nothing = tier %q, %v", out.ServiceTier, err)
		}
		invoke.ServiceTier, invoke.PerformanceConfigLatency = "reserved", "standard"
		if out, err := c.runtime.InvokeModel(t.Context(), invoke); err != nil || out.ServiceTier != "reserved" || out.PerformanceConfigLatency != "standard" {
			t.Errorf("InvokeModel = tier %q, %v", out.ServiceTier, err)
		}
		for _, wrong := range [][]string{
			{"/converse", `{"serviceTier":{"type":"gold"},"messages":[{"role":"user","content":[{"text":"hi"}]}]}`},
			{"/converse-stream", `{"performanceConfig":{"latency":"fast"},"messages":[{"role":"user","content":[{"text":"hi"}]}]}`},
			{"/invoke", `{"prompt":"hi"}`, "X-Amzn-Bedrock-Service-Tier", "gold"},
			{"/invoke-with-response-stream", `{"prompt":"hi"}`, "X-Amzn-Bedrock-PerformanceConfig-Latency", "fast"},
		} {
			if w := send(c.server, "POST", "/model/meta.llama3"+wrong[0], wrong[1], wrong[2:]...); w.status != 400 || !strings.Contains(w.body.String(), "enum value set") {
				t.Errorf("%v = %d %s; want a ValidationException", wrong, w.status, &w.body)
			}
		}
	})
}

package sim

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
)

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

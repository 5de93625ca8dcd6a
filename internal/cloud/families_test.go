package cloud_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/families"
	"github.com/loadline-dev/loadline/record"
)

// asked is a model of each family.
var asked = map[string]string{
	"claude-text": "anthropic.claude-v2:1", "claude": "anthropic.claude-sonnet-4-5-20250929-v1:0",
	"nova-canvas": "amazon.nova-canvas-v1:0", "nova-embed": "amazon.nova-2-multimodal-embeddings-v1:0", "nova": "amazon.nova-lite-v1:0",
	"titan-embed": "amazon.titan-embed-text-v2:0", "titan-image": "amazon.titan-image-generator-v2:0", "titan-text": "amazon.titan-text-express-v1",
	"amazon-rerank": "amazon.rerank-v1:0",
	"llama2":        "meta.llama2-70b-chat-v1", "llama": "meta.llama3-3-70b-instruct-v1:0", "llama4": "meta.llama4-scout-17b-instruct-v1:0",
	"mistral-text": "mistral.mistral-7b-instruct-v0:2", "mistral": "mistral.mistral-large-2407-v1:0",
	"cohere-command-r": "cohere.command-r-plus-v1:0", "cohere-command": "cohere.command-text-v14", "cohere-embed": "cohere.embed-v4:0", "cohere-rerank": "cohere.rerank-v3-5:0",
	"jurassic": "ai21.j2-ultra-v1", "jamba": "ai21.jamba-1-5-large-v1:0",
	"deepseek-r1": "deepseek.r1-v1:0", "deepseek": "deepseek.v3-v1:0",
	"openai": "openai.gpt-oss-120b-1:0", "qwen": "qwen.qwen3-32b-v1:0", "writer": "writer.palmyra-x5-v1:0", "gemma": "google.gemma-3-27b-it", "glm": "zai.glm-4.7",
	"grok": "xai.grok-4.3", "kimi": "moonshot.kimi-k2-thinking", "minimax": "minimax.minimax-m2", "nemotron": "nvidia.nemotron-nano-9b-v2",
	"stable-diffusion-xl": "stability.stable-diffusion-xl-v1", "stable-image": "stability.sd3-5-large-v1:0", "marengo": "twelvelabs.marengo-embed-3-0-v1:0",
	"general": "newcomer.model-1",
}

// The simulated account reads bodies with parsers of its own, which share
// nothing with the families here. It takes the body of each family, for a reply
// at once and for a stream, and what it counts is what is read back: with AWS's
// headers and metrics, and without them wherever the reply itself tells.
func TestTheAccountTakesEveryFamily(t *testing.T) {
	prompts := []plugins.Prompt{
		{Text: "hi there\nand good bye", MaxTokens: 20},
		{Text: `say "hi" <now>`, System: "be brief", MaxTokens: 7, Temperature: new(0.5)},
	}
	for _, f := range families.All {
		if f.Body == nil {
			continue
		}
		for _, p := range prompts {
			for _, bare := range []bool{false, true} {
				checkFamily(t, f, plugins.APIInvoke, p, bare, f.Usage)
				if f.Stream != nil {
					checkFamily(t, f, plugins.APIInvokeStream, p, bare, f.Stream.Usage)
				}
			}
		}
	}
}

// checkFamily makes one call. A bare one has nothing of AWS's own in its reply,
// so that its usage is told where the family says, or not at all.
func checkFamily(t *testing.T, f plugins.Family, api string, p plugins.Prompt, bare bool, usage plugins.Usage) {
	name := fmt.Sprintf("%s by %s, of the family alone: %v", f.Name, api, bare)
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { checkCall(t, f, api, p, bare, usage) })
	})
}

func checkCall(t *testing.T, f plugins.Family, api string, p plugins.Prompt, bare bool, usage plugins.Usage) {
	model := asked[f.Name]
	server := simulated(t, fmt.Sprintf("models: [{id: %q, inference_types: [ON_DEMAND], output_tokens: {mean: 12, spread: 0.5}}]", model))
	p.Streamed = api == plugins.APIInvokeStream
	body, err := f.Body(p)
	if err != nil {
		t.Fatal(err)
	}
	var handler http.Handler = server
	if bare {
		handler = withoutAWS(t, server)
	}
	r := reach(t, cloud.InProcess(handler)).Invoke(t.Context(), plugins.Invocation{
		API: api, ModelID: model, Prompt: p, Body: body, Usage: f.Usage, Stream: f.Stream, NoOutput: f.NoOutput,
	})
	if r.Outcome != record.OK {
		t.Errorf("%s %s: %s\n%s", r.Outcome, r.Code, r.Message, body)
		return
	}
	if p.Streamed && r.FirstToken.IsZero() {
		t.Error("no first token is told")
	}
	counts := server.Counts().Models[model]
	want := &record.Usage{Input: counts.InputTokens, Output: counts.OutputTokens}
	if !f.NoOutput && (want.Output < 1 || want.Output > p.MaxTokens) {
		t.Errorf("the account counts an output of %d; want 1 to %d, the limit in %s", want.Output, p.MaxTokens, body)
	}
	switch {
	case f.NoOutput && len(f.Usage.Input) == 0 && counts.InputTokens == 0:
		want = nil // images and ranks: they are not counted in tokens at all
	case bare && (len(usage.Input) == 0 || silent[f.Name+" by "+api]):
		want = nil
	}
	if fmt.Sprint(deref(r.Usage)) != fmt.Sprint(deref(want)) {
		t.Errorf("the reply tells %v; the account counts %v", deref(r.Usage), deref(want))
	}
}

// silent are replies that AWS documents without the tokens that others of the
// family tell.
var silent = map[string]bool{
	"mistral by invoke":          true, // Mistral Large of 2407; later models tell them
	"mistral by invoke-stream":   true,
	"cohere-command-r by invoke": true, // "only exists for streaming"
}

// deref makes a usage that can be compared and printed.
func deref(u *record.Usage) any {
	if u == nil {
		return "nothing"
	}
	return *u
}

// withoutAWS takes out of replies and streams what AWS adds to every family's.
func withoutAWS(t *testing.T, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := httptest.NewRecorder()
		h.ServeHTTP(got, r)
		for name, values := range got.Header() {
			if !strings.HasPrefix(name, "X-Amzn-Bedrock-") || !strings.HasSuffix(name, "-Token-Count") {
				w.Header()[name] = values
			}
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(got.Code)
		body := got.Body.Bytes()
		if strings.Contains(got.Header().Get("Content-Type"), "eventstream") {
			body = withoutMetrics(t, got.Body)
		}
		if _, err := w.Write(body); err != nil {
			t.Error(err)
		}
	})
}

func withoutMetrics(t *testing.T, stream io.Reader) []byte {
	var out bytes.Buffer
	for {
		m, err := eventstream.NewDecoder().Decode(stream, nil)
		if errors.Is(err, io.EOF) {
			return out.Bytes()
		}
		var part struct{ Bytes []byte }
		var chunk map[string]json.RawMessage
		if err != nil || json.Unmarshal(m.Payload, &part) != nil || json.Unmarshal(part.Bytes, &chunk) != nil {
			t.Errorf("no chunk: %s, %v", m.Payload, err)
			return nil
		}
		delete(chunk, "amazon-bedrock-invocationMetrics")
		if part.Bytes, err = json.Marshal(chunk); err != nil {
			t.Error(err)
		}
		if m.Payload, err = json.Marshal(map[string]any{"bytes": part.Bytes}); err != nil {
			t.Error(err)
		}
		if err := eventstream.NewEncoder().Encode(&out, m); err != nil {
			t.Error(err)
		}
	}
}

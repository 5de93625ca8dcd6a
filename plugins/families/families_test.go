package families_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/families"
)

func TestEveryFamilyIsWhole(t *testing.T) {
	names, beginnings := map[string]bool{}, map[string]string{}
	for i, f := range families.All {
		if f.Name == "" || f.Name != strings.ToLower(f.Name) || names[f.Name] {
			t.Errorf("family %q has a name that is empty, taken or not in lower case", f.Name)
		}
		names[f.Name] = true
		if !strings.HasSuffix(f.Doc, ".") || f.Group == "" {
			t.Errorf("family %s: Doc = %q, Group = %q; want a sentence and a heading", f.Name, f.Doc, f.Group)
		}
		if len(f.Match) == 0 {
			t.Errorf("family %s matches no model", f.Name)
		}
		if limited := f.Body != nil && !f.NoOutput; (f.Cap != "") != limited {
			t.Errorf("family %s: Cap = %q; want one where a body can limit output, and only there", f.Name, f.Cap)
		}
		if len(f.Usage.Input) == 0 && len(f.Usage.Output) > 0 {
			t.Errorf("family %s tells output tokens without input", f.Name)
		}
		if f.NoOutput && (f.Text || f.Stream != nil || len(f.Usage.Output) > 0) {
			t.Errorf("family %s gives no output, but converses, streams or counts it", f.Name)
		}
		if s := f.Stream; s != nil && (len(s.Text) == 0 || len(s.Last) == 0) {
			t.Errorf("family %s streams, but does not say what output is, or how a stream ends", f.Name)
		}
		for _, m := range f.Match {
			if other := beginnings[m]; other != "" {
				t.Errorf("families %s and %s both match %q", other, f.Name, m)
			}
			beginnings[m] = f.Name
			if got := families.Of(m+"-x", families.All).Name; got != f.Name {
				t.Errorf("Of(%q) = %s; want %s, which lists it", m+"-x", got, f.Name)
			}
			if last := i == len(families.All)-1; (m == "") != last {
				t.Errorf("family %s matches %q; want every id matched by the last row, and by it alone", f.Name, m)
			}
		}
	}
}

// One id at least of every line of models that AWS has, and of some that it
// may have one day.
func TestOf(t *testing.T) {
	for want, ids := range map[string][]string{
		"claude-text": {"anthropic.claude-v1", "anthropic.claude-v2:1", "anthropic.claude-instant-v1"},
		"claude": {"anthropic.claude-3-haiku-20240307-v1:0", "anthropic.claude-3-sonnet-20240229-v1:0:28k", "anthropic.claude-3-5-sonnet-20241022-v2:0", "anthropic.claude-opus-4-1-20250805-v1:0",
			"anthropic.claude-sonnet-5", "anthropic.claude-opus-5-5", "anthropic.claude-fable-5-1", "anthropic.claude-haiku-6"},
		"nova":          {"amazon.nova-micro-v1:0", "amazon.nova-lite-v1:0:24k", "amazon.nova-pro-v1:0", "amazon.nova-premier-v1:0:mm", "amazon.nova-2-lite-v1:0:256k", "amazon.nova-2-pro-preview-20251202-v1:0", "amazon.nova-3-lite-v1:0"},
		"nova-canvas":   {"amazon.nova-canvas-v1:0"},
		"nova-embed":    {"amazon.nova-2-multimodal-embeddings-v1:0"},
		"nova-media":    {"amazon.nova-sonic-v1:0", "amazon.nova-2-sonic-v1:0", "amazon.nova-reel-v1:1"},
		"titan-text":    {"amazon.titan-text-lite-v1", "amazon.titan-text-express-v1", "amazon.titan-text-premier-v1:0", "amazon.titan-tg1-large"},
		"titan-embed":   {"amazon.titan-embed-text-v1:2:8k", "amazon.titan-embed-text-v2:0", "amazon.titan-embed-g1-text-02", "amazon.titan-embed-image-v1:0"},
		"titan-image":   {"amazon.titan-image-generator-v1", "amazon.titan-image-generator-v2:0"},
		"amazon-rerank": {"amazon.rerank-v1:0"},
		"llama2":        {"meta.llama2-13b-chat-v1", "meta.llama2-70b-chat-v1"},
		"llama":         {"meta.llama3-8b-instruct-v1:0", "meta.llama3-1-405b-instruct-v1:0", "meta.llama3-2-1b-instruct-v1:0:128k", "meta.llama3-3-70b-instruct-v1:0"},
		"llama4":        {"meta.llama4-scout-17b-instruct-v1:0:10m", "meta.llama4-maverick-17b-instruct-v1:0"},
		"mistral-text":  {"mistral.mistral-7b-instruct-v0:2", "mistral.mixtral-8x7b-instruct-v0:1", "mistral.mistral-large-2402-v1:0", "mistral.mistral-small-2402-v1:0"},
		"mistral": {"mistral.mistral-large-2407-v1:0", "mistral.mistral-large-3-675b-instruct", "mistral.pixtral-large-2502-v1:0", "mistral.ministral-3-8b-instruct",
			"mistral.magistral-small-2509", "mistral.devstral-2-123b", "mistral.voxtral-mini-3b-2507"},
		"cohere-command":      {"cohere.command-text-v14", "cohere.command-light-text-v14"},
		"cohere-command-r":    {"cohere.command-r-v1:0", "cohere.command-r-plus-v1:0"},
		"cohere-embed":        {"cohere.embed-english-v3", "cohere.embed-multilingual-v3:0:512", "cohere.embed-v4:0"},
		"cohere-rerank":       {"cohere.rerank-v3-5:0"},
		"jurassic":            {"ai21.j2-mid-v1", "ai21.j2-ultra-v1"},
		"jamba":               {"ai21.jamba-instruct-v1:0", "ai21.jamba-1-5-large-v1:0", "ai21.jamba-1-5-mini-v1:0"},
		"deepseek-r1":         {"deepseek.r1-v1:0"},
		"deepseek":            {"deepseek.v3-v1:0", "deepseek.v3.1", "deepseek.v3.2"},
		"openai":              {"openai.gpt-oss-120b-1:0", "openai.gpt-oss-20b", "openai.gpt-oss-safeguard-20b", "openai.gpt-5.6-sol", "openai.gpt-6.1-sol"},
		"qwen":                {"qwen.qwen3-32b-v1:0", "qwen.qwen3-coder-480b-a35b-v1:0", "qwen.qwen3-vl-235b-a22b", "qwen.qwen3-next-80b-a3b-instruct"},
		"writer":              {"writer.palmyra-x4-v1:0", "writer.palmyra-x5-v1:0", "writer.palmyra-vision-7b"},
		"gemma":               {"google.gemma-3-27b-it", "google.gemma-4-e2b"},
		"glm":                 {"zai.glm-4.7-flash", "zai.glm-5"},
		"grok":                {"xai.grok-4.3", "xai.grok-4.6"},
		"kimi":                {"moonshot.kimi-k2-thinking", "moonshotai.kimi-k2.5", "moonshotai.kimi-k3"},
		"minimax":             {"minimax.minimax-m2", "minimax.minimax-m2.5"},
		"nemotron":            {"nvidia.nemotron-nano-12b-v2", "nvidia.nemotron-super-3-120b"},
		"stable-diffusion-xl": {"stability.stable-diffusion-xl-v0", "stability.stable-diffusion-xl-v1"},
		"stable-image":        {"stability.sd3-large-v1:0", "stability.sd3-5-large-v1:0", "stability.stable-image-core-v1:1", "stability.stable-image-ultra-v1:0"},
		"stable-edit": {"stability.stable-image-inpaint-v1:0", "stability.stable-image-control-sketch-v1:0", "stability.stable-fast-upscale-v1:0", "stability.stable-outpaint-v1:0",
			"stability.stable-style-transfer-v1:0"},
		"marengo": {"twelvelabs.marengo-embed-3-0-v1:0"},
		"pegasus": {"twelvelabs.pegasus-1-2-v1:0"},
		"media":   {"luma.ray-v2:0", "twelvelabs.marengo-embed-2-7-v1:0"},
		"general": {"", "us.anthropic.claude-3-haiku-20240307-v1:0", "newcomer.model-1", "cohere.command-a"}, // a profile's id is no base id
	} {
		for _, id := range ids {
			if got := families.Of(id, families.All).Name; got != want {
				t.Errorf("Of(%q) = %s; want %s", id, got, want)
			}
		}
	}
	if got := families.Of("x", nil); got.Name != "general" || !got.Text || got.Body != nil {
		t.Errorf("Of a table without rows = %+v; want a general family that is asked through Converse", got)
	}
}

// What AWS documents not to stream, and what no request asks for.
func TestOperations(t *testing.T) {
	var silent, unasked []string
	for _, f := range families.All {
		switch {
		case f.Body == nil:
			unasked = append(unasked, f.Name)
		case f.Stream == nil && !f.NoOutput:
			silent = append(silent, f.Name)
		}
	}
	if want := []string{"llama4", "jurassic"}; !slices.Equal(silent, want) {
		t.Errorf("%v answer and do not stream; want %v", silent, want)
	}
	if want := []string{"nova-media", "stable-edit", "pegasus", "media"}; !slices.Equal(unasked, want) {
		t.Errorf("%v have no body; want %v", unasked, want)
	}
}

func family(t testing.TB, name string) plugins.Family {
	t.Helper()
	for _, f := range families.All {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no family is named %s", name)
	return plugins.Family{}
}

func decode(t *testing.T, b []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%s is no JSON: %v", b, err)
	}
	return v
}

package quotas_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
)

// normal are the forms in which AWS names the quotas of a model.
var normal = []string{
	"On-demand model inference requests per minute for ",
	"On-demand model inference tokens per minute for ",
	"Cross-region model inference requests per minute for ",
	"Cross-region model inference tokens per minute for ",
	"Global cross-region model inference requests per minute for ",
	"Global cross-region model inference tokens per minute for ",
	"Global cross-region model inference tokens per day for ",
	"Model invocation max tokens per day for ",
}

// habit is a model that is in no table, and how a quota could write it.
type habit struct{ id, name, label string }

var habits = []habit{
	{"anthropic.claude-sonnet-6-5", "Claude Sonnet 6.5", "Anthropic Claude Sonnet 6.5"},
	{"anthropic.claude-sonnet-6-5-20270101-v1:0", "Claude Sonnet 6.5", "Anthropic Claude Sonnet 6.5 V1"},
	{"anthropic.claude-sonnet-6-5", "", "Claude Sonnet 6.5."},
	{"anthropic.claude-saga-7", "Claude Saga 7", "Claude Saga 7"},
	{"amazon.nova-3-lite-v1:0", "Nova 3 Lite", "Amazon Nova 3 Lite"},
	{"amazon.nova-3-lite-v1:0", "Amazon Nova 3 Lite", "Nova 3 Lite V1"},
	{"amazon.nova-3-multimodal-embeddings-v2:0", "Nova 3 Multimodal Embeddings V2", "Amazon Nova 3 Multimodal Embeddings V2"},
	{"meta.llama5-maverick-17b-instruct-v1:0", "Llama 5 Maverick 17B Instruct", "Meta Llama 5 Maverick V1"},
	{"meta.llama5-1-8b-instruct-v1:0", "", "Meta Llama 5.1 8B Instruct"},
	{"meta.llama5-maverick", "Llama 5 Maverick", "Meta Llama 5 Maverick"},
	{"mistral.mistral-large-2709-v1:0", "Mistral Large (27.09)", "Mistral AI Mistral Large 2709"},
	{"mistral.magistral-medium-2709", "Magistral Medium 2.2", "Magistral Medium 2.2"},
	{"mistral.ministral-4-9b-instruct", "Ministral 4 9B", "Ministral 9B 4.0"},
	{"openai.gpt-7.2-sol", "", "GPT-7.2 Sol"},
	{"openai.gpt-7.2-sol-2027-03-05", "", "OpenAI GPT-7.2 Sol"},
	{"openai.gpt-oss-500b-1:0", "gpt-oss-500b", "OpenAI GPT OSS 500B"},
	{"qwen.qwen5-coder-900b-a90b-v1:0", "Qwen5-Coder-900B-A90B-Instruct", "Qwen5 Coder 900B a90b V1"},
	{"deepseek.v5.2", "DeepSeek-V5.2", "DeepSeek V5.2"},
	{"deepseek.r2-v1:0", "", "DeepSeek R2 V1"},
	{"zai.glm-9-air", "GLM 9 Air", "Z.ai GLM-9 Air"},
	{"xai.grok-7", "", "xAI Grok 7"},
	{"twelvelabs.marengo-embed-4-1-v1:0", "Marengo Embed 4.1", "Twelve Labs Marengo Embed 4.1"},
	{"stability.sd4-large-v1:0", "SD4 Large", "Stability.ai Stable Diffusion 4 Large"},
	{"cohere.command-z-plus-v1:0", "Command Z+", "Cohere Command Z Plus"},
	{"cohere.rerank-v4-5:0", "", "Cohere Rerank 4.5"},
	{"nvidia.nemotron-ultra-4-900b", "NVIDIA Nemotron 4 Ultra 900B", "NVIDIA Nemotron 4 Ultra 900B"},
	{"luma.ray-v3:0", "Ray v3", "Luma Ray V3"},
	{"newcoai.thing-2-pro-v1:0", "Thing 2 Pro", "NewCo AI Thing 2 Pro V1"},
	{"newco.thing-2-pro", "Thing 2 Pro", "NewCo Labs Thing 2 Pro"},
	{"newco.thing-2-pro", "", "Thing 2 Pro"},
	{"newco.newco-x9", "NewCo X9", "NewCo X9"},
}

// quotasOf are the normal quotas of a label, with codes by their forms.
func quotasOf(label, code string) (out []plugins.Quota) {
	for i, form := range normal {
		name := form + label
		if strings.HasPrefix(form, "Model invocation") {
			name += " (doubled for cross-region calls)"
		}
		out = append(out, plugins.Quota{Code: code + string(rune('1'+i)), Name: name})
	}
	return out
}

// Where AWS keeps its habits, a model that no table has is matched in all
// forms, also through a geography that is not known yet.
func TestHabits(t *testing.T) {
	for _, h := range habits {
		rows := quotasOf(h.label, "L-")
		c := plugins.Catalog{
			Models: []plugins.FoundationModel{{ID: h.id, Name: h.name, InferenceTypes: []string{"ON_DEMAND"}}},
			Profiles: []plugins.Profile{
				{ID: "mars." + h.id, ModelARNs: []string{"arn:aws:bedrock:me-south-1::foundation-model/" + h.id, "arn:aws:bedrock:me-central-1::foundation-model/" + h.id}},
				{ID: "us." + h.id, ModelARNs: []string{"arn:aws:bedrock:us-east-1::foundation-model/" + h.id}},
			},
		}
		for id, want := range map[string]string{
			h.id:             "rpm=L-1 tpm=L-2 tpd=L-8",
			"us." + h.id:     "rpm=L-3 tpm=L-4 tpd=L-8",
			"mars." + h.id:   "rpm=L-3 tpm=L-4 tpd=L-8",
			"global." + h.id: "rpm=L-5 tpm=L-6 tpd=L-7",
		} {
			if got, _ := match(id, nil, c, rows); codes(got) != want {
				t.Errorf("Match(%q), called %q by the quotas, = %s; want %s", id, h.label, codes(got), want)
			}
		}
	}
}

// The long context has quotas of its own, which bind when it is asked for.
func TestHabitsOfTheLongContext(t *testing.T) {
	h := habits[0]
	rows := slices.Concat(quotasOf(h.label, "L-"), quotasOf(h.label+" 1M Context Length", "L-M"))
	c := plugins.Catalog{Models: []plugins.FoundationModel{{ID: h.id, Name: h.name, InferenceTypes: []string{"ON_DEMAND"}}}}
	r := quotas.Resolve("us."+h.id, c)
	for _, tt := range []struct {
		ask            quotas.Ask
		binds, related string
	}{
		{quotas.Ask{}, "rpm=L-3 tpm=L-4 tpd=L-8", "rpm=L-M3 tpm=L-M4 tpd=L-M8"},
		{quotas.Ask{LongContext: true}, "rpm=L-M3 tpm=L-M4 tpd=L-M8", "rpm=L-3 tpm=L-4 tpd=L-8"},
	} {
		m := quotas.Match(r, tt.ask, nil, rows, c)
		if got := codes(m.Binds); got != tt.binds {
			t.Errorf("Match, asked for %+v, binds %s; want %s", tt.ask, got, tt.binds)
		}
		if got := codes(m.Related); got != tt.related {
			t.Errorf("Match, asked for %+v, is related to %s; want %s", tt.ask, got, tt.related)
		}
		for _, q := range m.Related {
			if !strings.Contains(q.MatchedBy, "binds only calls that ask for") {
				t.Errorf("the related %s is matched by %q; want when it binds", q.Code, q.MatchedBy)
			}
		}
	}
}

// No label fits that differs in a word that counts.
func TestNoHabit(t *testing.T) {
	tests := []habit{
		// Versions.
		{"anthropic.claude-sonnet-6", "Claude Sonnet 6", "Anthropic Claude Sonnet 6.5"},
		{"anthropic.claude-sonnet-6-5", "Claude Sonnet 6.5", "Anthropic Claude Sonnet 6"},
		{"anthropic.claude-sonnet-6", "Claude Sonnet 6", "Anthropic Claude Sonnet 16"},
		{"anthropic.claude-sonnet-5", "Claude Sonnet 5", "Anthropic Claude 3.5 Sonnet"},
		{"anthropic.claude-3-5-sonnet-20241022-v2:0", "Claude 3.5 Sonnet v2", "Anthropic Claude 3.5 Sonnet"},
		{"anthropic.claude-3-5-sonnet-20241022-v2:0", "", "Anthropic Claude 3.5 Sonnet V1"},
		{"anthropic.claude-3-5-sonnet-20240620-v1:0", "Claude 3.5 Sonnet", "Anthropic Claude 3.5 Sonnet V2"},
		{"amazon.nova-reel-v1:1", "Amazon Nova Reel", "Amazon Nova Reel1.0"},
		{"amazon.nova-lite-v2:0", "Nova Lite V2", "Amazon Nova 2 Lite"},
		{"anthropic.claude-v2", "Claude", "Anthropic Claude"},
		{"newco.embed-english-v5", "Embed English", "NewCo Embed English"},
		{"openai.gpt-6.1-sol", "", "GPT-6 Sol"},
		{"minimax.minimax-m2.5", "MiniMax M2.5", "Minimax M2"},
		// Names that lack a number of the id.
		{"mistral.ministral-4-3b-instruct", "Ministral 3B", "Ministral 3B"},
		{"amazon.nova-3-multimodal-embeddings-v1:0", "Amazon Nova Multimodal Embeddings", "Amazon Nova Multimodal Embeddings"},
		{"mistral.mistral-large-2407-v1:0", "Mistral Large", "Mistral AI Mistral Large"},
		// Sizes.
		{"meta.llama3-2-1b-instruct-v1:0", "Llama 3.2 1B Instruct", "Meta Llama 3.2 11B Instruct"},
		{"meta.llama3-2-11b-instruct-v1:0", "Llama 3.2 11B Instruct", "Meta Llama 3.2 1B Instruct"},
		{"openai.gpt-oss-20b-1:0", "gpt-oss-20b", "OpenAI GPT OSS 120B"},
		{"mistral.ministral-3-8b-instruct", "Ministral 3 8B", "Ministral 3B 3.0"},
		{"mistral.ministral-3-8b-instruct", "Ministral 3 8B", "Ministral 3.8B"},
		{"meta.llama4-scout-17b-instruct-v1:0", "Llama 4 Scout 17B Instruct", "Meta Llama 4 Maverick V1"},
		{"meta.llama6-1-8b-instruct-v1:0", "Llama 6.1 8B Instruct", "Meta Llama 6.1"},
		// Variants.
		{"amazon.nova-lite-v1:0", "Nova Lite", "Amazon Nova Lite Sonic"},
		{"qwen.qwen3-32b-v1:0", "Qwen3 32B (dense)", "Qwen3 VL 32B V1"},
		{"qwen.qwen3-32b-v1:0", "Qwen3 32B (dense)", "Qwen3 Coder 32B V1"},
		{"openai.gpt-oss-20b-1:0", "gpt-oss-20b", "GPT OSS Safeguard 20B"},
		{"amazon.titan-embed-text-v1", "", "Amazon Titan Multimodal Embeddings G1"},
		{"meta.llama2-13b-chat-v1", "Llama 2 Chat 13B", "Meta Llama 2 13B"},
		{"meta.llama2-13b-v1", "Llama 2 13B", "Meta Llama 2 Chat 13B"},
		{"meta.llama6-8b-v1:0", "Llama 6 8B", "Meta Llama 6 8B Instruct"},
		{"zai.glm-4.7", "GLM 4.7", "Z.ai GLM-4.7 Flash"},
		{"cohere.command-r-v1:0", "Command R", "Cohere Command R Plus"},
		{"cohere.command-r-v1:0", "Command R", "Cohere Command"},
		// Dates.
		{"mistral.mistral-large-2407-v1:0", "Mistral Large (24.07)", "Mistral AI Mistral Large"},
		{"mistral.mistral-large-2407-v1:0", "Mistral Large (24.07)", "Mistral Large 2402"},
		// Makers.
		{"amazon.rerank-v1:0", "Rerank 1.0", "Cohere Rerank 1.0"},
		{"newco.m2", "M2", "Minimax M2"},
		{"deepseek.r9-v1:0", "", "R9"},
		{"qwen.qwen5-32b-v1:0", "Qwen5 32B", "5 32B"},
		{"mistral.mistral-large-3-675b-instruct", "Mistral Large 3", "Large 3"},
		// A name of nothing.
		{"amazon.v1:0", "", "Amazon V1"},
		{"amazon.v1:0", "1.0", "V1"},
	}
	for _, h := range tests {
		c := plugins.Catalog{Models: []plugins.FoundationModel{{ID: h.id, Name: h.name, InferenceTypes: []string{"ON_DEMAND"}}}}
		rows := quotasOf(h.label, "L-")
		for _, id := range []string{h.id, "eu." + h.id, "global." + h.id} {
			if got, said := match(id, nil, c, rows); len(got) > 0 || len(said) == 0 {
				t.Errorf("Match(%q) takes the quotas of %q: %s, and says %q; want none, and that it was looked", id, h.label, codes(got), said)
			}
		}
	}
}

// What fits only by words that were left out must be of this model alone.
func TestRelaxedNamesAreNotSharedOut(t *testing.T) {
	two := plugins.Catalog{Models: []plugins.FoundationModel{
		{ID: "meta.llama5-scout-17b-instruct-v1:0", Name: "Llama 5 Scout 17B Instruct"},
		{ID: "meta.llama5-scout-90b-instruct-v1:0", Name: "Llama 5 Scout 90B Instruct"},
	}}
	base := plugins.Catalog{Models: []plugins.FoundationModel{
		{ID: "google.gemma-9-8b-it", Name: "Gemma 9 8B IT"},
		{ID: "google.gemma-9-8b", Name: "Gemma 9 8B"},
	}}
	for _, tt := range []struct {
		id, label string
		c         plugins.Catalog
		want      string
	}{
		{"meta.llama5-scout-17b-instruct-v1:0", "Meta Llama 5 Scout V1", two, ""},
		{"meta.llama5-scout-17b-instruct-v1:0", "Meta Llama 5 Scout V1", plugins.Catalog{Models: two.Models[:1]}, "rpm=L-1 tpm=L-2 tpd=L-8"},
		{"google.gemma-9-8b-it", "Gemma 9 8B", base, ""},
		{"google.gemma-9-8b", "Gemma 9 8B", base, "rpm=L-1 tpm=L-2 tpd=L-8"},
		{"google.gemma-9-8b-it", "Gemma 9 8B", plugins.Catalog{Models: base.Models[:1]}, "rpm=L-1 tpm=L-2 tpd=L-8"},
	} {
		got, said := match(tt.id, nil, tt.c, quotasOf(tt.label, "L-"))
		if codes(got) != tt.want {
			t.Errorf("Match(%q) of %q beside %d models = %s; want %s", tt.id, tt.label, len(tt.c.Models), codes(got), tt.want)
		}
		if tt.want == "" && !strings.Contains(strings.Join(said, "\n"), "may be what") {
			t.Errorf("Match(%q) of %q says %q; want whose name it may be", tt.id, tt.label, said)
		}
	}
}

// A name that two models have tells of neither; their ids do.
func TestASharedNameTellsNothing(t *testing.T) {
	c := plugins.Catalog{Models: []plugins.FoundationModel{{ID: "newco.thing-alpha-v1:0", Name: "Thing"}, {ID: "newco.thing-beta-v1:0", Name: "Thing"}, {ID: "newco.thing-alpha-v1:0:8k", Name: "Thing"}}}
	rows := slices.Concat(quotasOf("NewCo Thing", "L-"), quotasOf("NewCo Thing Beta", "L-B"))
	for id, want := range map[string]string{"newco.thing-alpha-v1:0": "", "newco.thing-beta-v1:0": "rpm=L-B1 tpm=L-B2 tpd=L-B8"} {
		if got, _ := match(id, nil, c, rows); codes(got) != want {
			t.Errorf("Match(%q) = %s; want %s", id, codes(got), want)
		}
	}
	// A context variant is no other model.
	c.Models = append(c.Models[:1], c.Models[2])
	if got, _ := match("newco.thing-alpha-v1:0", nil, c, rows); codes(got) != "rpm=L-1 tpm=L-2 tpd=L-8" {
		t.Errorf("Match of a model and its context variant = %s; want the quotas of its name", codes(got))
	}
}

package quotas

import (
	"slices"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/plugins"
)

func TestParse(t *testing.T) {
	tests := []struct{ name, scope, dimension, variant, label string }{
		{"On-demand model inference requests per minute for Anthropic Claude 3 Haiku", OnDemand, RPM, "", "Anthropic Claude 3 Haiku"},
		{"Cross-Region model inference tokens per minute for Anthropic Claude 3.5 Sonnet V2", CrossRegion, TPM, "", "Anthropic Claude 3.5 Sonnet V2"},
		{"Global cross-region model inference tokens per day for GPT-6 Sol", Global, TPD, "", "GPT-6 Sol"},
		{"GLOBAL CROSS-REGION MODEL INFERENCE TOKENS PER MINUTE FOR GPT-6 SOL", Global, TPM, "", "GPT-6 SOL"},
		{"Model invocation max tokens per day for Amazon Nova Pro (doubled for cross-region calls)", invocation, TPD, "", "Amazon Nova Pro"},
		{"Model invocation max tokens per day for Amazon Nova Pro", invocation, TPD, "", "Amazon Nova Pro"},
		{"Model invocation max latency-optimized tokens per day for Amazon Nova Pro V1", invocation, TPD, latencyOptimized, "Amazon Nova Pro V1"},
		{"On-demand latency-optimized InvokeModel requests per minute for Anthropic Claude 3.5 Haiku", OnDemand, RPM, latencyOptimized, "Anthropic Claude 3.5 Haiku"},
		{"On-Demand, latency-optimized model inference tokens per minute for Meta Llama 3.1 70B Instruct", OnDemand, TPM, latencyOptimized, "Meta Llama 3.1 70B Instruct"},
		{"Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4 V1 1M Context Length", CrossRegion, TPM, longContext, "Anthropic Claude Sonnet 4 V1"},
		{"Model invocation max tokens per day for Anthropic Claude Sonnet 4.5 V1 1M Context Length (doubled for cross-region calls)", invocation, TPD, longContext, "Anthropic Claude Sonnet 4.5 V1"},
		{"On-demand InvokeModel concurrent requests for Amazon Nova Reel1.0", OnDemand, Concurrent, "", "Amazon Nova Reel1.0"},
		{"On-demand model inference concurrent requests for Luma Ray V2", OnDemand, Concurrent, "", "Luma Ray V2"},
		{"On-demand InvokeModel async concurrent requests for TwelveLabs Marengo Embed 3.0", OnDemand, Concurrent, asynchronous, "TwelveLabs Marengo Embed 3.0"},
		{"On-demand InvokeModel requests per minute for Stability.ai Stable Diffusion 3.5 Large", OnDemand, RPM, "", "Stability.ai Stable Diffusion 3.5 Large"},
		{"Cross-region model inference output tokens per minute for NewCo Thing", CrossRegion, OutputTPM, "", "NewCo Thing"},
		{"Cross-Model Account-Level Tokens Per Day", account, AccountTPD, "", ""},
		{"Cross-Model Max Tokens Per Day", account, AccountTPD, "", ""},
		{"[bedrock-mantle endpoint] Input tokens per minute for GPT-5.4", mantle, InputTPM, "", "GPT-5.4"},
		{"[bedrock-mantle endpoint] Output tokens per minute for Claude Opus 4.8", mantle, OutputTPM, "", "Claude Opus 4.8"},
		{"Model units per provisioned model for Cohere Command R", Provisioned, ModelUnits, "", "Cohere Command R"},
		{"Model units per provisioned model for the 24k context length variant for Amazon Nova Lite", Provisioned, ModelUnits, "", "Amazon Nova Lite"},
		// What is not of the grammar, though it has words of it.
		{"Records per batch inference job for Claude 3 Haiku", "", "", "", ""},
		{"Sum of in-progress and submitted batch inference jobs using a base model for Claude Sonnet 4", "", "", "", ""},
		{"Batch inference job size (in GB) for Claude 3 Haiku", "", "", "", ""},
		{"Model units no-commitment Provisioned Throughputs across base models", "", "", "", ""},
		{"(Guardrails) On-demand ApplyGuardrail requests per second", "", "", "", ""},
		{"Throttle rate limit for CreateBlueprint", "", "", "", ""},
		{"Not On-demand model inference requests per minute for Anthropic Claude 3 Haiku", "", "", "", ""},
		{"On-demand model inference requests per minute for ", "", "", "", ""},
		{"Maximum hourly input token units for model llama3-2-11b-instruct-v1", "", "", "", ""},
		{"", "", "", "", ""},
	}
	for _, tt := range tests {
		r := parse(plugins.Quota{Name: tt.name})
		if r.scope != tt.scope || r.dimension != tt.dimension || r.variant != tt.variant || r.label != tt.label {
			t.Errorf("parse(%q) = %q %q %q %q; want %q %q %q %q", tt.name, r.scope, r.dimension, r.variant, r.label, tt.scope, tt.dimension, tt.variant, tt.label)
		}
	}
}

func TestTokens(t *testing.T) {
	for name, want := range map[string]string{
		"Anthropic Claude 3.5 Sonnet V2":       "anthropic claude 3.5 sonnet v2",
		"claude-3-5-sonnet":                    "claude 3.5 sonnet",
		"Claude Sonnet 4.5.":                   "claude sonnet 4.5",
		"Claude 3.7 V1.0 Sonnet":               "claude 3.7 sonnet",
		"llama3-1-8b-instruct":                 "llama 3.1 8b instruct",
		"Llama 3.1 8B Instruct":                "llama 3.1 8b instruct",
		"llama4-scout-17b":                     "llama 4 scout 17b",
		"Ministral 8B 3.0":                     "ministral 8b 3",
		"ministral-3-8b":                       "ministral 3 8b",
		"Mistral Large (24.07)":                "mistral large 24.07",
		"Mistral Large 2407":                   "mistral large 24.07",
		"Mistral 2011":                         "mistral 2011",
		"Mistral 2413":                         "mistral 2413",
		"Mixtral 8x7B Instruct":                "mixtral 8x7b instruct",
		"Qwen3-Coder-30B-A3B-Instruct":         "qwen 3 coder 30b a3b instruct",
		"Nova Reel1.0":                         "nova reel",
		"Nova Reel1.1":                         "nova reel 1.1",
		"Z.ai GLM-4.7":                         "z ai glm 4.7",
		"Command R+":                           "command r plus",
		"rerank-v3-5":                          "rerank 3.5",
		"Pegasus v1.2":                         "pegasus 1.2",
		"DeepSeek V3.2":                        "deepseek 3.2",
		"DeepSeek-R1":                          "deepseek r1",
		"SDXL 0.8":                             "stable diffusion xl 0.8",
		"sd3-5-large":                          "stable diffusion 3.5 large",
		"Titan Multimodal Embeddings G1":       "titan multimodal embed g1",
		"Search and Replace":                   "search replace",
		"kimi-k2-5":                            "kimi k2.5",
		"Kimi K2.5":                            "kimi k2.5",
		"v2.0":                                 "v2",
		"Übersetzer 2":                         "übersetzer 2",
		"V1":                                   "",
		" - ":                                  "",
		"claude-sonnet-4-5-20250929":           "claude sonnet 4.5 20250929",
		"palmyra-x5":                           "palmyra x5",
		"NVIDIA Nemotron Nano 12B v2 VL BF16":  "nvidia nemotron nano 12b v2 vl bf 16",
		"1-2-3":                                "1.2 3",
		"GPT OSS Safeguard 120B (1M) / 3.50-4": "gpt oss safeguard 120b 1m 3.50 4",
	} {
		if got := strings.Join(tokens(name), " "); got != want {
			t.Errorf("tokens(%q) = %q; want %q", name, got, want)
		}
	}
}

func TestVersionOf(t *testing.T) {
	for part, want := range map[string]version{
		"claude-3-haiku-20240307-v1:0": {"claude-3-haiku", 1, 0},
		"claude-opus-4-6-v1":           {"claude-opus-4-6", 1, 0},
		"claude-sonnet-5":              {"claude-sonnet-5", 1, 0},
		"claude-v2:1":                  {"claude", 2, 1},
		"nova-reel-v1:1":               {"nova-reel", 1, 1},
		"mistral-7b-instruct-v0:2":     {"mistral-7b-instruct", 0, 2},
		"gpt-oss-120b-1:0":             {"gpt-oss-120b", 1, 0},
		"gpt-5.4-2026-03-05":           {"gpt-5.4", 1, 0},
		"rerank-v3-5:0":                {"rerank-v3-5", 1, 0},
		"v3-v1:0":                      {"v3", 1, 0},
		"command-text-v14":             {"command-text", 14, 0},
		"x-v99999999999999999999:0":    {"x-v99999999999999999999", 1, 0},
		"":                             {"", 1, 0},
	} {
		if got := versionOf(part); got != want {
			t.Errorf("versionOf(%q) = %+v; want %+v", part, got, want)
		}
	}
}

// swap changes the case of each letter of ASCII.
func swap(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, s)
}

func FuzzParse(f *testing.F) {
	f.Add("On-Demand, latency-optimized model inference tokens per minute for Meta Llama 3.1 70B Instruct")
	f.Add("Model invocation max tokens per day for Nova Reel1.0 1M Context Length (doubled for cross-region calls)")
	f.Add("Model units per provisioned model for the 24k context length variant for 3-5-7b 8x7B R+ 24.02 v3.5")
	f.Add("[bedrock-mantle endpoint] Input tokens per minute for ÄÖ\xff1.0")
	f.Fuzz(func(t *testing.T, name string) {
		r, other := parse(plugins.Quota{Name: name}), parse(plugins.Quota{Name: swap(name)})
		if (r.dimension == "") != (r.scope == "") || r.dimension != "" && r.dimension != ModelUnits && !slices.Contains(Dimensions, r.dimension) {
			t.Errorf("parse(%q) = %q of %q; want a dimension with its scope, or neither", name, r.dimension, r.scope)
		}
		if !strings.Contains(name, r.label) {
			t.Errorf("parse(%q) has the label %q, which is not in it", name, r.label)
		}
		if r.scope != other.scope || r.dimension != other.dimension || r.variant != other.variant || !slices.Equal(r.tokens, other.tokens) {
			t.Errorf("parse(%q) = %+v, and in the other case %+v", name, r, other)
		}
		for _, w := range r.tokens {
			if w == "" || strings.ToLower(w) != w {
				t.Errorf("parse(%q) has the token %q", name, w)
			}
		}
	})
}

// FuzzMatch matches any model with quotas of any label.
func FuzzMatch(f *testing.F) {
	f.Add("us.anthropic.claude-sonnet-4-20250514-v1:0", "Claude Sonnet 4", "Anthropic", "Anthropic Claude Sonnet 4 V1")
	f.Add("a.b", "", "", "V1")
	f.Add("mistral.ministral-3-8b-instruct", "Ministral 3 8B", "Mistral AI", "Ministral 8B 3.0")
	f.Add("meta.llama4-scout-17b-instruct-v1:0", "Llama 4 Scout 17B Instruct", "Meta", "Meta Llama 4 Scout V1")
	f.Add("amazon.nova-lite-v1:0:24k", "Nova Lite", "Amazon", "Amazon Nova Lite 24K")
	f.Add("nvidia.nemotron-nano-9b-v2", "NVIDIA Nemotron Nano 9B v2", "NVIDIA", "NVIDIA Nemotron Nano 2")
	f.Fuzz(func(t *testing.T, id, name, maker, label string) {
		rows := []plugins.Quota{
			{Code: "L-O", Name: "On-demand model inference requests per minute for " + label},
			{Code: "L-X", Name: "Cross-region model inference tokens per minute for " + label},
			{Code: "L-G", Name: "Global cross-region model inference tokens per day for " + label},
			{Code: "L-M", Name: "[bedrock-mantle endpoint] Input tokens per minute for " + label},
			{Code: "L-B", Name: "Records per batch inference job for " + label},
			{Code: "L-P", Name: "Model units per provisioned model for " + label},
		}
		c := plugins.Catalog{Models: []plugins.FoundationModel{{ID: Identify(id).Base, Name: name, Provider: maker}}}
		r := Resolve(id, c)
		m := Match(r, Ask{}, nil, rows, c)
		seen := map[string]bool{}
		for _, q := range m.Binds {
			if seen[q.Code] || q.Code == "L-M" || q.Code == "L-B" || q.Code == "L-P" || q.MatchedBy == "" {
				t.Errorf("Match(%q) ties %s as %s by %q; want each once, of this endpoint, with a reason", id, q.Code, q.Dimension, q.MatchedBy)
			}
			seen[q.Code] = true
			noWordIsLost(t, r.Base, name, maker, label)
		}
		if len(m.Binds)+len(m.Notes)+len(m.Problems) == 0 && r.Unreachable == "" {
			t.Errorf("Match(%q) of %q found nothing and said nothing", id, label)
		}
		for i := range rows {
			rows[i].Name = swap(rows[i].Name)
		}
		c.Models[0].Name, c.Models[0].Provider = swap(name), swap(maker)
		if other := Match(r, Ask{}, nil, rows, c); len(other.Binds) != len(m.Binds) {
			t.Errorf("Match(%q) ties %d of %q, and %d in the other case", id, len(m.Binds), label, len(other.Binds))
		}
	})
}

// noWordIsLost holds that each word of a label is one of the model's, by its
// name, its id, its alias or its maker: none is ignored.
func noWordIsLost(t *testing.T, base, name, maker, label string) {
	t.Helper()
	known := slices.Concat(tokens(name), tokens(maker), tokens(base), []string{"ai", "labs"})
	head, part, _ := strings.Cut(base, ".")
	known = append(known, tokens(versionOf(part).of)...)
	known = append(known, tokens(versionOf(base).of)...)
	known = append(known, versionOf(part).String(), versionOf(base).String())
	for _, tail := range []string{"ai", "labs"} {
		for _, m := range []string{head, maker} {
			known = append(known, tokens(strings.TrimSuffix(strings.ToLower(m), tail))...)
		}
	}
	for _, a := range aliases {
		if strings.EqualFold(a.base, base) {
			known = append(known, tokens(a.label)...)
		}
	}
	if c := contextLabel.FindStringSubmatch(label); c != nil {
		label = c[1]
	}
	for _, w := range tokens(label) {
		if !slices.Contains(known, w) {
			t.Errorf("%q (%q of %q) is tied to %q: the word %q is not of the model", base, name, maker, label, w)
		}
	}
}

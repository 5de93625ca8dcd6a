package sim

import (
	"slices"
	"strings"
	"testing"
)

// familiesOfModels are model ids of Bedrock, by the family that their bodies are of.
var familiesOfModels = map[string]string{
	"jamba": `
		ai21.jamba-1-5-large-v1:0 ai21.jamba-1-5-mini-v1:0 ai21.jamba-instruct-v1:0`,
	"nova": `
		amazon.nova-2-lite-v1:0 amazon.nova-2-lite-v1:0:256k amazon.nova-lite-v1:0 amazon.nova-lite-v1:0:24k amazon.nova-lite-v1:0:300k
		amazon.nova-micro-v1:0 amazon.nova-micro-v1:0:128k amazon.nova-micro-v1:0:24k amazon.nova-premier-v1:0 amazon.nova-premier-v1:0:1000k
		amazon.nova-premier-v1:0:20k amazon.nova-premier-v1:0:8k amazon.nova-premier-v1:0:mm amazon.nova-pro-v1:0 amazon.nova-pro-v1:0:24k
		amazon.nova-pro-v1:0:300k amazon.nova-2-pro-preview-20251202-v1:0`,
	"nova-embed": `
		amazon.nova-2-multimodal-embeddings-v1:0`,
	"nova-sonic": `
		amazon.nova-2-sonic-v1:0 amazon.nova-sonic-v1:0`,
	"amazon-image": `
		amazon.nova-canvas-v1:0 amazon.titan-image-generator-v2:0 amazon.titan-image-generator-v1 amazon.titan-image-generator-v2`,
	"async-video": `
		amazon.nova-reel-v1:0 amazon.nova-reel-v1:1 luma.ray-v2:0`,
	"amazon-rerank": `
		amazon.rerank-v1:0`,
	"titan-embed-v2": `
		amazon.titan-embed-g1-text-02 amazon.titan-embed-text-v2:0 amazon.titan-embed-text-v2:0:8k`,
	"titan-embed-image": `
		amazon.titan-embed-image-v1 amazon.titan-embed-image-v1:0`,
	"titan-embed": `
		amazon.titan-embed-text-v1 amazon.titan-embed-text-v1:2:8k`,
	"titan-text":         `amazon.titan-tg1-large amazon.titan-text-express-v1`,
	"titan-text-lite":    `amazon.titan-text-lite-v1`,
	"titan-text-premier": `amazon.titan-text-premier-v1:0`,
	"claude": `
		anthropic.claude-3-5-haiku-20241022-v1:0 anthropic.claude-3-5-sonnet-20240620-v1:0 anthropic.claude-3-5-sonnet-20241022-v2:0
		anthropic.claude-3-7-sonnet-20250219-v1:0 anthropic.claude-3-haiku-20240307-v1:0 anthropic.claude-3-haiku-20240307-v1:0:200k
		anthropic.claude-3-haiku-20240307-v1:0:48k anthropic.claude-3-opus-20240229-v1:0 anthropic.claude-3-sonnet-20240229-v1:0
		anthropic.claude-3-sonnet-20240229-v1:0:200k anthropic.claude-3-sonnet-20240229-v1:0:28k anthropic.claude-fable-5 anthropic.claude-fable-5-1
		anthropic.claude-haiku-4-5 anthropic.claude-haiku-4-5-20251001-v1:0 anthropic.claude-opus-4-1-20250805-v1:0 anthropic.claude-opus-4-20250514-v1:0
		anthropic.claude-opus-4-5-20251101-v1:0 anthropic.claude-opus-4-6-v1 anthropic.claude-opus-4-7 anthropic.claude-opus-4-8 anthropic.claude-opus-5
		anthropic.claude-opus-5-5 anthropic.claude-sonnet-4-20250514-v1:0 anthropic.claude-sonnet-4-20250514-v1:0:200k
		anthropic.claude-sonnet-4-20250514-v1:0:32k anthropic.claude-sonnet-4-5-20250929-v1:0 anthropic.claude-sonnet-4-6 anthropic.claude-sonnet-5
		anthropic.claude-3-5-sonnet-latest-v2:0 anthropic.claude-3-7-sonnet-20240620-v1:0 anthropic.claude-haiku-4-5@20251001
		anthropic.claude-mythos-preview anthropic.claude-opus-4-6-v1:0`,
	"command-r": `
		cohere.command-r-plus-v1:0 cohere.command-r-v1:0`,
	"cohere-embed-v3": `
		cohere.embed-english-v3 cohere.embed-english-v3:0:512 cohere.embed-multilingual-v3 cohere.embed-multilingual-v3:0:512`,
	"cohere-embed-v4": `
		cohere.embed-v4:0`,
	"cohere-rerank": `
		cohere.rerank-v3-5:0`,
	"deepseek-r1": `
		deepseek.r1-v1:0`,
	"chat": `
		deepseek.v3-v1:0 deepseek.v3.1 deepseek.v3.2 google.gemma-3-12b-it google.gemma-3-27b-it google.gemma-3-4b-it google.gemma-4-26b-a4b
		google.gemma-4-31b google.gemma-4-e2b minimax.minimax-m2 minimax.minimax-m2.1 minimax.minimax-m2.5 mistral.devstral-2-123b
		mistral.magistral-small-2509 mistral.ministral-3-14b-instruct mistral.ministral-3-3b-instruct mistral.ministral-3-8b-instruct
		mistral.mistral-large-3-675b-instruct mistral.voxtral-mini-3b-2507 mistral.voxtral-small-24b-2507 moonshot.kimi-k2-thinking
		moonshotai.kimi-k2-thinking moonshotai.kimi-k2.5 moonshotai.kimi-k3 nvidia.nemotron-nano-12b-v2 nvidia.nemotron-nano-3-30b
		nvidia.nemotron-nano-9b-v2 nvidia.nemotron-super-3-120b openai.gpt-5.4 openai.gpt-5.4-2026-03-05 openai.gpt-5.5 openai.gpt-5.5-2026-04-23
		openai.gpt-5.6-luna openai.gpt-5.6-sol openai.gpt-5.6-terra openai.gpt-6-astra openai.gpt-6-luna openai.gpt-6-sol openai.gpt-6.1-sol
		qwen.qwen3-235b-a22b-2507 qwen.qwen3-235b-a22b-2507-v1:0 qwen.qwen3-32b qwen.qwen3-32b-v1:0 qwen.qwen3-coder-30b-a3b-instruct
		qwen.qwen3-coder-30b-a3b-v1:0 qwen.qwen3-coder-480b-a35b-instruct qwen.qwen3-coder-480b-a35b-v1:0 qwen.qwen3-coder-next qwen.qwen3-next-80b-a3b
		qwen.qwen3-next-80b-a3b-instruct qwen.qwen3-vl-235b-a22b qwen.qwen3-vl-235b-a22b-instruct writer.palmyra-vision-7b xai.grok-4.3 xai.grok-4.6
		zai.glm-4.6 zai.glm-4.7 zai.glm-4.7-flash zai.glm-5`,
	"llama": `
		meta.llama3-1-405b-instruct-v1:0 meta.llama3-1-70b-instruct-v1:0 meta.llama3-1-70b-instruct-v1:0:128k meta.llama3-1-8b-instruct-v1:0
		meta.llama3-1-8b-instruct-v1:0:128k meta.llama3-2-11b-instruct-v1:0 meta.llama3-2-11b-instruct-v1:0:128k meta.llama3-2-1b-instruct-v1:0
		meta.llama3-2-1b-instruct-v1:0:128k meta.llama3-2-3b-instruct-v1:0 meta.llama3-2-3b-instruct-v1:0:128k meta.llama3-2-90b-instruct-v1:0
		meta.llama3-2-90b-instruct-v1:0:128k meta.llama3-3-70b-instruct-v1:0 meta.llama3-3-70b-instruct-v1:0:128k meta.llama3-70b-instruct-v1:0
		meta.llama3-8b-instruct-v1:0 meta.llama2-13b-chat-v1 meta.llama2-70b-chat-v1`,
	"llama4": `
		meta.llama4-maverick-17b-instruct-v1:0 meta.llama4-maverick-17b-instruct-v1:0:128k meta.llama4-maverick-17b-instruct-v1:0:1m
		meta.llama4-scout-17b-instruct-v1:0 meta.llama4-scout-17b-instruct-v1:0:10m meta.llama4-scout-17b-instruct-v1:0:128k`,
	"mistral-7b": `
		mistral.mistral-7b-instruct-v0:2`,
	"mistral-text": `
		mistral.mistral-large-2402-v1:0 mistral.mistral-small-2402-v1:0`,
	"mistral-chat": `
		mistral.mistral-large-2407-v1:0 mistral.pixtral-large-2502-v1:0`,
	"mixtral": `
		mistral.mixtral-8x7b-instruct-v0:1`,
	"gpt-oss": `
		openai.gpt-oss-120b openai.gpt-oss-120b-1:0 openai.gpt-oss-20b openai.gpt-oss-20b-1:0 openai.gpt-oss-safeguard-120b openai.gpt-oss-safeguard-20b`,
	"stability": `
		stability.sd3-5-large-v1:0 stability.stable-image-core-v1:1 stability.stable-image-ultra-v1:1 stability.sd3-large-v1:0
		stability.stable-image-core-v1:0 stability.stable-image-ultra-v1:0`,
	"stability-service": `
		stability.stable-conservative-upscale-v1:0 stability.stable-creative-upscale-v1:0 stability.stable-fast-upscale-v1:0
		stability.stable-image-control-sketch-v1:0 stability.stable-image-control-structure-v1:0 stability.stable-image-erase-object-v1:0
		stability.stable-image-inpaint-v1:0 stability.stable-image-remove-background-v1:0 stability.stable-image-search-recolor-v1:0
		stability.stable-image-search-replace-v1:0 stability.stable-image-style-guide-v1:0 stability.stable-outpaint-v1:0`,
	"style-transfer": `
		stability.stable-style-transfer-v1:0`,
	"marengo-2": `
		twelvelabs.marengo-embed-2-7-v1:0`,
	"marengo": `
		twelvelabs.marengo-embed-3-0-v1:0`,
	"pegasus": `
		twelvelabs.pegasus-1-2-v1:0`,
	"palmyra": `
		writer.palmyra-x4-v1:0 writer.palmyra-x5-v1:0`,
	"jurassic": `
		ai21.j2-mid-v1 ai21.j2-ultra-v1`,
	"claude-text": `
		anthropic.claude-instant-v1 anthropic.claude-v1 anthropic.claude-v2 anthropic.claude-v2:1`,
	"command": `
		cohere.command-light-text-v14 cohere.command-text-v14`,
	"sdxl": `
		stability.stable-diffusion-xl-v0 stability.stable-diffusion-xl-v1`,
}

func TestFamiliesOfModels(t *testing.T) {
	listed := 0
	for want, ids := range familiesOfModels {
		for _, id := range strings.Fields(ids) {
			listed++
			if got := familyOf(id).name; got != want {
				t.Errorf("the family of %s is %s; want %s", id, got, want)
			}
		}
	}
	for _, f := range families {
		if familiesOfModels[f.name] == "" {
			t.Errorf("no model here is of the family %s", f.name)
		}
	}
	if listed < 200 {
		t.Errorf("%d models; want those of Bedrock", listed)
	}
	if got := familyOf("stand-in.app").name; got != "chat" {
		t.Errorf("the family of an unknown model is %s; want chat", got)
	}
}

// A prefix that stands behind one of its own prefixes would never be reached.
func TestFamilyPrefixes(t *testing.T) {
	var before, names []string
	for _, f := range families {
		for _, p := range f.prefixes {
			for _, b := range before {
				if strings.HasPrefix(p, b) {
					t.Errorf("the prefix %q of %s is never reached: %q stands before it", p, f.name, b)
				}
			}
		}
		before = append(before, f.prefixes...)
		if f.name == "" || slices.Contains(names, f.name) || f.name != strings.ToLower(f.name) {
			t.Errorf("the family %q: want a name of its own in small letters", f.name)
		}
		names = append(names, f.name)
		if f.instead == "" && (f.read == nil || f.reply == nil || len(f.form.keys) == 0) {
			t.Errorf("the family %s has no form, reader or reply", f.name)
		}
		if f.yields == yieldsText && len(f.caps) == 0 {
			t.Errorf("the family %s has no limit of its output", f.name)
		}
	}
	if last := families[len(families)-1].prefixes; last[len(last)-1] != "" {
		t.Error("the last prefix does not take every model")
	}
}

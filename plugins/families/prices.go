package families

// pricesAsOf is where a price of this table is said to be from.
const pricesAsOf = "table of 2026-11"

// prices of on-demand calls in the standard tier, in US dollars for a million
// tokens, as of November 2026: those of us-east-1, or of the global profile
// where a model has one. The first row that matches holds.
//
// They are indicative. Regions differ, and the geographic profiles of recent
// Claude models cost about a tenth more, which is not added here, since which
// models and how much is not published as a rule: a scenario that needs it
// gives its own price. Nor are the dearer long prompts of some models here,
// service tiers and batches. A cache price of 0 is one that is not known. The price
// of a cache write is that of five minutes. What is priced by image or search
// (images, ranks) has no row: its price is unknown.
var prices = []struct {
	match                 string
	input, output         float64
	cacheRead, cacheWrite float64
}{
	{"ai21.jamba-1-5-large", 2, 8, 0, 0},
	{"ai21.jamba-1-5-mini", 0.2, 0.4, 0, 0},
	{"ai21.jamba-instruct", 0.5, 0.7, 0, 0},
	{"amazon.nova-2-lite", 0.3, 2.5, 0.075, 0},
	{"amazon.nova-2-multimodal-embeddings", 0.135, 0, 0, 0},
	{"amazon.nova-lite", 0.06, 0.24, 0.015, 0},
	{"amazon.nova-micro", 0.035, 0.14, 0.00875, 0},
	{"amazon.nova-premier", 2.5, 12.5, 0.625, 0},
	{"amazon.nova-pro", 0.8, 3.2, 0.2, 0},
	{"amazon.titan-embed-text-v1", 0.1, 0, 0, 0},
	{"amazon.titan-embed-g1-text-02", 0.1, 0, 0, 0},
	{"amazon.titan-embed-text-v2", 0.02, 0, 0, 0},
	{"amazon.titan-embed-image", 0.8, 0, 0, 0},
	{"anthropic.claude-3-5-haiku", 0.8, 4, 0.08, 1},
	{"anthropic.claude-3-5-sonnet", 3, 15, 0.3, 3.75},
	{"anthropic.claude-3-7-sonnet", 3, 15, 0.3, 3.75},
	{"anthropic.claude-3-haiku", 0.25, 1.25, 0.025, 0.3125},
	{"anthropic.claude-3-opus", 15, 75, 1.5, 18.75},
	{"anthropic.claude-3-sonnet", 3, 15, 0.3, 3.75},
	{"anthropic.claude-fable-5", 10, 50, 1, 12.5},
	{"anthropic.claude-haiku-4-5", 1, 5, 0.1, 1.25},
	{"anthropic.claude-opus-4-2025", 15, 75, 1.5, 18.75},
	{"anthropic.claude-opus-4-1", 15, 75, 1.5, 18.75},
	{"anthropic.claude-opus-4-5", 5, 25, 0.5, 6.25},
	{"anthropic.claude-opus-4-6", 5, 25, 0.5, 6.25},
	{"anthropic.claude-opus-4-7", 5, 25, 0.5, 6.25},
	{"anthropic.claude-opus-4-8", 5, 25, 0.5, 6.25},
	{"anthropic.claude-opus-5", 5, 25, 0.5, 6.25},
	{"anthropic.claude-sonnet-4-2025", 3, 15, 0.3, 3.75},
	{"anthropic.claude-sonnet-4-5", 3, 15, 0.3, 3.75},
	{"anthropic.claude-sonnet-4-6", 3, 15, 0.3, 3.75},
	{"anthropic.claude-sonnet-5", 2, 10, 0.2, 2.5},
	{"cohere.command-r-plus", 3, 15, 0, 0},
	{"cohere.command-r-v1", 0.5, 1.5, 0, 0},
	{"cohere.embed-english-v3", 0.1, 0, 0, 0},
	{"cohere.embed-multilingual-v3", 0.1, 0, 0, 0},
	{"cohere.embed-v4", 0.12, 0, 0, 0},
	{"deepseek.r1", 1.35, 5.4, 0, 0},
	{"deepseek.v3-v1", 0.58, 1.68, 0, 0},
	{"deepseek.v3.1", 0.58, 1.68, 0, 0},
	{"deepseek.v3.2", 0.62, 1.85, 0, 0},
	{"meta.llama3-1-8b", 0.22, 0.22, 0, 0},
	{"meta.llama3-1-70b", 0.72, 0.72, 0, 0},
	{"meta.llama3-3-70b", 0.72, 0.72, 0, 0},
	{"meta.llama3-8b", 0.3, 0.6, 0, 0},
	{"meta.llama3-70b", 2.65, 3.5, 0, 0},
	{"meta.llama4-maverick", 0.24, 0.97, 0, 0},
	{"meta.llama4-scout", 0.17, 0.66, 0, 0},
	{"minimax.minimax-m2", 0.3, 1.2, 0, 0}, // 2, 2.1 and 2.5
	{"mistral.mistral-7b", 0.15, 0.2, 0, 0},
	{"mistral.mistral-large-3", 0.5, 1.5, 0, 0},
	{"mistral.ministral-3-3b", 0.1, 0.1, 0, 0},
	{"mistral.ministral-3-8b", 0.15, 0.15, 0, 0},
	{"mistral.ministral-3-14b", 0.2, 0.2, 0, 0},
	{"mistral.mixtral-8x7b", 0.45, 0.7, 0, 0},
	{"mistral.pixtral-large", 2, 6, 0, 0},
	{"moonshotai.kimi-k2.5", 0.6, 3, 0, 0},
	{"openai.gpt-oss-120b", 0.15, 0.6, 0, 0},
	{"openai.gpt-oss-20b", 0.07, 0.3, 0, 0},
	{"qwen.qwen3-235b", 0.22, 0.88, 0, 0},
	{"qwen.qwen3-32b", 0.15, 0.6, 0, 0},
	{"qwen.qwen3-coder-30b", 0.15, 0.6, 0, 0},
	{"qwen.qwen3-coder-480b", 0.22, 1.8, 0, 0},
	{"writer.palmyra-x4", 2.5, 10, 0, 0},
	{"writer.palmyra-x5", 0.6, 6, 0, 0},
	{"zai.glm-4.7-flash", 0.07, 0.4, 0, 0},
	{"zai.glm-4.7", 0.6, 2.2, 0, 0},
	{"zai.glm-5", 1, 3.2, 0, 0},
}

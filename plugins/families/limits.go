package families

import (
	"strconv"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
)

// LimitsOf is what is known of the most tokens of a foundation model's calls.
// An id that names its own context, as ...:0:24k for provisioned throughput,
// is believed.
func LimitsOf(base string) plugins.Limits {
	var l plugins.Limits
	for _, row := range limits {
		if isOf(base, row.match) {
			l = plugins.Limits{ContextWindow: row.context, MaxOutput: row.output}
			break
		}
	}
	if n := contextVariant(base); n > 0 {
		l.ContextWindow = n
		if l.MaxOutput > n {
			l.MaxOutput = n
		}
	}
	return l
}

// contextVariant reads the context at the end of an id; 0 where none is named.
// A k is 1,024 here: some makers mean a thousand, and a limit that is a little
// too high refuses no plan wrongly.
func contextVariant(base string) int64 {
	last := base[strings.LastIndex(base, ":")+1:]
	for _, unit := range []struct {
		suffix string
		tokens int64
	}{{"k", 1 << 10}, {"m", 1 << 20}} {
		if digits, ok := strings.CutSuffix(last, unit.suffix); ok {
			if n, err := strconv.ParseInt(digits, 10, 32); err == nil && n > 0 {
				return n * unit.tokens
			}
		}
	}
	return 0
}

// limits of one call, in tokens, as of November 2026: the context window,
// which holds input and output together, and the most output. 0 is not known,
// as where sources differ widely. The first row that matches holds.
//
// Sources: the model pages of the Amazon Bedrock user guide and of the makers.
// Where they differ a little the higher number stands: a plan must not be
// refused that AWS would take. The windows of Claude Sonnet 4 and 4.5 are those
// without the beta of a million tokens, which has quotas of its own.
var limits = []struct {
	match           string
	context, output int64
}{
	{"ai21.j2", 8191, 8191},
	{"ai21.jamba-1-5", 256_000, 4096},
	{"ai21.jamba-instruct", 70_000, 4096},
	{"amazon.nova-2-lite", 1_000_000, 64_000},
	{"amazon.nova-2-pro", 1_000_000, 64_000},
	{"amazon.nova-2-multimodal-embeddings", 8192, 0},
	{"amazon.nova-lite", 300_000, 10_000},
	{"amazon.nova-micro", 128_000, 10_000},
	{"amazon.nova-premier", 1_000_000, 32_000},
	{"amazon.nova-pro", 300_000, 10_000},
	{"amazon.titan-embed-text", 8192, 0},
	{"amazon.titan-embed-g1-text-02", 8192, 0},
	{"amazon.titan-embed-image", 256, 0},
	{"amazon.titan-text-express", 8192, 8192},
	{"amazon.titan-text-lite", 4096, 4096},
	{"amazon.titan-text-premier", 32_000, 3072},
	{"anthropic.claude-v2:1", 200_000, 8191},
	{"anthropic.claude-v", 100_000, 8191},
	{"anthropic.claude-instant", 100_000, 8191},
	{"anthropic.claude-3-5", 200_000, 8192},
	{"anthropic.claude-3-7-sonnet", 200_000, 128_000},
	{"anthropic.claude-3-", 200_000, 4096},
	{"anthropic.claude-fable-5", 1_000_000, 128_000},
	{"anthropic.claude-haiku-4-5", 200_000, 64_000},
	{"anthropic.claude-opus-4-2025", 200_000, 32_000},
	{"anthropic.claude-opus-4-1", 200_000, 32_000},
	{"anthropic.claude-opus-4-5", 200_000, 64_000},
	{"anthropic.claude-opus-4-6", 1_000_000, 128_000},
	{"anthropic.claude-opus-4-7", 1_000_000, 128_000},
	{"anthropic.claude-opus-4-8", 1_000_000, 128_000},
	{"anthropic.claude-opus-5", 1_000_000, 128_000},
	{"anthropic.claude-sonnet-4-2025", 200_000, 64_000},
	{"anthropic.claude-sonnet-4-5", 200_000, 64_000},
	{"anthropic.claude-sonnet-4-6", 1_000_000, 64_000},
	{"anthropic.claude-sonnet-5", 1_000_000, 128_000},
	{"cohere.command-r", 128_000, 4096},
	{"cohere.command-", 4096, 4096},
	{"cohere.embed-v4", 128_000, 0},
	{"deepseek.r1", 128_000, 32_768},
	{"deepseek.v3-v1", 163_840, 81_920},
	{"deepseek.v3.1", 163_840, 81_920},
	{"deepseek.v3.2", 163_840, 163_840},
	{"google.gemma-3", 131_072, 8192},
	{"google.gemma-4-e2b", 128_000, 0},
	{"google.gemma-4", 256_000, 0},
	{"meta.llama2", 4096, 2048},
	{"meta.llama3-8b", 8192, 2048},
	{"meta.llama3-70b", 8192, 2048},
	{"meta.llama3-", 128_000, 8192}, // 3.1 to 3.3
	{"meta.llama4-maverick", 1_000_000, 16_384},
	{"meta.llama4-scout", 3_500_000, 16_384},
	{"minimax.minimax-m2.5", 1_000_000, 0},
	{"minimax.minimax-m2", 204_800, 0},
	{"mistral.mistral-7b", 32_768, 8192},
	{"mistral.mixtral-8x7b", 32_768, 4096},
	{"mistral.mistral-large-2402", 32_768, 8192},
	{"mistral.mistral-small-2402", 32_768, 8192},
	{"mistral.mistral-large-2407", 131_072, 8192},
	{"mistral.mistral-large-3", 256_000, 0},
	{"mistral.pixtral-large", 131_072, 0},
	{"moonshotai.kimi-k2", 262_144, 0},
	{"moonshot.kimi-k2", 262_144, 0},
	{"openai.gpt-5", 400_000, 128_000},
	{"openai.gpt-oss", 131_072, 0},
	{"qwen.qwen3-32b", 131_072, 0},
	{"qwen.qwen3", 262_144, 0},
	{"writer.palmyra-x4", 131_072, 8192},
	{"writer.palmyra-x5", 1_040_000, 8192},
	{"xai.grok-4.3", 1_000_000, 131_072},
	{"zai.glm", 204_800, 131_072},
}

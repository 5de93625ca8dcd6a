package families_test

import (
	"testing"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/families"
	"github.com/loadline-dev/loadline/record"
)

// Multipliers as in "Token burndown", Amazon Bedrock user guide, autumn 2026.
func TestTariffOf(t *testing.T) {
	tests := []struct {
		id            string
		burndown      float64
		input, output float64 // 0: no known price
	}{
		{"anthropic.claude-3-haiku-20240307-v1:0", 5, 0.25, 1.25},
		{"anthropic.claude-3-5-haiku-20241022-v1:0", 5, 0.8, 4},
		{"anthropic.claude-3-7-sonnet-20250219-v1:0", 5, 3, 15},
		{"anthropic.claude-v2:1", 5, 0, 0},
		{"anthropic.claude-instant-v1", 5, 0, 0},
		{"anthropic.claude-sonnet-4-20250514-v1:0", 5, 3, 15},
		{"anthropic.claude-sonnet-4-5-20250929-v1:0", 5, 3, 15},
		{"anthropic.claude-sonnet-4-6", 5, 3, 15},
		{"anthropic.claude-haiku-4-5-20251001-v1:0", 5, 1, 5},
		{"anthropic.claude-opus-4-20250514-v1:0", 5, 15, 75},
		{"anthropic.claude-opus-4-1-20250805-v1:0", 5, 15, 75},
		{"anthropic.claude-opus-4-5-20251101-v1:0", 5, 5, 25},
		{"anthropic.claude-opus-4-6-v1", 5, 5, 25},
		{"anthropic.claude-opus-4-7", 5, 5, 25},
		{"anthropic.claude-opus-4-8", 15, 5, 25},
		{"anthropic.claude-sonnet-4-8", 15, 0, 0},
		{"anthropic.claude-haiku-4-8", 15, 0, 0},
		{"anthropic.claude-sonnet-5", 10, 2, 10},
		{"anthropic.claude-sonnet-5-5", 10, 0, 0}, // another model than Sonnet 5
		{"anthropic.claude-opus-5", 10, 5, 25},
		{"anthropic.claude-opus-5-5", 10, 0, 0},
		{"anthropic.claude-fable-5", 10, 10, 50},
		{"anthropic.claude-fable-5-1", 10, 0, 0},
		{"openai.gpt-5.6-sol", 10, 0, 0},
		{"openai.gpt-oss-120b-1:0", 1, 0.15, 0.6},
		{"amazon.nova-micro-v1:0", 1, 0.035, 0.14},
		{"amazon.nova-lite-v1:0", 1, 0.06, 0.24},
		{"amazon.nova-pro-v1:0", 1, 0.80, 3.20},
		{"amazon.nova-2-lite-v1:0", 1, 0.3, 2.5},
		{"meta.llama3-3-70b-instruct-v1:0", 1, 0.72, 0.72},
		{"meta.llama3-70b-instruct-v1:0", 1, 2.65, 3.5},
		{"deepseek.v3-v1:0", 1, 0.58, 1.68},
		{"amazon.nova-canvas-v1:0", 1, 0, 0}, // priced by image
		{"cohere.rerank-v3-5:0", 1, 0, 0},    // priced by search
		{"", 1, 0, 0},
	}
	for _, tt := range tests {
		got := families.TariffOf(tt.id, time.Time{})
		if got.Burndown != tt.burndown {
			t.Errorf("TariffOf(%q).Burndown = %v; want %v", tt.id, got.Burndown, tt.burndown)
		}
		if (got.Price != nil) != (tt.input > 0) {
			t.Errorf("TariffOf(%q).Price = %+v; want one: %v", tt.id, got.Price, tt.input > 0)
			continue
		}
		if p := got.Price; p != nil && (p.Input != tt.input || p.Output != tt.output || p.Source == "") {
			t.Errorf("TariffOf(%q).Price = %+v; want %v and %v dollars and a source", tt.id, *p, tt.input, tt.output)
		}
	}
}

// An embedding has a price for its input and none for an output, which is 0
// and known; the price of a cache that is not known is nil.
func TestPricesOfCachesAndEmbeddings(t *testing.T) {
	sonnet := families.TariffOf("anthropic.claude-sonnet-4-5-20250929-v1:0", time.Time{})
	if v := sonnet.USD(record.Usage{Input: 1000, CacheRead: 1_000_000, CacheWrite: 1_000_000}); v == nil || *v != 4.053 {
		t.Errorf("1k of input, 1M read from and written to a cache of Sonnet 4.5 cost %v; want 0.003 + 0.30 + 3.75", v)
	}
	titan := families.TariffOf("amazon.titan-embed-text-v2:0", time.Time{})
	if v := titan.USD(record.Usage{Input: 1_000_000}); v == nil || *v != 0.02 {
		t.Errorf("1M tokens of Titan Embeddings cost %v; want 0.02", v)
	}
	if p := titan.Price; p == nil || p.CacheRead != nil || p.CacheWrite != nil {
		t.Errorf("the prices of Titan Embeddings are %+v; want none for a cache", p)
	}
}

// The history of the rates, as in the user guide of each day.
func TestBurndownHolds(t *testing.T) {
	for _, c := range []struct {
		id, day string
		want    float64
	}{
		{"anthropic.claude-sonnet-4-20250514-v1:0", "2025-05-21", 1},
		{"anthropic.claude-sonnet-4-20250514-v1:0", "2025-05-22", 5},
		{"anthropic.claude-3-7-sonnet-20250219-v1:0", "2025-06-01", 1},
		{"anthropic.claude-3-7-sonnet-20250219-v1:0", "2025-12-01", 5},
		{"anthropic.claude-3-haiku-20240307-v1:0", "2025-12-01", 1},
		{"anthropic.claude-3-haiku-20240307-v1:0", "2026-08-31", 1},
		{"anthropic.claude-3-haiku-20240307-v1:0", "2026-09-01", 5},
		{"anthropic.claude-v2:1", "2024-01-01", 1},
		{"anthropic.claude-instant-v1", "2026-10-01", 5},
		{"anthropic.claude-opus-4-8", "2026-07-01", 5},
		{"anthropic.claude-opus-4-8", "2026-10-01", 15},
		{"anthropic.claude-sonnet-5", "2026-10-01", 10},
		{"openai.gpt-5.6-sol", "2026-07-01", 1},
		{"openai.gpt-5.6-sol", "2026-10-01", 10},
		{"amazon.nova-lite-v1:0", "2026-10-01", 1},
	} {
		day, err := time.Parse(time.DateOnly, c.day)
		if err != nil {
			t.Fatal(err)
		}
		if got := families.TariffOf(c.id, day).Burndown; got != c.want {
			t.Errorf("the burndown of %s on %s is %v; want %v", c.id, c.day, got, c.want)
		}
	}
}

func TestLimitsOf(t *testing.T) {
	for _, c := range []struct {
		id              string
		context, output int64 // 0: not known
	}{
		{"anthropic.claude-3-haiku-20240307-v1:0", 200_000, 4096},
		{"anthropic.claude-3-haiku-20240307-v1:0:48k", 49_152, 4096},
		{"anthropic.claude-3-5-sonnet-20241022-v2:0", 200_000, 8192},
		{"anthropic.claude-sonnet-4-5-20250929-v1:0", 200_000, 64_000},
		{"anthropic.claude-sonnet-5", 1_000_000, 128_000},
		{"anthropic.claude-opus-5-5", 0, 0},
		{"amazon.nova-lite-v1:0", 300_000, 10_000},
		{"amazon.nova-lite-v1:0:24k", 24_576, 10_000},
		{"amazon.nova-premier-v1:0:8k", 8192, 8192}, // an output over the context is none
		{"amazon.nova-premier-v1:0:mm", 1_000_000, 32_000},
		{"amazon.nova-canvas-v1:0", 0, 0},
		{"cohere.embed-english-v3:0:512", 0, 0},
		{"cohere.command-r-v1:0", 128_000, 4096},
		{"meta.llama3-8b-instruct-v1:0", 8192, 2048},
		{"meta.llama3-3-70b-instruct-v1:0", 128_000, 8192},
		{"meta.llama4-scout-17b-instruct-v1:0:10m", 10 << 20, 16_384},
		{"openai.gpt-oss-120b-1:0", 131_072, 0},
		{"a.b:99999999999999999999k", 0, 0},
		{"a.b:-1k", 0, 0},
		{"", 0, 0},
	} {
		if got := families.LimitsOf(c.id); got != (plugins.Limits{ContextWindow: c.context, MaxOutput: c.output}) {
			t.Errorf("LimitsOf(%q) = %+v; want %d and %d", c.id, got, c.context, c.output)
		}
	}
}

func TestQuotaTokens(t *testing.T) {
	tests := []struct {
		burndown            float64
		input, output, want int64
	}{
		{1, 1000, 100, 1100},
		{5, 1000, 100, 1500},
		{15, 0, 3, 45},
		{1, 0, 0, 0},
		{2.5, 10, 3, 18}, // 17.5, rounded up
		{0, 10, 3, 10},
	}
	for _, tt := range tests {
		if got := (plugins.Tariff{Burndown: tt.burndown}).QuotaTokens(record.Usage{Input: tt.input, Output: tt.output}); got != tt.want {
			t.Errorf("QuotaTokens(%d, %d) with a burndown of %v = %d; want %d", tt.input, tt.output, tt.burndown, got, tt.want)
		}
	}
}

// Burndown is about quota, not money.
func TestUSD(t *testing.T) {
	priced := plugins.Tariff{Burndown: 5, Price: &plugins.Price{Input: 3, Output: 15}}
	if got := priced.USD(record.Usage{Input: 1_000_000, Output: 100_000}); got == nil || *got != 4.5 {
		t.Errorf("USD(1M, 100k) at 3 and 15 dollars a million = %v; want 4.5", got)
	}
	if got := priced.USD(record.Usage{Input: 0, Output: 0}); got == nil || *got != 0 {
		t.Errorf("USD(0, 0) = %v; want 0: a price that is known", got)
	}
	if got := (plugins.Tariff{Burndown: 5}).USD(record.Usage{Input: 1, Output: 1}); got != nil {
		t.Errorf("USD without a price = %v; want nil", *got)
	}
}

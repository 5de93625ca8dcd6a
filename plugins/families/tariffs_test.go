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
		{"anthropic.claude-3-5-haiku-20241022-v1:0", 5, 0, 0},
		{"anthropic.claude-3-7-sonnet-20250219-v1:0", 5, 0, 0},
		{"anthropic.claude-sonnet-4-20250514-v1:0", 5, 3, 15},
		{"anthropic.claude-sonnet-4-5-20250929-v1:0", 5, 3, 15},
		{"anthropic.claude-sonnet-4-6", 5, 3, 15},
		{"anthropic.claude-haiku-4-5-20251001-v1:0", 5, 1, 5},
		{"anthropic.claude-opus-4-20250514-v1:0", 5, 0, 0},
		{"anthropic.claude-opus-4-5-20251101-v1:0", 5, 5, 25},
		{"anthropic.claude-opus-4-7", 5, 0, 0},
		{"anthropic.claude-opus-4-8", 15, 0, 0},
		{"anthropic.claude-sonnet-4-8", 15, 3, 15},
		{"anthropic.claude-haiku-4-8", 15, 0, 0},
		{"anthropic.claude-sonnet-5", 10, 0, 0},
		{"anthropic.claude-opus-5", 10, 0, 0},
		{"anthropic.claude-opus-5-5", 10, 0, 0},
		{"anthropic.claude-fable-5-1", 10, 0, 0},
		{"openai.gpt-5.6-sol", 10, 0, 0},
		{"openai.gpt-oss-120b-1:0", 1, 0, 0},
		{"amazon.nova-micro-v1:0", 1, 0.035, 0.14},
		{"amazon.nova-lite-v1:0", 1, 0.06, 0.24},
		{"amazon.nova-pro-v1:0", 1, 0.80, 3.20},
		{"amazon.nova-2-lite-v1:0", 1, 0, 0},
		{"meta.llama3-3-70b-instruct-v1:0", 1, 0, 0},
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

package families

import (
	"strings"
	"time"

	"github.com/loadline-dev/loadline/plugins"
)

// burndowns tells how many quota tokens an output token takes. AWS has changed
// them several times, so they are dated facts and a scenario can override
// them. The first row that matches is used; what no row matches counts 1.
//
// As of autumn 2026, user guide "Token burndown". The page's wording covers
// Claude 3 and 3.5 as well, which older pages count 1: uncertain, and the
// higher number is the safer one for a worst case.
var burndowns = []struct {
	match string
	rate  float64
}{
	{"anthropic.claude-opus-4-8", 15}, // "Claude models version 4.8"
	{"anthropic.claude-sonnet-4-8", 15},
	{"anthropic.claude-haiku-4-8", 15},
	{"anthropic.claude-opus-5", 10}, // 5 and 5.5
	{"anthropic.claude-sonnet-5", 10},
	{"anthropic.claude-fable-5", 10},
	{"anthropic.claude", 5}, // 4.7 and before
	{"openai.gpt-5.6", 10},
}

// prices of on-demand text, in US dollars for a million tokens, as of November
// 2026. Indicative: they differ by Region and profile, and a scenario can
// override them. What is not here has no known price.
const pricesAsOf = "table of 2026-11"

var prices = []struct {
	match         string
	input, output float64
}{
	{"amazon.nova-micro", 0.035, 0.14},
	{"amazon.nova-lite", 0.06, 0.24},
	{"amazon.nova-pro", 0.80, 3.20},
	{"anthropic.claude-3-haiku", 0.25, 1.25},
	{"anthropic.claude-haiku-4-5", 1, 5},
	{"anthropic.claude-sonnet-4", 3, 15},
	{"anthropic.claude-opus-4-5", 5, 25},
}

// LimitsOf is what is known of the most tokens of a foundation model's calls.
func LimitsOf(base string) plugins.Limits { return plugins.Limits{} }

// TariffOf is what is known of the cost of a foundation model's calls at a
// time; of the newest facts where the time is zero.
func TariffOf(base string, at time.Time) plugins.Tariff {
	t := plugins.Tariff{Burndown: 1}
	for _, b := range burndowns {
		if strings.HasPrefix(base, b.match) {
			t.Burndown = b.rate
			break
		}
	}
	for _, p := range prices {
		if strings.HasPrefix(base, p.match) {
			t.Price = &plugins.Price{Input: p.input, Output: p.output, Source: pricesAsOf}
			break
		}
	}
	return t
}

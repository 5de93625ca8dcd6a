package prices_test

import (
	"math"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/prices"
)

var models = []plugins.FoundationModel{
	{ID: "amazon.nova-lite-v1:0", Name: "Nova Lite", Provider: "Amazon"},
	{ID: "amazon.nova-2-lite-v1:0", Name: "Nova 2 Lite", Provider: "Amazon"},
	{ID: "anthropic.claude-sonnet-4-20250514-v1:0", Name: "Claude Sonnet 4", Provider: "Anthropic"},
	{ID: "anthropic.claude-sonnet-4-5-20250929-v1:0", Name: "Claude Sonnet 4.5", Provider: "Anthropic"},
}

// own is an offer of a model that AWS bills, market one of the Marketplace.
func own(model, inference, usage, usd string) plugins.Offer {
	return plugins.Offer{Service: "AmazonBedrock", SKU: "SKU-" + usage, Unit: "1K tokens", USD: usd, Attributes: map[string]string{"model": model, "inferenceType": inference, "feature": "On-demand Inference", "usagetype": usage}}
}

func market(name, usage, usd, description string) plugins.Offer {
	return plugins.Offer{Service: "AmazonBedrockFoundationModels", SKU: "SKU-" + usage, Unit: "Units", Description: description, USD: usd, Attributes: map[string]string{"servicename": name + " (Amazon Bedrock Edition)", "usagetype": usage}}
}

func TestMatch(t *testing.T) {
	const perMillion = "Million Tokens"
	for _, c := range []struct {
		name         string
		offers       []plugins.Offer
		model, scope string
		in, out      float64 // 0 for none
		doubt        string
	}{
		{"a unit of a thousand", []plugins.Offer{own("Nova Lite", "Input tokens", "USE1-NovaLite-input-tokens", "0.00006"), own("Nova Lite", "Output tokens", "USE1-NovaLite-output-tokens", "0.00024")},
			"amazon.nova-lite-v1:0", "on-demand", 0.06, 0.24, ""},
		{"a unit of a million, told by the description", []plugins.Offer{market("Claude Sonnet 4.5", "USE1-MP:USE1_InputTokenCount-Units", "3.3", perMillion), market("Claude Sonnet 4.5", "USE1-MP:USE1_OutputTokenCount-Units", "16.5", perMillion)},
			"anthropic.claude-sonnet-4-5-20250929-v1:0", "on-demand", 3.3, 16.5, ""},
		{"a global price is of the global profile", []plugins.Offer{market("Claude Sonnet 4.5", "USE1-MP:USE1_InputTokenCount_Global-Units", "3", perMillion), market("Claude Sonnet 4.5", "USE1-MP:USE1_OutputTokenCount_Global-Units", "15", perMillion)},
			"anthropic.claude-sonnet-4-5-20250929-v1:0", "global", 3, 15, ""},
		{"the newer way to write a usage type", []plugins.Offer{market("Claude Sonnet 4.5", "USE1-MP:USE1_input_tokens_standard-Units", "3", perMillion), market("Claude Sonnet 4.5", "USE1-MP:USE1_output_tokens_standard-Units", "15", perMillion)},
			"anthropic.claude-sonnet-4-5-20250929-v1:0", "on-demand", 3, 15, ""},
		{"a price like that of a thousand, for a million", []plugins.Offer{market("Claude Sonnet 4.5", "USE1_InputTokenCount-Units", "0.003", perMillion)},
			"anthropic.claude-sonnet-4-5-20250929-v1:0", "on-demand", 0.003, 0, ""},
		{"no word about the unit", []plugins.Offer{market("Claude Sonnet 4.5", "USE1_InputTokenCount-Units", "3", "for tokens")},
			"", "", 0, 0, "says how many tokens"},
		{"two words about the unit", []plugins.Offer{market("Claude Sonnet 4.5", "USE1_InputTokenCount-Units", "3", "per 1K of a million")},
			"", "", 0, 0, "thousands and of millions"},
		{"4 is not 4.5", []plugins.Offer{market("Claude Sonnet 4", "USE1_InputTokenCount-Units", "3", perMillion)},
			"anthropic.claude-sonnet-4-20250514-v1:0", "on-demand", 3, 0, ""},
		{"the provider may stand before the name", []plugins.Offer{own("Amazon Nova 2 Lite", "Text input tokens", "x", "0.0003")},
			"amazon.nova-2-lite-v1:0", "on-demand", 0.3, 0, ""},
		{"a name of no model", []plugins.Offer{own("Nova Ultra", "Input tokens", "x", "1")}, "", "", 0, 0, "no model of the account"},
		{"several prices", []plugins.Offer{own("Nova Lite", "Input tokens", "a", "0.00006"), own("Nova Lite", "Input tokens", "b", "0.00007")}, "", "", 0, 0, "several prices"},
		{"the same price twice", []plugins.Offer{own("Nova Lite", "Input tokens", "a", "0.00006"), own("Nova Lite", "Input tokens", "b", "0.00006")},
			"amazon.nova-lite-v1:0", "on-demand", 0.06, 0, ""},
		{"no number", []plugins.Offer{own("Nova Lite", "Input tokens", "a", "free")}, "", "", 0, 0, "no price"},
		{"more than can be counted", []plugins.Offer{own("Nova Lite", "Input tokens", "a", "1e307")}, "", "", 0, 0, "no price"},
		{"charges of other kinds", []plugins.Offer{
			own("Nova Lite", "Input tokens batch", "a", "1"), own("Nova Lite", "Prompt cache read input tokens", "b", "1"), own("Nova Lite", "Input tokens priority", "c", "1"),
			own("Nova Lite", "Model units", "d", "1"), market("Claude Sonnet 4.5", "USE1_CacheReadInputTokenCount-Units", "1", perMillion), market("Claude Sonnet 4.5", "USE1_InputTokenCount_LCtx-Units", "1", perMillion),
		}, "", "", 0, 0, ""},
	} {
		found, doubts := prices.Match(c.offers, models)
		if c.model == "" && len(found) > 0 {
			t.Errorf("%s: found %+v; want nothing", c.name, found)
		}
		if c.doubt == "" && len(doubts) > 0 || c.doubt != "" && (len(doubts) != 1 || !strings.Contains(doubts[0], c.doubt)) {
			t.Errorf("%s: doubts %q; want one with %q", c.name, doubts, c.doubt)
		}
		if c.model == "" {
			continue
		}
		if len(found) != 1 || found[0].Model != c.model || found[0].Scope != c.scope || value(found[0].Input) != c.in || value(found[0].Output) != c.out {
			t.Errorf("%s: found %+v; want %s (%s) with %v and %v", c.name, found, c.model, c.scope, c.in, c.out)
		}
	}
}

func value(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

func TestOf(t *testing.T) {
	three, five := 3.0, 5.0
	list := []prices.Listed{
		{Model: "a", Scope: "on-demand", Input: &five, Output: &five}, {Model: "a", Scope: "global", Input: &three, Output: &three},
		{Model: "b", Scope: "on-demand", Input: &five},
		{Model: "c", Scope: "global", Input: &three, Output: &three},
	}
	for _, c := range []struct {
		model, scope string
		want         *float64
	}{
		{"a", "global", &three},
		{"a", "on-demand", &five},
		{"a", "cross-region", &five}, // of the Region that the call comes from
		{"a", "provisioned", nil},    // its units are paid by the hour
		{"b", "on-demand", nil},      // half a price is none
		{"c", "on-demand", nil},
		{"d", "on-demand", nil},
	} {
		got := prices.Of(list, c.model, c.scope)
		if (got == nil) != (c.want == nil) || got != nil && *got.Input != *c.want {
			t.Errorf("Of(%s, %s) = %+v; want %v", c.model, c.scope, got, value(c.want))
		}
	}
}

// Whatever the list says, what is taken is a price, with where it is from.
func FuzzMatch(f *testing.F) {
	f.Add("Nova Lite", "Input tokens", "USE1-NovaLite-input-tokens", "1K tokens", "", "0.00006")
	f.Add("Amazon Nova 2 Lite", "Output tokens", "cross-region-global", "Units", "per Million Output Tokens", "1e400")
	f.Fuzz(func(t *testing.T, name, inference, usage, unit, description, usd string) {
		offer := plugins.Offer{SKU: "S", Unit: unit, Description: description, USD: usd, Attributes: map[string]string{"model": name, "inferenceType": inference, "usagetype": usage}}
		found, doubts := prices.Match([]plugins.Offer{offer}, models)
		for _, l := range found {
			one := l.Input
			if one == nil {
				one = l.Output
			}
			if one == nil || (l.Input != nil && l.Output != nil) || !(*one >= 0) || math.IsInf(*one, 0) || len(l.SKUs) != 1 {
				t.Errorf("found %+v", l)
			}
		}
		if len(found) > 0 && len(doubts) > 0 {
			t.Errorf("found %+v, and doubts %q about the same offer", found, doubts)
		}
	})
}

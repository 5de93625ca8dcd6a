package plugins

import (
	"math"

	"github.com/loadline-dev/loadline/scenarios"
)

// Model is a model of the scenario as understood.
type Model struct {
	Name    string
	ID      string // as sent to AWS
	BaseID  string // the foundation model behind a profile, as far as the id tells
	Scope   string // one of the Scope constants, as far as the id tells
	Family  Family
	Request scenarios.Request
	Tariff  Tariff
	Quotas  map[string]string // dimension -> quota code, as the scenario says
}

// Tariff is what a call of a model costs.
type Tariff struct {
	// Burndown is how many quota tokens one output token takes at settlement.
	Burndown float64
	// Price is nil where it is not known.
	Price *Price
}

// Price is in US dollars for a million tokens. Source tells where it is from.
type Price struct {
	Input, Output float64
	Source        string
}

// QuotaTokens is what a call takes from the tokens-per-minute quota when it is
// settled: input + output x burndown, rounded up.
// Source: "How tokens are counted in Amazon Bedrock" in the user guide.
func (t Tariff) QuotaTokens(input, output int64) int64 {
	// What a product of floats is above a whole number is noise: 10 x 1.1 is 11.
	const noise = 1e-6
	return input + int64(math.Ceil(float64(output)*t.Burndown-noise))
}

// USD is the price of a call, in whole billionths of a dollar; nil where the
// price is not known. Burndown does not count here: it is about quota, not
// money.
func (t Tariff) USD(input, output int64) *float64 {
	if t.Price == nil {
		return nil
	}
	v := math.Round((float64(input)*t.Price.Input+float64(output)*t.Price.Output)*1e3) / 1e9
	return &v
}

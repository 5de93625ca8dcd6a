package plugins

import (
	"math"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// Model is a model of the scenario as understood.
type Model struct {
	Name    string
	Pos     scenarios.Pos // of the id in the scenario
	ID      string        // as sent to AWS
	BaseID  string        // the foundation model behind a profile, as far as the id tells
	Scope   string        // one of the Scope constants, as far as the id tells
	Family  Family
	Request scenarios.Request
	Tariff  Tariff
	Limits  Limits
	Quotas  map[string]string // dimension -> quota code, as the scenario says
	// TariffOf is the tariff once AWS has told which foundation model is behind
	// the id, in which scope; nil where the id tells it.
	TariffOf func(base, scope string) Tariff
}

// Limits are the most tokens of one call of a model; 0 where it is not known.
type Limits struct {
	ContextWindow int64 // input and output together
	MaxOutput     int64
}

// Tariff is what a call of a model costs.
type Tariff struct {
	// Burndown is how many quota tokens one output token takes at settlement.
	Burndown float64
	// Price is nil where it is not known.
	Price *Price
}

// Price is in US dollars for a million tokens. Source tells where it is from.
// The prices of cached input are nil where they are not known.
type Price struct {
	Input, Output         float64
	CacheRead, CacheWrite *float64
	Source                string
}

// QuotaTokens is what a call takes from the tokens-per-minute quota when it is
// settled: input + cache writes + output x burndown, rounded up. What is read
// from a cache takes nothing.
// Source: "How tokens are counted in Amazon Bedrock" in the user guide.
func (t Tariff) QuotaTokens(u record.Usage) int64 {
	// What a product of floats is above a whole number is noise: 10 x 1.1 is 11.
	const noise = 1e-6
	return u.Input + u.CacheWrite + int64(math.Ceil(float64(u.Output)*t.Burndown-noise))
}

// USD is the price of a call, in whole billionths of a dollar; nil where the
// price is not known, or not that of a cache which the call used. Burndown
// does not count here: it is about quota, not money.
func (t Tariff) USD(u record.Usage) *float64 {
	if t.Price == nil {
		return nil
	}
	sum := float64(u.Input)*t.Price.Input + float64(u.Output)*t.Price.Output
	for _, cached := range []struct {
		tokens int64
		price  *float64
	}{{u.CacheRead, t.Price.CacheRead}, {u.CacheWrite, t.Price.CacheWrite}} {
		switch {
		case cached.tokens == 0:
		case cached.price == nil:
			return nil
		default:
			sum += float64(cached.tokens) * *cached.price
		}
	}
	return new(math.Round(sum*1e3) / 1e9)
}

package steps

import (
	"testing"

	"github.com/loadline-dev/loadline/plugins"
)

// Together, models take at least what one of them takes: where output burns down
// alike, it does so in the sum; where not, the sum is not known by counts.
func TestBurndownTogether(t *testing.T) {
	of := func(rates ...float64) (all []usage) {
		for _, r := range rates {
			all = append(all, usage{model: plugins.Model{Tariff: plugins.Tariff{Burndown: r}}})
		}
		return all
	}
	for _, c := range []struct {
		rates []float64
		want  float64
	}{{nil, 0}, {[]float64{5}, 5}, {[]float64{5, 5}, 5}, {[]float64{5, 1}, 0}, {[]float64{5, 0}, 0}, {[]float64{0, 5}, 0}} {
		if got := commonBurndown(of(c.rates...), plugins.Catalog{}); got != c.want {
			t.Errorf("models with %v burn down together with %v; want %v", c.rates, got, c.want)
		}
	}
}

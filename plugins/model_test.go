package plugins_test

import (
	"testing"

	"github.com/loadline-dev/loadline/plugins"
)

func TestQuotaTokens(t *testing.T) {
	for _, c := range []struct {
		burndown      float64
		input, output int64
		want          int64
	}{
		{1, 100, 50, 150},
		{5, 1000, 100, 1500}, // the user guide's own example
		{1.1, 0, 10, 11},     // in floats 11.000000000000002
		{1.5, 3, 1, 5},       // rounded up
		{0, 7, 100, 7},
		{5, 0, 0, 0},
	} {
		if got := (plugins.Tariff{Burndown: c.burndown}).QuotaTokens(c.input, c.output); got != c.want {
			t.Errorf("QuotaTokens(%d, %d) with burndown %g = %d; want %d", c.input, c.output, c.burndown, got, c.want)
		}
	}
}

func TestUSD(t *testing.T) {
	if v := (plugins.Tariff{Burndown: 5}).USD(1, 1); v != nil {
		t.Errorf("USD without a price = %v; want unknown", *v)
	}
	// Burndown is about quota, not money.
	tariff := plugins.Tariff{Burndown: 5, Price: &plugins.Price{Input: 3, Output: 15}}
	if v := tariff.USD(1000, 100); v == nil || *v != 0.0045 {
		t.Errorf("USD(1000, 100) = %v; want 0.0045", v)
	}
}

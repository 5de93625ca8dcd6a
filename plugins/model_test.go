package plugins_test

import (
	"testing"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
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
		if got := (plugins.Tariff{Burndown: c.burndown}).QuotaTokens(record.Usage{Input: c.input, Output: c.output}); got != c.want {
			t.Errorf("QuotaTokens(%d, %d) with burndown %g = %d; want %d", c.input, c.output, c.burndown, got, c.want)
		}
	}
	// The user guide's examples: a cache that is written counts, one that is read does not.
	cached := record.Usage{Input: 3000, Output: 1000, CacheRead: 4000, CacheWrite: 1000}
	if got := (plugins.Tariff{Burndown: 5}).QuotaTokens(cached); got != 9000 {
		t.Errorf("QuotaTokens(%+v) with burndown 5 = %d; want 9000", cached, got)
	}
}

func TestUSD(t *testing.T) {
	if v := (plugins.Tariff{Burndown: 5}).USD(record.Usage{Input: 1, Output: 1}); v != nil {
		t.Errorf("USD without a price = %v; want unknown", *v)
	}
	// Burndown is about quota, not money.
	tariff := plugins.Tariff{Burndown: 5, Price: &plugins.Price{Input: 3, Output: 15}}
	if v := tariff.USD(record.Usage{Input: 1000, Output: 100}); v == nil || *v != 0.0045 {
		t.Errorf("USD(1000, 100) = %v; want 0.0045", v)
	}
	cached := record.Usage{Input: 1000, Output: 100, CacheRead: 10_000}
	if v := tariff.USD(cached); v != nil {
		t.Errorf("USD of cached input without its price = %v; want unknown", *v)
	}
	tariff.Price.CacheRead = new(0.3)
	if v := tariff.USD(cached); v == nil || *v != 0.0075 {
		t.Errorf("USD of cached input = %v; want 0.0075", v)
	}
	cached.CacheWrite = 1
	if v := tariff.USD(cached); v != nil {
		t.Errorf("USD of a cache written without its price = %v; want unknown", *v)
	}
}

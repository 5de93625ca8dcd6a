package families

import (
	"strings"
	"time"

	"github.com/loadline-dev/loadline/plugins"
)

// TariffOf is what is known of the cost of a foundation model's calls at a
// time; of the newest facts where the time is zero. A model without a row
// counts an output token once, and has no known price.
func TariffOf(base string, at time.Time) plugins.Tariff {
	t := plugins.Tariff{Burndown: 1}
	for _, b := range burndowns {
		if strings.HasPrefix(base, b.match) && (at.IsZero() || !at.Before(b.from)) {
			t.Burndown = b.rate
			break
		}
	}
	for _, p := range prices {
		if isOf(base, p.match) {
			t.Price = &plugins.Price{Input: p.input, Output: p.output, Source: pricesAsOf}
			if p.cacheRead > 0 {
				t.Price.CacheRead = &p.cacheRead
			}
			if p.cacheWrite > 0 {
				t.Price.CacheWrite = &p.cacheWrite
			}
			break
		}
	}
	return t
}

// isOf tells whether a model id begins as a row of facts says. A version that
// goes on, in one or two digits, is that of another model: claude-opus-5-5 is
// no claude-opus-5. A date, a size or AWS's own revision is only longer.
func isOf(base, match string) bool {
	rest, ok := strings.CutPrefix(base, match)
	if !ok || !strings.HasPrefix(rest, "-") {
		return ok
	}
	after := strings.TrimLeft(rest[1:], "0123456789")
	digits := len(rest) - 1 - len(after)
	return digits == 0 || digits > 2 || after != "" && after[0] != '-' && after[0] != '.'
}

package runner_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// probed are accounts whose limiter a probe does not know.
var probed = []hidden{
	{name: "small bucket", unit: "rpm", algorithm: "bucket", burst: 0.1},
	{name: "bucket", unit: "rpm", algorithm: "bucket", burst: 1},
	{name: "large bucket", unit: "rpm", algorithm: "bucket", burst: 3},
	{name: "fixed", unit: "rpm", algorithm: "fixed", burst: 1},
	{name: "sliding", unit: "rpm", algorithm: "sliding", burst: 1},
	{name: "bucket, throttles count", unit: "rpm", algorithm: "bucket", burst: 1, extra: ", throttled_consume_rpm: true"},
	{name: "sliding, throttles count", unit: "rpm", algorithm: "sliding", burst: 1, extra: ", throttled_consume_rpm: true"},
	{name: "tokens, small bucket", unit: "tpm", algorithm: "bucket", burst: 0.3, burndown: 5},
	{name: "tokens, bucket", unit: "tpm", algorithm: "bucket", burst: 1, burndown: 5},
	{name: "tokens, large bucket", unit: "tpm", algorithm: "bucket", burst: 3, burndown: 5},
	{name: "tokens, fixed", unit: "tpm", algorithm: "fixed", burst: 1, burndown: 5},
	{name: "tokens, sliding", unit: "tpm", algorithm: "sliding", burst: 1, burndown: 5},
}

func (h hidden) probe(t *testing.T, seed int) (q float64, l record.Limiter, o outcome) {
	q = h.quota(seed)
	limits := fmt.Sprintf("rpm: %g, burst: %g", q, max(1, math.Floor(q*h.burst)))
	rate := fmt.Sprintf("%g rpm", math.Floor(q*(2+float64(seed%4))))
	if h.unit == "tpm" {
		rate = fmt.Sprintf("%g tpm", 1001*math.Floor(q*(2+float64(seed%4))))
		q *= 1000
		limits = fmt.Sprintf("tpm: %g, burst_tokens: %g", q, math.Floor(q*h.burst))
	}
	account := fmt.Sprintf("account: \"123456789012\"\nregion: us-east-1\nseed: %d\nmodels:\n  - {id: anthropic.claude-3-haiku-20240307-v1:0, name: Claude 3 Haiku, provider: Anthropic, burndown: %d, limits: {%s, algorithm: %s%s}}\n",
		seed, max(1, h.burndown), limits, h.algorithm, h.extra)
	src := fmt.Sprintf("version: 1\nname: t\nregion: us-east-1\nseed: %d\nmodels: {haiku: {id: anthropic.claude-3-haiku-20240307-v1:0, burndown: %d}}\nsteps:\n  - wait: {for: %ds}\n  - load: {ramp: {probe: %s, rate: %s}}\n",
		seed, max(1, h.burndown), 1+seed*7%60, h.unit, rate)
	o = simulate(t, src, account, nil)
	return q, o.Steps[1].Load.Limiters[0], o
}

func TestTry(t *testing.T) {
	for _, h := range probed {
		for seed := range *seeds {
			q, l, o := h.probe(t, seed)
			t.Logf("%s seed %d: quota %.0f: %s %.3f burst %.1f (%.1f to %.1f; %.1f) refill %.1f (%.1f to %.1f) opens %s refused %s; %d calls %v %s %v", h.name, seed, q, l.Algorithm, known(l.Confidence), known(l.Burst), known(l.BurstLow), known(l.BurstHigh), q*h.burst,
				known(l.Refill), known(l.RefillLow), known(l.RefillHigh), l.Opens, l.Refused, o.Spent.Requests, time.Duration(o.Spent.Duration).Round(time.Second), l.Why, l.Theories)
		}
	}
}

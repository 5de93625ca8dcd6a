package runner_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// hidden is an account whose limits the search does not know.
type hidden struct {
	name      string
	unit      string
	algorithm string
	burst     float64 // times the quota; of a bucket alone
	burndown  int
	extra     string // of the limits
}

// seeds is how many seeds each account is searched with: 20 for the whole
// experiment, which takes some minutes.
var (
	seeds     = flag.Int("seeds", 1, "how many seeds the search for a limit is tried with")
	firstSeed = flag.Int("first-seed", 0, "the first of them: others than those that the search was made with")
)

var accounts = []hidden{
	{name: "small bucket", unit: "rpm", algorithm: "bucket", burst: 0.1},
	{name: "bucket", unit: "rpm", algorithm: "bucket", burst: 1},
	{name: "large bucket", unit: "rpm", algorithm: "bucket", burst: 3},
	{name: "fixed", unit: "rpm", algorithm: "fixed"},
	{name: "sliding", unit: "rpm", algorithm: "sliding"},
	{name: "bucket, throttles count", unit: "rpm", algorithm: "bucket", burst: 1, extra: ", throttled_consume_rpm: true"},
	{name: "fixed, throttles count", unit: "rpm", algorithm: "fixed", extra: ", throttled_consume_rpm: true"},
	{name: "sliding, throttles count", unit: "rpm", algorithm: "sliding", extra: ", throttled_consume_rpm: true"},
	{name: "tokens, small bucket", unit: "tpm", algorithm: "bucket", burst: 0.2, burndown: 5},
	{name: "tokens, bucket", unit: "tpm", algorithm: "bucket", burst: 1, burndown: 5},
	{name: "tokens, bucket, burndown 10", unit: "tpm", algorithm: "bucket", burst: 1, burndown: 10},
	{name: "tokens, large bucket, burndown 10", unit: "tpm", algorithm: "bucket", burst: 3, burndown: 10},
	{name: "tokens, fixed", unit: "tpm", algorithm: "fixed", burndown: 5},
	{name: "tokens, fixed, burndown 10", unit: "tpm", algorithm: "fixed", burndown: 10},
	{name: "tokens, sliding", unit: "tpm", algorithm: "sliding", burndown: 5},
	{name: "tokens, sliding, burndown 10", unit: "tpm", algorithm: "sliding", burndown: 10},
}

// quota draws the limit in calls a minute.
func (h hidden) quota(seed int) float64 {
	r := rand.New(rand.NewPCG(uint64(seed), uint64(len(h.name))))
	return math.Floor(80 * (1 + r.Float64()*5))
}

// tokensOfCall is what a call reserves: 40 as said, and max_tokens.
const tokensOfCall = 40 + 200

// settles is what a call of the account settles at in the mean: 18 input tokens
// of the default prompt, and replies of 40 tokens with a log-normal spread of
// 0.3, in whole tokens.
func settles(burndown int) float64 {
	const parts = 20_000
	sum := 0.0
	for i := range parts {
		z := math.Sqrt2 * math.Erfinv(2*(float64(i)+0.5)/parts-1)
		sum += min(200, max(1, math.Round(40*math.Exp(0.3*z-0.045))))
	}
	return 18 + sum/parts*float64(burndown)
}

// search searches the account and gives the bracket, in calls a minute, beside
// the truth.
func (h hidden) search(t *testing.T, seed int) (low, high, truth float64, o outcome) {
	q := h.quota(seed)
	limits := fmt.Sprintf("rpm: %g, burst: %g", q, max(1, math.Floor(q*h.burst)))
	from, to, per := "60 rpm", "2000 rpm", 1.0
	request := ""
	if h.unit == "tpm" {
		q = math.Round(q * settles(h.burndown))
		limits = fmt.Sprintf("tpm: %g, burst_tokens: %g", q, max(tokensOfCall, math.Floor(q*h.burst)))
		from, to, per = fmt.Sprintf("%d tpm", 60*tokensOfCall), fmt.Sprintf("%d tpm", 2000*tokensOfCall), tokensOfCall
		request = "request: {input_tokens: 40, max_tokens: 200}\n"
		q /= settles(h.burndown)
	}
	burndown := max(1, h.burndown)
	account := fmt.Sprintf("account: \"123456789012\"\nregion: us-east-1\nseed: %d\nmodels:\n  - {id: anthropic.claude-3-haiku-20240307-v1:0, name: Claude 3 Haiku, provider: Anthropic, burndown: %d, limits: {%s, algorithm: %s%s}}\n",
		seed, burndown, limits, h.algorithm, h.extra)
	src := fmt.Sprintf("version: 1\nname: t\nregion: us-east-1\nseed: %d\nmodels: {haiku: {id: anthropic.claude-3-haiku-20240307-v1:0, burndown: %d}}\n%ssteps:\n  - load: {ramp: {find: %s, from: %s, to: %s}}\n",
		seed, burndown, request, h.unit, from, to)
	o = simulate(t, src, account, nil)
	l := o.Steps[0].Load.Limits[0]
	return known(l.Low) / per, known(l.High) / per, q, o
}

func TestFindBracketsTheLimit(t *testing.T) {
	for i, h := range accounts {
		if i%5 != 0 && (raced || testing.Short()) {
			continue // some buckets and windows, of requests and of tokens
		}
		t.Run(h.name, func(t *testing.T) {
			missed := 0
			for i := range *seeds {
				seed := *firstSeed + i
				low, high, truth, o := h.search(t, seed)
				word := "found"
				if !(low <= truth && truth <= high && high <= low*1.051) {
					missed++
					word = "MISSED"
				}
				l := o.Steps[0].Load.Limits[0]
				t.Logf("%s seed %d: %.1f in %.2f to %.2f (%.3f) by %s, %d calls, %v; %s", word, seed, truth, low, high, high/low, l.BoundBy, o.Spent.Requests, time.Duration(o.Spent.Duration).Round(time.Second), l.Why)
				if l.BoundBy != h.unit {
					t.Errorf("seed %d: bound by %q; want %s", seed, l.BoundBy, h.unit)
				}
				if word == "MISSED" {
					for _, x := range o.Steps[0].Load.Trials {
						t.Logf("   %+v", x)
					}
				}
			}
			if missed > *seeds/20 {
				t.Errorf("%d of %d seeds missed; want at most one in 20", missed, *seeds)
			}
		})
	}
}

func known(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

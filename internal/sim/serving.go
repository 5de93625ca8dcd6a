package sim

import (
	"net/http"
	"slices"
	"time"
)

// serving is the service tier and the latency of a call. Every call is served as
// it asked, and told so, but for optimized latency where the account limits it.
// Empty is what was not asked for.
type serving struct{ tier, latency string }

const latencyOptimized, latencyStandard = "optimized", "standard"

var (
	serviceTiers = []string{"priority", "default", "flex", "reserved"}
	latencies    = []string{latencyStandard, latencyOptimized}
)

// optimized is how a model serves calls that ask for optimized latency.
type optimized struct {
	limits *limits // of their own pool, whatever id the caller named; nil: they take from the pools of all calls
	factor float64 // on the latency
}

// admit takes a call into the pool that belongs to it. A call above the limits
// of optimized latency is not throttled for it: it is served as any other, and
// its serving changes to tell so.
func (t *target) admit(as *serving, now time.Time, tokens int64) (reservation, refusal) {
	if as.latency == latencyOptimized && t.optimized != nil {
		if held, refused := t.optimized.admit(now, tokens); refused == "" {
			return held, ""
		}
		as.latency = latencyStandard
	}
	return t.pool.admit(now, tokens)
}

// pacing is the factor on the latency of a call that is served so.
func (m *model) pacing(as serving) float64 {
	if as.latency == latencyOptimized {
		return m.optimized.factor
	}
	return 1
}

// check refuses words that are not there; the names are those of the two
// members in the request.
func (s serving) check(tierName, latencyName string) *fault {
	for _, f := range []struct {
		name, value string
		words       []string
	}{{tierName, s.tier, serviceTiers}, {latencyName, s.latency, latencies}} {
		if f.value != "" && !slices.Contains(f.words, f.value) {
			return notAmong(f.name, f.words)
		}
	}
	return nil
}

// servingBody is how replies of Converse say it.
type servingBody struct {
	Tier        *servingTier    `json:"serviceTier,omitempty"`
	Performance *servingLatency `json:"performanceConfig,omitempty"`
}

type servingTier struct {
	Type string `json:"type"`
}

type servingLatency struct {
	Latency string `json:"latency"`
}

func (s serving) body() (b servingBody) {
	if s.tier != "" {
		b.Tier = &servingTier{s.tier}
	}
	if s.latency != "" {
		b.Performance = &servingLatency{s.latency}
	}
	return b
}

// How InvokeModel says it, in requests and replies.
const (
	tierHeader    = "X-Amzn-Bedrock-Service-Tier"
	latencyHeader = "X-Amzn-Bedrock-Performanceconfig-Latency"
)

func (s serving) echo(h http.Header) {
	if s.tier != "" {
		h[tierHeader] = []string{s.tier}
	}
	if s.latency != "" {
		h[latencyHeader] = []string{s.latency}
	}
}

package sim

import (
	"net/http"
	"slices"
	"strings"
)

// serving is the service tier and the latency that a call asked for. Every call
// is served as it asked, and told so. Empty is what was not asked for.
type serving struct{ tier, latency string }

var (
	serviceTiers = []string{"priority", "default", "flex", "reserved"}
	latencies    = []string{"standard", "optimized"}
)

// check refuses words that are not there; the names are those of the two
// members in the request.
func (s serving) check(tierName, latencyName string) *fault {
	for _, f := range []struct {
		name, value string
		words       []string
	}{{tierName, s.tier, serviceTiers}, {latencyName, s.latency, latencies}} {
		if f.value != "" && !slices.Contains(f.words, f.value) {
			return invalid("1 validation error detected: Value at '" + f.name +
				"' failed to satisfy constraint: Member must satisfy enum value set: [" + strings.Join(f.words, ", ") + "]")
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

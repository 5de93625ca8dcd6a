package sim

import (
	"bytes"
	"net/http"
)

// converse answers any text model in the one form that all share.
func (s *Server) converse(c *call) {
	t, a, ok := s.prepare(c, readConverse)
	if !ok {
		return
	}
	answer := s.invoke(c, t, a, c.whole)
	if answer == nil {
		return
	}
	c.sendJSON(http.StatusOK, struct {
		Output     messageOutput `json:"output"`
		StopReason string        `json:"stopReason"`
		metadata
	}{outputOf(answer), stop(answer, "end_turn", "max_tokens"), metadataOf(answer)})
}

// metadata is what Converse and the last event of ConverseStream tell of a call.
type metadata struct {
	Usage   usage          `json:"usage"`
	Metrics converseMetric `json:"metrics"`
	servingBody
}

type converseMetric struct {
	LatencyMs int64 `json:"latencyMs"`
}

func metadataOf(a *answer) metadata {
	return metadata{usageOf(a), converseMetric{a.latencyMs}, a.serving.body()}
}

// converseForm is what is checked of a Converse request. Members that are not
// here are other people's business.
var converseForm = bodyForm{keys: []key{
	messagesKey(), may("system", list),
	may("inferenceConfig", dict).of(maxTokens("maxTokens", anyNumber)),
	may("serviceTier", dict).of(need("type", text)), may("performanceConfig", dict).of(may("latency", text)),
}}

// readConverse reads a body. That of a load test is the same again and again: it
// is then as it was read before.
func readConverse(t *target, raw []byte) (ask, *fault) {
	if k := t.last.Load(); k != nil && bytes.Equal(k.raw, raw) {
		return k.ask, nil
	}
	a, bad := parseConverse(t, raw)
	if bad == nil && len(raw) <= longestKept {
		t.last.Store(&readBefore{raw, a})
	}
	return a, bad
}

// longestKept bounds what is kept of a request for a target, in bytes.
const longestKept = 64 << 10

// readBefore is a Converse body, and what it asks for, which nobody changes.
type readBefore struct {
	raw []byte
	ask ask
}

func parseConverse(t *target, raw []byte) (a ask, bad *fault) {
	if bad = t.model.converses(); bad != nil {
		return a, bad
	}
	b, bad := converseForm.parse(raw)
	if bad != nil {
		return a, bad
	}
	if in, name := b.member("inferenceConfig/maxTokens"); in.number(name) != nil {
		a.maxTokens = *in.number(name)
	}
	if bad = converseTalk.count(&a, b); bad != nil {
		return a, bad
	}
	if b.objects("messages")[0].text("role") != "user" {
		return a, invalid("A conversation must start with a user message. Try again with a conversation that starts with a user message.")
	}
	tier, tierName := b.member("serviceTier/type")
	latency, latencyName := b.member("performanceConfig/latency")
	a.serving = serving{tier.text(tierName), latency.text(latencyName)}
	return a, a.serving.check("serviceTier.type", "performanceConfig.latency")
}

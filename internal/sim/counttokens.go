package sim

import (
	"encoding/json"
	"net/http"
)

// countTokens counts the input of a request by the rule of the account. It is
// no invocation: it takes nothing from the quotas, and no metric counts it. A
// base model alone can be asked, by its id or ARN, and only one that is offered
// on demand.
func (s *Server) countTokens(c *call) {
	t := s.targets[c.label]
	if t == nil {
		c.fail(invalid("The provided model identifier is invalid."))
		return
	}
	if !t.onDemand || !t.model.has("ON_DEMAND") || !t.model.isText() {
		c.fail(invalid("The provided model doesn't support counting tokens."))
		return
	}
	a, bad := c.ask(t, readCountTokens)
	if bad != nil {
		c.fail(bad)
		return
	}
	c.sendJSON(http.StatusOK, struct {
		InputTokens int64 `json:"inputTokens"`
	}{a.inputTokens()})
}

// readCountTokens reads a union of two kinds of request.
func readCountTokens(t *target, body []byte) (a ask, bad *fault) {
	var b struct {
		Input *struct {
			Invoke *struct {
				Body []byte `json:"body"`
			} `json:"invokeModel"`
			Converse json.RawMessage `json:"converse"`
		} `json:"input"`
	}
	if bad = parseBody(body, &b); bad != nil {
		return a, bad
	}
	switch in := b.Input; {
	case in == nil:
		return a, missing("input")
	case in.Invoke == nil && in.Converse == nil, in.Invoke != nil && in.Converse != nil:
		return a, malformed("#/input: exactly one of invokeModel and converse is wanted")
	case in.Invoke != nil:
		return familyOf(t.model.id).read(in.Invoke.Body)
	default:
		return readConverse(t, in.Converse)
	}
}

package sim

import (
	"encoding/base64"
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
	if !t.onDemand || !t.model.has("ON_DEMAND") || t.model.converses() != nil {
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

var countTokensForm = bodyForm{keys: []key{need("input", dict).of(may("invokeModel", dict).of(need("body", text)), may("converse", dict))}}

// readCountTokens reads a union of two kinds of request.
func readCountTokens(t *target, raw []byte) (a ask, bad *fault) {
	b, bad := countTokensForm.parse(raw)
	if bad != nil {
		return a, bad
	}
	in, _ := b["input"].(map[string]any)
	invoke, invokes := in["invokeModel"].(map[string]any)
	converse, converses := in["converse"].(map[string]any)
	if invokes == converses {
		return a, malformed("#/input: exactly one of invokeModel and converse is wanted")
	}
	if converses {
		return readConverse(t, appendJSON(nil, converse))
	}
	inner, err := base64.StdEncoding.DecodeString(body(invoke).text("body"))
	if err != nil {
		return a, malformed("#/input/invokeModel/body: is not in base64")
	}
	return familyOf(t.model.id).parse(inner)
}

package sim

import (
	"net/http"
	"strconv"
)

// invokeModel answers in the native form of the model's family, with the latency
// in headers and, where the family has them there, the token counts. What has no
// output in tokens has no header for it.
func (s *Server) invokeModel(c *call) {
	var f *family
	t, a, ok := s.prepare(c, func(t *target, body []byte) (ask, *fault) {
		f = familyOf(t.model.id)
		return f.ask(c, body, false)
	})
	if !ok {
		return
	}
	answer := s.invoke(c, t, a, c.whole)
	if answer == nil {
		return
	}
	h := c.w.Header()
	answer.serving.echo(h)
	if t.model.tokenHeaders && !f.uncounted {
		h["X-Amzn-Bedrock-Input-Token-Count"] = []string{strconv.FormatInt(answer.inputTokens, 10)}
		if f.yields == yieldsText {
			h["X-Amzn-Bedrock-Output-Token-Count"] = []string{strconv.FormatInt(answer.outputTokens, 10)}
		}
	}
	h["X-Amzn-Bedrock-Invocation-Latency"] = []string{strconv.FormatInt(answer.latencyMs, 10)}
	if answer.caches {
		h["X-Amzn-Bedrock-Cache-Read-Input-Token-Count"] = []string{strconv.FormatInt(answer.cached.read, 10)}
		h["X-Amzn-Bedrock-Cache-Write-Input-Token-Count"] = []string{strconv.FormatInt(answer.cached.written, 10)}
	}
	switch reply := f.reply(t.model, answer).(type) {
	case readyJSON:
		c.send(http.StatusOK, "application/json", reply)
	default:
		c.sendJSON(http.StatusOK, reply)
	}
}

package sim

import "net/http"

// converse answers any text model in the one form that all share.
func (s *Server) converse(c *call) {
	t, a, ok := s.prepare(c, readConverse)
	if !ok {
		return
	}
	answer := s.invoke(c, t, a)
	if answer == nil {
		return
	}
	type metrics struct {
		LatencyMs int64 `json:"latencyMs"`
	}
	c.sendJSON(http.StatusOK, struct {
		Output     messageOutput `json:"output"`
		StopReason string        `json:"stopReason"`
		Usage      usage         `json:"usage"`
		Metrics    metrics       `json:"metrics"`
	}{outputOf(answer), stop(answer, "end_turn", "max_tokens"), usageOf(answer), metrics{answer.latencyMs}})
}

func readConverse(t *target, body []byte) (a ask, bad *fault) {
	if !t.model.isText() {
		return a, invalid("This action doesn't support the model that you provided. Try again with a supported text or chat model.")
	}
	var b struct {
		Messages  []message `json:"messages"`
		System    *content  `json:"system"`
		Inference struct {
			MaxTokens *int64 `json:"maxTokens"`
		} `json:"inferenceConfig"`
	}
	if bad = parseBody(body, &b); bad != nil {
		return a, bad
	}
	bad = firstFault(
		a.conversation(b.Messages, b.System, "user", "assistant"),
		onlyBlocks(b.Messages, b.System),
		a.limit("inferenceConfig/maxTokens", b.Inference.MaxTokens, anyNumber),
	)
	if bad == nil && b.Messages[0].Role != "user" {
		bad = invalid("A conversation must start with a user message. Try again with a conversation that starts with a user message.")
	}
	return a, bad
}

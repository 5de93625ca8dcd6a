package sim

import "net/http"

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
		servingBody
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
	if bad == nil {
		a.serving, bad = b.servingBody.read()
	}
	return a, bad
}

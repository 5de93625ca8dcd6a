package sim

// converseStream answers any text model in the one form of events that all share.
func (s *Server) converseStream(c *call) {
	t, a, ok := s.prepare(c, func(t *target, body []byte) (ask, *fault) {
		a, bad := readConverse(t, body)
		return a, firstFault(t.model.converses(), t.model.streams(), bad)
	})
	if ok {
		st := stream{s: s, c: c, script: scriptConverse, seal: sealConverse}
		st.run(t, a)
	}
}

// sealConverse makes the payload of an event: its body, padded.
func sealConverse(st *stream, e streamEvent, _ bool) []byte {
	return payload(e.body, "p", st.padding())
}

// The bodies of the events, which Nova has as well.
type (
	roleEvent struct {
		Role string `json:"role"`
	}
	deltaEvent struct {
		Index int       `json:"contentBlockIndex"`
		Delta textBlock `json:"delta"`
	}
	indexEvent struct {
		Index int `json:"contentBlockIndex"`
	}
	reasonEvent struct {
		Reason string `json:"stopReason"`
	}
)

func scriptConverse(a *answer) script {
	return script{
		open: []streamEvent{{"messageStart", roleEvent{"assistant"}}},
		delta: func(text string, _ int64) streamEvent {
			return streamEvent{"contentBlockDelta", deltaEvent{0, textBlock{text}}}
		},
		close: []streamEvent{
			{"contentBlockStop", indexEvent{0}},
			{"messageStop", reasonEvent{stop(a, "end_turn", "max_tokens")}},
			{"metadata", metadataOf(a)},
		},
	}
}

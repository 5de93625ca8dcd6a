package sim

import "encoding/json"

// invokeModelStream answers in chunks, each a piece of JSON in the form of the
// model's family.
func (s *Server) invokeModelStream(c *call) {
	var f *family
	t, a, ok := s.prepare(c, func(t *target, body []byte) (ask, *fault) {
		f = familyOf(t.model.id)
		a, bad := f.ask(c, body, true)
		return a, firstFault(t.model.streams(), bad)
	})
	if !ok {
		return
	}
	st := stream{s: s, c: c, seal: sealChunk, script: func(an *answer) script {
		h := c.w.Header()
		h["X-Amzn-Bedrock-Content-Type"] = []string{"application/json"}
		an.serving.echo(h)
		return f.stream(t.model, an)
	}}
	st.run(t, a)
}

// sealChunk makes the payload of a chunk. The last one tells the tokens and the
// times of the call, whatever the family.
func sealChunk(st *stream, e streamEvent, last bool) []byte {
	type invocationMetrics struct {
		InputTokens  int64 `json:"inputTokenCount"`
		OutputTokens int64 `json:"outputTokenCount"`
		Latency      int64 `json:"invocationLatency"`
		FirstByte    int64 `json:"firstByteLatency"`

		CacheRead  *int64 `json:"cacheReadInputTokenCount,omitempty"` // nil where the model has no cache
		CacheWrite *int64 `json:"cacheWriteInputTokenCount,omitempty"`
	}
	type chunk struct {
		Bytes []byte `json:"bytes"`
		P     string `json:"p"`
	}
	var part []byte
	var err error
	if last {
		a := st.answer
		u := usageOf(a)
		part = payload(e.body, "amazon-bedrock-invocationMetrics", invocationMetrics{
			a.inputTokens, a.outputTokens, a.latencyMs, milliseconds(a.pace.at(1)), u.CacheRead, u.CacheWrite,
		})
	} else {
		part, err = json.Marshal(e.body)
	}
	var sealed []byte
	if err == nil {
		sealed, err = json.Marshal(chunk{part, st.padding()})
	}
	if err != nil { // a bug here: events are structs of texts and finite numbers
		panic(err)
	}
	return sealed
}

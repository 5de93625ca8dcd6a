package sim

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"time"
)

// event is one streamEvent of a stream. Those of InvokeModelWithResponseStream have
// no name: all of them are chunks.
type streamEvent struct {
	name string
	body any
}

// script is what a stream says, in the form of its operation and family.
type script struct {
	open  []streamEvent                               // just before the first token
	delta func(text string, tokens int64) streamEvent // text of the reply; tokens is how many came with it and before
	close []streamEvent                               // once the last token has come
}

// stream sends an answer while it comes into being.
type stream struct {
	s      *Server
	c      *call
	script func(*answer) script
	seal   func(st *stream, e streamEvent, last bool) []byte // the payload of an event
	now    script
	answer *answer
	timer  *time.Timer
	chance *rand.Rand // of the padding
	frames []byte
}

// stream takes a call through everything, and answers with a stream.
func (st *stream) run(t *target, a ask) {
	defer st.stop()
	answer := st.s.invoke(st.c, t, a, func(an *answer) bool {
		st.begin(t.model, an)
		return st.play()
	})
	switch {
	case answer == nil:
	case answer.brokenAt > 0:
		st.throttle()
	default:
		for i, e := range st.now.close {
			st.add(e, i == len(st.now.close)-1)
		}
		st.flush()
	}
}

// begin draws what the stream will be like.
func (st *stream) begin(m *model, an *answer) {
	an.streamed = true
	seed, number := st.s.account.Seed, st.c.number
	if r := source(seed, number, forMidStream); m.midStreamThrottle > 0 && r.Float64() < m.midStreamThrottle {
		an.brokenAt = 1 + r.Int64N(an.outputTokens)
	}
	st.answer, st.now, st.chance = an, st.script(an), source(seed, number, forPadding)
}

// mostTokens is how many tokens of one instant share an event.
const mostTokens = 1024

// play sends the tokens when they are due, those due at the same time in one
// event, and comes back when the stream is to end. The reply's header goes out
// with the first token.
func (st *stream) play() (here bool) {
	p, n := &st.answer.pace, st.answer.outputTokens
	last := n
	if st.answer.brokenAt > 0 {
		last = st.answer.brokenAt
	}
	for sent := int64(0); sent < last; {
		if !st.until(p.at(sent + 1)) {
			return false
		}
		if sent == 0 {
			st.c.w.Header()["Content-Type"] = []string{"application/vnd.amazon.eventstream"}
			st.c.w.WriteHeader(http.StatusOK)
			for _, e := range st.now.open {
				st.add(e, false)
			}
		}
		due, passed := sent+1, time.Since(p.began)
		for due < last && due-sent < mostTokens && p.at(due+1) <= passed {
			due++
		}
		st.add(st.now.delta(fillerPart(sent, due, n), due), false)
		if !st.flush() {
			return false
		}
		sent = due
	}
	if last < n {
		return st.until(p.at(last + 1)) // where the next token would have come
	}
	return st.until(p.total)
}

// throttle ends the stream with an exception instead of what is missing.
func (st *stream) throttle() {
	body, err := json.Marshal(map[string]string{"message": string(tooManyTokens)})
	if err != nil { // a bug here: it is a text
		panic(err)
	}
	st.frames = appendException(st.frames, "throttlingException", body)
	st.flush()
}

// add puts an event among the frames to send.
func (st *stream) add(e streamEvent, last bool) {
	name := e.name
	if name == "" {
		name = "chunk"
	}
	st.frames = appendEvent(st.frames, name, st.seal(st, e, last))
}

// flush sends what was added. It reports whether the client is still there.
func (st *stream) flush() (here bool) {
	_, err := st.c.w.Write(st.frames)
	st.frames = st.frames[:0]
	if err != nil {
		return false
	}
	// A writer that can not flush keeps all for the end: nothing to do about it.
	_ = http.NewResponseController(st.c.w).Flush()
	return true
}

// until waits for an instant of the answer's pace, with one timer a stream.
func (st *stream) until(at time.Duration) (here bool) {
	ctx := st.c.r.Context()
	if d := time.Until(st.answer.pace.began.Add(at)); d > 0 {
		if st.timer == nil {
			st.timer = time.NewTimer(d)
		} else {
			st.timer.Reset(d)
		}
		select {
		case <-st.timer.C:
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}

func (st *stream) stop() {
	if st.timer != nil {
		st.timer.Stop()
	}
}

// padding hides the length of an event, as the service does.
func (st *stream) padding() string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	return letters[:1+st.chance.IntN(len(letters))]
}

// payload is a body in JSON with one more member.
func payload(body any, key string, value any) []byte {
	b, err := json.Marshal(body)
	var more []byte
	if err == nil {
		more, err = json.Marshal(value)
	}
	if err != nil || len(b) < len(`{"":0}`) { // a bug here: bodies are structs with members
		panic("sim: an event has no JSON to add to")
	}
	b = append(append(append(b[:len(b)-1], `,"`...), key...), `":`...)
	return append(append(b, more...), '}')
}

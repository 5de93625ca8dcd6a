package sim

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"
)

// A fault row makes requests go wrong on purpose: which ones (match), how often
// (when) and in what way (what). The first row that acts on a request is the
// only one that does.
//
// A fault in place of the operation means that the operation did not happen: it
// took nothing from the quotas and left no metrics. A fault of the reply means
// that it did happen, whatever the client saw of it. Both count as requests, and
// in Counts.Faults.
type faultRule struct {
	operation string // "service.Operation", "service.*" or "*"
	model     string // as a caller may name it; "": any
	headers   map[string]string

	nth, every  int64 // of the requests that match, from 1; 0: all of them
	probability float64
	span        span

	kind *faultKind // nil: nothing but the delay and the wrong date
	effect
}

// effect is what a fault does to one request.
type effect struct {
	delay   time.Duration          // before all else
	date    time.Duration          // added to the Date header
	instead func(c *call)          // replies in place of the operation; nil: it happens
	spoil   func(w *spoiledWriter) // prepares what happens to the reply; nil: nothing
	partial bool                   // of the metric data half is missing
}

// faultState is a row at work. Server.mu guards seen.
type faultState struct {
	*faultRule
	number  uint64 // of the row, from 1
	target  *target
	matched int64 // requests so far
}

// newFaults puts the rows to work; byName has every name of a target.
func newFaults(rules []*faultRule, byName map[string]*target) []*faultState {
	var all []*faultState
	for i, r := range rules {
		all = append(all, &faultState{faultRule: r, number: uint64(i + 1), target: byName[r.model]})
	}
	return all
}

// faultFor returns the row that acts on a request, or nil. Every row counts the
// requests that match it, whichever row acts. Server.mu is held.
func (s *Server) faultFor(c *call, operation string) *faultState {
	var acts *faultState
	for _, f := range s.faults {
		if !f.matches(s, c, operation) {
			continue
		}
		f.matched++
		if acts == nil && f.due(s.account.Seed, c.number, time.Since(s.started)) {
			acts = f
			s.faulted[f.name()]++
		}
	}
	return acts
}

func (r *faultRule) name() string {
	switch {
	case r.kind != nil:
		return r.kind.name
	case r.delay > 0:
		return "delay"
	}
	return "date"
}

func (f *faultState) matches(s *Server, c *call, operation string) bool {
	if !matchesOperation(f.operation, operation) {
		return false
	}
	if f.model != "" && (c.label == "" || s.targets[c.label] != f.target) {
		return false
	}
	for name, value := range f.headers {
		if c.r.Header.Get(name) != value {
			return false
		}
	}
	return true
}

// due reports whether the row acts on the request that matched it last.
func (f *faultState) due(seed, number uint64, since time.Duration) bool {
	switch {
	case f.nth > 0 && f.matched != f.nth, f.every > 0 && f.matched%f.every != 0, !f.span.holds(since):
		return false
	case f.probability == 1:
		return true
	}
	return source(seed^mix(f.number), number, forFault).Float64() < f.probability
}

// serveFaulty answers a request under a fault.
func (s *Server) serveFaulty(c *call, api *API, f *faultState) {
	if f.delay > 0 {
		c.readAhead()
		draws := source(s.account.Seed^mix(f.number), c.number, forFault)
		if !c.wait(waitAround(draws, f.delay, 0)) {
			return
		}
	}
	if f.date != 0 {
		c.w.Header()["Date"] = []string{time.Now().Add(f.date).UTC().Format(http.TimeFormat)}
	}
	c.partial = f.partial
	switch {
	case f.instead != nil:
		c.outcome = f.name() // unless it replies with an error's code
		f.instead(c)
	case f.spoil != nil:
		ctx, cancel := context.WithCancel(c.r.Context())
		client := c.r
		defer func() { // what was cut off is not the client: see remember
			cancel()
			c.r = client
		}()
		w := &spoiledWriter{ResponseWriter: c.w, call: *c, cancel: cancel}
		f.spoil(w)
		c.w, c.r = w, c.r.WithContext(ctx)
		s.serve(c, api)
		w.finish()
	default:
		s.serve(c, api)
	}
}

// readAhead takes in the whole body before a wait: net/http notices that a
// client is gone only once its body has been read.
func (c *call) readAhead() {
	if c.r.Body == nil {
		return
	}
	body, _ := c.body() // its error comes again to the one who reads on
	c.r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), c.r.Body))
}

// abort ends the connection without a reply, or in the middle of one. The client
// of a plain HTTP/1.1 connection sees a reset; that of HTTP/2 sees its stream
// reset. Any other transport sees the panic by which net/http asks for an
// aborted connection, and has to make an error of it.
func abort(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		tcp.SetLinger(0) // an error means that it is closed already
	}
	conn.Close() // likewise
}

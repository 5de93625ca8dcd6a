package sim

import (
	"time"
	"unicode/utf8"
)

// Reload puts another account in the place of the present one, at once and as
// a whole. Calls under way end as they began, by the account of before.
//
// Counts and metrics go on, also those of models that are gone: CloudWatch
// forgets nothing either. Traffic and its incidents still count from the
// moment of New, so that history stays where it was, and so do the spans of
// faults and of lacking capacity. Limiters start anew and full, whatever was in
// flight; rows of faults count their requests anew, and models start cold.
func (s *Server) Reload(a *Account) {
	s.latest.Store(serverFor(a, s.started, s.ledger))
}

// present is the server of the account that answers now.
func (s *Server) present() *Server {
	if latest := s.latest.Load(); latest != nil {
		return latest
	}
	return s
}

// recent is the last calls, in a ring.
type recent struct {
	ring [lastCalls]RecentCall
	n    int // calls ever
}

const lastCalls = 50

// remember notes a request that has ended. Where no reply was begun, the
// client had gone away.
func (s *Server) remember(c *call, operation string, began time.Time) {
	outcome := c.outcome
	switch {
	case outcome != "":
	case c.r.Context().Err() != nil:
		outcome = "client gone"
	default:
		outcome = "ok"
	}
	ended := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls.ring[s.calls.n%lastCalls] = RecentCall{
		Time: began.UTC(), Model: shorten(c.label), Operation: operation, Outcome: outcome,
		LatencyMs: float64(ended.Sub(began).Microseconds()) / 1000,
	}
	s.calls.n++
}

// newestFirst returns the calls. Server.mu is held.
func (h *recent) newestFirst() []RecentCall {
	all := make([]RecentCall, 0, lastCalls)
	for i := h.n - 1; i >= 0 && i >= h.n-lastCalls; i-- {
		all = append(all, h.ring[i%lastCalls])
	}
	return all
}

// shorten keeps little of a long name that a caller made up.
func shorten(name string) string {
	const longest = 300
	if len(name) <= longest {
		return name
	}
	cut := longest - len("...")
	for cut > 0 && !utf8.RuneStart(name[cut]) {
		cut--
	}
	return name[:cut] + "..."
}

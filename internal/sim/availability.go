package sim

import (
	"net/http"
	"time"

	"gopkg.in/yaml.v3"
)

// A model can be out of reach whatever the quotas: AWS has no room for the call,
// or the model is not loaded yet. Such a call takes nothing from the quotas.

// capacity is a row of lacking room: a share of the calls, in a span of time.
type capacity struct {
	span        span
	probability float64
}

// span is a time after the account's start. A length of 0 has no end.
type span struct{ from, length time.Duration }

func (s span) holds(since time.Duration) bool {
	return since >= s.from && (s.length == 0 || since < s.from+s.length)
}

func (p *parser) capacity(n *yaml.Node) capacity {
	c := capacity{probability: 1}
	p.object(n, "a capacity event", append(p.span(&c.span),
		field{name: "probability", read: p.number(&c.probability, 0, 1)},
	))
	return c
}

// span reads the keys "from" and "for".
func (p *parser) span(to *span) []field {
	return []field{
		{name: "from", read: p.duration(&to.from)},
		{name: "for", read: func(n *yaml.Node) {
			p.duration(&to.length)(n)
			if to.length == 0 && n.Kind == yaml.ScalarNode && n.Value == "0s" {
				p.add(n, "leave it out for a time without end", "a span of 0s never holds")
			}
		}},
	}
}

// available reports whether the model can take the call at all; where it can
// not, it has replied. A lack of room counts as a server error of the model.
// That a model which is not ready counts as a client error is a guess: AWS says
// only that its answer of 429 is no throttle.
func (s *Server) available(c *call, t *target, as serving) bool {
	m := t.model
	if len(m.capacity) == 0 && m.coldStart == 0 {
		return true
	}
	var why *fault
	outcome := serverErrors
	if s.crowded(c, m) {
		why = &fault{http.StatusServiceUnavailable, "ServiceUnavailableException",
			"Too many connections, please wait before trying again."}
	} else if s.loading(m) {
		outcome, why = clientErrors, &fault{http.StatusTooManyRequests, "ModelNotReadyException",
			"The model specified in the request is not ready to serve inference requests."}
	}
	if why == nil {
		return true
	}
	s.turnAway(c, t.series(as), outcome, why)
	return false
}

func (s *Server) crowded(c *call, m *model) bool {
	since := time.Since(s.started)
	for _, row := range m.capacity {
		if row.span.holds(since) {
			return source(s.account.Seed, c.number, forCapacity).Float64() < row.probability
		}
	}
	return false
}

// loading reports whether the model's cold start goes on; its first call begins it.
func (s *Server) loading(m *model) bool {
	if m.coldStart == 0 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	first, called := s.firstCalls[m]
	if !called {
		first = time.Now()
		s.firstCalls[m] = first
	}
	return time.Since(first) < m.coldStart
}

package sim

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// A Server is a simulated account at work. It starts no goroutines.
type Server struct {
	account    *Account
	started    time.Time
	targets    targets
	background map[string][]*background // by model id as the traffic row names it

	*ledger
	latest atomic.Pointer[Server] // what answers since the last Reload; nil: this one
}

// ledger is what outlives a Reload.
type ledger struct {
	mu       sync.Mutex // guards all below and the pools; never held while waiting
	number   uint64     // of the last request
	requests map[string]int64
	models   map[string]*ModelCounts
	metrics  metricStore
	calls    recent
}

// New puts an account to work. Its clock starts now: the incidents and the
// beginning of background traffic count from this moment, and buckets are full.
func New(a *Account) *Server {
	return serverFor(a, time.Now(), &ledger{
		requests: map[string]int64{}, models: map[string]*ModelCounts{}, metrics: metricStore{},
	})
}

// serverFor is a server for an account, with the counts and metrics of l.
func serverFor(a *Account, started time.Time, l *ledger) *Server {
	s := &Server{
		account: a, started: started, targets: newTargets(a, time.Now()),
		background: map[string][]*background{}, ledger: l,
	}
	byName := map[string]*target{}
	for name, t := range s.targets {
		byName[name], byName[t.name] = t, t
	}
	for i := range a.provisioned {
		byName[a.provisioned[i].arn] = s.targets[a.provisionedARN(&a.provisioned[i])]
	}
	for i, row := range a.traffic {
		t := byName[row.model]
		b := &background{row: row, number: i, seed: a.Seed, started: started, model: t.model}
		s.background[t.name] = append(s.background[t.name], b)
		if t.pool != nil {
			t.pool.background = append(t.pool.background, b)
		}
	}
	return s
}

// ServeHTTP answers one request of any of the simulated services. It returns
// early, without a reply, when the request's context is done while it waits.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s = s.present()
	if s.operate(w, r) {
		return
	}
	began := time.Now()
	c := newCall(w, r)
	api := c.claim()
	operation := "unknown"
	if api != nil {
		operation = api.Operation
	}
	s.mu.Lock()
	s.number++
	c.number = s.number
	s.requests[operation]++
	s.mu.Unlock()

	header := w.Header()
	header["X-Amzn-Requestid"] = []string{requestID(s.account.Seed, c.number)}
	header["Date"] = []string{time.Now().UTC().Format(http.TimeFormat)}
	defer s.remember(c, operation, began)
	if api == nil {
		c.fail(c.unknown())
		return
	}
	api.handle(s, c)
}

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
	firstCalls map[*model]time.Time     // of the models with a cold start; guarded by mu
	faults     []*faultState            // in the order of the file

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
	quotas   quotaState
	faulted  map[string]int64 // by kind
	alarms   alarmStore       // has a lock of its own
}

// New puts an account to work. Its clock starts now: the incidents and the
// beginning of background traffic count from this moment, and buckets are full.
func New(a *Account) *Server {
	return serverFor(a, time.Now(), &ledger{
		requests: map[string]int64{}, models: map[string]*ModelCounts{}, metrics: metricStore{},
		faulted: map[string]int64{},
	})
}

// serverFor is a server for an account, with the counts and metrics of l.
func serverFor(a *Account, started time.Time, l *ledger) *Server {
	s := &Server{
		account: a, started: started, targets: newTargets(a, time.Now()),
		background: map[string][]*background{}, firstCalls: map[*model]time.Time{}, ledger: l,
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
			if day := t.pool.account; day != nil {
				day.background = append(day.background, b)
			}
		}
	}
	s.faults = newFaults(a.faults, byName)
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
	var spoiled *faultState
	if len(s.faults) > 0 {
		spoiled = s.faultFor(c, operation)
	}
	s.mu.Unlock()

	header := w.Header()
	c.id = requestID(s.account.Seed, c.number)
	header["X-Amzn-Requestid"] = []string{c.id}
	header["Date"] = []string{time.Now().UTC().Format(http.TimeFormat)}
	defer s.remember(c, operation, began)
	if spoiled != nil {
		s.serveFaulty(c, api, spoiled)
		return
	}
	s.serve(c, api)
}

// serve answers with the operation, or with its absence.
func (s *Server) serve(c *call, api *API) {
	if api == nil {
		c.fail(c.unknown())
		return
	}
	if refused := s.authenticate(c, api); refused != nil {
		c.fail(refused)
		return
	}
	api.handle(s, c)
}

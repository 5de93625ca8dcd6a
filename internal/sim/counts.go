package sim

import "maps"

// Counts is the account's own count of what it did since it started.
type Counts struct {
	// Requests received, by "service.Operation"; "unknown" for those that no
	// API claimed.
	Requests map[string]int64
	// Models by model id as the caller named it: the ModelId of the metrics.
	// Calls of a model that the account does not have are not here.
	Models map[string]ModelCounts
	// Faults are the requests that a row of faults acted on, by the row's kind.
	Faults map[string]int64
}

// ModelCounts counts the calls of one model id that have ended. A call whose
// client went away counts as what it would have been.
type ModelCounts struct {
	Attempts     int64 // the sum of the four outcomes below
	OK           int64
	Throttled    int64
	ClientErrors int64
	ServerErrors int64
	InputTokens  int64 // of the successful calls
	OutputTokens int64

	OutputImages int64

	CacheReadTokens, CacheWriteTokens int64 // not among the InputTokens
}

// Counts returns a copy of the counts as they are now.
func (s *Server) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := Counts{Requests: maps.Clone(s.requests), Faults: maps.Clone(s.faulted), Models: make(map[string]ModelCounts, len(s.models))}
	for id, m := range s.models {
		c.Models[id] = *m
	}
	return c
}

// modelCounts returns the counts of a model id to change. Server.mu is held.
func (s *Server) modelCounts(id string) *ModelCounts {
	m := s.models[id]
	if m == nil {
		m = &ModelCounts{}
		s.models[id] = m
	}
	return m
}

// ended is how a call of a model ended, for the counts and the metrics.
type ended struct {
	outcome                   metric // invocations, throttles, clientErrors or serverErrors
	latencyMs                 int64  // of a success, as are those below
	inputTokens, outputTokens int64
	quotaTokens               float64
	cached                    cached
	images                    *wanted // nil: none were painted
	stream                    bool    // only streams have the next
	firstTokenMs              int64   // from the beginning to the first token
}

// record counts a call at the minute of its end: under its model id, and where it
// named a service tier in the series of the tier as well, and images by their size.
// Server.mu is held.
func (s *Server) record(of series, minute int64, e ended) {
	s.modelCounts(of.modelID).add(e)
	s.metrics.at(of.whole(), minute).add(e)
	if of != of.whole() {
		s.metrics.at(of, minute).add(e)
	}
	if e.outcome == invocations && e.images != nil {
		painted := float64(e.images.images)
		s.metrics.at(of.whole(), minute)[outputImages].add(painted)
		s.metrics.at(of.images(e.images), minute)[outputImages].add(painted)
	}
}

func (counts *ModelCounts) add(e ended) {
	counts.Attempts++
	switch e.outcome {
	case throttles:
		counts.Throttled++
	case clientErrors:
		counts.ClientErrors++
	case serverErrors:
		counts.ServerErrors++
	case invocations:
		counts.OK++
		counts.InputTokens += e.inputTokens
		counts.OutputTokens += e.outputTokens
		counts.CacheReadTokens += e.cached.read
		counts.CacheWriteTokens += e.cached.written
		if e.images != nil {
			counts.OutputImages += e.images.images
		}
	}
}

func (metrics *cell) add(e ended) {
	metrics[e.outcome].add(1)
	if e.outcome == invocations {
		metrics[latency].add(float64(e.latencyMs))
		metrics[inputTokens].addSome(float64(e.inputTokens))
		metrics[outputTokens].addSome(float64(e.outputTokens))
		metrics[quotaUsage].addSome(e.quotaTokens)
		if e.cached != (cached{}) {
			metrics[cacheReads].add(float64(e.cached.read))
			metrics[cacheWrites].add(float64(e.cached.written))
		}
		if e.stream {
			metrics[firstToken].add(float64(e.firstTokenMs))
		}
	}
}

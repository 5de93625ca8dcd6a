package pacing

import (
	"math"
	"time"
)

// counts are what a limiter counts; its lock holds them.
type counts struct {
	calls, ok, failed                int64 // calls, as the caller sees them
	attempts, retries                int64
	throttled, midStream, overloaded int64 // attempts
	daily                            int64
	cancelled, gaveUp, unbudgeted    int64
	reserved, settled                int64 // tokens
	waits                            waits
}

// A Snapshot is what one limit's calls have come to so far. Its JSON suits
// expvar: expvar.Publish("pacing", expvar.Func(func() any { return pacer.Snapshot() })).
type Snapshot struct {
	Models []string `json:"models"`

	Calls      int64 `json:"calls"`
	Successful int64 `json:"successful"`
	Failed     int64 `json:"failed"` // ended with an error, also one of ours
	// SuccessRate is successful / (successful + failed); nil before a call has ended.
	SuccessRate *float64 `json:"success_rate"`

	Attempts  int64 `json:"attempts"` // requests on the wire
	Retries   int64 `json:"retries"`
	Throttled int64 `json:"throttled"`  // attempts that AWS throttled, those of MidStream included
	MidStream int64 `json:"mid_stream"` // throttled after the stream had begun
	Capacity  int64 `json:"capacity"`   // attempts that met no capacity
	Daily     int64 `json:"daily"`      // attempts that met the end of the day's tokens
	// Amplification is attempts / calls; nil before the first.
	Amplification *float64 `json:"amplification"`

	Cancelled  int64 `json:"cancelled"`  // calls whose context ended, or streams closed before their end
	GaveUp     int64 `json:"gave_up"`    // attempts not sent after the longest wait
	Unbudgeted int64 `json:"unbudgeted"` // attempts not retried for want of budget

	Waits Waits `json:"waits"`

	TokensReserved int64 `json:"tokens_reserved"` // of all attempts admitted
	TokensSettled  int64 `json:"tokens_settled"`  // of all attempts that were served

	UnderWay int64 `json:"under_way"`
	Waiting  int64 `json:"waiting"`

	Adaptive *AdaptiveState `json:"adaptive"` // nil: the limit has none
	Breaker  *BreakerState  `json:"breaker"`  // nil: the limit has none
}

// Waits tells how long admitted attempts waited, to a tenth, rounded up; those
// that did not wait count as 0. Percentiles are nil before the first attempt.
type Waits struct {
	Count int64          `json:"count"`
	Total time.Duration  `json:"total_ns"`
	P50   *time.Duration `json:"p50_ns"`
	P99   *time.Duration `json:"p99_ns"`
	Max   time.Duration  `json:"max_ns"`
}

// Snapshot tells what has been so far.
func (l *Limiter) Snapshot() Snapshot {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &l.counts
	adaptive, breaker := l.controls.state(l.now(), float64(l.requests.limit))
	return Snapshot{
		Adaptive: adaptive, Breaker: breaker,
		Models: l.of.Models, Calls: c.calls, Successful: c.ok, Failed: c.failed, SuccessRate: ratio(c.ok, c.ok+c.failed),
		Attempts: c.attempts, Retries: c.retries, Throttled: c.throttled, MidStream: c.midStream, Capacity: c.overloaded, Daily: c.daily,
		Amplification: ratio(c.attempts, c.calls),
		Cancelled:     c.cancelled, GaveUp: c.gaveUp, Unbudgeted: c.unbudgeted,
		Waits:          Waits{Count: c.waits.count, Total: c.waits.total, P50: c.waits.percentile(0.50), P99: c.waits.percentile(0.99), Max: c.waits.most},
		TokensReserved: c.reserved, TokensSettled: c.settled, UnderWay: l.underWay, Waiting: l.waiting,
	}
}

func ratio(part, whole int64) *float64 {
	if whole == 0 {
		return nil
	}
	r := float64(part) / float64(whole)
	return &r
}

// count changes the counts under the lock.
func (l *Limiter) count(change func(*counts)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.counts)
}

// waits counts durations in classes that are a twelfth wider each: 2^(1/8).
type waits struct {
	count   int64
	total   time.Duration
	most    time.Duration
	none    int64
	classes [classCount]int64
}

const (
	classCount   = 200 // from 0.1 ms to 0.1 ms x 2^25, nearly an hour
	perDoubling  = 8
	shortestWait = 100 * time.Microsecond
)

func (w *waits) add(d time.Duration) {
	w.count++
	if d <= 0 {
		w.none++
		return
	}
	w.total += d
	w.most = max(w.most, d)
	class := math.Ceil(perDoubling * math.Log2(float64(d)/float64(shortestWait)))
	w.classes[int(min(max(class, 0), classCount-1))]++
}

// percentile is the upper end of the class that holds it.
func (w *waits) percentile(p float64) *time.Duration {
	if w.count == 0 {
		return nil
	}
	rank := int64(math.Ceil(p * float64(w.count)))
	seen, at := w.none, time.Duration(0)
	for class := 0; seen < rank; class++ {
		seen += w.classes[class]
		at = time.Duration(float64(shortestWait) * math.Exp2(float64(class)/perDoubling))
	}
	at = min(at, w.most)
	return &at
}

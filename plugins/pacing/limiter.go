package pacing

import (
	"context"
	"math"
	"sync"
	"time"
)

// Limit is what binds the calls of one model in one scope, or of several ids
// that take from one quota. A dimension of 0 is not limited.
type Limit struct {
	// Models are the ids as given to the SDK: of a model, an inference profile, or
	// an ARN that ends with one. "us.", "eu." and "global." ids have quotas of their
	// own, so they are limits of their own.
	Models     []string
	RPM        float64 // requests a minute
	TPM        float64 // quota tokens a minute
	Concurrent int     // calls under way, streams until their end
	// Burndown is how many quota tokens one output token takes at settlement; 0
	// is 1. See "token burndown" in the user guide: 5 or more for many Claude models.
	Burndown float64
	// MaxOutput is reserved for a request that sets no max_tokens; Bedrock reserves
	// the model's maximum then. 0 is 4096.
	MaxOutput int64
	// Adaptive finds the rate where RPM and TPM are not known, or others use them
	// too; Breaker answers want of capacity. nil is off.
	Adaptive *Adaptive
	Breaker  *Breaker
}

// A Limiter admits calls to one limit, first come, first served. It is safe for
// concurrent use. Clients of the SDK need none: [With] makes them.
type Limiter struct {
	of      Limit
	maxWait time.Duration
	start   time.Time

	mu         sync.Mutex
	requests   window
	tokens     window
	controls   controls
	concurrent int64         // 0: no limit
	shut       string        // what the share has nothing of, not one unit: rpm, tpm, concurrent; or share, of 0
	until      time.Duration // of the share
	then       float64       // the share from then on
	underWay   int64
	head, tail *Reservation // of those who wait
	waiting    int64
	timer      *time.Timer // wakes the head
	counts     counts
}

// NewLimiter makes a limiter of a share of a limit, from 0 to 1; 0 is all.
// maxWait is the longest a call waits; 0 is until its context ends. It panics as
// [New] does.
func NewLimiter(of Limit, share float64, maxWait time.Duration) *Limiter {
	Limits{Of: []Limit{of}, Share: share, MaxWait: maxWait}.check()
	if share == 0 {
		share = 1
	}
	l := &Limiter{of: of, maxWait: maxWait, start: time.Now(), controls: controls{newAdaptive(of.Adaptive), newBreaker(of.Breaker)}}
	l.SetShare(share)
	return l
}

// now counts from the start by the monotonic clock, so that a clock that is set
// changes nothing.
func (l *Limiter) now() time.Duration { return time.Since(l.start) }

// A Reservation is one attempt's place in a quota. The caller owns its memory and
// may use it again once it has ended. It ends once: by Settle, Refuse or Cancel,
// whichever comes first; the others change nothing then.
type Reservation struct {
	// Tokens are reserved: input + max_tokens. Below 0 is 0.
	Tokens int64
	// Waited is how long it took to be admitted, and Bound is what it waited for
	// first: rpm, tpm, concurrent, share, which is 0, adaptive, breaker or queue, the
	// calls before it; "" if for nothing.
	Waited time.Duration
	Bound  string

	limiter    *Limiter
	state      state
	err        error // why it left the queue, where not to be held
	ready      chan struct{}
	prev, next *Reservation
	// marks of what was taken
	request, token int64
	sending        sending
}

type state uint8

const (
	idle state = iota
	queued
	held
)

// Acquire waits until the reservation fits and takes it. The error is that of the
// context, a [*WaitError] after the longest wait, or a [*TooLargeError] for one
// that never fits into the share of now; nothing is taken then.
func (l *Limiter) Acquire(ctx context.Context, r *Reservation) error {
	l.mu.Lock()
	if r.state != idle {
		l.mu.Unlock()
		panic("pacing: a reservation is acquired while it is in use")
	}
	r.limiter, r.err, r.Waited, r.Bound = l, nil, 0, ""
	r.Tokens = max(r.Tokens, 0)
	if err := ctx.Err(); err != nil {
		l.mu.Unlock()
		return err
	}
	now := l.now()
	l.lapse(now)
	if err := l.tooLarge(r); err != nil {
		l.mu.Unlock()
		return err
	}
	if l.head == nil {
		if at, bound := l.when(now, r); at > now {
			r.Bound = bound
		} else {
			l.admit(now, r)
			l.counts.waits.add(0)
			l.mu.Unlock()
			return nil
		}
	} else {
		r.Bound = "queue"
	}
	r.ready = make(chan struct{})
	l.push(r)
	if l.head == r {
		l.pump(now)
	}
	l.mu.Unlock()
	return l.wait(ctx, r, now)
}

// wait ends with the reservation held, or idle and out of the queue.
func (l *Limiter) wait(ctx context.Context, r *Reservation, began time.Duration) error {
	var late <-chan time.Time
	if l.maxWait > 0 {
		timer := time.NewTimer(l.maxWait)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-r.ready:
	case <-ctx.Done():
	case <-late:
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	r.Waited = now - began
	// Several may be due at one instant. The context comes first: nobody wants the
	// call any more. Then comes room that is there at the very end of the wait.
	gone := ctx.Err()
	if gone == nil && r.state == queued {
		l.pump(now)
	}
	switch {
	case gone == nil && r.state == held:
		l.counts.waits.add(r.Waited)
		return nil
	case r.state == held:
		l.end(now, r, 0, true)
		return gone
	case r.state == queued:
		l.remove(r)
		r.state = idle
		l.pump(now)
	}
	switch {
	case gone != nil:
		return gone
	case r.err != nil:
		return r.err
	}
	l.counts.gaveUp++
	return &WaitError{Waited: r.Waited, Bound: r.Bound}
}

// when returns the first time at which the reservation fits, and what keeps it
// until then. What waits for a call to end is never.
func (l *Limiter) when(now time.Duration, r *Reservation) (at time.Duration, bound string) {
	if l.shut != "" {
		return never, l.shut
	}
	if l.concurrent > 0 && l.underWay >= l.concurrent {
		return never, "concurrent"
	}
	at, bound = l.requests.when(now, 1), "rpm"
	if tokens := l.tokens.when(now, r.Tokens); tokens > at {
		at, bound = tokens, "tpm"
	}
	if l.controls.on() {
		return l.controls.when(now, at, bound)
	}
	return at, bound
}

const never = time.Duration(math.MaxInt64)

func (l *Limiter) admit(now time.Duration, r *Reservation) {
	r.state = held
	r.request, r.token = l.requests.take(now, 1), l.tokens.take(now, r.Tokens)
	if l.controls.on() {
		r.sending = l.controls.take(now)
	}
	l.underWay++
	l.counts.reserved += r.Tokens
}

// pump admits from the head of the queue what fits, and sets the timer for the
// next. A head that a smaller share has made too large leaves with that error.
func (l *Limiter) pump(now time.Duration) {
	l.lapse(now)
	for r := l.head; r != nil; r = l.head {
		if r.err = l.tooLarge(r); r.err != nil {
			l.remove(r)
			r.state = idle
			close(r.ready)
			continue
		}
		at, _ := l.when(now, r)
		at = min(at, l.until)
		switch {
		case at == never:
			return
		case at > now:
			l.wake(at - now)
			return
		}
		l.remove(r)
		l.admit(now, r)
		close(r.ready)
	}
}

func (l *Limiter) wake(after time.Duration) {
	if l.timer != nil {
		l.timer.Reset(after)
		return
	}
	l.timer = time.AfterFunc(after, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.pump(l.now())
	})
}

// Settle ends a call that used so many quota tokens. What was reserved beyond
// them is given back; what was used beyond the reservation is taken now.
func (r *Reservation) Settle(used int64) { r.finish(used, false, true) }

// Refuse ends an attempt that AWS has refused: it used no tokens, but counts as a
// request, since it is not documented that it does not.
func (r *Reservation) Refuse() { r.finish(0, false, false) }

// Cancel ends an attempt that was never sent, and gives back everything.
func (r *Reservation) Cancel() { r.finish(0, true, false) }

// finish reports whether this was the end of the reservation.
func (r *Reservation) finish(used int64, unsent, settled bool) bool {
	l := r.limiter
	if l == nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.state != held {
		return false
	}
	now := l.now()
	used = min(max(used, 0), mostTokens) // by whatever a reply told
	if settled {
		l.counts.settled += used
	}
	l.end(now, r, used, unsent)
	return true
}

func (l *Limiter) end(now time.Duration, r *Reservation, used int64, unsent bool) {
	r.state = idle
	l.underWay--
	if used > r.Tokens {
		l.tokens.take(now, used-r.Tokens)
	} else {
		l.tokens.give(now, r.token, r.Tokens-used)
	}
	if unsent {
		l.requests.give(now, r.request, 1)
	}
	l.pump(now)
}

func (l *Limiter) push(r *Reservation) {
	r.state, r.prev, r.next = queued, l.tail, nil
	if l.tail == nil {
		l.head = r
	} else {
		l.tail.next = r
	}
	l.tail = r
	l.waiting++
}

func (l *Limiter) remove(r *Reservation) {
	if r.prev == nil {
		l.head = r.next
	} else {
		r.prev.next = r.next
	}
	if r.next == nil {
		l.tail = r.prev
	} else {
		r.next.prev = r.prev
	}
	r.prev, r.next = nil, nil
	l.waiting--
}

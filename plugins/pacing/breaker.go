package pacing

import "time"

// A Breaker answers want of capacity at AWS: a 503 is no matter of quotas. It cuts
// the rate of requests to a half of what went, again while calls still fail, holds
// it, and goes back in steps. The zero Breaker has the numbers of AWS's recipe.
// Source: "Scaling and throughput best practices" in the user guide.
type Breaker struct {
	// Cut is what an event leaves of the rate, above 0 and below 1; 0 is 0.5.
	Cut float64
	// Hold is how long the rate is held after the last event, and after each step; 0
	// is 15 minutes.
	Hold time.Duration
	// Grow is by which part of itself the rate grows in a step; 0 is 0.5. When it is
	// where it was, nothing is bound any more.
	Grow float64
	// Round is the least time between two cuts; 0 is a minute. The recipe tells none.
	Round time.Duration
}

// breakerFloor is a request a minute, so that there is always one that finds out.
const breakerFloor = 1

// freeFailures are how many calls in a row may fail before those that follow are
// made rare.
const freeFailures = 2

// breaker is the state of one. It is pure: times are given to it, and it has no
// lock.
type breaker struct {
	Breaker
	pace
	rate   float64       // requests a minute; 0: it is closed
	target float64       // the rate before the first cut
	cutAt  time.Duration // when the last cut was
	hold   time.Duration // until when the rate is held
	grown  bool          // since the last cut
	proven bool          // a call that went after the last cut was served
	opened int64
	cuts   int64
}

func newBreaker(b *Breaker) *breaker {
	if b == nil {
		return nil
	}
	with := *b
	with.Cut, with.Grow = below1(b.Cut, 0.5), positive(b.Grow, 0.5)
	with.Hold, with.Round = positive(b.Hold, 15*time.Minute), positive(b.Round, minute)
	return &breaker{Breaker: with}
}

// advance goes the steps that are due.
func (b *breaker) advance(now time.Duration) {
	for b.rate > 0 && now >= b.hold {
		b.rate *= 1 + b.Grow
		b.hold += b.Hold
		b.grown = true
		if b.rate >= b.target {
			b.rate, b.next = 0, 0
		}
	}
}

// when is the first time at which a call may go.
func (b *breaker) when(now time.Duration) time.Duration {
	if b.advance(now); b.rate == 0 {
		return now
	}
	return b.next
}

// take lets a call go.
func (b *breaker) take(now time.Duration) {
	if b.advance(now); b.rate == 0 {
		b.sent.add(now)
		return
	}
	b.pace.take(now, b.rate)
}

// served is told that AWS served a call, and when that went.
func (b *breaker) served(sent time.Duration) {
	b.pace.served(sent)
	b.proven = b.proven || sent > b.cutAt
}

// failed is told that AWS had no capacity for a call, and when that went. Where
// nothing at all is served, a lower rate would tell nothing: the calls become rare
// instead.
func (b *breaker) failed(now, sent time.Duration) {
	b.advance(now)
	b.refused(now, sent, freeFailures)
	b.hold = now + b.Hold
	switch {
	case b.rate == 0:
		b.target = max(b.sent.rate(now), breakerFloor)
		b.rate = b.target
		b.opened++
	case sent <= b.cutAt || now-b.cutAt < b.Round || !b.proven:
		return
	}
	b.rate = max(b.Cut*b.rate, breakerFloor)
	b.next = max(b.next, now+gap(b.rate))
	b.cuts++
	b.cutAt, b.grown, b.proven = now, false, false
}

package pacing

import (
	"math"
	"time"
)

// controls are what changes the rate of a limit by what AWS answers. The zero
// controls change nothing.
type controls struct {
	adaptive *adaptive // nil: off
	breaker  *breaker  // nil: off
}

// sending is what the controls know of a call that went.
type sending struct {
	at   time.Duration
	used bool // the adaptive rate
}

func (c *controls) on() bool { return c.adaptive != nil || c.breaker != nil }

// when is the first time at which they let a call go that something else keeps
// until at.
func (c *controls) when(now, at time.Duration, bound string) (time.Duration, string) {
	if c.adaptive != nil {
		if next := c.adaptive.when(); next > at {
			at, bound = next, "adaptive"
		}
	}
	if c.breaker != nil {
		if next := c.breaker.when(now); next > at {
			at, bound = next, "breaker"
		}
	}
	return at, bound
}

func (c *controls) take(now time.Duration) sending {
	s := sending{at: now}
	if c.adaptive != nil {
		s.used = c.adaptive.take(now)
	}
	if c.breaker != nil {
		c.breaker.take(now)
	}
	return s
}

// told is told what became of a call. limit is the known one of requests a minute;
// 0 is none.
func (c *controls) told(now time.Duration, s sending, class Class, limit float64) {
	if c.adaptive != nil {
		switch class {
		case OK:
			c.adaptive.served(now, s.at, s.used, limit)
		case Throttle:
			c.adaptive.throttled(now, s.at, s.used, limit)
		}
	}
	if c.breaker != nil {
		switch class {
		case OK:
			c.breaker.served(s.at)
		case Capacity:
			c.breaker.failed(now, s.at)
		}
	}
}

// Tell tells what AWS said to an attempt, as soon as it is known: OK when the reply
// begins, or the class of its error. [Limit.Adaptive] and [Limit.Breaker] go by it;
// without them it does nothing. It may be told before or after the reservation has
// ended, until it is acquired again.
func (r *Reservation) Tell(class Class) {
	l := r.limiter
	if l == nil || !l.controls.on() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.controls.told(now, r.sending, class, float64(l.requests.limit))
	l.pump(now)
}

// AdaptiveState is what a [Limit.Adaptive] has found out.
type AdaptiveState struct {
	RPM       float64  `json:"rpm"`           // the rate it admits now
	Threshold *float64 `json:"threshold_rpm"` // where slow start ends; nil before the first cut
	SlowStart bool     `json:"slow_start"`
	Cuts      int64    `json:"cuts"`
}

// BreakerState is how a [Limit.Breaker] stands.
type BreakerState struct {
	State  string   `json:"state"`      // closed, held or growing
	RPM    *float64 `json:"rpm"`        // the rate it admits now; nil while it is closed
	Target *float64 `json:"target_rpm"` // the rate at which it closes; nil while it is closed
	Opened int64    `json:"opened"`     // how often
	Cuts   int64    `json:"cuts"`
}

// state tells how they stand. limit is as of told.
func (c *controls) state(now time.Duration, limit float64) (a *AdaptiveState, b *BreakerState) {
	if c.adaptive != nil {
		a = &AdaptiveState{RPM: min(c.adaptive.rate, c.adaptive.most(limit)), SlowStart: c.adaptive.slowStart(), Cuts: c.adaptive.cuts}
		if t := c.adaptive.threshold; !math.IsInf(t, 1) {
			a.Threshold = &t
		}
	}
	if c.breaker != nil {
		c.breaker.advance(now)
		b = &BreakerState{State: "closed", Opened: c.breaker.opened, Cuts: c.breaker.cuts}
		if rate, target := c.breaker.rate, c.breaker.target; rate > 0 {
			b.State, b.RPM, b.Target = "held", &rate, &target
			if c.breaker.grown {
				b.State = "growing"
			}
		}
	}
	return a, b
}

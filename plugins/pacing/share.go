package pacing

import (
	"math"
	"time"
)

// SetShare changes which part of the limit is used from now on: for callers that
// learn how many share a quota. Of 0 nothing is admitted: calls wait until it
// grows. See [Limiter.SetShareUntil] for a part that ends by itself.
func (l *Limiter) SetShare(share float64) { l.SetShareUntil(share, time.Time{}, share) }

// SetShareUntil changes which part of the limit is used until a time, and which
// from then on. The time is looked at as each call is admitted, so that a program
// that was stopped meanwhile admits nothing by a share that has ended.
func (l *Limiter) SetShareUntil(share float64, until time.Time, then float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.until, l.then = until.Sub(l.start), then
	l.setShare(now, share)
	l.pump(now)
}

// lapse ends a share whose time is over.
func (l *Limiter) lapse(now time.Duration) {
	if now >= l.until {
		l.until = never
		l.setShare(now, l.then)
	}
}

// setShare leaves the window of what is shut as it is: a limit of 0 would be none,
// and calls that end meanwhile are settled by the pace at which they went.
func (l *Limiter) setShare(now time.Duration, share float64) {
	l.shut = ""
	if !(share > 0) {
		l.shut = "share"
		return
	}
	if n := Part(float64(l.of.Concurrent), share); n > 0 {
		l.concurrent = n
	} else if l.of.Concurrent > 0 {
		l.shut = "concurrent"
	}
	if n := Part(l.of.TPM, share); n > 0 {
		l.tokens.setLimit(now, n)
	} else if l.of.TPM > 0 {
		l.shut = "tpm"
	}
	if n := Part(l.of.RPM, share); n > 0 {
		l.requests.setLimit(now, n)
	} else if l.of.RPM > 0 {
		l.shut = "rpm"
	}
}

// Part is a share of a limit in whole units, rounded down: two halves of an odd
// limit would exceed it, and so would one call of each of many. What is added is
// far less than a unit, so that a third of 3 is 1 in binary, too.
func Part(limit, share float64) int64 {
	if limit <= 0 {
		return 0
	}
	return int64(math.Floor(min(limit*min(share, 1)+1e-9, math.MaxInt64/4)))
}

// tooLarge is for what never fits, so that nobody waits for ever. A share of 0 is
// for a while: what fits into the whole limit waits.
func (l *Limiter) tooLarge(r *Reservation) error {
	most := l.tokens.limit
	switch l.shut {
	case "":
	case "share":
		most = Part(l.of.TPM, 1)
	default:
		return &TooLargeError{Tokens: r.Tokens, Bound: l.shut}
	}
	if most > 0 && r.Tokens > most {
		return &TooLargeError{Tokens: r.Tokens, Limit: most, Bound: "tpm"}
	}
	return nil
}

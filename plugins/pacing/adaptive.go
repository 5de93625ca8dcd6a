package pacing

import (
	"math"
	"time"
)

// Adaptive finds out how many requests a minute AWS admits, where the limits are
// not known, or others use them too. It is AIMD, as TCP has it: the rate grows
// slowly while calls are served and it is used, and is cut where AWS throttles. It
// counts requests, also where the quota is one of tokens: the rate it finds is
// that for calls as large as they are. Limits that are known bind as well.
//
// The zero Adaptive has the defaults.
type Adaptive struct {
	// Start is the rate at the beginning and after a pause, in requests a minute; 0
	// is 60, one a second.
	Start float64
	// Floor and Ceiling bound the rate, in requests a minute. A Floor of 0 is 1, so
	// that there is always a call that finds out; a Ceiling of 0 is no bound.
	Floor, Ceiling float64
	// Cut is what a throttle leaves of the rate, above 0 and below 1; 0 is 0.85. The
	// SDK's adaptive mode leaves 0.7, Netflix's concurrency-limits 0.9. In slow start
	// it is the half, as with TCP, and a throttle in the minute after that leaves no
	// more than AWS has admitted.
	Cut float64
	// Step is how fast the rate grows: by Step x its square root x the minutes since
	// the last cut, at least one, in requests a minute for each minute; 0 is 0.5: at
	// first 5 a minute at a rate of 100, 50 at 10,000. Clients that share a quota come
	// to equal parts of it with any growth that is slower than in proportion, and with
	// one that depends on the time since a cut, which they have together. Sources:
	// Bansal and Balakrishnan, "Binomial Congestion Control Algorithms", 2001, with
	// k = -1/2 and l = 1; Leith and Shorten, "H-TCP", 2004.
	Step float64
	// Double is how long the rate takes to double in slow start; 0 is 3 s.
	Double time.Duration
	// Round is the least time between two cuts; 0 is 10 s.
	Round time.Duration
	// Idle is after how long without a call it starts anew; 0 is a minute, after
	// which a quota's minute tells nothing of what was.
	Idle time.Duration
}

func (a Adaptive) withDefaults() Adaptive {
	a.Start, a.Floor, a.Ceiling = positive(a.Start, 60), positive(a.Floor, 1), positive(a.Ceiling, math.Inf(1))
	a.Floor = min(a.Floor, a.Ceiling)
	a.Start = min(max(a.Start, a.Floor), a.Ceiling)
	a.Cut, a.Step = below1(a.Cut, 0.85), positive(a.Step, 0.5)
	a.Double, a.Round, a.Idle = positive(a.Double, 3*time.Second), positive(a.Round, 10*time.Second), positive(a.Idle, minute)
	return a
}

func positive[T float64 | time.Duration](v, otherwise T) T {
	if v > 0 {
		return v
	}
	return otherwise
}

func below1(v, otherwise float64) float64 {
	if v > 0 && v < 1 {
		return v
	}
	return otherwise
}

// adaptive is the state of one. It is pure: times are given to it, and it has no
// lock.
type adaptive struct {
	Adaptive
	pace
	rate      float64       // requests a minute
	threshold float64       // where slow start ends; infinite before the first cut
	cutAt     time.Duration // when the last cut was
	calm      time.Duration // since when the rate grows: the last cut or start
	proven    bool          // a call that went after the last cut was served
	went      int64         // how many went after the last cut and were not refused
	before    int64         // how many went in the minute before it, if it was in slow start; else 0
	cuts      int64
}

func newAdaptive(a *Adaptive) *adaptive {
	if a == nil {
		return nil
	}
	with := a.withDefaults()
	return &adaptive{Adaptive: with, rate: with.Start, threshold: math.Inf(1)}
}

func (a *adaptive) slowStart() bool { return a.rate < a.threshold }

// when is the first time at which a call may go.
func (a *adaptive) when() time.Duration { return a.next }

// take lets a call go, and reports whether the rate is used.
func (a *adaptive) take(now time.Duration) (used bool) {
	// From when it could go: at a low rate the calls themselves are far apart.
	if now-a.next >= a.Idle {
		a.rate, a.calm = min(a.rate, a.Start), now
	}
	a.went++
	return a.pace.take(now, a.rate)
}

// served is told that AWS served a call, when that went, and whether it used the
// rate. limit is another bound on the rate; 0 is none.
func (a *adaptive) served(now, sent time.Duration, used bool, limit float64) {
	a.pace.served(sent)
	if a.cuts > 0 && sent <= a.cutAt {
		return
	}
	a.proven = true
	if !used {
		return
	}
	// A minute has as many of these as the rate.
	most := a.most(limit)
	if a.slowStart() {
		a.rate = min(a.rate+math.Ln2*float64(minute)/float64(a.Double), a.threshold, most)
	} else {
		a.rate = min(a.rate+a.growth(now)/a.rate, most)
	}
}

// growth is that of the rate in a minute.
func (a *adaptive) growth(now time.Duration) float64 {
	return a.Step * math.Sqrt(a.rate) * max(1, (now-a.calm).Minutes())
}

func (a *adaptive) most(limit float64) float64 {
	if limit > 0 {
		return max(min(a.Ceiling, limit), a.Floor)
	}
	return a.Ceiling
}

// found bounds the rate for a minute after a cut in slow start, which is a guess:
// there is room for what went since, or for what the minute before had, which may
// be used up. It is infinite otherwise.
func (a *adaptive) found(now time.Duration) float64 {
	if a.before == 0 || now-a.cutAt >= minute {
		return math.Inf(1)
	}
	return max(float64(a.before), float64(a.went+1)/(now-a.cutAt).Minutes(), a.Floor)
}

// throttled is told that AWS throttled a call, when that went, and whether it used
// the rate. Calls that went before the last cut are of the same overshoot; and
// while nothing that went after it is served, the minute is used up, and a rate
// below what is found would not help.
func (a *adaptive) throttled(now, sent time.Duration, used bool, limit float64) {
	a.refused(now, sent, 0)
	if sent > a.cutAt {
		a.went--
	}
	found := a.found(now)
	switch {
	case a.cuts == 0:
	case sent <= a.cutAt || now-a.cutAt < a.Round:
		return
	case !a.proven && now-a.cutAt < minute:
		a.rate, a.threshold = min(a.rate, found), min(a.threshold, found)
		return
	}
	part, rate := a.Cut, min(a.rate, a.most(limit))
	slow := a.slowStart()
	if !slow || !used {
		// A rate that was not used says nothing; what went does. Of a rate that doubles
		// it is the past.
		rate = min(rate, a.sent.rate(now))
	}
	a.before = 0
	if slow {
		part, a.before = 0.5, a.sent.sum(now)
	}
	a.rate = max(min(part*rate, found), a.Floor)
	a.threshold = a.rate
	a.cuts++
	a.cutAt, a.calm, a.proven, a.went = now, now, false, 0
}

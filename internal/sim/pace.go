package sim

import (
	"math/rand/v2"
	"time"
)

// pace is when the tokens of an answer come:
//
//	at(i) = f x (first_token + (i-1) x per_token)     for the i-th of n tokens
//	total = f x (first_token + n x per_token)
//
// f is drawn once a call, with mean 1, times the slowdown of a pool under load.
// A reply in one piece comes at total, and so does the end of a stream.
type pace struct {
	began        time.Time
	first, token float64       // of this call, in nanoseconds
	rest         time.Duration // beyond whole microseconds, see waitAround
	total        time.Duration
}

func newPace(r *rand.Rand, m *model, tokens int64, slower float64, began time.Time) pace {
	mean := time.Duration(float64(m.latencyMean(float64(tokens))) * slower)
	p := pace{began: began, total: waitAround(r, mean, m.latencySpread)}
	if mean > 0 {
		factor := float64(p.total) / float64(mean) * slower
		p.first, p.token = factor*float64(m.firstToken), factor*float64(m.perToken)
		p.rest = p.total % time.Microsecond
	}
	return p
}

// at is how long after the beginning the i-th token comes, from 1. Like every
// wait it is 0, or ends beyond a whole microsecond.
func (p *pace) at(i int64) time.Duration {
	d := time.Duration(p.first + float64(i-1)*p.token)
	if d <= 0 {
		return 0
	}
	return min(p.total, d.Truncate(time.Microsecond)+p.rest)
}

// slowdown is the factor on the latency of the call just admitted:
//
//	1 + (under_load - 1) x min(1, calls in flight / calls in flight when full)
//
// The call itself is one of those in flight. A pool is full at its concurrent
// calls; without such a limit, at the calls that its requests per minute keep in
// flight at the mean latency of a model without load (Little's law), one at
// least. A pool without either limit is never full: its factor is 1.
func (p *pool) slowdown(m *model) float64 {
	if p == nil || m.underLoad == 1 {
		return 1
	}
	full := float64(p.limits.concurrent)
	if full == 0 {
		if p.limits.rpm == 0 {
			return 1
		}
		full = max(1, float64(p.limits.rpm)*m.latencyMean(m.outputMean).Minutes())
	}
	return 1 + (m.underLoad-1)*min(1, float64(p.inFlight)/full)
}

// milliseconds rounds to the nearest.
func milliseconds(d time.Duration) int64 { return (d + time.Millisecond/2).Milliseconds() }

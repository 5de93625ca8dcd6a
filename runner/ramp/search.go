package ramp

import (
	"math"
	"slices"
)

// Search looks for the highest rate that holds, by trials. It is arithmetic on
// what the trials so far have shown: the same history gives the same answer.
//
// It follows MLRsearch (RFC 9971): a bracket is narrowed until it is at most
// Width wide; one bad trial does not decide a bound; and the lower bound is one
// that held. What was admitted above the limit is a good guess at the limit, so
// it chooses the next rates, but it is never a bound itself: where refused calls
// take from the quota too, it is too low.
type Search struct {
	From, To float64 // the rates to search between
	Width    float64 // of the bracket that is wanted, as a fraction: 0.05
	Trials   int     // the most of them
	Guess    float64 // a rate to begin with; 0 where there is none
}

// Trial is what one trial has shown.
type Trial struct {
	Asked    float64 // the rate by which [Search.Next] asked for it
	Offered  float64 // the rate that it really was
	Admitted float64 // the part of it that was admitted
	Held     bool
}

// Limit is a bracket: the highest rate that held, and the lowest that did not.
// 0 stands for one that is not known.
type Limit struct{ Low, High float64 }

// point is all trials of one rate. It has held, or not, by their majority.
type point struct {
	asked, offered, admitted float64
	held, failed             int
}

func (p point) ok() bool { return p.held > p.failed }

// points joins the trials by the rates that were asked for, in rising order.
func points(history []Trial) []point {
	var out []point
	for _, t := range history {
		i := slices.IndexFunc(out, func(p point) bool { return p.asked == t.Asked })
		if i < 0 {
			i = len(out)
			out = append(out, point{asked: t.Asked})
		}
		p := &out[i]
		n := float64(p.held + p.failed)
		p.offered = (p.offered*n + t.Offered) / (n + 1)
		p.admitted = (p.admitted*n + t.Admitted) / (n + 1)
		if t.Held {
			p.held++
		} else {
			p.failed++
		}
	}
	slices.SortStableFunc(out, func(a, b point) int {
		if a.offered < b.offered {
			return -1
		}
		return 1
	})
	return out
}

// bracket is the lowest point that did not hold, and the highest below it that
// did; nil where there is none.
func bracket(all []point) (low, high *point) {
	for i := range all {
		switch p := &all[i]; {
		case p.held == p.failed:
		case p.ok():
			low = p
		default:
			return low, p
		}
	}
	return low, nil
}

// Limit is what a history has shown. A rate at which a tolerated part was
// refused counts for no more than what was admitted.
func (s Search) Limit(history []Trial) Limit {
	var l Limit
	low, high := bracket(points(history))
	if low != nil {
		l.Low = min(low.offered, low.admitted)
	}
	if high != nil {
		l.High = high.offered
	}
	return l
}

// Next is the rate of the next trial; done where there is nothing more to learn,
// or no trial left.
func (s Search) Next(history []Trial) (rate float64, done bool) {
	if len(history) >= s.Trials {
		return 0, true
	}
	all := points(history)
	for _, p := range all {
		if p.held == p.failed { // one more decides
			return p.asked, false
		}
	}
	low, high := bracket(all)
	switch {
	case high == nil && low == nil:
		if s.Guess > 0 {
			return s.clamp(s.Guess), false
		}
		return s.To, false
	case high == nil && low.asked >= s.To:
		return 0, true
	case high == nil:
		return min(s.To, 2*low.asked), false
	}
	return s.narrow(low, high, creeps(history))
}

// creeps tells whether the last three rates, each below the one before, did not
// hold: what led to them was no good guess, and halving is faster.
func creeps(history []Trial) bool {
	last := len(history) - 1
	if last < 2 {
		return false
	}
	for i := last; i > last-2; i-- {
		a, b := history[i-1], history[i]
		if a.Held || b.Held || b.Asked >= a.Asked {
			return false
		}
	}
	return true
}

func (s Search) clamp(rate float64) float64 { return min(s.To, max(s.From, rate)) }

// narrow is the next rate inside of a bracket whose upper end is known.
func (s Search) narrow(low, high *point, creeps bool) (rate float64, done bool) {
	floor, held := s.From, 0.0
	if low != nil {
		floor, held = min(low.offered, low.admitted), low.offered
	}
	narrow := low != nil && high.offered <= floor*(1+s.Width)
	if narrow || high.asked <= s.From {
		return high.asked, high.failed > 1 // one bad trial does not decide
	}
	if low == nil && high.offered <= s.From*(1+s.Width) {
		return s.From, false
	}
	// As near above and below the guess as the width asks for, but no nearer to
	// what is known than a fifth of it; further above it where that held, as it
	// can by what is allowed to be refused by chance.
	side, least := math.Pow(1+s.Width, 0.45), 1+s.Width/5
	guess := high.admitted
	for _, c := range []float64{guess * side, guess / side, guess * side * side, guess * math.Pow(side, 3), guess * math.Pow(side, 4)} {
		if !creeps && c >= max(floor, held)*least && c*least <= high.offered && s.clamp(c) == c {
			return c, false
		}
	}
	return s.clamp(math.Sqrt(max(floor, held) * high.offered)), false
}

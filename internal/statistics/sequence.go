package statistics

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Sequence is a confidence sequence of the rate of independent trials: it holds at
// all moments at once, so that one may look at it again and again, and end the
// trials because of what it says.
func Sequence(hits, trials int, confidence float64) Interval {
	return sequence(float64(hits), float64(trials), confidence)
}

// sequence is that of Robbins with a uniform mixture: a rate is ruled out once the
// trials are 1/(1 - confidence) times less likely under it than on average under
// all rates.
func sequence(hits, trials, confidence float64) Interval {
	if trials <= 0 {
		return Interval{0, 1}
	}
	mixture := mathext.Lbeta(hits+1, trials-hits+1)
	limit := mixture + math.Log(1-confidence)
	ruledOut := func(p float64) bool {
		return xlogy(hits, p)+xlogy(trials-hits, 1-p) < limit
	}
	peak := hits / trials
	return Interval{Low: edge(0, peak, ruledOut), High: edge(1, peak, ruledOut)}
}

// edge finds, between a rate that may be ruled out and one that is not, where it
// begins.
func edge(out, in float64, ruledOut func(float64) bool) float64 {
	if !ruledOut(out) {
		return out
	}
	for range 60 {
		middle := (out + in) / 2
		if ruledOut(middle) {
			out = middle
		} else {
			in = middle
		}
	}
	return out
}

// xlogy is x log y, and 0 where x is.
func xlogy(x, y float64) float64 {
	if x == 0 {
		return 0
	}
	return x * math.Log(y)
}

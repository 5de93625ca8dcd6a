package statistics

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// sequence is a confidence sequence of a rate: it holds at all moments at once,
// so that trials may be ended because of what it says. It is that of Robbins
// with a uniform mixture: a rate is ruled out once the trials are 1/(1 - confidence)
// times less likely under it than on average under all rates.
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

// Exceeds reports whether trials that are looked at again and again show, at the
// stated confidence, that the rate is above a limit.
func Exceeds(hits, trials int, limit, confidence float64) bool {
	return sequence(float64(hits), float64(trials), confidence).Low > limit
}

// Below is Exceeds for a rate below a limit.
func Below(hits, trials int, limit, confidence float64) bool {
	return sequence(float64(hits), float64(trials), confidence).High < limit
}

// Package statistics says how far a rate that was measured can be from the true
// one.
//
// A rate is hits of trials: throttled of sent calls. Where calls are throttled
// independently of each other, the exact interval of Clopper and Pearson holds.
// Throttles mostly are not: they come in bursts, by the windows in which a quota
// is refilled. So the rate is looked at by window too, and where the windows
// differ by more than chance (the design effect), the interval is that of Korn
// and Graubard, which is the exact one for as many calls as the windows are
// worth. Bursts that were hardly seen cannot be measured: until five windows had
// hits, and five had misses, calls are taken to be worth half as many.
//
// All bounds are one-sided: the true rate is below High with the stated
// confidence, and above Low with the same.
package statistics

import (
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// Window is one part of the trials that may share a fate: those of one refill of
// a quota. Windows of one stratum were meant to be alike; those of several, such
// as the stages of a ramp, were not, and what they differ is no chance.
type Window struct{ Stratum, Hits, Trials int }

// Interval holds a true rate. Low and High are each at the stated confidence.
type Interval struct{ Low, High float64 }

// The methods of an estimate.
const (
	Exact      = "exact"      // Clopper and Pearson: calls are independent
	Halved     = "halved"     // the same for half the calls: too few windows with hits, or with misses, tell of bursts
	ByWindow   = "window"     // Korn and Graubard: windows are independent
	Both       = "both"       // the wider end of exact and window
	Direct     = "direct"     // every window has the same share, as a bucket of tokens gives
	Sequential = "sequential" // holds at whatever moment the trials were ended
	None       = "none"       // no trials
)

const (
	// leastWindows is how many windows with hits, and with misses, tell how much
	// windows differ.
	leastWindows = 5
	// burst is the design effect above which calls are not called independent, and
	// the one that is assumed where it cannot be seen.
	burst = 2
	// regular is how many hits and misses a window must have on average, before
	// windows that differ by no more than one are taken for a rule and not for luck.
	regular = 4
)

// Estimate is a rate with its interval, and how that was found.
type Estimate struct {
	Interval
	Method string
	// DesignEffect is the variance between windows, as a multiple of what
	// independent calls have; NaN where nothing tells it: without hits, or without
	// two windows of a stratum.
	DesignEffect float64
	Windows      int // with any trial
	// Worth is how many independent trials tell as much.
	Worth float64
	// Exact is what independent calls would allow.
	Exact Interval
}

// Rate estimates a rate from its windows. Confidence is between 0.5 and 1.
// Stopped says that the trials went on until they looked a certain way: a fixed
// number of trials must not be claimed then.
func Rate(windows []Window, confidence float64, stopped bool) Estimate {
	s := sum(windows)
	e := Estimate{Windows: s.used, Exact: ClopperPearson(s.hits, s.trials, confidence), Method: Exact}
	e.Interval = e.Exact
	var freedom int
	e.DesignEffect, freedom = s.designEffect(windows)
	if s.trials == 0 {
		e.Method = None
		return e
	}
	worth := s.trials
	if e.Worth = worth; s.same(windows) {
		e.Interval, e.Method = Interval{s.rate(), s.rate()}, Direct
		return e
	}
	switch {
	case e.DesignEffect > burst: // false for NaN
		e.Method, worth = ByWindow, s.worth(e.DesignEffect, freedom, confidence)
		e.Interval = s.scaled(worth, confidence)
	case min(s.bad, s.good) < leastWindows:
		e.Method, worth = Halved, s.trials/burst
		e.Interval = s.scaled(worth, confidence)
	case e.DesignEffect > 1:
		e.Method, worth = Both, s.worth(e.DesignEffect, freedom, confidence)
		w := s.scaled(worth, confidence)
		e.Interval = Interval{min(e.Exact.Low, w.Low), max(e.Exact.High, w.High)}
	}
	if e.Worth = worth; stopped {
		e.Method, e.Interval = Sequential, sequence(s.rate()*worth, worth, confidence)
	}
	return e
}

// sums are what windows have together.
type sums struct {
	hits, trials float64
	used         int // windows with any trial
	bad, good    int // windows with any hit, and with any miss
}

func sum(windows []Window) (s sums) {
	for _, w := range windows {
		s.hits += float64(w.Hits)
		s.trials += float64(w.Trials)
		if w.Trials > 0 {
			s.used++
		}
		if w.Hits > 0 {
			s.bad++
		}
		if w.Hits < w.Trials {
			s.good++
		}
	}
	return s
}

func (s sums) rate() float64 { return s.hits / s.trials }

// scaled is the exact interval for n trials at the same rate.
func (s sums) scaled(n, confidence float64) Interval {
	return ClopperPearson(s.rate()*n, n, confidence)
}

// ClopperPearson is the exact interval of hits in independent trials. Neither
// need be whole: hits of an effective number of trials are not.
func ClopperPearson(hits, trials, confidence float64) Interval {
	out := Interval{0, 1}
	if trials <= 0 {
		return out
	}
	if hits > 0 {
		out.Low = mathext.InvRegIncBeta(hits, trials-hits+1, 1-confidence)
	}
	if hits < trials {
		out.High = mathext.InvRegIncBeta(hits+1, trials-hits, confidence)
	}
	return out
}

// designEffect is the variance of the rate as the windows show it (that of a
// ratio of two sums over them, by stratum), by the variance that independent
// trials have. Freedom is how many differences between windows tell it.
func (s sums) designEffect(windows []Window) (effect float64, freedom int) {
	strata := map[int]*sums{}
	for _, w := range windows {
		if strata[w.Stratum] == nil {
			strata[w.Stratum] = &sums{}
		}
		t := strata[w.Stratum]
		t.hits += float64(w.Hits)
		t.trials += float64(w.Trials)
		if w.Trials > 0 {
			t.used++
		}
	}
	squares := map[int]float64{}
	for _, w := range windows {
		if t := strata[w.Stratum]; w.Trials > 0 && t.used > 1 {
			d := float64(w.Hits) - t.rate()*float64(w.Trials)
			squares[w.Stratum] += d * d * float64(t.used) / float64(t.used-1)
		}
	}
	var variance float64
	for _, at := range slices.Sorted(maps.Keys(strata)) {
		switch t := strata[at]; {
		case t.used > 1:
			variance += squares[at]
			freedom += t.used - 1
		case t.used == 1:
			variance += t.trials * t.rate() * (1 - t.rate())
		}
	}
	if freedom == 0 || s.hits == 0 || s.hits == s.trials {
		return math.NaN(), freedom
	}
	return variance / (s.trials * s.rate() * (1 - s.rate())), freedom
}

// same reports windows that all have the same share of hits, give or take one.
func (s sums) same(windows []Window) bool {
	if s.used < leastWindows || min(s.hits, s.trials-s.hits) < regular*float64(s.used) {
		return false
	}
	for _, w := range windows {
		if math.Abs(float64(w.Hits)-s.rate()*float64(w.Trials)) > 1 {
			return false
		}
	}
	return true
}

// worth is the number of independent trials that tell as much. After Korn and
// Graubard (1998, Survey Methodology 24): the trials by the design effect, and by
// what it costs to know that effect from a few windows only.
func (s sums) worth(effect float64, freedom int, confidence float64) float64 {
	t := func(freedom float64) float64 {
		return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}.Quantile(confidence)
	}
	few := t(max(1, s.trials-1)) / t(float64(freedom))
	return min(s.trials, s.trials/effect*few*few)
}

// Needed is how many trials without any hit show that a rate is at most limit:
// twice what independent ones would take, since nothing is seen of bursts.
// Without an end where the limit is 0.
func Needed(limit, confidence float64) (trials int, ok bool) {
	switch {
	case limit <= 0:
		return 0, false
	case limit >= 1:
		return 1, true
	}
	return int(math.Ceil(burst * math.Log(1-confidence) / math.Log1p(-limit))), true
}

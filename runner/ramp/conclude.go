package ramp

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Bounds of what is concluded.
const (
	// tempered is the part of the evidence that counts: what one span shows is
	// much like what the one before has shown.
	tempered        = 0.5
	leastConfidence = 0.8  // by which an algorithm is named
	mostConfidence  = 0.99 // an algorithm that is not among the theories is not ruled out
	leastOff        = 0.3  // calls a span: less is rounding
	mostOff         = 0.2  // of the calls admitted: a theory that is off by more is none
	clockOff        = 2.5  // seconds: how far a clock may be off
	// fallen is by how many times what it is off in a mean span a fit may be worse
	// than the best, within an interval.
	fallen = 4
)

// ReadLimiter holds what came back against each theory. Its parameters are
// chosen by the calls before `from`, and it is judged by the others. Samples are
// in the order of time.
func ReadLimiter(samples []Sample, from int) Limiter {
	l := Limiter{Algorithm: AlgorithmUnknown}
	refused := slices.ContainsFunc(samples, func(s Sample) bool { return !s.Admitted })
	if r := newReader(samples); refused && r.all > 0 && from > 0 && from < len(samples) && r.spans[from] > 0 {
		r.read(&l, r.spans[from])
		return l
	}
	l.Why = "too few calls were admitted or refused"
	return l
}

// read reads all spans, of which those from one on judge.
func (r *reader) read(l *Limiter, split int) {
	spans := len(r.sent)
	admitted := sum(r.admitted[split:])
	var all []Theory
	add := func(t Theory, before, after float64) {
		// By how much it is off in a span is taken for drawn from a Laplace
		// distribution, of the mean that it had before.
		scale := max(leastOff, before/float64(split))
		t.score = -float64(spans-split)*math.Log(scale) - after/scale
		t.Off = after / max(1, admitted)
		all = append(all, t)
	}
	for _, v := range variants {
		f := r.fit(v, split)
		add(Theory{Algorithm: v.algorithm, fit: f}, f.off, r.miss(v.state(r, f.at), split, spans))
	}
	for _, guess := range []func(int) float64{r.asBefore, r.asEver} {
		before, after := 0.0, 0.0
		for i := 1; i < spans; i++ {
			off := math.Abs(guess(i)*r.sent[i] - r.admitted[i])
			if i < split {
				before += off
			} else {
				after += off
			}
		}
		add(Theory{Algorithm: AlgorithmUnknown}, before, after)
	}
	l.Theories = likeliest(all)
	best := l.Theories[0]
	l.Confidence = best.Probability
	switch {
	case best.Algorithm == AlgorithmUnknown:
		l.Why = "no algorithm foretells the calls better than chance does"
	case best.Probability < leastConfidence:
		l.Why = fmt.Sprintf("%s is the likeliest, and not likely enough: %.2g", best.Algorithm, best.Probability)
	case best.Off > mostOff:
		l.Why = fmt.Sprintf("%s is the likeliest, and foretells too many calls wrongly: %.2g of those admitted", best.Algorithm, best.Off)
	default:
		r.conclude(l, best, all)
	}
}

// conclude names the likeliest algorithm, with the parameters that suit all
// calls best.
func (r *reader) conclude(l *Limiter, best Theory, all []Theory) {
	f := r.fit(best.fit.variant, len(r.sent))
	near := append(r.region(f), best.fit) // as it was by the first turn alone
	l.Algorithm = best.Algorithm
	l.Refill = r.estimate(near, func(p params) float64 { return max(0, p.quota-p.others) })
	l.Burst = r.estimate(near, func(p params) float64 { return p.quota })
	if l.Algorithm == AlgorithmBucket {
		l.Burst = r.estimate(near, func(p params) float64 { return p.second })
	}
	if l.Algorithm == AlgorithmFixed {
		l.Second = math.Mod(math.Mod(f.at.second, minute)+minute, minute)
		switch {
		case f.variant.opened:
			l.Opens, l.Second = OpensCall, 0
		case min(l.Second, minute-l.Second) <= clockOff:
			l.Opens, l.Second = OpensClock, 0
		default:
			l.Opens = OpensSecond
		}
		return
	}
	for _, t := range all {
		other := t.fit.variant
		if t.Algorithm == best.Algorithm && other.wastes != best.fit.variant.wastes && 1/(1+math.Exp(tempered*(t.score-best.score))) >= leastConfidence {
			l.Refused = RefusedFree
			if best.fit.variant.wastes {
				l.Refused = RefusedCounted
			}
		}
	}
}

// estimate is a number by the best fit, and how far it goes by those near; wider
// by the part of the calls that the fit is off by, and by a call, as what is
// admitted is whole calls.
func (r *reader) estimate(near []fitted, number func(params) float64) Estimate {
	v := number(near[0].at)
	e := Estimate{v, v, v}
	for _, f := range near {
		e.Low, e.High = min(e.Low, number(f.at)), max(e.High, number(f.at))
	}
	wide := min(1, near[0].off/sum(r.admitted))
	return Estimate{v, max(0, e.Low*(1-wide)-r.unit), e.High*(1+wide) + r.unit}
}

func sum(list []float64) (all float64) {
	for _, v := range list {
		all += v
	}
	return all
}

// likeliest are the theories with their probabilities, of each algorithm the
// best.
func likeliest(all []Theory) (out []Theory) {
	slices.SortStableFunc(all, func(a, b Theory) int { return cmp.Compare(b.score, a.score) })
	for _, t := range all {
		if !slices.ContainsFunc(out, func(k Theory) bool { return k.Algorithm == t.Algorithm }) {
			out = append(out, t)
		}
	}
	together := 0.0
	for i := range out {
		out[i].Probability = math.Exp(tempered * (out[i].score - out[0].score))
		together += out[i].Probability
	}
	for i := range out {
		out[i].Probability = min(mostConfidence, out[i].Probability/together)
	}
	return out
}

// asBefore and asEver are theories without a limiter: that the part that is
// admitted in a span is that of the span before, or that of all before.
func (r *reader) asBefore(span int) float64 { return r.admitted[span-1] / r.sent[span-1] }

func (r *reader) asEver(span int) float64 {
	return sum(r.admitted[:span]) / sum(r.sent[:span])
}

package ramp

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// spanLength is the time over which the calls that are admitted are counted, and
// held against what a theory foretells: which of two calls is refused hangs on
// milliseconds, and how many of ten does not.
const spanLength = 5 * time.Second

// reader holds samples against theories.
type reader struct {
	samples  []Sample
	events   []event
	spans    []int // by call: the index of its span
	admitted []float64
	sent     []float64 // by span, as admitted
	unit     float64   // what a call takes in the mean
	most     float64   // admitted in any minute
	all      float64   // admitted
	// What theories work in.
	within, at, taken, foretold []float64
	fits                        []bool // by call
}

// event is a call that comes, or one that settles.
type event struct {
	at      float64
	call    int
	settles bool
}

func newReader(samples []Sample) *reader {
	n := len(samples)
	r := &reader{samples: samples, spans: make([]int, n), within: make([]float64, n), at: make([]float64, n), taken: make([]float64, n), fits: make([]bool, n)}
	sum, head, in := 0.0, 0, 0.0
	last := time.Duration(math.MinInt64)
	for i, s := range samples {
		sum += s.Takes
		r.events = append(r.events, event{at: s.At.Seconds(), call: i})
		if s.Settled != s.Takes {
			r.events = append(r.events, event{at: s.Ended.Seconds(), call: i, settles: true})
		}
		if span := s.At.Truncate(spanLength); span != last {
			last = span
			r.admitted, r.sent = append(r.admitted, 0), append(r.sent, 0)
		}
		r.spans[i] = len(r.sent) - 1
		r.sent[r.spans[i]]++
		if !s.Admitted {
			continue
		}
		r.admitted[r.spans[i]]++
		r.all += s.Settled
		in += s.Settled
		for ; s.At-samples[head].At >= time.Minute; head++ {
			if samples[head].Admitted {
				in -= samples[head].Settled
			}
		}
		r.most = max(r.most, in)
	}
	r.unit = sum / float64(max(1, n))
	r.foretold = make([]float64, len(r.sent))
	slices.SortStableFunc(r.events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	return r
}

// miss lets a limiter of a theory answer all calls, and gives by how many calls
// it is off in all spans from one on to before another.
func (r *reader) miss(st state, from, to int) float64 {
	clear(r.foretold)
	for _, e := range r.events {
		s := &r.samples[e.call]
		if e.settles {
			if r.fits[e.call] {
				st.settle(e.call, e.at, s.Takes-s.Settled)
			}
			continue
		}
		if r.spans[e.call] >= to {
			break
		}
		r.fits[e.call] = st.admit(e.call, e.at, s.Takes)
		if r.fits[e.call] {
			r.foretold[r.spans[e.call]]++
		}
	}
	off := 0.0
	for i := from; i < to; i++ {
		off += math.Abs(r.foretold[i] - r.admitted[i])
	}
	return off
}

// variant is a theory before its parameters are known.
type variant struct {
	algorithm string
	opened    bool // of a fixed minute, by a call
	wastes    bool // refused calls take from the quota
}

var variants = []variant{
	{algorithm: AlgorithmBucket}, {algorithm: AlgorithmBucket, wastes: true},
	{algorithm: AlgorithmFixed}, {algorithm: AlgorithmFixed, opened: true},
	{algorithm: AlgorithmSliding}, {algorithm: AlgorithmSliding, wastes: true},
}

// params are those of a variant: the quota a minute; what a bucket holds, or the
// second at which a fixed minute begins; and what others use of a fixed minute.
// Of the other algorithms that can not be told from a lower quota.
type params struct{ quota, second, others float64 }

// state is the limiter of a variant before the first call: full.
func (v variant) state(r *reader, p params) state {
	// A window has room for whole calls: half a call more makes no difference,
	// and puts the quota in the middle of those that fit as well.
	window := p.quota + r.unit/2
	switch v.algorithm {
	case AlgorithmBucket:
		return &bucketState{perSecond: p.quota / minute, capacity: p.second, wastes: v.wastes, level: p.second, at: r.events[0].at}
	case AlgorithmFixed:
		return &fixedState{quota: window, others: p.others / minute, second: p.second, opened: v.opened, begun: r.events[0].at - 2*minute, within: r.within}
	}
	return &slidingState{quota: window, wastes: v.wastes, at: r.at, taken: r.taken}
}

// The grid on which a fit begins, and how far it climbs from there.
const (
	gridQuotas = 20
	gridBursts = 24
	gridSecond = 2 // of a second
	fitFar     = 0.2
	fitNear    = 0.001
	fitStarts  = 4
	fitMoves   = 60
	// fitFarthest is how far an interval goes, as a power of e.
	fitFarthest = 3
)

func (v variant) grid(r *reader) (out []params) {
	span := func(low, high float64, n int, f func(x float64)) {
		low = min(low, high)
		for i := range n {
			f(low * math.Pow(high/low, float64(i)/float64(n-1)))
		}
	}
	switch {
	case v.algorithm == AlgorithmBucket:
		span(r.most/60, 1.1*r.most, gridQuotas, func(q float64) {
			span(r.unit, max(r.unit, r.all), gridBursts, func(b float64) { out = append(out, params{quota: q, second: b}) })
		})
	case v.algorithm == AlgorithmFixed && !v.opened:
		span(0.45*r.most, 1.4*r.most, gridQuotas, func(q float64) {
			for at := 0.0; at < minute; at += gridSecond {
				out = append(out, params{q, at, 0}, params{q, at, q / 4})
			}
		})
	default:
		span(0.45*r.most, 1.4*r.most, 2*gridQuotas, func(q float64) { out = append(out, params{quota: q}, params{quota: q, others: q / 4}) })
	}
	return out
}

// axis is a parameter of a variant, changed by a factor or, where a factor means
// nothing, by as much as the factor differs from 1.
type axis func(p params, by float64) params

func ofQuota(p params, by float64) params  { return params{p.quota * by, p.second, p.others * by} }
func ofSecond(p params, by float64) params { return params{p.quota, p.second * by, p.others} }
func ofTime(p params, by float64) params {
	return params{p.quota, p.second + (by-1)*minute/4, p.others}
}
func ofOthers(p params, by float64) params {
	return params{p.quota, p.second, max(0, p.others+(by-1)*p.quota)}
}

func (v variant) axes() []axis {
	switch {
	case v.algorithm == AlgorithmBucket:
		return []axis{ofQuota, ofSecond}
	case v.algorithm == AlgorithmFixed && v.opened:
		return []axis{ofQuota, ofOthers}
	case v.algorithm == AlgorithmFixed:
		return []axis{ofQuota, ofOthers, ofTime}
	}
	return []axis{ofQuota}
}

// fitted is a variant with parameters, and how far it is off with them.
type fitted struct {
	variant variant
	at      params
	off     float64 // in calls
}

func (r *reader) try(v variant, p params, to int) fitted {
	return fitted{v, p, r.miss(v.state(r, p), 0, to)}
}

// climb goes from some parameters to better ones, as long as there are any
// near: by one axis at a time, but for one, or by two against each other.
func (r *reader) climb(best fitted, to, but int) fitted {
	axes := best.variant.axes()
	for far, moves := fitFar, 0; far > fitNear && moves < fitMoves; moves++ {
		better := false
		at := best.at
		take := func(p params) {
			if x := r.try(best.variant, p, to); x.off < best.off {
				best, better = x, true
			}
		}
		for i, a := range axes {
			for _, by := range []float64{1 + far, 1 / (1 + far)} {
				if i != but {
					take(a(at, by))
				}
				if i > 0 && but < 0 {
					take(a(ofQuota(at, by), 1/by))
				}
			}
		}
		if !better {
			far /= 2
		}
	}
	return best
}

// fit looks for the parameters by which a variant foretells the spans from the
// first on to before another best.
func (r *reader) fit(v variant, to int) fitted {
	var starts []fitted
	for _, p := range v.grid(r) {
		starts = append(starts, r.try(v, p, to))
	}
	byOff := func(a, b fitted) int { return cmp.Compare(a.off, b.off) }
	slices.SortStableFunc(starts, byOff)
	starts = starts[:min(len(starts), fitStarts)]
	for i := range starts {
		starts[i] = r.climb(starts[i], to, -1)
	}
	return slices.MinFunc(starts, byOff)
}

// region is the best fit with others that are nearly as good, as far out on each
// axis as there are any, and one step beyond.
func (r *reader) region(best fitted) []fitted {
	spans := len(r.sent)
	most := best.off + fallen*max(leastOff, best.off/float64(spans))
	out := []fitted{best}
	for i, a := range best.variant.axes() {
		for _, way := range []float64{-1, 1} {
			for far := 0.005; far < fitFarthest; far *= 1.5 {
				x := r.climb(r.try(best.variant, a(best.at, math.Exp(way*far)), spans), spans, i)
				out = append(out, x)
				if x.off > most {
					break
				}
			}
		}
	}
	return out
}

package record

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"
)

// Rate is the counts behind a reading that is a share of calls. Calls share a
// fate by the time in which a quota is refilled, so they are told by window.
type Rate struct {
	Hits, Trials int
	Windows      []RateWindow // in order; those without any call are left out; nil where they are not kept
}

// RateWindow is the part of a rate that falls in one window. Windows of one
// stage were meant to be alike.
type RateWindow struct {
	Stage  int `json:"stage"`
	Hits   int `json:"hits"`
	Trials int `json:"trials"`
}

// refillPeriod is the window of a rate: quotas are refilled by the minute.
const refillPeriod = time.Minute

// refill is a window of the measured calls of a stage, or of their attempts.
type refill struct{ stage, window int }

// shares counts the calls of a window that rates are made of.
type shares struct{ calls, attempts, ok, throttled, failed, judged, good int }

// attempt counts what was sent.
func (s *shares) attempt(c *Call) {
	s.attempts++
	switch c.Outcome {
	case OK:
	case Throttled:
		s.throttled++
	default:
		s.failed++
	}
}

// call counts one that ended.
func (s *shares) call(c *Call, slo *SLO) {
	s.calls++
	if c.Outcome == OK {
		s.ok++
	}
	if slo != nil {
		s.judged++
		if slo.Met(c) {
			s.good++
		}
	}
}

func (s *shares) merge(t *shares) {
	s.calls += t.calls
	s.attempts += t.attempts
	s.ok += t.ok
	s.throttled += t.throttled
	s.failed += t.failed
	s.judged += t.judged
	s.good += t.good
}

// rate counts a line by window: an attempt when it was sent, and a call when it came
// due. Those of a long step are as wide as the windows of its charts, so that there
// are never more.
func (f *Fold) rate(c *Call) {
	width := max(refillPeriod, f.period)
	in := func(at time.Time) *shares {
		return f.share(refill{c.Stage, int(min(max(at.Sub(f.start)/width, 0), farthest))})
	}
	if c.Outcome.Sent() {
		in(c.At()).attempt(c)
	}
	if c.ended() {
		in(c.Planned).call(c, f.slo)
	}
}

func (f *Fold) share(r refill) *shares {
	if f.last != nil && f.lastAt == r { // calls come mostly in order
		return f.last
	}
	s, ok := f.refills[r]
	if !ok {
		s = &shares{}
		f.refills[r] = s
	}
	f.lastAt, f.last = r, s
	return s
}

// rated puts the windows behind a share: hits and trials of each.
func (s *Sum) rated(r Reading, of func(*shares) (hits, trials int)) Reading {
	if !r.Known {
		return r
	}
	if len(s.fold.refills) == 0 { // of the latest calls only the sums are kept
		r.Rate = &Rate{Hits: int(math.Round(r.Value * float64(r.Samples))), Trials: r.Samples}
		return r
	}
	rate := &Rate{}
	byTime := func(a, b refill) int { return cmp.Or(a.stage-b.stage, a.window-b.window) }
	for _, at := range slices.SortedFunc(maps.Keys(s.fold.refills), byTime) {
		if s.stages != nil && !slices.Contains(s.stages, at.stage) {
			continue
		}
		hits, trials := of(s.fold.refills[at])
		if trials == 0 {
			continue
		}
		rate.Hits += hits
		rate.Trials += trials
		rate.Windows = append(rate.Windows, RateWindow{at.stage, hits, trials})
	}
	r.Rate = rate
	return r
}

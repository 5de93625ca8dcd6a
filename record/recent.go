package record

import (
	"slices"
	"time"
)

// Recent adds up the latest calls of one model, in parts that are forgotten one
// by one: seconds, or the stages of a ramp. Its size hangs on the number of
// parts and on what is read, not on the number of calls; to read it takes as
// long as to forget what is over.
type Recent struct {
	fold  *Fold    // for its start and slo; it has no calls
	asked []Metric // what is read
	times bool     // distributions of times are among it
	parts map[int]*Tally
	sum   Tally // of the parts, but for the times of the first and the last
	from  int   // the first part that is kept
}

// NewRecent makes an empty one, for a step that began at start, of which some
// metrics will be read.
func NewRecent(start time.Time, slo *SLO, names []string) *Recent {
	r := &Recent{fold: NewFold(start, time.Second), parts: map[int]*Tally{}}
	r.fold.slo = slo
	for _, m := range Metrics {
		if m.FromCalls != nil && slices.Contains(names, m.Name) {
			r.asked, r.times = append(r.asked, m), r.times || m.times
		}
	}
	return r
}

// Add counts a call in a part. That of a part that is forgotten is, too. A call
// of the warm-up counts as any other.
func (r *Recent) Add(part int, c *Call) {
	if part < r.from {
		return
	}
	t := r.parts[part]
	if t == nil {
		t = &Tally{}
		r.parts[part] = t
	}
	measured := *c
	measured.Warmup = false
	for _, t := range []*Tally{t, &r.sum} {
		t.count(&measured, r.fold.slo)
		if r.times {
			t.time(&measured)
		}
	}
}

// Values forgets the parts before one, and reads the metrics of the rest.
func (r *Recent) Values(from int) Values {
	r.from = max(r.from, from)
	r.sum.first, r.sum.last, r.sum.out, r.sum.lastly, r.sum.firstBad = time.Time{}, time.Time{}, time.Time{}, time.Time{}, time.Time{}
	for i, t := range r.parts {
		if i < r.from {
			delete(r.parts, i)
			r.sum.sum(t, -1)
			continue
		}
		r.sum.span(t)
	}
	sum := Sum{Tally: &r.sum, fold: r.fold}
	v := Values{}
	for _, m := range r.asked {
		v[m.Name] = m.FromCalls(&sum)
	}
	return v
}

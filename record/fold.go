package record

import (
	"maps"
	"slices"
	"time"
)

// What is longer than maxLatency counts as that.
const (
	maxLatency    = time.Hour
	windowUnit    = 100 * time.Microsecond
	maxWindows    = 240 // a chart has no more columns; see WindowPeriod
	minimumWindow = time.Second
)

// Fold adds up the calls of one step and one model, or of a step over all
// models. Adding calls in any order, or merging folds of parts in any order,
// gives the same readings. Its size does not depend on the number of calls.
type Fold struct {
	start   time.Time     // of the step
	period  time.Duration // of the windows
	slo     *SLO          // nil without one
	stages  map[int]*Tally
	windows map[int]*window
	first   time.Time          // the whole minute before the start
	minutes []ownMinute        // from first on; see own
	refills map[refill]*shares // of the measured calls, and of their attempts
	lastAt  refill             // of the last call
	last    *shares            // its counts; nil before the first
	tails   []tail             // the windows that assertions read
	whole   *Fold              // what this is a tail of; nil for a step
}

// NewFold makes an empty fold for a step that began at start. Its charts have
// windows of the given period (see [WindowPeriod]).
func NewFold(start time.Time, period time.Duration) *Fold {
	return &Fold{start: start, first: start.Truncate(time.Minute).Add(-time.Minute), period: period, stages: map[int]*Tally{}, windows: map[int]*window{}, refills: map[refill]*shares{}}
}

// WindowPeriod chooses the width of chart windows for a step that lasts as
// long as given: whole seconds, and never more than 240 windows.
func WindowPeriod(length time.Duration) time.Duration {
	for _, p := range []time.Duration{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800} {
		if p *= minimumWindow; length <= p*maxWindows {
			return p
		}
	}
	return ((length+maxWindows-1)/maxWindows + time.Hour - 1).Truncate(time.Hour)
}

// Add counts one call.
func (f *Fold) Add(c *Call) {
	f.stage(c.Stage).Add(c, f.slo)
	for _, t := range f.tails {
		if c.Planned.Sub(f.start) >= t.from {
			t.fold.Add(c)
		}
	}
	if !c.Retried {
		f.window(c.Planned).planned++
	}
	if c.Outcome.Sent() {
		f.window(c.Sent()).add(c)
		f.own(c)
	}
	if !c.Warmup {
		f.rate(c)
	}
}

func (f *Fold) stage(i int) *Tally {
	t, ok := f.stages[i]
	if !ok {
		t = &Tally{}
		f.stages[i] = t
	}
	return t
}

// Merge adds what another fold of the same step counted.
func (f *Fold) Merge(g *Fold) {
	if f.slo == nil {
		f.slo = g.slo
	}
	for i, t := range g.stages {
		f.stage(i).Merge(t)
	}
	for i, w := range g.windows {
		mine, ok := f.windows[i]
		if !ok {
			mine = newWindow()
			f.windows[i] = mine
		}
		mine.merge(w)
	}
	for at, s := range g.refills {
		f.share(at).merge(s)
	}
	for i, t := range g.tails {
		if i == len(f.tails) {
			f.addTail(t.name, t.from)
		}
		f.tails[i].fold.Merge(t.fold)
	}
}

// total adds up the stages. The step keeps no sums of its own: they are exact
// this way too, and a call is added once.
func (f *Fold) total() *Tally {
	t := &Tally{}
	for _, i := range slices.Sorted(maps.Keys(f.stages)) {
		t.Merge(f.stages[i])
	}
	return t
}

// Counts is the account of all calls, the warm-up included.
func (f *Fold) Counts() Counts {
	c := newCounts()
	for _, t := range f.stages {
		c.merge(t.counts())
	}
	return c
}

// Expected is where CloudWatch is expected to count the calls, the warm-up
// included.
func (f *Fold) Expected() (e Expected) {
	for _, t := range f.stages {
		e.Merge(t.expected)
	}
	return e
}

// Stage is the account of one stage, the warm-up included.
func (f *Fold) Stage(i int) Counts {
	if t, ok := f.stages[i]; ok {
		return t.counts()
	}
	return newCounts()
}

// Values answers every metric that is counted from calls.
func (f *Fold) Values() Values { return f.read(f.total(), nil) }

// StageValues answers them for the calls of one stage. What has no data is left
// out; first_throttle_s counts from the start of the step.
func (f *Fold) StageValues(i int) Values {
	if _, ok := f.stages[i]; !ok {
		return Values{}
	}
	return f.stagesValues([]int{i})
}

// latest is when the last call came due, or was sent by a client, that is not of the
// warm-up, after the start.
func (f *Fold) latest() time.Duration {
	var last time.Time
	for _, t := range f.stages {
		last = later(last, later(t.last, t.lastly))
	}
	return last.Sub(f.start)
}

func (f *Fold) read(t *Tally, stages []int) Values {
	return valuesOf(&Sum{Tally: t, fold: f, stages: stages}, func(m Metric) func(*Sum) Reading { return m.FromCalls })
}

// Sum is what a metric reads: the sums of some calls, and the step that they
// are of.
type Sum struct {
	*Tally
	fold   *Fold
	stages []int // that the calls are of; nil: all
}

func newCounts() Counts { return Counts{Outcomes: map[Outcome]int{}} }

// Add counts one call, or one attempt of it.
func (c *Counts) Add(call *Call) {
	if call.Retried {
		c.Retried++
	} else {
		c.Planned++
	}
	c.add(call.Outcome, 1)
}

func (c *Counts) add(o Outcome, n int) {
	switch o {
	case Dropped:
		c.Dropped += n
	case GivenUp:
		c.GivenUp += n
	default:
		c.Sent += n
		c.Outcomes[o] += n
	}
}

func (c *Counts) merge(d Counts) {
	c.Planned += d.Planned
	c.Sent += d.Sent
	c.Dropped += d.Dropped
	c.GivenUp += d.GivenUp
	c.Retried += d.Retried
	for o, n := range d.Outcomes {
		c.Outcomes[o] += n
	}
}

// Clone is a copy that shares nothing.
func (c Counts) Clone() Counts {
	out := newCounts()
	out.merge(c)
	return out
}

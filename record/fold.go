package record

import (
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Latencies are kept in whole microseconds up to 1 hour with three digits (an
// error of at most 0.1 %), and for charts with two. What is longer counts as 1 hour.
const (
	maxLatency    = time.Hour
	wholeDigits   = 3
	windowDigits  = 2
	windowUnit    = 100 * time.Microsecond
	maxWindows    = 240 // a chart has no more columns; see WindowPeriod
	minimumWindow = time.Second
)

// Fold adds up the calls of one step and one model, or of a step over all
// models. Adding calls in any order, or merging folds of parts in any order,
// gives the same readings. Its size does not depend on the number of calls.
type Fold struct {
	start  time.Time     // of the step
	period time.Duration // of the windows

	all    Counts         // with the warm-up
	stages map[int]Counts // with the warm-up, by stage

	measured    map[Outcome]int // without the warm-up; so is all that follows
	first, last time.Time       // planned times of the first and last measured call
	firstBad    time.Time       // planned time of the first throttled call
	latency     latency         // planned to end, calls that were ok
	service     latency         // sent to end, calls that were ok
	lag         latency         // planned to sent
	ttft        latency         // planned to the first text, streams that were ok
	downgraded  int             // calls that were ok, and served another way than asked
	inputs      int64
	outputs     int64
	quotaTokens int64
	usages      int   // calls behind the three token sums
	nanoUSD     int64 // whole, so that the order of calls cannot change the sum
	priced      int

	windows map[int]*window
}

// NewFold makes an empty fold for a step that began at start. Its charts have
// windows of the given period (see [WindowPeriod]).
func NewFold(start time.Time, period time.Duration) *Fold {
	return &Fold{
		start: start, period: period,
		all: newCounts(), stages: map[int]Counts{}, measured: map[Outcome]int{}, windows: map[int]*window{},
	}
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
	f.all.Add(c.Outcome)
	s, ok := f.stages[c.Stage]
	if !ok {
		s = newCounts()
	}
	s.Add(c.Outcome)
	f.stages[c.Stage] = s
	f.window(c.Planned).planned++
	if c.Outcome != Dropped {
		f.window(c.Sent()).add(c)
	}
	if !c.Warmup {
		f.measure(c)
	}
}

func (f *Fold) measure(c *Call) {
	f.measured[c.Outcome]++
	f.first = earlier(f.first, c.Planned)
	if c.Planned.After(f.last) {
		f.last = c.Planned
	}
	if c.Outcome == Throttled {
		f.firstBad = earlier(f.firstBad, c.Planned)
	}
	if c.Outcome == OK {
		f.latency.add(c.Lag + c.Took)
		f.service.add(c.Took)
		if c.TTFT > 0 {
			f.ttft.add(c.Lag + c.TTFT)
		}
		if c.Served != "" {
			f.downgraded++
		}
	}
	if c.Outcome != Dropped {
		f.lag.add(c.Lag)
	}
	if c.Usage != nil {
		f.inputs += c.Usage.Input
		f.outputs += c.Usage.Output
		f.quotaTokens += c.QuotaTokens
		f.usages++
	}
	if c.USD != nil {
		f.nanoUSD += int64(math.Round(*c.USD * 1e9))
		f.priced++
	}
}

// Merge adds what another fold of the same step counted.
func (f *Fold) Merge(g *Fold) {
	f.all.merge(g.all)
	for i, c := range g.stages {
		s, ok := f.stages[i]
		if !ok {
			s = newCounts()
		}
		s.merge(c)
		f.stages[i] = s
	}
	for o, n := range g.measured {
		f.measured[o] += n
	}
	f.first = earlier(f.first, g.first)
	if g.last.After(f.last) {
		f.last = g.last
	}
	f.firstBad = earlier(f.firstBad, g.firstBad)
	f.latency.merge(g.latency)
	f.service.merge(g.service)
	f.lag.merge(g.lag)
	f.ttft.merge(g.ttft)
	f.downgraded += g.downgraded
	f.inputs += g.inputs
	f.outputs += g.outputs
	f.quotaTokens += g.quotaTokens
	f.usages += g.usages
	f.nanoUSD += g.nanoUSD
	f.priced += g.priced
	for i, w := range g.windows {
		mine, ok := f.windows[i]
		if !ok {
			mine = newWindow()
			f.windows[i] = mine
		}
		mine.merge(w)
	}
}

// Counts is the account of all calls, the warm-up included.
func (f *Fold) Counts() Counts { return f.all.Clone() }

// Stage is the account of one stage, the warm-up included.
func (f *Fold) Stage(i int) Counts {
	if c, ok := f.stages[i]; ok {
		return c.Clone()
	}
	return newCounts()
}

// attempts is the number of measured calls that were sent.
func (f *Fold) attempts() int {
	n := 0
	for o, k := range f.measured {
		if o != Dropped {
			n += k
		}
	}
	return n
}

func newCounts() Counts { return Counts{Outcomes: map[Outcome]int{}} }

// Add counts one call.
func (c *Counts) Add(o Outcome) {
	c.Planned++
	if o == Dropped {
		c.Dropped++
		return
	}
	c.Sent++
	c.Outcomes[o]++
}

func (c *Counts) merge(d Counts) {
	c.Planned += d.Planned
	c.Sent += d.Sent
	c.Dropped += d.Dropped
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

// earlier is the earlier of two times; the zero time is "none".
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// latency is a distribution of durations with an exact sum. The zero value is
// empty: what is not measured takes no memory.
type latency struct {
	hist *hdrhistogram.Histogram // microseconds; nil while empty
	sum  time.Duration
}

func (l *latency) open() *hdrhistogram.Histogram {
	if l.hist == nil {
		l.hist = hdrhistogram.New(1, maxLatency.Microseconds(), wholeDigits)
	}
	return l.hist
}

func (l *latency) add(d time.Duration) {
	l.sum += d
	record(l.open(), d, time.Microsecond)
}

func (l *latency) merge(m latency) {
	if m.hist != nil {
		l.sum += m.sum
		l.open().Merge(m.hist)
	}
}

func (l *latency) count() int {
	if l.hist == nil {
		return 0
	}
	return int(l.hist.TotalCount())
}

// quantile is the nearest-rank quantile in ms; no data where there is none.
func (l *latency) quantile(percent int64) Reading {
	if l.count() == 0 {
		return Reading{}
	}
	return Read(float64(nearestRank(l.hist, percent))/1000, l.count())
}

func (l *latency) mean() Reading {
	if l.count() == 0 {
		return Reading{}
	}
	return Read(float64(l.sum)/float64(l.count())/1e6, l.count())
}

// record keeps a duration within the histogram's range, so that RecordValue
// has no reason to fail.
func record(h *hdrhistogram.Histogram, d, unit time.Duration) {
	d = min(max(d, 0), maxLatency)
	if err := h.RecordValue(int64((d + unit/2) / unit)); err != nil {
		panic(err)
	}
}

// nearestRank is the smallest value that at least the given share of all
// values do not exceed. The histogram itself rounds the rank to the nearest,
// so that its 95th percentile of 31 values is the 29th; it is asked for the
// rank that is meant.
func nearestRank(h *hdrhistogram.Histogram, percent int64) int64 {
	n := h.TotalCount()
	rank := (percent*n + 99) / 100
	return h.ValueAtPercentile(100 * float64(rank) / float64(n))
}

package record

import (
	"slices"
	"time"
)

// window is what one column of a chart shows. All but planned counts by the time
// at which calls were sent.
type window struct {
	planned, sent, ok, throttled, errors int
	capacity                             int   // of the errors
	reserved, settled                    int64 // quota tokens
	asked                                int   // calls behind reserved
	latency, ttft                        *histogram
}

func newWindow() *window { return &window{} }

// farthest bounds the windows of a fold, whatever a journal says: a step has
// fewer, calls that went out late included.
const farthest = 1 << 14

func (f *Fold) window(t time.Time) *window {
	i := int(min(max(t.Sub(f.start)/f.period, 0), farthest))
	w, ok := f.windows[i]
	if !ok {
		w = newWindow()
		f.windows[i] = w
	}
	return w
}

func (w *window) add(c *Call) {
	w.sent++
	if c.ReservedTokens > 0 {
		w.reserved += c.ReservedTokens
		w.asked++
	}
	w.settled += c.QuotaTokens
	switch c.Outcome {
	case OK:
		w.ok++
		opened(&w.latency).add(c.Lag + c.Took)
		if c.TTFT > 0 {
			opened(&w.ttft).add(c.Lag + c.TTFT)
		}
	case Throttled:
		w.throttled++
	case Capacity:
		w.capacity++
		w.errors++
	default:
		w.errors++
	}
}

func opened(h **histogram) *histogram {
	if *h == nil {
		*h = newHistogram(windowUnit, windowDigits)
	}
	return *h
}

func (w *window) merge(v *window) {
	w.planned += v.planned
	w.sent += v.sent
	w.ok += v.ok
	w.throttled += v.throttled
	w.errors += v.errors
	w.capacity += v.capacity
	w.reserved += v.reserved
	w.settled += v.settled
	w.asked += v.asked
	if v.latency != nil {
		opened(&w.latency).merge(v.latency, 1)
	}
	if v.ttft != nil {
		opened(&w.ttft).merge(v.ttft, 1)
	}
}

// callSeries are the series that are counted from calls.
var callSeries = []struct {
	name, unit string
	value      func(*window) *float64
	always     bool // also where it is zero or a gap throughout
}{
	{SeriesPlanned, "count", func(w *window) *float64 { return number(w.planned) }, true},
	{SeriesSent, "count", func(w *window) *float64 { return number(w.sent) }, true},
	{SeriesOK, "count", func(w *window) *float64 { return number(w.ok) }, true},
	{SeriesThrottled, "count", func(w *window) *float64 { return number(w.throttled) }, true},
	{SeriesErrors, "count", func(w *window) *float64 { return number(w.errors) }, true},
	{SeriesCapacity, "count", func(w *window) *float64 { return number(w.capacity) }, false},
	{SeriesReserved, "tokens", func(w *window) *float64 { return number(int(w.reserved)) }, false},
	{SeriesSettled, "tokens", func(w *window) *float64 { return number(int(w.settled)) }, false},
	{SeriesLatencyP50, "ms", func(w *window) *float64 { return percentile(w.latency, 50) }, true},
	{SeriesLatencyP95, "ms", func(w *window) *float64 { return percentile(w.latency, 95) }, true},
	{SeriesTTFTP50, "ms", func(w *window) *float64 { return percentile(w.ttft, 50) }, false},
	{SeriesTTFTP95, "ms", func(w *window) *float64 { return percentile(w.ttft, 95) }, false},
}

// FromCalls tells whether a series of that name is counted from calls.
func FromCalls(series string) bool {
	for _, row := range callSeries {
		if row.name == series {
			return true
		}
	}
	return false
}

// Series draws the fold over time. Counts of a window in which nothing was
// planned or sent are zero, since the client knows that it did nothing; the
// latency of a window without a successful call is a gap.
func (f *Fold) Series(step, model string) []Series {
	last := -1
	for i := range f.windows {
		last = max(last, i)
	}
	if last < 0 {
		return nil
	}
	var out []Series
	none := newWindow()
	for _, row := range callSeries {
		s := Series{Step: step, Model: model, Name: row.name, Unit: row.unit, Start: f.start, Period: Duration(f.period), Values: make([]*float64, last+1)}
		for i := range s.Values {
			w := f.windows[i]
			if w == nil {
				w = none
			}
			s.Values[i] = row.value(w)
		}
		if row.always || slices.ContainsFunc(s.Values, func(v *float64) bool { return v != nil && *v != 0 }) {
			out = append(out, s)
		}
	}
	return out
}

// percentile is in ms.
func percentile(h *histogram, percent int) *float64 {
	if h == nil {
		return nil
	}
	v := float64(h.quantile(percent)) / float64(time.Millisecond)
	return &v
}

func number(n int) *float64 {
	v := float64(n)
	return &v
}

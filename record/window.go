package record

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// window is what one column of a chart shows.
type window struct {
	planned, sent, ok, throttled, errors int
	latency                              *hdrhistogram.Histogram // ok calls, in windowUnit; nil while empty
}

func newWindow() *window { return &window{} }

func (f *Fold) window(t time.Time) *window {
	i := int(t.Sub(f.start) / f.period)
	w, ok := f.windows[i]
	if !ok {
		w = newWindow()
		f.windows[i] = w
	}
	return w
}

func (w *window) add(c *Call) {
	w.sent++
	switch c.Outcome {
	case OK:
		w.ok++
		if w.latency == nil {
			w.latency = hdrhistogram.New(1, int64(maxLatency/windowUnit), windowDigits)
		}
		record(w.latency, c.Lag+c.Took, windowUnit)
	case Throttled:
		w.throttled++
	default:
		w.errors++
	}
}

func (w *window) merge(v *window) {
	w.planned += v.planned
	w.sent += v.sent
	w.ok += v.ok
	w.throttled += v.throttled
	w.errors += v.errors
	if v.latency == nil {
		return
	}
	if w.latency == nil {
		w.latency = hdrhistogram.New(1, int64(maxLatency/windowUnit), windowDigits)
	}
	w.latency.Merge(v.latency)
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
	rows := []struct {
		name, unit string
		value      func(*window) *float64
	}{
		{SeriesPlanned, "count", func(w *window) *float64 { return number(w.planned) }},
		{SeriesSent, "count", func(w *window) *float64 { return number(w.sent) }},
		{SeriesOK, "count", func(w *window) *float64 { return number(w.ok) }},
		{SeriesThrottled, "count", func(w *window) *float64 { return number(w.throttled) }},
		{SeriesErrors, "count", func(w *window) *float64 { return number(w.errors) }},
		{SeriesLatencyP50, "ms", func(w *window) *float64 { return w.quantile(50) }},
		{SeriesLatencyP95, "ms", func(w *window) *float64 { return w.quantile(95) }},
	}
	var out []Series
	none := newWindow()
	for _, row := range rows {
		s := Series{Step: step, Model: model, Name: row.name, Unit: row.unit, Start: f.start, Period: Duration(f.period), Values: make([]*float64, last+1)}
		for i := range s.Values {
			w := f.windows[i]
			if w == nil {
				w = none
			}
			s.Values[i] = row.value(w)
		}
		out = append(out, s)
	}
	return out
}

// quantile is in ms.
func (w *window) quantile(percent int64) *float64 {
	if w.latency == nil {
		return nil
	}
	v := float64(nearestRank(w.latency, percent)) * float64(windowUnit) / float64(time.Millisecond)
	return &v
}

func number(n int) *float64 {
	v := float64(n)
	return &v
}

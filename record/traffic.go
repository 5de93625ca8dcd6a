package record

import (
	"slices"
	"time"
)

// Traffic is what CloudWatch returned for one model over a window.
type Traffic struct {
	Window Window
	// Sums holds the Sum of each metric of [CloudWatchMetrics] by period,
	// counted from Window.Start; nil is a period without a point.
	Sums map[string][]*float64
	// Levels holds percentiles by period, under "InvocationLatency.p90". They are
	// never added up or averaged.
	Levels map[string][]*float64
	// Overall holds the same percentiles as CloudWatch works them out over the
	// whole window, where it can.
	Overall map[string]*float64
	// Burndown is how many quota tokens one output token takes; 0 is not known.
	Burndown float64
	// Limits are the applied quotas of the model by dimension (rpm, tpm); one that
	// is not known is absent.
	Limits map[string]float64
}

// NewTraffic makes a traffic without any point.
func NewTraffic(w Window) *Traffic {
	t := &Traffic{Window: w, Sums: map[string][]*float64{}}
	for _, name := range CloudWatchMetrics {
		t.Sums[name] = make([]*float64, t.periods())
	}
	return t
}

// Set puts a point at the period that holds the time. Times outside of the
// window are left out, and so is what is no finite number.
func (t *Traffic) Set(metric string, at time.Time, value float64) {
	if !finite(value) {
		return
	}
	i := int(at.Sub(t.Window.Start) / time.Duration(t.Window.Period))
	if s := t.Sums[metric]; !at.Before(t.Window.Start) && i < len(s) {
		s[i] = &value
	}
}

// Add puts another model's traffic over the same window on top: a point is
// there where either has one.
func (t *Traffic) Add(u *Traffic) {
	for name, points := range u.Sums {
		for i, p := range points {
			if p == nil {
				continue
			}
			v := *p
			if q := t.Sums[name][i]; q != nil {
				v += *q
			}
			t.Sums[name][i] = &v
		}
	}
}

// Series are the points as they came, gaps included: those of the usual metrics,
// and of the others and the levels those that have any point.
func (t *Traffic) Series(step, model string) (out []Series) {
	add := func(name, unit string, values []*float64) {
		out = append(out, Series{Step: step, Model: model, Name: name, Unit: unit, Start: t.Window.Start, Period: t.Window.Period, Values: values})
	}
	for i, name := range CloudWatchMetrics {
		unit := "tokens"
		if slices.Contains(eventMetrics, name) {
			unit = "count"
		}
		if i < usualMetrics || hasPoint(t.Sums[name]) {
			add(name, unit, t.Sums[name])
		}
	}
	for _, l := range CloudWatchLevels {
		if values := t.Levels[l.Name()]; hasPoint(values) {
			add(l.Name(), "ms", values)
		}
	}
	return out
}

// hasPoint tells whether there is any point.
func hasPoint(values []*float64) bool {
	return slices.ContainsFunc(values, func(v *float64) bool { return v != nil })
}

func (t *Traffic) periods() int {
	p := time.Duration(t.Window.Period)
	return int((t.Window.End.Sub(t.Window.Start) + p - 1) / p)
}

// eventMetrics count calls. CloudWatch stores a count only where an event
// happened, so a quiet counter has no points at all; see [Traffic.events].
var eventMetrics = []string{MetricInvocations, MetricThrottles, MetricClientErrors, MetricServerErrors}

// reported lists the periods for which CloudWatch told anything about calls.
func (t *Traffic) reported() []int {
	var out []int
	for i := range t.periods() {
		for _, m := range eventMetrics {
			if t.Sums[m][i] != nil {
				out = append(out, i)
				break
			}
		}
	}
	return out
}

// events sums counters of calls over the reported periods. In a period that
// was reported by one of the four event counters, the silence of another means
// that no such event happened; in a period that none of them reported, nothing
// is known and nothing is added. Without a reported period there is no data.
func (t *Traffic) events(metrics ...string) Reading {
	at := t.reported()
	if len(at) == 0 {
		return Reading{}
	}
	var sum float64
	for _, i := range at {
		sum += t.at(i, metrics...)
	}
	return Read(sum, len(at))
}

// peak is the highest sum of the metrics in one period, per minute.
func (t *Traffic) peak(metrics ...string) Reading {
	var best float64
	n := 0
	for i := range t.periods() {
		if !t.has(i, metrics...) {
			continue
		}
		best = max(best, t.at(i, metrics...))
		n++
	}
	if n == 0 {
		return Reading{}
	}
	return Read(best/time.Duration(t.Window.Period).Minutes(), n)
}

// sum adds the points there are; without a point there is no data.
func (t *Traffic) sum(metric string) Reading {
	var sum float64
	n := 0
	for _, p := range t.Sums[metric] {
		if p != nil {
			sum += *p
			n++
		}
	}
	if n == 0 {
		return Reading{}
	}
	return Read(sum, n)
}

func (t *Traffic) has(i int, metrics ...string) bool {
	for _, m := range metrics {
		if t.Sums[m][i] != nil {
			return true
		}
	}
	return false
}

func (t *Traffic) at(i int, metrics ...string) float64 {
	var v float64
	for _, m := range metrics {
		if p := t.Sums[m][i]; p != nil {
			v += *p
		}
	}
	return v
}

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
// there where either has one. Only sums add up: percentiles do not, and burndown
// and quotas are each model's own, so that t keeps what it had of these.
func (t *Traffic) Add(u *Traffic) {
	for name, points := range u.Sums {
		if t.Sums[name] == nil {
			t.Sums[name] = make([]*float64, t.periods())
		}
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
// happened, so a quiet counter has no points at all; see [TrafficFold.events].
var eventMetrics = []string{MetricInvocations, MetricThrottles, MetricClientErrors, MetricServerErrors}

package record

import (
	"math"
	"slices"
	"time"
)

// TrafficFold is what a traffic adds up to: worked out once, read by every
// metric of a monitor step.
type TrafficFold struct {
	traffic  *Traffic
	location *time.Location
	calls    counted  // attempts
	tokens   counted  // input + output
	quota    counted  // quota tokens
	throttle run      // the longest with throttles
	busiest  weekHour // the busiest hour of the week
	growth   map[string]growth
	values   Values
}

// counted is what happened per minute, in the periods of which something is
// known.
type counted struct {
	at     []int // the periods, in order
	rates  []float64
	sorted []float64 // the rates, from the lowest
}

// The dimensions of quotas that CloudWatch shows the use of.
const (
	dimensionRPM = "rpm"
	dimensionTPM = "tpm"
)

// Fold works a traffic out.
func (t *Traffic) Fold() *TrafficFold {
	f := &TrafficFold{traffic: t, location: time.UTC}
	// A zone that this machine does not know was refused long before, or stands in
	// a record of another machine: its numbers are then told in UTC.
	if l, err := time.LoadLocation(t.Window.Zone); err == nil {
		f.location = l
	}
	calls := t.pick(eventMetrics...)
	f.calls = f.count(func(i int) (float64, bool) { return addUp(calls, i) })
	tokens := t.pick(MetricInputTokens, MetricOutputTokens)
	f.tokens = f.count(func(i int) (float64, bool) { return addUp(tokens, i) })
	estimated, computed := t.pick(MetricQuotaTokens), t.quotaTokens()
	f.quota = f.count(func(i int) (float64, bool) {
		v, told := addUp(estimated, i)
		if u, known := computed(i); known {
			return max(u, v), true
		}
		return v, told
	})
	f.throttle = f.longestThrottled()
	f.busiest = f.busiestHour()
	f.growth = map[string]growth{dimensionRPM: f.grow(f.calls), dimensionTPM: f.grow(f.quota)}
	f.values = valuesOf(f, func(m Metric) func(*TrafficFold) Reading { return m.FromTraffic })
	return f
}

// Values answers every monitor metric.
func (f *TrafficFold) Values() Values { return f.values }

// Values answers every monitor metric.
func (t *Traffic) Values() Values { return t.Fold().Values() }

// count reads the periods of which something is known.
func (f *TrafficFold) count(of func(period int) (float64, bool)) (c counted) {
	minutes, n := time.Duration(f.traffic.Window.Period).Minutes(), f.traffic.periods()
	c.at, c.rates = make([]int, 0, n), make([]float64, 0, n)
	for i := range n {
		if v, known := of(i); known {
			c.at, c.rates = append(c.at, i), append(c.rates, v/minutes)
		}
	}
	c.sorted = slices.Clone(c.rates)
	slices.Sort(c.sorted)
	return c
}

// percentile is the smallest rate that at least the given share of the known
// periods do not exceed: the nearest rank.
func (c counted) percentile(percent int) Reading {
	n := len(c.sorted)
	if n == 0 {
		return Reading{}
	}
	return Read(c.sorted[max(0, (percent*n+99)/100-1)], n)
}

func (c counted) peak() Reading { return c.percentile(100) }

// peakAt is the period of the peak, the first of several.
func (c counted) peakAt(w Window) *time.Time {
	if len(c.at) == 0 {
		return nil
	}
	at := w.at(c.at[slices.Index(c.rates, c.sorted[len(c.sorted)-1])])
	return &at
}

// at is the begin of a period.
func (w Window) at(period int) time.Time {
	return w.Start.Add(time.Duration(period) * time.Duration(w.Period))
}

// events sums counters of calls over the reported periods. In a period that
// was reported by one of the four event counters, the silence of another means
// that no such event happened; in a period that none of them reported, nothing
// is known and nothing is added. Without a reported period there is no data.
func (f *TrafficFold) events(metrics ...string) Reading {
	if len(f.calls.at) == 0 {
		return Reading{}
	}
	sum, _ := f.traffic.total(metrics...)
	return Read(sum, len(f.calls.at))
}

func (f *TrafficFold) throttleRate() Reading {
	throttles, attempts := f.events(MetricThrottles), f.events(eventMetrics...)
	if !attempts.Known {
		return Reading{}
	}
	r := Read(throttles.Value/attempts.Value, int(attempts.Value))
	if r.Known {
		r.Rate = f.throttleWindows()
	}
	return r
}

// throttleWindows are the counts behind the throttle rate, by periods, or by as
// many of them together as make no more windows than a chart has columns.
func (f *TrafficFold) throttleWindows() *Rate {
	bad, all := f.traffic.pick(MetricThrottles), f.traffic.pick(eventMetrics...)
	out, last := &Rate{}, -1
	width := (f.traffic.periods() + maxWindows - 1) / maxWindows
	for i := range f.traffic.periods() {
		hits, _ := addUp(bad, i)
		trials, _ := addUp(all, i)
		if trials == 0 {
			continue
		}
		if i/width != last {
			last = i / width
			out.Windows = append(out.Windows, RateWindow{})
		}
		w := &out.Windows[len(out.Windows)-1]
		w.Hits += int(math.Round(hits))
		w.Trials += int(math.Round(trials))
	}
	for _, w := range out.Windows {
		out.Hits += w.Hits
		out.Trials += w.Trials
	}
	return out
}

// sum adds the points there are; without a point there is no data.
func (f *TrafficFold) sum(metric string) Reading {
	return known(f.traffic.total(metric))
}

// computed adds up the quota tokens that input, cache writes and output make.
func (f *TrafficFold) computed() Reading {
	sum, n, tokens := 0.0, 0, f.traffic.quotaTokens()
	for i := range f.traffic.periods() {
		if v, known := tokens(i); known {
			sum += v
			n++
		}
	}
	return known(sum, n)
}

// tokenCoverage is of how many periods with successful calls tokens are known.
func (f *TrafficFold) tokenCoverage() Reading {
	calls, tokens := f.traffic.pick(MetricInvocations), f.traffic.pick(MetricInputTokens, MetricOutputTokens)
	with, n := 0, 0
	for i := range f.traffic.periods() {
		if v, _ := addUp(calls, i); v == 0 {
			continue
		}
		n++
		if _, known := addUp(tokens, i); known {
			with++
		}
	}
	return known(float64(with)/float64(n), n)
}

// utilization is a rate as a fraction of the applied quota of a dimension.
func (f *TrafficFold) utilization(dimension string, rate Reading) Reading {
	limit, known := f.traffic.Limits[dimension]
	if !known || !rate.Known {
		return Reading{}
	}
	return Read(rate.Value/limit, rate.Samples)
}

// overall is a percentile that CloudWatch worked out over the whole window.
func (f *TrafficFold) overall(key string) Reading {
	v := f.traffic.Overall[key]
	if v == nil {
		return Reading{}
	}
	_, n := highest(f.traffic.Levels[key])
	return Read(*v, max(1, n))
}

// worst is the highest that a percentile was in one period.
func (f *TrafficFold) worst(key string) Reading {
	return known(highest(f.traffic.Levels[key]))
}

func highest(points []*float64) (top float64, n int) {
	for _, p := range points {
		if p != nil {
			top = max(top, *p)
			n++
		}
	}
	return top, n
}

// pick is the points of metrics; those that were not read are left out.
func (t *Traffic) pick(metrics ...string) (out [][]*float64) {
	for _, m := range metrics {
		if s := t.Sums[m]; s != nil {
			out = append(out, s)
		}
	}
	return out
}

// addUp adds the points of one period; not known where there is none.
func addUp(series [][]*float64, period int) (sum float64, known bool) {
	for _, s := range series {
		if p := s[period]; p != nil {
			sum += *p
			known = true
		}
	}
	return sum, known
}

// total adds up all points of metrics, and counts the periods that have one.
func (t *Traffic) total(metrics ...string) (sum float64, n int) {
	series := t.pick(metrics...)
	for i := range t.periods() {
		if v, known := addUp(series, i); known {
			sum += v
			n++
		}
	}
	return sum, n
}

// quotaTokens are input + cache writes + output x burndown of a period; not known
// where the burndown is not, or none of the three was told.
func (t *Traffic) quotaTokens() func(period int) (float64, bool) {
	input, output := t.pick(MetricInputTokens, MetricCacheWrites), t.pick(MetricOutputTokens)
	return func(period int) (float64, bool) {
		in, a := addUp(input, period)
		out, b := addUp(output, period)
		return in + out*t.Burndown, t.Burndown > 0 && (a || b)
	}
}

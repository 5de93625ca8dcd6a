package report

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/chart"
)

// What a chart shows is a series joined to wider periods, added to another or
// scaled. In all of it nil stays nil: a gap is not a zero.

// maxColumns is how many columns a plot can show apart.
const maxColumns = 360

// widths are the periods that columns may be joined to.
var widths = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// joinUntil is how many periods are joined to one, so that the width is a
// round one and fits says yes to it: 1 if it does already, or if the periods
// have no width.
func joinUntil(step time.Duration, fits func(k int) bool) int {
	if step <= 0 || fits(1) {
		return 1
	}
	for _, w := range widths {
		if w > step && w%step == 0 && fits(int(w/step)) {
			return int(w / step)
		}
	}
	last := 1
	for !fits(last) && last < math.MaxInt/2 {
		last *= 2
	}
	return last
}

// columnJoin joins as many periods as make the columns at most so many.
func columnJoin(step time.Duration, n, most int) int {
	return joinUntil(step, func(k int) bool { return (n+k-1)/k <= most })
}

// rateJoin joins periods until one holds five calls on average, since the rate
// of one or two calls is noise, but leaves twenty points of a line.
func rateJoin(step time.Duration, counts []*float64) int {
	total := 0.0
	for _, v := range counts {
		if v != nil {
			total += *v
		}
	}
	n := float64(len(counts))
	return joinUntil(step, func(k int) bool { return total*float64(k) >= 5*n || n/float64(k) <= 20 })
}

// joined adds k periods to one; it is a gap where all of them are.
func joined(values []*float64, k int) []*float64 {
	if k <= 1 {
		return values
	}
	var out []*float64
	for part := range slices.Chunk(values, k) {
		out = append(out, sum(part...))
	}
	return out
}

// sum is nil where all are.
func sum(values ...*float64) *float64 {
	var total *float64
	for _, v := range values {
		if v == nil {
			continue
		}
		if total == nil {
			total = new(float64)
		}
		*total += *v
	}
	return total
}

// added sums series period by period.
func added(series ...[]*float64) []*float64 {
	n := 0
	for _, s := range series {
		n = max(n, len(s))
	}
	out, sums := make([]*float64, n), make([]float64, n)
	for _, s := range series {
		for i, v := range s {
			if v != nil {
				sums[i] += *v
				out[i] = &sums[i]
			}
		}
	}
	return out
}

func scaled(values []*float64, factor float64) []*float64 {
	out, products := make([]*float64, len(values)), make([]float64, len(values))
	for i, v := range values {
		if v != nil {
			products[i] = *v * factor
			out[i] = &products[i]
		}
	}
	return out
}

// counted is a count by the periods of all: no value where nothing else is
// known either, and zero where something else is.
func counted(values, all []*float64) []*float64 {
	out, zero := make([]*float64, len(all)), new(float64)
	for i := range all {
		if i < len(values) {
			out[i] = values[i]
		}
		if out[i] == nil && all[i] != nil {
			out[i] = zero
		}
	}
	return out
}

func anyAboveZero(values []*float64) bool {
	return slices.ContainsFunc(values, func(v *float64) bool { return v != nil && *v > 0 })
}

func anyKnown(values []*float64) bool {
	return slices.ContainsFunc(values, func(v *float64) bool { return v != nil })
}

// columnNotes tell the share of throttled calls over each column that has any,
// the most throttled first.
func columnNotes(throttled, all []*float64) []chart.Note {
	var at []int
	for i, v := range throttled {
		if v != nil && *v > 0 && all[i] != nil && *all[i] > 0 {
			at = append(at, i)
		}
	}
	slices.SortStableFunc(at, func(i, j int) int { return cmp.Compare(*throttled[j], *throttled[i]) })
	var notes []chart.Note
	for _, i := range at {
		notes = append(notes, chart.Note{Column: i, Text: digits(*throttled[i] / *all[i] * 100, 2) + " %"})
	}
	return notes
}

// values are those of a series, none where there is no such series.
func values(r *record.Run, step, model, name string) []*float64 {
	s, _ := r.Find(step, model, name)
	return s.Values
}

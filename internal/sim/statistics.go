package sim

import (
	"math"
	"regexp"
	"sort"
	"strconv"
)

// statistic folds samples into the one number that a query asks for.
type statistic func(*fold) float64

var percentileForm = regexp.MustCompile(`^p(100|[0-9]{1,2}(\.[0-9]{1,10})?)$`)

// statisticOf returns the statistic of a name: Sum, Average, Minimum, Maximum,
// SampleCount, or a percentile such as p99 or p99.9.
func statisticOf(name string) (statistic, bool) {
	switch name {
	case "Sum":
		return func(f *fold) float64 { return f.sum }, true
	case "Average":
		return func(f *fold) float64 { return f.sum / f.n }, true
	case "Minimum":
		return func(f *fold) float64 { return f.min }, true
	case "Maximum":
		return func(f *fold) float64 { return f.max }, true
	case "SampleCount":
		return func(f *fold) float64 { return f.n }, true
	}
	if !percentileForm.MatchString(name) {
		return nil, false
	}
	p, err := strconv.ParseFloat(name[1:], 64)
	return func(f *fold) float64 { return f.percentile(p / 100) }, err == nil
}

// fold adds up the summaries of one period.
type fold struct {
	n, sum, min, max float64
	distribution     bool // keep the parts, for percentiles
	parts            []summary
}

func (f *fold) add(s summary) {
	if s.n == 0 {
		return
	}
	if f.n == 0 {
		f.min, f.max = s.min, s.max
	}
	f.n += s.n
	f.sum += s.sum
	f.min, f.max = min(f.min, s.min), max(f.max, s.max)
	if f.distribution {
		f.parts = append(f.parts, s)
	}
}

// percentile is the value at rank q x n of the samples in order, exact where
// all samples of a part are equal, within one bucket (1 %) where they are not.
func (f *fold) percentile(q float64) float64 {
	switch q {
	case 0:
		return f.min
	case 1:
		return f.max
	}
	if len(f.parts) == 1 && f.parts[0].buckets == nil { // a known distribution alone
		return max(f.min, min(f.max, f.sum/f.n*quantile(q, f.parts[0].spread)))
	}
	type weighted struct{ value, weight float64 }
	var points []weighted
	for _, s := range f.parts {
		switch {
		case s.min == s.max:
			points = append(points, weighted{s.min, s.n})
		case s.buckets != nil:
			for b, n := range s.buckets {
				points = append(points, weighted{max(s.min, min(s.max, bucketValue(b))), float64(n)})
			}
		default: // a known distribution, by twenty of its quantiles
			const steps = 20
			for i := range steps {
				v := s.sum / s.n * quantile((float64(i)+0.5)/steps, s.spread)
				points = append(points, weighted{max(s.min, min(s.max, v)), s.n / steps})
			}
		}
	}
	sort.Slice(points, func(i, j int) bool { return points[i].value < points[j].value })
	rank, passed := math.Ceil(q*f.n-1e-9), 0.0
	for _, p := range points {
		if passed += p.weight; passed >= rank-1e-9 {
			return p.value
		}
	}
	return f.max
}

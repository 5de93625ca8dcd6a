package record

import (
	"cmp"
	"math"
	"slices"
)

// normal95 bounds 95 of 100 draws of the standard normal distribution.
const normal95 = 1.959964

// theilSen is the median of the slopes between all pairs of days, each of one
// kind with each other of the same kind, and its interval by the order statistics
// of Sen (1968) with the variance of Kendall's S, added up over the kinds as in the
// seasonal test of Hirsch (1982): weekends are never compared with working days.
// It is not known where the interval would be wider than all slopes.
func theilSen(kinds ...[]day) (interval, bool) {
	var slopes []float64
	variance := 0.0
	for _, days := range kinds {
		for i, a := range days {
			for _, b := range days[i+1:] {
				slopes = append(slopes, (b.y-a.y)/(b.x-a.x))
			}
		}
		n := float64(len(days))
		variance += n * (n - 1) * (2*n + 5) / 18
	}
	slices.Sort(slopes)
	n := float64(len(slopes))
	apart := normal95 * math.Sqrt(variance)
	low, high := int(math.Floor((n-apart)/2)), int(math.Ceil((n+apart)/2))+1 // ranks from 1
	if low < 1 || high > len(slopes) {
		return interval{}, false
	}
	return interval{slopes[low-1], medianOf(slopes), slopes[high-1]}, true
}

// residuals are how far days lie over a line of a slope, at a center.
func residuals(days []day, slope, center float64) []float64 {
	var out []float64
	for _, d := range days {
		out = append(out, d.y-slope*(d.x-center))
	}
	return out
}

// busier are the days that reach a quota first: working days, unless weekends are
// shown to be above them.
func busier(working, weekend []day, slope float64) []day {
	if len(working) == 0 {
		return weekend
	}
	if len(weekend) > 0 && medianInterval(residuals(weekend, slope, 0)).low > median(residuals(working, slope, 0)) {
		return weekend
	}
	return working
}

// center is the mean time of days: there the errors of a level and of a slope
// have nothing to do with each other.
func center(days []day) float64 {
	sum := 0.0
	for _, d := range days {
		sum += d.x
	}
	return sum / float64(len(days))
}

// medianInterval is the median, and its interval by the sign test: the ranks that
// hold it in at least 95 of 100 cases, or all values where they are fewer than 6.
func medianInterval(values []float64) interval {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	outside := math.Pow(0.5, float64(n)) // the chance that the median is under the rank
	chance, rank := outside, 0
	for k := 1; k <= n/2; k++ {
		chance *= float64(n-k+1) / float64(k)
		if outside+chance > 0.025 {
			break
		}
		outside += chance
		rank = k
	}
	return interval{sorted[rank], medianOf(sorted), sorted[n-1-rank]}
}

func median(values []float64) float64 { return medianOf(slices.Sorted(slices.Values(values))) }

// medianOf is that of values in order.
func medianOf(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// widening is by how much intervals for independent days are too narrow where a
// high day follows a high one: the root of (1 + r) / (1 - r), r the correlation of
// a day's residual with the next one's. Residuals are cut at three deviations, so that one
// incident does not hide the rest. A line that was fitted takes some of r away, which is put back.
func widening(slope float64, kinds ...[]day) float64 {
	type residual struct{ x, y float64 }
	var all []residual
	var sizes []float64
	for _, days := range kinds {
		off := residuals(days, slope, 0)
		if len(off) == 0 {
			continue
		}
		middle := median(off)
		for i, d := range days {
			all = append(all, residual{d.x, off[i] - middle})
			sizes = append(sizes, math.Abs(off[i]-middle))
		}
	}
	slices.SortFunc(all, func(a, b residual) int { return cmp.Compare(a.x, b.x) })
	most := 3 * 1.4826 * median(sizes)
	n := float64(len(all))
	var product, square, pairs float64
	for i, a := range all {
		y := max(-most, min(most, a.y))
		square += y * y / n
		if i > 0 && a.x-all[i-1].x < 1.9 {
			product += y * max(-most, min(most, all[i-1].y))
			pairs++
		}
	}
	if square == 0 || pairs == 0 {
		return 1
	}
	r := (product/pairs/square + 2/n) / (1 - 4/n)
	r = max(0, min(0.8, r))
	return math.Sqrt((1 + r) / (1 - r))
}

// widened moves the bounds away from the estimate.
func (i interval) widened(by float64) interval {
	return interval{i.estimate - by*(i.estimate-i.low), i.estimate, i.estimate + by*(i.high-i.estimate)}
}

package statistics

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// Sample is one measured number and the window that it fell into, an index into
// the strata of an [Order].
type Sample struct {
	Value  float64
	Window int32
}

// Order is samples by size, of whatever distribution.
type Order struct {
	samples []Sample
	strata  []int // of each window
}

// NewOrder sorts the samples in place, which are its own from then on. Strata has
// the stratum of each window, see [Window].
func NewOrder(samples []Sample, strata []int) *Order {
	slices.SortFunc(samples, func(a, b Sample) int { return cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.Window, b.Window)) })
	return &Order{samples, strata}
}

// Len is the number of samples.
func (o *Order) Len() int { return len(o.samples) }

// Quantile is the p-quantile by nearest rank, p between 0 and 1, and its
// two-sided interval: two of the samples, chosen by how many may lie below the
// true quantile. Where windows differ in how many of their samples lie above it,
// that is reckoned for as many samples as they are worth (Woodruff 1952, JASA
// 47). It is not ok where there are too few samples for an interval that ends.
func (o *Order) Quantile(p, confidence float64) (Located, bool) {
	n := len(o.samples)
	if n == 0 {
		return Located{}, false
	}
	at := func(rank float64) float64 { return o.samples[min(n, max(1, int(rank)))-1].Value }
	q := Located{Value: at(math.Ceil(p * float64(n)))}
	windows := make([]Window, len(o.strata))
	for i, s := range o.strata {
		windows[i].Stratum = s
	}
	for _, s := range o.samples {
		w := &windows[s.Window]
		w.Trials++
		if s.Value > q.Value {
			w.Hits++
		}
	}
	worth := math.Floor(Rate(windows, Each(confidence), false).Worth)
	low, high := ranks(worth, p, 1-Each(confidence))
	if low < 1 || high > worth {
		return q, false
	}
	scale := float64(n) / worth
	q.Low, q.High = at(math.Floor(low*scale)), at(math.Ceil(high*scale))
	return q, true
}

// ranks are the two of n samples in order between which the p-quantile lies: above
// the first and below the second, each but with probability alpha.
func ranks(n, p, alpha float64) (low, high float64) {
	below := func(k float64) float64 { // the probability that at most k samples are
		switch {
		case k < 0:
			return 0
		case k >= n:
			return 1
		}
		return mathext.RegIncBeta(n-k, k+1, 1-p)
	}
	first := func(holds func(k float64) bool) float64 { // of 0..n+1, the least that does
		from, to := 0.0, n+1
		for from < to {
			if mid := math.Floor((from + to) / 2); holds(mid) {
				to = mid
			} else {
				from = mid + 1
			}
		}
		return from
	}
	low = first(func(k float64) bool { return below(k) > alpha })
	high = first(func(k float64) bool { return 1-below(k-1) <= alpha })
	return low, high
}

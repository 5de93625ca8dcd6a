package record

import (
	"math/bits"
	"time"
)

// A histogram keeps whole units from 0 to an hour in the buckets of
// HdrHistogram: exact below 2^digits, and above it the first digits binary
// digits of a value. Buckets are kept in pages that are there only once a value
// fell into them, so that a stage of a few calls takes some hundred bytes where
// the full layout takes 190 KB.
type histogram struct {
	unit   time.Duration
	digits int
	pages  map[int]*page
	n      uint64
	last   int // the page that was used last: calls are alike
	at     *page
}

const pageSize = 32

type page [pageSize]uint64

// The layouts of HdrHistogram with three and with two decimal digits.
const (
	wholeDigits  = 11
	windowDigits = 8
)

func newHistogram(unit time.Duration, digits int) *histogram {
	return &histogram{unit: unit, digits: digits, pages: map[int]*page{}}
}

// bucket is the index of the bucket that holds a value.
func (h *histogram) bucket(v uint64) int {
	shift := max(0, bits.Len64(v)-h.digits)
	return shift<<(h.digits-1) + int(v>>shift)
}

// top is the largest value of a bucket.
func (h *histogram) top(bucket int) uint64 {
	half := 1 << (h.digits - 1)
	if bucket < 2*half {
		return uint64(bucket)
	}
	shift := bucket/half - 1
	return uint64(bucket-shift*half+1)<<shift - 1
}

func (h *histogram) page(i int) *page {
	if h.at != nil && h.last == i {
		return h.at
	}
	p := h.pages[i]
	if p == nil {
		p = new(page)
		h.pages[i] = p
	}
	h.last, h.at = i, p
	return p
}

// add counts a duration; what is longer than an hour counts as one.
func (h *histogram) add(d time.Duration) {
	d = min(max(d, 0), maxLatency)
	b := h.bucket(uint64((d + h.unit/2) / h.unit))
	h.page(b / pageSize)[b%pageSize]++
	h.n++
}

// merge adds the counts of a histogram of the same layout so many times; -1
// takes away what was added before.
func (h *histogram) merge(g *histogram, times int) {
	for i, from := range g.pages {
		to := h.page(i)
		for k, n := range from {
			to[k] += uint64(times) * n
		}
	}
	h.n += uint64(times) * g.n
}

// quantile is the smallest value that at least the given share of all do not
// exceed: the nearest rank. There must be a value.
func (h *histogram) quantile(percent int) time.Duration {
	return h.rank((uint64(percent)*h.n + 99) / 100)
}

// rank is the value of the given rank, from 1 for the smallest to n.
func (h *histogram) rank(rank uint64) time.Duration {
	last := h.bucket(uint64(maxLatency/h.unit)) / pageSize
	for i := 0; i <= last; i++ {
		p := h.pages[i]
		if p == nil {
			continue
		}
		for k, n := range p {
			if rank <= n {
				return time.Duration(h.top(i*pageSize+k)) * h.unit
			}
			rank -= n
		}
	}
	panic("record: a quantile of an empty histogram")
}

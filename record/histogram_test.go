package record

import (
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"
)

// The layout is that of HdrHistogram, held against its own library, so that a
// reader knows what the digits mean.
func TestHistogramIsAnHdrHistogram(t *testing.T) {
	for _, layout := range []struct {
		unit    time.Duration
		digits  int
		decimal int
	}{{time.Microsecond, wholeDigits, 3}, {windowUnit, windowDigits, 2}} {
		rapid.Check(t, func(t *rapid.T) {
			ours, parts := newHistogram(layout.unit, layout.digits), []*histogram{newHistogram(layout.unit, layout.digits), newHistogram(layout.unit, layout.digits)}
			theirs := hdrhistogram.New(1, int64(maxLatency/layout.unit), layout.decimal)
			values := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(0, 5000), rapid.Int64Range(0, int64(maxLatency/layout.unit))), 1, 60).Draw(t, "values")
			for i, v := range values {
				ours.add(time.Duration(v) * layout.unit)
				parts[i%2].add(time.Duration(v) * layout.unit)
				if err := theirs.RecordValue(v); err != nil {
					t.Fatal(err)
				}
			}
			parts[0].merge(parts[1], 1)
			for _, percent := range []int{1, 50, 90, 95, 99, 100} {
				rank := (int64(percent)*theirs.TotalCount() + 99) / 100
				want := time.Duration(theirs.ValueAtPercentile(100*float64(rank)/float64(theirs.TotalCount()))) * layout.unit
				if got := ours.quantile(percent); got != want {
					t.Fatalf("percentile %d of %v = %v; want %v", percent, values, got, want)
				}
				if got := parts[0].quantile(percent); got != want {
					t.Fatalf("percentile %d of %v in two parts = %v; want %v", percent, values, got, want)
				}
			}
		})
	}
}

func TestHistogramTakesMemoryForWhatItHolds(t *testing.T) {
	h := newHistogram(time.Microsecond, wholeDigits)
	for range 1_000_000 {
		h.add(300 * time.Millisecond)
	}
	h.add(2 * time.Hour)
	h.add(-time.Second)
	if len(h.pages) != 3 || h.n != 1_000_002 {
		t.Errorf("a million values of one size, one too long and one below zero have %d pages and count as %d; want 3 and 1000002", len(h.pages), h.n)
	}
	if got := h.quantile(100); got < time.Hour || got > time.Hour+time.Hour/500 {
		t.Errorf("the longest is %v; want an hour", got)
	}
}

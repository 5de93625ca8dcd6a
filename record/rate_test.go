package record_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/record"
)

// The windows of a rate hold each measured call once, by stage and by the minute in
// which it was planned or, of a client, sent; folds of parts, merged, tell the same.
func TestRatesByWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cs := calls().Draw(t, "calls")
		cut := rapid.IntRange(0, len(cs)).Draw(t, "cut")
		merged := folded(cs[:cut])
		merged.Merge(folded(cs[cut:]))
		for _, f := range []*record.Fold{folded(cs), merged} {
			values := f.Values()
			for name, hit := range map[string]func(record.Call) bool{
				"throttle_rate": func(c record.Call) bool { return c.Outcome == record.Throttled },
				"error_rate":    func(c record.Call) bool { return c.Outcome != record.OK && c.Outcome != record.Throttled },
			} {
				if !values[name].Known {
					continue
				}
				want := map[[2]int]record.RateWindow{}
				for _, c := range reference(cs).measured() {
					if !c.Outcome.Sent() {
						continue
					}
					at := [2]int{c.Stage, int(c.At().Sub(start) / time.Minute)}
					w := want[at]
					w.Stage, w.Trials = c.Stage, w.Trials+1
					if hit(c) {
						w.Hits++
					}
					want[at] = w
				}
				left := map[record.RateWindow]int{}
				for _, w := range want {
					left[w]++
				}
				rate := values[name].Rate
				if rate == nil {
					t.Fatalf("%s has no counts", name)
				}
				hits, trials := 0, 0
				for _, w := range rate.Windows {
					if left[w]--; left[w] < 0 {
						t.Fatalf("%s has a window %+v that is not of the calls", name, w)
					}
					hits, trials = hits+w.Hits, trials+w.Trials
				}
				if len(rate.Windows) != len(want) || hits != rate.Hits || trials != rate.Trials || math.Abs(float64(hits)/float64(trials)-values[name].Value) > 1e-12 {
					t.Fatalf("%s is %+v with %+v; want %d windows", name, values[name], rate, len(want))
				}
			}
			for stage := range 5 {
				r := f.StageValues(stage)["throttle_rate"]
				if !r.Known {
					continue
				}
				for _, w := range r.Rate.Windows {
					if w.Stage != stage {
						t.Fatalf("stage %d has a window of stage %d", stage, w.Stage)
					}
				}
				if math.Abs(float64(r.Rate.Hits)/float64(r.Rate.Trials)-r.Value) > 1e-12 {
					t.Fatalf("stage %d: %v is not %+v", stage, r.Value, r.Rate)
				}
			}
		}
	})
}

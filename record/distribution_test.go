package record_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/record"
)

// A distribution agrees with the percentiles of the metrics, never falls, and
// ends with the longest call; without a call there is none.
func TestDistributions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := folded(calls().Draw(t, "calls"))
		v, seen := f.Values(), map[string]bool{}
		for _, d := range f.Distributions("haiku") {
			seen[d.Name] = true
			if d.Model != "haiku" || len(d.Percents) != len(d.Values) || !slices.IsSorted(d.Percents) || !slices.IsSorted(d.Values) {
				t.Fatalf("%+v is not in order", d)
			}
			if at := d.Percents[len(d.Percents)-1]; at != 100 {
				t.Errorf("%s ends at %g percent; want 100", d.Name, at)
			}
			wantReading(t, v, d.Name+".p50", valueAt(d, 50), true, 0)
			for _, p := range []struct {
				name    string
				percent float64
			}{{".p90", 90}, {".p95", 95}, {".p99", 99}} {
				if i := slices.Index(d.Percents, p.percent); i >= 0 {
					wantReading(t, v, d.Name+p.name, d.Values[i], true, 0)
				} else if float64(d.Calls)*(100-p.percent) >= 100 {
					t.Errorf("%s of %d calls lacks %g percent", d.Name, d.Calls, p.percent)
				}
			}
			if d.Name == "latency_ms" {
				wantReading(t, v, "latency_ms.max", d.Values[len(d.Values)-1], true, 0)
			}
		}
		for _, name := range []string{"latency_ms", "ttft_ms"} {
			if known := v[name+".p50"].Known; known != seen[name] {
				t.Errorf("%s: a distribution is %v; its median is %v", name, seen[name], known)
			}
		}
	})
}

// valueAt is the value at a percentile, or that of the longest call where so few
// are known that it was left out.
func valueAt(d record.Distribution, percent float64) float64 {
	if i := slices.Index(d.Percents, percent); i >= 0 {
		return d.Values[i]
	}
	return d.Values[len(d.Values)-1]
}

func TestDistributionOfAFewCalls(t *testing.T) {
	f := record.NewFold(start, time.Second)
	for i := range 20 {
		c := call(time.Duration(i)*time.Second, record.OK, time.Duration(i+1)*100*time.Microsecond)
		f.Add(&c)
	}
	got := f.Distributions("m")
	if len(got) != 1 {
		t.Fatalf("%d distributions; want 1, of the latency", len(got))
	}
	if want := []float64{1, 5, 10, 25, 50, 75, 90, 95, 100}; !slices.Equal(got[0].Percents, want) {
		t.Errorf("percentiles of 20 calls: %v; want %v", got[0].Percents, want)
	}
	if want := []float64{0.1, 0.1, 0.2, 0.5, 1, 1.5, 1.8, 1.9, 2}; !slices.Equal(got[0].Values, want) {
		t.Errorf("values of 20 calls: %v; want %v", got[0].Values, want)
	}
}

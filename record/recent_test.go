package record_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/record"
)

// readable are the names of all metrics that are counted from calls, but for
// those that read a whole step.
func readable() (names []string) {
	for _, m := range record.Metrics {
		if m.FromCalls != nil && !m.Afterwards {
			names = append(names, m.Name)
		}
	}
	return names
}

// What stop_when looks back on reads as a fold of the same calls, the warm-up
// among them, and forgets for good.
func TestRecentReadsAsAFoldOfItsParts(t *testing.T) {
	names := readable()
	rapid.Check(t, func(t *rapid.T) {
		cs := calls().Draw(t, "calls")
		part := func(c record.Call) int { return int(c.Planned.Sub(start) / (10 * time.Second)) }
		slo := &record.SLO{Latency: record.Duration(time.Second)}
		r := record.NewRecent(start, slo, names)
		from, added := 0, 0
		for range 5 {
			// Those of parts that are forgotten by now do not count.
			for n := rapid.IntRange(0, len(cs)-added).Draw(t, "calls until then"); n > 0; n-- {
				c := &cs[added]
				r.Add(part(*c), c)
				if added++; part(*c) < from {
					c.Planned = start.Add(-time.Hour)
				}
			}
			from += rapid.IntRange(0, 20).Draw(t, "further")
			f := record.FoldOf(start, slo)
			for _, c := range cs[:added] {
				if part(c) >= from {
					c.Warmup = false
					f.Add(&c)
				}
			}
			got, want := r.Values(from), f.Values()
			for _, name := range names {
				whole := want[name]
				latest := got[name]
				if record.IsRate(name) && whole.Known {
					if latest.Rate.Hits != whole.Rate.Hits || latest.Rate.Trials != whole.Rate.Trials {
						t.Fatalf("%s from part %d on is %+v; want %+v", name, from, latest.Rate, whole.Rate)
					}
				}
				latest.Rate, whole.Rate = nil, nil // the latest calls are not told by window
				if latest != whole {
					t.Fatalf("%s from part %d on is %+v; want %+v", name, from, latest, whole)
				}
			}
		}
		if from > 0 && len(cs) > 0 {
			late := cs[0]
			late.Outcome = record.OK
			r.Add(from-1, &late)
			if got := r.Values(0)["ok"]; got != r.Values(from)["ok"] {
				t.Fatalf("a part that was forgotten came back: %+v", got)
			}
		}
	})
}

// A metric of calls that has no data while a step goes on says so, and no other
// does: stop_when could wait for it for ever.
func TestAfterwardsHasNoDataBefore(t *testing.T) {
	f := record.FoldOf(start, &record.SLO{Latency: record.Duration(time.Second)})
	var names []string
	for _, m := range record.Metrics {
		names = append(names, m.Name)
	}
	r := record.NewRecent(start, &record.SLO{Latency: record.Duration(time.Second)}, names)
	for i, outcome := range []record.Outcome{record.OK, record.OK, record.Throttled, record.Timeout} {
		c := record.Call{
			Seq: i, Planned: start.Add(time.Duration(i) * time.Second), Took: time.Second, TTFT: time.Millisecond, FirstByte: time.Millisecond, Gap: time.Millisecond,
			Outcome: outcome, ReservedTokens: 10,
		}
		if outcome == record.OK {
			c.Usage = &record.Usage{Input: 5, Output: 5}
			c.USD = new(0.01)
		}
		f.Add(&c)
		r.Add(0, &c)
	}
	whole, recent := f.Values(), r.Values(0)
	for _, m := range record.Metrics {
		if m.FromCalls != nil && whole[m.Name].Known && recent[m.Name].Known == m.Afterwards {
			t.Errorf("%s: known while the step goes on: %v; Afterwards: %v", m.Name, recent[m.Name].Known, m.Afterwards)
		}
	}
	if !whole["first_throttle_rpm"].Known {
		t.Error("first_throttle_rpm has no data when the step is over")
	}
}

package record_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/record"
)

// What stop_when looks back on reads as a fold of the same calls, the warm-up
// among them, and forgets for good.
func TestRecentReadsAsAFoldOfItsParts(t *testing.T) {
	names := []string{"throttle_rate", "error_rate", "attempted_rpm", "latency_ms.p95", "lag_ms.max", "quota_tokens", "ok"}
	rapid.Check(t, func(t *rapid.T) {
		cs := calls().Draw(t, "calls")
		part := func(c record.Call) int { return int(c.Planned.Sub(start) / (10 * time.Second)) }
		r := record.NewRecent(start, nil, names)
		for i := range cs {
			r.Add(part(cs[i]), &cs[i])
		}
		from := 0
		for range 3 {
			from += rapid.IntRange(0, 30).Draw(t, "further")
			f := record.NewFold(start, time.Second)
			for _, c := range cs {
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

package record_test

import (
	"encoding/json"
	"math"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/record"
)

// start is when the steps of these tests begin.
var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// failer is what *testing.T and *rapid.T have in common.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// calls draws the calls of one step and model: planned over ten minutes, the
// first minute of it warm-up, and some of them longer than an hour. Some steps have
// a client, whose lines are attempts.
func calls() *rapid.Generator[[]record.Call] {
	took := rapid.OneOf(
		rapid.Int64Range(0, int64(10*time.Microsecond)),
		rapid.Int64Range(0, int64(5*time.Second)),
		rapid.Int64Range(0, int64(2*time.Hour)),
	)
	one := rapid.Custom(func(t *rapid.T) record.Call {
		after := time.Duration(rapid.Int64Range(0, int64(10*time.Minute)).Draw(t, "planned"))
		c := record.Call{
			Step: "ramp", Model: "haiku", Stage: int(after / (3 * time.Minute)), Warmup: after < time.Minute, Planned: start.Add(after),
			Outcome: rapid.SampledFrom(append(slices.Clone(record.Outcomes), record.OK, record.OK, record.OK, record.Throttled)).Draw(t, "outcome"),
		}
		if c.Outcome == record.Dropped {
			return c
		}
		c.Lag, c.Took = time.Duration(rapid.Int64Range(0, int64(3*time.Second)).Draw(t, "lag")), time.Duration(took.Draw(t, "took"))
		if rapid.Bool().Draw(t, "streams") {
			c.TTFT = time.Duration(rapid.Int64Range(0, int64(c.Took)).Draw(t, "ttft"))
		}
		if c.Outcome == record.OK && rapid.Bool().Draw(t, "tells") {
			c.Usage = &record.Usage{Input: rapid.Int64Range(0, 100_000).Draw(t, "input"), Output: rapid.Int64Range(0, 10_000).Draw(t, "output")}
			c.QuotaTokens = c.Usage.Input + 5*c.Usage.Output
			usd := float64(c.Usage.Input+5*c.Usage.Output) * 0.25e-6
			c.USD = &usd
		}
		return c
	})
	return rapid.Custom(func(t *rapid.T) []record.Call {
		out := rapid.SliceOfN(one, 0, 120).Draw(t, "calls")
		client := rapid.Bool().Draw(t, "client")
		for i := range out {
			out[i].Seq = i
			switch {
			case client:
				attempt(t, &out[i])
			case out[i].Outcome == record.GivenUp: // only a client does that
				out[i].Outcome = record.Throttled
			}
		}
		return out
	})
}

// attempt makes an attempt of a client out of a call.
func attempt(t *rapid.T, c *record.Call) {
	c.Attempt = rapid.IntRange(1, 4).Draw(t, "attempt")
	c.Held = time.Duration(rapid.Int64Range(0, int64(c.Lag)).Draw(t, "held"))
	c.Waited = time.Duration(rapid.Int64Range(0, int64(c.Held)).Draw(t, "waited"))
	c.Retried = c.Outcome.Sent() && c.Outcome != record.OK && rapid.Bool().Draw(t, "retried")
	if c.Outcome == record.GivenUp {
		c.Took, c.TTFT, c.Usage, c.QuotaTokens, c.USD = 0, 0, nil, 0, nil
	}
}

// folded adds up calls.
func folded(cs []record.Call) *record.Fold {
	f := record.NewFold(start, 2*time.Second)
	for i := range cs {
		f.Add(&cs[i])
	}
	return f
}

// asJSON is what a fold shows.
func asJSON(t failer, f *record.Fold) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{"values": f.Values(), "series": f.Series("ramp", "haiku"), "counts": f.Counts(), "stage": f.Stage(1)})
	if err != nil {
		t.Fatalf("the readings of a fold are no JSON: %v", err)
	}
	return string(b)
}

// reference is a second way to the readings of a fold: from the list of calls.
type reference []record.Call

// measured are the calls that the metrics count.
func (r reference) measured() reference {
	return slices.DeleteFunc(slices.Clone(r), func(c record.Call) bool { return c.Warmup })
}

func (r reference) count(outcomes ...record.Outcome) int {
	n := 0
	for _, c := range r {
		if slices.Contains(outcomes, c.Outcome) {
			n++
		}
	}
	return n
}

// sent is every outcome but those of calls that were not sent.
func (r reference) sent() int { return len(r) - r.count(record.Dropped, record.GivenUp) }

// where picks lines.
func (r reference) where(picked func(record.Call) bool) reference {
	return slices.DeleteFunc(slices.Clone(r), func(c record.Call) bool { return !picked(c) })
}

// planned are the calls: of the attempts of one, all but the last are retried.
func (r reference) planned() int {
	return len(r.where(func(c record.Call) bool { return !c.Retried }))
}

// quantile is the nearest-rank quantile of a duration of some calls, in ms.
func (r reference) quantile(percent int, of func(record.Call) (time.Duration, bool)) (float64, bool) {
	var all []time.Duration
	for _, c := range r {
		if d, ok := of(c); ok {
			all = append(all, min(d, time.Hour))
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	slices.Sort(all)
	rank := (percent*len(all) + 99) / 100
	return float64(all[rank-1]) / 1e6, true
}

// wantReading compares a reading with a number, or with no data.
func wantReading(t failer, v record.Values, name string, want float64, known bool, tolerance float64) {
	t.Helper()
	got, ok := v[name]
	if !ok {
		t.Fatalf("no reading is named %s", name)
	}
	if got.Known != known || known && !(math.Abs(got.Value-want) <= tolerance) {
		t.Errorf("%s = %+v; want %v (known: %v, give or take %g)", name, got, want, known, tolerance)
	}
}

// call makes one measured call of a table test.
func call(after time.Duration, o record.Outcome, took time.Duration) record.Call {
	return record.Call{Step: "ramp", Model: "haiku", Planned: start.Add(after), Outcome: o, Took: took}
}

func number(v float64) *float64 { return &v }

// roundTrip writes a value as JSON and reads it back.
func roundTrip[T any](t failer, in T) (out T, text string) {
	t.Helper()
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatalf("json.Marshal(%+v) = %v; want no error", in, err)
	}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatalf("json.Unmarshal(%s) = %v; want no error", b, err)
	}
	return out, string(b)
}

package record_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/record"
)

// anyFloat draws every kind of number, those that JSON has no word for too.
func anyFloat() *rapid.Generator[float64] {
	return rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, 5e-324}))
}

func TestReadingRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyFloat().Draw(t, "value")
		in := record.Read(v, 3)
		finite := !math.IsNaN(v) && !math.IsInf(v, 0)
		if in.Known != finite || in.Samples != 3 {
			t.Fatalf("Read(%v, 3) = %+v; want it known: %v", v, in, finite)
		}
		out, text := roundTrip(t, in)
		if out.Known != in.Known || out.Value != in.Value {
			t.Fatalf("%+v became %+v by way of %s; want the same", in, out, text)
		}
		if !finite && text != "null" {
			t.Fatalf("%+v is written as %s; want null", in, text)
		}
		// Also one that was put together by hand.
		roundTrip(t, record.Reading{Value: v, Known: true})
	})
}

func TestReadingRefusesOtherThanNumbers(t *testing.T) {
	for _, text := range []string{`"1"`, `true`, `[1]`, `1e999`} {
		var r record.Reading
		if err := json.Unmarshal([]byte(text), &r); err == nil {
			t.Errorf("Unmarshal(%s) = %+v; want an error", text, r)
		}
	}
}

// allValues draws readings under the names of the table.
func allValues() *rapid.Generator[record.Values] {
	return rapid.Custom(func(t *rapid.T) record.Values {
		v := record.Values{}
		for _, m := range record.Metrics {
			if rapid.Bool().Draw(t, m.Name) {
				v[m.Name] = record.Read(anyFloat().Draw(t, "value"), 1)
			}
		}
		return v
	})
}

func TestValuesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := allValues().Draw(t, "values")
		out, text := roundTrip(t, in)
		wantSameValues(t, out, in, text)
		if _, again := roundTrip(t, out); again != text {
			t.Fatalf("values are written as\n%s and, read back, as\n%s; want the same", text, again)
		}
	})
}

func wantSameValues(t failer, got, want record.Values, text string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d readings became %d by way of %s", len(want), len(got), text)
	}
	for name, w := range want {
		if g := got[name]; g.Known != w.Known || g.Value != w.Value {
			t.Fatalf("%s became %+v by way of %s; want %+v", name, g, text, w)
		}
	}
}

func TestValuesNestAtTheDots(t *testing.T) {
	v := record.Values{"ok": record.Read(3, 3), "latency_ms.p50": record.Read(1.5, 3), "latency_ms.p95": {}}
	want := `{"latency_ms":{"p50":1.5,"p95":null},"ok":3}`
	if _, got := roundTrip(t, v); got != want {
		t.Errorf("%v is written as %s; want %s", v, got, want)
	}
	if got := v.Names(); len(got) != 3 || got[0] != "latency_ms.p50" || got[2] != "ok" {
		t.Errorf("Names() = %v; want them in order", got)
	}
	for in, want := range map[string]int{`{}`: 0, `null`: 0, `{"a":{"b":{"c":1}},"d":null}`: 2} {
		var got record.Values
		if err := json.Unmarshal([]byte(in), &got); err != nil || len(got) != want {
			t.Errorf("Unmarshal(%s) = %v, %v; want %d readings", in, got, err, want)
		}
	}
	for _, in := range []string{`[]`, `{"a":"1"}`, `{"a":{"b":[1]}}`, `{"a":true}`} {
		var got record.Values
		if err := json.Unmarshal([]byte(in), &got); err == nil {
			t.Errorf("Unmarshal(%s) = %v; want an error", in, got)
		}
	}
}

func TestDurationRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := record.Duration(rapid.Int64().Draw(t, "ns"))
		if out, text := roundTrip(t, in); out != in {
			t.Fatalf("%d ns became %d by way of %s; want the same", in, out, text)
		}
	})
	if _, got := roundTrip(t, record.Duration(270*time.Second)); got != `"4m30s"` {
		t.Errorf("270 s is written as %s; want \"4m30s\"", got)
	}
	for _, text := range []string{`270`, `"270"`, `""`, `"1 minute"`} {
		var d record.Duration
		if err := json.Unmarshal([]byte(text), &d); err == nil {
			t.Errorf("Unmarshal(%s) = %v; want an error: a duration has a unit", text, time.Duration(d))
		}
	}
}

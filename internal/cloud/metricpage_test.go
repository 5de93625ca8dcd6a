package cloud_test

import (
	"bytes"
	"encoding/hex"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/record"
)

// pageOf wraps the CBOR of the lists of times and values, in hex.
func pageOf(t *testing.T, times, values string) []byte {
	t.Helper()
	raw := func(text string) cbor.Value {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return cbor.EncodeRaw(b)
	}
	return cbor.Encode(cbor.Map{"MetricDataResults": cbor.List{cbor.Map{"Id": cbor.String("q0"), "Timestamps": raw(times), "Values": raw(values)}}})
}

// Numbers and lists may be written in several ways; the reply of 2026 is one of
// them, and no promise.
func TestMetricPageForms(t *testing.T) {
	const at = "c1fb40f86a0000000000" // 100000
	for _, c := range []struct {
		name, times, values string
		want                []cloud.Point
		ok                  bool
	}{
		{"doubles", "81" + at, "81fb3ff8000000000000", []cloud.Point{{100_000_000, 1.5}}, true},
		{"lists without a length", "9f" + at + "ff", "9ffb3ff8000000000000ff", []cloud.Point{{100_000_000, 1.5}}, true},
		{"a list with a long length", "980" + "1" + at, "990001" + "07", []cloud.Point{{100_000_000, 7}}, true},
		{"whole numbers", "84" + at + "c100" + "c11864" + "c120", "84" + "17" + "1818" + "190100" + "3903e7", []cloud.Point{{100_000_000, 23}, {0, 24}, {100_000, 256}, {-1000, -1000}}, true},
		{"wide whole numbers", "82" + "c11a00010000" + "c11b0000000000010000", "82" + "1a00010000" + "1b0000000100000000", []cloud.Point{{65_536_000, 65536}, {65_536_000, 1 << 32}}, true},
		{"floats of 32 and 16 bits", "82" + at + at, "82" + "fa3fc00000" + "f93e00", []cloud.Point{{100_000_000, 1.5}, {100_000_000, 1.5}}, true},
		{"small, negative and infinite halves", "83" + at + at + at, "83" + "f90001" + "f9c000" + "f97c00", []cloud.Point{{100_000_000, math.Ldexp(1, -24)}, {100_000_000, -2}, {100_000_000, math.Inf(1)}}, true},
		{"a time without a tag", "81fb40f86a0000000000", "8101", []cloud.Point{{100_000_000, 1}}, true},
		{"milliseconds", "81c1fb3ff0083126e978d5", "8101", []cloud.Point{{1002, 1}}, true},
		{"null for a value", "82" + at + at, "82f601", []cloud.Point{{100_000_000, 1}}, true},
		{"nothing", "80", "80", []cloud.Point{}, true},
		{"null for the lists", "f6", "f6", []cloud.Point{}, true},
		{"more times than values", "82" + at + at, "8101", nil, false},
		{"more values than times", "81" + at, "820101", nil, false},
		{"no list of times", "a0", "80", nil, false},
		{"a text for a time", "816161", "8101", nil, false},
		{"a text for a value", "81" + at, "816161", nil, false},
		{"null for a time", "81f6", "8101", nil, false},
		{"a time that is no number", "81c1fb7ff8000000000001", "8101", nil, false},
		{"a time beyond all calendars", "81c1fb7fe0000000000000", "8101", nil, false},
	} {
		series, _, ok := cloud.PageOf(pageOf(t, c.times, c.values))
		if ok != c.ok || ok && !slices.Equal(series[0], c.want) {
			t.Errorf("%s: %v, %v; want %v, %v", c.name, series, ok, c.want, c.ok)
		}
	}
}

func TestMetricPageIsWholeOrNone(t *testing.T) {
	w := record.Window{Start: time.Unix(0, 0).UTC(), End: time.Unix(180, 0).UTC(), Period: record.Duration(time.Minute)}
	body := fullPage(w, 2).body
	if series, _, ok := cloud.PageOf(body); !ok || len(series) != 2 || len(series[1]) != 3 {
		t.Fatalf("%v, %v", series, ok)
	}
	for n := range len(body) {
		if series, _, ok := cloud.PageOf(body[:n]); ok {
			t.Errorf("the first %d of %d bytes were read: %v", n, len(body), series)
		}
	}
	if _, _, ok := cloud.PageOf(append(slices.Clone(body), 0)); ok {
		t.Error("a byte too much was read")
	}
}

// What smithy's decoder and ours can both read, they read alike.
func FuzzMetricPage(f *testing.F) {
	w := record.Window{Start: time.Unix(0, 0).UTC(), End: time.Unix(180, 0).UTC(), Period: record.Duration(time.Minute)}
	f.Add(fullPage(w, 2).body)
	f.Add(cbor.Encode(cbor.Map{"MetricDataResults": cbor.List{}, "NextToken": cbor.String("more"), "Messages": cbor.List{cbor.Map{"Code": cbor.String("a")}}}))
	f.Add([]byte("\xbf\x69NextToken\xf6\xff"))
	f.Fuzz(func(t *testing.T, body []byte) {
		series, next, ok := cloud.PageOf(body)
		v, err := cbor.Decode(body)
		m, isMap := v.(cbor.Map)
		if !ok || err != nil || !isMap {
			return
		}
		if token, _ := m["NextToken"].(cbor.String); string(token) != next {
			t.Errorf("token %q; want %q", next, token)
		}
		// Of a key that is there twice, either may be right.
		for _, key := range []string{"MetricDataResults", "NextToken", "Timestamps", "Values"} {
			if bytes.Count(body, []byte(key)) > max(1, len(series)) {
				return
			}
		}
		results, _ := m["MetricDataResults"].(cbor.List)
		if len(results) != len(series) {
			t.Fatalf("%d results; want %d", len(series), len(results))
		}
		for i := range results {
			r, _ := results[i].(cbor.Map)
			values, _ := r["Values"].(cbor.List)
			known := 0
			for _, v := range values {
				if _, null := v.(*cbor.Nil); !null {
					known++
				}
			}
			if known != len(series[i]) {
				t.Errorf("result %d has %d points; want %d", i, len(series[i]), known)
			}
			for k, p := range series[i] {
				if v, ok := values[min(k, len(values)-1)].(cbor.Float64); ok && known == len(values) && float64(v) != p.Value && !math.IsNaN(p.Value) {
					t.Errorf("result %d, point %d: %v; want %v", i, k, p.Value, v)
				}
			}
		}
	})
}

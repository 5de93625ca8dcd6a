package record

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What is read fast is what encoding/json reads, and what this program writes is
// read fast.
func TestLinesAreReadAlike(t *testing.T) {
	l := lineReader{words: map[string]string{}}
	rapid.Check(t, func(t *rapid.T) {
		number := func(name string) int64 { return rapid.Int64Range(-1e17, 1e17).Draw(t, name) }
		plain := rapid.StringMatching(`[ -!#-%\'-;=?-\[\]-~]{0,20}`)
		c := Call{
			Seq: int(number("seq")), Step: plain.Draw(t, "step"), Model: plain.Draw(t, "model"), Stage: rapid.IntRange(-1, 9).Draw(t, "stage"), Warmup: rapid.Bool().Draw(t, "warmup"),
			Planned: time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC(), Lag: time.Duration(number("lag")), Took: time.Duration(number("took")),
			Held: time.Duration(number("held")), Waited: time.Duration(number("waited")), Attempt: int(number("attempt")), Retried: rapid.Bool().Draw(t, "retried"),
			TTFT: time.Duration(number("ttft")), FirstByte: time.Duration(number("first")), Gap: time.Duration(number("gap")), Outcome: rapid.SampledFrom(Outcomes).Draw(t, "outcome"),
			Status: rapid.IntRange(0, 599).Draw(t, "status"), Code: plain.Draw(t, "code"), Message: plain.Draw(t, "message"), Limit: plain.Draw(t, "limit"),
			MidStream: rapid.Bool().Draw(t, "mid"), Served: plain.Draw(t, "served"), ReservedTokens: number("reserved"), QuotaTokens: number("tokens"),
		}
		if rapid.Bool().Draw(t, "told") {
			c.Usage = &Usage{Input: number("in"), Output: number("out"), CacheRead: number("read"), CacheWrite: number("write")}
		}
		if rapid.Bool().Draw(t, "priced") {
			usd := rapid.Float64Range(0, 1000).Draw(t, "usd")
			c.USD = &usd
		}
		line, err := appendCall(nil, &c)
		if err != nil {
			t.Fatal(err)
		}
		var fast, slow Call
		if !l.call(line, &fast) {
			t.Fatalf("not read: %s", line)
		}
		if err := json.Unmarshal(line, &slow); err != nil || !reflect.DeepEqual(fast, slow) || !reflect.DeepEqual(fast, c) {
			t.Fatalf("%s\nis %+v, and by encoding/json %+v, %v", line, fast, slow, err)
		}
	})
}

// A line that is read fast is read alike by encoding/json, whatever it is.
func FuzzLine(f *testing.F) {
	usd := 0.00125
	for _, c := range []Call{{Outcome: OK}, {Outcome: Throttled, Code: "ThrottlingException", Message: "a \"b\"", Limit: LimitTokens, Warmup: true, MidStream: true, USD: &usd, Usage: &Usage{1, 2, 3, 4}}} {
		line, err := appendCall(nil, &c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		l := lineReader{words: map[string]string{}}
		var fast, slow Call
		if !l.call(line, &fast) {
			return
		}
		if err := json.Unmarshal(line, &slow); err != nil || !reflect.DeepEqual(fast, slow) {
			t.Fatalf("%q\nis %+v, and by encoding/json %+v, %v", line, fast, slow, err)
		}
	})
}

package record_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// traced is an hour of calls, with the outcomes and latencies of a load test.
func traced(n int) []record.Call {
	rng := rand.New(rand.NewPCG(7, 7))
	usd := 0.0003
	out := make([]record.Call, n)
	for i := range out {
		c := call(time.Duration(i)*time.Hour/time.Duration(n), record.OK, time.Duration(200+rng.IntN(1800))*time.Millisecond)
		c.Seq, c.Status, c.Lag = i, 200, time.Duration(rng.IntN(1000))*time.Microsecond
		c.Usage, c.QuotaTokens, c.USD = &record.Usage{Input: 120, Output: 40}, 320, &usd
		if i%20 == 0 {
			c.Outcome, c.Status, c.Code, c.Usage, c.QuotaTokens, c.USD = record.Throttled, 429, "ThrottlingException", nil, 0, nil
		}
		out[i] = c
	}
	return out
}

func BenchmarkFold1M(b *testing.B) {
	cs := traced(1_000_000)
	b.ReportAllocs()
	for b.Loop() {
		f := record.NewFold(start, record.WindowPeriod(time.Hour))
		for i := range cs {
			f.Add(&cs[i])
		}
		if got := f.Values()["planned"].Value; got != 1_000_000 {
			b.Fatalf("planned = %v; want 1000000", got)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(cs)), "ns/call")
}

func BenchmarkJournal(b *testing.B) {
	cs := traced(10_000)
	b.Run("write", func(b *testing.B) {
		b.ReportAllocs()
		j := record.NewJournal(io.Discard)
		for i := 0; b.Loop(); i++ {
			if err := j.Append(&cs[i%len(cs)]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		journal := written(b, cs)
		b.SetBytes(int64(len(journal)))
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			for _, err := range record.ReadJournal(bytes.NewReader(journal)) {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
			if n != len(cs) {
				b.Fatalf("%d calls; want %d", n, len(cs))
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(cs)), "ns/call")
	})
}

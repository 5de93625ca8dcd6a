package record_test

import (
	"bytes"
	"fmt"
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

// What a journal takes of the disk and of the processor, for the calls of a
// realistic run: streams with all their times, a twentieth throttled.
func BenchmarkJournalOnDisk(b *testing.B) {
	cs := traced(120_000)
	rng := rand.New(rand.NewPCG(9, 9))
	for i := range cs {
		c := &cs[i]
		c.Planned = start.Add(time.Duration(i) * 5 * time.Millisecond) // 200 a second
		c.ReservedTokens = 170
		if c.Outcome == record.OK {
			c.FirstByte = c.Took/4 + time.Duration(rng.IntN(1e6))
			c.TTFT = c.FirstByte + time.Duration(rng.IntN(1e6))
			c.Gap = time.Duration(10e6 + rng.IntN(10e6))
			c.Took += time.Duration(rng.IntN(1e6))
			c.Usage = &record.Usage{Input: 120, Output: int64(20 + rng.IntN(60))}
			c.QuotaTokens = c.Usage.Input + 5*c.Usage.Output
		} else {
			c.Message, c.Limit = "Too many requests, please wait before trying again.", record.LimitRequests
		}
	}
	var size counted
	b.ReportAllocs()
	for b.Loop() {
		size = 0
		j := record.NewJournal(&size)
		for i := range cs {
			if err := j.Append(&cs[i]); err != nil {
				b.Fatal(err)
			}
		}
		if err := j.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(size)/float64(len(cs)), "bytes/call")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(cs)), "ns/call")
}

type counted int

func (c *counted) Write(b []byte) (int, error) {
	*c += counted(len(b))
	return len(b), nil
}

// stop_when is judged once a second and model: on a minute of calls, whatever
// their number, by a rate and by a percentile. Between two judgements, which are
// what is timed, a second of calls comes and one is forgotten.
func BenchmarkRecent(b *testing.B) {
	for _, n := range []int{6_000, 120_000} {
		for _, name := range []string{"throttle_rate", "latency_ms.p95"} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				r, cs := record.NewRecent(start, nil, []string{name}), traced(n)
				for i := range cs {
					r.Add(i*60/n, &cs[i])
				}
				for part := 60; b.Loop(); part++ {
					b.StopTimer()
					for i := range cs[:n/60] {
						r.Add(part, &cs[i])
					}
					b.StartTimer()
					if !r.Values(part - 59)[name].Known {
						b.Fatal("no data")
					}
				}
			})
		}
	}
}

// All numbers of 50 models of ten series each, a day by the minute.
func BenchmarkTraffic(b *testing.B) {
	const models, periods, series = 50, 1440, 10
	rng := rand.New(rand.NewPCG(7, 7))
	w := record.Window{Start: start, End: start.Add(periods * time.Minute), Period: record.Duration(time.Minute)}
	all := make([]*record.Traffic, models)
	for i := range all {
		all[i] = record.NewTraffic(w)
		all[i].Burndown, all[i].Limits = 5, map[string]float64{"rpm": 1000, "tpm": 1e6}
		for _, name := range []string{record.MetricCacheReads, record.MetricCacheWrites, record.MetricQuotaTokens, "Other"} {
			all[i].Sums[name] = make([]*float64, periods)
		}
		for _, points := range all[i].Sums {
			for n := range points {
				v := float64(rng.IntN(1000))
				points[n] = &v
			}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, t := range all {
			f := t.Fold()
			if !f.Values()["peak_rpm"].Known || f.Usage("m").PeakRPM == nil {
				b.Fatal("no data")
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/models/series/periods, "ns/point")
}

// The growth over a year and a quarter by the hour, the longest that CloudWatch keeps.
func BenchmarkGrowth(b *testing.B) {
	t := grown{days: 455, growth: 0.001, weekend: 0.4, noise: 0.1, period: time.Hour}.traffic(1)
	b.ReportAllocs()
	for b.Loop() {
		if !t.Values()["days_to_quota.estimate"].Known {
			b.Fatal("no data")
		}
	}
}

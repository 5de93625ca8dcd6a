package record_test

import (
	"io"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// kept is the memory that n calls of an hour leave behind in the log, its folds,
// the journal and what stop_when looks back on, in bytes.
func kept(n int) uint64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	l := record.NewLog(io.Discard)
	b := begun("haiku")
	b.Period = record.Duration(record.WindowPeriod(time.Hour))
	l.Begin(b)
	recent := record.NewRecent(start, nil, []string{"throttle_rate"})
	rng := rand.New(rand.NewPCG(7, 7))
	for i := range n {
		at := time.Duration(i) * time.Hour / time.Duration(n)
		c := call(at, record.OK, time.Duration(200+rng.IntN(1800))*time.Millisecond)
		c.Seq, c.Stage, c.Lag, c.ReservedTokens = i, int(at/(6*time.Minute)), time.Duration(rng.IntN(1000))*time.Microsecond, 170
		c.FirstByte, c.TTFT, c.Gap = c.Took/4, c.Took/3, c.Took/20
		c.Usage = &record.Usage{Input: 120, Output: int64(20 + rng.IntN(60))}
		l.Add(&c)
		part := int(at / time.Second)
		recent.Add(part, &c)
		if n < 100 || i%(n/3600+1) == 0 {
			recent.Values(part - 60)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(l)
	runtime.KeepAlive(recent)
	return after.HeapAlloc - before.HeapAlloc
}

func TestMemoryDoesNotGrowWithTheRun(t *testing.T) {
	few, many := kept(100_000), kept(400_000)
	if float64(many) > 1.1*float64(few) {
		t.Errorf("400,000 calls leave %d bytes and 100,000 of the same hour %d; want a tenth more at most", many, few)
	}
}

func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		few, many := kept(100_000), kept(1_000_000)
		b.ReportMetric(float64(many)/float64(few), "ratio")
		b.ReportMetric(float64(many), "bytes-kept")
	}
}

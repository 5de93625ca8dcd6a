package sim

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
)

const (
	manyStreams    = 10_000
	streamMemory   = 1 << 30 // the most that they may take
	slowStreams    = "models: [{id: anthropic.a, latency: {first_token: 100ms, per_token: 1s}, output_tokens: {mean: 1000, spread: 0}}]"
	streamBody     = `{"messages":[{"role":"user","content":[{"text":"Summarize this in one sentence."}]}]}`
	streamBenchURL = "/model/anthropic.a/converse-stream"
)

// memory is what is in use, and what the process has of the system.
func memory() (used, held uint64) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse, m.Sys - m.HeapReleased
}

// A crowd is many streams at once: it knows when every one of them has begun, and
// when every one has moved on since.
type crowd struct {
	begun, moved sync.WaitGroup
	all          chan struct{} // closed when every stream has begun
}

func newCrowd() *crowd {
	c := &crowd{all: make(chan struct{})}
	c.begun.Add(manyStreams)
	c.moved.Add(manyStreams)
	return c
}

// wait comes back when every stream has begun, and calls then; and when every
// one has moved on.
func (c *crowd) wait(then func()) {
	c.begun.Wait()
	then()
	close(c.all)
	c.moved.Wait()
}

// stream is the writer that one stream of the crowd writes to.
func (c *crowd) stream() *hearing {
	return &hearing{header: http.Header{}, first: sync.OnceFunc(c.begun.Done), second: sync.OnceFunc(c.moved.Done), all: c.all}
}

// hearing is a writer that tells when something has been written.
type hearing struct {
	header        http.Header
	first, second func()
	all           <-chan struct{}
}

func (h *hearing) Header() http.Header { return h.header }
func (h *hearing) WriteHeader(int)     {}
func (h *hearing) Flush()              {}
func (h *hearing) Write(b []byte) (int, error) {
	h.first()
	select {
	case <-h.all:
		h.second()
	default:
	}
	return len(b), nil
}

func streamRequest(ctx context.Context, base string) *http.Request {
	r, err := http.NewRequestWithContext(ctx, "POST", base+streamBenchURL, strings.NewReader(streamBody))
	if err != nil {
		panic(err)
	}
	return r
}

// holdStreams measures while the account alone holds all streams, without a
// server or a client.
func holdStreams(b *testing.B) {
	s, c := New(mustParse(b, slowStreams)), newCrowd()
	runtime.GC()
	before, _ := memory()
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	var ended sync.WaitGroup
	for range manyStreams {
		ended.Go(func() { s.ServeHTTP(c.stream(), streamRequest(ctx, "http://sim.invalid")) })
	}
	c.wait(func() {})
	reportStreams(b, s, before)
	cancel()
	ended.Wait()
}

// reportStreams measures this process while all streams are under way; before is
// what was in use without them.
func reportStreams(b *testing.B, s *Server, before uint64) {
	after, held := memory()
	if inFlight := manyStreams - s.Counts().Models["anthropic.a"].Attempts; inFlight != manyStreams || held > streamMemory {
		b.Errorf("%d streams at once, %d MiB of memory", inFlight, held>>20)
	}
	b.ReportMetric(float64(after-before)/manyStreams, "B/stream")
	b.ReportMetric(float64(held)/(1<<20), "MiB")
}

// What 10,000 streams at once cost: the account alone, and the account with its
// server, whose clients are in another process. The memory is that of this
// process, without what the kernel holds for its sockets.
func BenchmarkStreams(b *testing.B) {
	b.Run("account", func(b *testing.B) {
		for b.Loop() {
			holdStreams(b)
		}
	})
	for _, protocol := range []string{http1, h2c} {
		b.Run(protocol, func(b *testing.B) {
			for b.Loop() {
				serveStreams(b, protocol)
			}
		})
	}
}

// One stream of 40 tokens from the beginning to the end, without waiting.
func BenchmarkConverseStream(b *testing.B) {
	benchInvoke(b, fmt.Sprintf(instant, "bucket"), streamBenchURL, streamBody, 200)
}

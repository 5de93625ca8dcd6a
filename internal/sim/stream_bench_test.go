package sim

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
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

// holdStreams opens all streams and measures while every one of them has begun
// and has moved on since the last began. open carries one stream until the
// context ends, and calls heard whenever something has arrived.
func holdStreams(b *testing.B, s *Server, open func(ctx context.Context, i int, heard func()) error) {
	runtime.GC()
	before, _ := memory()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var begun, moved, ended sync.WaitGroup
	begun.Add(manyStreams)
	moved.Add(manyStreams)
	all := make(chan struct{}) // closed when every stream has begun
	var failed sync.Map
	for i := range manyStreams {
		ended.Go(func() {
			first, second := sync.OnceFunc(begun.Done), sync.OnceFunc(moved.Done)
			err := open(ctx, i, func() {
				first()
				select {
				case <-all:
					second()
				default:
				}
			})
			if ctx.Err() == nil {
				failed.Store(i, err) // it ended before it was told to
			}
			first()
			second()
		})
	}
	begun.Wait()
	close(all)
	moved.Wait()
	after, held := memory()
	inFlight := manyStreams - s.Counts().Models["anthropic.a"].Attempts
	cancel()
	ended.Wait()
	failed.Range(func(i, err any) bool {
		b.Errorf("stream %d: %v", i, err)
		return false
	})
	if inFlight != manyStreams || held > streamMemory {
		b.Errorf("%d streams at once, %d MiB of memory", inFlight, held>>20)
	}
	b.ReportMetric(float64(after-before)/manyStreams, "B/stream")
	b.ReportMetric(float64(held)/(1<<20), "MiB")
}

// What 10,000 streams at once cost: the account alone, and the account with its
// HTTP/2 server and the client of all of them in one process.
func BenchmarkStreams(b *testing.B) {
	b.Run("account", func(b *testing.B) {
		for b.Loop() {
			s := New(mustParse(b, slowStreams))
			holdStreams(b, s, func(ctx context.Context, _ int, heard func()) error {
				r, err := http.NewRequestWithContext(ctx, "POST", "http://sim.invalid"+streamBenchURL, strings.NewReader(streamBody))
				if err == nil {
					s.ServeHTTP(&hearing{header: http.Header{}, heard: heard}, r)
				}
				return err
			})
		}
	})
	b.Run("loopback", func(b *testing.B) {
		for b.Loop() {
			s := New(mustParse(b, slowStreams))
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			listening := Serve(l, s)
			var transports [20]http.Transport
			for i := range transports {
				transports[i].Protocols = &http.Protocols{}
				transports[i].Protocols.SetUnencryptedHTTP2(true)
			}
			holdStreams(b, s, func(ctx context.Context, i int, heard func()) error {
				r, err := http.NewRequestWithContext(ctx, "POST", "http://"+l.Addr().String()+streamBenchURL, strings.NewReader(streamBody))
				if err != nil {
					return err
				}
				reply, err := transports[i%len(transports)].RoundTrip(r)
				if err != nil {
					return err
				}
				defer reply.Body.Close()
				_, err = io.Copy(&hearing{heard: heard}, reply.Body)
				return err
			})
			for i := range transports {
				transports[i].CloseIdleConnections()
			}
			if err := listening.Shutdown(context.Background()); err != nil {
				b.Error(err)
			}
			// Of a stream that was reset, HTTP/2 forgets the handler: Shutdown does
			// not wait for it to settle.
			settled, deadline := int64(0), time.Now().Add(10*time.Second)
			for settled < manyStreams && time.Now().Before(deadline) {
				settled = s.Counts().Models["anthropic.a"].OK
				runtime.Gosched()
			}
			if settled != manyStreams {
				b.Errorf("%d streams were settled; want %d", settled, manyStreams)
			}
		}
	})
}

// hearing is a writer that tells when something has been written.
type hearing struct {
	header http.Header
	heard  func()
}

func (h *hearing) Header() http.Header { return h.header }
func (h *hearing) WriteHeader(int)     {}
func (h *hearing) Flush()              {}
func (h *hearing) Write(b []byte) (int, error) {
	h.heard()
	return len(b), nil
}

// One stream of 40 tokens from the beginning to the end, without waiting.
func BenchmarkConverseStream(b *testing.B) {
	benchInvoke(b, fmt.Sprintf(instant, "bucket"), streamBenchURL, streamBody, 200)
}

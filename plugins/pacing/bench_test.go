package pacing

import (
	"context"
	"testing"

	"golang.org/x/time/rate"
)

// An acquire that need not wait, with its settlement.
func BenchmarkAcquire(b *testing.B) {
	l := NewLimiter(Limit{RPM: 1e12, TPM: 1e15, Concurrent: 1000}, 1, 0)
	var r Reservation
	b.ReportAllocs()
	for b.Loop() {
		r.Tokens = 100
		if err := l.Acquire(context.Background(), &r); err != nil {
			b.Fatal(err)
		}
		r.Settle(50)
	}
}

// The same with an adaptive rate and a breaker, which are told of it.
func BenchmarkAcquireAdaptive(b *testing.B) {
	l := NewLimiter(Limit{RPM: 1e12, TPM: 1e15, Concurrent: 1000, Adaptive: &Adaptive{Start: 1e12}, Breaker: &Breaker{}}, 1, 0)
	var r Reservation
	b.ReportAllocs()
	for b.Loop() {
		r.Tokens = 100
		if err := l.Acquire(context.Background(), &r); err != nil {
			b.Fatal(err)
		}
		r.Tell(OK)
		r.Settle(50)
	}
}

// The same by x/time/rate, of requests and tokens, which knows no settlement.
func BenchmarkTimeRate(b *testing.B) {
	requests, tokens := rate.NewLimiter(1e12, 1e9), rate.NewLimiter(1e15, 1e12)
	b.ReportAllocs()
	for b.Loop() {
		if requests.Wait(context.Background()) != nil || tokens.WaitN(context.Background(), 100) != nil {
			b.Fatal("no room")
		}
	}
}

package pacing

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// ledger counts what a limiter admitted, each reservation by itself.
type ledger struct {
	mu      sync.Mutex
	entries []*entry
	flying  int
}

type entry struct {
	at       time.Time
	request  int64
	tokens   int64
	reserved int64
}

func (l *ledger) admit(t *rapid.T, of Limit, tokens int64) *entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	e := &entry{at: now, request: 1, tokens: tokens, reserved: tokens}
	l.entries = append(l.entries, e)
	l.flying++
	var requests, sum int64
	for _, e := range l.entries {
		if now.Sub(e.at) < time.Minute {
			requests, sum = requests+e.request, sum+e.tokens
		}
	}
	if float64(requests) > of.RPM || float64(sum) > of.TPM || l.flying > of.Concurrent {
		t.Errorf("%d requests, %d tokens in 60 s and %d calls under way; the limits are %+v", requests, sum, l.flying, of)
	}
	return e
}

func (l *ledger) end(e *entry, requests, tokens int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.request, e.tokens = requests, tokens
	l.flying--
}

// Random calls, streams (long calls) and cancellations: no limit is exceeded, and
// each reservation ends once, so that nothing is under way or waits at the end.
// Calls use what they reserved at most here: what they use beyond it is counted by
// the test below.
func TestLimiterKeepsItsLimits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		of := Limit{RPM: float64(rapid.IntRange(1, 300).Draw(rt, "rpm")), TPM: float64(rapid.IntRange(100, 100_000).Draw(rt, "tpm")), Concurrent: rapid.IntRange(1, 20).Draw(rt, "concurrent")}
		calls, seed := rapid.IntRange(1, 150).Draw(rt, "calls"), rapid.Uint64().Draw(rt, "seed")
		synctest.Test(t, func(t *testing.T) {
			l := NewLimiter(of, 1, 2*time.Minute)
			var book ledger
			var all sync.WaitGroup
			for i := range calls {
				r := rand.New(rand.NewPCG(seed, uint64(i)))
				start := time.Duration(r.Int64N(int64(3 * time.Minute)))
				all.Go(func() {
					time.Sleep(start)
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					if r.IntN(4) == 0 {
						ctx, cancel = context.WithTimeout(ctx, time.Duration(r.Int64N(int64(time.Minute))))
						defer cancel()
					}
					res := Reservation{Tokens: 1 + r.Int64N(int64(of.TPM))}
					if l.Acquire(ctx, &res) != nil {
						return
					}
					e := book.admit(rt, of, res.Tokens)
					time.Sleep(time.Duration(r.Int64N(int64(20 * time.Second))))
					used := r.Int64N(res.Tokens + 1)
					// What ended counts as ended before the limiter may admit for it.
					switch r.IntN(3) {
					case 0:
						book.end(e, 1, used)
						res.Settle(used)
					case 1:
						book.end(e, 1, 0)
						res.Refuse()
					case 2:
						book.end(e, 0, 0)
						res.Cancel()
					}
					// Again changes nothing: it has ended.
					res.Settle(0)
					res.Refuse()
					res.Cancel()
				})
			}
			all.Wait()
			if s := l.Snapshot(); s.UnderWay != 0 || s.Waiting != 0 {
				rt.Errorf("%d calls are under way and %d wait, after all have ended", s.UnderWay, s.Waiting)
			}
			time.Sleep(2 * time.Minute)
			l.requests.advance(l.now())
			l.tokens.advance(l.now())
			if l.requests.sum != 0 || l.tokens.sum != 0 {
				rt.Errorf("%d requests and %d tokens are taken two minutes later", l.requests.sum, l.tokens.sum)
			}
		})
	})
}

// What is used beyond the reservation is taken, so that the next call waits for
// it to leave the minute.
func TestSettlementBeyondTheReservation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(Limit{TPM: 1000}, 1, 0)
		r := Reservation{Tokens: 100}
		if err := l.Acquire(t.Context(), &r); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		r.Settle(1000)
		next := Reservation{Tokens: 900}
		if err := l.Acquire(t.Context(), &next); err != nil {
			t.Fatal(err)
		}
		if next.Waited < 60*time.Second || next.Waited > 62*time.Second || next.Bound != "tpm" {
			t.Errorf("the next call waited %s for %q; want a minute for tpm", next.Waited, next.Bound)
		}
	})
}

// First come, first served, also where a small call would fit before a large one.
func TestFairness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(Limit{TPM: 1000}, 1, 0)
		var mu sync.Mutex
		var order []int
		var all sync.WaitGroup
		for i, tokens := range []int64{900, 800, 10, 700, 10} {
			time.Sleep(time.Millisecond)
			all.Go(func() {
				r := Reservation{Tokens: tokens}
				if err := l.Acquire(t.Context(), &r); err != nil {
					t.Error(err)
				}
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				r.Settle(tokens)
			})
		}
		all.Wait()
		for i := range order {
			if order[i] != i {
				t.Fatalf("calls went in the order %v", order)
			}
		}
	})
}

func TestWaitsEnd(t *testing.T) {
	for _, test := range []struct {
		name    string
		maxWait time.Duration
		context time.Duration // 0: never
		second  int64         // tokens
		want    string
		after   time.Duration
	}{
		{"longest wait", 3 * time.Second, 0, 1000, "WaitError", 3 * time.Second},
		{"context first", 3 * time.Second, 2 * time.Second, 1000, "deadline", 2 * time.Second},
		{"never fits", 3 * time.Second, 0, 1001, "TooLargeError", 0},
		{"context has ended", 3 * time.Second, time.Nanosecond, 1000, "deadline", time.Nanosecond},
		{"room in time", 2 * time.Minute, 0, 1000, "", 61*time.Second + 855670103}, // the pace: 60 s / 0.97
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := NewLimiter(Limit{TPM: 1000}, 1, test.maxWait)
				first := Reservation{Tokens: 1000}
				if err := l.Acquire(t.Context(), &first); err != nil {
					t.Fatal(err)
				}
				ctx := t.Context()
				if test.context > 0 {
					var cancel func()
					ctx, cancel = context.WithTimeout(ctx, test.context)
					defer cancel()
				}
				began := time.Now()
				r := Reservation{Tokens: test.second}
				err := l.Acquire(ctx, &r)
				got := ""
				var wait *WaitError
				var large *TooLargeError
				switch {
				case errors.As(err, &wait):
					got = "WaitError"
				case errors.As(err, &large):
					got = "TooLargeError"
				case errors.Is(err, context.DeadlineExceeded):
					got = "deadline"
				case err != nil:
					got = err.Error()
				}
				if took := time.Since(began); got != test.want || took != test.after {
					t.Errorf("ended with %q after %s; want %q after %s", got, took, test.want, test.after)
				}
				if s := l.Snapshot(); s.Waiting != 0 {
					t.Errorf("%d still wait", s.Waiting)
				}
			})
		})
	}
}

// A share that shrinks under those who wait leaves nobody waiting for ever.
func TestShareShrinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(Limit{TPM: 1000}, 1, 0)
		first := Reservation{Tokens: 1000}
		if err := l.Acquire(t.Context(), &first); err != nil {
			t.Fatal(err)
		}
		results := make(chan error, 2)
		for _, tokens := range []int64{900, 400} {
			go func() { results <- l.Acquire(t.Context(), &Reservation{Tokens: tokens}) }()
			synctest.Wait()
		}
		l.SetShare(0.5)
		var large *TooLargeError
		if err := <-results; !errors.As(err, &large) || large.Limit != 500 {
			t.Errorf("the one that is too large now ends with %v", err)
		}
		if err := <-results; err != nil {
			t.Errorf("the one that fits ends with %v", err)
		}
	})
}

func TestWaitPercentiles(t *testing.T) {
	var w waits
	if w.percentile(0.5) != nil {
		t.Error("a percentile of nothing is not nil")
	}
	for range 50 {
		w.add(0)
	}
	for i := range 50 {
		w.add(time.Duration(i+1) * time.Second)
	}
	if p := *w.percentile(0.5); p != 0 {
		t.Errorf("p50 is %s; want 0", p)
	}
	if p := *w.percentile(0.75); p < 25*time.Second || p > 28*time.Second {
		t.Errorf("p75 is %s; want 25 s, a tenth more at most", p)
	}
	if p := *w.percentile(1); p != 50*time.Second {
		t.Errorf("the last is %s; want 50 s", p)
	}
}

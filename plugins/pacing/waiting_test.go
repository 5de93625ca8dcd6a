package pacing

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// Whatever becomes of the share while calls wait, of calls under way and of what AWS
// says: no limit is exceeded, those who are admitted come in the order in which they
// came, and nobody waits for ever.
func TestNobodyIsForgotten(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		of := Limit{RPM: float64(rapid.SampledFrom([]int{0, 3, 30}).Draw(rt, "rpm")), TPM: float64(rapid.SampledFrom([]int{0, 500, 5000}).Draw(rt, "tpm")), Concurrent: rapid.SampledFrom([]int{0, 1, 5}).Draw(rt, "concurrent")}
		if rapid.Bool().Draw(rt, "adaptive") {
			of.Adaptive = &Adaptive{}
		}
		if rapid.Bool().Draw(rt, "breaker") {
			of.Breaker = &Breaker{Hold: time.Minute}
		}
		calls, changes, seed := rapid.IntRange(1, 60).Draw(rt, "calls"), rapid.IntRange(0, 20).Draw(rt, "changes"), rapid.Uint64().Draw(rt, "seed")
		synctest.Test(t, func(t *testing.T) {
			l := NewLimiter(of, 1, 0)
			all := of // the limits of the book, of which 0 is none in a Limit
			for _, limit := range []*float64{&all.RPM, &all.TPM} {
				if *limit == 0 {
					*limit = 1e18
				}
			}
			if all.Concurrent == 0 {
				all.Concurrent = 1e9
			}
			var book ledger
			var mu sync.Mutex
			came, went := []int{}, map[int]time.Time{}
			var ended sync.WaitGroup
			r := rand.New(rand.NewPCG(seed, 0))
			for range changes {
				after, until := time.Duration(r.Int64N(int64(5*time.Minute))), time.Duration(r.Int64N(int64(2*time.Minute)))
				share, then := float64(r.IntN(11))/10, float64(r.IntN(11))/10
				ended.Go(func() {
					time.Sleep(after)
					l.SetShareUntil(share, time.Now().Add(until), then)
				})
			}
			ended.Go(func() {
				time.Sleep(10 * time.Minute)
				l.SetShare(1)
			})
			for i := range calls {
				r := rand.New(rand.NewPCG(seed, uint64(i+1)))
				ended.Go(func() {
					time.Sleep(time.Duration(r.Int64N(int64(5 * time.Minute))))
					ctx := t.Context()
					if r.IntN(4) == 0 {
						var cancel func()
						ctx, cancel = context.WithTimeout(ctx, time.Duration(r.Int64N(int64(time.Minute))))
						defer cancel()
					}
					res := Reservation{Tokens: r.Int64N(400)}
					mu.Lock() // the order in which they came
					came = append(came, i)
					mu.Unlock()
					if err := l.Acquire(ctx, &res); err != nil {
						var large *TooLargeError
						if ctx.Err() == nil && !errors.As(err, &large) {
							rt.Errorf("%v", err)
						}
						return
					}
					mu.Lock()
					went[i] = time.Now()
					mu.Unlock()
					e := book.admit(rt, all, res.Tokens)
					time.Sleep(time.Duration(r.Int64N(int64(20 * time.Second))))
					res.Tell([]Class{OK, OK, Throttle, Capacity, Final}[r.IntN(5)])
					book.end(e, 1, 0)
					res.Refuse()
				})
			}
			ended.Wait()
			if s := l.Snapshot(); s.UnderWay != 0 || s.Waiting != 0 {
				rt.Errorf("%d are under way and %d wait, after all have ended", s.UnderWay, s.Waiting)
			}
			// Of those who went at one instant, the order is not known.
			came = slices.DeleteFunc(came, func(i int) bool { return went[i].IsZero() })
			if !slices.IsSortedFunc(came, func(a, b int) int { return went[a].Compare(went[b]) }) {
				rt.Errorf("they came as %v and went at %v", came, went)
			}
			if took := time.Since(l.start); took > 2*time.Hour {
				rt.Errorf("the last one ended after %s", took)
			}
		})
	})
}

// When the head of the queue gives up, those whom it kept go at once.
func TestHeadGivesUp(t *testing.T) {
	for name, longest := range map[string]time.Duration{"context": 0, "longest wait": 5 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			l := NewLimiter(Limit{TPM: 1000}, 1, longest)
			first := Reservation{Tokens: 600}
			if err := l.Acquire(t.Context(), &first); err != nil {
				t.Fatal(err)
			}
			first.Settle(600)
			time.Sleep(40 * time.Second) // the pace lets more go, the minute not yet
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			if longest > 0 {
				ctx = t.Context()
			}
			head := make(chan error)
			go func() { head <- l.Acquire(ctx, &Reservation{Tokens: 900}) }()
			time.Sleep(time.Second)
			small := Reservation{Tokens: 10}
			if err := l.Acquire(t.Context(), &small); err != nil || small.Waited != 4*time.Second || small.Bound != "queue" {
				t.Errorf("%s: a small one waited %s for %q, %v; want 4 s for queue", name, small.Waited, small.Bound, err)
			}
			if err := <-head; err == nil {
				t.Errorf("%s: the head of the queue had room", name)
			}
		})
	}
}

// One whose turn comes at the instant in which its context ends does not go, and
// leaves its place to the next.
func TestTurnOfAnEndedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(Limit{RPM: 2, TPM: 100, Concurrent: 1}, 1, 0)
		first := Reservation{Tokens: 50}
		if err := l.Acquire(t.Context(), &first); err != nil {
			t.Fatal(err)
		}
		time.Sleep(40 * time.Second) // the pace lets another one go
		ctx, cancel := context.WithCancel(t.Context())
		second := make(chan error)
		go func() { second <- l.Acquire(ctx, &Reservation{Tokens: 50}) }()
		synctest.Wait()
		first.Settle(50)
		cancel()
		if err := <-second; !errors.Is(err, context.Canceled) {
			t.Errorf("it ends with %v", err)
		}
		third := Reservation{Tokens: 50}
		if err := l.Acquire(t.Context(), &third); err != nil || third.Waited != 0 {
			t.Errorf("the next one waits %s for %q, %v", third.Waited, third.Bound, err)
		}
	})
}

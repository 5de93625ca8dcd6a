package lease

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/plugins/pacing"
	"pgregory.net/rapid"
)

// A book counts what all processes send, each request by itself.
type book struct {
	mu   sync.Mutex
	sent []sent
}

type sent struct {
	at     time.Time
	tokens int64
}

// take returns what was sent in the last minute, with this.
func (a *book) take(tokens int64) (requests, sum int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	a.sent = append(a.sent, sent{now, tokens})
	for i := len(a.sent) - 1; i >= 0 && now.Sub(a.sent[i].at) < time.Minute; i-- {
		requests, sum = requests+1, sum+a.sent[i].tokens
	}
	return requests, sum
}

// Real limiters, always asked for more, by a store that comes and goes, of
// processes that come and go: together they stay under their one quota, and use
// what is theirs.
func TestLimitersTogether(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		of := pacing.Limit{RPM: float64(rapid.IntRange(10, 300).Draw(rt, "rpm")), TPM: float64(rapid.IntRange(1000, 50_000).Draw(rt, "tpm"))}
		seed := rapid.Uint64().Draw(rt, "seed")
		synctest.Test(t, func(t *testing.T) {
			var booked book
			s := &server{start: time.Now()}
			r, _ := Options{Key: "key", Fallback: 0.02, Processes: 5}.rules(minRest)
			ctx, cancel := context.WithTimeout(t.Context(), 12*time.Minute)
			defer cancel()
			var all sync.WaitGroup
			process := func(from, to time.Duration, link *link) {
				all.Go(func() {
					chance := rand.New(rand.NewPCG(seed, uint64(from)))
					time.Sleep(from)
					ctx, cancel := context.WithTimeout(ctx, to-from) // then it is killed
					defer cancel()
					limiter := pacing.NewLimiter(of, 1, 0)
					join(ctx, link, r, nil, limiter)
					for ctx.Err() == nil {
						res := pacing.Reservation{Tokens: 1 + chance.Int64N(int64(of.TPM)/10)}
						if limiter.Acquire(ctx, &res) != nil {
							time.Sleep(time.Second) // it may be too large for the share of now
							continue
						}
						if requests, tokens := booked.take(res.Tokens); float64(requests) > of.RPM || float64(tokens) > of.TPM {
							rt.Errorf("at %s %d requests and %d tokens in 60 s; the limits are %v and %v", time.Since(s.start), requests, tokens, of.RPM, of.TPM)
						}
						res.Settle(res.Tokens)
					}
				})
			}
			at := func(from, to int) time.Duration {
				chance := rand.New(rand.NewPCG(seed, uint64(from)))
				return time.Duration(from)*time.Second + time.Duration(chance.Int64N(int64(to-from)*int64(time.Second)))
			}
			whole := &link{to: s, rules: r}
			broken := &link{to: s, rules: r}
			process(0, 12*time.Minute, whole)
			process(at(0, 60), at(250, 400), whole)
			process(at(60, 200), 12*time.Minute, broken)
			process(at(470, 500), 12*time.Minute, whole)
			for what, when := range map[string]time.Duration{"cut": at(300, 350), "": at(400, 450)} {
				time.AfterFunc(when, func() { broken.set(what, 0) })
			}
			time.AfterFunc(at(500, 520), func() { s.change(func(s *server) { s.down = true }) })
			time.AfterFunc(at(520, 590), func() { s.change(func(s *server) { s.down = false; s.model.restart(nil) }) })
			all.Wait()
		})
	})
}

// Two who want all of a quota use at least 95 % of it, from when the store has lent
// it to them.
func TestTwoUseTheQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var booked book
		s := &server{start: time.Now()}
		r, _ := Options{Key: "key", Fallback: 0.1, Processes: 2}.rules(minRest)
		ctx, cancel := context.WithTimeout(t.Context(), 13*time.Minute)
		defer cancel()
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				limiter := pacing.NewLimiter(pacing.Limit{RPM: 120}, 1, 0)
				join(ctx, &link{to: s, rules: r}, r, nil, limiter)
				for ctx.Err() == nil {
					var res pacing.Reservation
					if limiter.Acquire(ctx, &res) == nil {
						booked.take(0)
						res.Settle(0)
					}
				}
			})
		}
		all.Wait()
		ten := 0
		for _, one := range booked.sent {
			if one.at.Sub(s.start) >= 3*time.Minute {
				ten++
			}
		}
		if ten < 1140 || ten > 1200 {
			t.Errorf("they send %d in ten minutes; want 1140 to 1200 of 1200", ten)
		}
	})
}

package sim

import (
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// backoff says how long a client waits before its attempt n+1, from 1; previous
// is how long it waited before attempt n.
type backoff func(r *rand.Rand, n int, previous time.Duration) time.Duration

const backoffBase, backoffCap = 5 * time.Millisecond, 2 * time.Second

func exponential(n int) time.Duration {
	return min(backoffCap, backoffBase<<min(n, 20))
}

// upTo draws a duration between two others.
func upTo(r *rand.Rand, from, to time.Duration) time.Duration {
	return from + time.Duration(r.Float64()*float64(to-from))
}

var backoffs = map[string]backoff{
	"none":        func(*rand.Rand, int, time.Duration) time.Duration { return 0 },
	"exponential": func(_ *rand.Rand, n int, _ time.Duration) time.Duration { return exponential(n) },
	"equal": func(r *rand.Rand, n int, _ time.Duration) time.Duration {
		return upTo(r, exponential(n)/2, exponential(n))
	},
	"full": func(r *rand.Rand, n int, _ time.Duration) time.Duration { return upTo(r, 0, exponential(n)) },
	"decorrelated": func(r *rand.Rand, _ int, previous time.Duration) time.Duration {
		return min(backoffCap, upTo(r, backoffBase, max(previous, backoffBase)*3))
	},
}

// contend lets n clients, all starting at once, each get one call through an
// account that serves one at a time. It returns how many attempts that took, and
// how long.
func contend(t *testing.T, wait backoff, n int, seed uint64) (calls int64, took time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		s := New(mustParse(t, `models: [{id: anthropic.a, latency: {first_token: 10ms, per_token: 0s, spread: 0.2}, limits: {concurrent: 1}}]`))
		began := time.Now()
		var all sync.WaitGroup
		for client := range n {
			r := rand.New(rand.NewPCG(seed, uint64(client)))
			network := func() {
				time.Sleep(max(0, time.Duration(float64(time.Millisecond)*(10+2*r.NormFloat64()))))
			}
			all.Go(func() {
				var waited time.Duration
				for attempt := 1; ; attempt++ {
					network()
					status := send(s, "POST", pathA, converseHi).status
					network()
					if status == 200 {
						return
					}
					waited = wait(r, attempt, waited)
					time.Sleep(waited)
				}
			})
		}
		all.Wait()
		m := s.Counts().Models["anthropic.a"]
		if m.OK != int64(n) || m.OK+m.Throttled != m.Attempts {
			t.Errorf("%d clients: the counts are %+v", n, m)
		}
		calls, took = m.Attempts, time.Since(began)
	})
	return calls, took
}

// Amazon's experiment on backoff and jitter, repeated against the account: many
// clients start at once and contend for what only one can have at a time, each
// until it had it, over a network of 10 ms with a deviation of 2 ms, with waits
// of 5 ms at first and 2 s at most.
//
// There, what they contend for is a row that is written under a version check,
// and one writer of a round wins. Here it is a concurrency limit of 1, the limit
// of the account nearest to that: of those who come at one time, one is served
// and the others are told at once. (A quota by the minute would be another
// experiment: it refills whatever the clients do.) The first to come wins, not
// the first to end, so the numbers are not the published ones; their order is,
// and it is what is asserted: full jitter takes the fewest calls,
// decorrelated jitter ends soonest of the three, backoff without jitter takes far
// more calls and by far the longest, no backoff the most calls.
func TestBackoffOrder(t *testing.T) {
	const runs = 5
	for _, n := range []int{50, 100} {
		calls, took := map[string]float64{}, map[string]time.Duration{}
		for name, b := range backoffs {
			for seed := range uint64(runs) {
				c, d := contend(t, b, n, seed)
				calls[name] += float64(c) / runs
				took[name] += d / runs
			}
			t.Logf("%3d clients, %-12s %6.0f calls, %6d ms", n, name, calls[name], took[name].Milliseconds())
		}
		for _, order := range []struct {
			few, many string
			factor    float64
		}{
			{"full", "equal", 1}, {"full", "decorrelated", 1}, {"equal", "exponential", 1.4}, {"decorrelated", "exponential", 1.4}, {"exponential", "none", 1},
		} {
			if calls[order.few]*order.factor > calls[order.many] {
				t.Errorf("%d clients: %s takes %.0f calls and %s %.0f; want %v times as many", n, order.few, calls[order.few], order.many, calls[order.many], order.factor)
			}
		}
		for _, jitter := range []string{"equal", "full", "decorrelated"} {
			if took["exponential"] < 5*took[jitter] {
				t.Errorf("%d clients: without jitter it takes %s, with %s jitter %s", n, took["exponential"], jitter, took[jitter])
			}
		}
		if n == 100 && (took["decorrelated"] > took["full"] || took["full"] > took["equal"]) {
			t.Errorf("%d clients: decorrelated jitter takes %s, full %s, equal %s", n, took["decorrelated"], took["full"], took["equal"])
		}
	}
}

// The same clients meet the same fate again.
func TestContentionRepeats(t *testing.T) {
	calls, took := contend(t, backoffs["full"], 50, 1)
	if again, tookAgain := contend(t, backoffs["full"], 50, 1); again != calls || tookAgain != took {
		t.Errorf("%d calls in %s, and again %d in %s", calls, took, again, tookAgain)
	}
}

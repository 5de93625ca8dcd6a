package pacing_test

import (
	"errors"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"

	"github.com/loadline-dev/loadline/plugins/pacing"
)

// Each decorrelated delay is between the base and three times the one before it of
// the same call, also where the calls of one client wait side by side.
func TestDecorrelatedDelaysOfACall(t *testing.T) {
	const first, clients = 100 * time.Millisecond, 20
	synctest.Test(t, func(t *testing.T) {
		const faults = "\nfaults: [{match: {operation: bedrock-runtime.*}, what: {error: {status: 429, code: ThrottlingException, message: no}}}]"
		server := account(t, plain+faults)
		var all sync.WaitGroup
		jitter := pacing.Backoff{Jitter: pacing.Decorrelated, Base: first, Cap: time.Minute}
		var mu sync.Mutex
		ends := map[int64][]time.Time{} // of the attempts, by call: each has a prompt of its own length
		p := pacing.New(pacing.Limits{Hook: func(a pacing.Attempt) {
			mu.Lock()
			defer mu.Unlock()
			ends[a.Reserved] = append(ends[a.Reserved], time.Now())
		}}, pacing.Policy{Backoff: jitter, MaxAttempts: 8})
		c := client(server, p.Option)
		for i := range clients {
			all.Go(func() {
				err := operations["Converse"](pacing.WithInputTokens(t.Context(), int64(i)), c, -1)
				var api smithy.APIError
				if pacing.Classify(err) != pacing.Throttle || !errors.As(err, &api) || api.ErrorCode() != "ThrottlingException" {
					t.Errorf("a call ended with %v; want the throttle", err)
				}
			})
		}
		all.Wait()
		if len(ends) != clients {
			t.Fatalf("%d calls were told; want %d", len(ends), clients)
		}
		longest := 0.0
		for call, at := range ends {
			last := first
			for i := 1; i < len(at); i++ {
				delay := at[i].Sub(at[i-1])
				if most := 3 * last; delay < first || delay > most+time.Millisecond {
					t.Errorf("call %d: delay %d is %s, after one of %s; want %s to %s", call, i, delay, last, first, most)
				}
				longest = math.Max(longest, float64(delay)/float64(last))
				last = delay
			}
			if len(at) != 8 {
				t.Errorf("call %d: %d attempts; want 8", call, len(at))
			}
		}
		if longest < 2.5 {
			t.Errorf("no delay is more than %.1f times the one before it", longest)
		}
	})
}

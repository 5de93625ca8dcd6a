package sim

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// room is how many tokens would be admitted now.
func room(p *pool, now time.Time) int64 {
	p.adjust(now)
	n := int64(0)
	for step := int64(1 << 20); step > 0; step /= 2 {
		if p.tpm.fits(now, n+step) {
			n += step
		}
	}
	return n
}

func TestReservationsMoveTowardTheirSettlement(t *testing.T) {
	for _, c := range []struct {
		why             string
		algorithm       string
		reserved, final int64
		after           time.Duration
		want            int64 // room in a minute of 1,000 tokens
	}{
		{"before the first interval all is held", "sliding", 900, 100, 1900 * time.Millisecond, 100},
		{"a fifth of the way", "sliding", 900, 100, 2 * time.Second, 260},
		{"between two intervals nothing moves", "sliding", 900, 100, 3900 * time.Millisecond, 260},
		{"most of the way", "fixed", 900, 100, 8 * time.Second, 740},
		{"never beyond the end", "fixed", 900, 100, 30 * time.Second, 900},
		{"burndown moves it upward", "sliding", 100, 900, 4 * time.Second, 580},
	} {
		p := newPool(&limits{tpm: 1000, algorithm: c.algorithm, adjust: 2 * time.Second}, epoch)
		r, refused := p.admit(epoch, c.reserved)
		if refused != "" {
			t.Fatal(refused)
		}
		u := r.expect(epoch, 10*time.Second, c.final)
		if got := room(p, epoch.Add(c.after)); got != c.want {
			t.Errorf("%s: room for %d tokens after %s; want %d", c.why, got, c.after, c.want)
		}
		u.leave(&r)
		end := epoch.Add(40 * time.Second)
		r.settle(end, c.final)
		if got := room(p, end); got != 1000-c.final || len(p.underWay) != 0 {
			t.Errorf("%s: room for %d tokens in the end, %d under way; want %d, 0", c.why, got, len(p.underWay), 1000-c.final)
		}
	}
}

// Whatever moved meanwhile, a call has taken in the end what it used: as if
// nothing had moved.
func TestAdjustmentChangesNothingInTheEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		still := newPool(&limits{tpm: 1 << 20, algorithm: "sliding"}, epoch)
		moving := newPool(&limits{tpm: 1 << 20, algorithm: "sliding", adjust: time.Duration(rapid.IntRange(1, 5000).Draw(t, "every")) * time.Millisecond}, epoch)
		type pair struct {
			a, b  reservation
			u     *underWay
			final int64
		}
		var open []pair
		now := epoch
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 1500).Draw(t, "gap")) * time.Millisecond)
			if len(open) > 0 && rapid.Bool().Draw(t, "settle") {
				c := open[0]
				open = open[1:]
				c.a.settle(now, c.final)
				moving.adjust(now)
				c.u.leave(&c.b)
				c.b.settle(now, c.final)
				continue
			}
			reserved, final := rapid.Int64Range(1, 5000).Draw(t, "reserved"), rapid.Int64Range(1, 9000).Draw(t, "final")
			c := pair{final: final}
			c.a, _ = still.admit(now, reserved)
			c.b, _ = moving.admit(now, reserved)
			c.u = c.b.expect(now, time.Duration(rapid.IntRange(1, 20_000).Draw(t, "total"))*time.Millisecond, final)
			open = append(open, c)
		}
		for _, c := range open {
			c.a.settle(now, c.final)
			c.u.leave(&c.b)
			c.b.settle(now, c.final)
		}
		if a, b := room(still, now), room(moving, now); a != b || len(moving.underWay) != 0 {
			t.Fatalf("room for %d tokens without adjustment, %d with it, %d under way", a, b, len(moving.underWay))
		}
	})
}

func TestAdjustmentLetsTheNextCallIn(t *testing.T) {
	const account = `
models:
  - {id: anthropic.a, max_output: 100, latency: {first_token: 10s, per_token: 0s, spread: 0}, output_tokens: {mean: 1, spread: 0},
     limits: {tpm: 1000, algorithm: sliding, %s}}
`
	for _, c := range []struct {
		key  string
		want int
	}{{"adjust: 1s", 200}, {"adjust: 0s", 429}} {
		synctest.Test(t, func(t *testing.T) {
			s := New(mustParse(t, fmt.Sprintf(account, c.key)))
			ask := func(maxTokens int) *recorder {
				body := fmt.Sprintf(`{"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"maxTokens":%d}}`, maxTokens)
				return send(s, "POST", "/model/anthropic.a/converse", body)
			}
			first := make(chan int)
			go func() { first <- ask(899).status }()
			time.Sleep(5 * time.Second)
			if got := ask(499).status; got != c.want {
				t.Errorf("with %s, the second call got %d; want %d", c.key, got, c.want)
			}
			if got := <-first; got != 200 {
				t.Errorf("with %s, the first call got %d", c.key, got)
			}
			if p := s.targets["anthropic.a"].pool; len(p.underWay) != 0 || p.inFlight != 0 {
				t.Errorf("with %s, %d calls move and %d are in flight in the end", c.key, len(p.underWay), p.inFlight)
			}
		})
	}
}

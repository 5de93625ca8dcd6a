package pacing

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// Next gives what the SDK is told by the same policy.
func TestRetriesAreTheRetryers(t *testing.T) {
	classes := []Class{OK, Throttle, Daily, Capacity, Transient, Cancelled, NotSent, Final}
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.Float64Range(0, 0.999).Draw(t, "random")
		random := func() float64 { return draw }
		p := Policy{
			Backoff:     Backoff{Jitter: Jitter(rapid.IntRange(int(NoRetry), int(Immediate)).Draw(t, "jitter")), Base: time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "base"))},
			MaxAttempts: rapid.IntRange(0, 5).Draw(t, "attempts"),
			Random:      random,
		}
		class := rapid.SampledFrom(classes).Draw(t, "class")
		asked := time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "asked"))
		sdk := newRetryer(&p)
		try := NewRetries(p).Begin(random)
		for attempt := 1; attempt <= 6; attempt++ {
			delay, again := try.Next(class, asked)
			if want := p.backoff(class).Jitter != NoRetry && attempt < sdk.MaxAttempts(); again != want {
				t.Fatalf("%v after attempt %d as %q: again %v; want %v", p, attempt, class, again, want)
			}
			if !again {
				return
			}
			if want := max(p.backoff(class).Delay(attempt, random), asked); delay != want || delay > max(asked, p.Backoff.Longest()) {
				t.Fatalf("%v after attempt %d: %s; want %s, and at most %s", p, attempt, delay, want, p.Backoff.Longest())
			}
		}
	})
}

// Calls share a budget, which has some to begin with.
func TestRetriesShareABudget(t *testing.T) {
	r := NewRetries(Policy{Backoff: Backoff{Jitter: Full}, MaxAttempts: 100, Budget: 0.5})
	half := func() float64 { return 0.5 }
	retried := 0
	for calls := 1; calls <= 20; calls++ {
		try := r.Begin(half)
		for again := true; again; {
			if _, again = try.Next(Throttle, 0); again {
				retried++
			}
		}
		if want := FreeRetries + calls/2; retried != want {
			t.Errorf("%d calls were retried %d times in all; want %d", calls, retried, want)
		}
	}
}

// Room that comes free at the very end of a wait is taken, whichever of the two
// timers is first.
func TestTheLastInstantOfAWait(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			l := NewLimiter(Limit{RPM: 1}, 1, 0)
			var first Reservation
			if err := l.Acquire(context.Background(), &first); err != nil {
				t.Fatal(err)
			}
			at, _ := l.when(l.now(), &first)
			l.maxWait = at - l.now()
			var second, third Reservation
			done := make(chan error)
			go func() {
				time.Sleep(time.Nanosecond)
				done <- l.Acquire(context.Background(), &third)
			}()
			if err := l.Acquire(context.Background(), &second); err != nil || second.Waited != l.maxWait {
				t.Errorf("after %s: %v; want room at the last instant, after %s", second.Waited, err, l.maxWait)
			}
			var late *WaitError
			if err := <-done; !errors.As(err, &late) {
				t.Errorf("the next: %v; want a *WaitError", err)
			}
		})
	}
}

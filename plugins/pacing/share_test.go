package pacing

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestPart(t *testing.T) {
	for _, test := range []struct {
		limit, share float64
		want         int64
	}{
		{0, 1, 0}, {10, 1, 10}, {10, 0.05, 0}, {10, 0.99, 9}, {3, 1.0 / 3, 1}, {49, 1.0 / 49, 1}, {200_000, 1.0 / 3, 66_666},
		{10, 2, 10}, {0.5, 1, 0}, {10, 0, 0},
	} {
		if got := Part(test.limit, test.share); got != test.want {
			t.Errorf("a share of %v of %v is %d; want %d", test.share, test.limit, got, test.want)
		}
	}
	// However many share a limit, their parts do not come to more than it.
	for limit := range int64(300) {
		for of := 1; of <= 60; of++ {
			if all := int64(of) * Part(float64(limit), 1/float64(of)); all > limit {
				t.Errorf("%d parts of %d come to %d", of, limit, all)
			}
		}
	}
}

// result is how an acquire ends: "", WaitError, TooLargeError or deadline.
func result(err error) string {
	var wait *WaitError
	var large *TooLargeError
	switch {
	case errors.As(err, &wait):
		return "WaitError " + wait.Bound
	case errors.As(err, &large):
		return "TooLargeError " + large.Bound
	case errors.Is(err, context.DeadlineExceeded):
		return "deadline"
	case err != nil:
		return err.Error()
	}
	return ""
}

// What a share admits of a call of 400 tokens that is made at once, and when.
func TestShares(t *testing.T) {
	const wait = time.Minute
	all := Limit{RPM: 10, TPM: 1000, Concurrent: 4}
	for _, test := range []struct {
		name  string
		of    Limit
		share func(*Limiter)
		want  string
		after time.Duration
	}{
		{"all", all, func(l *Limiter) {}, "", 0},
		{"nothing", all, func(l *Limiter) { l.SetShare(0) }, "WaitError share", wait},
		{"less than nothing", all, func(l *Limiter) { l.SetShare(-1) }, "WaitError share", wait},
		{"it grows", all, func(l *Limiter) {
			l.SetShare(0)
			time.AfterFunc(10*time.Second, func() { l.SetShare(0.5) })
		}, "", 10 * time.Second},
		{"it grows by itself", all, func(l *Limiter) { l.SetShareUntil(0, time.Now().Add(10*time.Second), 0.5) }, "", 10 * time.Second},
		{"it has ended", all, func(l *Limiter) { l.SetShareUntil(0, time.Now(), 0.5) }, "", 0},
		{"it grows too little", all, func(l *Limiter) { l.SetShareUntil(0, time.Now().Add(10*time.Second), 0.3) }, "TooLargeError tpm", 10 * time.Second},
		{"too small for the call", all, func(l *Limiter) { l.SetShare(0.3) }, "TooLargeError tpm", 0},
		{"less than a request", Limit{RPM: 10, TPM: 100_000}, func(l *Limiter) { l.SetShare(0.05) }, "TooLargeError rpm", 0},
		{"less than a call", Limit{Concurrent: 4}, func(l *Limiter) { l.SetShare(0.2) }, "TooLargeError concurrent", 0},
		{"less than a token", Limit{TPM: 1000}, func(l *Limiter) { l.SetShare(1e-4) }, "TooLargeError tpm", 0},
		{"no limit", Limit{}, func(l *Limiter) { l.SetShare(1e-4) }, "", 0},
		{"nothing, and no limit", Limit{}, func(l *Limiter) { l.SetShare(0) }, "WaitError share", wait},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := NewLimiter(test.of, 1, wait)
				test.share(l)
				began := time.Now()
				err := l.Acquire(t.Context(), &Reservation{Tokens: 400})
				if took := time.Since(began); result(err) != test.want || took != test.after {
					t.Errorf("ended with %q after %s; want %q after %s", result(err), took, test.want, test.after)
				}
			})
		})
	}
}

// One that never fits the whole limit is told so at a share of 0, too.
func TestTooLargeAtNothing(t *testing.T) {
	l := NewLimiter(Limit{TPM: 1000}, 1, 0)
	l.SetShare(0)
	if err := l.Acquire(t.Context(), &Reservation{Tokens: 1001}); result(err) != "TooLargeError tpm" {
		t.Errorf("it ends with %v", err)
	}
}

// A share that ends is over for the next call, though nobody was woken for it: a
// program may have been stopped meanwhile.
func TestShareEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(Limit{RPM: 100}, 1, time.Nanosecond)
		l.SetShareUntil(1, time.Now().Add(time.Minute), 0)
		if err := l.Acquire(t.Context(), &Reservation{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if err := l.Acquire(t.Context(), &Reservation{}); result(err) != "WaitError share" {
			t.Errorf("a minute later it ends with %v", err)
		}
	})
}

// What a call used beyond its reservation counts also while nothing is admitted,
// at the pace of before: hours of waiting would be the pace of one token a minute.
func TestSettlementAtNothing(t *testing.T) {
	for _, test := range []struct {
		share  float64
		within time.Duration
	}{{0, 90 * time.Second}, {1e-4, 90 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			l := NewLimiter(Limit{TPM: 1000}, 1, 0)
			var r Reservation
			r.Tokens = 100
			if err := l.Acquire(t.Context(), &r); err != nil {
				t.Fatal(err)
			}
			l.SetShare(test.share)
			r.Settle(1000)
			l.SetShare(1)
			next := Reservation{Tokens: 900}
			if err := l.Acquire(t.Context(), &next); err != nil || next.Waited < time.Minute || next.Waited > test.within {
				t.Errorf("the next call ends with %v after %s; want within %s, after the minute", err, next.Waited, test.within)
			}
		})
	}
}

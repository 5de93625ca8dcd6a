package steps

import (
	"context"
	"fmt"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// CloudWatch shows a minute one to three minutes after its end, and may add to
// it later; it never says that it is done. So it is read again and again.
const (
	pollEvery = 30 * time.Second
	// stillFor is how long counts must not have changed where none of our calls is
	// missing, and lostFor where some are: longer than CloudWatch is usually late.
	stillFor = 2 * time.Minute
	lostFor  = 5 * time.Minute
	// leastSettle is longer than the last minute can take to be over, clocks apart.
	leastSettle = 2 * time.Minute
)

// told are the sums of record.EventMetrics over a window; nil where CloudWatch
// told of no call.
type told *[4]float64

// settling is what is known of one id while CloudWatch catches up.
type settling struct {
	expected record.Expected
	last     told
	since    time.Time // since when the counts are as they are; zero before the first reading
	settled  bool
	why      string
	waited   time.Duration // from the beginning to the reading that counts
}

// take takes a reading of minutes that are over, made after some waiting.
func (s *settling) take(now told, at time.Time, waited time.Duration) {
	if s.settled {
		return
	}
	s.waited = waited
	if s.since.IsZero() || !same(s.last, now) {
		s.last, s.since = now, at
	}
	all, sure := s.expected.Calls()
	missing, equal := false, all == sure
	for i, ours := range s.expected.Sure {
		var v float64
		if now != nil {
			v = now[i]
		}
		missing = missing || v < float64(ours)
		equal = equal && v == float64(ours)
	}
	still := at.Sub(s.since)
	switch {
	case equal:
		s.settled, s.why = true, "it counts as many calls as we do"
	case now == nil:
	case !missing && still >= stillFor:
		s.settled, s.why = true, fmt.Sprintf("its counts did not change for %s", words(still))
	case missing && still >= lostFor:
		s.settled, s.why = true, fmt.Sprintf("its counts did not change for %s, and calls of ours are missing", words(still))
	}
}

func same(a, b told) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return *a == *b
}

// unsettled says why nothing is known at the deadline.
func (s *settling) unsettled(deadline time.Duration) string {
	if s.last == nil {
		return fmt.Sprintf("CloudWatch told of no call within %s", words(deadline))
	}
	return fmt.Sprintf("its counts still changed, or lacked calls of ours, after %s", words(deadline))
}

// words is a duration without the zeros that Go puts behind it: 2m, 1m30s.
func words(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
}

// settle reads, from when the last minute is over, until everything is settled or
// the deadline has passed, which is no error. A reading that fails is tried again, unless it is the first or the
// last.
func settle(ctx context.Context, env *plugins.Env, all []*settling, over time.Time, deadline time.Duration, read func(context.Context) ([]told, error)) error {
	began := time.Now()
	end := began.Add(deadline)
	next := began
	if over.After(next) {
		next = over
	}
	for first := true; ; first = false {
		if next.After(end) {
			next = end
		}
		env.Report(plugins.Progress{Stage: "waiting for CloudWatch", Done: time.Since(began), Total: deadline})
		if !sleepUntil(ctx, next) {
			return nil
		}
		now, err := read(ctx)
		at := time.Now()
		last := !at.Before(end)
		if err != nil && (first || last) {
			return err
		}
		done := err == nil
		for i, s := range all {
			if err == nil {
				s.take(now[i], at, at.Sub(began))
			}
			done = done && s.settled
		}
		if done || last {
			return nil
		}
		next = at.Add(pollEvery)
	}
}

// sleepUntil lets time pass, and reports whether the run goes on.
func sleepUntil(ctx context.Context, at time.Time) bool {
	timer := time.NewTimer(max(0, time.Until(at)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

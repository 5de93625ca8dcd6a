package sim

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var epoch = time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)

// event is what a property test does to a limiter, kept for the reference.
type event struct {
	at       time.Time
	n        int64
	admitted bool
	mark     int64
	used     int64 // by settlement; n until then
	settled  time.Time
}

// change is what a take or a settlement did to the level of a bucket.
type change struct {
	at time.Time
	by float64
}

// history is all that was done to a limiter so far.
type history struct {
	events  []*event
	changes []change // in the order in which they were made
}

// drive makes up traffic, of takes and settlements, and shows every decision to
// check before it is taken.
func drive(t *rapid.T, l limiter, most int64, settle bool, check func(past history, now time.Time, n int64, fits bool)) []*event {
	now := epoch
	var past history
	var open []*event
	for range rapid.IntRange(1, 300).Draw(t, "steps") {
		now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 100_000, 1_000_000, 7_000_001, 59_999_999, 60_000_000}).Draw(t, "µs")) * time.Microsecond)
		if settle && len(open) > 0 && rapid.Bool().Draw(t, "settles") {
			e := open[0]
			open = open[1:]
			e.used, e.settled = rapid.Int64Range(0, 2*most).Draw(t, "used"), now
			l.settle(now, e.mark, e.n, e.used)
			past.changes = append(past.changes, change{now, float64(e.n - e.used)})
			continue
		}
		e := &event{at: now, n: rapid.Int64Range(1, most).Draw(t, "n")}
		e.used, e.admitted = e.n, l.fits(now, e.n)
		check(past, now, e.n, e.admitted)
		if e.admitted {
			e.mark = l.take(now, e.n)
			past.events, open = append(past.events, e), append(open, e)
			past.changes = append(past.changes, change{now, -float64(e.n)})
		}
	}
	return past.events
}

// A sliding window decides exactly as one that looks through all of the past.
func TestSlidingAgainstReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		quota := rapid.Int64Range(1, 50).Draw(t, "quota")
		l := newLimiter("sliding", quota, 0, time.Minute, epoch)
		drive(t, l, 20, true, func(past history, now time.Time, n int64, fits bool) {
			var sum int64
			for _, e := range past.events {
				inWindow := func(at time.Time) bool { return now.Sub(at) < time.Minute }
				// What was used beyond a reservation that had left the window
				// when it was settled counts from the settlement.
				switch late := !e.settled.IsZero() && e.settled.Sub(e.at) >= time.Minute; {
				case late && e.used > e.n && inWindow(e.settled):
					sum += e.used - e.n
				case !late && inWindow(e.at):
					sum += e.used
				}
			}
			if want := sum+n <= quota; fits != want {
				t.Fatalf("%d more at %s, with %d of %d in the window: fits = %t", n, now, sum, quota, fits)
			}
		})
	})
}

// A fixed window decides exactly as one that looks through all of the past.
func TestFixedAgainstReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		quota := rapid.Int64Range(1, 50).Draw(t, "quota")
		l := newLimiter("fixed", quota, 0, time.Minute, epoch)
		drive(t, l, 20, true, func(past history, now time.Time, n int64, fits bool) {
			minute := func(at time.Time) time.Time { return at.Truncate(time.Minute) }
			var sum int64
			for _, e := range past.events {
				switch late := !e.settled.IsZero() && minute(e.settled) != minute(e.at); {
				case late && e.used > e.n && minute(e.settled) == minute(now):
					sum += e.used - e.n
				case !late && minute(e.at) == minute(now):
					sum += e.used
				}
			}
			if want := sum+n <= quota; fits != want {
				t.Fatalf("%d more at %s, with %d of %d in the window: fits = %t", n, now, sum, quota, fits)
			}
		})
	})
}

// A bucket admits the quota and the burst at most in any window, refuses only
// what its level, computed afresh from all of the past, does not hold, and is
// exact about settlement.
func TestBucketAgainstReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		quota := rapid.Int64Range(1, 60).Draw(t, "quota")
		burst := rapid.Int64Range(1, 60).Draw(t, "burst")
		settle := rapid.Bool().Draw(t, "settle")
		l := newLimiter("bucket", quota, burst, time.Minute, epoch)
		all := drive(t, l, 20, settle, func(past history, now time.Time, n int64, fits bool) {
			level := referenceLevel(past.changes, now, float64(quota), float64(burst))
			if near := level - float64(n); (near > 1e-3 && !fits) || (near < -1e-3 && fits) {
				t.Fatalf("%d more at %s, with %v in the bucket: fits = %t", n, now, level, fits)
			}
		})
		if settle {
			return // settlement may go beyond: that is what it is for
		}
		for i, first := range all {
			var sum int64
			for _, e := range all[i:] {
				if e.at.Sub(first.at) < time.Minute {
					sum += e.n
				}
			}
			if sum > quota+burst {
				t.Fatalf("%d admitted in the minute from %s; quota %d and burst %d", sum, first.at, quota, burst)
			}
		}
	})
}

// referenceLevel plays all that was done to a bucket, step by step.
func referenceLevel(past []change, now time.Time, quota, burst float64) float64 {
	level, at := burst, epoch
	for _, c := range append(past[:len(past):len(past)], change{now, 0}) {
		level = min(burst, level+quota*c.at.Sub(at).Minutes())
		level = min(burst, level+c.by)
		at = c.at
	}
	return level
}

// Settlement gives back exactly once, in every algorithm.
func TestSettlementGivesBackOnce(t *testing.T) {
	for _, algorithm := range []string{"bucket", "fixed", "sliding"} {
		l := newLimiter(algorithm, 100, 100, time.Minute, epoch)
		mark := l.take(epoch, 100)
		if l.fits(epoch, 1) {
			t.Errorf("%s: 1 more fits where all is taken", algorithm)
		}
		l.settle(epoch, mark, 100, 30)
		if !l.fits(epoch, 70) || l.fits(epoch, 71) {
			t.Errorf("%s: after 70 of 100 came back, 70 fits: %t, 71 fits: %t", algorithm, l.fits(epoch, 70), l.fits(epoch, 71))
		}
		mark = l.take(epoch, 10)
		l.settle(epoch, mark, 10, 200)
		if l.fits(epoch.Add(time.Second), 1) {
			t.Errorf("%s: 1 more fits in debt", algorithm)
		}
	}
}

// What comes back after the bucket has refilled does not overfill it.
func TestBucketIsNeverOverfull(t *testing.T) {
	l := newLimiter("bucket", 10, 10, time.Minute, epoch)
	mark := l.take(epoch, 10)
	later := epoch.Add(time.Minute)
	l.settle(later, mark, 10, 0)
	if !l.fits(later, 10) || l.fits(later, 11) {
		t.Errorf("of a bucket of 10: 10 fits: %t, 11 fits: %t", l.fits(later, 10), l.fits(later, 11))
	}
}

// A client that paces itself at exactly the quota is never refused.
func TestBucketAtExactlyTheQuota(t *testing.T) {
	l := newLimiter("bucket", 600, 1, time.Minute, epoch)
	for i := range 100_000 {
		now := epoch.Add(time.Duration(i) * 100 * time.Millisecond)
		if !l.fits(now, 1) {
			t.Fatalf("call %d was refused", i)
		}
		l.take(now, 1)
	}
}

func TestPoolScopes(t *testing.T) {
	a := mustParse(t, `
models:
  - {id: anthropic.a, limits: {rpm: 10}}
  - {id: anthropic.b}
profiles:
  - {id: eu.anthropic.a, models: [anthropic.a]}
  - {id: us.anthropic.a, models: [anthropic.a], limits: {rpm: 20}}
  - {id: us-gov.anthropic.a, models: [anthropic.a], limits: {rpm: 99}}
  - {id: global.anthropic.a, models: [anthropic.a]}
  - {id: us.anthropic.b, models: [anthropic.b]}
  - {id: "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/x1", models: [anthropic.a]}
  - {id: "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/x2", models: [us.anthropic.a]}
`)
	all := newTargets(a, epoch)
	const application = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/"
	geo := all["us.anthropic.a"].pool
	if geo == nil || geo.limits.rpm != 20 || all["eu.anthropic.a"].pool != geo || all["us-gov.anthropic.a"].pool != geo || all[application+"x2"].pool != geo {
		t.Error("the geographies and the copy do not share the pool of the first profile with limits")
	}
	own := all["anthropic.a"].pool
	if own == nil || own.limits.rpm != 10 || own == geo || all[application+"x1"].pool != own {
		t.Error("the on-demand pool is not that of the model and of the profile that copies it")
	}
	global := all["global.anthropic.a"].pool
	if global == nil || global.limits.rpm != 10 || global == own || global == geo {
		t.Error("the global profile without limits has no pool of its own with those of the model")
	}
	if all["us.anthropic.b"].pool != nil {
		t.Error("a profile and model without limits have a pool")
	}
}

// The background takes its admitted part of the quota before any caller.
func TestBackgroundTakesRoom(t *testing.T) {
	for _, algorithm := range []string{"bucket", "fixed", "sliding"} {
		s := New(mustParse(t, `
models: [{id: anthropic.a, limits: {rpm: 100, algorithm: `+algorithm+`}}]
traffic: [{model: anthropic.a, rpm: 80, throttled: 0.25}]
`))
		p, now, admitted := s.targets["anthropic.a"].pool, s.started, 0
		for range 100 {
			if _, refused := p.admit(now, 1); refused == "" {
				admitted++
			}
		}
		if admitted != 40 {
			t.Errorf("%s: %d of 100 admitted at once beside 60 of the background; want 40", algorithm, admitted)
		}
	}
}

package steps

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner/ramp"
)

// emptied is how many throttled calls end a burst: one could be of another
// making.
const emptied = 3

// finder searches the limit of one model. Only its own goroutine runs it; calls
// that end tell it of themselves.
type finder struct {
	ramp.Finding
	*seeker
	history  []result
	reached  float64 // calls a minute, of the burst that was throttled; 0: none was
	admitted float64 // calls a minute, in the mean of that burst
	perBurst int     // calls that it took
	left     int     // calls that bursts may still send
}

// result is one trial, with what a call took in it.
type result struct {
	rate   float64 // calls a minute
	ok     float64 // share of the calls that was admitted
	tokens float64 // mean of the settled quota tokens of a call; 0: not known
	held   bool
	trial  int // index
}

// find runs the searches of all models side by side.
func (s *sending) find(ctx context.Context, d ramp.Driver) (plugins.Result, error) {
	for i, k := range s.seek(d) {
		f := &finder{Finding: s.findings[i], seeker: k}
		f.left = f.BurstCalls()
		s.finders = append(s.finders, f)
	}
	var all sync.WaitGroup
	for _, f := range s.finders {
		all.Go(func() { f.run(ctx) })
	}
	all.Wait()
	return s.result()
}

// run searches until the bracket is as narrow as wanted.
func (f *finder) run(ctx context.Context) {
	f.first(ctx)
	for !f.ended(ctx) {
		search, history := f.Search, f.shown()
		search.Guess = f.admitted
		rate, done := search.Next(history)
		if done {
			return
		}
		f.try(ctx, rate)
	}
}

// shown is what the trials have shown, in calls a minute that take as much as a
// call does in the mean: a trial whose calls took more was a trial of a higher
// rate.
func (f *finder) shown() []ramp.Trial {
	f.mu.Lock()
	defer f.mu.Unlock()
	mean := f.taken.mean()
	var out []ramp.Trial
	for _, r := range f.history {
		offered := r.rate
		if r.tokens > 0 && mean > 0 && f.Tokens {
			offered *= r.tokens / mean
		}
		out = append(out, ramp.Trial{Asked: r.rate, Offered: offered, Admitted: offered * r.ok, Held: r.held})
	}
	return out
}

// first sends faster and faster until calls are throttled: the quota is then
// empty, and what was admitted so far is a guess at it.
func (f *finder) first(ctx context.Context) {
	p := f.begin()
	began, reached := time.Duration(-1), 0.0
	f.tell("a burst to begin with")
	f.drive(ctx, func(at time.Duration) float64 {
		if began < 0 {
			began = at
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if p.throttled >= emptied || p.day || at-began >= f.First() || f.left == 0 {
			return 0
		}
		f.left--
		f.perBurst++
		reached = f.Climb(at - began)
		return reached
	})
	f.mu.Lock()
	defer f.mu.Unlock()
	m := p.measure(0, math.MaxInt64)
	if p.throttled >= emptied {
		f.reached = reached
		f.admitted = float64(m.ok) / (p.lastSent - began).Minutes()
	}
	t := f.row(record.TrialBurst, reached, began, max(0, p.lastSent-began), m)
	switch by := f.bound(p, m); {
	case p.throttled == 0:
		t.Why = "nothing was throttled"
	case by == record.BoundUnspecified:
		t.Why = "ended by throttles of which AWS names no limit"
	default:
		t.Why = "ended by " + strings.ReplaceAll(by, "_", " ")
	}
	f.trials = append(f.trials, t)
}

// try makes one trial of a rate.
func (f *finder) try(ctx context.Context, rate float64) {
	p := f.begin()
	f.tell(fmt.Sprintf("trial %d at %.4g calls a minute", len(f.history)+1, rate))
	burst := min(f.Fastest(), max(f.reached, 2*rate))
	left := 0
	if f.reached > 0 {
		left = min(f.left, 2*f.perBurst)
	}
	length := f.Length(rate, f.spread())
	const none = time.Duration(-1)
	began, settling, measuring := none, none, none
	whole := false
	f.drive(ctx, func(at time.Duration) float64 {
		f.mu.Lock()
		defer f.mu.Unlock()
		if began == none {
			began = at
		}
		if settling == none {
			if left > 0 && p.throttled < emptied && at-began < f.Burst() {
				left--
				f.left--
				return burst
			}
			settling = at
		}
		// Where tokens are overdrawn nothing is admitted until they are paid back.
		paid := p.okSince(settling) || at-settling >= f.Settle()
		if measuring == none && at-settling >= f.Rest && paid {
			measuring = at
		}
		whole = measuring != none && at-measuring >= length
		if whole || p.day {
			return 0
		}
		return rate
	})
	f.mu.Lock()
	defer f.mu.Unlock()
	if !whole || measuring == none {
		if !p.day {
			return // it was cut, and shows nothing
		}
		measuring = max(measuring, settling, began)
	}
	m := p.measure(measuring, measuring+length)
	r := result{rate: rate, ok: m.share(), tokens: m.tokens.mean(), trial: len(f.trials)}
	t := f.row(record.TrialRate, rate, measuring, length, m)
	allowed := f.Loss*float64(m.sent) + f.Chance(m.sent, rate, f.cv())
	switch lost := float64(m.throttled + m.capacity); {
	case float64(m.dropped) > (1-sickAchieved)*float64(m.planned()):
		r.ok = m.answered()
		t.BoundBy, t.Why = record.BoundGenerator, fmt.Sprintf("%d of %d calls could not be sent in time", m.dropped, m.planned())
	case float64(m.errors) > (1-sickAchieved)*float64(m.sent):
		r.ok = m.answered()
		t.BoundBy, t.Why = record.BoundErrors, fmt.Sprintf("%d of %d calls failed", m.errors, m.sent)
	case lost > allowed:
		t.BoundBy = f.bound(p, m)
		t.Why = fmt.Sprintf("%d of %d calls were refused", m.throttled+m.capacity, m.sent)
	default:
		r.held = true
		t.Why = "nothing was refused"
		if lost > 0 {
			t.Why = fmt.Sprintf("%g of %d calls were refused, and %.3g may be", lost, m.sent, math.Floor(allowed))
		}
	}
	t.Verdict = record.TrialFailed
	if r.held {
		t.Verdict = record.TrialHeld
	}
	if p.day {
		t.Verdict, t.BoundBy, t.Why = "", record.BoundTPD, dayOver
	} else {
		f.history = append(f.history, r)
	}
	f.trials = append(f.trials, t)
}

// spread is that of what calls took so far; nothing where requests are searched.
func (f *finder) spread() float64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cv()
}

func (f *finder) cv() float64 {
	if !f.Tokens {
		return 0
	}
	return f.taken.cv()
}

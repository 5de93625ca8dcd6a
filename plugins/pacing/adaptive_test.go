package pacing

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The formula, as a table: what one event makes of a rate.
func TestAdaptiveFormula(t *testing.T) {
	found := func(rate, threshold float64) adaptive {
		a := *newAdaptive(&Adaptive{})
		a.rate, a.threshold, a.cuts, a.proven = rate, threshold, 1, true
		return a
	}
	const now = 30 * time.Second
	busyAt := func(a adaptive, rpm int) adaptive {
		for range rpm / busyParts {
			a.sent.add(now - time.Second)
		}
		return a
	}
	served := func(at time.Duration, used bool, limit float64) func(*adaptive) {
		return func(a *adaptive) { a.served(at, at-time.Second, used, limit) }
	}
	throttled := func(limit float64) func(*adaptive) {
		return func(a *adaptive) { a.throttled(now, now-time.Second, true, limit) }
	}
	unused := func(a *adaptive) { a.throttled(now, now-time.Second, false, 0) }
	// Slow start has left 200, some time ago.
	guessed := func(ago time.Duration, before, went int64, proven bool) adaptive {
		a := busyAt(found(200, 200), 240)
		a.cutAt, a.before, a.went, a.proven = now-ago, before, went, proven
		return a
	}
	for _, test := range []struct {
		name  string
		a     adaptive
		event func(*adaptive)
		want  float64
	}{
		{"slow start doubles in 3 s: ln 2 x 20 for each call", found(60, 200), served(now, true, 0), 60 + 20*math.Ln2},
		{"slow start ends at the threshold", found(199, 200), served(now, true, 0), 200},
		{"then 0.5 x the root of 100 a minute, in 100 calls", found(100, 100), served(now, true, 0), 100 + 0.05},
		{"four times that after four minutes", found(100, 100), served(4*time.Minute, true, 0), 100 + 0.2},
		{"a hundred times the rate grows ten times as fast", found(10_000, 100), served(now, true, 0), 10_000 + 50.0/10_000},
		{"what is not used does not grow", found(100, 100), served(now, false, 0), 100},
		{"nor beyond the limit that is known", found(100, 100), served(now, true, 100), 100},
		{"a throttle leaves 85 %", busyAt(found(120, 100), 180), throttled(0), 102},
		{"of what went, if that is less than the rate", busyAt(found(1000, 100), 120), throttled(0), 102},
		{"of the limit, if that is less", busyAt(found(1000, 100), 180), throttled(100), 85},
		{"half in slow start", busyAt(found(120, 200), 180), throttled(0), 60},
		{"of the rate, since what went is the past", busyAt(found(120, 200), 60), throttled(0), 60},
		{"but not of one that is not used", busyAt(found(120, 200), 60), unused, 30},
		{"after slow start, no more is left than went since: 50 in 20 s", guessed(20*time.Second, 100, 50, true), throttled(0), 150},
		{"or than the minute before had, if that is more", guessed(20*time.Second, 160, 50, true), throttled(0), 160},
		{"though 85 %, if that is less", guessed(20*time.Second, 180, 50, true), throttled(0), 170},
		{"as it is after a minute", guessed(time.Minute, 100, 50, true), throttled(0), 170},
		{"where nothing is served, that minute had all there is", guessed(20*time.Second, 190, 1, false), throttled(0), 190},
		{"and after another cut than slow start's it is as it was", guessed(20*time.Second, 0, 1, false), throttled(0), 200},
		{"but a request a minute at least", busyAt(found(1, 1), 6), throttled(0), 1},
	} {
		a := test.a
		test.event(&a)
		if math.Abs(a.rate-test.want) > 1e-9 {
			t.Errorf("%s: %g; want %g", test.name, a.rate, test.want)
		}
	}
}

// What makes no sense is the default.
func TestControlsDefaults(t *testing.T) {
	if got, want := (Adaptive{-1, -1, -1, 1, -1, -1, -1, -1}).withDefaults(), (Adaptive{}).withDefaults(); got != want {
		t.Errorf("%+v; want %+v", got, want)
	}
	if got := (Adaptive{Start: 60, Floor: 50, Ceiling: 20}).withDefaults(); got.Floor != 20 || got.Start != 20 {
		t.Errorf("a ceiling of 20 makes %+v", got)
	}
	if got, want := newBreaker(&Breaker{1, -1, -1, -1}).Breaker, newBreaker(&Breaker{}).Breaker; got != want {
		t.Errorf("%+v; want %+v", got, want)
	}
}

// One overshoot is one cut: throttles of calls that went before it change nothing,
// nor do those within a round, nor those where nothing has been served since,
// until a minute has passed.
func TestAdaptiveCutsOnceARound(t *testing.T) {
	for _, test := range []struct {
		name     string
		sent, at time.Duration // after the first cut
		proven   bool
		cuts     int64
	}{
		{"of the same overshoot", -time.Second, 20 * time.Second, true, 1},
		{"within the round", time.Second, 9 * time.Second, true, 1},
		{"after it", 5 * time.Second, 10 * time.Second, true, 2},
		{"where nothing was served", 5 * time.Second, 59 * time.Second, false, 1},
		{"for a minute", 5 * time.Second, 60 * time.Second, false, 2},
	} {
		a := newAdaptive(&Adaptive{})
		first := 10 * time.Minute
		a.throttled(first, first-time.Second, true, 0)
		if test.proven {
			a.served(first+time.Second, first+time.Second/2, true, 0)
		}
		if a.throttled(first+test.at, first+test.sent, true, 0); a.cuts != test.cuts {
			t.Errorf("%s: %d cuts; want %d", test.name, a.cuts, test.cuts)
		}
	}
}

// Where everything is refused, a call goes every 8 s, after pauses of 1, 2 and 4.
func TestPauses(t *testing.T) {
	var p pace
	now, last := time.Hour, time.Hour
	for n, want := range []time.Duration{0, 1, 2, 4, 8, 8} {
		now = max(now, p.next)
		if got := (now - last).Round(100 * time.Millisecond); n > 0 && got != want*time.Second {
			t.Errorf("call %d goes after %s; want %d s", n, got, want)
		}
		last = now
		p.take(now, 6000)
		p.refused(now, now, 0)
		p.refused(now, now-time.Second, 0) // of one that went with it: once
	}
	p.served(now - time.Second)
	if p.pauses == 0 {
		t.Error("a call that went before the last pause ends the pauses")
	}
	if p.served(p.next); p.pauses != 0 {
		t.Error("one that was served does not end the pauses")
	}
}

// Whatever is asked for, throttled and served, in whatever order and however late:
// the rate stays within its bounds, grows only by calls that used it, is cut at
// most once a round, and a call may always go within a minute and the longest
// pause.
func TestAdaptiveProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		floor := rapid.Float64Range(0.5, 50).Draw(t, "floor")
		of := Adaptive{
			Start: rapid.Float64Range(0, 500).Draw(t, "start"), Floor: floor,
			Ceiling: floor * rapid.Float64Range(1, 100).Draw(t, "ceiling"),
			Cut:     rapid.Float64Range(0.1, 0.95).Draw(t, "cut"),
		}
		a := newAdaptive(&of)
		var now, cutAt time.Duration
		type sent struct {
			at   time.Duration
			used bool
		}
		var way []sent
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			before, cuts := a.rate, a.cuts
			mayGrow := false
			switch what := rapid.IntRange(0, 4).Draw(t, "what"); {
			case what == 0:
				now += time.Duration(rapid.Int64Range(0, int64(3*time.Minute)).Draw(t, "later"))
			case what <= 2 || len(way) == 0:
				at := a.when()
				if most := now + gap(a.Floor) + mostPause; at > most {
					t.Fatalf("at %s a call may go at %s; want %s at most", now, at, most)
				}
				now = max(now, at)
				way = append(way, sent{now, a.take(now)})
			default:
				i := rapid.IntRange(0, len(way)-1).Draw(t, "which")
				s := way[i]
				way = append(way[:i], way[i+1:]...)
				if what == 3 {
					mayGrow = s.used
					a.served(now, s.at, s.used, 0)
				} else {
					a.throttled(now, s.at, s.used, 0)
					if a.rate < before && a.cuts == cuts && (now-cutAt < a.Round || now-cutAt >= minute || a.rate < float64(a.before)) {
						t.Fatalf("without a cut the rate fell from %g to %g, %s after the last one, before which a minute had %d calls", before, a.rate, now-cutAt, a.before)
					}
				}
			}
			if a.rate < a.Floor || a.rate > a.Ceiling {
				t.Fatalf("a rate of %g; want %g to %g", a.rate, a.Floor, a.Ceiling)
			}
			if a.rate > before && !mayGrow {
				t.Fatalf("the rate grew from %g to %g by something else than a call that used it and was served", before, a.rate)
			}
			if a.cuts > cuts {
				if cuts > 0 && now-cutAt < a.Round {
					t.Fatalf("cuts at %s and %s; a round is %s", cutAt, now, a.Round)
				}
				cutAt = now
			}
		}
		// It is never stuck: calls that wait for their turn and are served bring it to
		// its ceiling.
		for n := 0; a.rate < a.Ceiling; n++ {
			if n > 3_000_000 {
				t.Fatalf("after %d calls that were served the rate is %g; the ceiling is %g", n, a.rate, a.Ceiling)
			}
			now = max(now, a.when())
			a.served(now+1, now, a.take(now), 0)
		}
	})
}

// Calls at 90 % of the rate do not make it grow; more of them do.
func TestAdaptiveGrowsByUse(t *testing.T) {
	for _, test := range []struct {
		part  float64
		grows bool
	}{{0.5, false}, {0.9, false}, {1.2, true}} {
		a := newAdaptive(&Adaptive{Start: 120})
		rate := a.rate
		next := time.Hour // when the next call comes
		for range 200 {
			at := max(next, a.when())
			if used := a.take(at); at > time.Hour+10*time.Second { // after the burst
				a.served(at, at-1, used, 0)
			}
			next += gap(120 * test.part)
		}
		if got := a.rate > rate; got != test.grows {
			t.Errorf("calls at %g of the rate: it is %g after %g", test.part, a.rate, rate)
		}
	}
}

// busy tells the busiest sixth of the last minute and all of it, and forgets what
// is older.
func TestBusy(t *testing.T) {
	var b busy
	for i := range 10 {
		b.add(15*time.Second + time.Duration(i)*time.Millisecond)
	}
	for i := range 3 {
		b.add(40*time.Second + time.Duration(i)*time.Second)
	}
	for _, test := range []struct {
		at   time.Duration
		want float64
		sum  int64
	}{{45 * time.Second, 60, 13}, {69 * time.Second, 60, 13}, {71 * time.Second, 18, 3}, {99 * time.Second, 18, 3}, {101 * time.Second, 0, 0}, {time.Hour, 0, 0}} {
		if got := b.rate(test.at); got != test.want {
			t.Errorf("at %s: %g; want %g", test.at, got, test.want)
		}
		if got := b.sum(test.at); got != test.sum {
			t.Errorf("the minute before %s had %d; want %d", test.at, got, test.sum)
		}
	}
}

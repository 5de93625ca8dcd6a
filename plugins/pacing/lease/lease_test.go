package lease

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// usage is a pacer that remembers which share could be used when.
type usage struct {
	mu    sync.Mutex
	spans []span // in order of time; the last may go on
	ended bool
}

type span struct {
	from, to time.Time
	share    float64
}

var endless = time.Unix(1<<40, 0)

func (u *usage) SetShareUntil(share float64, until time.Time, then float64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ended {
		return
	}
	now := time.Now()
	u.cut(now)
	if until.After(now) {
		u.spans = append(u.spans, span{now, until, share})
		now = until
	}
	u.spans = append(u.spans, span{now, endless, then})
}

func (u *usage) cut(now time.Time) {
	for len(u.spans) > 0 && !u.spans[len(u.spans)-1].from.Before(now) {
		u.spans = u.spans[:len(u.spans)-1]
	}
	if n := len(u.spans); n > 0 && u.spans[n-1].to.After(now) {
		u.spans[n-1].to = now
	}
}

// end is a process that is killed: it uses nothing from now on.
func (u *usage) end() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.cut(time.Now())
	u.ended = true
}

func (u *usage) now() float64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, s := range u.spans {
		if now := time.Now(); !now.Before(s.from) && now.Before(s.to) {
			return s.share
		}
	}
	return 0
}

// past is a copy of the spans.
func (u *usage) past() []span {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.spans)
}

// exceeds tells of a minute in which the shares that could be used come to more
// than a whole. The worst minute ends as a share begins.
func exceeds(all []*usage, whole float64) string {
	var past [][]span
	for _, u := range all {
		past = append(past, u.past())
	}
	for _, a := range past {
		for _, end := range a {
			sum, said := 0.0, ""
			for i, b := range past {
				most := 0.0
				for _, s := range b {
					if !s.from.After(end.from) && s.to.After(end.from.Add(-time.Minute)) {
						most = max(most, s.share)
					}
				}
				sum += most
				said += fmt.Sprintf(" %d: %.3f", i, most)
			}
			if sum > whole+1e-6 {
				return fmt.Sprintf("in the minute before %s shares of %.6f were used:%s", end.from, sum, said)
			}
		}
	}
	return ""
}

// a process of a test.
type process struct {
	*usage
	*Lease
	link   *link
	cancel context.CancelFunc
	gone   time.Time // zero while it lives
	left   bool      // its context has ended, and it lives on its fallback
}

// Whatever becomes of processes, of their ways to the store and of the store, in no
// minute do their shares come to more than the whole; and a while after all is
// well, each has the fallback and an equal part of the pool.
func TestNothingIsExceeded(t *testing.T) {
	type event struct {
		what  string
		who   int
		delay time.Duration
		after time.Duration
	}
	events := rapid.Custom(func(t *rapid.T) event {
		e := event{what: rapid.SampledFrom([]string{
			"join", "join", "join", "kill", "close", "cut", "deaf", "late", "slow", "mend", "mend", "leave the context",
			"store down", "store up", "store up", "restart empty", "restart with old data", "write down", "flush",
		}).Draw(t, "what")}
		e.who = rapid.IntRange(0, 9).Draw(t, "who")
		e.delay = time.Duration(rapid.Int64Range(0, int64(40*time.Second)).Draw(t, "delay"))
		e.after = time.Duration(rapid.Int64Range(0, int64(50*time.Second)).Draw(t, "after"))
		return e
	})
	rapid.Check(t, func(rt *rapid.T) {
		o := Options{Key: "key", Processes: rapid.IntRange(1, 6).Draw(rt, "processes")}
		o.Fallback = rapid.Float64Range(0, 1/float64(o.Processes)).Draw(rt, "fallback")
		o.Lease = time.Duration(rapid.Int64Range(int64(65*time.Second), int64(200*time.Second)).Draw(rt, "lease"))
		r, err := o.rules(minRest)
		if err != nil {
			rt.Fatal(err)
		}
		history := rapid.SliceOfN(events, 1, 40).Draw(rt, "history")
		synctest.Test(t, func(t *testing.T) {
			s := &server{start: time.Now()}
			var written map[string]*quota
			var all []*process
			var used []*usage
			// Those that count to Processes: they live, or did so in the last minute.
			counting := func() (living []*process, n int) {
				for _, p := range all {
					if p.gone.IsZero() {
						living = append(living, p)
					}
					if p.gone.IsZero() || time.Since(p.gone) < time.Minute {
						n++
					}
				}
				return living, n
			}
			for _, e := range history {
				living, n := counting()
				var who *process
				if len(living) > 0 {
					who = living[e.who%len(living)]
				}
				switch e.what {
				case "join":
					if n < o.Processes {
						p := &process{usage: &usage{}, link: &link{to: s, rules: r}}
						var ctx context.Context
						ctx, p.cancel = context.WithCancel(t.Context())
						p.Lease = join(ctx, p.link, r, nil, p.usage)
						all, used = append(all, p), append(used, p.usage)
					}
				case "store down":
					s.change(func(s *server) { s.down = true })
				case "store up":
					s.change(func(s *server) { s.down = false })
				case "restart empty":
					s.change(func(s *server) { s.model.restart(nil) })
				case "restart with old data":
					s.change(func(s *server) { s.model.restart(written) })
				case "write down":
					s.change(func(s *server) { written = s.model.written() })
				case "flush":
					s.change(func(s *server) { s.forget() })
				default:
					if who == nil {
						break
					}
					switch e.what {
					case "kill":
						who.usage.end()
						who.cancel()
						who.gone = time.Now()
					case "close":
						who.Close(t.Context())
						who.gone = time.Now()
					case "leave the context":
						who.cancel()
						who.left = true
					case "slow":
						who.link.set("", e.delay)
					case "mend":
						who.link.set("", 0)
					default:
						who.link.set(e.what, e.delay)
					}
				}
				time.Sleep(e.after)
			}
			s.change(func(s *server) { s.down = false })
			living, _ := counting()
			var within []*process
			for _, p := range living {
				p.link.set("", 0)
				if !p.left {
					within = append(within, p)
				}
			}
			time.Sleep(3*o.Lease + time.Minute)
			for i, p := range within {
				want := float64(r.fallback+r.pool/int64(len(within))) / whole
				if s := p.State(); p.usage.now() != want || s.Share != want || s.Members != len(within) || s.Err != nil {
					rt.Errorf("all is well for three leases, and %d of %d uses %v, with the state %+v; want %v", i, len(within), p.usage.now(), s, want)
				}
			}
			for _, p := range all {
				p.cancel()
				<-p.Lease.done
			}
			time.Sleep(time.Minute) // what is done late
			if said := exceeds(used, 1); said != "" {
				rt.Error(said)
			}
		})
	})
}

// What happens when, in the numbers of the documentation: two processes with a
// fallback of a fifth, at most three, by the usual times.
func TestWhatHappensWhen(t *testing.T) {
	o := Options{Key: "key", Fallback: 0.2, Processes: 3}
	r, err := o.rules(minRest)
	if err != nil {
		t.Fatal(err)
	}
	const pool = 1 - 3*0.2
	second := func(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
	for _, test := range []struct {
		name string
		// what happens to two processes that have had half of the pool each for long
		what func(t *testing.T, s *server, a, b *process)
		// what b has of the pool, by the seconds since
		want map[float64]float64
	}{
		{"nothing", func(t *testing.T, s *server, a, b *process) {}, map[float64]float64{0: 1. / 2, 100: 1. / 2}},
		{"one is killed", func(t *testing.T, s *server, a, b *process) { a.usage.end(); a.cancel() }, map[float64]float64{1: 1. / 2, 79: 1. / 2, 100: 1}},
		{"one is closed", func(t *testing.T, s *server, a, b *process) { a.Close(t.Context()) }, map[float64]float64{1: 1. / 2, 60: 1. / 2, 72: 1}},
		{"one is cut off", func(t *testing.T, s *server, a, b *process) { a.link.set("cut", 0) }, map[float64]float64{79: 1. / 2, 100: 1}},
		{"it is cut off itself", func(t *testing.T, s *server, a, b *process) { b.link.set("cut", 0) }, map[float64]float64{1: 1. / 2, 19: 1. / 2, 30: 0}},
		{"another comes", func(t *testing.T, s *server, a, b *process) {
			join(t.Context(), &link{to: s, rules: r}, r, nil, &usage{})
		}, map[float64]float64{11: 1. / 3, 300: 1. / 3}},
		{"the store is killed", func(t *testing.T, s *server, a, b *process) { s.change(func(s *server) { s.down = true }) }, map[float64]float64{19: 1. / 2, 30: 0, 300: 0}},
		{"the store is killed for a second, and empty then", func(t *testing.T, s *server, a, b *process) {
			s.change(func(s *server) { s.down = true })
			time.Sleep(time.Second)
			s.change(func(s *server) { s.down = false; s.model.restart(nil) })
		}, map[float64]float64{1: 1. / 2, 11: 0, 80: 0, 111: 1. / 2}},
		{"the store is flushed", func(t *testing.T, s *server, a, b *process) { s.change(func(s *server) { s.forget() }) }, map[float64]float64{11: 0, 80: 0, 111: 1. / 2}},
		{"the store is away for 15 s", func(t *testing.T, s *server, a, b *process) {
			s.change(func(s *server) { s.down = true })
			time.Sleep(second(15))
			s.change(func(s *server) { s.down = false })
		}, map[float64]float64{15: 1. / 2, 40: 1. / 2, 100: 1. / 2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &server{start: time.Now()}
				start := func() *process {
					p := &process{usage: &usage{}, link: &link{to: s, rules: r}}
					var ctx context.Context
					ctx, p.cancel = context.WithCancel(t.Context())
					p.Lease = join(ctx, p.link, r, nil, p.usage)
					return p
				}
				a, b := start(), start()
				time.Sleep(second(300))
				began := time.Now()
				test.what(t, s, a, b)
				for at := range 301 {
					time.Sleep(time.Until(began.Add(second(float64(at)))))
					synctest.Wait()
					if want, ok := test.want[float64(at)]; ok {
						if got := (b.usage.now() - 0.2) / pool; math.Abs(got-want) > 1e-6 {
							t.Errorf("%d s later it has %.3f of the pool; want %.3f", at, got, want)
						}
					}
				}
				a.cancel()
				b.cancel()
			})
		})
	}
}

// A store that starts again with what it had written down before it lent the last
// parts lends nothing that may still be used.
func TestOldData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := Options{Key: "key", Processes: 2}.rules(minRest)
		s := &server{start: time.Now()}
		var a, b usage
		join(t.Context(), &link{to: s, rules: r}, r, nil, &a)
		time.Sleep(5 * time.Minute)
		var old map[string]*quota
		s.change(func(s *server) { old = s.model.written() })
		join(t.Context(), &link{to: s, rules: r}, r, nil, &b)
		time.Sleep(2 * time.Minute)
		if a.now() != 0.5 || b.now() != 0.5 {
			t.Fatalf("they have %v and %v; want half each", a.now(), b.now())
		}
		s.change(func(s *server) { s.model.restart(old) })
		time.Sleep(5 * time.Minute)
		if a.now() != 0.5 || b.now() != 0.5 {
			t.Errorf("five minutes later they have %v and %v; want half each", a.now(), b.now())
		}
		if said := exceeds([]*usage{&a, &b}, 1); said != "" {
			t.Error(said)
		}
	})
}

// What a slow store lends ends by when it was asked for: what comes too late is
// worth nothing.
func TestSlowStore(t *testing.T) {
	for _, test := range []struct {
		each time.Duration // way
		want time.Duration // for how long it is used; of the 29 s
	}{
		{0, 29 * time.Second}, {5 * time.Second, 19 * time.Second}, {14 * time.Second, time.Second}, {15 * time.Second, 0}, {80 * time.Second, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			r, _ := Options{Key: "key"}.rules(minRest)
			s := &server{start: time.Now()}
			s.ask("a member of before", false, r)
			time.Sleep(2 * time.Minute)
			var u usage
			slow := &link{to: s, rules: r, delay: test.each}
			join(t.Context(), slow, r, nil, &u)
			synctest.Wait() // the first question is on its way, and the only one
			slow.set("cut", 0)
			time.Sleep(5 * time.Minute)
			var used time.Duration
			for _, s := range u.past() {
				if s.share == 1 {
					used += s.to.Sub(s.from)
				}
			}
			if used != test.want {
				t.Errorf("after %s each way it is used for %s; want %s", test.each, used, test.want)
			}
		})
	}
}

// A process that is started in the place of one that was killed gets nothing until
// that is gone from the store, where there are as many as there may be; and neither
// does one with other rules.
func TestRefused(t *testing.T) {
	r, _ := Options{Key: "key", Fallback: 0.5, Processes: 2}.rules(minRest)
	for _, test := range []struct {
		name  string
		rules func(rules) rules
		want  error
	}{
		{"one too many", func(r rules) rules { return r }, ErrFull},
		{"other rules", func(r rules) rules { r.rest++; return r }, ErrRules},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &server{start: time.Now()}
				ctx, kill := context.WithCancel(t.Context())
				for range 2 {
					join(ctx, &link{to: s, rules: r}, r, nil, &usage{})
				}
				time.Sleep(time.Minute)
				kill()
				var u usage
				var states []State
				other := test.rules(r)
				l := join(t.Context(), &link{to: s, rules: other}, other, func(s State) { states = append(states, s) }, &u)
				synctest.Wait()
				for range 75 {
					if s := l.State(); !errors.Is(s.Err, test.want) || s.Share != 0 || u.now() != 0 {
						t.Fatalf("it has %v, with the state %+v; want nothing, and %v", u.now(), s, test.want)
					}
					time.Sleep(time.Second)
				}
				time.Sleep(time.Minute)
				if s := l.State(); s.Err != nil || s.Share != 0.5 || u.now() != 0.5 {
					t.Errorf("when they are gone it has %v, with the state %+v; want a half", u.now(), s)
				}
				if err := l.Close(t.Context()); err != nil || u.now() != 0 {
					t.Errorf("closed, it has %v and the error %v", u.now(), err)
				}
				if len(states) < 10 || !errors.Is(states[0].Err, test.want) {
					t.Errorf("the hook was told %v", states)
				}
			})
		})
	}
}

// Without a store there is the fallback as soon as that is known, and a way to end.
func TestNoStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := Options{Key: "key", Fallback: 0.5, Processes: 2}.rules(minRest)
		var u usage
		away := &link{to: &server{start: time.Now(), down: true}, rules: r, delay: time.Second}
		l := join(t.Context(), away, r, nil, &u)
		if u.now() != 0 {
			t.Errorf("before the store has answered it has %v", u.now())
		}
		time.Sleep(2*time.Second + 1)
		if s := l.State(); u.now() != 0.5 || s.Share != 0.5 || s.Err == nil || s.Members != 0 || !s.Until.IsZero() {
			t.Errorf("it has %v, with the state %+v; want the fallback and why", u.now(), s)
		}
		away.set("", time.Hour)
		time.Sleep(10 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || u.now() != 0 {
			t.Errorf("closed while a question is under way it has %v and the error %v; want nothing, and the context's", u.now(), err)
		}
		time.Sleep(2 * time.Hour)
		<-l.done
	})
}

func TestOptions(t *testing.T) {
	good := Options{Key: "k", Fallback: 0.1, Processes: 5}
	for _, test := range []struct {
		name string
		o    Options
		want []string // in the error
		pool float64
	}{
		{"good", good, nil, 0.5},
		{"of a share", Options{Key: "k", Fallback: 0.1, Processes: 5, Share: 0.8}, nil, 0.3},
		{"thirds", Options{Key: "k", Fallback: 1. / 3, Processes: 3}, nil, 0},
		{"no fallback", Options{Key: "k"}, nil, 1},
		{"no fallback, so many", Options{Key: "k", Processes: 2}, nil, 1},
		{"nothing", Options{Processes: -1, Fallback: 2, Share: 3, Lease: time.Second, Rest: time.Second}, []string{"Key is", "Processes is -1", "Fallback is 2", "Share is 3", "Lease is 1s", "Rest is 1s"}, 0},
		{"too much", Options{Key: "k", Fallback: 0.3, Processes: 4}, []string{"0.3 for each of 4"}, 0},
		{"too much of a share", Options{Key: "k", Fallback: 0.2, Processes: 5, Share: 0.9}, []string{"more than 0.9"}, 0},
		{"how many", Options{Key: "k", Fallback: 0.3}, []string{"Processes is missing"}, 0},
		{"not a number", Options{Key: "k", Fallback: math.NaN(), Processes: 1}, []string{"Fallback is NaN"}, 0},
		{"three seconds to use", Options{Key: "k", Lease: 64 * time.Second}, nil, 1},
		{"two seconds to use", Options{Key: "k", Lease: 63 * time.Second}, []string{"Lease is 1m3s"}, 0},
		{"nothing to use", Options{Key: "k", Lease: 61 * time.Second}, []string{"Lease is 1m1s"}, 0},
	} {
		r, err := test.o.rules(minRest)
		if (err != nil) != (test.want != nil) {
			t.Errorf("%s: the error is %v", test.name, err)
		}
		for _, want := range test.want {
			if err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s: the error is %v; want %q in it", test.name, err, want)
			}
		}
		if err == nil && math.Abs(float64(r.pool)/whole-test.pool) > 1e-7 {
			t.Errorf("%s: the pool is %v; want %v", test.name, float64(r.pool)/whole, test.pool)
		}
	}
	if _, err := Join(t.Context(), nil, Options{}, &usage{}); err == nil {
		t.Error("Join takes options without a key")
	}
}

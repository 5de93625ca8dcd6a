package pacing

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// By the numbers of AWS's recipe: from 120 a minute to 60, 15 minutes, 90, 15
// minutes, and closed; and to 30 if there is another event after the first.
func TestBreakerRecipe(t *testing.T) {
	for _, test := range []struct {
		name   string
		events []time.Duration
		rates  map[time.Duration]float64 // 0: closed
	}{
		{"one event", []time.Duration{0}, map[time.Duration]float64{0: 60, 14 * time.Minute: 60, 15 * time.Minute: 90, 29 * time.Minute: 90, 30 * time.Minute: 0}},
		{"another one a minute later", []time.Duration{0, time.Minute}, map[time.Duration]float64{59 * time.Second: 60, time.Minute: 30, 15 * time.Minute: 30, 16 * time.Minute: 45, 31 * time.Minute: 67.5, 46 * time.Minute: 101.25, 61 * time.Minute: 0}},
		{"another one within the round holds it for longer", []time.Duration{0, 30 * time.Second}, map[time.Duration]float64{time.Minute: 60, 15 * time.Minute: 60, 15*time.Minute + 30*time.Second: 90}},
		{"another one after a step", []time.Duration{0, 20 * time.Minute}, map[time.Duration]float64{19 * time.Minute: 90, 20 * time.Minute: 45, 34 * time.Minute: 45, 35 * time.Minute: 67.5}},
	} {
		b := newBreaker(&Breaker{})
		began := time.Hour
		for i := range 120 {
			b.take(began - time.Minute + time.Duration(i)*time.Second/2)
		}
		events := test.events
		for at := time.Duration(0); at <= 70*time.Minute; at += time.Second {
			if len(events) > 0 && events[0] == at {
				b.failed(began+at, began+at-time.Millisecond)
				b.served(began + at + time.Millisecond)
				events = events[1:]
			}
			b.advance(began + at)
			if want, ok := test.rates[at]; ok && b.rate != want {
				t.Errorf("%s: after %s the rate is %g; want %g", test.name, at, b.rate, want)
			}
		}
	}
}

// Whatever fails and is served: the rate is never below one a minute nor above what
// went before, it is cut at most once a round, a call may always go within a
// minute and the longest pause, and without events it closes.
func TestBreakerProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBreaker(&Breaker{Hold: time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "hold"))})
		var now, cutAt time.Duration
		var way []time.Duration
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			cuts, opened := b.cuts, b.opened
			switch what := rapid.IntRange(0, 4).Draw(t, "what"); {
			case what == 0:
				now += time.Duration(rapid.Int64Range(0, int64(3*time.Minute)).Draw(t, "later"))
			case what <= 2 || len(way) == 0:
				at := b.when(now)
				if most := now + gap(breakerFloor) + mostPause; at > most {
					t.Fatalf("at %s a call may go at %s; want %s at most", now, at, most)
				}
				now = max(now, at)
				b.take(now)
				way = append(way, now)
			default:
				i := rapid.IntRange(0, len(way)-1).Draw(t, "which")
				at := way[i]
				way = append(way[:i], way[i+1:]...)
				if what == 3 {
					b.served(at)
				} else {
					b.failed(now, at)
				}
			}
			if b.rate != 0 && (b.rate < breakerFloor || b.rate > b.target) {
				t.Fatalf("a rate of %g; want %d to %g", b.rate, breakerFloor, b.target)
			}
			if b.cuts > cuts {
				if b.opened == opened && now-cutAt < b.Round {
					t.Fatalf("cuts at %s and %s; a round is %s", cutAt, now, b.Round)
				}
				cutAt = now
			}
		}
		for steps := 0; b.rate != 0; steps++ {
			if now += b.Hold; steps > 40 {
				t.Fatalf("after %d steps without an event the rate is %g, of %g", steps, b.rate, b.target)
			}
			b.advance(now)
		}
	})
}

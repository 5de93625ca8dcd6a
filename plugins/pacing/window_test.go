package pacing

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// taking is what a test remembers of one taking.
type taking struct {
	at   time.Duration
	mark int64
	n    int64
}

// Whenever a window says that there is room, what was taken in the last 60 s and
// was not given back is within the limit, by a count of each taking by itself;
// whatever is given back, however late, and however the clock jumps.
func TestWindowKeepsItsPromise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.Int64Range(1, 5000).Draw(t, "limit")
		w := window{limit: limit}
		var all []taking
		var now, latest time.Duration
		steps := rapid.IntRange(1, 200).Draw(t, "steps")
		for range steps {
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0: // a little later
				now += time.Duration(rapid.Int64Range(0, int64(3*time.Second)).Draw(t, "later"))
			case 1: // the clock jumps, either way
				now = max(0, now+time.Duration(rapid.Int64Range(-int64(5*time.Minute), int64(5*time.Minute)).Draw(t, "jump")))
			case 2: // something is given back
				if len(all) > 0 {
					i := rapid.IntRange(0, len(all)-1).Draw(t, "which")
					back := rapid.Int64Range(0, all[i].n).Draw(t, "back")
					latest = max(latest, now)
					w.give(now, all[i].mark, back)
					all[i].n -= back
				}
			default:
				n := rapid.Int64Range(1, limit).Draw(t, "n")
				at := w.when(now, n)
				if rapid.Bool().Draw(t, "wait") {
					now = max(now, at)
				}
				latest = max(latest, now) // the clock of the window, which sees it only here
				if at > latest {
					continue
				}
				all = append(all, taking{latest, w.take(now, n), n})
				var sum int64
				for _, one := range all {
					if latest-one.at < time.Minute {
						sum += one.n
					}
				}
				if sum > limit {
					t.Fatalf("at %s %d units in 60 s; the limit is %d", latest, sum, limit)
				}
			}
			var kept int64
			for _, n := range w.slots {
				if n < 0 {
					t.Fatalf("a slot of %d units", n)
				}
				kept += n
			}
			if kept != w.sum {
				t.Fatalf("the slots hold %d units and the sum is %d", kept, w.sum)
			}
		}
	})
}

// A window that is always asked for more gives at least 95 % of its limit over
// ten minutes, in whatever pieces, and no more than the limit times ten and a
// burst.
func TestWindowIsUsed(t *testing.T) {
	for _, test := range []struct{ limit, piece int64 }{
		{60, 1}, {600, 1}, {10_000, 1}, {200_000, 100}, {200_000, 5_000}, {200_000, 20_000}, {6, 1},
	} {
		w := window{limit: test.limit}
		var now time.Duration
		var taken int64
		for {
			now = max(now, w.when(now, test.piece))
			if now >= 10*time.Minute {
				break
			}
			w.take(now, test.piece)
			taken += test.piece
		}
		if used := float64(taken) / float64(10*test.limit); used < 0.95 || used > 1 {
			t.Errorf("%d a minute in pieces of %d: %.3f of the limit is used over ten minutes; want 0.95 to 1", test.limit, test.piece, used)
		}
	}
}

// A twentieth of the limit may go at once after a pause; then the pace holds.
func TestWindowBurst(t *testing.T) {
	w := window{limit: 600}
	burst := 0
	for now := time.Hour; w.when(now, 1) <= now; burst++ {
		w.take(now, 1)
	}
	if burst != 600/burstPart+1 {
		t.Errorf("a burst of %d calls; want %d", burst, 600/burstPart+1)
	}
	minuteAtPace := float64(minute) / (pacePart * 600)
	if next := w.when(time.Hour, 1) - time.Hour; next > time.Duration(minuteAtPace) {
		t.Errorf("the next call goes after %s; want %s at most", next, time.Duration(minuteAtPace))
	}
}

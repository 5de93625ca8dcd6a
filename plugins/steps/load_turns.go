package steps

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/loadline-dev/loadline/runner/ramp"
)

// turns gives the attempts of a step instants of their own, at whole ticks of its
// lane. Where time is virtual, several may be admitted at one instant, and it
// would be chance which comes first: a run would not repeat itself. A real clock
// moves between them by itself.
type turns struct {
	start time.Time
	tick  time.Duration // 0: time is real
	mu    sync.Mutex
	last  time.Duration // the instant that was given last, since the start
	asked []*turn
}

// turn is what one attempt gets.
type turn struct {
	seq      int
	from, at time.Duration // the next tick, and its own; 0 before it is given
}

func newTurns(s *sending) *turns {
	t := &turns{start: s.start, last: -1}
	if !s.env.Real {
		t.tick = ramp.Lane{Index: s.env.Lane, Of: s.env.Lanes}.Tick()
	}
	return t
}

// take returns at an instant that is the caller's alone: the next tick, in the
// order of their calls where several take the same one.
func (t *turns) take(seq int) {
	if t.tick == 0 {
		return
	}
	mine := &turn{seq: seq}
	t.mu.Lock()
	mine.from = (time.Since(t.start)/t.tick + 1) * t.tick
	t.asked = append(t.asked, mine)
	t.mu.Unlock()
	t.until(mine.from) // all who asked before it are known then
	t.mu.Lock()
	if mine.at == 0 {
		t.give(mine.from)
	}
	t.mu.Unlock()
	t.until(mine.at)
}

// give gives all that wait for a tick their instants.
func (t *turns) give(from time.Duration) {
	slices.SortFunc(t.asked, func(a, b *turn) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.seq, b.seq)) })
	n := 0
	for _, x := range t.asked {
		if x.from > from {
			break
		}
		t.last = max(t.last+t.tick, from)
		x.at = t.last
		n++
	}
	t.asked = slices.Delete(t.asked, 0, n)
}

func (t *turns) until(at time.Duration) { time.Sleep(time.Until(t.start.Add(at))) }

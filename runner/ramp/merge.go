package ramp

import (
	"iter"
	"time"
)

// tick is the resolution of a schedule. Slots are at whole ticks and no two at
// the same one, so that the order in which calls go out is the order in which
// they arrive, and a run with the same seed repeats itself.
const tick = time.Microsecond

// Lane says on which ticks a load sends that runs beside others: on every
// Of-th, so that no two of them send at the same instant. The zero Lane is
// alone. A load in a lane starts Offset later.
type Lane struct{ Index, Of int }

// Offset is how much later than the others a load in the lane starts.
func (l Lane) Offset() time.Duration { return time.Duration(l.Index) * tick }

// Tick is the time between two instants at which a load in the lane may send.
func (l Lane) Tick() time.Duration { return time.Duration(max(1, l.Of)) * tick }

// Merge joins the slots of several tracks into one schedule: Model is the index
// of the track, and slots are numbered in the order of their times, which rise
// by at least one tick. Slots that come due together leave one another a tick,
// in the order of their numbers in their tracks and then of the tracks; that
// alone may take the last ones beyond the end.
func Merge(tracks []Track, lane Lane) iter.Seq[Slot] {
	return func(yield func(Slot) bool) {
		tick := lane.Tick()
		h := newHeap(tracks, tick)
		last := -tick
		for seq := 0; len(h) > 0; seq++ {
			top := h[0]
			last = max(last+tick, top.due)
			s := top.slot
			s.Seq, s.Model, s.At = seq, top.model, last
			if !yield(s) {
				return
			}
			if top.advance(tick) {
				h.down(0)
				continue
			}
			h[0] = h[len(h)-1]
			h = h[:len(h)-1]
			h.down(0)
		}
	}
}

// head is the next slot of one track.
type head struct {
	*cursor
	model int
	limit time.Duration // the end of the profile
	due   time.Duration // the slot's time in whole ticks
}

// advance moves to the track's next slot; false where there is none.
func (h *head) advance(tick time.Duration) bool {
	if !h.next() {
		return false
	}
	h.due = min(h.slot.At.Round(tick), h.limit)
	return true
}

func (h *head) before(g *head) bool {
	switch {
	case h.due != g.due:
		return h.due < g.due
	case h.slot.Seq != g.slot.Seq:
		return h.slot.Seq < g.slot.Seq
	}
	return h.model < g.model
}

// heads is a binary heap: no head comes before its parent's.
type heads []*head

func newHeap(tracks []Track, tick time.Duration) heads {
	var h heads
	for i, t := range tracks {
		x := &head{cursor: newCursor(t), model: i, limit: t.Profile.Length().Truncate(tick)}
		if x.advance(tick) {
			h = append(h, x)
		}
	}
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.down(i)
	}
	return h
}

// down moves the head at i to its place below.
func (h heads) down(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h); child++ {
			if h[child].before(h[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}

package pacing

import "time"

// A window holds one limit of so many units (requests or tokens) a minute. It is
// pure: times are given to it, counted from any fixed instant, and a time before
// the last one counts as that one. It has no lock.
//
// Two rules bind it, since AWS does not document how quotas refill:
//
//   - The promise. What was taken in the last 60 s never exceeds the limit when
//     more is taken. This is what a sliding minute, a minute of the clock and a
//     bucket as large as the quota admit, each.
//   - The pace. Units follow each other at 97 % of the limit, but for a burst of
//     a twentieth of it after a pause. It keeps a full queue from arriving in
//     one heap each minute, at whose edges a delay of the network is a throttle.
type window struct {
	limit int64 // 0: none
	last  time.Duration
	next  time.Duration // when the pace lets more go
	sum   int64         // of the slots
	slots [slotCount]int64
	slot  int64 // the number of the slot of last
}

const (
	minute   = time.Minute
	slotTime = 500 * time.Millisecond
	// A slot is forgotten between 60.5 and 61 s after what it counts: half a second
	// more than a minute, since requests do not arrive as evenly as they leave.
	slotCount = int64((minute + 2*slotTime) / slotTime)

	pacePart  = 0.97 // of the limit
	burstPart = 20   // the limit over this is the burst
)

// span is how long n units take at the pace; a day at most, so that times can be
// added.
func (w *window) span(n int64) time.Duration {
	return time.Duration(min(float64(n)*float64(minute)/(pacePart*float64(w.limit)), float64(24*time.Hour)))
}

// advance forgets what is too old.
func (w *window) advance(now time.Duration) {
	if now <= w.last {
		return
	}
	w.last = now
	slot := int64(now / slotTime)
	if slot-w.slot >= slotCount {
		w.sum, w.slots = 0, [slotCount]int64{}
	} else {
		for s := w.slot + 1; s <= slot; s++ {
			w.sum -= w.slots[s%slotCount]
			w.slots[s%slotCount] = 0
		}
	}
	w.slot = slot
}

// when returns the first time at which n units can be taken if nothing else
// happens until then; w.last or before is now. n is at most the limit.
func (w *window) when(now time.Duration, n int64) time.Duration {
	if w.limit == 0 {
		return now
	}
	w.advance(now)
	at := w.next
	if over := w.sum + n - w.limit; over > 0 {
		for s := w.slot + 1; over > 0 && s <= w.slot+slotCount; s++ {
			over -= w.slots[s%slotCount]
			at = max(at, time.Duration(s)*slotTime)
		}
	}
	return at
}

// take takes n units, whether there is room or not, and returns a mark for give.
func (w *window) take(now time.Duration, n int64) (mark int64) {
	if w.limit == 0 {
		return 0
	}
	w.advance(now)
	w.next = max(w.next, w.last-w.span(max(w.limit/burstPart, 1))) + w.span(n)
	w.slots[w.slot%slotCount] += n
	w.sum += n
	return w.slot
}

// give gives back n of what was taken under the mark. What has left the minute
// by itself is not there to be given back, but the pace is told of it.
func (w *window) give(now time.Duration, mark, n int64) {
	if w.limit == 0 {
		return
	}
	w.advance(now)
	if w.slot-mark < slotCount {
		w.slots[mark%slotCount] -= n
		w.sum -= n
	}
	w.next -= w.span(n)
}

// setLimit changes the limit from now on; what was taken stays taken. One that is
// there stays there: no limit takes no marks.
func (w *window) setLimit(now time.Duration, limit int64) {
	w.advance(now)
	w.limit = limit
}

package ramp

import (
	"cmp"
	"context"
	"iter"
	"runtime"
	"sync"
	"time"
)

// Reasons for a drop.
const (
	DropBusy = "busy" // as many calls as allowed were under way, for too long
	DropLate = "late" // the program itself came too late
)

// behind is how late the loop is that lets the calls under way go first: where
// the program itself is the limit, calls begun are to end before more are begun,
// or all of them share the processors and each takes the longer. Asked for more
// than it can, the program peaks at 102 MB with it, and at 123 MB without (medians
// of 14 alternating rounds); the rate and the CPU of a call differ by less than the
// rounds do, and so does the lateness at 3,000 calls a second.
const behind = time.Millisecond

// Driver says how Drive sends. All functions but Skip must be set.
type Driver struct {
	Start       time.Time     // slots are due at Start + Slot.At
	Lane        Lane          // the one of the schedule
	MaxInFlight int           // calls under way at once, at least 1
	MaxLateness time.Duration // a call that is later than this is dropped
	Drain       time.Duration // once ctx is done, how long calls under way may go on
	// Precise: the clock is the machine's, so wait for a slot as precisely as
	// the system can. Not in a bubble of testing/synctest, whose time stands
	// still while a goroutine waits for the system.
	Precise bool

	// Stop is asked before every slot that has come due, in order; true ends
	// the ramp before that slot. Calls under way go on to their own end.
	Stop func(Slot) bool
	// Skip is asked before a slot is sent or dropped, after Stop; true leaves
	// this one slot out, as if it were not in the schedule. nil leaves out none.
	Skip func(Slot) bool
	// Send makes one call and returns when it has ended. It has a goroutine for
	// itself. Its context outlives that of Drive, by Drain.
	Send func(ctx context.Context, s Slot, sent time.Time)
	// Drop records a call that came due and was not sent.
	Drop func(s Slot, reason string)
}

// Drive sends the calls of an open loop: each goes out when it is due,
// whatever became of those before it. A call that finds no free place waits
// for one, in turn, until it is MaxLateness late, and is then dropped; it is
// never made up for. When ctx is done no further call is sent, and what came
// due before is dropped. Drive returns when every call that it sent has ended.
func Drive(ctx context.Context, slots iter.Seq[Slot], d Driver) {
	calls, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	w := newWaiter(ctx, d.Precise)
	defer w.close()
	places := make(chan struct{}, d.MaxInFlight)
	h := newHands()
	defer h.dismiss()

	last := time.Time{} // of the last send
	reason := ""        // of the last drop, if no send came after it
	for s := range slots {
		due := d.Start.Add(s.At)
		if !w.until(ctx, d.apart(due, last)) {
			if time.Until(due) >= 0 {
				break
			}
			// It came due behind a call that waited, or while the loop was held.
			if !d.skips(s) {
				d.Drop(s, cmp.Or(reason, DropLate))
			}
			continue
		}
		if d.Stop(s) {
			break
		}
		if d.skips(s) {
			continue
		}
		if d.Precise && time.Since(due) > behind {
			runtime.Gosched()
		}
		if reason = w.place(ctx, places, due.Add(d.MaxLateness)); reason != "" {
			d.Drop(s, reason)
			continue
		}
		last = time.Now()
		sent := last
		h.do(func() {
			d.Send(calls, s, sent)
			<-places
		})
	}
	drain(ctx, &h.under, d.Drain, cut)
}

func (d *Driver) skips(s Slot) bool { return d.Skip != nil && d.Skip(s) }

// apart is when a call may go out that is due at the given time: no two go out
// at the same instant. A real clock moves between two sends by itself, and a
// wait of a microsecond would take it a hundred; only virtual time stands still.
func (d *Driver) apart(due, last time.Time) time.Time {
	if next := last.Add(d.Lane.Tick()); next.After(due) && !time.Now().After(last) {
		return next
	}
	return due
}

// drain waits for the calls under way. Once ctx is done they have the given
// time left, and are then cut.
func drain(ctx context.Context, under *sync.WaitGroup, limit time.Duration, cut func()) {
	ended := make(chan struct{})
	go func() {
		under.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return
	case <-ctx.Done():
	}
	select {
	case <-ended:
	case <-time.After(limit):
		cut()
		<-ended
	}
}

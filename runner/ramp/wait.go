package ramp

import (
	"context"
	"time"
)

// waiter is how a loop waits: by a timer of Go, and where the last bit counts
// by a clock of the system. Go's own timers are half a millisecond late, as its
// poller counts in whole milliseconds.
type waiter struct {
	timer *time.Timer
	fine  fine // nil: timers must do
}

// fine waits until a time more precisely than a timer of Go. It is done when
// the context is that it was made with.
type fine interface {
	until(time.Time)
	close()
}

func newWaiter(ctx context.Context, precise bool) *waiter {
	w := &waiter{timer: time.NewTimer(0)}
	<-w.timer.C
	if precise {
		w.fine = newFine(ctx)
	}
	return w
}

func (w *waiter) close() {
	if w.fine != nil {
		w.fine.close()
	}
}

// until sleeps until a time; false if ctx was done before.
func (w *waiter) until(ctx context.Context, t time.Time) bool {
	if d := time.Until(t); d > 0 && w.fine != nil && ctx.Err() == nil {
		w.fine.until(t)
	} else if d > 0 {
		w.timer.Reset(d)
		select {
		case <-w.timer.C:
		case <-ctx.Done():
			w.timer.Stop()
		}
	}
	return ctx.Err() == nil
}

// place takes a free place, waiting for one until the given time. It tells why
// it took none, or "".
func (w *waiter) place(ctx context.Context, places chan struct{}, until time.Time) (reason string) {
	select {
	case places <- struct{}{}:
		reason = DropLate
	default:
		reason = DropBusy
		w.timer.Reset(time.Until(until))
		defer w.timer.Stop()
		select {
		case places <- struct{}{}:
		case <-w.timer.C:
			return reason
		case <-ctx.Done():
			return reason
		}
	}
	// The place may have come at the same time as the end, or too late.
	if ctx.Err() != nil || time.Now().After(until) {
		<-places
		return reason
	}
	return ""
}

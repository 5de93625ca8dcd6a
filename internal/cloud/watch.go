package cloud

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// watch measures a stream while it is read, and cuts it off when it is silent
// for too long.
type watch struct {
	cancel  context.CancelFunc // nil without a limit
	stall   time.Duration
	timer   *time.Timer
	stalled atomic.Bool

	byte, first, last time.Time // the head of the reply; the first and the last text
	gap               time.Duration
}

// newWatch returns the context for the call. close must be called.
func newWatch(ctx context.Context, stall time.Duration) (context.Context, *watch) {
	w := &watch{stall: stall}
	if stall > 0 {
		ctx, w.cancel = context.WithCancel(ctx)
	}
	return ctx, w
}

// begin is told when the head of the reply came.
func (w *watch) begin(at time.Time, known bool) {
	if known {
		w.byte = at
	}
	if w.cancel != nil {
		w.timer = time.AfterFunc(w.stall, func() { w.stalled.Store(true); w.cancel() })
	}
}

// event is called for every event of the stream.
func (w *watch) event() {
	if w.timer != nil {
		w.timer.Reset(w.stall)
	}
}

// token is called for every event with some text.
func (w *watch) token() {
	now := time.Now()
	if w.first.IsZero() {
		w.first = now
	} else {
		w.gap = max(w.gap, now.Sub(w.last))
	}
	w.last = now
}

func (w *watch) close() {
	if w.timer != nil {
		w.timer.Stop()
	}
	if w.cancel != nil {
		w.cancel()
	}
}

// finish tells how a stream ended that was read until err, or to its end. A
// stream that broke off looks to the SDK like one that came to its end: only its
// last events tell. Usage that was told before a stream failed is no usage: what
// AWS charges for it is not known.
func (w *watch) finish(ctx context.Context, err error, ended bool, r plugins.Reply) plugins.Reply {
	switch {
	case err == nil && ended:
		r.Outcome = record.OK
	case w.stalled.Load():
		r = plugins.Reply{Outcome: record.Timeout, Code: "Stalled", Message: "the stream was silent for " + w.stall.String()}
	case err != nil:
		r = classifyStream(err)
	case ctx.Err() != nil:
		r = classify(ctx.Err())
	default:
		r = plugins.Reply{Outcome: record.Truncated, Code: "NoLastEvent", Message: "the stream ended without its last events"}
	}
	r.Status, r.FirstByte, r.FirstToken, r.Gap = http.StatusOK, w.byte, w.first, w.gap
	return r
}

package ramp

import "sync"

// hands are the goroutines that make calls. One whose call has ended takes the
// next: its stack is as large as a call needs by then, and growing a new one is
// a tenth of what a call takes.
type hands struct {
	work  chan func()
	under sync.WaitGroup // calls under way
}

func newHands() *hands { return &hands{work: make(chan func())} }

// do makes a call in a goroutine that has none, or in a new one.
func (h *hands) do(call func()) {
	h.under.Add(1)
	select {
	case h.work <- call:
	default:
		go h.run(call)
	}
}

func (h *hands) run(call func()) {
	for more := true; more; call, more = <-h.work {
		call()
		h.under.Done()
	}
}

// dismiss ends the goroutines. No call may be under way.
func (h *hands) dismiss() { close(h.work) }

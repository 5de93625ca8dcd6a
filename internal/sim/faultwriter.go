package sim

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// spoiledWriter harms a reply on its way out: it works on the bytes of any body,
// however many writes and flushes it comes in. Where the reply is cut, the
// operation's context is done and its writes fail, as if the client were gone.
type spoiledWriter struct {
	http.ResponseWriter
	call   call // as it was: its context is that of the client
	cancel func()

	cutAt   int64         // bytes of the body before the stall or the end; never, or middle
	stall   time.Duration // goes on after it; 0: the reply ends at cutAt
	ending  ending
	garbled bool // the first byte is wrong
	bare    bool // there is no body
	frames  *frames

	begun   bool
	length  int64 // declared; -1: none
	written int64 // of the body, as the operation wrote it
	cut     bool
}

// Places in a body that are no numbers.
const (
	never  = int64(1) << 62
	middle = int64(-1)
)

// ending is how a connection ends after a reply that was cut.
type ending int

const (
	endClean ending = iota // as if the reply were complete
	endShort               // before all that was declared has come
	endReset
)

var errCut = errors.New("the reply was cut by a fault")

// Unwrap lets http.ResponseController flush.
func (w *spoiledWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *spoiledWriter) WriteHeader(status int) {
	if w.begun {
		return
	}
	w.begun = true
	h := w.Header()
	w.length = -1
	if n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64); err == nil {
		w.length = n
	}
	if w.bare {
		h["Content-Length"] = []string{"0"}
	}
	if w.frames != nil && !strings.HasPrefix(h.Get("Content-Type"), eventStreamType) {
		w.frames = nil // no events here
	}
	switch known := w.length >= 0; {
	case w.cutAt == middle && known:
		w.cutAt = w.length / 2
	case w.cutAt == middle:
		w.cutAt = middleOfStream
	case w.ending == endShort && known:
		w.cutAt = min(w.cutAt, max(0, w.length-1)) // it is cut in any case
	}
	w.ResponseWriter.WriteHeader(status)
}

const (
	eventStreamType = "application/vnd.amazon.eventstream"
	middleOfStream  = 200 // bytes: in the second or third event
)

func (w *spoiledWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.cut {
		return 0, errCut
	}
	if w.bare {
		return len(b), nil
	}
	out := b
	if w.garbled && w.written == 0 && len(b) > 0 {
		out = append([]byte{'}'}, b[1:]...) // begins neither JSON, XML, CBOR nor an event
	}
	if w.frames != nil {
		if out, w.cut = w.frames.pass(out); w.cut {
			w.ResponseWriter.Write(out) // the client may be gone: the reply ends here either way
			w.cancel()
			return 0, errCut
		}
	}
	if before := w.cutAt - w.written; before < int64(len(out)) {
		w.written += before
		w.ResponseWriter.Write(out[:before])
		out = out[before:]
		if w.stall == 0 {
			w.cut = true
			w.cancel()
			return int(before), errCut
		}
		w.pause()
	}
	w.written += int64(len(out))
	_, err := w.ResponseWriter.Write(out)
	return len(b), err
}

// pause holds the reply back, once.
func (w *spoiledWriter) pause() {
	http.NewResponseController(w.ResponseWriter).Flush() // not every writer can: then the pause comes before all of it
	w.cutAt = never
	w.call.wait(w.stall + time.Nanosecond)
}

// finish ends a reply that was cut, after the operation has ended.
func (w *spoiledWriter) finish() {
	if !w.cut && w.ending != endReset {
		return
	}
	http.NewResponseController(w.ResponseWriter).Flush() // so that what came before the end is seen
	switch {
	case w.ending == endReset:
		abort(w.ResponseWriter)
	case w.ending == endShort && w.length < 0: // of a declared length, net/http sees the rest missing
		panic(http.ErrAbortHandler)
	}
}

// frames finds its way through the messages of an event stream: each begins with
// its own length and ends with a checksum.
type frames struct {
	cutAfter int64 // so many messages are let through; never: all
	breaks   int64 // the message whose checksum is wrong, from 1; 0: none

	done int64   // messages that have passed
	head [4]byte // of the running message
	at   uint32  // in the running message
	size uint32  // of it, once its head has passed
}

// pass looks at the next bytes of a stream. It returns them with the fault in
// them, and whether the stream ends there.
func (f *frames) pass(b []byte) ([]byte, bool) {
	if f.done >= f.cutAfter {
		return nil, true
	}
	out := append([]byte(nil), b...)
	for i, c := range b {
		if f.at < 4 {
			f.head[f.at] = c
		}
		f.at++
		if f.at == 4 {
			f.size = uint32(f.head[0])<<24 | uint32(f.head[1])<<16 | uint32(f.head[2])<<8 | uint32(f.head[3])
		}
		if f.at < 4 || f.at < f.size {
			continue
		}
		f.done, f.at = f.done+1, 0
		if f.done == f.breaks {
			out[i] ^= 1
		}
		if f.done == f.cutAfter {
			return out[:i+1], true
		}
	}
	return out, false
}

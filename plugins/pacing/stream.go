package pacing

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/eventstream"
)

// stream is the body of a stream's reply. It reads along, and ends the attempt
// once: by the usage that the last event tells, by an exception among the events,
// by the end of the body, by Close, or by the end of the context, whichever comes
// first.
type stream struct {
	body io.ReadCloser
	call *call
	stop func() bool // ends the watch over the context

	mu      sync.Mutex
	ended   bool
	broken  bool // what comes is no event stream; the SDK tells
	seen    []byte
	decoder *eventstream.Decoder
}

func newStream(ctx context.Context, c *call, body io.ReadCloser) *stream {
	s := &stream{body: body, call: c, decoder: eventstream.NewDecoder()}
	// The SDK closes the body when its context ends only if somebody reads on.
	s.mu.Lock() // the context may have ended already
	defer s.mu.Unlock()
	s.stop = context.AfterFunc(ctx, func() { s.end(nil, Cancelled, ctx.Err()) })
	return s
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.body.Read(p)
	s.see(p[:n])
	if err != nil {
		s.end(nil, classOfEnd(err), err)
	}
	return n, err
}

func (s *stream) Close() error {
	// First, since a read that is under way fails by the next line.
	s.end(nil, Cancelled, nil)
	return s.body.Close()
}

func classOfEnd(err error) Class {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return Cancelled
	}
	return Transient // also io.EOF: it ended without its last event
}

// forget leaves the attempt to others, since the SDK could not use the stream, and
// reports whether it had not ended yet.
func (s *stream) forget() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	open := !s.ended
	s.ended = true
	s.stop()
	return open
}

// end ends the attempt and the call.
func (s *stream) end(u *usage, class Class, err error) {
	s.mu.Lock()
	again, stop := s.ended, s.stop
	s.ended, s.seen = true, nil
	s.mu.Unlock()
	if again {
		return
	}
	stop()
	c := s.call
	if u != nil {
		c.count(OK)
		c.served(u)
		return
	}
	c.count(class)
	c.reservation.Tell(class)
	if !c.reservation.finish(c.input, false, true) {
		return
	}
	c.limiter.count(func(n *counts) {
		n.refused(class)
		if class == Throttle || class == Daily {
			n.midStream++
		}
	})
	c.tell(nil, class, true, err)
}

// frameMost is the most bytes of a message: a payload of 16 MiB and 128 KiB of
// headers. Source: the event stream encoding in the Amazon S3 developer guide.
const (
	preludeSize = 12
	frameMost   = preludeSize + 128<<10 + 16<<20 + 4
)

// see takes note of bytes that were read, and of every message that they end.
func (s *stream) see(p []byte) {
	s.mu.Lock()
	if s.ended || s.broken {
		s.mu.Unlock()
		return
	}
	s.seen = append(s.seen, p...)
	var u *usage
	var failure error
	for u == nil && failure == nil && len(s.seen) >= preludeSize {
		size := binary.BigEndian.Uint32(s.seen)
		if size < preludeSize+4 || size > frameMost {
			s.broken, s.seen = true, nil
			break
		}
		if len(s.seen) < int(size) {
			break
		}
		u, failure = s.message(s.seen[:size])
		s.seen = s.seen[:copy(s.seen, s.seen[size:])]
	}
	s.mu.Unlock()
	switch {
	case u != nil:
		s.end(u, OK, nil)
	case failure != nil:
		s.end(nil, Classify(failure), failure)
	}
}

// message reads one message: a usage if it tells one, or the exception it is. The
// SDK tells the caller of what cannot be read.
func (s *stream) message(frame []byte) (*usage, error) {
	m, err := s.decoder.Decode(bytes.NewReader(frame), nil)
	if err != nil {
		return nil, nil
	}
	header := func(name string) string {
		if v := m.Headers.Get(name); v != nil {
			return v.String()
		}
		return ""
	}
	switch header(":message-type") {
	case "exception":
		var text struct{ Message string }
		_ = json.Unmarshal(m.Payload, &text) // without a text it is its name
		return nil, &smithy.GenericAPIError{Code: exceptionCode(header(":exception-type")), Message: text.Message}
	case "error":
		return nil, &smithy.GenericAPIError{Code: header(":error-code"), Message: header(":error-message")}
	}
	switch header(":event-type") {
	case "metadata":
		return metadataUsage(m.Payload), nil
	case "chunk":
		return chunkUsage(m.Payload), nil
	}
	return nil, nil
}

// exceptionCode is the code of an exception that an event names as a member, such
// as throttlingException.
func exceptionCode(member string) string {
	if member == "" {
		return ""
	}
	return string(member[0]&^0x20) + member[1:]
}

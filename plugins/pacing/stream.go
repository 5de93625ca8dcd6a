package pacing

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"io"
	"sync"

	"github.com/aws/smithy-go"
)

// stream is the body of a stream's reply. It keeps the last message that was read and
// may tell what became of the reply: a usage, or an exception. It ends
// the attempt once: by the end of the body, by Close, or by the end of the context,
// whichever comes first.
type stream struct {
	body io.ReadCloser
	call *call
	ctx  context.Context // of the call
	stop func() bool     // ends the watch over the context

	// What has been read and not been given to the SDK yet, and the error after it.
	// The SDK reads a message in many small pieces.
	ahead  []byte
	failed error
	buffer [512]byte

	mu     sync.Mutex
	ended  bool
	broken bool   // what comes is no event stream; the SDK tells
	seen   []byte // the last whole message that may tell, and what there is of the next
	whole  int    // bytes of the former

	scratch [512]byte // where seen begins, which mostly is enough
}

func newStream(ctx context.Context, c *call, body io.ReadCloser) *stream {
	s := &stream{body: body, call: c, ctx: ctx}
	s.seen = s.scratch[:0]
	// The SDK closes the body when its context ends only if somebody reads on.
	s.mu.Lock() // the context may have ended already
	defer s.mu.Unlock()
	s.stop = context.AfterFunc(ctx, func() { s.end(Cancelled, ctx.Err()) })
	return s
}

func (s *stream) Read(p []byte) (int, error) {
	if len(s.ahead) == 0 && s.failed == nil {
		n, err := s.body.Read(s.buffer[:])
		s.ahead, s.failed = s.buffer[:n], err
		s.see(s.ahead)
		if err != nil {
			s.end(s.classOfEnd(), err)
		}
	}
	if len(s.ahead) == 0 {
		return 0, s.failed
	}
	n := copy(p, s.ahead)
	s.ahead = s.ahead[n:]
	return n, nil
}

func (s *stream) Close() error {
	// First, since a read that is under way fails by the next line.
	s.end(Cancelled, nil)
	return s.body.Close()
}

// classOfEnd is that of a read that failed, as far as no message tells it.
func (s *stream) classOfEnd() Class {
	if s.ctx.Err() != nil {
		return Cancelled
	}
	return Transient // also io.EOF: it ended without its last event; and the HTTP client's timeout
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

// end ends the attempt and the call: as the last message says, or else by a class
// and an error.
func (s *stream) end(class Class, err error) {
	s.mu.Lock()
	again, stop, last := s.ended, s.stop, s.seen[:s.whole]
	s.ended, s.seen, s.whole = true, nil, 0
	s.mu.Unlock()
	if again {
		return
	}
	stop()
	c := s.call
	u, failure := message(last)
	switch {
	case u != nil:
		c.count(OK)
		c.served(u)
		return
	case failure != nil:
		class, err = Classify(failure), failure
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

// see takes note of bytes that were read, and forgets every message but the last
// that may tell.
func (s *stream) see(p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.broken {
		return
	}
	// Mostly p is whole messages, which are looked at where they are.
	if len(s.seen) > s.whole {
		s.seen = append(s.seen, p...)
		p = s.seen[s.whole:]
	}
	var tells []byte
	for len(p) >= preludeSize {
		size := int64(binary.BigEndian.Uint32(p))
		if size < preludeSize+4 || size > frameMost {
			s.broken, p = true, nil
			break
		}
		if int64(len(p)) < size {
			break
		}
		if mayTell(p[:size]) {
			tells = p[:size]
		}
		p = p[size:]
	}
	if tells != nil {
		s.seen = append(s.seen[:0], tells...)
		s.whole = len(tells)
	}
	s.seen = append(s.seen[:s.whole], p...)
}

// split reads one message, a prelude, headers, a payload and a checksum.
func split(frame []byte) (head headers, payload []byte) {
	end := len(frame) - 4
	if end < preludeSize {
		return nil, nil
	}
	size := int64(binary.BigEndian.Uint32(frame[4:]))
	if size > int64(end-preludeSize) {
		return nil, nil
	}
	return headers(frame[preludeSize : preludeSize+size]), frame[preludeSize+size : end]
}

// mayTell leaves out what is in the middle of replies, and events of later years: of
// Converse the usage is in one of its own, of InvokeModel in the last chunk. What
// has no type is an exception.
func mayTell(frame []byte) bool {
	head, _ := split(frame)
	switch string(head.get(":event-type")) {
	case "metadata", "chunk", "":
		return true
	}
	return false
}

// message reads one message: a usage if it tells one, or the exception it is. The
// SDK tells the caller of what cannot be read. Its decoder takes longer for one
// message than all else of pacing for a call.
func message(frame []byte) (*usage, error) {
	head, payload := split(frame)
	if head == nil || crc32.ChecksumIEEE(frame[:len(frame)-4]) != binary.BigEndian.Uint32(frame[len(frame)-4:]) {
		return nil, nil
	}
	switch string(head.get(":message-type")) {
	case "exception":
		var text struct{ Message string }
		_ = json.Unmarshal(payload, &text) // without a text it is its name
		return nil, &smithy.GenericAPIError{Code: exceptionCode(string(head.get(":exception-type"))), Message: text.Message}
	case "error":
		return nil, &smithy.GenericAPIError{Code: string(head.get(":error-code")), Message: string(head.get(":error-message"))}
	}
	switch string(head.get(":event-type")) {
	case "metadata":
		return metadataUsage(payload), nil
	case "chunk":
		return chunkUsage(payload), nil
	}
	return nil, nil
}

// headers are those of a message, each a name behind its length, a type, and a
// value.
type headers []byte

// Types of headers whose values have a length before them; valueSizes are the
// sizes of the others. Source: the event stream encoding, as above.
const (
	typeBytes = 6
	typeText  = 7
)

var valueSizes = [...]int{0, 0, 1, 2, 4, 8, typeBytes: 2, typeText: 2, 8: 8, 9: 16}

// get is the value of a header that is a text, nil where there is none.
func (h headers) get(name string) []byte {
	for len(h) > 0 {
		value := 1 + int(h[0]) + 1
		if value > len(h) || int(h[value-1]) >= len(valueSizes) {
			return nil
		}
		kind, named := h[value-1], string(h[1:value-1]) == name
		end := value + valueSizes[kind]
		if kind == typeBytes || kind == typeText {
			if end > len(h) {
				return nil
			}
			value, end = end, end+int(binary.BigEndian.Uint16(h[value:]))
		}
		if end > len(h) {
			return nil
		}
		if named && kind == typeText {
			return h[value:end]
		}
		h = h[end:]
	}
	return nil
}

// exceptionCode is the code of an exception that an event names as a member, such
// as throttlingException.
func exceptionCode(member string) string {
	if member == "" {
		return ""
	}
	return string(member[0]&^0x20) + member[1:]
}

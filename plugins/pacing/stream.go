package pacing

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"sync"

	"github.com/aws/smithy-go"
)

// stream is the body of a stream's reply. It reads along, and ends the attempt
// once: by the usage that the last event tells, by an exception among the events,
// by the end of the body, by Close, or by the end of the context, whichever comes
// first.
type stream struct {
	body io.ReadCloser
	call *call
	stop func() bool // ends the watch over the context

	// What has been read and not been given to the SDK yet, and the error after it.
	// The SDK reads a message in many small pieces.
	ahead  []byte
	failed error
	buffer [1 << 10]byte

	mu     sync.Mutex
	ended  bool
	broken bool   // what comes is no event stream; the SDK tells
	seen   []byte // the beginning of a message
	chunk  []byte // the one before, to be used again

	scratch [256]byte // a chunk of the usual size
}

func newStream(ctx context.Context, c *call, body io.ReadCloser) *stream {
	s := &stream{body: body, call: c}
	s.chunk = s.scratch[:0]
	// The SDK closes the body when its context ends only if somebody reads on.
	s.mu.Lock() // the context may have ended already
	defer s.mu.Unlock()
	s.stop = context.AfterFunc(ctx, func() { s.end(nil, Cancelled, ctx.Err()) })
	return s
}

func (s *stream) Read(p []byte) (int, error) {
	if len(s.ahead) == 0 && s.failed == nil {
		n, err := s.body.Read(s.buffer[:])
		s.ahead, s.failed = s.buffer[:n], err
		s.see(s.ahead)
		if err != nil {
			s.end(nil, classOfEnd(err), err)
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
	if len(s.seen) > 0 {
		s.seen = append(s.seen, p...)
		p = s.seen
	}
	var u *usage
	var failure error
	for u == nil && failure == nil && len(p) >= preludeSize {
		size := int64(binary.BigEndian.Uint32(p))
		if size < preludeSize+4 || size > frameMost {
			s.broken, p = true, nil
			break
		}
		if int64(len(p)) < size {
			break
		}
		u, failure = s.message(p[:size])
		p = p[size:]
	}
	s.seen = append(s.seen[:0], p...)
	s.mu.Unlock()
	switch {
	case u != nil:
		s.end(u, OK, nil)
	case failure != nil:
		s.end(nil, Classify(failure), failure)
	}
}

// A message is a prelude, headers, a payload and a checksum. Most are events in the
// middle of a reply, which tell pacing nothing: they are passed over by a glance,
// since the SDK's decoder takes longer for one than all else of pacing for a call.
func (s *stream) message(frame []byte) (*usage, error) {
	size := int64(binary.BigEndian.Uint32(frame[4:]))
	end := len(frame) - 4
	if size > int64(end-preludeSize) {
		return nil, nil // the SDK tells the caller of what cannot be read
	}
	head, payload := headers(frame[preludeSize:preludeSize+size]), frame[preludeSize+size:end]
	event := head.get(":event-type") // the first header, and only events have it
	switch string(event) {
	default:
		return nil, nil
	case "", "metadata":
	case "chunk":
		if payload = s.bytes(payload); !bytes.Contains(payload, []byte(rareInKey)) {
			return nil, nil
		}
	}
	if crc32.ChecksumIEEE(frame[:end]) != binary.BigEndian.Uint32(frame[end:]) {
		return nil, nil
	}
	switch string(head.get(":message-type")) {
	case "exception":
		var text struct{ Message string }
		_ = json.Unmarshal(payload, &text) // without a text it is its name
		return nil, &smithy.GenericAPIError{Code: exceptionCode(string(head.get(":exception-type"))), Message: text.Message}
	case "error":
		return nil, &smithy.GenericAPIError{Code: string(head.get(":error-code")), Message: string(head.get(":error-message"))}
	case "event":
		if string(event) == "chunk" {
			return chunkUsage(payload), nil
		}
		return metadataUsage(payload), nil
	}
	return nil, nil
}

// rareInKey is of metricsKey, from a byte on that texts seldom have, which is looked
// for quickly.
const rareInKey = "-invocationMetrics"

// bytes are those of a chunk.
func (s *stream) bytes(payload []byte) []byte {
	coded, ok := bytes.CutPrefix(payload, []byte(`{"bytes":"`))
	if end := bytes.IndexByte(coded, '"'); ok && end >= 0 {
		var err error
		if s.chunk, err = base64.StdEncoding.AppendDecode(s.chunk[:0], coded[:end]); err == nil {
			return s.chunk
		}
	}
	var chunk struct{ Bytes []byte }
	_ = json.Unmarshal(payload, &chunk) // the SDK tells the caller of what cannot be read
	return chunk.Bytes
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

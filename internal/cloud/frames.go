package cloud

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"

	"github.com/aws/smithy-go/eventstream"
)

// Sizes of a message of an event stream, in bytes. Source: the event stream
// encoding in the Amazon Transcribe and Amazon S3 developer guides, which limit
// the payload to 16 MiB and the headers to 128 KiB.
const (
	preludeSize = 12 // length of all, length of the headers, checksum of the two
	frameMin    = preludeSize + 4
	headersMax  = 128 << 10
	frameMax    = frameMin + headersMax + 16<<20
)

// message is one message of an event stream. Its parts are good until the next
// one is read. A header that is no text is empty; one that is missing is nil.
type message struct {
	raw     []byte // all of it
	kind    []byte // event, exception or error
	event   []byte // the name of an event
	payload []byte
}

// frames reads the messages of an event stream (application/vnd.amazon.eventstream):
//
//	length, length of the headers, CRC of both | headers | payload | CRC of all before
//
// with numbers of 32 bits, the highest byte first. It reads in the goroutine of
// its caller, and keeps one buffer that grows with what has come, not with what a
// message claims to be long.
type frames struct {
	from       io.Reader
	buf        []byte
	start, end int   // what has come and was not handed out
	err        error // of from, once it is at its end
}

const (
	frameBuffer = 4 << 10  // of a new stream
	frameKept   = 64 << 10 // a buffer that is larger is not used again
)

var framesPool = sync.Pool{New: func() any { return &frames{buf: make([]byte, frameBuffer)} }}

// readFrames begins to read. done must be called, and ends the use of every
// message.
func readFrames(from io.Reader) *frames {
	f := framesPool.Get().(*frames)
	f.from, f.start, f.end, f.err = from, 0, 0, nil
	return f
}

func (f *frames) done() {
	f.from = nil
	if len(f.buf) <= frameKept {
		framesPool.Put(f)
	}
}

// next reads the next message. The error is io.EOF at the end of the stream, and
// io.ErrUnexpectedEOF where it ends within a message.
func (f *frames) next() (m message, err error) {
	head, err := f.fill(preludeSize)
	if err != nil {
		return m, err
	}
	size, headers := binary.BigEndian.Uint32(head), binary.BigEndian.Uint32(head[4:])
	switch {
	// The checksum comes first: a length that is wrong by an accident on the way
	// says nothing.
	case crc32.ChecksumIEEE(head[:8]) != binary.BigEndian.Uint32(head[8:]):
		return m, eventstream.ChecksumError{}
	case size < frameMin || size > frameMax:
		return m, fmt.Errorf("a message of %d bytes; possible are %d to %d", size, frameMin, frameMax)
	case headers > size-frameMin || headers > headersMax:
		return m, fmt.Errorf("a message of %d bytes with %d bytes of headers", size, headers)
	}
	all, err := f.fill(int(size))
	if err != nil {
		return m, err
	}
	body := all[:size-4]
	if crc32.ChecksumIEEE(body) != binary.BigEndian.Uint32(all[size-4:]) {
		return m, eventstream.ChecksumError{}
	}
	f.start += int(size)
	m.raw, m.payload = all, body[preludeSize+headers:]
	return m, m.read(body[preludeSize : preludeSize+headers])
}

// fill waits until n bytes have come that were not handed out.
func (f *frames) fill(n int) ([]byte, error) {
	for f.end-f.start < n {
		if f.err != nil {
			if f.err == io.EOF && f.end > f.start {
				return nil, io.ErrUnexpectedEOF
			}
			return nil, f.err
		}
		if f.start > 0 && (f.start == f.end || f.end == len(f.buf)) {
			f.end = copy(f.buf, f.buf[f.start:f.end])
			f.start = 0
		}
		if f.end == len(f.buf) {
			f.buf = append(f.buf, make([]byte, len(f.buf))...)
		}
		var read int
		read, f.err = f.from.Read(f.buf[f.end:])
		f.end += read
	}
	return f.buf[f.start : f.start+n], nil
}

var errHeaders = errors.New("the headers of a message cannot be read")

// sizes of the values of headers by type; -1: a length of 16 bits comes first.
var headerSizes = [...]int{0, 0, 1, 2, 4, 8, -1, textHeader: -1, 8, 16}

const textHeader = 7

// read takes the headers that count. Of several with one name the last does.
func (m *message) read(headers []byte) error {
	for len(headers) > 0 {
		n := int(headers[0])
		if len(headers) == 1 && n > 0 {
			return nil // so does the SDK: a length without a name is the end
		}
		if len(headers) < 1+n+1 {
			return errHeaders
		}
		name, kind := headers[1:1+n], int(headers[1+n])
		headers = headers[1+n+1:]
		if kind >= len(headerSizes) {
			return errHeaders
		}
		size := headerSizes[kind]
		if size < 0 {
			if len(headers) < 2 {
				return errHeaders
			}
			size = int(binary.BigEndian.Uint16(headers))
			headers = headers[2:]
		}
		if len(headers) < size {
			return errHeaders
		}
		value := headers[:size:size]
		if kind != textHeader {
			value = value[:0]
		}
		headers = headers[size:]
		switch string(name) {
		case eventstream.MessageTypeHeader:
			m.kind = value
		case eventstream.EventTypeHeader:
			m.event = value
		}
	}
	return nil
}

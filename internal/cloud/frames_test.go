package cloud

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/aws/smithy-go/eventstream"
)

// encoded writes messages with the SDK's encoder.
func encoded(t testing.TB, messages ...eventstream.Message) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, m := range messages {
		if err := eventstream.NewEncoder().Encode(&b, m); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// event is an event with a payload.
func event(name, payload string) eventstream.Message {
	return eventstream.Message{Payload: []byte(payload), Headers: eventstream.Headers{
		{Name: ":event-type", Value: eventstream.StringValue(name)},
		{Name: ":content-type", Value: eventstream.StringValue("application/json")},
		{Name: ":message-type", Value: eventstream.StringValue("event")},
	}}
}

// raw is a message with any headers and right checksums.
func raw(size, headersSize uint32, rest []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, size)
	b = binary.BigEndian.AppendUint32(b, headersSize)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	b = append(b, rest...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

func TestFramesReadWhatTheSDKWrites(t *testing.T) {
	all := eventstream.Message{Payload: []byte("{}"), Headers: eventstream.Headers{
		{Name: "true", Value: eventstream.BoolValue(true)},
		{Name: "int8", Value: eventstream.Int8Value(1)},
		{Name: "int16", Value: eventstream.Int16Value(1)},
		{Name: "int32", Value: eventstream.Int32Value(1)},
		{Name: "int64", Value: eventstream.Int64Value(1)},
		{Name: "bytes", Value: eventstream.BytesValue("some")},
		{Name: "uuid", Value: eventstream.UUIDValue{}},
		{Name: ":message-type", Value: eventstream.StringValue("exception")},
		{Name: ":exception-type", Value: eventstream.StringValue("throttlingException")},
	}}
	long := event("chunk", strings.Repeat("x", 3*frameKept))
	src := encoded(t, event("messageStart", `{"role":"assistant"}`), all, eventstream.Message{}, long, event("messageStop", ""))
	for name, from := range map[string]io.Reader{
		"whole":         bytes.NewReader(src),
		"byte by byte":  iotest.OneByteReader(bytes.NewReader(src)),
		"end with data": iotest.DataErrReader(bytes.NewReader(src)),
	} {
		f := readFrames(from)
		var got []string
		for {
			m, err := f.next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got = append(got, string(m.kind)+"/"+string(m.event)+"/"+string(m.payload[:min(9, len(m.payload))]))
		}
		want := `event/messageStart/{"role":" exception//{} // event/chunk/xxxxxxxxx event/messageStop/`
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %s; want %s", name, strings.Join(got, " "), want)
		}
		f.done()
	}
}

func TestFramesThatAreNone(t *testing.T) {
	whole := encoded(t, event("chunk", `{"bytes":""}`))
	wrong := bytes.Clone(whole)
	wrong[len(wrong)-6] ^= 1
	for _, c := range []struct {
		name string
		src  []byte
		want string
	}{
		{"nothing", nil, "EOF"},
		{"cut in the prelude", whole[:7], "unexpected EOF"},
		{"cut in the body", whole[:len(whole)-1], "unexpected EOF"},
		{"a wrong checksum", wrong, "message checksum mismatch"},
		{"a page of HTML", []byte("<html><body>what is this?</body></html>"), "message checksum mismatch"},
		{"shorter than a message", raw(15, 0, nil), "possible are 16 to"},
		{"no length", raw(0, 0, nil), "possible are 16 to"},
		{"longer than a message", raw(frameMax+1, 0, nil), "possible are 16 to"},
		{"more headers than message", raw(20, 5, make([]byte, 4)), "5 bytes of headers"},
		{"headers that are too long", raw(1<<20, headersMax+1, nil), "131073 bytes of headers"},
		{"a name that is cut", raw(18, 2, []byte{200, 'x'}), errHeaders.Error()},
		{"no type", raw(18, 2, []byte{1, 'x'}), errHeaders.Error()},
		{"an unknown type", raw(19, 3, []byte{1, 'x', 10}), errHeaders.Error()},
		{"no length of a text", raw(20, 4, []byte{1, 'x', 7, 0}), errHeaders.Error()},
		{"a text that is cut", raw(22, 6, []byte{1, 'x', 7, 0, 2, 'x'}), errHeaders.Error()},
		{"a number that is cut", raw(20, 4, []byte{1, 'x', 4, 0}), errHeaders.Error()},
	} {
		f := readFrames(bytes.NewReader(c.src))
		if _, err := f.next(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %s", c.name, err, c.want)
		}
		f.done()
	}
}

// What a message claims to be long takes no memory until it comes.
func TestFramesGrowWithWhatComes(t *testing.T) {
	broken := errors.New("broken")
	f := readFrames(io.MultiReader(bytes.NewReader(raw(frameMax, 0, nil)), iotest.ErrReader(broken)))
	if _, err := f.next(); err != broken || len(f.buf) > frameBuffer {
		t.Errorf("%v with a buffer of %d bytes; want the reader's error, and %d", err, len(f.buf), frameBuffer)
	}
	f.done()
}

// text is a header as frames tell it.
func text(hs eventstream.Headers, name string) string {
	v := hs.Get(name)
	if v == nil {
		return "missing"
	}
	if s, ok := v.(eventstream.StringValue); ok {
		return "=" + string(s)
	}
	return "="
}

func header(b []byte) string {
	if b == nil {
		return "missing"
	}
	return "=" + string(b)
}

// Every stream is read as the SDK reads it, or both refuse it; a stream that is
// cut is the end to both.
func FuzzFrames(f *testing.F) {
	f.Add(encoded(f, event("messageStart", `{"role":"assistant"}`), event("contentBlockDelta", `{"delta":{"text":"x"}}`)), -1)
	f.Add(encoded(f, event("metadata", ""))[:30], -1)
	f.Add([]byte{1, 'x', 2, 7}, 4)
	f.Add(append([]byte{1, 'x', 8}, make([]byte, 21)...), 24)
	f.Add([]byte("\x0d:message-type\x07\x00\x05event{}"), 22)
	f.Add(raw(frameMax, 0, nil), -1)
	f.Add([]byte("<html>"), -1)
	f.Fuzz(func(t *testing.T, src []byte, headers int) {
		if headers >= 0 { // as one message with right checksums
			src = raw(uint32(len(src)+frameMin), uint32(headers), src)
		}
		ours, theirs, decoder := readFrames(bytes.NewReader(src)), bytes.NewReader(src), eventstream.NewDecoder()
		defer ours.done()
		for n := 0; ; n++ {
			got, err := ours.next()
			want, wantErr := decoder.Decode(theirs, nil)
			if (err == nil) != (wantErr == nil) {
				t.Fatalf("message %d: %v; the SDK: %v", n, err, wantErr)
			}
			if err != nil {
				if len(ours.buf) > max(frameBuffer, 4*len(src)) {
					t.Errorf("%d bytes took a buffer of %d", len(src), len(ours.buf))
				}
				return
			}
			for _, h := range []struct {
				name string
				got  []byte
			}{
				{":message-type", got.kind}, {":event-type", got.event},
			} {
				if g, w := header(h.got), text(want.Headers, h.name); g != w {
					t.Errorf("message %d: %s %q; the SDK: %q", n, h.name, g, w)
				}
			}
			if !bytes.Equal(got.payload, want.Payload) {
				t.Errorf("message %d: payload %q; the SDK: %q", n, got.payload, want.Payload)
			}
		}
	})
}

package sim

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"pgregory.net/rapid"
)

// decodeFrame reads one message with the SDK's decoder, and what is left.
func decodeFrame(frame []byte) (eventstream.Message, int, error) {
	r := bytes.NewReader(frame)
	m, err := eventstream.NewDecoder().Decode(r, nil)
	return m, r.Len(), err
}

// The SDK's decoder reads what was written, of every type of header.
func TestEventStreamFrames(t *testing.T) {
	values := rapid.OneOf(
		rapid.Bool().AsAny(), rapid.Int8().AsAny(), rapid.Int16().AsAny(), rapid.Int32().AsAny(), rapid.Int64().AsAny(),
		rapid.String().AsAny(), rapid.SliceOf(rapid.Byte()).AsAny(),
		rapid.Custom(func(t *rapid.T) time.Time { return time.UnixMilli(rapid.Int64Range(0, 1<<42).Draw(t, "ms")).UTC() }).AsAny(),
		rapid.Custom(func(t *rapid.T) [16]byte { return [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "uuid")) }).AsAny(),
	)
	rapid.Check(t, func(t *rapid.T) {
		var headers []frameHeader
		for i := range rapid.IntRange(0, 5).Draw(t, "headers") {
			name := string(rune('a'+i)) + rapid.StringN(0, 60, 254).Draw(t, "name") // the decoder keeps one header a name
			headers = append(headers, frameHeader{name, values.Draw(t, "value")})
		}
		payload := rapid.SliceOf(rapid.Byte()).Draw(t, "payload")
		before := rapid.SliceOf(rapid.Byte()).Draw(t, "before")
		frame := appendFrame(bytes.Clone(before), headers, payload)
		if !bytes.HasPrefix(frame, before) {
			t.Fatal("the frame was not appended")
		}
		m, left, err := decodeFrame(frame[len(before):])
		if err != nil || left != 0 {
			t.Fatalf("the SDK's decoder says %v, and leaves %d bytes", err, left)
		}
		if !bytes.Equal(m.Payload, payload) || len(m.Headers) != len(headers) {
			t.Fatalf("wrote %d headers and %q, read %d and %q", len(headers), payload, len(m.Headers), m.Payload)
		}
		for i, h := range headers {
			got := m.Headers[i].Value.Get()
			if u, ok := m.Headers[i].Value.(eventstream.UUIDValue); ok {
				got = [16]byte(u)
			}
			if at, ok := got.(time.Time); ok {
				got = at.UTC()
			}
			if b, ok := h.value.([]byte); ok && len(b) == 0 && len(got.([]byte)) == 0 {
				got = h.value // nil and empty are the same on the wire
			}
			if m.Headers[i].Name != h.name || !reflect.DeepEqual(got, h.value) {
				t.Fatalf("header %d: wrote %q = %#v, read %q = %#v", i, h.name, h.value, m.Headers[i].Name, got)
			}
		}
	})
}

// FuzzEventStream flips a bit of a frame: nothing but the frame as it was
// written passes the decoder.
func FuzzEventStream(f *testing.F) {
	f.Add("chunk", []byte(`{"bytes":"e30="}`), uint32(0))
	f.Add("", []byte(nil), uint32(77))
	f.Add("messageStop", []byte(`{"stopReason":"end_turn"}`), uint32(9))
	f.Fuzz(func(t *testing.T, name string, payload []byte, flip uint32) {
		if len(name) > 1000 || len(payload) > 1<<16 {
			t.Skip("longer than any event of the account; shorter input runs")
		}
		frame := appendEvent(nil, name, payload)
		m, left, err := decodeFrame(frame)
		if err != nil || left != 0 || !bytes.Equal(m.Payload, payload) || m.Headers.Get(":event-type").String() != name {
			t.Fatalf("wrote %q with %q, read %v: %v, %d bytes left", name, payload, m, err, left)
		}
		at := int(flip) % (8 * len(frame))
		frame[at/8] ^= 1 << (at % 8)
		if m, _, err := decodeFrame(frame); err == nil {
			t.Fatalf("bit %d was flipped, and the decoder reads %v", at, m)
		}
	})
}

// Every single bit of a frame is guarded.
func TestEventStreamBits(t *testing.T) {
	whole := appendException(nil, "throttlingException", []byte(`{"message":"Too many tokens, please wait before trying again."}`))
	if m, _, err := decodeFrame(whole); err != nil || m.Headers.Get(":exception-type").String() != "throttlingException" {
		t.Fatalf("the frame as it is: %v, %v", m, err)
	}
	for bit := range 8 * len(whole) {
		frame := bytes.Clone(whole)
		frame[bit/8] ^= 1 << (bit % 8)
		if _, _, err := decodeFrame(frame); err == nil {
			t.Errorf("bit %d of byte %d was flipped, and nothing was noticed", bit%8, bit/8)
		}
	}
}

package sim

import (
	"encoding/binary"
	"hash/crc32"
	"time"
)

// frameHeader is one header of an event-stream message. Its value is a bool,
// int8, int16, int32, int64, []byte, string, time.Time (to the millisecond) or
// a [16]byte, which is a UUID.
type frameHeader struct {
	name  string
	value any
}

// appendFrame appends one message of application/vnd.amazon.eventstream:
//
//	bytes 0-3    length of the whole message
//	bytes 4-7    length of the headers
//	bytes 8-11   CRC-32 (IEEE) of bytes 0-7, the prelude
//	             headers: length of the name (1), name, type (1), value
//	             payload
//	last 4       CRC-32 of everything before
//
// All numbers are big-endian. A name has 1 to 255 bytes, a text or bytes as
// value up to 32,767.
func appendFrame(b []byte, headers []frameHeader, payload []byte) []byte {
	const prelude, crc = 12, 4
	start := len(b)
	b = append(b, make([]byte, prelude)...)
	for _, h := range headers {
		b = append(b, byte(len(h.name)))
		b = append(b, h.name...)
		b = appendHeaderValue(b, h.value)
	}
	inHeaders := len(b) - start - prelude
	b = append(b, payload...)
	binary.BigEndian.PutUint32(b[start:], uint32(len(b)-start+crc))
	binary.BigEndian.PutUint32(b[start+4:], uint32(inHeaders))
	binary.BigEndian.PutUint32(b[start+8:], crc32.ChecksumIEEE(b[start:start+8]))
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[start:]))
}

// appendHeaderValue appends the type of a value and the value. It panics where
// the type has no form on the wire: headers are made here, not by callers.
func appendHeaderValue(b []byte, value any) []byte {
	const (
		isTrue, isFalse, isInt8, isInt16, isInt32 = 0, 1, 2, 3, 4
		isInt64, isBytes, isText, isTime, isUUID  = 5, 6, 7, 8, 9
	)
	switch v := value.(type) {
	case bool:
		if v {
			return append(b, isTrue)
		}
		return append(b, isFalse)
	case int8:
		return append(b, isInt8, byte(v))
	case int16:
		return binary.BigEndian.AppendUint16(append(b, isInt16), uint16(v))
	case int32:
		return binary.BigEndian.AppendUint32(append(b, isInt32), uint32(v))
	case int64:
		return binary.BigEndian.AppendUint64(append(b, isInt64), uint64(v))
	case []byte:
		return append(binary.BigEndian.AppendUint16(append(b, isBytes), uint16(len(v))), v...)
	case string:
		return append(binary.BigEndian.AppendUint16(append(b, isText), uint16(len(v))), v...)
	case time.Time:
		return binary.BigEndian.AppendUint64(append(b, isTime), uint64(v.UnixMilli()))
	case [16]byte:
		return append(append(b, isUUID), v[:]...)
	}
	panic("sim: a header of an event stream has no such type")
}

// appendEvent appends an event with a payload in JSON.
func appendEvent(b []byte, name string, payload []byte) []byte {
	return appendFrame(b, []frameHeader{
		{":event-type", name}, {":content-type", "application/json"}, {":message-type", "event"},
	}, payload)
}

// appendException appends an exception, named as its member of the stream.
func appendException(b []byte, name string, payload []byte) []byte {
	return appendFrame(b, []frameHeader{
		{":exception-type", name}, {":content-type", "application/json"}, {":message-type", "exception"},
	}, payload)
}

package sim

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// object is a structure on the wire, free of the wire form. Its values are
// string, float64, bool, time.Time, object, []any, in a request of the query form
// formText for all that is no structure or list, and in replies also int, table,
// []float64 and []time.Time, which a reply may have in the tens of thousands.
type object map[string]any

// decode reads the body of an operation named on the wire.
func (c *call) decode() (object, *fault) {
	var o object
	var body []byte
	var err error
	if c.protocol == awsQuery { // read already, to find the operation
		if err = c.unread; err == nil {
			o, err = decodeForm(c.form)
		}
	} else if body, err = c.body(); err == nil && c.protocol == rpcCBOR {
		o, err = decodeCBOR(body)
	} else if err == nil {
		o, err = decodeJSON(body)
	}
	if err != nil {
		return nil, unreadable(err)
	}
	return o, nil
}

func unreadable(err error) *fault {
	return &fault{http.StatusBadRequest, "SerializationException", "The request body can not be read: " + err.Error()}
}

var errNotAnObject = errors.New("it is not a structure")

func decodeJSON(body []byte) (object, error) {
	if len(body) == 0 {
		return object{}, nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return nil, err
	}
	if o, ok := fromJSON(v).(object); ok {
		return o, nil
	}
	return nil, errNotAnObject
}

func fromJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		o := make(object, len(v))
		for k, member := range v {
			if member != nil {
				o[k] = fromJSON(member)
			}
		}
		return o
	case []any:
		for i := range v {
			v[i] = fromJSON(v[i])
		}
	}
	return v
}

// jsonReady replaces times by seconds since 1970, as JSON 1.0 and 1.1 have them.
func jsonReady(o object) map[string]any {
	ready := make(map[string]any, len(o))
	for k, v := range o {
		ready[k] = jsonValue(v)
	}
	return ready
}

func jsonValue(v any) any {
	switch v := v.(type) {
	case object:
		return jsonReady(v)
	case table:
		return jsonReady(object(v))
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = jsonValue(v[i])
		}
		return list
	case time.Time:
		return seconds(v)
	case []time.Time:
		list := make([]float64, len(v))
		for i := range v {
			list[i] = seconds(v[i])
		}
		return list
	}
	return v
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// timeOf is the instant so many seconds after 1970, to the millisecond.
func timeOf(seconds float64) time.Time {
	const furthest = 1e11 // the year 5138; beyond, a time is not meant
	return time.UnixMilli(int64(max(-furthest, min(furthest, seconds)) * 1000)).UTC()
}

// decodeCBOR reads one structure. It refuses what follows it.
func decodeCBOR(body []byte) (object, error) {
	if len(body) == 0 {
		return object{}, nil
	}
	v, err := cbor.Decode(body)
	if err != nil {
		return nil, err
	}
	o, ok := fromCBOR(v).(object)
	if !ok {
		return nil, errNotAnObject
	}
	return o, nil
}

func fromCBOR(v cbor.Value) any {
	switch v := v.(type) {
	case cbor.Map:
		o := make(object, len(v))
		for k, member := range v {
			if m := fromCBOR(member); m != nil {
				o[k] = m
			}
		}
		return o
	case cbor.List:
		list := make([]any, len(v))
		for i := range v {
			list[i] = fromCBOR(v[i])
		}
		return list
	case cbor.String:
		return string(v)
	case cbor.Bool:
		return bool(v)
	case cbor.Uint:
		return float64(v)
	case cbor.NegInt:
		return -float64(v)
	case cbor.Float32:
		return finite(float64(v))
	case cbor.Float64:
		return finite(float64(v))
	case *cbor.Tag:
		const epoch = 1
		inner := fromCBOR(v.Value) // once: tags nest
		if s, ok := inner.(float64); ok && v.ID == epoch {
			return timeOf(s)
		}
		return inner
	}
	return nil // null, undefined, or bytes, which no operation here takes
}

// finite is a number, or what has no type that any member wants: no operation
// here takes NaN or an infinity, and JSON could not tell it back.
func finite(v float64) any {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return struct{}{}
	}
	return v
}

// encodeCBOR writes a structure with its keys in order: the same reply has the
// same bytes.
func encodeCBOR(o object) []byte { return appendCBOR(nil, o) }

func appendCBOR(b []byte, v any) []byte {
	const unsigned, negative, text, list, structure, tag, simple = 0, 1, 3, 4, 5, 6, 7
	switch v := v.(type) {
	case string:
		return append(appendHead(b, text, len(v)), v...)
	case bool:
		if v {
			return append(b, simple<<5|21)
		}
		return append(b, simple<<5|20)
	case int:
		if v < 0 {
			return appendHead(b, negative, -1-v)
		}
		return appendHead(b, unsigned, v)
	case float64:
		return appendFloat(b, v)
	case time.Time:
		return appendFloat(append(b, tag<<5|1), seconds(v))
	case []float64:
		b = slices.Grow(appendHead(b, list, len(v)), 9*len(v))
		for _, f := range v {
			b = appendFloat(b, f)
		}
		return b
	case []time.Time:
		b = slices.Grow(appendHead(b, list, len(v)), 10*len(v))
		for _, t := range v {
			b = appendFloat(append(b, tag<<5|1), seconds(t))
		}
		return b
	case []any:
		b = appendHead(b, list, len(v))
		for _, item := range v {
			b = appendCBOR(b, item)
		}
		return b
	case table:
		return appendCBOR(b, object(v))
	case object:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		b = appendHead(b, structure, len(v))
		for _, k := range keys {
			b = appendCBOR(appendCBOR(b, k), v[k])
		}
		return b
	}
	panic(fmt.Sprintf("a reply holds a %T", v)) // a bug of the handler
}

func appendFloat(b []byte, f float64) []byte {
	const double = 7<<5 | 27
	return binary.BigEndian.AppendUint64(append(b, double), math.Float64bits(f))
}

// appendHead writes the major type and the length of what follows, or a number
// of at most 32 bits.
func appendHead(b []byte, major byte, n int) []byte {
	switch {
	case n < 24:
		return append(b, major<<5|byte(n))
	case n < 1<<8:
		return append(b, major<<5|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major<<5|25), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(b, major<<5|26), uint32(n))
}

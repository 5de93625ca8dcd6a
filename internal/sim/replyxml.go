package sim

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// The reply to a query form, in XML:
//
//	<OpResponse xmlns="..."><OpResult>members</OpResult>
//	  <ResponseMetadata><RequestId>...</RequestId></ResponseMetadata></OpResponse>
//
// An item of a list is a <member>, one of a table an <entry> with <key> and
// <value>. Times are in ISO 8601.

// table is a structure of a reply whose names are data: XML writes it unlike an
// object, the other wire forms alike.
type table map[string]any

// encodeXML writes the reply of an operation with its members in order. One
// without members has no result at all.
func encodeXML(space, op, requestID string, o object) []byte {
	var b bytes.Buffer
	b.WriteString("<" + op + `Response xmlns="`)
	xml.EscapeText(&b, []byte(space))
	b.WriteString(`">`)
	if len(o) > 0 {
		appendXML(&b, op+"Result", o)
	}
	appendXML(&b, "ResponseMetadata", object{"RequestId": requestID})
	b.WriteString("</" + op + "Response>")
	return b.Bytes()
}

func appendXML(b *bytes.Buffer, name string, v any) {
	b.WriteString("<" + name + ">")
	switch v := v.(type) {
	case string:
		xml.EscapeText(b, []byte(v)) // a bytes.Buffer gives no error
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int:
		b.WriteString(strconv.Itoa(v))
	case float64:
		b.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
	case time.Time:
		b.WriteString(v.UTC().Format("2006-01-02T15:04:05.999Z"))
	case object:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			appendXML(b, k, v[k])
		}
	case table:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			appendXML(b, "entry", object{"key": k, "value": v[k]})
		}
	case []any:
		appendMembers(b, v)
	case []float64:
		appendMembers(b, v)
	case []time.Time:
		appendMembers(b, v)
	default:
		panic(fmt.Sprintf("a reply holds a %T", v)) // a bug of the handler
	}
	b.WriteString("</" + name + ">")
}

func appendMembers[T any](b *bytes.Buffer, list []T) {
	for _, item := range list {
		appendXML(b, "member", item)
	}
}

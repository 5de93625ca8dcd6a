package plugins

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// follow calls f with every value that a path leads to in a JSON value, which
// must be valid; with nil where it leads nowhere, or to null.
//
// A path is names of members with points between them: usage.input_tokens. A
// name that ends in [] goes on with each element of a list:
// results[].tokenCount; one that ends in [#] is how many elements the list has,
// and ends the path. Of members with the same name the last one counts, as
// in encoding/json.
//
// It looks at the bytes as they stand and decodes nothing, since a reply may
// hold megabytes of image or thousands of numbers, and stands on the path of
// every call.
func follow(value []byte, path string, f func(value []byte)) {
	switch {
	case value == nil || value[0] == 'n':
		f(nil)
		return
	case path == "":
		f(value)
		return
	}
	step, rest, _ := strings.Cut(path, ".")
	name, list := strings.CutSuffix(step, "[]")
	name, count := strings.CutSuffix(name, "[#]")
	at := member(value, name)
	switch {
	case !list && !count || at == nil || at[0] == 'n':
		follow(at, rest, f)
	case at[0] != '[':
		f(noList)
	case count:
		n := int64(0)
		elements(at, func([]byte) { n++ })
		f(strconv.AppendInt(nil, n, 10))
	default:
		elements(at, func(element []byte) { follow(element, rest, f) })
	}
}

// noList stands for what is no list where one should be: no number, and no
// text that says anything.
var noList = []byte(`""`)

// elements calls f with every element of a list.
func elements(list []byte, f func(element []byte)) {
	for i := space(list, 1); list[i] != ']'; {
		end := skip(list, i)
		f(list[i:end])
		if i = space(list, end); list[i] == ',' {
			i = space(list, i+1)
		}
	}
}

// member is the value of an object's member; nil where there is none.
func member(object []byte, name string) (value []byte) {
	if object[0] != '{' {
		return nil
	}
	for i := space(object, 1); object[i] != '}'; {
		end := skip(object, i)
		key := object[i:end]
		i = space(object, space(object, end)+1) // over the colon
		end = skip(object, i)
		if named(key, name) {
			value = object[i:end]
		}
		if i = space(object, end); object[i] == ',' {
			i = space(object, i+1)
		}
	}
	return value
}

// named tells whether a key, in its quotes, is a name.
func named(key []byte, name string) bool {
	if inner := key[1 : len(key)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner) == name
	}
	var s string
	return json.Unmarshal(key, &s) == nil && s == name
}

// skip is the place behind the value that begins at i.
func skip(b []byte, i int) int {
	switch b[i] {
	case '"':
		return skipText(b, i)
	case '{', '[':
		depth := 0
		for {
			switch b[i] {
			case '"':
				i = skipText(b, i)
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			if i++; depth == 0 {
				return i
			}
		}
	}
	for i < len(b) && !strings.ContainsRune(",]} \t\r\n", rune(b[i])) {
		i++
	}
	return i
}

// skipText is the place behind the text whose first quote is at i.
func skipText(b []byte, i int) int {
	for i++; ; i++ {
		i += bytes.IndexByte(b[i:], '"')
		slashes := 0
		for b[i-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i + 1
		}
	}
}

// space is the next place at or behind i that is no white space.
func space(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n' {
		i++
	}
	return i
}

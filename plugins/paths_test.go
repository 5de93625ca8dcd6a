package plugins

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFollow(t *testing.T) {
	const reply = ` { "a" : 1 , "b":{"c":[ {"d":2},{"d":3} , {} ],"e":[],"f":null}, "g":"x\\\"]}", "h\u0069":4, "a":5, "l":[[1,2],[3]], "m":"" } `
	for _, c := range []struct {
		path string
		want string // what it leads to, with - for nothing
	}{
		{"a", "5"}, // the last of two, as encoding/json has it
		{"b.c[].d", "2 3 -"},
		{"b.c[]", `{"d":2} {"d":3} {}`},
		{"b.c[#]", "3"},
		{"b.e[]", ""},
		{"b.e[#]", "0"},
		{"b.f", "-"},
		{"b.f.g", "-"},
		{"b.f[]", "-"},
		{"b.f[#]", "-"},
		{"b.x.y", "-"},
		{"a.b", "-"},
		{"a[]", `""`},
		{"b[].c", `""`},
		{"a[#]", `""`},
		{"g", `"x\\\"]}"`},
		{"hi", "4"},
		{"m", `""`},
		{"l[]", "[1,2] [3]"},
		{"l[#]", "2"},
		{"x", "-"},
	} {
		var got []string
		follow([]byte(strings.TrimLeft(reply, " ")), c.path, func(v []byte) {
			if v == nil {
				v = []byte("-")
			}
			got = append(got, string(v))
		})
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s leads to %s; want %s", c.path, s, c.want)
		}
	}
}

// A path leads where a plain decoding of the reply leads.
func FuzzFollow(f *testing.F) {
	f.Add([]byte(`{"a":{"b":[{"c":1},{"c":"x"},null,7]},"d\u0065":[]}`), "a", "b", "c")
	f.Add([]byte(`{"a":[[],[1]]}`), "a", "", "b")
	f.Fuzz(func(t *testing.T, reply []byte, a, b, c string) {
		for _, name := range []string{a, b, c} {
			if name == "" || strings.ContainsAny(name, ".[]#") {
				t.Skip("no name of a path")
			}
		}
		var v any
		if json.Unmarshal(reply, &v) != nil || !utf8.Valid(reply) || !utf8.ValidString(a+b+c) {
			t.Skip("no JSON, or of bytes that decoding replaces")
		}
		reply = []byte(strings.TrimLeft(string(reply), " \t\r\n"))
		var want, got []any
		plainFollow(v, []string{a, b + "[]", c}, &want)
		follow(reply, a+"."+b+"[]."+c, func(value []byte) {
			var v any
			if value != nil {
				if err := json.Unmarshal(value, &v); err != nil {
					t.Fatalf("%q leads to %q, which is no JSON", reply, value)
				}
			}
			got = append(got, v)
		})
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %s leads to %v; want %v", reply, fmt.Sprint(a, b, c), got, want)
		}
	})
}

// plainFollow is follow over decoded values.
func plainFollow(v any, path []string, out *[]any) {
	if v == nil || len(path) == 0 {
		*out = append(*out, v)
		return
	}
	name, list := strings.CutSuffix(path[0], "[]")
	object, _ := v.(map[string]any)
	at := object[name]
	items, isList := at.([]any)
	switch {
	case !list || at == nil:
		plainFollow(at, path[1:], out)
	case !isList:
		*out = append(*out, "")
	default:
		for _, item := range items {
			plainFollow(item, path[1:], out)
		}
	}
}

func TestTokens(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "7": 7, "1000000000000": 1e12, "-0": 0} {
		if n, ok := Tokens(text); !ok || n != want {
			t.Errorf("Tokens(%q) = %d, %v; want %d", text, n, ok, want)
		}
	}
	for _, text := range []string{"", "-1", "1.5", "1e3", "x", " 1", "0x1", "1_000", "1000000000001", "9223372036854775808", "NaN", "null"} {
		if n, ok := Tokens(text); ok {
			t.Errorf("Tokens(%q) = %d; want no count", text, n)
		}
	}
}

package ramp_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/runner/ramp"
)

func TestReadArrivals(t *testing.T) {
	const s = time.Second
	tests := []struct {
		name, text string
		csv        bool
		want       []ramp.Arrival
		err        string
	}{
		{"JSON lines, sorted", `{"at": 2}` + "\n\n" + `{"at": "1m30s", "model": "haiku", "input_tokens": 400, "max_tokens": 50}` + "\r\n" + `{"at": 0.25, "model": null, "other": {"x": 1}, "more": [1], "yes": true}`, false,
			[]ramp.Arrival{{At: s / 4, Line: 4}, {At: 2 * s, Line: 1}, {At: 90 * s, Model: "haiku", Input: 400, Output: 50, Line: 3}}, ""},
		{"calls of one time keep their order", `{"at": 1, "input_tokens": 1}` + "\n" + `{"at": 1, "input_tokens": 2}`, false, []ramp.Arrival{{At: s, Input: 1, Line: 1}, {At: s, Input: 2, Line: 2}}, ""},
		{"max_tokens before output_tokens", `{"at": 1, "max_tokens": 9, "output_tokens": 5}`, false, []ramp.Arrival{{At: s, Output: 9, Line: 1}}, ""},
		{"output_tokens alone", `{"at": 1, "output_tokens": "5"}`, false, []ramp.Arrival{{At: s, Output: 5, Line: 1}}, ""},
		{"a mark at the beginning", "\ufeff" + `{"at": 1}`, false, []ramp.Arrival{{At: s, Line: 1}}, ""},
		{"CSV", "at, model,input_tokens,note\n1.5,haiku,,\"a, \"\"b\"\"\"\n\n0,,7,\n", true, []ramp.Arrival{{Input: 7, Line: 4}, {At: 3 * s / 2, Model: "haiku", Line: 2}}, ""},
		{"CSV of a head alone", "at\n", true, nil, ""},
		{"nothing", "", true, nil, ""},
		{"nothing at all", " \n", false, nil, ""},

		{"no object", `{"at": 1}` + "\n[1]", false, nil, "line 2: not a JSON object"},
		{"null", "null", false, nil, "line 1: not a JSON object"},
		{"half an object", `{"at": 1`, false, nil, "line 1: not a JSON object"},
		{"no time", `{"model": "x"}`, false, nil, "line 1: `at` is missing"},
		{"a time of day", `{"at": "12:30"}`, false, nil, `line 1: ` + "`at` is \"12:30\""},
		{"a time before the start", `{"at": -1}`, false, nil, "0 to 604800 seconds"},
		{"a date", `{"at": 1764000000}`, false, nil, "0 to 604800 seconds"},
		{"too large for a number", `{"at": 1e999}`, false, nil, "`at` is \"1e999\""},
		{"true", `{"at": true}`, false, nil, "`at` is \"true\""},
		{"no number", "at\nnan\n", true, nil, "0 to 604800 seconds"},
		{"tokens of nothing", `{"at": 1, "input_tokens": 0}`, false, nil, "`input_tokens` is \"0\""},
		{"half a token", `{"at": 1, "max_tokens": 1.5}`, false, nil, "`max_tokens` is \"1.5\""},
		{"a name in another code", "at,model\n0,\xff\xfe\n", true, nil, "line 2: `model` is not UTF-8"},
		{"a row too short", "at,model\n1\n", true, nil, "line 2: wrong number of fields"},
		{"an open quote", "at\n\"1\n", true, nil, "line 2: "},
	}
	for _, tt := range tests {
		got, err := ramp.ReadArrivals([]byte(tt.text), tt.csv)
		var line *ramp.LineError
		switch {
		case tt.err == "" && err != nil, tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
			t.Errorf("%s: error = %v; want %q", tt.name, err, tt.err)
		case err != nil && !errors.As(err, &line):
			t.Errorf("%s: the error %v tells no line", tt.name, err)
		case !slices.Equal(got, tt.want):
			t.Errorf("%s: arrivals = %+v; want %+v", tt.name, got, tt.want)
		}
	}
}

func TestTooManyArrivals(t *testing.T) {
	text := strings.Repeat("1\n", ramp.MaxArrivals+1)
	_, err := ramp.ReadArrivals([]byte("at\n"+text), true)
	if want := fmt.Sprintf("line %d: more than %d calls", ramp.MaxArrivals+2, ramp.MaxArrivals); err == nil || err.Error() != want {
		t.Errorf("error = %v; want %q", err, want)
	}
	got, err := ramp.ReadArrivals([]byte("at\n"+text[2:]), true)
	if err != nil || len(got) != ramp.MaxArrivals {
		t.Errorf("%d arrivals, %v; want %d", len(got), err, ramp.MaxArrivals)
	}
}

func FuzzReadArrivals(f *testing.F) {
	f.Add([]byte(`{"at": 1.5, "model": "m", "input_tokens": 3, "max_tokens": 5}`), false)
	f.Add([]byte("at,model,output_tokens\n1m,m,5\n0.5,,\n"), true)
	f.Add([]byte("\ufeff{\"at\": \"1h\"}\r\n\r\n"), false)
	f.Add([]byte("model,at\n\xff\xff,0"), true)
	f.Fuzz(func(t *testing.T, data []byte, asCSV bool) {
		got, err := ramp.ReadArrivals(data, asCSV)
		var line *ramp.LineError
		if err != nil {
			if got != nil || !errors.As(err, &line) || line.Line < 1 || line.Line > 1+strings.Count(string(data), "\n")+strings.Count(string(data), "\r") {
				t.Fatalf("arrivals %v with the error %v; want none, and a line of the file", got, err)
			}
			return
		}
		for i, a := range got {
			if a.At < 0 || a.At > 7*24*time.Hour || a.Input < 0 || a.Output < 0 || i > 0 && a.At < got[i-1].At {
				t.Fatalf("arrival %d = %+v; want them in order, and within bounds", i, a)
			}
		}
		// What was read can be written, and is then read the same.
		var b strings.Builder
		for _, a := range got {
			fmt.Fprintf(&b, `{"at": "%dns", "model": %s`, a.At, mustJSON(a.Model))
			if a.Input > 0 {
				fmt.Fprintf(&b, `, "input_tokens": %d`, a.Input)
			}
			if a.Output > 0 {
				fmt.Fprintf(&b, `, "max_tokens": %d`, a.Output)
			}
			b.WriteString("}\n")
		}
		again, err := ramp.ReadArrivals([]byte(b.String()), false)
		for i := range again {
			again[i].Line = got[i].Line
		}
		if err != nil || !slices.Equal(again, got) {
			t.Fatalf("%+v was written, and read as %+v, %v", got, again, err)
		}
	})
}

func mustJSON(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

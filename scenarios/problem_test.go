package scenarios

import (
	"reflect"
	"strings"
	"testing"
)

func TestSortOrdersAndDropsDoubles(t *testing.T) {
	a := Problem{Pos: Pos{1, 2}, Code: "a", Message: "m"}
	b := Problem{Pos: Pos{1, 2}, Code: "b", Message: "m"}
	c := Problem{Pos: Pos{1, 10}, Code: "a", Message: "m"}
	d := Problem{Pos: Pos{10, 1}, Code: "a", Message: "m"}
	other := Problem{Pos: Pos{10, 1}, Code: "a", Message: "n"}
	got := Problems{d, c, b, other, a, d, b}.Sort()
	if want := (Problems{a, b, c, d, other}); !reflect.DeepEqual(got, want) {
		t.Errorf("Sort = %v; want %v", got, want)
	}
}

func TestProblemsAreAnError(t *testing.T) {
	var err error = Problems{{Pos: Pos{4, 1}, Code: "unknown-key", Message: "unknown\x1b key"}, {Code: "other", Message: "no place"}}
	if got, want := err.Error(), "4:1: unknown␛ key [unknown-key]\nno place [other]"; got != want {
		t.Errorf("Error() = %q; want %q", got, want)
	}
}

func TestRender(t *testing.T) {
	for _, row := range []struct {
		why, src string
		problem  Problem
		want     string
	}{
		{"a plain line", "a: 1\nbcd: 2\n", Problem{Pos: Pos{2, 1}, Width: 3, Code: "x", Message: "wrong", Hint: "do this"},
			"f.yaml:2:1: wrong [x]\n    2 | bcd: 2\n      | ^~~\n      = help: do this\n"},
		{"no place", "a: 1\n", Problem{Code: "x", Message: "wrong"}, "f.yaml: wrong [x]\n"},
		{"no width is one character", "abc\n", Problem{Pos: Pos{1, 2}, Code: "x", Message: "m"}, "f.yaml:1:2: m [x]\n    1 | abc\n      |  ^\n"},
		{"tabs stay", "\ta\tbc", Problem{Pos: Pos{1, 4}, Width: 2, Code: "x", Message: "m"}, "f.yaml:1:4: m [x]\n    1 | \ta\tbc\n      | \t \t^~\n"},
		{"wide characters take two columns", "日本: 語x", Problem{Pos: Pos{1, 5}, Width: 2, Code: "x", Message: "m"},
			"f.yaml:1:5: m [x]\n    1 | 日本: 語x\n      |       ^~~\n"},
		{"a mark joins its letter", "e\u0301x", Problem{Pos: Pos{1, 3}, Code: "x", Message: "m"}, "f.yaml:1:3: m [x]\n    1 | e\u0301x\n      |  ^\n"},
		{"behind the last character", "ab", Problem{Pos: Pos{1, 3}, Width: 9, Code: "x", Message: "m"}, "f.yaml:1:3: m [x]\n    1 | ab\n      |   ^\n"},
		{"a terminal is not given orders", "a\x1b]52;c;x\a\u202eb\u200b\xff", Problem{Pos: Pos{1, 1}, Code: "x", Message: "m\x1b[2J\n\u202e", Hint: "\r\xfe"},
			"f.yaml:1:1: m␛[2J␊\ufffd [x]\n    1 | a␛]52;c;x␇\ufffdb\ufffd\ufffd\n      | ^\n      = help: ␍\ufffd\n"},
		{"a byte order mark is no column", "\ufeffab", Problem{Pos: Pos{1, 1}, Width: 2, Code: "x", Message: "m"}, "f.yaml:1:1: m [x]\n    1 | ab\n      | ^~\n"},
		{"a line that is not there", "ab", Problem{Pos: Pos{7, 1}, Code: "x", Message: "m"}, "f.yaml:7:1: m [x]\n"},
	} {
		if got := Render("f.yaml", []byte(row.src), Problems{row.problem}); got != row.want {
			t.Errorf("%s:\n%s\nwant\n%s", row.why, got, row.want)
		}
	}
}

func TestRenderCutsLongLines(t *testing.T) {
	src := strings.Repeat("日", 500) + "needle" + strings.Repeat("b", 500)
	got := Render("f", []byte(src), Problems{{Pos: Pos{1, 501}, Width: 6, Code: "x", Message: "m"}})
	lines := strings.Split(got, "\n")
	text, caret := strings.TrimPrefix(lines[1], "    1 | "), strings.TrimPrefix(lines[2], "      | ")
	if width := columns([]rune(text)); width > maxColumns {
		t.Errorf("the source line takes %d columns; want at most %d", width, maxColumns)
	}
	before, _, found := strings.Cut(text, "needle")
	if !found || columns([]rune(before)) != strings.Index(caret, "^") || !strings.HasSuffix(caret, "^~~~~~") {
		t.Errorf("the caret is not below the needle:\n%s\n%s", text, caret)
	}
}

func TestClosest(t *testing.T) {
	keys := []string{"version", "models", "model", "load", "latency_ms", "p50", "p90", "assert"}
	for _, row := range []struct{ word, want string }{
		{"modle", "model"},     // a swap
		{"laod", "load"},       // a swap in a short word
		{"versoin", "version"}, // a swap
		{"Models", "models"},   // a capital
		{"asserts", "assert"},  // one letter too many
		{"latncyms", "latency_ms"},
		{"p40", "p50"}, // of equally near ones the first
		{"zzz", ""},
		{"", ""},
		{"x", ""},
		{strings.Repeat("model", 20), ""},
	} {
		if got, ok := Closest(row.word, keys); got != row.want || ok != (row.want != "") {
			t.Errorf("Closest(%q) = %q, %v; want %q", row.word, got, ok, row.want)
		}
	}
	if got := distance([]rune("ab"), []rune("ba")); got != 1 {
		t.Errorf("distance(ab, ba) = %d; want 1: a swap counts once", got)
	}
}

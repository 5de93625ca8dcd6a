package record_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/record"
)

const bad = "\uFFFD"

func TestClean(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"plain, é, 語, 🚢", "plain, é, 語, 🚢"},
		{"tab\tand\nnewline", "tab\tand\nnewline"},
		{"one\r\ntwo\rthree", "one\ntwo" + bad + "three"},
		{"\x1b[31mred\x07\x00", bad + "[31mred" + bad + bad},
		{"c1 \u0085 and del \x7f", "c1 " + bad + " and del " + bad},
		{"\xffbroken\xc3", bad + "broken" + bad},
		{"\xed\xa0\x80 a surrogate", bad + bad + bad + " a surrogate"},
		{"a\u202Eb\u2066c\u200Fd\u061Ce", "a" + bad + "b" + bad + "c" + bad + "d" + bad + "e"},
		{"z\u200Be\u200Cr\u200Do\u2060\uFEFF\u00AD\u180E", "z" + bad + "e" + bad + "r" + bad + "o" + bad + bad + bad + bad},
		{"tags \U000E0041\U000E0001", "tags " + bad + bad},
		{"line\u2028and\u2029paragraph", "line" + bad + "and" + bad + "paragraph"},
		{"\uFFFE\uFFFF", bad + bad},
		{"<b>&\"'", "<b>&\"'"},
	}
	for _, tt := range tests {
		if got := record.Clean(tt.in); got != tt.want {
			t.Errorf("Clean(%q) = %q; want %q", tt.in, got, tt.want)
		}
		if got := record.CleanAll(tt.in); got != tt.want {
			t.Errorf("CleanAll(%q) = %q; want %q", tt.in, got, tt.want)
		}
	}
	if got, want := record.CleanLine("one\r\ntwo\tthree\x00"), "one two three"+bad; got != want {
		t.Errorf("CleanLine = %q; want %q", got, want)
	}
}

func TestCleanCutsLongTexts(t *testing.T) {
	const most = 4096
	tests := []struct {
		name, in string
		want     string // the end of what is kept
	}{
		{"as long as is kept", strings.Repeat("a", most), "aaa"},
		{"one byte more", strings.Repeat("a", most+1), "a..."},
		{"a cut inside of a letter", strings.Repeat("a", most-4) + "語語語", "a..."},
		{"nothing but broken bytes", strings.Repeat("\x80", 5000), bad + "..."},
		{"grows by being cleaned", strings.Repeat("\x00", most), bad + "..."},
	}
	for _, tt := range tests {
		got := record.Clean(tt.in)
		if len(got) > most || !strings.HasSuffix(got, tt.want) || !utf8.ValidString(got) {
			t.Errorf("%s: Clean keeps %d bytes that end with %q; want at most %d that end with %q", tt.name, len(got), got[max(0, len(got)-8):], most, tt.want)
		}
		if again := record.Clean(got); again != got {
			t.Errorf("%s: Clean changes what it made: %d bytes became %d", tt.name, len(got), len(again))
		}
	}
	if got := record.CleanAll(strings.Repeat("a", 10*most)); len(got) != 10*most {
		t.Errorf("CleanAll keeps %d bytes; want all %d", len(got), 10*most)
	}
}

func TestCleanOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "text")
		checkClean(t, strings.Repeat(s, rapid.SampledFrom([]int{1, 1, 500}).Draw(t, "times")))
	})
}

func FuzzClean(f *testing.F) {
	f.Add("plain")
	f.Add("\r\r\n\x1b[0m\u202E")
	f.Add(strings.Repeat("\x80", 5000))
	f.Add(strings.Repeat("a", 4094) + "語")
	f.Fuzz(func(t *testing.T, s string) { checkClean(t, s) })
}

// checkClean holds what Clean makes against its contract.
func checkClean(t failer, s string) {
	t.Helper()
	got := record.Clean(s)
	if !utf8.ValidString(got) {
		t.Fatalf("Clean(%q) = %q; want valid UTF-8", s, got)
	}
	for _, r := range got {
		if r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			t.Fatalf("Clean(%q) = %q; want it without %U", s, got, r)
		}
	}
	if len(got) > 4096 {
		t.Fatalf("Clean(%q) keeps %d bytes; want at most 4096", s, len(got))
	}
	if again := record.Clean(got); again != got {
		t.Fatalf("Clean(%q) = %q, and of that %q; want the same", s, got, again)
	}
	if line := record.CleanLine(s); strings.ContainsAny(line, "\n\t") {
		t.Fatalf("CleanLine(%q) = %q; want one line", s, line)
	}
}

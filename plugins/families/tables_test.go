package families

import (
	"slices"
	"testing"
	"time"
)

// Every row of facts is reached by the ids that it is for: none stands behind
// a wider one.
func TestNoRowOfFactsIsShadowed(t *testing.T) {
	var priced, limited []string
	for _, p := range prices {
		priced = append(priced, p.match)
		if p.input <= 0 || p.output < 0 || p.cacheRead < 0 || p.cacheWrite < 0 {
			t.Errorf("the price of %s is none: %+v", p.match, p)
		}
		if p.cacheRead >= p.input || p.cacheWrite > 0 && p.cacheWrite < p.input {
			t.Errorf("%s: reading a cache costs %v and writing it %v; want less and more than the input's %v", p.match, p.cacheRead, p.cacheWrite, p.input)
		}
	}
	for _, l := range limits {
		limited = append(limited, l.match)
		if l.context <= 0 || l.output < 0 || l.output > l.context {
			t.Errorf("the limits of %s make no sense: %+v", l.match, l)
		}
	}
	for _, table := range [][]string{priced, limited} {
		for i, match := range table {
			if first := slices.IndexFunc(table, func(m string) bool { return isOf(match, m) }); first != i {
				t.Errorf("row %s is hidden behind row %s", match, table[first])
			}
		}
	}
	for i, b := range burndowns {
		// The newest facts are those of a run that begins now.
		if b.from.After(time.Now()) {
			t.Errorf("the burndown of %s holds only from %s on: add it when it does", b.match, b.from)
		}
		if b.rate < 1 {
			t.Errorf("the burndown of %s is %v; want at least 1", b.match, b.rate)
		}
		for _, before := range burndowns[:i] {
			if wider := len(before.match) <= len(b.match) && b.match[:len(before.match)] == before.match; wider && !before.from.After(b.from) {
				t.Errorf("row %s of %s is hidden behind row %s of %s", b.match, b.from, before.match, before.from)
			}
		}
	}
}

func TestIsOf(t *testing.T) {
	for _, c := range []struct {
		base, match string
		want        bool
	}{
		{"anthropic.claude-opus-5", "anthropic.claude-opus-5", true},
		{"anthropic.claude-opus-5-v1:0", "anthropic.claude-opus-5", true},
		{"anthropic.claude-opus-5-20261101-v1:0", "anthropic.claude-opus-5", true},
		{"anthropic.claude-opus-5-5", "anthropic.claude-opus-5", false},
		{"anthropic.claude-opus-5-5-20261101-v1:0", "anthropic.claude-opus-5", false},
		{"openai.gpt-oss-20b-1:0", "openai.gpt-oss-20b", true},
		{"meta.llama4-scout-17b-instruct-v1:0", "meta.llama4-scout", true},
		{"anthropic.claude-3-haiku-20240307-v1:0:200k", "anthropic.claude-3-", true},
		{"anthropic.claude-3", "anthropic.claude-3-", false},
		{"", "amazon.nova", false},
	} {
		if got := isOf(c.base, c.match); got != c.want {
			t.Errorf("isOf(%q, %q) = %v; want %v", c.base, c.match, got, c.want)
		}
	}
}

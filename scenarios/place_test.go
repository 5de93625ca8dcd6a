package scenarios

import (
	"fmt"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

// loadExpression loads a scenario whose one assertion is the given YAML and returns the node of its expression.
func loadExpression(t testing.TB, assertion string) (*Node, string) {
	t.Helper()
	src := minimal + "assert:\n" + assertion
	s, problems := Load("place.yaml", []byte(src), testLanguage())
	if len(problems) > 0 || len(s.Assert) != 1 {
		t.Fatalf("cannot load:\n%s", Render("place.yaml", []byte(src), problems))
	}
	return s.Assert[0].ExprNode, src
}

// Each expression has the word needle once, and the place of its first letter is known by looking for it in the file.
func TestPlaceInEveryScalarStyle(t *testing.T) {
	for _, row := range []struct{ style, assertion string }{
		{"plain", "  - expr: needle > 1\n"},
		{"plain, in the middle", "  - expr: a > 1 and needle > 1\n"},
		{"plain in a flow mapping", "  - {name: n, expr: a > needle}\n"},
		{"plain over two lines", "  - expr: a > 1 and\n      needle > 1\n"},
		{"plain over two lines with blanks at the end", "  - expr: a > 1 and  \t \n      needle > 1\n"},
		{"plain over an empty line", "  - expr: a > 1 and\n\n\n      needle > 1\n"},
		{"plain, before a comment", "  - expr: a > needle # not here\n"},
		{"plain after wide characters", "  - {name: 日本語, expr: a > needle}\n"},
		{"plain on the next line", "  - expr:\n      a > needle\n"},
		{"single quotes", "  - expr: 'a > needle'\n"},
		{"single quotes with a quote in them", "  - expr: 'a == ''x'' and needle > 1'\n"},
		{"single quotes over lines", "  - expr: 'a > 1\n\n      and\n      needle > 1'\n"},
		{"double quotes", "  - expr: \"a > needle\"\n"},
		{"double quotes with escapes before", `  - expr: "\"\\\t\x41\u00e9\U0001F600 needle"` + "\n"},
		{"double quotes over lines", "  - expr: \"a > 1\n      and needle > 1\"\n"},
		{"double quotes with an escaped line break", "  - expr: \"a > 1 \\\n      and needle > 1\"\n"},
		{"double quotes with an escaped line break and an empty line", "  - expr: \"a\\\n\n      \\  needle\"\n"},
		{"literal", "  - expr: |\n      a > 1\n      and needle > 1\n"},
		{"literal, more indented", "  - expr: |\n      a > 1\n         and needle > 1\n"},
		{"literal, with an empty line", "  - expr: |-\n\n      a > 1\n\n      and needle > 1\n"},
		{"literal, with its indentation said", "  - expr: |2\n       a > 1\n      and needle > 1\n"},
		{"literal, kept, with a comment", "  - expr: |+ # why\n      a > 1\n      and needle > 1\n\n"},
		{"literal, with tabs and wide characters", "  - expr: |\n      a == \"日\"\tand needle > 1\n"},
		{"folded", "  - expr: >\n      a > 1\n      and needle > 1\n"},
		{"folded and stripped, with an empty line", "  - expr: >-\n      a > 1\n\n      and needle > 1\n"},
		{"folded, more indented lines are kept", "  - expr: >\n      a > 1\n        and b > 1\n      and needle > 1\n"},
		{"folded, first line more indented", "  - expr: >2\n         a > 1\n      and needle > 1\n"},
		{"folded, with its indentation said", "  - expr: >2-\n      a > 1\n      and needle > 1\n"},
		{"literal, before another key", "  - expr: |\n      a > 1\n      and needle > 1\n    severity: warn\n"},
		{"literal, kept, before another key", "  - expr: |+\n      a > 1\n      and needle > 1\n\n    severity: warn\n"},
		{"literal, before a comment and another key", "  - expr: |\n      a > 1\n      and needle > 1\n  # why\n    severity: warn\n"},
		{"folded, before another key", "  - expr: >\n      a > 1\n      and needle > 1\n    severity: warn\n"},
	} {
		for _, lineBreak := range []string{"\n", "\r\n"} {
			t.Run(fmt.Sprintf("%s%q", row.style, lineBreak), func(t *testing.T) {
				node, src := loadExpression(t, strings.ReplaceAll(row.assertion, "\n", lineBreak))
				before, _, found := strings.Cut(node.Text(), "needle")
				if !found {
					t.Fatalf("the expression %q has no needle", node.Text())
				}
				if got, want := node.Place(len([]rune(before))), placeOf(src, "needle"); got != want {
					t.Errorf("Place of needle in %q = %v; want %v", node.Text(), got, want)
				}
			})
		}
	}
}

func placeOf(src, word string) Pos {
	for i, line := range newSource([]byte(src)).lines {
		if before, _, found := strings.Cut(line, word); found {
			return Pos{i + 1, len([]rune(before)) + 1}
		}
	}
	return Pos{}
}

func TestPlaceAtTheEdges(t *testing.T) {
	node, _ := loadExpression(t, "  - expr: |\n      ab\n")
	begin, end := Pos{9, 7}, Pos{9, 9}
	for _, row := range []struct {
		offset int
		want   Pos
		why    string
	}{
		{0, begin, "the first character"},
		{-5, begin, "an offset below 0 is the first character"},
		{2, end, "the line break"},
		{3, Pos{10, 1}, "behind the last character, which is a line break at the end of the file"},
		{99, Pos{10, 1}, "an offset above the length"},
	} {
		if got := node.Place(row.offset); got != row.want {
			t.Errorf("Place(%d) = %v; want %v: %s", row.offset, got, row.want, row.why)
		}
	}
	var none *Node
	if got := none.Place(3); !got.IsZero() {
		t.Errorf("Place of what is not written = %v; want the zero place", got)
	}
	if got := (form{keys: requestKeys}).get("prompt").Place(3); !got.IsZero() {
		t.Errorf("Place in a default = %v; want the zero place", got)
	}
}

func TestPlaceFallsBackToTheStart(t *testing.T) {
	// An anchor is refused, but the value behind it is bound; its place begins at the anchor, so nothing in it can be counted.
	src := minimal + "assert:\n  - expr: &a b > 1\n"
	s, problems := Load("place.yaml", []byte(src), testLanguage())
	if len(problems) != 1 || len(s.Assert) != 1 {
		t.Fatalf("problems = %v; want the anchor only", problems)
	}
	node := s.Assert[0].ExprNode
	if got := node.Place(4); got != node.Pos() || got.IsZero() {
		t.Errorf("Place(4) = %v; want %v, where the value begins", got, node.Pos())
	}
}

// Whatever text is written in whatever style, each letter of it is found where it stands.
func TestPlaceOfEveryLetter(t *testing.T) {
	styles := []yaml.Style{0, yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle, yaml.LiteralStyle, yaml.FoldedStyle}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("aZ0 >\n\t'\"\\é日:#-{")), 1, 60, -1).Filter(func(s string) bool {
			return strings.Trim(s, " \n\t") != ""
		}).Draw(t, "text")
		value := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Style: rapid.SampledFrom(styles).Draw(t, "style")}
		written, err := yaml.Marshal(map[string]any{"assert": []any{map[string]any{"expr": value}}})
		if err != nil {
			t.Fatal(err)
		}
		src := []byte(minimal + string(written))
		s, problems := Load("place.yaml", src, testLanguage())
		if len(problems) > 0 {
			t.Skip("the YAML library wrote what it cannot read")
		}
		node, lines := s.Assert[0].ExprNode, newSource(src)
		for i, r := range []rune(node.Text()) {
			line, ok := lines.runes(node.Place(i).Line)
			at := node.Place(i).Column - 1
			if strings.ContainsRune("aZ0>é日:#-{'", r) && (!ok || at >= len(line) || line[at] != r) {
				t.Fatalf("Place(%d) = %v; no %q there in\n%s", i, node.Place(i), r, written)
			}
		}
	})
}

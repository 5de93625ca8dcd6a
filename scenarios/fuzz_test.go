package scenarios

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// Whatever the bytes are: no panic, every problem inside the file, and nothing printed that a terminal would obey.
func FuzzLoad(f *testing.F) {
	for _, file := range append(matches(f, "testdata/err/*.yaml"), matches(f, "testdata/ok/*.yaml")...) {
		f.Add(read(f, file))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		s, problems := Load("fuzz.yaml", src, testLanguage())
		if s == nil && len(problems) == 0 {
			t.Fatal("neither a scenario nor a problem")
		}
		lines := newSource(src)
		for _, p := range problems {
			line, ok := lines.runes(p.Pos.Line)
			if !ok || p.Pos.Column < 1 || p.Pos.Column > len(line)+1 {
				t.Errorf("%q at %v, which is not in the file", p.Message, p.Pos)
			}
			if p.Code == "" || p.Message == "" || p.Width < 0 {
				t.Errorf("an incomplete problem: %+v", p)
			}
		}
		if s != nil {
			for _, a := range s.Assert {
				length := len([]rune(a.Expr.Value))
				for _, i := range []int{0, length / 2, length} {
					if line, ok := lines.runes(a.ExprNode.Place(i).Line); !ok || a.ExprNode.Place(i).Column > len(line)+1 {
						t.Errorf("character %d of an expression at %v, which is not in the file", i, a.ExprNode.Place(i))
					}
				}
			}
		}
		out := Render("fuzz.yaml", src, problems)
		if !utf8.ValidString(out) {
			t.Error("the rendering is not valid UTF-8")
		}
		if i := strings.IndexFunc(out, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }); i >= 0 {
			t.Errorf("the rendering has the control character %q", out[i])
		}
	})
}

// BenchmarkLoad loads a scenario of 1,000 lines: 100 models, 100 load steps, and assertions.
func BenchmarkLoad(b *testing.B) {
	src := thousandLines()
	if _, problems := Load("b", src, testLanguage()); len(problems) > 0 {
		b.Fatalf("problems: %v", problems)
	}
	lang := testLanguage()
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		Load("b", src, lang)
	}
}

func thousandLines() []byte {
	var out strings.Builder
	out.WriteString("version: 1\nname: long\nmodels:\n")
	for i := range 100 {
		fmt.Fprintf(&out, "  m%d:\n    id: anthropic.claude-3-haiku-20240307-v1:0\n    request: {max_tokens: 5}\n", i)
	}
	out.WriteString("steps:\n")
	for i := range 100 {
		fmt.Fprintf(&out, "  - load:\n      name: s%d\n      models: [m%d]\n      ramp: [{to: 60 rpm, over: 1m}]\n", i, i)
	}
	out.WriteString("assert:\n")
	for i := range 145 {
		fmt.Fprintf(&out, "  - expr: load.throttle_rate <= 0.%d1\n    severity: warn\n", i)
	}
	out.WriteString("report:\n  formats:\n    - json\n    - svg\n    - html\n")
	return []byte(out.String())
}

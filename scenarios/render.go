package scenarios

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxColumns is the most of a source line that is shown: a file may be one line of a megabyte.
const maxColumns = 200

// Render draws problems for people, each with its source line and a caret:
//
//	gate.yaml:4:1: unknown key "asserts" [unknown-key]
//	    4 | asserts: []
//	      | ^~~~~~~
//	      = help: did you mean "assert"?
//
// The result is safe to print: control characters and those that turn or hide text are replaced by visible ones.
// A problem without a place has no source line.
func Render(file string, src []byte, p Problems) string {
	var out strings.Builder
	source := newSource(src)
	for _, problem := range p {
		fmt.Fprintf(&out, "%s:%s\n", visible(file), problem.line())
		if line, ok := source.runes(problem.Pos.Line); ok {
			text, caret := excerpt(line, problem.Pos.Column-1, max(problem.Width, 1))
			fmt.Fprintf(&out, "%5d | %s\n      | %s\n", problem.Pos.Line, text, caret)
		}
		if problem.Hint != "" {
			fmt.Fprintf(&out, "      = help: %s\n", visible(problem.Hint))
		}
	}
	return out.String()
}

// excerpt shows the part of a line around the caret, and the line of carets below it. Tabs stay tabs in both, so that
// the caret is right whatever a tab is worth.
func excerpt(line []rune, at, width int) (text, caret string) {
	at = min(max(at, 0), len(line))
	from := excerptStart(line, at)
	var top, bottom strings.Builder
	used := 0
	if from > 0 {
		top.WriteString("…")
		bottom.WriteByte(' ')
		used++
	}
	for i := from; i <= len(line); i++ {
		r, cells := ' ', 1
		if i < len(line) {
			r = visibleRune(line[i])
			cells = runeColumns(r)
		}
		if used+cells >= maxColumns || i-from >= maxColumns {
			top.WriteString("…")
			break
		}
		used += cells
		if i < len(line) {
			top.WriteRune(r)
		}
		switch {
		case i == at:
			bottom.WriteString("^" + strings.Repeat("~", max(cells-1, 0)))
		case i > at && i < at+width && i < len(line):
			bottom.WriteString(strings.Repeat("~", cells))
		case i < at && r == '\t':
			bottom.WriteByte('\t')
		case i < at:
			bottom.WriteString(strings.Repeat(" ", cells))
		}
	}
	return strings.TrimRight(top.String(), " \t"), bottom.String()
}

// excerptStart is the first character of a line to show so that the caret is seen. It looks at no more of the line than could be shown, as
// there may be a thousand problems in one line of a megabyte.
func excerptStart(line []rune, at int) int {
	if len(line) < maxColumns && columns(line) < maxColumns {
		return 0
	}
	from := at
	for used := 0; from > 0 && used < maxColumns/2 && at-from < maxColumns/2; from-- {
		used += runeColumns(visibleRune(line[from-1]))
	}
	return from
}

// visible makes a text safe to print in one line of a terminal, a log or a page.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return '␉'
		}
		return visibleRune(r)
	}, strings.ToValidUTF8(text, string(utf8.RuneError)))
}

// visibleRune replaces what a terminal would obey or hide. A tab is left alone: it is part of how a source line looks.
func visibleRune(r rune) rune {
	switch {
	case r == '\t':
		return r
	case r < 0x20:
		return '␀' + r
	case r == 0x7f:
		return '␡'
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point):
		return utf8.RuneError
	}
	return r
}

func columns(line []rune) int {
	sum := 0
	for _, r := range line {
		sum += runeColumns(visibleRune(r))
	}
	return sum
}

// runeColumns is how many columns of a terminal a character takes: none for a mark that joins the one before it, two for the
// wide scripts of East Asia and for most pictures.
func runeColumns(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case r >= 0x1100 && r <= 0x115f, // Hangul leading consonants
		r >= 0x2e80 && r <= 0x303e,   // CJK radicals and punctuation
		r >= 0x3041 && r <= 0xa4cf,   // Kana to Yi
		r >= 0xac00 && r <= 0xd7a3,   // Hangul syllables
		r >= 0xf900 && r <= 0xfaff,   // CJK compatibility
		r >= 0xfe30 && r <= 0xfe6f,   // vertical and small forms
		r >= 0xff00 && r <= 0xff60,   // full-width forms
		r >= 0xffe0 && r <= 0xffe6,   // full-width signs
		r >= 0x1f300 && r <= 0x1f64f, // pictures
		r >= 0x1f680 && r <= 0x1f6ff,
		r >= 0x1f900 && r <= 0x1f9ff,
		r >= 0x20000 && r <= 0x3fffd: // rare ideographs
		return 2
	}
	return 1
}

package sim

import (
	"fmt"
	"sort"
	"strings"
)

// A Problem is one thing that is wrong with an account file.
type Problem struct {
	File         string
	Line, Column int    // 1-based; the column counts characters
	Message      string // what is wrong
	Hint         string // a way out
	Source       string // the source line
}

// Problems are all problems of a file, sorted by place.
type Problems []Problem

// Error is every problem as "file:line:col: message", the source line with a
// caret under the place, and the way out.
func (ps Problems) Error() string {
	texts := make([]string, len(ps))
	for i, p := range ps {
		texts[i] = p.String()
	}
	return strings.Join(texts, "\n")
}

// String is the problem on several lines, without a newline at the end.
func (p Problem) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
	if strings.TrimSpace(p.Source) != "" {
		source, column := excerpt(p.Source, p.Column)
		number := fmt.Sprint(p.Line)
		fmt.Fprintf(&b, "\n  %s | %s", number, source)
		fmt.Fprintf(&b, "\n  %s | %s^", strings.Repeat(" ", len(number)), strings.Repeat(" ", column-1))
	}
	if p.Hint != "" {
		fmt.Fprintf(&b, "\n  %s", p.Hint)
	}
	return b.String()
}

// excerpt makes a source line fit for a terminal: control characters become
// spaces, and of a long line only the part around the column is kept.
func excerpt(source string, column int) (string, int) {
	const widest, before = 120, 60
	line := []rune(source)
	for i, r := range line {
		if r < ' ' || r == 0x7f {
			line[i] = ' '
		}
	}
	column = max(1, min(column, len(line)+1))
	if len(line) <= widest {
		return strings.TrimRight(string(line), " "), column
	}
	from := max(0, min(column-1-before, len(line)-widest))
	to := min(len(line), from+widest)
	cut := string(line[from:to])
	column -= from
	if from > 0 {
		cut, column = "..."+cut, column+3
	}
	if to < len(line) {
		cut += "..."
	}
	return cut, column
}

func (ps Problems) sort() {
	sort.SliceStable(ps, func(i, j int) bool {
		if ps[i].Line != ps[j].Line {
			return ps[i].Line < ps[j].Line
		}
		return ps[i].Column < ps[j].Column
	})
}

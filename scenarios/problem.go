package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Pos is a place in the scenario file. Lines and columns count from 1; a column is one character (rune), so that a tab or a
// wide character is one column. The zero value means "not in the file".
type Pos struct{ Line, Column int }

// IsZero says whether the place is outside of the file, as it is for a default.
func (p Pos) IsZero() bool { return p == Pos{} }

func (p Pos) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

// At is a value with its place. If Pos is zero, the file does not say it and Value is the default.
type At[T any] struct {
	Value T
	Pos   Pos
}

// Written says whether the value stands in the file.
func (a At[T]) Written() bool { return !a.Pos.IsZero() }

// A Problem is one thing wrong in a file: where, what, and a way out.
type Problem struct {
	Pos     Pos
	Width   int    // characters under the caret; 0 means 1
	Code    string // a short kebab-case word that names the kind of problem and does not change, such as unknown-key
	Message string
	Hint    string // the way out; may be empty
}

// Problems are the problems of one file. They are an error when there is at least one.
type Problems []Problem

// Error gives one line a problem, without the file's name: `line:col: message [code]`.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = strings.TrimSpace(problem.line())
	}
	return strings.Join(lines, "\n")
}

// Sort orders the problems by line, column and code, and drops those that are exactly alike. It returns the result.
func (p Problems) Sort() Problems {
	slices.SortFunc(p, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Message, b.Message),
			cmp.Compare(a.Hint, b.Hint),
			cmp.Compare(a.Width, b.Width),
		)
	})
	return slices.Compact(p)
}

// line is what follows the file's name and a colon.
func (p Problem) line() string {
	place := ""
	if !p.Pos.IsZero() {
		place = p.Pos.String() + ":"
	}
	return fmt.Sprintf("%s %s [%s]", place, visible(p.Message), visible(p.Code))
}

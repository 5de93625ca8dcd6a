package scenarios

import (
	"fmt"
	"regexp"
	"sort"
	"strings"
)

// maxSearched is the size of a text up to which the place of a syntax error is searched for by parsing parts of it again.
const maxSearched = 256 << 10

// syntaxErrors turn what the YAML library says into plain words. A row matches where the library's message contains its text.
var syntaxErrors = []struct{ text, message, hint string }{
	{"did not find expected key", "this does not fit into the mapping around it",
		"check the indentation: the keys of one mapping begin in the same column; text after a closing quote is not allowed"},
	{"did not find expected '-' indicator", "this does not fit into the list around it", "check the indentation: the items of one list begin in the same column"},
	{"mapping values are not allowed", "a key cannot stand here", "check the indentation of this line; a value that contains `: ` is put in quotes"},
	{"could not find expected ':'", "a key without a colon", "write `key: value`"},
	{"found character that cannot start any token", "a value cannot begin with this character", "indent with blanks, not tabs; put a value that begins with @, ` or % in quotes"},
	{"found a tab character", "a tab cannot indent", "indent with blanks"},
	{"did not find expected ',' or ']'", "a list that begins with [ is not closed, or a comma is missing", "write [a, b]"},
	{"did not find expected ',' or '}'", "a mapping that begins with { is not closed, or a comma is missing", "write {key: value, key: value}"},
	{"found unexpected end of stream", "a text in quotes is not closed", "add the closing quote"},
	{"found unknown escape character", "an unknown escape in double quotes", `write \\ for a backslash, or use single quotes`},
	{"block sequence entries are not allowed", "a list item cannot begin here", "put the - on a line of its own, or in quotes"},
	{"did not find expected node content", "a value is missing here", "put a value that begins with a special character in quotes"},
	{"did not find expected alphabetic or numeric character", "a value cannot begin with * or &", "put it in quotes"},
	{"did not find expected comment or line break", "only a comment may follow here", "begin the text on the next line"},
	{"exceeded max depth", "values are nested too deeply", "at most 50 levels are read"},
}

var unknownAnchor = regexp.MustCompile(`unknown anchor '(.*)' referenced`)

// syntaxProblem says in plain words, and at the right place, why the text is no YAML.
func syntaxProblem(s *source, err error) *Problem {
	pos := syntaxPlace(s, err)
	problem := &Problem{Pos: s.inside(pos), Code: "syntax", Message: "this is not YAML: " + plainError(err),
		Hint: "check quotes, brackets and indentation around this place"}
	if name := unknownAnchor.FindStringSubmatch(err.Error()); name != nil {
		// The place found is the last character of the name.
		width := len([]rune(name[1])) + 1
		problem.Pos = s.inside(Pos{pos.Line, pos.Column - width + 1})
		problem.Width, problem.Code, problem.Message, problem.Hint = width, "alias", "aliases are not used in scenarios", aliasHint
		return problem
	}
	text := err.Error()
	if line, ok := s.runes(pos.Line); ok && pos.Column <= len(line) && line[pos.Column-1] == '\t' {
		text = "found a tab character"
	}
	for _, row := range syntaxErrors {
		if strings.Contains(text, row.text) {
			problem.Message, problem.Hint = row.message, row.hint
			return problem
		}
	}
	return problem
}

var reportedLine = regexp.MustCompile(`^(yaml: )?(line \d+: )?`)

func plainError(err error) string {
	return reportedLine.ReplaceAllString(err.Error(), "")
}

// syntaxPlace finds where the text stops being YAML. The library reports the line where the broken construct began, in some cases one
// too low, and no column. But it reads from left to right and stops at the first error: so the place is the
// shortest beginning of the text that already fails in the same way, found by halving.
func syntaxPlace(s *source, err error) Pos {
	if len(s.text) > maxSearched {
		return reported(err)
	}
	want := firstError(s.text)
	lines := sort.Search(len(s.lines), func(n int) bool { return firstError(s.head(n+1, -1)) == want }) + 1
	runes, ok := s.runes(lines)
	if !ok {
		return reported(err)
	}
	column := sort.Search(len(runes), func(n int) bool { return firstError(s.head(lines, n+1)) == want }) + 1
	return Pos{lines, column}
}

// firstError is the library's message for a text. A comment goes before it, as the library gives no line for what begins in the first.
func firstError(text string) string {
	if _, err := readDocuments("#\n" + text); err != nil {
		return err.Error()
	}
	return ""
}

// head is the beginning of the text up to a line, of which it has so many characters (-1: all).
func (s *source) head(line, columns int) string {
	text := strings.Join(s.lines[:line-1], "\n")
	if line > 1 {
		text += "\n"
	}
	last := s.lines[line-1]
	if columns >= 0 {
		runes := []rune(last)
		last = string(runes[:min(columns, len(runes))])
	}
	return text + last
}

func reported(err error) Pos {
	var line int
	if _, missing := fmt.Sscanf(strings.TrimPrefix(err.Error(), "yaml: "), "line %d:", &line); missing != nil {
		line = 1
	}
	return Pos{line, 1}
}

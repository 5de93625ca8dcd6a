package scenarios

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxSize is the most bytes a scenario may have. A thousand models and steps fit ten times over.
const maxSize = 1 << 20

const byteOrderMark = "\ufeff"

// source is the text of a file as YAML counts it: without a byte order mark, in lines.
type source struct {
	text  string
	lines []string // without their line breaks

	// The line last asked for, as characters. Problems come in order, and many may stand on one long line.
	cached int
	line   []rune
}

func newSource(src []byte) *source {
	s := &source{text: string(bytes.TrimPrefix(src, []byte(byteOrderMark)))}
	rest := s.text
	for {
		at, width := nextBreak(rest)
		if width == 0 {
			s.lines = append(s.lines, rest)
			return s
		}
		s.lines = append(s.lines, rest[:at])
		rest = rest[at+width:]
	}
}

// runes gives the characters of a line (from 1), and whether the file has that line.
func (s *source) runes(line int) ([]rune, bool) {
	if line < 1 || line > len(s.lines) {
		return nil, false
	}
	if s.cached != line {
		s.cached, s.line = line, []rune(s.lines[line-1])
	}
	return s.line, true
}

// inside moves a place that a parser gave for something empty back into the file.
func (s *source) inside(p Pos) Pos {
	line := min(max(p.Line, 1), len(s.lines))
	runes, _ := s.runes(line)
	if p.Line > line {
		return Pos{line, len(runes) + 1}
	}
	return Pos{line, min(max(p.Column, 1), len(runes)+1)}
}

// check refuses bytes that are no text, before any parser sees them.
func (s *source) check(src []byte) *Problem {
	start := Pos{1, 1}
	switch {
	case len(src) > maxSize:
		return &Problem{Pos: start, Code: "too-large", Message: fmt.Sprintf("the scenario has %d bytes; at most %d are read", len(src), maxSize),
			Hint: "split it into several scenarios"}
	case bytes.HasPrefix(src, []byte{0xff, 0xfe}), bytes.HasPrefix(src, []byte{0xfe, 0xff}):
		return &Problem{Pos: start, Code: "bad-encoding", Message: "the file is UTF-16", Hint: "save it as UTF-8"}
	}
	for i, line := range s.lines {
		column := 1
		for at, r := range line {
			if message := refusedRune(line[at:], r); message != "" {
				return &Problem{Pos: Pos{i + 1, column}, Code: "bad-encoding", Message: message,
					Hint: `save the file as UTF-8; inside double quotes a control character is written as an escape, such as "\e"`}
			}
			column++
		}
	}
	return nil
}

// refusedRune says why a character cannot stand in a YAML file, or nothing.
func refusedRune(rest string, r rune) string {
	switch {
	case r == utf8.RuneError && !strings.HasPrefix(rest, string(utf8.RuneError)):
		return "the file is not valid UTF-8 here"
	case r == 0:
		return "a NUL character stands in the file"
	case r != '\t' && r < 0x20, r >= 0x7f && r < 0xa0, r == 0xfffe, r == 0xffff:
		return fmt.Sprintf("a control character (U+%04X) stands in the file", r)
	}
	return ""
}

// nextBreak finds the first line break and its width in bytes; a width of 0 means that there is none. The breaks are those of
// YAML 1.1, because line numbers come from a parser that counts them.
func nextBreak(text string) (at, width int) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\n':
			return i, 1
		case '\r':
			if strings.HasPrefix(text[i:], "\r\n") {
				return i, 2
			}
			return i, 1
		case 0xc2:
			if strings.HasPrefix(text[i:], "\u0085") {
				return i, 2
			}
		case 0xe2:
			if strings.HasPrefix(text[i:], "\u2028") || strings.HasPrefix(text[i:], "\u2029") {
				return i, 3
			}
		}
	}
	return 0, 0
}

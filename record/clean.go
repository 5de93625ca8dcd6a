package record

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxClean is the most that is kept of a text from outside, in bytes.
const maxClean = 4096

// Clean makes a text from outside (a name, an error message, a file's content)
// fit for every output: CRLF becomes a newline; invalid UTF-8, control
// characters but tab and newline, characters that are not seen (bidirectional
// controls, zero-width characters, tags) and the code points that XML forbids
// become U+FFFD; what is longer than 4 KB is cut. To clean a text twice changes
// nothing. Escaping for a format is the format's own work.
func Clean(s string) string {
	s = CleanAll(s)
	if len(s) <= maxClean {
		return s
	}
	const mark = "..."
	cut := maxClean - len(mark)
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + mark
}

// CleanAll is Clean without the cut, for texts that are kept whole.
func CleanAll(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if harmful(r) {
			return utf8.RuneError
		}
		return r
	}, s)
}

var breaks = strings.NewReplacer("\n", " ", "\t", " ")

// CleanLine is Clean with line breaks and tabs turned into spaces. Most texts
// need nothing, and every call has some.
func CleanLine(s string) string {
	if len(s) <= maxClean && printable(s) {
		return s
	}
	return breaks.Replace(Clean(s))
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func harmful(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case r < ' ':
		return true
	case r < 0x7F:
		return false
	case r == 0xFFFE, r == 0xFFFF:
		return true
	}
	// Controls, characters of format, and separators of lines and paragraphs.
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

package chart

import (
	"encoding/xml"
	"strings"

	"github.com/loadline-dev/loadline/record"
)

// fontFamily begins with three fonts of the same widths, so that what is
// measured here is what most viewers show.
const fontFamily = "Arial, Helvetica, 'Liberation Sans', sans-serif"

// The sizes of text, in pixels.
const (
	headingSize = 14
	textSize    = 12
	smallSize   = 11
	// boldly is how much wider bold text is, at most.
	boldly = 1.1
)

// escape makes a text fit for XML, on one line.
func escape(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(record.CleanLine(s))); err != nil {
		panic(err) // a Builder does not fail
	}
	return b.String()
}

// textWidth is the width of a text in pixels.
func textWidth(s string, size float64) float64 {
	sum := 0
	for _, r := range s {
		sum += advance(r)
	}
	return float64(sum) * size / 1000
}

// cut shortens a text so that it is at most so wide. Where not even three
// characters have room it is empty.
func cut(s string, size, room float64) string {
	s = record.CleanLine(s)
	if textWidth(s, size) <= room {
		return s
	}
	room -= textWidth("…", size)
	kept := 0
	for i, r := range s {
		room -= float64(advance(r)) * size / 1000
		if room < 0 {
			if kept < 3 {
				return ""
			}
			return strings.TrimRight(s[:i], " ") + "…"
		}
		kept++
	}
	return s
}

// broken breaks a text between words into lines that are at most so wide. A word
// that is wider is cut.
func broken(s string, size, room float64) (lines []string) {
	for _, word := range strings.Fields(record.CleanLine(s)) {
		if n := len(lines); n > 0 && textWidth(lines[n-1]+" "+word, size) <= room {
			lines[n-1] += " " + word
			continue
		}
		lines = append(lines, cut(word, size, room))
	}
	return lines
}

// advance is the width of a character in Arial, in thousandths of the size.
// What is not ASCII counts as a full square, the widest there is.
func advance(r rune) int {
	if i := int(r) - ' '; i >= 0 && i < len(advances) {
		return advances[i]
	}
	if r == '·' {
		return 333
	}
	return 1000
}

var advances = [...]int{
	278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, // space to /
	556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, // 0 to ?
	1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, // @ to O
	667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, // P to _
	333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, // ` to o
	556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, // p to ~
}

package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/loadline-dev/loadline/record"
)

// The control sequences (ECMA-48) of a picture that replaces the one before it
// line by line: the screen is never empty in between. There are no colours.
const (
	toTop     = "\x1b[H"
	restLine  = "\x1b[K" // clear to the end of the line
	restBelow = "\x1b[J" // clear to the end of the screen
)

// terminalSize tells the size of the terminal that is written to; nil where it is
// none.
func terminalSize(w io.Writer) func() (width, height int) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return func() (int, int) {
		width, height, err := term.GetSize(int(f.Fd()))
		if err != nil || width < 1 || height < 2 {
			return 80, 24
		}
		return width, height
	}
}

// draw puts the last reading and the lines told beside it on the screen.
func (v *view) draw(notes []string) error {
	width, height := v.size()
	read := v.last.Ended
	lines := fold(fmt.Sprintf("loadline monitor  read %s UTC, every %s", read.UTC().Format(time.TimeOnly), v.w.every), width)
	for _, n := range notes {
		lines = append(lines, fold(n, width)...)
	}
	lines = append(lines, "")
	lines = append(lines, readingWithin(v.last, width)...)
	lines = append(lines, "")
	lines = append(lines, fold(v.price, width)...)
	if most := height - 1; len(lines) > most {
		lines = append(lines[:most-1], fold(fmt.Sprintf("and %d lines more", len(lines)-most+1), width)[0])
	}
	picture := toTop
	for _, line := range lines {
		picture += record.CleanLine(line) + restLine + "\n"
	}
	_, err := io.WriteString(v.c.Stdout, picture+restBelow)
	return err
}

// readingWithin is the text of a reading in lines no longer than width. A table
// that is wider becomes a list.
func readingWithin(r *record.Run, width int) (lines []string) {
	s := monitorStep(r)
	if s == nil {
		return fold("no calls to show", width)
	}
	lines = append(fold(windowInWords(s.Window), width), "")
	lines = append(lines, usageSheet(r).within(width)...)
	if parts := partSheet(r); len(parts.rows) > 0 {
		lines = append(append(lines, "", "Usage by id"), parts.within(width)...)
	}
	if tiered(r) {
		lines = append(lines, fold(tiersAreParts, width)...)
	}
	return lines
}

// within is a sheet in lines no longer than width: a table where that fits, or
// else of each row its cells, one a line.
func (s sheet) within(width int) (lines []string) {
	var b strings.Builder
	s.text(&b)
	fits := true
	for line := range strings.Lines(b.String()) {
		line = strings.TrimSuffix(line, "\n")
		fits = fits && utf8.RuneCountInString(line) <= width
		lines = append(lines, line)
	}
	if fits {
		return lines
	}
	lines = nil
	for _, row := range s.rows {
		for i, cell := range row {
			if cell == "" {
				continue
			}
			if i > 0 {
				cell = "  " + s.head[i] + ": " + cell
			}
			lines = append(lines, fold(cell, width)...)
		}
	}
	return lines
}

// fold breaks a line at spaces so that each is no longer than width; a word that
// is longer is cut in pieces.
func fold(line string, width int) (lines []string) {
	rest := []rune(line)
	for len(rest) > width {
		at := width
		for i := width; i > width/2; i-- {
			if rest[i] == ' ' {
				at = i
				break
			}
		}
		lines = append(lines, strings.TrimRight(string(rest[:at]), " "))
		rest = []rune(strings.TrimLeft(string(rest[at:]), " "))
	}
	return append(lines, string(rest))
}

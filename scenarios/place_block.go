package scenarios

import "strings"

// blockIndent is how far the text of a literal (|) or folded (>) scalar is indented. The header may say it, but counts from the
// indentation of the parent, which is not known here; so the first line with text is compared with the value's.
func (n *Node) blockIndent() int {
	inFile := firstIndent(n.src.lines[min(n.pos.Line, len(n.src.lines)):])
	inValue := firstIndent(strings.Split(n.text, "\n"))
	return max(inFile-inValue, 0)
}

// firstIndent counts the blanks that the first line with text begins with.
func firstIndent(lines []string) int {
	for _, line := range lines {
		if text := strings.TrimLeft(line, " "); text != "" {
			return len(line) - len(text)
		}
	}
	return 0
}

// readBlock reads the lines below a block scalar's header. In a folded scalar a line break between two lines that begin with text is a
// blank, or nothing where empty lines follow, which then stand for themselves.
func readBlock(c *cursor, length, indent int, folded bool) []placedRune {
	var out, lineBreak, emptyLines []placedRune
	afterBlank := false
	c.nextLine()
	for len(out) < length && !c.atEnd() {
		c.skipIndent(indent)
		if c.peek(0) == 0 {
			emptyLines = append(emptyLines, placedRune{'\n', c.pos()})
			c.nextLine()
			continue
		}
		if c.column <= indent {
			break // less indented: the next key, or a comment
		}
		blank := c.peek(0) == ' ' || c.peek(0) == '\t'
		switch {
		case !folded || afterBlank || blank || len(lineBreak) == 0:
			out = append(out, lineBreak...)
		case len(emptyLines) == 0:
			out = append(out, placedRune{' ', lineBreak[0].pos})
		}
		out = append(out, emptyLines...)
		afterBlank, emptyLines = blank, nil
		for r := c.peek(0); r != 0; r = c.peek(0) {
			out = append(out, placedRune{r, c.pos()})
			c.column++
		}
		lineBreak = []placedRune{{'\n', c.pos()}}
		c.nextLine()
	}
	// What is left of the value is the chomped end: the last line break, and with `+` the empty lines.
	end := append(lineBreak, emptyLines...)
	for _, r := range end {
		if len(out) == length {
			return append(out, placedRune{0, r.pos})
		}
		out = append(out, r)
	}
	return append(out, placedRune{0, c.pos()})
}

func (c *cursor) skipIndent(indent int) {
	for c.column <= indent && c.peek(0) == ' ' {
		c.column++
	}
}

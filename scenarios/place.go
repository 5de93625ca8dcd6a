package scenarios

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// Place tells where a character of a text value stands in the file, so that a complaint about an expression can point at the
// very word. The offset counts characters (runes) of Text() from 0; the text's length, or more, is the place behind its last
// character. All scalar styles are followed over line ends and escapes. Where that fails, and for a value that is not in
// the file, the answer is Pos().
//
// The file is read again from the scalar's start by the rules of its style, each character with its place. Only when that gives the
// very text that the YAML parser gave are the places believed.
func (n *Node) Place(offset int) Pos {
	if n == nil || n.src == nil {
		return n.Pos()
	}
	text := []rune(n.text)
	placed := n.reread(len(text))
	if len(placed) != len(text)+1 || !slices.EqualFunc(placed[:len(text)], text, func(p placedRune, r rune) bool { return p.r == r }) {
		return n.pos
	}
	return n.src.inside(placed[min(max(offset, 0), len(text))].pos)
}

// placedRune is one character of a value and where it comes from.
type placedRune struct {
	r   rune
	pos Pos
}

// reread reads a scalar of so many characters from the file. The result has one element more, for the place behind the last character;
// if it has another length, the file does not read so.
func (n *Node) reread(length int) []placedRune {
	c := &cursor{src: n.src, line: n.pos.Line, column: n.pos.Column}
	switch {
	case n.style&yaml.SingleQuotedStyle != 0:
		return readFlow(c, length, '\'')
	case n.style&yaml.DoubleQuotedStyle != 0:
		return readFlow(c, length, '"')
	case n.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return readBlock(c, length, n.blockIndent(), n.style&yaml.FoldedStyle != 0)
	}
	return readFlow(c, length, 0)
}

// cursor walks the characters of the file.
type cursor struct {
	src          *source
	line, column int // from 1
}

func (c *cursor) pos() Pos { return Pos{c.line, c.column} }

// peek gives the character some places on in the line; 0 at the line's end and at the end of the file.
func (c *cursor) peek(ahead int) rune {
	line, ok := c.src.runes(c.line)
	if at := c.column - 1 + ahead; ok && at < len(line) {
		return line[at]
	}
	return 0
}

func (c *cursor) atEnd() bool { return c.line > len(c.src.lines) }

func (c *cursor) skipBlanks() {
	for c.peek(0) == ' ' || c.peek(0) == '\t' {
		c.column++
	}
}

func (c *cursor) nextLine() { c.line, c.column = c.line+1, 1 }

// readFlow reads a plain scalar (quote 0) or a quoted one. A single line break in it is a blank, each further one is a line break.
func readFlow(c *cursor, length int, quote rune) []placedRune {
	var out []placedRune
	if quote != 0 {
		c.column++
	}
	for len(out) < length && !c.atEnd() {
		at := c.pos()
		switch r := c.peek(0); {
		case r == 0 || (r == ' ' || r == '\t') && c.onlyBlanksFollow():
			out = append(out, c.fold(at)...)
		case r == '\\' && quote == '"' && c.peek(1) == 0:
			c.nextLine() // an escaped line break leaves nothing, and the blanks before it stay
			c.skipEmptyLines(&out)
		case r == '\\' && quote == '"':
			out = append(out, placedRune{c.escape(), at})
		case r == '\'' && quote == '\'':
			c.column += 2 // a quote is written twice
			out = append(out, placedRune{r, at})
		default:
			c.column++
			out = append(out, placedRune{r, at})
		}
	}
	return append(out, placedRune{0, c.pos()})
}

func (c *cursor) onlyBlanksFollow() bool {
	for ahead := 0; ; ahead++ {
		switch c.peek(ahead) {
		case 0:
			return true
		case ' ', '\t':
		default:
			return false
		}
	}
}

// fold passes a line's end and the blanks around it.
func (c *cursor) fold(at Pos) []placedRune {
	c.nextLine()
	var breaks []placedRune
	c.skipEmptyLines(&breaks)
	if len(breaks) == 0 {
		return []placedRune{{' ', at}}
	}
	return breaks
}

// skipEmptyLines passes empty lines, each of which is a line break of the value, and the indentation of the line after them.
func (c *cursor) skipEmptyLines(out *[]placedRune) {
	for !c.atEnd() && c.onlyBlanksFollow() {
		*out = append(*out, placedRune{'\n', c.pos()})
		c.nextLine()
	}
	c.skipBlanks()
}

// escape reads one escape of a double-quoted scalar.
func (c *cursor) escape() rune {
	const names = "0abt\tnvfre \"'\\N_LP"
	values := []rune("\x00\a\b\t\t\n\v\f\r\x1b \"'\\\u0085\u00a0\u2028\u2029")
	kind := c.peek(1)
	c.column += 2
	if i := slices.Index([]rune(names), kind); i >= 0 {
		return values[i]
	}
	digits := map[rune]int{'x': 2, 'u': 4, 'U': 8}[kind]
	value := rune(0)
	for range digits {
		value = value<<4 | hex(c.peek(0))
		c.column++
	}
	return value
}

func hex(r rune) rune {
	switch {
	case r >= '0' && r <= '9':
		return r - '0'
	case r >= 'a' && r <= 'f':
		return r - 'a' + 10
	case r >= 'A' && r <= 'F':
		return r - 'A' + 10
	}
	return 0
}

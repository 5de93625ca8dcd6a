package scenarios

import (
	"strings"
	"unicode"
)

// contentKeys are the keys of requests whose values are what models are sent: prompts and system texts as they are, bodies as JSON.
var contentKeys = map[string]func([]rune) []bool{"prompt": wholeText, "system": wholeText, "body": insideStrings}

// Masked is the file with x in place of what models are sent: of every prompt and system text, and of the texts in bodies, wherever
// a request or a family may stand. Lines, columns, holes (${prompt}) and all else stay, so that the result is read, and judged by, as the file is;
// comments stay too. It is "" where a value cannot be followed through the file.
func (s *Scenario) Masked() string {
	if s.Root == nil {
		return ""
	}
	m := masking{lines: newSource(s.Source), hidden: map[Pos]bool{}}
	ok := true
	for _, e := range s.Root.entries {
		switch e.name {
		case "models": // the names in it, as in families, may be any word
			for _, model := range e.value.all() {
				ok = ok && m.walk(model.value, false)
			}
		case "families":
			for _, family := range e.value.all() {
				ok = ok && m.walk(family.value, true)
			}
		default:
			ok = ok && m.walk(e.value, e.name == "request")
		}
	}
	if !ok {
		return ""
	}
	return m.text()
}

// masking collects the characters of the file that are hidden.
type masking struct {
	lines  *source
	hidden map[Pos]bool
}

// walk hides what is sent in a value, which is itself a request or a family if
// sent says so. It is false where that cannot be followed.
func (m *masking) walk(n *Node, sent bool) bool {
	if n == nil {
		return true
	}
	for _, e := range n.entries {
		hide := contentKeys[e.name]
		switch {
		case !sent || hide == nil:
			if !m.walk(e.value, e.name == "request") {
				return false
			}
		case e.value == nil || !m.hide(e.value, hide): // what was refused is not followed
			return false
		}
	}
	for _, item := range n.items {
		if !m.walk(item, false) {
			return false
		}
	}
	return true
}

// hide marks every character of the file that a hidden character of the value was written with.
func (m *masking) hide(n *Node, which func([]rune) []bool) bool {
	if n.src == nil {
		return true // a default
	}
	text := []rune(n.text)
	placed := n.reread(len(text))
	if len(placed) != len(text)+1 {
		return false
	}
	hidden := which(text)
	for i, r := range text {
		if placed[i].r != r {
			return false
		}
		if !hidden[i] {
			continue
		}
		// An escape is several characters. The last one of a line reaches to its end.
		at, end := placed[i].pos, placed[i+1].pos
		if end.Line != at.Line {
			line, _ := m.lines.runes(at.Line)
			end.Column = len([]rune(strings.TrimRight(string(line), " \t"))) + 1
		}
		for m.hidden[at] = true; at.Column < end.Column; at.Column++ {
			m.hidden[at] = true
		}
	}
	return true
}

// text is the file with what is hidden left out.
func (m *masking) text() string {
	var out strings.Builder
	rest, line := m.lines.text, 1
	for {
		at, width := nextBreak(rest)
		if width == 0 {
			at = len(rest)
		}
		column := 0
		for _, r := range rest[:at] {
			if column++; m.hidden[Pos{line, column}] {
				r = 'x'
			}
			out.WriteRune(r)
		}
		if width == 0 {
			return out.String()
		}
		out.WriteString(rest[at : at+width])
		rest, line = rest[at+width:], line+1
	}
}

// wholeText hides all but white space.
func wholeText(text []rune) []bool {
	hidden := make([]bool, len(text))
	for i, r := range text {
		hidden[i] = !unicode.IsSpace(r)
	}
	return hidden
}

// insideStrings hides, of a text of JSON, what stands in its strings, but for the names of fields and the holes.
func insideStrings(text []rune) []bool {
	hidden := make([]bool, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '"' {
			continue
		}
		end := i + 1
		for end < len(text) && text[end] != '"' {
			if text[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end, len(text))
		if !isName(text[end:]) {
			hideBetween(text, hidden, i+1, end)
		}
		i = end
	}
	return hidden
}

// isName says whether the string that a text begins with the end of is the name of a field.
func isName(after []rune) bool {
	for _, r := range after[min(1, len(after)):] {
		if !unicode.IsSpace(r) {
			return r == ':'
		}
	}
	return false
}

func hideBetween(text []rune, hidden []bool, from, to int) {
	for i := from; i < to; i++ {
		if length := holeLength(text[i:to]); length > 0 {
			i += length - 1
			continue
		}
		hidden[i] = true
	}
}

// holeLength is how long the hole is that a text begins with; 0 if with none.
func holeLength(text []rune) int {
	for _, hole := range []string{"${prompt}", "${system}", "${max_tokens}", "${temperature}"} {
		if h := []rune(hole); len(text) >= len(h) && string(text[:len(h)]) == hole {
			return len(h)
		}
	}
	return 0
}

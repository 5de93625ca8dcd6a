package plugins

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/loadline-dev/loadline/scenarios"
)

// Template is the body of a request as JSON with holes: ${prompt}, ${system},
// ${max_tokens} and ${temperature}, in its texts. $${ stands for a plain ${.
//
// The holes are filled in the decoded tree, so nothing that a prompt says can
// break out of its text. A text that is ${max_tokens} or ${temperature} alone
// becomes a number. A member or element that is ${system} or ${temperature}
// alone is left out where the prompt has none.
//
// A Template is safe for concurrent use.
type Template struct {
	root  node
	holes map[string]bool
}

// The names of the holes.
const (
	HolePrompt      = "prompt"
	HoleSystem      = "system"
	HoleMaxTokens   = "max_tokens"
	HoleTemperature = "temperature"
)

var holes = []string{HolePrompt, HoleSystem, HoleMaxTokens, HoleTemperature}

// node is one value of the tree. Exactly one of its fields is set, but for an
// empty object or list, which is a literal.
type node struct {
	literal []byte // as it is written
	alone   string // the hole that the value is
	parts   []part // of a text
	members []field
	items   []node
}

type field struct {
	key   []byte // with its quotes and colon
	value node
}

// part is a piece of a text: fixed, and escaped already, or a hole.
type part struct {
	fixed []byte
	hole  string
}

// TemplateError tells what is wrong with a template, and where: characters from
// its beginning.
type TemplateError struct {
	Offset, Width int
	Message, Hint string
}

func (e *TemplateError) Error() string { return e.Message }

const (
	maxTemplateDepth = 50
	templateExample  = `for example: {"text": "${prompt}", "limit": "${max_tokens}"}`
)

// ParseTemplate reads a template. A failure is a *TemplateError.
func ParseTemplate(text string) (*Template, error) {
	t := &Template{holes: map[string]bool{}}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	r := &templateReader{text: text, decoder: d, template: t}
	root, err := r.value(0)
	if err == nil && root.members == nil && string(root.literal) != "{}" {
		err = r.fault(0, 1, "is no JSON object", templateExample)
	}
	if err == nil {
		at := r.next()
		if _, more := d.Token(); more != io.EOF {
			err = r.fault(at, 1, "goes on after its end", "leave out what follows the last }")
		}
	}
	if err != nil {
		return nil, err
	}
	t.root = root
	return t, nil
}

// TemplateOf reads a template of the scenario; nil where it is none, which is
// then reported.
func TemplateOf(n *scenarios.Node, problem func(scenarios.Problem)) *Template {
	t, err := ParseTemplate(n.Text())
	var wrong *TemplateError
	if errors.As(err, &wrong) {
		problem(scenarios.Problem{Pos: n.Place(wrong.Offset), Width: wrong.Width, Code: "bad-body", Message: "the body " + wrong.Message, Hint: wrong.Hint})
		return nil
	}
	return t
}

// Has reports whether a template has a hole of a name.
func (t *Template) Has(hole string) bool { return t.holes[hole] }

// Body fills the holes. It never fails: it has the form of [Family.Body].
func (t *Template) Body(p Prompt) ([]byte, error) {
	return t.root.write(make([]byte, 0, 256+len(p.Text)+len(p.System)), p), nil
}

func (n node) write(b []byte, p Prompt) []byte {
	switch {
	case n.literal != nil:
		return append(b, n.literal...)
	case n.alone == HoleMaxTokens:
		return strconv.AppendInt(b, p.MaxTokens, 10)
	case n.alone == HoleTemperature:
		return strconv.AppendFloat(b, *p.Temperature, 'f', -1, 64)
	case n.alone == HoleSystem:
		return append(escape(append(b, '"'), p.System), '"')
	case n.parts != nil:
		b = append(b, '"')
		for _, part := range n.parts {
			switch part.hole {
			case HolePrompt:
				b = escape(b, p.Text)
			case HoleSystem:
				b = escape(b, p.System)
			case HoleMaxTokens:
				b = strconv.AppendInt(b, p.MaxTokens, 10)
			default:
				b = append(b, part.fixed...)
			}
		}
		return append(b, '"')
	case n.items != nil:
		return writeAll(b, '[', ']', len(n.items), func(i int) ([]byte, node) { return nil, n.items[i] }, p)
	}
	return writeAll(b, '{', '}', len(n.members), func(i int) ([]byte, node) { return n.members[i].key, n.members[i].value }, p)
}

// writeAll writes the members of an object or the elements of a list but those
// that the prompt has nothing for.
func writeAll(b []byte, open, shut byte, count int, at func(int) ([]byte, node), p Prompt) []byte {
	b = append(b, open)
	empty := true
	for i := range count {
		key, value := at(i)
		if value.alone == HoleTemperature && p.Temperature == nil || value.alone == HoleSystem && p.System == "" {
			continue
		}
		if !empty {
			b = append(b, ',')
		}
		empty = false
		b = value.write(append(b, key...), p)
	}
	return append(b, shut)
}

// escape appends a text as it stands between the quotes of a JSON text.
func escape(b []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil { // a text always has a form in JSON
		panic(err)
	}
	return append(b, quoted[1:len(quoted)-1]...)
}

// templateReader builds the tree of a template out of its tokens.
type templateReader struct {
	text     string
	decoder  *json.Decoder
	template *Template
}

// fault makes an error of a place in bytes.
func (r *templateReader) fault(offset, width int, message, hint string) error {
	offset = min(max(offset, 0), len(r.text))
	return &TemplateError{Offset: utf8.RuneCountInString(r.text[:offset]), Width: width, Message: message, Hint: hint}
}

// next is where the next token begins.
func (r *templateReader) next() int {
	at := int(r.decoder.InputOffset())
	return at + len(r.text[at:]) - len(strings.TrimLeft(r.text[at:], " \t\r\n,:"))
}

func (r *templateReader) token() (json.Token, error) {
	t, err := r.decoder.Token()
	if err == nil {
		return t, nil
	}
	at := r.next()
	what := strings.TrimPrefix(err.Error(), "json: ")
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		at, what = len(r.text), "it ends too early"
	}
	return nil, r.fault(at, 1, "is no JSON: "+what, templateExample)
}

func (r *templateReader) value(depth int) (node, error) {
	if depth > maxTemplateDepth {
		return node{}, r.fault(r.next(), 1, fmt.Sprintf("is nested more than %d levels deep", maxTemplateDepth), "no body needs that")
	}
	t, err := r.token()
	if err != nil {
		return node{}, err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return r.object(depth)
		}
		return r.list(depth)
	case string:
		return r.string(t)
	default: // a number as it is written, true, false or null
		literal, err := json.Marshal(t)
		return node{literal: literal}, err
	}
}

func (r *templateReader) object(depth int) (node, error) {
	var n node
	for r.decoder.More() {
		key, err := r.token()
		if err != nil {
			return n, err
		}
		name, ok := key.(string)
		if !ok {
			return n, r.fault(r.next(), 1, "is no JSON: a key is a text", templateExample)
		}
		value, err := r.value(depth + 1)
		if err != nil {
			return n, err
		}
		n.members = append(n.members, field{append(append(escape([]byte{'"'}, name), '"'), ':'), value})
	}
	if n.members == nil {
		n.literal = []byte("{}")
	}
	_, err := r.token() // the closing bracket
	return n, err
}

func (r *templateReader) list(depth int) (node, error) {
	var n node
	for r.decoder.More() {
		item, err := r.value(depth + 1)
		if err != nil {
			return n, err
		}
		n.items = append(n.items, item)
	}
	if n.items == nil {
		n.literal = []byte("[]")
	}
	_, err := r.token()
	return n, err
}

// string reads a text and the holes in it.
func (r *templateReader) string(text string) (node, error) {
	var parts []part
	var fixed bytes.Buffer
	close := func() {
		if fixed.Len() > 0 {
			parts = append(parts, part{fixed: escape(nil, fixed.String())})
			fixed.Reset()
		}
	}
	for rest := text; rest != ""; {
		before, after, found := strings.Cut(rest, "${")
		if !found {
			fixed.WriteString(rest)
			break
		}
		if plain, escaped := strings.CutSuffix(before, "$"); escaped {
			fixed.WriteString(plain + "${")
			rest = after
			continue
		}
		name, behind, closed := strings.Cut(after, "}")
		if !closed {
			name += "…" // nothing is called so
		}
		if err := r.hole(name, text == "${"+name+"}"); err != nil {
			return node{}, err
		}
		if name != HolePrompt && text == "${"+name+"}" {
			return node{alone: name}, nil
		}
		fixed.WriteString(before)
		close()
		parts = append(parts, part{hole: name})
		rest = behind
	}
	close()
	if len(parts) == 0 {
		return node{literal: []byte(`""`)}, nil
	}
	return node{parts: parts}, nil
}

// hole notes a hole, or says why there cannot be one of that name.
func (r *templateReader) hole(name string, alone bool) error {
	written := "${" + name + "}"
	at := strings.LastIndex(r.text[:r.decoder.InputOffset()], strings.TrimSuffix("${"+name, "…"))
	switch {
	case !slices.Contains(holes, name):
		if len(name) > 40 {
			name = name[:40] + "…"
		}
		hint := "there are ${" + strings.Join(holes, "}, ${") + "}; a plain ${ is written $${"
		if near, ok := scenarios.Closest(name, holes); ok {
			hint = "did you mean ${" + near + "}? " + hint
		}
		return r.fault(at, len([]rune(written)), fmt.Sprintf("has ${%s}, which nothing is known for", name), hint)
	case name == HoleTemperature && !alone:
		return r.fault(at, len(written), "has ${temperature} within a text", `a temperature is a number: write "${temperature}" alone`)
	}
	r.template.holes[name] = true
	return nil
}

package sim

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// reader walks the nodes of one YAML file and gathers what is wrong with it.
type reader struct {
	file     string
	lines    []string
	problems Problems
	sketch   object // the schema of the value at hand; nil: a file is read
}

// field is one key that a mapping may have.
type field struct {
	name     string
	required bool
	read     func(*yaml.Node)
}

// document parses the source into its only document, or reports why not.
func (r *reader) document(src []byte) *yaml.Node {
	r.lines = strings.Split(strings.ReplaceAll(string(src), "\r\n", "\n"), "\n")
	if !utf8.Valid(src) {
		before := src[:firstInvalid(src)]
		line := 1 + bytes.Count(before, []byte("\n"))
		column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
		r.at(line, column, "save the file as UTF-8", "the file is not UTF-8 text")
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(src))
	var doc, second yaml.Node
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF):
		r.at(1, 1, `an account has at least "models:"; loadline's default account shows how`, "the file is empty")
		return nil
	case err != nil:
		r.syntax(src, err)
		return nil
	}
	switch err := decoder.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		r.syntax(src, err)
		return nil
	default:
		r.add(&second, "keep one account a file", "the file has a second document")
		return nil
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		r.add(root, `an account has at least "models:"; loadline's default account shows how`, "the file is empty")
		return nil
	}
	return root
}

// object reads a mapping, key by key. An empty value is an empty mapping.
func (r *reader) object(n *yaml.Node, what string, fields []field) {
	if r.sketch != nil {
		r.sketchObject(fields)
		return
	}
	if n.Tag == "!!null" {
		n = &yaml.Node{Kind: yaml.MappingNode, Line: n.Line, Column: n.Column}
	}
	if n.Kind != yaml.MappingNode {
		r.wrongType(n, "%s is a mapping of keys to values", what)
		return
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	seen, meant := map[string]*yaml.Node{}, map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			r.wrongType(key, "a key is a word")
			continue
		}
		if first := seen[key.Value]; first != nil {
			r.add(key, "keep one of the two", "key %s is given twice, first at line %d, column %d",
				quote(key.Value), first.Line, first.Column)
			continue
		}
		seen[key.Value] = key
		f := find(fields, key.Value)
		if f == nil {
			r.add(key, hintFor(key.Value, names), "unknown key %s in %s", quote(key.Value), what)
			meant[didYouMean(key.Value, names)] = true
			continue
		}
		if value.Kind == yaml.AliasNode {
			r.wrongType(value, "")
			continue
		}
		f.read(value)
	}
	for _, f := range fields {
		if f.required && seen[f.name] == nil && !meant[f.name] {
			r.add(n, "add it", "%s has no %s", what, quote(f.name))
		}
	}
}

func find(fields []field, name string) *field {
	for i := range fields {
		if fields[i].name == name {
			return &fields[i]
		}
	}
	return nil
}

// list reads a sequence, item by item. An empty value is an empty list.
func (r *reader) list(n *yaml.Node, what string, item func(*yaml.Node)) {
	if r.sketching(object{"type": []string{"array", "null"}}) {
		r.sketch["items"] = r.sketchOf(item)
		return
	}
	if n.Tag == "!!null" {
		return
	}
	if n.Kind != yaml.SequenceNode {
		r.wrongType(n, "%s is a list", what)
		return
	}
	for _, child := range n.Content {
		if child.Kind == yaml.AliasNode {
			r.wrongType(child, "")
			continue
		}
		item(child)
	}
}

// wrongType reports a node of the wrong kind; an alias is wrong everywhere.
func (r *reader) wrongType(n *yaml.Node, format string, args ...any) {
	if n.Kind == yaml.AliasNode {
		r.add(n, "write the value out", "aliases (*%s) are not understood here", n.Value)
		return
	}
	r.add(n, "it is "+kindOf(n)+" here", format, args...)
}

func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null":
		return "empty"
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		return "a quoted text"
	}
	return quote(n.Value)
}

// add reports a problem at a node.
func (r *reader) add(n *yaml.Node, hint, format string, args ...any) {
	r.at(n.Line, n.Column, hint, format, args...)
}

func (r *reader) at(line, column int, hint, format string, args ...any) {
	if r.sketch != nil {
		if len(r.sketch) == 0 { // refused whatever it is
			r.sketch["not"] = object{}
		}
		return
	}
	p := Problem{File: r.file, Line: max(1, line), Column: max(1, column), Hint: hint, Message: fmt.Sprintf(format, args...)}
	if p.Line <= len(r.lines) {
		p.Source = r.lines[p.Line-1]
	}
	r.problems = append(r.problems, p)
}

// quote shows a text of the file in a message, cut where it is long.
func quote(s string) string {
	const longest = 80
	if cut := []rune(s); len(cut) > longest {
		s = string(cut[:longest]) + "..."
	}
	return strconv.Quote(s)
}

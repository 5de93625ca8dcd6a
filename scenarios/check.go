package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// maxProblems bounds what is reported of a file that is wrong everywhere.
const maxProblems = 1000

// loader holds a tree against the table of keys and collects the problems.
type loader struct {
	src      *source
	problems Problems
	refused  int      // how often a value was refused, also where that is not among the problems
	models   []string // the names that a ModelRef may have; nil if models itself is wrong, and then none is checked
}

// trail is where in the tree the loader is, for messages.
type trail struct {
	up   *trail
	name string // "" for an item of a list
	pos  Pos    // of the key, or of the item
}

func (l *loader) add(p Problem) {
	l.refused++
	if len(l.problems) >= maxProblems {
		return
	}
	p.Pos = l.src.inside(p.Pos)
	l.problems = append(l.problems, p)
	if len(l.problems) == maxProblems {
		l.problems = append(l.problems, Problem{Pos: p.Pos, Code: "too-many-problems", Message: fmt.Sprintf("more than %d problems; the rest is not shown", maxProblems), Hint: "repair these first"})
	}
}

// value adds a problem with a value.
func (l *loader) value(n *yaml.Node, at *trail, f flaw) {
	width := 1
	if n.Kind == yaml.ScalarNode {
		width = l.src.width(n)
	}
	l.add(Problem{Pos: posOf(n), Width: width, Code: f.code, Message: at.subject() + " " + f.message, Hint: f.hint})
}

// check holds a value against its type. It returns nil where the value is refused as a whole.
func (l *loader) check(n *yaml.Node, t Type, at *trail) *Node {
	if n.Kind == yaml.AliasNode || tagged(n) {
		l.refused++ // reported by safety
		return nil
	}
	if isNull(n) {
		return l.null(t, at)
	}
	if t.shape == shapeEither {
		form, ok := l.form(n, t, at)
		if !ok {
			return nil
		}
		t = form
	}
	if n.Kind != t.kind() {
		l.value(n, at, flaw{"bad-type", fmt.Sprintf("needs %s, not %s", t.words, kindWords(n)), kindHint(n, t)})
		return nil
	}
	out := &Node{pos: posOf(n), style: n.Style, src: l.src}
	before := l.refused
	switch t.shape {
	case shapeScalar:
		if wrong := t.read(wordOf(n), out); wrong != nil {
			l.value(n, at, *wrong)
			return nil
		}
		if t.model && !l.knownModel(n, at) {
			return nil
		}
	case shapeList:
		l.list(n, t, at, out)
	case shapeObject:
		l.object(n, t, at, out)
	case shapeFree:
		l.free(n, t, at, out)
	case shapeChoice:
		l.choice(n, t, at, out)
	}
	out.flawed = l.refused > before
	return out
}

func (l *loader) null(t Type, at *trail) *Node {
	if t.mayBeNull() {
		return &Node{pos: at.pos, src: l.src}
	}
	width := max(len([]rune(at.name)), 1)
	l.add(Problem{Pos: at.pos, Width: width, Code: "missing-value", Message: at.subject() + " has no value", Hint: fmt.Sprintf("write %s", t)})
	return nil
}

// form picks the form of an Either that the value is written in.
func (l *loader) form(n *yaml.Node, t Type, at *trail) (Type, bool) {
	mappings := t.mappings()
	if n.Kind == yaml.MappingNode && len(mappings) > 1 {
		return l.mappingForm(n, t, at)
	}
	i := slices.IndexFunc(t.forms, func(form Type) bool { return form.kind() == n.Kind })
	if i < 0 {
		l.value(n, at, flaw{"bad-type", fmt.Sprintf("needs %s, not %s", t.words, kindWords(n)), "write " + t.String()})
		return Type{}, false
	}
	return t.forms[i], true
}

func (l *loader) mappingForm(n *yaml.Node, t Type, at *trail) (Type, bool) {
	written := pairs(n)
	var firsts []string
	for _, form := range t.mappings() {
		first := form.keys[0].Name
		if slices.ContainsFunc(written, func(p pair) bool { return p.key.Value == first }) {
			return form, true
		}
		firsts = append(firsts, first)
	}
	for _, p := range written {
		if _, ok := Closest(p.key.Value, firsts); ok {
			l.unknownKey(p.key, firsts, at)
			return Type{}, false
		}
	}
	l.value(n, at, flaw{"no-form", "needs one of the keys " + listed(firsts), "write " + Either(t.mappings()...).String()})
	return Type{}, false
}

func (l *loader) list(n *yaml.Node, t Type, at *trail, out *Node) {
	if !l.size(n, len(n.Content), t, at, "items") {
		return
	}
	seen := map[string]*yaml.Node{}
	for _, child := range n.Content[:min(len(n.Content), t.max)] {
		if t.unique && child.Kind == yaml.ScalarNode {
			if first := seen[child.Value]; first != nil {
				l.value(child, at, flaw{"duplicate-item", fmt.Sprintf("has %q twice; it was first given at %s", child.Value, posOf(first)), "remove one of the two"})
				continue
			}
			seen[child.Value] = child
		}
		if item := l.check(child, *t.elem, &trail{up: at, pos: posOf(child)}); item != nil {
			out.items = append(out.items, item)
		}
	}
}

// size says whether there are enough entries to go on with; too many are reported, and the first of them read.
func (l *loader) size(n *yaml.Node, count int, t Type, at *trail, what string) bool {
	if count < t.min {
		l.value(n, at, flaw{"too-few", fmt.Sprintf("needs at least %d of its %s, and has %d", t.min, what, count), "add one, or leave the key out if it is not required"})
		return false
	}
	if count > t.max {
		l.value(n, at, flaw{"too-many", fmt.Sprintf("has %d %s; at most %d are allowed", count, what, t.max), "split it into several scenarios"})
	}
	return true
}

func (l *loader) knownModel(n *yaml.Node, at *trail) bool {
	if l.models == nil || slices.Contains(l.models, n.Value) {
		return true
	}
	hint := "the models are " + listed(l.models)
	if near, ok := Closest(n.Value, l.models); ok {
		hint = fmt.Sprintf("did you mean %q? %s", near, hint)
	}
	l.value(n, at, flaw{"unknown-model", fmt.Sprintf("is %q, which is not one of the models", n.Value), hint})
	return false
}

// kindHint is the way out of a value of the wrong kind.
func kindHint(n *yaml.Node, t Type) string {
	switch {
	case t.shape == shapeList && n.Kind == yaml.ScalarNode:
		return fmt.Sprintf("write a list, even of one: [%s]", wordOf(n).text)
	case t.shape == shapeChoice && n.Kind == yaml.ScalarNode:
		if _, ok := t.key(n.Value); ok {
			return fmt.Sprintf("write `- %s: {}`", n.Value)
		}
	}
	return "write " + t.String()
}

// child is the trail of a key, for a message about a key that is not there.
func (t *trail) child(name string) *trail { return &trail{up: t, name: name} }

// subject begins a sentence about the value.
func (t *trail) subject() string {
	if t != nil && t.name == "" {
		return "an item of " + t.String()
	}
	return t.String()
}

// String is the path to a value as a reader would say it, such as load.ramp.over: without the positions in lists, as each problem has
// its place anyway.
func (t *trail) String() string {
	var names []string
	for ; t != nil; t = t.up {
		if t.name != "" {
			names = append(names, t.name)
		}
	}
	slices.Reverse(names)
	if len(names) > 1 && names[0] == "steps" {
		names = names[1:]
	}
	return strings.Join(names, ".")
}

package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// A Key is one row of a table of keys: one thing that may stand in a mapping. The loader, the JSON Schema and the reference are all
// made from such rows.
type Key struct {
	Name     string
	Doc      string // one sentence or more, for the reference and for editors
	Type     Type
	Required bool
	Default  string // as one would write it; empty where there is none
	Example  string // as one would write it
}

// Check says what is wrong with the row itself: a name that is no key, no doc, or a default or an example that its own type
// refuses. It is for the tests of the tables.
func (k Key) Check() error {
	if !keyPattern.MatchString(k.Name) {
		return fmt.Errorf("key %q: a name is lower-case letters, digits and _", k.Name)
	}
	if k.Doc == "" {
		return fmt.Errorf("key %q has no doc", k.Name)
	}
	if k.Required && k.Default != "" {
		return fmt.Errorf("key %q is required and has a default", k.Name)
	}
	for _, text := range []string{k.Default, k.Example} {
		if text == "" {
			continue
		}
		if _, problems := readText(text, k); len(problems) > 0 {
			return fmt.Errorf("key %q: %q: %w", k.Name, text, problems)
		}
	}
	return nil
}

// Check says what is wrong with any row of the language, at any depth; see [Key.Check].
func (lang Language) Check() error { return lang.root().check("") }

func (t Type) check(path string) error {
	var wrong []error
	seen := map[string]bool{}
	for _, key := range t.keys {
		if err := key.Check(); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", path, err))
		}
		if seen[key.Name] {
			wrong = append(wrong, fmt.Errorf("%s: key %q has two rows", path, key.Name))
		}
		seen[key.Name] = true
		wrong = append(wrong, key.Type.check(path+"."+key.Name))
	}
	if t.elem != nil {
		wrong = append(wrong, t.elem.check(path+"[]"))
	}
	for _, form := range t.forms {
		wrong = append(wrong, form.check(path))
	}
	return errors.Join(wrong...)
}

// A Type says what a value may be. Types are made by the functions of this package and are plain values; the zero Type accepts
// nothing.
type Type struct {
	shape shape
	words string // what to write, with its article: "a duration with a unit"

	read   func(word, *Node) *flaw // scalar: sets the node's value or says what is wrong
	schema map[string]any          // scalar: the JSON Schema that accepts the same
	model  bool                    // scalar, free: names that must be keys of models

	keys   []Key // object, choice
	open   bool  // object: keys that begin with x- are allowed and ignored
	elem   *Type // list, free
	min    int   // list, free: the fewest entries
	max    int   // list, free: the most entries
	unique bool  // list: no text twice
	forms  []Type
	told   bool // choice: its keys are those of steps, where reference and schema have them
}

type shape int

const (
	shapeNone   shape = iota
	shapeScalar       // one word
	shapeList         // [a, b]
	shapeObject       // a mapping with known keys
	shapeFree         // a mapping with names of the user's choice
	shapeChoice       // a mapping with exactly one of the known keys
	shapeEither       // one of several forms
)

// maxEntries bounds free mappings; a list says its own bound.
const maxEntries = 1000

// List is a list of min to max elements. A list that may be empty may also be left empty (null). A model or a word of a
// fixed set cannot stand in one list twice.
func List(elem Type, min, max int) Type {
	return Type{shape: shapeList, words: "a list", elem: &elem, min: min, max: max, unique: elem.model || elem.schema["enum"] != nil}
}

// Map is a mapping with free names, in the order of the file. A name is one line of at most 100 characters.
func Map(elem Type) Type {
	return Type{shape: shapeFree, words: "a mapping", elem: &elem, max: maxEntries}
}

// Object is a mapping with known keys. Where no key is required it may be left empty (null).
func Object(keys ...Key) Type {
	return Type{shape: shapeObject, words: "a mapping", keys: keys}
}

// Either accepts one of several forms, told apart by what YAML makes of the value: a scalar, a list or a mapping. Where two forms are
// mappings, the first whose first key is present is meant. It panics when two forms are both scalars or both lists, as
// nothing tells them apart.
func Either(forms ...Type) Type {
	var words []string
	for i, form := range forms {
		if !slices.Contains(words, form.words) {
			words = append(words, form.words)
		}
		same := func(other Type) bool { return other.kind() == form.kind() }
		if form.kind() != yaml.MappingNode && slices.ContainsFunc(forms[:i], same) {
			panic(fmt.Sprintf("scenarios: two forms are alike: %s", form.words))
		}
	}
	return Type{shape: shapeEither, words: strings.Join(words, ", or "), forms: forms}
}

// choice is a mapping with exactly one of the known keys.
func choice(words string, keys []Key) Type {
	return Type{shape: shapeChoice, words: words, keys: keys}
}

// String says in words what to write.
func (t Type) String() string {
	switch t.shape {
	case shapeNone:
		return "nothing"
	case shapeList:
		return "a list, each " + t.elem.String()
	case shapeObject:
		return "a mapping with " + listed(keyNames(t.keys))
	case shapeFree:
		return "a mapping of names, each to " + t.elem.String()
	case shapeEither:
		forms := make([]string, len(t.forms))
		for i, form := range t.forms {
			forms[i] = form.String()
		}
		return strings.Join(forms, ", or ")
	}
	return t.words
}

// kind is the kind of YAML node that a form is written as.
func (t Type) kind() yaml.Kind {
	switch t.shape {
	case shapeScalar:
		return yaml.ScalarNode
	case shapeList:
		return yaml.SequenceNode
	case shapeObject, shapeFree, shapeChoice:
		return yaml.MappingNode
	}
	return 0
}

// mayBeNull says whether the value can be left empty, as in `discover:`.
func (t Type) mayBeNull() bool {
	switch t.shape {
	case shapeList, shapeFree:
		return t.min == 0
	case shapeObject:
		return !slices.ContainsFunc(t.keys, func(k Key) bool { return k.Required })
	case shapeEither:
		return slices.ContainsFunc(t.forms, Type.mayBeNull)
	}
	return false
}

// mappings are the forms written as mappings.
func (t Type) mappings() []Type {
	var found []Type
	for _, form := range t.forms {
		if form.kind() == yaml.MappingNode {
			found = append(found, form)
		}
	}
	return found
}

func (t Type) key(name string) (Key, bool) {
	i := slices.IndexFunc(t.keys, func(k Key) bool { return k.Name == name })
	if i < 0 {
		return Key{}, false
	}
	return t.keys[i], true
}

func keyNames(keys []Key) []string {
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = key.Name
	}
	return names
}

// listed joins names for a sentence; of many it shows the first.
func listed(names []string) string {
	const most = 20
	if len(names) == 0 {
		return "nothing"
	}
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

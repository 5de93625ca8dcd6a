package sim

import (
	"cmp"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The query form of a request: a flat form, whose keys are paths. Structures
// are joined by dots, items of a list are numbered from 1 below "member":
//
//	MetricDataQueries.member.1.MetricStat.Metric.Namespace=AWS/Bedrock
//
// An empty value is an empty text, list or structure, as the member wants it.

// formText is a leaf of a form. A form does not tell the types of its values:
// get converts them to what the member wants.
type formText string

var (
	errFormClash = errors.New("a key of the form is both a value and a structure")
	errFormDepth = errors.New("a key of the form is too deep")
	errFormName  = errors.New("a key of the form has an empty part")
	errFormIndex = errors.New("a list of the form has an item whose number is none")
)

// formDepth is more than any operation here has.
const formDepth = 32

// branch is a form on its way to an object: a leaf has no children.
type branch struct {
	leaf     *formText
	children map[string]*branch
}

// decodeForm reads the members of an operation; Action and Version are none. Of
// a key that comes twice the first value counts.
func decodeForm(form url.Values) (object, error) {
	root := &branch{children: map[string]*branch{}}
	for key, values := range form {
		if key == "Action" || key == "Version" || len(values) == 0 {
			continue
		}
		parts := strings.Split(key, ".")
		if len(parts) > formDepth {
			return nil, errFormDepth
		}
		at := root
		for _, part := range parts {
			if part == "" {
				return nil, errFormName
			}
			if at.children == nil {
				at.children = map[string]*branch{}
			}
			if at.children[part] == nil {
				at.children[part] = &branch{}
			}
			at = at.children[part]
		}
		text := formText(values[0])
		at.leaf = &text
	}
	return root.structure()
}

// value is what a branch stands for: a formText, an object or a []any.
func (b *branch) value() (any, error) {
	switch {
	case b.leaf != nil && b.children != nil:
		return nil, errFormClash
	case b.leaf != nil:
		return *b.leaf, nil
	case len(b.children) == 1 && b.children["member"] != nil && b.children["member"].children != nil:
		return b.children["member"].items()
	}
	return b.structure()
}

func (b *branch) structure() (object, error) {
	o := make(object, len(b.children))
	for name, child := range b.children {
		v, err := child.value()
		if err != nil {
			return nil, err
		}
		o[name] = v
	}
	return o, nil
}

// items is the list of numbered branches, in the order of the numbers; a gap
// between them is closed.
func (b *branch) items() ([]any, error) {
	if b.leaf != nil {
		return nil, errFormClash
	}
	numbers := make(map[int]*branch, len(b.children))
	for text, child := range b.children {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || strconv.Itoa(n) != text {
			return nil, errFormIndex
		}
		numbers[n] = child
	}
	list := make([]any, 0, len(numbers))
	for _, n := range slices.SortedFunc(maps.Keys(numbers), cmp.Compare) {
		v, err := numbers[n].value()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// as converts a leaf to the type that to points at: a text, number, truth value,
// or an empty list or structure; nil where it has not that type. Times stay texts.
func (t formText) as(to any) (v any, ok bool) {
	switch to.(type) {
	case *string:
		return string(t), true
	case *float64:
		if f, err := strconv.ParseFloat(string(t), 64); err == nil && f-f == 0 { // finite
			return f, true
		}
	case *bool:
		if b, err := strconv.ParseBool(string(t)); err == nil {
			return b, true
		}
	case *[]any:
		if t == "" {
			return []any{}, true
		}
	case *object:
		if t == "" {
			return object{}, true
		}
	}
	return nil, false
}

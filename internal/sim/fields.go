package sim

import (
	"fmt"
	"math"
	"net/http"
	"time"
)

// fields reads the members of a structure, and keeps the first that has a wrong
// type: handlers read all they need, and then look at bad once.
type fields struct {
	object
	bad *fault
}

// get stores a member of the type T; a missing one leaves the value as it is.
func get[T any](f *fields, name string, to *T) bool {
	v, ok := f.object[name]
	if !ok {
		return false
	}
	if leaf, isLeaf := v.(formText); isLeaf {
		v, _ = leaf.as(to) // nil where it is none: no T
	}
	t, ok := v.(T)
	if !ok {
		if f.bad == nil {
			f.bad = &fault{http.StatusBadRequest, "SerializationException", fmt.Sprintf("%s has the wrong type", name)}
		}
		return false
	}
	*to = t
	return true
}

func (f *fields) text(name string) string {
	var s string
	get(f, name, &s)
	return s
}

// number returns a whole number, and whether it is there.
func (f *fields) number(name string) (int, bool) {
	var v float64
	ok := get(f, name, &v)
	return int(max(math.MinInt32, min(math.MaxInt32, v))), ok
}

// instant returns a time: a tagged one, seconds since 1970, or ISO 8601. A form
// has the last two as texts.
func (f *fields) instant(name string) (time.Time, bool) {
	v := f.object[name]
	if leaf, ok := v.(formText); ok {
		v = string(leaf)
		if s, ok := leaf.as(new(float64)); ok {
			v = s
		}
	}
	switch v := v.(type) {
	case float64:
		return timeOf(v), true
	case string:
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return t.UTC(), true
		}
	}
	var t time.Time
	ok := get(f, name, &t)
	return t, ok
}

// list returns the structures of a list.
func (f *fields) list(name string) []object {
	var items []any
	get(f, name, &items)
	var all []object
	for _, item := range items {
		o, ok := item.(object)
		if !ok && f.bad == nil {
			f.bad = &fault{http.StatusBadRequest, "SerializationException", fmt.Sprintf("%s holds something of the wrong type", name)}
		}
		all = append(all, o)
	}
	return all
}

// texts returns the texts of a list.
func (f *fields) texts(name string) []string {
	var items []any
	get(f, name, &items)
	var all []string
	for _, item := range items {
		one := &fields{object: object{name: item}}
		all = append(all, one.text(name))
		f.bad = firstFault(f.bad, one.bad)
	}
	return all
}

package scenarios

import (
	"time"

	"gopkg.in/yaml.v3"
)

// A Node is a value that was held against its type. All methods may be called on a nil Node, which is what Get returns for a
// key that is not written, or whose value was refused; they give the zero value.
type Node struct {
	pos   Pos
	style yaml.Style
	src   *source // nil for a default

	text     string
	number   float64
	truth    bool
	duration time.Duration
	rate     Rate

	entries []entry
	items   []*Node
	flawed  bool // something in it was refused
}

// entry is one key of a mapping; value is nil where it was refused.
type entry struct {
	name  string
	pos   Pos
	value *Node
}

// Pos is where the value begins, quotes and block indicators included. For a value that is left empty it is its key's place.
// It is zero for a default.
func (n *Node) Pos() Pos {
	if n == nil {
		return Pos{}
	}
	return n.pos
}

// Get is the value of a key, or nil.
func (n *Node) Get(key string) *Node {
	found, _ := n.entry(key)
	return found.value
}

// KeyPos is where a key stands, or zero. A key whose value was refused has a place too.
func (n *Node) KeyPos(key string) Pos {
	found, _ := n.entry(key)
	return found.pos
}

// Keys are the keys of a mapping in the order of the file, those whose values were refused among them.
func (n *Node) Keys() []string {
	if n == nil {
		return nil
	}
	keys := make([]string, len(n.entries))
	for i, e := range n.entries {
		keys[i] = e.name
	}
	return keys
}

// Items are the elements of a list that were not refused.
func (n *Node) Items() []*Node {
	if n == nil {
		return nil
	}
	return n.items
}

// Whole says whether the value is written and nothing in it was refused, so that what is made of it can be judged as a whole.
func (n *Node) Whole() bool { return n != nil && !n.flawed }

// Text is a scalar's text; of a number or the like, as it is written.
func (n *Node) Text() string {
	if n == nil {
		return ""
	}
	return n.text
}

// Int is the value of an Integer or a Count.
func (n *Node) Int() int64 { return int64(n.Float()) }

// Float is the value of a Number, an Integer or a Count.
func (n *Node) Float() float64 {
	if n == nil {
		return 0
	}
	return n.number
}

// Bool is the value of a Bool.
func (n *Node) Bool() bool { return n != nil && n.truth }

// Duration is the value of a Duration.
func (n *Node) Duration() time.Duration {
	if n == nil {
		return 0
	}
	return n.duration
}

// Rate is the value of a RateType.
func (n *Node) Rate() Rate {
	if n == nil {
		return Rate{}
	}
	return n.rate
}

func (n *Node) entry(key string) (entry, bool) {
	if n != nil {
		for _, e := range n.entries {
			if e.name == key {
				return e, true
			}
		}
	}
	return entry{}, false
}

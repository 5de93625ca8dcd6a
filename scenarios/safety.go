package scenarios

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// maxDepth is how deep values may be nested. No scenario needs ten levels.
const maxDepth = 50

const aliasHint = "write the value out where it is needed; a prompt or a number that all models share belongs to the top-level request"

// safety walks the whole tree, also what the table of keys ignores, and refuses what makes YAML mean more than it shows. Values that
// it refuses are passed over later without a word.
func (l *loader) safety(n *yaml.Node, depth int) {
	if depth > maxDepth {
		l.add(Problem{Pos: posOf(n), Code: "too-deep", Message: fmt.Sprintf("values are nested more than %d levels deep", maxDepth), Hint: "no scenario needs more than ten levels"})
		return
	}
	if n.Kind == yaml.AliasNode {
		l.add(Problem{Pos: posOf(n), Width: len([]rune(n.Value)) + 1, Code: "alias", Message: "aliases are not used in scenarios", Hint: aliasHint})
		return
	}
	if n.Anchor != "" {
		l.add(Problem{Pos: posOf(n), Code: "anchor", Message: "anchors are not used in scenarios", Hint: aliasHint})
	}
	if tagged(n) {
		l.add(Problem{Pos: posOf(n), Code: "tag", Message: fmt.Sprintf("tags such as %s are not used in scenarios", n.Tag),
			Hint: "a text that looks like a number is put in quotes; nothing is read from the environment or from other files"})
	}
	if n.Kind == yaml.MappingNode {
		l.keysOnce(n)
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && child.Kind == yaml.ScalarNode && !tagged(child) && child.Anchor == "" {
			continue // a plain key, seen by keysOnce
		}
		if n.Kind == yaml.MappingNode && i%2 == 1 && isMerge(n.Content[i-1]) {
			continue // what is merged is refused with its key
		}
		l.safety(child, depth+1)
	}
}

// keysOnce refuses keys that a mapping has twice, merge keys, and keys that are no text.
func (l *loader) keysOnce(n *yaml.Node) {
	first := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case key.Kind == yaml.AliasNode:
		case key.Kind != yaml.ScalarNode:
			l.add(Problem{Pos: posOf(key), Code: "key-not-text", Message: fmt.Sprintf("a key is a text, not %s", kindWords(key)), Hint: "write `key: value`"})
		case isMerge(key):
			l.add(Problem{Pos: posOf(key), Width: 2, Code: "merge-key", Message: "merge keys are not used in scenarios", Hint: aliasHint})
		case first[key.Value] != nil:
			l.add(Problem{Pos: posOf(key), Width: l.src.width(key), Code: "duplicate-key",
				Message: fmt.Sprintf("key %q is given twice; it was first given at %s", key.Value, posOf(first[key.Value])), Hint: "remove one of the two"})
		default:
			first[key.Value] = key
		}
	}
}

// width is how many characters of its line a scalar takes.
func (s *source) width(n *yaml.Node) int {
	line, ok := s.runes(n.Line)
	from := n.Column - 1
	if !ok || n.Kind != yaml.ScalarNode || from < 0 || from >= len(line) {
		return 1
	}
	value := []rune(n.Value)
	rest := line[from:]
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return 1
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		for i := 1; i < len(rest); i++ {
			switch {
			case rest[i] == '\\' && rest[0] == '"', rest[i] == '\'' && rest[0] == '\'' && i+1 < len(rest) && rest[i+1] == '\'':
				i++
			case rest[i] == rest[0]:
				return i + 1
			}
		}
	case len(rest) >= len(value) && string(rest[:len(value)]) == n.Value:
		return max(len(value), 1)
	}
	return len([]rune(strings.TrimRight(string(rest), " \t")))
}

func posOf(n *yaml.Node) Pos { return Pos{n.Line, n.Column} }

func tagged(n *yaml.Node) bool { return n.Style&yaml.TaggedStyle != 0 }

func isMerge(key *yaml.Node) bool { return key.ShortTag() == "!!merge" }

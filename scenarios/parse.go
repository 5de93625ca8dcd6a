package scenarios

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"
)

// parse turns a file into the tree of its one document, or into the one problem that keeps it from being read at all.
func parse(src []byte, s *source) (*yaml.Node, *Problem) {
	if problem := s.check(src); problem != nil {
		return nil, problem
	}
	documents, err := readDocuments(s.text)
	if err != nil {
		return nil, syntaxProblem(s, err)
	}
	if len(documents) > 1 {
		return nil, &Problem{Pos: s.inside(Pos{documents[1].Line, documents[1].Column}), Width: 3, Code: "second-document",
			Message: "a second document begins here; a file is one scenario", Hint: "remove the --- or put the second scenario into its own file"}
	}
	if len(documents) == 0 || isNull(documents[0].Content[0]) {
		return nil, &Problem{Pos: Pos{1, 1}, Code: "empty", Message: "the scenario is empty", Hint: "a scenario begins with `version: 1`"}
	}
	root := documents[0].Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, &Problem{Pos: s.inside(Pos{root.Line, root.Column}), Code: "bad-type",
			Message: fmt.Sprintf("a scenario is a mapping of keys to values, not %s", kindWords(root)), Hint: "a scenario begins with `version: 1`"}
	}
	return root, nil
}

// readDocuments reads up to two documents of a text. The YAML library panics on some inputs that it should refuse; as the
// file is not ours, that is an error like any other.
func readDocuments(text string) (documents []*yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("yaml: %v", p)
		}
	}()
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for len(documents) < 2 {
		document := &yaml.Node{}
		if err := decoder.Decode(document); errors.Is(err, io.EOF) {
			return documents, nil
		} else if err != nil {
			return nil, err
		}
		documents = append(documents, document)
	}
	return documents, nil
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// kindWords says what a node is, for "not ...".
func kindWords(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode:
		return wordOf(n).show()
	}
	return "an alias"
}

func wordOf(n *yaml.Node) word {
	w := word{text: n.Value, tag: n.ShortTag(), plain: n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0}
	switch w.tag {
	case "!!int", "!!bool", "!!null":
	case "!!float":
		if _, finite := w.value(); !finite {
			w.tag = "!!str" // no number is infinite here, so .inf is a text like any other
		}
	default:
		w.tag = "!!str" // a date is a text here, and so is <<
	}
	return w
}

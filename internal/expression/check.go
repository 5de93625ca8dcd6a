package expression

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"github.com/loadline-dev/loadline/scenarios"
)

// parse turns the parser's error into a fault with a way out.
func parse(source string) (*parser.Tree, *Fault) {
	tree, err := parser.Parse(parseable(source))
	if err == nil {
		return tree, nil
	}
	source = parseable(source) // what a window says is no typo
	f := Fault{Code: "bad-expression", Message: "this is not an expression"}
	var at *file.Error
	if errors.As(err, &at) {
		f.Offset = at.From
		f.Message = "this is not an expression: " + plain(at.Message)
	}
	for _, typo := range typos {
		if m := typo.pattern.FindStringSubmatchIndex(source); m != nil {
			f.Offset = len([]rune(source[:m[2]]))
			f.Width = len([]rune(source[m[2]:m[3]]))
			f.Message, f.Hint = typo.message, typo.hint
			break
		}
	}
	f.Offset = min(f.Offset, max(0, len([]rune(strings.TrimRightFunc(source, unicode.IsSpace)))-1))
	return nil, &f
}

// typos are the usual slips, told apart by the first group.
var typos = []struct {
	pattern       *regexp.Regexp
	message, hint string
}{
	{regexp.MustCompile(`[0-9]\s*(%)`), "% is no unit here", "rates are fractions: write 0.01 for 1 %"},
	{regexp.MustCompile(`(?:^|[^<>=!])(=)(?:[^=]|$)`), "= is no comparison", "write == for equality, or <= and >="},
	{regexp.MustCompile(`[0-9](ms|s|m|h|rpm|k|M)\b`), "numbers have no units here", "the unit belongs to the name (latency_ms, peak_rpm); write the bare number"},
	{regexp.MustCompile(`(&&&|\|\|\||===)`), "there is no such operator", "write and, or, =="},
}

// checker walks an expression, collects the names that it reads, and refuses
// what is not part of the language. Each name becomes one node of the tree.
type checker struct {
	source []rune
	names  Names
	phases Phases
	reads  []string
	used   []Phase
	types  Names             // of what is read
	named  map[ast.Node]bool // nodes that names became: a < b < c has b twice
	faults []Fault
}

func (c *checker) check(at *ast.Node) {
	if c.named[*at] {
		return
	}
	switch n := (*at).(type) {
	case *ast.IdentifierNode, *ast.MemberNode:
		c.name(at)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
	case *ast.UnaryNode:
		c.check(&n.Node)
	case *ast.BinaryNode:
		c.binary(n)
	case *ast.ConditionalNode:
		c.check(&n.Cond)
		c.check(&n.Exp1)
		c.check(&n.Exp2)
	case *ast.BuiltinNode:
		if !slices.Contains(Functions, n.Name) {
			c.refuse(n, fmt.Sprintf("there is no function %q here", n.Name))
			return
		}
		for i := range n.Arguments {
			c.check(&n.Arguments[i])
		}
	case *ast.CallNode:
		if _, ok := callIn(n); ok {
			c.name(at)
			return
		}
		if id, ok := n.Callee.(*ast.IdentifierNode); ok {
			c.refuse(n, fmt.Sprintf("there is no function %q here", id.Value))
			return
		}
		c.refuse(n, "only functions can be called")
	case *ast.StringNode:
		c.refuse(n, "a text stands only beside == or !=, and a name whose value is a word")
	default:
		c.refuse(n, "this is not part of the expression language")
	}
}

// operators of the language. Powers are left out: they overflow to infinity.
var operators = []string{"+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!=", "and", "or", "&&", "||"}

func (c *checker) binary(n *ast.BinaryNode) {
	if !slices.Contains(operators, n.Operator) {
		f := c.fault(n, len([]rune(n.Operator)), "bad-expression", fmt.Sprintf("there is no operator %q here", n.Operator))
		if n.Operator == "%" {
			f.Hint = "rates are fractions: write 0.01 for 1 %"
		}
		c.faults = append(c.faults, f)
		return
	}
	// throttle-rate for throttle_rate: a subtraction of two unknown names.
	if left, right, ok := hyphenated(n); ok {
		if joined := left + "_" + right; c.known(joined) && !c.known(left) {
			start := c.start(n.Left)
			c.faults = append(c.faults, Fault{Offset: start, Width: len([]rune(joined)), Code: "unknown-name",
				Message: fmt.Sprintf("unknown name %q", left), Hint: fmt.Sprintf("- is subtraction here; names are written with _ (did you mean %q?)", joined)})
			return
		}
	}
	if c.words(n) {
		return
	}
	c.check(&n.Left)
	c.check(&n.Right)
}

// words takes a comparison of a name with one of the words that it can be. It
// reports whether the node is one, right or wrong.
func (c *checker) words(n *ast.BinaryNode) bool {
	name, word := &n.Left, n.Right
	literal, ok := word.(*ast.StringNode)
	if !ok {
		name, word = &n.Right, n.Left
		literal, ok = word.(*ast.StringNode)
	}
	parts, isPath := path(*name)
	full := strings.Join(parts, ".")
	t, known := c.names[full]
	if ok && isPath && !known {
		c.name(name) // what is wrong is the name, whatever it is compared with
		return true
	}
	if !ok || !isPath || t.kind != text || n.Operator != "==" && n.Operator != "!=" {
		return false
	}
	c.read(name, full, t)
	if !slices.Contains(t.words, literal.Value) {
		f := c.fault(literal, 0, "unknown-word", fmt.Sprintf("%s is never %q", full, literal.Value))
		f.Hint = "it is one of: " + strings.Join(t.words, ", ")
		if near, ok := scenarios.Closest(strings.ToUpper(literal.Value), t.words); ok {
			f.Hint = fmt.Sprintf("did you mean %q?", near)
		}
		c.faults = append(c.faults, f)
	}
	return true
}

// read puts one node in the place of a name.
func (c *checker) read(at *ast.Node, name string, t Type) {
	if _, ok := c.types[name]; !ok {
		c.reads = append(c.reads, name)
		c.types[name] = t
	}
	place := (*at).Location()
	place.From = c.start(*at)
	*at = &ast.IdentifierNode{Value: name}
	(*at).SetLocation(place)
	c.named[*at] = true
}

func hyphenated(n *ast.BinaryNode) (left, right string, ok bool) {
	id, isName := n.Right.(*ast.IdentifierNode)
	path, isPath := path(n.Left)
	if n.Operator != "-" || !isName || !isPath {
		return "", "", false
	}
	return strings.Join(path, "."), id.Value, true
}

// name takes a whole dotted name.
func (c *checker) name(at *ast.Node) {
	if x, ok := callIn(*at); ok {
		if full, t, ok := c.phased(x); ok {
			c.read(at, full, t)
		}
		return
	}
	parts, ok := path(*at)
	if !ok {
		c.refuse(*at, "only names with dots can be read")
		return
	}
	full, start := strings.Join(parts, "."), c.start(*at)
	t, ok := c.names[full]
	switch {
	case !ok:
		c.unknown(c.names, "", parts, start)
	case t.kind == text:
		c.faults = append(c.faults, Fault{Offset: start, Width: len([]rune(full)), Code: "bad-type",
			Message: fmt.Sprintf("%s is a word and can only be compared with == or !=", full), Hint: fmt.Sprintf("write %s == %q", full, t.words[0])})
	default:
		c.read(at, full, t)
	}
}

// unknown says what is wrong with a name that is none of those given. Prefix is
// what stands before it, if that is right.
func (c *checker) unknown(names Names, prefix string, parts []string, start int) {
	full := strings.Join(parts, ".")
	said := func(name string) string { return strings.Trim(prefix+"."+name, ".") }
	if names.group(full) {
		c.faults = append(c.faults, Fault{Offset: start, Width: len([]rune(full)), Code: "not-a-value",
			Message: fmt.Sprintf("%s is a group of values, not one of them", said(full)), Hint: "one of: " + list(names.members(full), 12)})
		return
	}
	// The first part that leads nowhere is the one to name.
	good := 0
	for good < len(parts) && names.group(strings.Join(parts[:good+1], ".")) {
		good++
	}
	good = min(good, len(parts)-1)
	parent := strings.Join(parts[:good], ".")
	f := Fault{Offset: start, Width: len([]rune(parts[good])), Code: "unknown-name"}
	if good > 0 {
		f.Offset += len([]rune(parent)) + 1
	}
	if leaf := strings.Join(parts[:good+1], "."); names.has(leaf) {
		f.Offset, f.Width = start, len([]rune(full))
		f.Message, f.Hint = fmt.Sprintf("%s is a value and has no parts", said(leaf)), "write "+said(leaf)
		c.faults = append(c.faults, f)
		return
	}
	members := names.members(parent)
	f.Message = fmt.Sprintf("unknown name %q", parts[good])
	if in := said(parent); in != "" {
		f.Message += " in " + in
	}
	f.Hint = "known here: " + list(members, 24)
	if near, ok := scenarios.Closest(parts[good], members); ok {
		f.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	if _, ok := c.phases[parent]; ok && prefix == "" && parts[good] == stageCall {
		f.Hint = fmt.Sprintf("write %s.stage(\"NAME\"), with the name of one of its stages", parent)
	} else if ok && prefix == "" && parts[good] == windowCall {
		f.Hint = windowHint
	}
	c.faults = append(c.faults, f)
}

func (c *checker) known(name string) bool { return c.names.has(name) }

func (c *checker) group(name string) bool { return c.names.group(name) }

func (names Names) has(name string) bool {
	_, ok := names[name]
	return ok
}

// group says whether names begin with this one and a dot.
func (names Names) group(name string) bool {
	for n := range names {
		if strings.HasPrefix(n, name+".") {
			return true
		}
	}
	return false
}

// members are the next parts after a group; those of "" are the first parts.
func (names Names) members(group string) []string {
	set := map[string]bool{}
	for n := range names {
		rest := n
		if group != "" {
			var ok bool
			if rest, ok = strings.CutPrefix(n, group+"."); !ok {
				continue
			}
		}
		part, _, _ := strings.Cut(rest, ".")
		set[part] = true
	}
	return slices.Sorted(maps.Keys(set))
}

func list(names []string, most int) string {
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// path is the dotted name of a chain of members.
func path(n ast.Node) ([]string, bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return []string{n.Value}, true
	case *ast.MemberNode:
		head, ok := path(n.Node)
		prop, isText := n.Property.(*ast.StringNode)
		if !ok || !isText || n.Optional {
			return nil, false
		}
		return append(head, prop.Value), true
	}
	return nil, false
}

// start is where the leftmost part of a node stands.
func (c *checker) start(n ast.Node) int {
	switch n := n.(type) {
	case *ast.MemberNode:
		return c.start(n.Node)
	case *ast.CallNode:
		return c.start(n.Callee)
	case *ast.BinaryNode:
		return c.start(n.Left)
	}
	return n.Location().From
}

func (c *checker) refuse(n ast.Node, message string) {
	f := c.fault(n, 0, "bad-expression", message)
	f.Hint = "there are numbers, measurements, + - * /, comparisons, and, or, not, a ? b : c, words beside the names that have them, and " + strings.Join(Functions, ", ")
	c.faults = append(c.faults, f)
}

func (c *checker) fault(n ast.Node, width int, code, message string) Fault {
	at := n.Location()
	if width == 0 {
		width = at.To - at.From
	}
	return Fault{Offset: at.From, Width: width, Code: code, Message: message}
}

// typeFault turns an error of the type checker into a fault.
func typeFault(err error, source string) Fault {
	whole := len([]rune(strings.TrimSpace(source)))
	var at *file.Error
	if errors.As(err, &at) {
		return Fault{Offset: at.From, Width: at.To - at.From, Code: "bad-type", Message: plain(at.Message), Hint: "compare numbers with numbers, and join comparisons with and / or"}
	}
	return Fault{Width: whole, Code: "not-a-condition", Message: "an expression here must be true or false, and this one is a number", Hint: "compare it with something, for example ... <= 0.01"}
}

// plain takes Go's types out of a message of the library.
func plain(message string) string {
	message, _, _ = strings.Cut(message, "\n")
	return strings.NewReplacer("float64", "number", "int", "number", "bool", "true/false", "map[string]interface {}", "group").Replace(message)
}

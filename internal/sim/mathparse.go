package sim

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Metric math, as much of it as is simple:
//
//	expression = term { ("+" | "-") term }
//	term       = factor { ("*" | "/") factor }
//	factor     = "-" factor | number | id | function | list | "(" expression ")"
//	list       = "[" expression { "," expression } "]"
//	function   = ("SUM" | "AVG" | "MIN" | "MAX" | "PERIOD") "(" expression ")"
//	           | "FILL" "(" expression "," ( expression | "REPEAT" | "LINEAR" ) ")"
//	           | "METRICS" "(" [ text ] ")"
//
// A text stands between ' or ". The rest of metric math is a ValidationError
// here: an account that answered it wrongly would be worse.

// mathNode is a part of an expression.
type mathNode struct {
	kind   mathNodeKind
	text   string // of an id, a function, a text or an operator
	number float64
	args   []*mathNode
}

type mathNodeKind int

const (
	numberNode mathNodeKind = iota
	idNode                  // of another query
	textNode
	wordNode // REPEAT or LINEAR
	callNode // of a function
	listNode
	operatorNode // with one argument, or two
)

// String writes an expression that is understood as the same.
func (n *mathNode) String() string {
	var args []string
	for _, a := range n.args {
		args = append(args, a.String())
	}
	switch n.kind {
	case numberNode:
		return strconv.FormatFloat(n.number, 'f', -1, 64)
	case textNode:
		return "'" + n.text + "'"
	case callNode:
		return n.text + "(" + strings.Join(args, ", ") + ")"
	case listNode:
		return "[" + strings.Join(args, ", ") + "]"
	case operatorNode:
		if len(args) == 1 {
			return "(-" + args[0] + ")"
		}
		return "(" + args[0] + " " + n.text + " " + args[1] + ")"
	}
	return n.text
}

// parseExpression reads a whole expression.
func parseExpression(text string) (*mathNode, error) {
	p := &expressionParser{rest: text}
	n, err := p.sum()
	if err != nil {
		return nil, err
	}
	if p.skip(); p.rest != "" {
		return nil, p.unexpected()
	}
	return n, nil
}

// expressionParser has what is not read yet.
type expressionParser struct {
	rest string
	deep int
}

// deepest is how far expressions nest: more than any has.
const deepest = 200

func (p *expressionParser) skip() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

func (p *expressionParser) unexpected() error {
	if p.skip(); p.rest == "" {
		return fmt.Errorf("it ends too early")
	}
	return fmt.Errorf("unexpected %q", []rune(p.rest)[0])
}

// take reads one of some characters, or nothing.
func (p *expressionParser) take(among string) string {
	if p.skip(); p.rest == "" || !strings.Contains(among, p.rest[:1]) {
		return ""
	}
	c := p.rest[:1]
	p.rest = p.rest[1:]
	return c
}

func (p *expressionParser) sum() (*mathNode, error)  { return p.operators("+-", p.term) }
func (p *expressionParser) term() (*mathNode, error) { return p.operators("*/", p.factor) }

// operators reads operands and what stands between them, from left to right.
func (p *expressionParser) operators(among string, operand func() (*mathNode, error)) (*mathNode, error) {
	left, err := operand()
	for err == nil {
		operator := p.take(among)
		if operator == "" {
			return left, nil
		}
		var right *mathNode
		right, err = operand()
		left = &mathNode{kind: operatorNode, text: operator, args: []*mathNode{left, right}}
	}
	return nil, err
}

func (p *expressionParser) factor() (*mathNode, error) {
	if p.deep++; p.deep > deepest {
		return nil, fmt.Errorf("it nests more than %d deep", deepest)
	}
	defer func() { p.deep-- }()
	switch p.take("-([") {
	case "-":
		n, err := p.factor()
		return &mathNode{kind: operatorNode, text: "-", args: []*mathNode{n}}, err
	case "(":
		n, err := p.sum()
		if err == nil && p.take(")") == "" {
			err = p.unexpected()
		}
		return n, err
	case "[":
		args, err := p.arguments("]", p.sum)
		return &mathNode{kind: listNode, args: args}, err
	}
	if p.rest != "" && strings.Contains(".0123456789", p.rest[:1]) {
		return p.number()
	}
	name := p.name()
	switch {
	case name == "":
		return nil, p.unexpected()
	case p.take("(") == "":
		return &mathNode{kind: idNode, text: name}, nil
	}
	args, err := p.arguments(")", p.argument)
	return &mathNode{kind: callNode, text: name, args: args}, err
}

// arguments reads what stands between commas, up to a closing bracket.
func (p *expressionParser) arguments(closing string, argument func() (*mathNode, error)) (args []*mathNode, err error) {
	if p.take(closing) != "" {
		return nil, nil
	}
	for {
		n, err := argument()
		if err != nil {
			return nil, err
		}
		args = append(args, n)
		if p.take(closing) != "" {
			return args, nil
		}
		if p.take(",") == "" {
			return nil, p.unexpected()
		}
	}
}

// argument reads one argument of a function.
func (p *expressionParser) argument() (*mathNode, error) {
	if quote := p.take(`'"`); quote != "" {
		text, rest, ok := strings.Cut(p.rest, quote)
		if !ok || strings.ContainsAny(text, `'"`) {
			return nil, fmt.Errorf("a text has no end")
		}
		p.rest = rest
		return &mathNode{kind: textNode, text: text}, nil
	}
	n, err := p.sum()
	if err == nil && n.kind == idNode && (n.text == "REPEAT" || n.text == "LINEAR") {
		n.kind = wordNode
	}
	return n, err
}

func (p *expressionParser) number() (*mathNode, error) {
	end := 0
	for end < len(p.rest) && strings.Contains(".0123456789", p.rest[end:end+1]) {
		end++
	}
	v, err := strconv.ParseFloat(p.rest[:end], 64)
	if err != nil || math.IsInf(v, 0) {
		return nil, fmt.Errorf("%q is not a number", p.rest[:end])
	}
	p.rest = p.rest[end:]
	return &mathNode{kind: numberNode, number: v}, nil
}

func (p *expressionParser) name() string {
	end := 0
	for end < len(p.rest) {
		c := p.rest[end]
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (end == 0 || c < '0' || c > '9') {
			break
		}
		end++
	}
	name := p.rest[:end]
	p.rest = p.rest[end:]
	return name
}

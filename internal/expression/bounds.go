package expression

import "github.com/expr-lang/expr/ast"

// Bound is a comparison of a name with a number, as the expression has it: Name
// Operator Value.
type Bound struct {
	Name     string
	Operator string // <, <=, >, >=, ==, !=
	Value    float64
}

// Bounds lists the comparisons of a name alone with a number alone without which
// the expression does not hold. One side of an or, or of a conditional, is none.
func (p *Program) Bounds() []Bound { return bounds(p.tree, true) }

// bounds are those without which a node is not what it should be.
func bounds(n ast.Node, holds bool) []Bound {
	if u, ok := n.(*ast.UnaryNode); ok && (u.Operator == "not" || u.Operator == "!") {
		return bounds(u.Node, !holds)
	}
	b, ok := n.(*ast.BinaryNode)
	if !ok {
		return nil
	}
	switch b.Operator {
	case "and", "&&", "or", "||":
		if holds == (b.Operator == "and" || b.Operator == "&&") {
			return append(bounds(b.Left, holds), bounds(b.Right, holds)...)
		}
		return nil
	}
	operator := b.Operator
	if !holds {
		operator = opposite[operator]
	}
	if mirrored[operator] == "" {
		return nil
	}
	if name, value, ok := nameAndNumber(b.Left, b.Right); ok {
		return []Bound{{name, operator, value}}
	}
	if name, value, ok := nameAndNumber(b.Right, b.Left); ok {
		return []Bound{{name, mirrored[operator], value}}
	}
	return nil
}

// opposite is what holds where a comparison does not.
var opposite = map[string]string{"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}

// mirrored is each comparison with its sides exchanged.
var mirrored = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}

func nameAndNumber(left, right ast.Node) (name string, value float64, ok bool) {
	id, isName := left.(*ast.IdentifierNode)
	if !isName {
		return "", 0, false
	}
	switch n := right.(type) {
	case *ast.IntegerNode:
		return id.Value, float64(n.Value), true
	case *ast.FloatNode:
		return id.Value, n.Value, true
	}
	return "", 0, false
}

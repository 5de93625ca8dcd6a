package expression

import "github.com/expr-lang/expr/ast"

// Bound is a comparison of a name with a number, as the expression has it: Name
// Operator Value.
type Bound struct {
	Name     string
	Operator string // <, <=, >, >=, ==, !=
	Value    float64
}

// Bounds lists the comparisons of a name alone with a number alone, wherever
// they stand in the expression.
func (p *Program) Bounds() []Bound {
	var out []Bound
	ast.Walk(&p.tree, visitor(func(n ast.Node) {
		b, ok := n.(*ast.BinaryNode)
		if !ok {
			return
		}
		if name, value, ok := nameAndNumber(b.Left, b.Right); ok && mirrored[b.Operator] != "" {
			out = append(out, Bound{name, b.Operator, value})
		} else if name, value, ok := nameAndNumber(b.Right, b.Left); ok && mirrored[b.Operator] != "" {
			out = append(out, Bound{name, mirrored[b.Operator], value})
		}
	}))
	return out
}

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

// visitor is called for each node.
type visitor func(ast.Node)

// Visit implements ast.Visitor.
func (v visitor) Visit(n *ast.Node) { v(*n) }

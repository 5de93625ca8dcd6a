package expression

import (
	"errors"
	"math"

	"github.com/expr-lang/expr/ast"
)

// Range is a number that is known to lie between two others, ends included.
type Range struct{ Low, High float64 }

// Exactly is a number that is known.
func Exactly(v float64) Range { return Range{v, v} }

// Answer is what an expression comes to where its numbers are ranges.
type Answer int

// The answers. Undecided is yes for some numbers in the ranges and no for others.
const (
	Undecided Answer = iota
	Yes
	No
)

var (
	errDivision = errors.New("the expression divides by zero")
	errOverflow = errors.New("a number in the expression is too large to compute with")
)

// Decide computes the expression from the value of every name that it reads: a
// Range for a Number, a bool for a Bool, a string for a Text. An answer of Yes or
// No is the same for all numbers in the ranges. An error means that there is no
// answer; it is not a no.
//
// Each name is taken to vary by itself, also one that stands twice, so that the
// answer is never surer than the numbers are.
func (p *Program) Decide(values map[string]any) (Answer, error) {
	v, err := evaluator{values}.eval(p.tree)
	if err != nil {
		return Undecided, err
	}
	return v.(Answer), nil
}

// Eval is Decide where every Number is known, as a float64.
func (p *Program) Eval(values map[string]any) (bool, error) {
	known := map[string]any{}
	for _, name := range p.reads {
		known[name] = values[name]
		if v, ok := values[name].(float64); ok {
			known[name] = Exactly(v)
		}
	}
	answer, err := p.Decide(known)
	return answer == Yes, err
}

// evaluator gives each node a Range, an Answer or a string: the type checker has
// seen to it that the operators get what they take.
type evaluator struct{ values map[string]any }

func (e evaluator) eval(n ast.Node) (any, error) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return Exactly(float64(n.Value)), nil
	case *ast.FloatNode:
		return Exactly(n.Value), nil
	case *ast.BoolNode:
		return answer(n.Value), nil
	case *ast.StringNode:
		return n.Value, nil
	case *ast.UnaryNode:
		return e.unary(n)
	case *ast.BinaryNode:
		return e.binary(n)
	case *ast.ConditionalNode:
		return e.conditional(n)
	case *ast.BuiltinNode:
		return e.function(n)
	}
	name := n.(*ast.IdentifierNode).Value
	if v, ok := e.values[name].(bool); ok {
		return answer(v), nil
	}
	return e.values[name], nil
}

func (e evaluator) unary(n *ast.UnaryNode) (any, error) {
	v, err := e.eval(n.Node)
	if err != nil {
		return nil, err
	}
	switch n.Operator {
	case "-":
		r := v.(Range)
		return Range{-r.High, -r.Low}, nil
	case "+":
		return v, nil
	}
	return not(v.(Answer)), nil
}

func (e evaluator) binary(n *ast.BinaryNode) (any, error) {
	left, err := e.eval(n.Left)
	if err != nil {
		return nil, err
	}
	switch n.Operator {
	case "and", "&&", "or", "||":
		// What decides alone is not held up by what stands to its right.
		decides := No
		if n.Operator == "or" || n.Operator == "||" {
			decides = Yes
		}
		if left == decides {
			return decides, nil
		}
		right, err := e.eval(n.Right)
		if err != nil || right == decides || left != Undecided {
			return right, err
		}
		return Undecided, nil
	}
	right, err := e.eval(n.Right)
	if err != nil {
		return nil, err
	}
	a, isNumber := left.(Range)
	if !isNumber {
		return equal(n.Operator, left, right), nil
	}
	b := right.(Range)
	if a, ok := compare(n.Operator, a, b); ok {
		return a, nil
	}
	return arithmetic(n.Operator, a, b)
}

func (e evaluator) conditional(n *ast.ConditionalNode) (any, error) {
	cond, err := e.eval(n.Cond)
	if err != nil {
		return nil, err
	}
	switch cond {
	case Yes:
		return e.eval(n.Exp1)
	case No:
		return e.eval(n.Exp2)
	}
	a, err := e.eval(n.Exp1)
	if err != nil {
		return nil, err
	}
	b, err := e.eval(n.Exp2)
	if err != nil || a == b {
		return b, err
	}
	if r, ok := a.(Range); ok {
		s := b.(Range)
		return Range{min(r.Low, s.Low), max(r.High, s.High)}, nil
	}
	return Undecided, nil
}

func (e evaluator) function(n *ast.BuiltinNode) (any, error) {
	var args []Range
	for _, node := range n.Arguments {
		v, err := e.eval(node)
		if err != nil {
			return nil, err
		}
		args = append(args, v.(Range))
	}
	out := args[0]
	switch n.Name {
	case "min", "max":
		pick := math.Min
		if n.Name == "max" {
			pick = math.Max
		}
		for _, r := range args[1:] {
			out = Range{pick(out.Low, r.Low), pick(out.High, r.High)}
		}
		return out, nil
	case "abs":
		least := 0.0
		if out.Low > 0 || out.High < 0 {
			least = math.Min(math.Abs(out.Low), math.Abs(out.High))
		}
		return Range{least, math.Max(math.Abs(out.Low), math.Abs(out.High))}, nil
	}
	// These never fall.
	step := map[string]func(float64) float64{"ceil": math.Ceil, "floor": math.Floor, "round": math.Round}[n.Name]
	return Range{step(out.Low), step(out.High)}, nil
}

// equal compares truths, or words.
func equal(operator string, a, b any) Answer {
	if a == Undecided || b == Undecided {
		return Undecided
	}
	return answer((a == b) == (operator == "=="))
}

// compare reports whether the operator is a comparison of numbers.
func compare(operator string, a, b Range) (Answer, bool) {
	switch operator {
	case "<":
		return ordered(a.High < b.Low, a.Low >= b.High), true
	case "<=":
		return ordered(a.High <= b.Low, a.Low > b.High), true
	case ">":
		return ordered(a.Low > b.High, a.High <= b.Low), true
	case ">=":
		return ordered(a.Low >= b.High, a.High < b.Low), true
	case "==", "!=":
		same := ordered(a == b && a.Low == a.High, a.High < b.Low || b.High < a.Low)
		if operator == "!=" {
			same = not(same)
		}
		return same, true
	}
	return Undecided, false
}

func arithmetic(operator string, a, b Range) (any, error) {
	var out Range
	switch operator {
	case "+":
		out = Range{a.Low + b.Low, a.High + b.High}
	case "-":
		out = Range{a.Low - b.High, a.High - b.Low}
	case "*":
		out = hull(a, b, func(x, y float64) float64 { return x * y })
	case "/":
		if b.Low <= 0 && b.High >= 0 {
			return nil, errDivision
		}
		out = hull(a, b, func(x, y float64) float64 { return x / y })
	}
	// An infinity would compare as large, and what is made of two of them as
	// nothing at all.
	for _, v := range []float64{out.Low, out.High} {
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return nil, errOverflow
		}
	}
	return out, nil
}

// hull is the range of an operation that is highest and lowest at the ends.
func hull(a, b Range, of func(x, y float64) float64) Range {
	ends := [4]float64{of(a.Low, b.Low), of(a.Low, b.High), of(a.High, b.Low), of(a.High, b.High)}
	return Range{min(ends[0], ends[1], ends[2], ends[3]), max(ends[0], ends[1], ends[2], ends[3])}
}

func ordered(yes, no bool) Answer {
	switch {
	case yes:
		return Yes
	case no:
		return No
	}
	return Undecided
}

func answer(v bool) Answer { return ordered(v, !v) }

func not(a Answer) Answer { return [...]Answer{Undecided: Undecided, Yes: No, No: Yes}[a] }

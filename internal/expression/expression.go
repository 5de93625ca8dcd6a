// Package expression is the language of assertions and stop conditions: a
// small, closed part of expr-lang/expr.
//
// It has numbers, the measurements that the caller names, arithmetic
// (+ - * /), comparisons, and / or / not, the conditional a ? b : c, and the
// functions abs, ceil, floor, round, min and max of numbers. A measurement that
// is one of a few words can be compared with those words by == and !=, and with
// nothing else: a misspelt word would make != always true. There are no lists,
// maps or variables, so nothing in it can fail open: an empty list or a missing
// key cannot be written. It is bounded in length, nodes and depth, and an answer
// takes a time in proportion to the nodes. A division by zero, and a number too large to hold, are
// errors of the evaluation, never an infinity that compares as large.
//
// A measurement can be that of a part of a step: ramp.stage("hold").throttle_rate
// of a stage, ramp.window(last: 1m).throttle_rate of the end of the step. Which
// stages there are, and how long a window may be, is known to [Compile].
//
// A number can be a range: a rate that was measured is known up to an interval
// only. The answer is then yes or no where it is the same all over the range, and
// else undecided.
//
// Everything that can be wrong with an expression is found by [Compile], each
// fault at its offset; the caller knows where in a file the expression stands.
package expression

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	typechecker "github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/conf"
	exprtypes "github.com/expr-lang/expr/types"
)

// What bounds an expression. Every name, number, operator and function is one
// node; a < b < c has b twice.
const (
	MaxLength = 4096 // bytes
	MaxNodes  = 500
	MaxDepth  = 100 // nodes inside each other
)

// Type is the type of a name.
type Type struct {
	kind  kind
	words []string
}

type kind int

const (
	number kind = iota
	truth
	text
)

// The types of names.
var (
	Number = Type{kind: number}
	Bool   = Type{kind: truth}
)

// Text is the type of a name that is one of a few words.
func Text(words ...string) Type { return Type{text, words} }

// Names says what an expression may read: dotted names and their types.
type Names map[string]Type

// Fault is something wrong in an expression. Offset and Width are in
// characters (runes).
type Fault struct {
	Offset, Width       int
	Code, Message, Hint string
}

// Program is a compiled expression. It is immutable.
type Program struct {
	tree   ast.Node // names are identifiers, dots and all
	reads  []string
	phases []Phase
}

// Compile checks an expression completely: it parses, every name is one of
// names, or of a part of a step in phases, the types fit, it gives true or false,
// and it reads at least one name. The program is nil where there are faults.
func Compile(source string, names Names, phases Phases) (*Program, []Fault) {
	if len(source) > MaxLength {
		return nil, []Fault{tooLarge(fmt.Sprintf("this expression has %d bytes; at most %d are allowed", len(source), MaxLength))}
	}
	if strings.TrimSpace(source) == "" {
		return nil, []Fault{{Code: "bad-expression", Message: "the expression is empty", Hint: "compare a measurement with something, for example ramp.throttle_rate <= 0.01"}}
	}
	tree, fault := parse(source)
	if fault != nil {
		return nil, []Fault{*fault}
	}
	var s size
	if s.take(tree.Node, 1); s.deep || s.nodes > MaxNodes {
		return nil, []Fault{tooLarge(fmt.Sprintf("this expression has too many parts: at most %d, and %d inside each other, are allowed", MaxNodes, MaxDepth))}
	}
	c := checker{source: []rune(source), names: names, phases: phases, types: Names{}, named: map[ast.Node]bool{}}
	c.check(&tree.Node)
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	// The library checks the types. It is not asked for the value: it knows no
	// ranges, and its arithmetic goes on with infinities.
	if _, err := typechecker.Check(tree, config(c.types)); err != nil {
		return nil, []Fault{typeFault(err, source)}
	}
	if len(c.reads) == 0 {
		return nil, []Fault{{Width: len([]rune(strings.TrimSpace(source))), Code: "constant-expression", Message: "this expression reads no measurement, so its result is always the same", Hint: "compare a measurement with something, for example ramp.throttle_rate <= 0.01"}}
	}
	return &Program{tree: tree.Node, reads: c.reads, phases: c.used}, nil
}

func tooLarge(message string) Fault {
	return Fault{Code: "expression-size", Message: message, Hint: "split it into several assertions"}
}

// size counts the nodes of a tree, up to where it is too large.
type size struct {
	nodes int
	deep  bool
}

func (s *size) take(n ast.Node, depth int) {
	s.nodes++
	s.deep = s.deep || depth > MaxDepth
	if s.deep || s.nodes > MaxNodes {
		return
	}
	var parts []ast.Node
	switch n := n.(type) {
	case *ast.UnaryNode:
		parts = []ast.Node{n.Node}
	case *ast.BinaryNode:
		parts = []ast.Node{n.Left, n.Right}
	case *ast.ConditionalNode:
		parts = []ast.Node{n.Cond, n.Exp1, n.Exp2}
	case *ast.BuiltinNode:
		parts = n.Arguments
	}
	for _, part := range parts {
		s.take(part, depth+1)
	}
}

// Reads lists the names that the expression reads, each once, in the order of
// their first mention.
func (p *Program) Reads() []string { return p.reads }

// Phases lists the parts of steps that the expression reads, each once.
func (p *Program) Phases() []Phase { return p.phases }

func config(types Names) *conf.Config {
	out := conf.CreateNew()
	options := []expr.Option{expr.Env(environment(types)), expr.AsBool(), expr.WarnOnAny(), expr.DisableAllBuiltins()}
	for _, f := range Functions {
		options = append(options, expr.EnableBuiltin(f))
	}
	for _, o := range options {
		o(out)
	}
	for name := range out.Disabled {
		delete(out.Builtins, name)
	}
	return out
}

// Functions are the functions of the language.
var Functions = []string{"abs", "ceil", "floor", "round", "min", "max"}

func environment(types Names) exprtypes.Map {
	out := exprtypes.Map{}
	for name, t := range types {
		out[name] = [...]exprtypes.Type{number: exprtypes.Float64, truth: exprtypes.Bool, text: exprtypes.String}[t.kind]
	}
	return out
}

// Package expression is the language of assertions and stop conditions: a
// small, closed part of expr-lang/expr.
//
// It has numbers, the measurements that the caller names, arithmetic
// (+ - * /), comparisons, and / or / not, the conditional a ? b : c, and the
// functions abs, ceil, floor, round, min and max of numbers. A measurement that
// is one of a few words can be compared with those words by == and !=, and with
// nothing else: a misspelt word would make != always true. There are no lists,
// maps or variables, so nothing in it can fail open: an empty list or a missing
// key cannot be written. A division by zero, and a number too large to hold, are
// errors of the evaluation, never an infinity that compares as large.
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
	"github.com/expr-lang/expr/types"
)

// MaxLength is the longest expression, in bytes.
const MaxLength = 4096

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
	tree  ast.Node
	reads []string
}

// Compile checks an expression completely: it parses, every name is one of
// names, the types fit, it gives true or false, and it reads at least one
// name. The program is nil where there are faults.
func Compile(source string, names Names) (*Program, []Fault) {
	if len(source) > MaxLength {
		return nil, []Fault{{Code: "expression-size", Message: fmt.Sprintf("this expression has %d bytes; at most %d are allowed", len(source), MaxLength), Hint: "split it into several assertions"}}
	}
	if strings.TrimSpace(source) == "" {
		return nil, []Fault{{Code: "bad-expression", Message: "the expression is empty", Hint: "compare a measurement with something, for example ramp.throttle_rate <= 0.01"}}
	}
	tree, fault := parse(source)
	if fault != nil {
		return nil, []Fault{*fault}
	}
	c := checker{source: []rune(source), names: names}
	c.check(tree)
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	// The library checks the types. It is not asked for the value: it knows no
	// ranges, and its arithmetic goes on with infinities.
	if _, err := expr.Compile(source, options(names)...); err != nil {
		return nil, []Fault{typeFault(err, source)}
	}
	if len(c.reads) == 0 {
		return nil, []Fault{{Width: len([]rune(strings.TrimSpace(source))), Code: "constant-expression", Message: "this expression reads no measurement, so its result is always the same", Hint: "compare a measurement with something, for example ramp.throttle_rate <= 0.01"}}
	}
	return &Program{tree: tree, reads: c.reads}, nil
}

// Reads lists the names that the expression reads, each once, in the order of
// their first mention.
func (p *Program) Reads() []string { return p.reads }

func options(names Names) []expr.Option {
	out := []expr.Option{
		expr.Env(environment(names)),
		expr.AsBool(), expr.WarnOnAny(),
		expr.DisableAllBuiltins(),
	}
	for _, f := range Functions {
		out = append(out, expr.EnableBuiltin(f))
	}
	return out
}

// Functions are the functions of the language.
var Functions = []string{"abs", "ceil", "floor", "round", "min", "max"}

func environment(names Names) types.Map {
	root := types.Map{}
	for name, t := range names {
		at := root
		parts := strings.Split(name, ".")
		for _, p := range parts[:len(parts)-1] {
			next, ok := at[p].(types.Map)
			if !ok {
				next = types.Map{}
				at[p] = next
			}
			at = next
		}
		at[parts[len(parts)-1]] = [...]types.Type{number: types.Float64, truth: types.Bool, text: types.String}[t.kind]
	}
	return root
}

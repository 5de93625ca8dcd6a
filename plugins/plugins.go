// Package plugins is the contract between the runner and what it runs: step
// kinds, model families, and the account under test.
//
// A plugin is a row in a table. A [Set] holds the tables that a program is
// made with; the rows themselves are in plugins/steps and plugins/families.
// A step kind binds what the scenario says into a [Step]; a step tells its
// worst case before anything is sent, and then runs in an [Env].
package plugins

import (
	"context"
	"time"

	"github.com/loadline-dev/loadline/internal/expression"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// Set is the tables of plugins.
type Set struct {
	Steps    []StepKind
	Families []Family
	// Prices tells the price of a model's calls in a scope, where a newer one is
	// known than in the built-in table; nil knows none.
	Prices func(base, scope string) *Price
	// Now is the time by which it is judged how old a window of the past is; zero
	// is that of the machine.
	Now time.Time
}

// StepKind is a kind of step.
type StepKind struct {
	Name, Doc, Example string
	// Type is what may stand under the kind's name in a scenario.
	Type scenarios.Type
	// Bind understands one step as written. What is wrong goes to b.Problem;
	// the step is then never run, but must not be nil.
	Bind func(b *Binding, s scenarios.Step) Step
}

// Binding is what a step kind has at hand when it binds.
type Binding struct {
	Models []Model // of the scenario, in its order
	// Request is the scenario's default request.
	Request scenarios.Request
	// Budget is the caps of the run.
	Budget scenarios.Budget
	// Discovers: a step before this one reads the quotas of the models.
	Discovers bool
	// Steps are those of the scenario as written, in the order in which they run.
	Steps []scenarios.Step
	// Folder is where the scenario lies; what it names is there or below.
	Folder string
	// Now is that of the [Set].
	Now time.Time
	// Seed is where every random draw starts from.
	Seed uint64
	// LookedUp are the names of the models whose ids an earlier step looks up at
	// AWS; a step that does so adds those that it looks up.
	LookedUp []string
	// Problem reports something wrong with the scenario.
	Problem func(scenarios.Problem)
}

// Compile compiles an expression of the scenario, and reports its faults at
// their places in the file. It returns nil where there are any.
func (b *Binding) Compile(n *scenarios.Node, names expression.Names, phases expression.Phases) *expression.Program {
	program, faults := expression.Compile(n.Text(), names, phases)
	for _, f := range faults {
		b.Problem(scenarios.Problem{Pos: n.Place(f.Offset), Width: f.Width, Code: f.Code, Message: f.Message, Hint: f.Hint})
	}
	return program
}

// Select picks the models that a step names, in a list or as the keys of a
// mapping; all where it names none.
func (b *Binding) Select(n *scenarios.Node) []Model {
	if n == nil {
		return b.Models
	}
	names := n.Keys()
	for _, item := range n.Items() {
		names = append(names, item.Text())
	}
	var out []Model
	for _, name := range names {
		for _, m := range b.Models {
			if m.Name == record.CleanLine(name) {
				out = append(out, m)
			}
		}
	}
	return out
}

// Step is a step as understood.
type Step interface {
	// Estimate is the most that the step can use.
	Estimate() Estimate
	// Run does the step. It returns what it measured even with an error; the
	// error says that the work could not be done, and ends the run.
	Run(ctx context.Context, env *Env) (Result, error)
}

// Knower is a step of which more is known once the quotas of the models are
// read. Know gives the step as it then is; an error says why it could not run.
type Knower interface {
	Know(models map[string]*record.Model) (Step, error)
}

// Course is a step that goes along a ramp, of which the parts can be read by
// themselves.
type Course interface {
	// Stages are the pieces of the ramp, in order; nil where it has none that are known before the run.
	Stages() []Piece
	// Warmup is how long calls are left out of what is measured.
	Warmup() time.Duration
	// Due is how many calls to a model come due from one time to another after the
	// start; not ok where that is known only in the run.
	Due(model string, from, to time.Duration) (calls int64, ok bool)
}

// Piece is a piece of a ramp. Of is the name of what it is a part of, or "".
type Piece struct {
	Name, Of      string
	Start, Length time.Duration
}

// Measurer is a step that measures more than the metrics of its kind. Measures
// are their names: STEP.NAME in an assertion, NAME among the values of a result.
type Measurer interface{ Measures() []string }

// Narrower is a step that is about other models than its key `models` says where
// that is left out.
type Narrower interface{ Concerns() []Model }

// Estimate is the worst case of a step.
type Estimate struct {
	Duration time.Duration
	// Open: how much the step sends is known only as it runs. The numbers of
	// its calls are then what the budget allows it.
	Open bool
	// Calls lists what would be sent, a row a model; nil for a step that
	// invokes nothing.
	Calls []CallEstimate
	// Reads names the IAM actions that the step needs.
	Reads []string
	// Notes are what else is worth knowing of it before it runs.
	Notes []string
}

// CallEstimate is the worst case of one model in one step.
type CallEstimate struct {
	Model    string
	Calls    int64   // that come due
	Requests int64   // with those again that a client may retry, and one to fit a prompt
	Peak     float64 // the highest rate, in requests per minute; 0 for bursts
	Rate     string  // in place of Peak, where that is not known in advance: "80% of quota"
	Reserved int64   // quota tokens at admission: input + max_tokens
	Settled  int64   // quota tokens at settlement: input + max_tokens x burndown
	USD      *float64
}

// Result is what a step adds to the record. Steps fill what they have.
type Result struct {
	Step   record.Step // without name, kind and times, which the runner fills
	Values map[string]record.Values
	Totals record.Values
	Series []record.Series
}

// Env is what a step has at hand when it runs.
type Env struct {
	AWS    AWS
	Log    *record.Log
	Models map[string]*record.Model // the record so far, by name; discover fills it
	Report func(Progress)           // says how far the step is; never nil
	// Phases are the parts of the step that assertions read, still without values.
	Phases []record.Phase
	// Ran are the steps that have ended, in the order of the plan.
	Ran []record.Step
	// Lane and Lanes: of how many steps that run at the same time this is which.
	// They send at different instants, so that a run repeats itself.
	Lane, Lanes int
	// Real: time is the machine's own, and not that of testing/synctest. Waits
	// can then be as precise as the system allows, and the machine be watched.
	Real bool
}

// Progress is a sign of life of a running step.
type Progress struct {
	Step  string
	Stage string
	// Done and Total are durations of the plan; Total is 0 where it is unknown.
	Done, Total time.Duration
	Counts      record.Counts
	// Note is a line worth telling by itself; "" for a mere update.
	Note string
}

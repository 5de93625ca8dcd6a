package scenarios

import "time"

// A Scenario is a file as written. Everything has its place; what the file leaves out has its default and no place. Where a value was
// refused, the field is as if it were left out.
type Scenario struct {
	File   string
	Source []byte
	Root   *Node

	Version       int
	Name          At[string]
	Description   At[string]
	Region        At[string]
	ExpectAccount At[string]
	Seed          At[uint64]
	Budget        Budget
	Families      []Family // in the order of the file, as are the models
	Models        []Model
	Request       Request
	Steps         []Step
	Assert        []Assertion
	Alarms        Alarms
	Report        Report
}

// Budget are the caps of a run. A cap that is not written is none.
type Budget struct {
	Pos      Pos
	Requests At[int64]
	Tokens   At[int64]
	USD      At[float64]
	Duration At[time.Duration]
}

// Model is one entry of models. ID is empty where a problem with it was reported.
type Model struct {
	Name     At[string]
	ID       At[string]
	Family   At[string]
	Quotas   map[string]At[string] // dimension to code
	Request  Request               // what the model says itself; see Request.Over
	Price    *Price                // nil if not written
	Limits   Limits
	Burndown At[float64]
}

// Limits are the most tokens of one call.
type Limits struct{ Context, Output At[int64] }

// Family is one entry of families. A family whose body was refused is left out.
type Family struct {
	Name     At[string]
	Match    []At[string]
	Body     *Node
	NoOutput At[bool]
	Usage    Usage
	Stream   *Stream // nil if not written
}

// Usage are the paths in the JSON of a reply to its tokens.
type Usage struct{ Input, Output, CacheRead, CacheWrite []string }

// Stream is how a chunk of a stream is read.
type Stream struct {
	Text  []string
	Last  []string
	Usage Usage
}

// Price is in US dollars for a million tokens.
type Price struct {
	Pos                   Pos
	Input, Output         At[float64]
	CacheRead, CacheWrite At[float64] // not known unless written
}

// Request is what to ask. The scenario, a model and a step each have one; join them with Over.
type Request struct {
	Pos         Pos
	API         At[string]
	Prompt      Prompt
	Nonce       At[bool]
	System      At[string]
	Body        *Node // nil if not written
	MaxTokens   At[int64]
	InputTokens At[int64]
	Timeout     At[time.Duration]
	Stall       At[time.Duration] // of streams; without limit unless written
	Temperature At[float64]       // not to be sent unless written
	ServiceTier At[string]        // likewise
	Latency     At[string]        // likewise
	LongContext At[bool]
}

// Prompt is what the model is asked: a text, or one of the others where it is written.
type Prompt struct {
	Text   At[string]
	Tokens At[int64]
	File   At[string] // JSON lines
	Order  At[string] // sequential | random
}

// Written says whether the file says any of it.
func (p Prompt) Written() bool { return p.Text.Written() || p.Tokens.Written() || p.File.Written() }

// Over is the request with what it leaves out taken from base: step.Over(model.Over(scenario)).
func (r Request) Over(base Request) Request {
	r.API = over(r.API, base.API)
	if !r.Prompt.Written() {
		r.Prompt = base.Prompt
	}
	r.Nonce = over(r.Nonce, base.Nonce)
	if r.Body == nil {
		r.Body = base.Body
	}
	r.System = over(r.System, base.System)
	r.MaxTokens = over(r.MaxTokens, base.MaxTokens)
	r.InputTokens = over(r.InputTokens, base.InputTokens)
	r.Timeout = over(r.Timeout, base.Timeout)
	r.Stall = over(r.Stall, base.Stall)
	r.Temperature = over(r.Temperature, base.Temperature)
	r.ServiceTier = over(r.ServiceTier, base.ServiceTier)
	r.Latency = over(r.Latency, base.Latency)
	r.LongContext = over(r.LongContext, base.LongContext)
	if r.Pos.IsZero() {
		r.Pos = base.Pos
	}
	return r
}

func over[T any](written, base At[T]) At[T] {
	if written.Written() {
		return written
	}
	return base
}

// Step is one item of steps. Kind is one of the language's; a step of an unknown kind is left out. Name is unique unless a problem was
// reported.
type Step struct {
	Kind At[string]
	Name At[string] // the kind if not written
	Body *Node
	// Beside: it runs at the same time as the step before it. See the key parallel.
	Beside bool
}

// Assertion is one item of assert. One whose expression was refused is left out.
type Assertion struct {
	Pos        Pos
	Name       At[string] // the expression on one line if not written
	Expr       At[string]
	ExprNode   *Node
	For        []At[string] // models; empty: all
	Scope      At[string]   // model | run
	Severity   At[string]   // fail | warn
	OnNoData   At[string]   // unknown | skip
	Confidence At[float64]  // of a verdict, 0.5 to 0.9999; 0 is the plain comparison
}

// Report is what to write. No formats: all.
type Report struct {
	Pos     Pos
	Formats []At[string]
}

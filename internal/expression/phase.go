package expression

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"

	"github.com/loadline-dev/loadline/scenarios"
)

// Phased is what can be read of parts of a step: NAME.stage("hold").METRIC and
// NAME.window(last: 1m).METRIC, or NAME.window(last 1m).METRIC, since a colon and
// a space are something else to YAML.
type Phased struct {
	Stages  []string      // their names; none where the step has no stages
	Longest time.Duration // the longest window at the end of the step; 0 allows none
	Names   Names         // the metrics, without the step
}

// Phases says of which names parts can be read.
type Phases map[string]Phased

// Phase is a part of a step that an expression reads.
type Phase struct {
	Of    string        // the name before it: ramp, baseline.ramp
	Name  string        // as it stands in Reads: stage("hold"), window(last: 1m)
	Stage string        // its stage, or
	Last  time.Duration // how long before the end of the step it begins
}

// Split takes a name of [Program.Reads] apart; phase is "" where it reads no part
// of the step.
func Split(name string) (step, phase, metric string) {
	step, metric, _ = strings.Cut(name, ".")
	if i := strings.LastIndex(metric, ")."); i >= 0 {
		phase, metric = metric[:i+1], metric[i+2:]
	}
	return step, phase, metric
}

// StageName is how the stage of a name stands in Reads.
func StageName(name string) string { return "stage(" + strconv.Quote(name) + ")" }

// The calls of the language.
const (
	stageCall  = "stage"
	windowCall = "window"
)

const windowHint = "write how far it goes back from the end of the step, with a unit: window(last: 1m), or window(last 1m), which YAML takes without quotes"

// windowArguments is what stands in a call of window, unless it is a text.
var windowArguments = regexp.MustCompile(`\bwindow\s*\(([^()"'` + "`" + `]+)\)`)

// parseable is the source with names in place of the arguments of windows, which
// the library could not parse. All else keeps its place.
func parseable(source string) string {
	out := []byte{}
	end := 0
	for _, m := range windowArguments.FindAllStringSubmatchIndex(source, -1) {
		out = append(out, source[end:m[2]]...)
		out = append(out, strings.Repeat("_", len([]rune(source[m[2]:m[3]])))...)
		end = m[3]
	}
	return string(append(out, source[end:]...))
}

// call is NAME.stage("hold") or NAME.window(last: 1m), and the names after it.
type call struct {
	*ast.CallNode
	of    []string
	kind  string
	after []*ast.StringNode
}

// callIn finds the call in a chain of members.
func callIn(n ast.Node) (c call, ok bool) {
	for {
		switch m := n.(type) {
		case *ast.MemberNode:
			after, isText := m.Property.(*ast.StringNode)
			if !isText || m.Optional {
				return call{}, false
			}
			c.after = slices.Insert(c.after, 0, after)
			n = m.Node
		case *ast.CallNode:
			callee, isMember := m.Callee.(*ast.MemberNode)
			if !isMember {
				return call{}, false
			}
			parts, isPath := path(callee)
			if !isPath {
				return call{}, false
			}
			c.CallNode, c.kind, c.of = m, parts[len(parts)-1], parts[:len(parts)-1]
			return c, c.kind == stageCall || c.kind == windowCall
		default:
			return call{}, false
		}
	}
}

// phased takes the name of a metric of a part of a step: its canonical form and
// its type, or a fault.
func (c *checker) phased(x call) (full string, t Type, ok bool) {
	of := strings.Join(x.of, ".")
	in, known := c.phases[of]
	start := c.start(x.Callee)
	if !known {
		if !c.group(of) {
			c.unknown(c.names, "", x.of, start)
		} else {
			c.phaseFault(start, len([]rune(of)), "no-phases", of+" has no stages and no windows", "they are parts of a load step with a ramp")
		}
		return "", Type{}, false
	}
	p := Phase{Of: of}
	read := c.stage
	if x.kind == windowCall {
		read = c.window
	}
	if !read(x, in, &p) {
		return "", Type{}, false
	}
	prefix := of + "." + p.Name
	if len(x.after) == 0 {
		c.phaseFault(start, len([]rune(of)), "not-a-value", prefix+" is a group of values, not one of them", "one of: "+list(in.Names.members(""), 12))
		return "", Type{}, false
	}
	var parts []string
	for _, a := range x.after {
		parts = append(parts, a.Value)
	}
	metric := strings.Join(parts, ".")
	if t, ok = in.Names[metric]; !ok {
		c.unknown(in.Names, prefix, parts, x.after[0].Location().From)
		return "", Type{}, false
	}
	if !slices.Contains(c.used, p) {
		c.used = append(c.used, p)
	}
	return prefix + "." + metric, t, true
}

// stage reads the name of a stage.
func (c *checker) stage(x call, in Phased, p *Phase) bool {
	name, isText := ast.Node(nil), false
	if len(x.Arguments) == 1 {
		name = x.Arguments[0]
		_, isText = name.(*ast.StringNode)
	}
	at := c.start(x.Callee)
	switch {
	case len(in.Stages) == 0:
		c.phaseFault(at, len([]rune(p.Of)), "no-phases", p.Of+" has no stages", "a search and a step without a ramp have none")
		return false
	case !isText:
		c.phaseFault(at, len([]rune(p.Of)), "bad-stage", "stage takes the name of one stage", fmt.Sprintf("write %s.stage(%q)", p.Of, in.Stages[0]))
		return false
	}
	p.Stage = name.(*ast.StringNode).Value
	p.Name = StageName(p.Stage)
	if slices.Contains(in.Stages, p.Stage) {
		return true
	}
	f := c.fault(name, 0, "unknown-stage", fmt.Sprintf("%s has no stage %q", p.Of, p.Stage))
	f.Hint = "its stages are: " + list(in.Stages, 12)
	if near, ok := scenarios.Closest(p.Stage, in.Stages); ok {
		f.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	c.faults = append(c.faults, f)
	return false
}

var windowPattern = regexp.MustCompile(`^\s*last\s*[:\s]\s*(\S+)\s*$`)

// window reads how long a window is.
func (c *checker) window(x call, in Phased, p *Phase) bool {
	at, width := c.start(x.Callee), len([]rune(p.Of))
	wrong := func(message, hint string) bool {
		c.phaseFault(at, width, "bad-window", message, hint)
		return false
	}
	if len(x.Arguments) != 1 {
		return wrong("window takes one time", windowHint)
	}
	if _, isName := x.Arguments[0].(*ast.IdentifierNode); !isName {
		return wrong("window takes a time", windowHint)
	}
	place := x.Arguments[0].Location()
	at, width = place.From, place.To-place.From
	written := windowPattern.FindStringSubmatch(string(c.source[place.From:place.To]))
	if written == nil {
		return wrong("window takes a time", windowHint)
	}
	last, err := time.ParseDuration(written[1])
	switch {
	case err != nil || last <= 0:
		return wrong(fmt.Sprintf("%s is no time", written[1]), windowHint)
	case in.Longest == 0:
		return wrong(p.Of+" has no end that is known before the run", "read the step as a whole, or use a shape with a length")
	case last > in.Longest:
		return wrong(fmt.Sprintf("%s measures no longer than %s, and this window is %s", p.Of, in.Longest, last), "make the window shorter, or the step longer; the warm-up does not count")
	}
	p.Last, p.Name = last, fmt.Sprintf("window(last: %s)", plainly(last))
	return true
}

// plainly writes a time the one way that all its spellings have in common, so that
// 60s is the 1m of an earlier run.
func plainly(d time.Duration) string {
	out := d.String()
	if s, ok := strings.CutSuffix(out, "m0s"); ok {
		out = s + "m"
	}
	if s, ok := strings.CutSuffix(out, "h0m"); ok {
		out = s + "h"
	}
	return out
}

func (c *checker) phaseFault(offset, width int, code, message, hint string) {
	c.faults = append(c.faults, Fault{Offset: offset, Width: width, Code: code, Message: message, Hint: hint})
}

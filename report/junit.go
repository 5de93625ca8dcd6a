package report

import (
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/loadline-dev/loadline/record"
)

// renderJUnit writes the wide dialect: what the common readers of CI systems
// take, file and line included.
func renderJUnit(r *record.Run) ([]File, error) {
	root := junitOf(r)
	root.widen(r)
	b, err := xml.MarshalIndent(root, "", " ")
	if err != nil {
		return nil, err
	}
	return []File{{Path: "junit.xml", Data: []byte(xml.Header + string(b) + "\n")}}, nil
}

// junitOf is the report in the words that every dialect has.
func junitOf(r *record.Run) *junitRoot {
	cases := junitCases(r)
	n := junitCounts{Tests: len(cases), Time: seconds(r.Ended.Sub(r.Started).Seconds())}
	for _, c := range cases {
		switch {
		case c.Failure != nil:
			n.Failures++
		case c.Error != nil:
			n.Errors++
		case c.Skipped != nil:
			n.Skips++
		}
	}
	suite := junitSuite{
		Name: nonEmpty(oneLine(r.Scenario.Name), "scenario"), Host: "localhost", junitCounts: n,
		Timestamp: r.Started.UTC().Format(junitTime), Properties: junitProperties(r), Cases: cases,
	}
	return &junitRoot{Name: nonEmpty(oneLine(r.Tool.Name), "loadline"), junitCounts: n, Suites: []junitSuite{suite}}
}

// widen adds what readers use and some schemas forbid. A strict dialect is
// this step left out.
func (root *junitRoot) widen(r *record.Run) {
	root.Timestamp = r.Started.UTC().Format(junitTime)
	for i := range root.Suites {
		s := &root.Suites[i]
		s.File = oneLine(r.Scenario.File)
		for j := range s.Cases {
			c := &s.Cases[j]
			c.File = s.File
			if a := c.assertion; a != nil {
				c.File = sourceFile(r, a)
				c.Line = a.Line
			}
		}
	}
}

// junitTime has no zone: the one form that every reader takes.
const junitTime = "2006-01-02T15:04:05"

// runCase is the name of the case that stands for the run as a whole.
const runCase = "the run completed"

// junitCases are one case for each assertion and model, and one for the run
// where it did not complete or nothing was asserted.
func junitCases(r *record.Run) []junitCase {
	class := strings.NewReplacer(".", "_", "/", "_", `\`, "_", ":", "_").Replace(nonEmpty(oneLine(r.Scenario.Name), "scenario"))
	var out []junitCase
	if s := trouble(r); s != "" {
		kind := "Problem"
		if r.Aborted {
			kind = "Aborted"
		}
		out = append(out, junitCase{Name: runCase, Error: &junitOutcome{Type: kind, Message: s, Body: s}})
	} else if len(r.Assertions) == 0 {
		out = append(out, junitCase{Name: runCase})
	}
	for i := range r.Assertions {
		out = append(out, assertionCase(r, &r.Assertions[i]))
	}
	used := map[string]bool{}
	for i := range out {
		c := &out[i]
		c.Class, c.Time, c.Name = class, seconds(0), unique(c.Name, used)
	}
	// The time of the run stands once, so that sums are right.
	out[0].Time = seconds(r.Ended.Sub(r.Started).Seconds())
	return out
}

func assertionCase(r *record.Run, a *record.Assertion) junitCase {
	c := junitCase{Name: title(r, a), assertion: a}
	told := &junitOutcome{Message: reason(a), Body: junitBody(r, a)}
	switch stateOf(a) {
	case failed:
		told.Type = "AssertionFailed"
		c.Failure = told
	case undecided:
		told.Type = unknownType(r, a)
		c.Error = told
	case skipped:
		told.Type = "NoData"
		c.Skipped = told
	case warned:
		c.Out = junitText("warning: " + told.Body)
	}
	return c
}

// unknownType is why an assertion was not decided: the step that it reads did
// not come to its end, or there is no data, or another cause.
func unknownType(r *record.Run, a *record.Assertion) string {
	for name := range a.Values {
		step, _, _ := strings.Cut(name, ".")
		if slices.ContainsFunc(r.Steps, func(s record.Step) bool { return s.Name == step && s.Cut != "" }) {
			if r.Aborted {
				return "Aborted"
			}
			return "CutShort"
		}
	}
	for _, v := range a.Values {
		if !v.Known {
			return "NoData"
		}
	}
	return "NotDecided"
}

// junitBody repeats the message, since some readers show nothing else.
func junitBody(r *record.Run, a *record.Assertion) string {
	lines := []string{reason(a), oneLine(a.Expr)}
	for _, v := range readings(a) {
		lines = append(lines, "|  "+v.Name+" = "+v.Text)
	}
	return strings.Join(append(lines, place(r, a)), "\n")
}

func junitProperties(r *record.Run) []junitProperty {
	out := []junitProperty{
		{"tool.version", r.Tool.Version}, {"scenario.digest", r.Scenario.Digest},
		{"target.kind", r.Target.Kind}, {"aws.region", r.Target.Region},
	}
	for _, s := range r.Steps {
		if s.Load == nil {
			continue
		}
		count := func(name string, n int) {
			out = append(out, junitProperty{s.Name + ".load." + name, strconv.Itoa(n)})
		}
		count("planned", s.Load.Planned)
		count("sent", s.Load.Sent)
		count("dropped", s.Load.Dropped)
		if s.Load.Client != nil {
			count("retried", s.Load.Retried)
			count("given_up", s.Load.GivenUp)
		}
		for _, o := range slices.Sorted(maps.Keys(s.Load.Outcomes)) {
			count(string(o), s.Load.Outcomes[o])
		}
		rates := []string{"throttle_rate"}
		if s.Load.Client != nil {
			rates = append(rates, "success_rate", "amplification")
		}
		for _, name := range rates {
			if v := r.Totals[s.Name][name]; v.Known {
				out = append(out, junitProperty{s.Name + "." + name, strconv.FormatFloat(v.Value, 'f', -1, 64)})
			}
		}
	}
	for i := range out {
		out[i].Name, out[i].Value = oneLine(out[i].Name), oneLine(out[i].Value)
	}
	return out
}

func unique(name string, used map[string]bool) string {
	candidate := name
	for n := 2; used[candidate]; n++ {
		candidate = fmt.Sprintf("%s #%d", name, n)
	}
	used[candidate] = true
	return candidate
}

func seconds(s float64) string { return strconv.FormatFloat(max(0, s), 'f', 3, 64) }

func nonEmpty(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/loadline-dev/loadline/record"
)

// state is how an assertion stands in a report: its verdict, seen through its
// severity. The worst comes first.
type state int

const (
	failed state = iota
	undecided
	warned // failed or undecided, but only told
	skipped
	passed
)

func stateOf(a *record.Assertion) state {
	switch {
	case a.Verdict == record.Pass:
		return passed
	case a.Verdict == record.Skipped:
		return skipped
	case a.Severity == record.SeverityWarn:
		return warned
	case a.Verdict == record.Fail:
		return failed
	}
	return undecided
}

// The words for each state, by state.
var (
	stateLabels = [...]string{"FAIL", "????", "WARN", "SKIP", "PASS"} // four letters
	stateWords  = [...]string{"failed", "not decided", "warning", "skipped", "passed"}
)

// worstFirst is the order of tables; assertions of one state stay as they were.
func worstFirst(as []record.Assertion) []record.Assertion {
	out := slices.Clone(as)
	slices.SortStableFunc(out, func(a, b record.Assertion) int { return cmp.Compare(stateOf(&a), stateOf(&b)) })
	return out
}

// headline is the verdict of the run in one line: "1 failed, 3 passed, 0 not
// decided in 9m01s".
func headline(r *record.Run) string {
	var n [passed + 1]int
	for i := range r.Assertions {
		n[stateOf(&r.Assertions[i])]++
	}
	parts := []string{
		fmt.Sprintf("%d failed", n[failed]),
		fmt.Sprintf("%d passed", n[passed]),
		fmt.Sprintf("%d not decided", n[undecided]),
	}
	if n[warned] > 0 {
		parts = append(parts, plural(n[warned], "warning", "warnings"))
	}
	if n[skipped] > 0 {
		parts = append(parts, fmt.Sprintf("%d skipped", n[skipped]))
	}
	return strings.Join(parts, ", ") + " in " + span(r.Ended.Sub(r.Started))
}

// trouble says why the run did not go to its end, "" where it did.
func trouble(r *record.Run) string {
	switch {
	case r.Aborted && r.Problem != "":
		return "The run was interrupted: " + record.CleanLine(r.Problem)
	case r.Aborted:
		return "The run was interrupted before its end."
	}
	return record.CleanLine(r.Problem)
}

// title is an assertion's name with the model and region that it was judged
// for.
func title(r *record.Run, a *record.Assertion) string {
	var where []string
	for _, w := range []string{a.Model, r.Target.Region} {
		if w = oneLine(w); w != "" {
			where = append(where, w)
		}
	}
	name := cmp.Or(oneLine(a.Name), oneLine(a.Expr), "assertion")
	if where == nil {
		return name
	}
	return name + " [" + strings.Join(where, " ") + "]"
}

// reason is what a reader is told beside the verdict; a verdict without one
// gets the plainest.
func reason(a *record.Assertion) string {
	if s := oneLine(a.Reason); s != "" {
		return s
	}
	switch a.Verdict {
	case record.Pass:
		return "the assertion holds"
	case record.Fail:
		return "the assertion does not hold"
	case record.Skipped:
		return "there was no data, and the assertion asks to be skipped then"
	}
	return "the assertion could not be decided"
}

// place is file:line:column of the expression, as far as known.
func place(r *record.Run, a *record.Assertion) string {
	s := sourceFile(r, a)
	if a.Line > 0 {
		s += fmt.Sprintf(":%d", a.Line)
		if a.Column > 0 {
			s += fmt.Sprintf(":%d", a.Column)
		}
	}
	return s
}

func sourceFile(r *record.Run, a *record.Assertion) string {
	return cmp.Or(oneLine(a.File), oneLine(r.Scenario.File))
}

// reading is one name of an expression and what it read.
type reading struct{ Name, Text string }

// readings are in the order of the names.
func readings(a *record.Assertion) []reading {
	var out []reading
	for name, v := range a.Values {
		text := readingText(name, v, a.Samples[name])
		if i, ok := a.Intervals[name]; ok {
			text += ", " + intervalText(i, a.Confidence)
		}
		out = append(out, reading{oneLine(name), text})
	}
	for name, word := range a.Words {
		out = append(out, reading{oneLine(name), oneLine(word)})
	}
	slices.SortFunc(out, func(a, b reading) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func readingText(name string, v record.Reading, samples int) string {
	unit := unitOf(name)
	switch {
	case !v.Known:
		return noData
	case unit == "fraction":
		text := digits(v.Value, 4) + " (" + percent(v.Value)
		if samples > 0 {
			text += " of " + whole(samples)
		}
		return text + ")"
	}
	text := digits(v.Value, 4)
	if unit == "ms" || unit == "s" {
		text = quantity(v, unit)
	}
	if unit == "days" && v.Value >= year {
		text += ", " + quantity(v, unit)
	}
	if samples > 0 {
		text += " (" + plural(samples, "sample", "samples") + ")"
	}
	return text
}

// intervalText is where the true rate can lie, and how that was found.
func intervalText(i record.Interval, confidence float64) string {
	text := percent(i.Low) + " to " + percent(i.High) + " at " + percent(confidence)
	if i.DesignEffect != nil && *i.DesignEffect > 1 {
		text += ", design effect " + digits(*i.DesignEffect, 2)
	}
	return text
}

// oneLine cleans a text and makes runs of white space one space.
func oneLine(s string) string { return strings.Join(strings.Fields(record.CleanLine(s)), " ") }

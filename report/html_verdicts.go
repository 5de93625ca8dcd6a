package report

import (
	"fmt"
	"html/template"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/loadline-dev/loadline/record"
)

// pageVerdict is an assertion that opens to what stands behind it.
type pageVerdict struct {
	Class, Word, Title, Expr, Reason, Place string
	Line                                    int // of the scenario shown, 0 where it has none
	Open                                    bool
	Readings                                stepTable
	Confidence                              string
	Drawings                                []template.HTML
}

// readingHead are the columns of what an expression read: of how many samples,
// where the true value can lie, and how that was found.
var readingHead = []string{"name", "read", "samples", "can truly be", "method"}

// mostOpen is how many verdicts are open as the page opens: with more, one would
// not see how many there are.
const mostOpen = 3

var stateClasses = [...]string{"fail", "unknown", "warn", "skipped", "pass"}

func pageVerdictOf(r *record.Run, a *record.Assertion, lines int) pageVerdict {
	s := stateOf(a)
	v := pageVerdict{
		Class: stateClasses[s], Word: stateWords[s], Title: title(r, a), Expr: record.Clean(a.Expr), Place: place(r, a),
		Readings: pageReadings(a),
	}
	if s != passed {
		v.Reason = reason(a)
	}
	if sourceFile(r, a) == oneLine(r.Scenario.File) && 0 < a.Line && a.Line <= lines {
		v.Line = a.Line
	}
	if a.Confidence > 0 {
		v.Confidence = "Confidence " + percent(a.Confidence) + "."
	}
	for _, name := range slices.Sorted(maps.Keys(a.Intervals)) {
		v.Drawings = append(v.Drawings, drawInterval(name, a))
	}
	return v
}

// pageReadings has a row a name, in their order, and no column that says nothing.
func pageReadings(a *record.Assertion) stepTable {
	var rows [][]string
	for name, v := range a.Values {
		row := []string{oneLine(name), readingText(name, v, 0), "", "", ""}
		if n := a.Samples[name]; n > 0 {
			row[2] = whole(n)
		}
		if i, ok := a.Intervals[name]; ok {
			row[2], row[3], row[4] = whole(i.Hits)+" of "+whole(i.Trials), percent(i.Low)+" to "+percent(i.High), methodText(i)
		}
		rows = append(rows, row)
	}
	for name, word := range a.Words {
		rows = append(rows, []string{oneLine(name), oneLine(word), "", "", ""})
	}
	slices.SortFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return stepTable{readingHead, rows}.withoutEmpty()
}

func methodText(i record.Interval) string {
	text := oneLine(i.Method)
	if i.Windows > 0 {
		text += ", over " + plural(i.Windows, "window", "windows")
	}
	if i.DesignEffect != nil {
		text += ", design effect " + digits(*i.DesignEffect, 2)
	}
	return text
}

// withoutEmpty leaves out the columns that no row has anything in.
func (t stepTable) withoutEmpty() (out stepTable) {
	out.Rows = make([][]string, len(t.Rows))
	for c, head := range t.Head {
		if !slices.ContainsFunc(t.Rows, func(row []string) bool { return row[c] != "" }) {
			continue
		}
		out.Head = append(out.Head, head)
		for i, row := range t.Rows {
			out.Rows[i] = append(out.Rows[i], row[c])
		}
	}
	return out
}

// The measures of a drawn interval, in pixels.
const (
	intervalWidth = 320.0
	intervalEdge  = 8.0
)

// drawInterval shows where a rate can truly lie, what was measured, and the
// limit, where the expression compares with a plain number.
func drawInterval(name string, a *record.Assertion) template.HTML {
	i, v := a.Intervals[name], a.Values[name]
	limit, limited := limitIn(a.Expr, name)
	top := max(i.High, v.Value)
	words := oneLine(name) + ": "
	if v.Known {
		words += "measured " + percent(v.Value) + ", "
	}
	words += "can truly be " + percent(i.Low) + " to " + percent(i.High)
	if limited {
		top = max(top, limit)
		words += "; the limit is " + percent(limit)
	}
	top = min(max(top*1.15, 1e-9), max(1, top))
	x := func(v float64) float64 {
		return intervalEdge + min(max(v/top, 0), 1)*(intervalWidth-2*intervalEdge)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="interval" viewBox="0 0 %g 26" width="%g" height="26" role="img" aria-label="%s">`, intervalWidth, intervalWidth, template.HTMLEscapeString(words))
	fmt.Fprintf(&b, `<path class="axis" d="M%g 13H%g"/>`, intervalEdge, intervalWidth-intervalEdge)
	fmt.Fprintf(&b, `<rect class="range" x="%.1f" y="8" width="%.1f" height="10" rx="2"/>`, x(i.Low), max(x(i.High)-x(i.Low), 2))
	if v.Known {
		fmt.Fprintf(&b, `<circle class="value" cx="%.1f" cy="13" r="4"/>`, x(v.Value))
	}
	if limited {
		fmt.Fprintf(&b, `<path class="limit" d="M%.1f 1V25"/>`, x(limit))
	}
	b.WriteString(`</svg><span class="quiet">` + template.HTMLEscapeString(words) + "</span>")
	return template.HTML(b.String())
}

// comparison is what follows a name that is compared with a plain number, to the
// end of the expression or of its part.
var comparison = regexp.MustCompile(`^\s*(?:<=|>=|<|>)\s*([0-9][0-9_]*(?:\.[0-9]+)?)\s*(?:$|\)|and\b|or\b|&&|\|\|)`)

// limitIn finds the number that an expression compares a name with. It is false
// where the name stands in a longer one, in a computation, or against several
// numbers: then nothing is drawn rather than something wrong.
func limitIn(expr, name string) (float64, bool) {
	part := func(c byte) bool {
		return c == '_' || c == '.' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
	}
	var found []float64
	for at := 0; ; {
		k := strings.Index(expr[at:], name)
		if k < 0 || name == "" {
			break
		}
		from := at + k
		at = from + len(name)
		before := strings.TrimRight(expr[:from], " \t\n")
		if from > 0 && part(expr[from-1]) || strings.HasSuffix(before, "-") || strings.HasSuffix(before, "*") || strings.HasSuffix(before, "/") || strings.HasSuffix(before, "+") {
			continue
		}
		m := comparison.FindStringSubmatch(expr[at:])
		if m == nil {
			continue
		}
		if v, err := strconv.ParseFloat(strings.ReplaceAll(m[1], "_", ""), 64); err == nil {
			found = append(found, v)
		}
	}
	if len(found) != 1 {
		return 0, false
	}
	return found[0], true
}

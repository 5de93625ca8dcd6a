package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/loadline-dev/loadline/record"
)

// indent is the width of a label: no text from outside begins a line.
const indent = "      "

// Text writes the verdict for a terminal or a log: each assertion, how the
// calls of each load step add up, and the counts in the last line.
func Text(w io.Writer, r *record.Run) error {
	var b strings.Builder
	for i := range r.Assertions {
		writeVerdict(&b, r, &r.Assertions[i])
	}
	for i := range r.Steps {
		if err := writeStep(&b, r, &r.Steps[i]); err != nil {
			return err
		}
	}
	if c, ok := comparedClients(r); ok {
		b.WriteString("load  " + clientsTitle + "\n")
		if err := writeTable(&b, c.table().withoutLast()); err != nil {
			return err
		}
	}
	if s := trouble(r); s != "" {
		b.WriteString("note  " + s + "\n")
	}
	b.WriteString(headline(r) + "\n")
	_, err := io.WriteString(w, Tame(b.String()))
	return err
}

// writeVerdict needs one line for what holds, with what was read. What does
// not is told with the expression, the reason and the place.
func writeVerdict(b *strings.Builder, r *record.Run, a *record.Assertion) {
	s := stateOf(a)
	var parts []string
	for _, v := range readings(a) {
		parts = append(parts, v.Name+" = "+v.Text)
	}
	if s == passed {
		fmt.Fprintf(b, "%s  %s\n", stateLabels[s], strings.Join(append([]string{title(r, a)}, parts...), "   "))
		return
	}
	if at := place(r, a); at != "" {
		parts = append(parts, at)
	}
	fmt.Fprintf(b, "%s  %s   %s\n", stateLabels[s], title(r, a), oneLine(a.Expr))
	b.WriteString(indent + reason(a) + "\n")
	b.WriteString(indent + strings.Join(parts, "   ") + "\n")
}

func writeStep(b *strings.Builder, r *record.Run, s *record.Step) error {
	if s.Window != nil {
		return writeUsage(b, r, s)
	}
	if s.Load == nil {
		if end := ending(s); end != "" {
			b.WriteString("step  " + oneLine(s.Name) + "  " + end + "\n")
		}
		return nil
	}
	b.WriteString("load  " + oneLine(s.Name) + "  " + account(s.Load) + "\n")
	if end := ending(s); end != "" {
		b.WriteString(indent + end + "\n")
	}
	for _, remark := range slices.Concat(remarks(s.Load), clientNumbers(r, s)) {
		b.WriteString(indent + remark + "\n")
	}
	if s.Load.Trials != nil {
		return writeTrials(b, s.Load)
	}
	if !inBatches(s.Load) {
		return nil
	}
	t := tabwriter.NewWriter(b, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "%sstage\tsent\tok\tthrottled\terrors\t\n", indent)
	for i := range s.Load.Stages {
		st := &s.Load.Stages[i]
		fmt.Fprintf(t, "%s%s\t%d\t%d\t%d\t%d\t\n", indent, oneLine(st.Name), st.Sent, st.Outcomes[record.OK], st.Outcomes[record.Throttled], failures(st.Counts))
	}
	return t.Flush()
}

// writeUsage is the usage of each model in a line, and what was most worth
// knowing of it in the one below.
func writeUsage(b *strings.Builder, r *record.Run, s *record.Step) error {
	b.WriteString("read  " + oneLine(s.Name) + "  " + windowSentence(s.Window) + "\n")
	if end := ending(s); end != "" {
		b.WriteString(indent + end + "\n")
	}
	for _, line := range agreementLines(s) {
		b.WriteString(indent + line + "\n")
	}
	table := metricTable(r, s, usageColumns)
	if table.Rows == nil {
		return nil
	}
	if err := writeTable(b, table); err != nil {
		return err
	}
	for _, row := range timesTable(s).Rows {
		b.WriteString(indent + row[0] + ": peak " + row[1] + ", throttled longest " + row[3] + ", busiest hour " + row[4] + "\n")
	}
	return nil
}

func writeTable(b *strings.Builder, table stepTable) error {
	t := tabwriter.NewWriter(b, 0, 0, 3, ' ', tabwriter.AlignRight)
	for _, row := range slices.Concat([][]string{table.Head}, table.Rows) {
		fmt.Fprintf(t, "%s%s\t\n", indent, strings.Join(row, "\t"))
	}
	return t.Flush()
}

// usageColumns are those of a terminal, which is narrow.
var usageColumns = []metricColumn{
	{Metric: "attempts", Heading: "attempts"}, {Metric: "throttle_rate", Heading: "throttled"}, {Metric: "peak_rpm", Heading: "peak/min"}, {Metric: "utilization.rpm", Heading: "of quota", Known: true},
	{Metric: "peak_tpm", Heading: "peak tokens/min"}, {Metric: "peak_quota_tpm", Heading: "as quota tokens", Known: true}, {Metric: "utilization.tpm", Heading: "of quota", Known: true}, {Metric: "days_to_quota", Heading: "days to a quota", Known: true, Interval: true}, {Metric: "coverage", Heading: "periods with data"},
}

// inBatches tells whether the ramp is one of bursts, whose table says more
// than their sum.
func inBatches(l *record.Load) bool {
	for i := range l.Stages {
		if burst(&l.Stages[i]) && l.Stages[i].Planned > 0 {
			return true
		}
	}
	return false
}

// withoutLast leaves out the last column: a terminal is narrow.
func (t stepTable) withoutLast() stepTable {
	out := stepTable{Head: t.Head[:len(t.Head)-1]}
	for _, row := range t.Rows {
		out.Rows = append(out.Rows, row[:len(row)-1])
	}
	return out
}

package report

import (
	"fmt"
	"strings"

	"github.com/loadline-dev/loadline/record"
)

// maxMarkdown is the largest summary. GitHub refuses one above 1 MiB as a
// whole, and the file is appended to what other steps of the job have written.
const maxMarkdown = 900_000

// maxRows is where tables end, so that what is left out can be said.
const maxRows = maxMarkdown - 10_000

func renderMarkdown(r *record.Run) ([]File, error) {
	var d document
	d.line("## %s: %s", Cell(r.Scenario.Name), verdictWord(r))
	d.line("")
	d.line("%s. %s account %s, %s, %s, seed %d.", headline(r), Cell(r.Target.Kind), Cell(r.Target.Account), Cell(r.Target.Region), r.Started.UTC().Format(timeForm), r.Seed)
	if s := trouble(r); s != "" {
		d.line("")
		d.line("**%s**", Cell(s))
	}
	d.verdicts(r)
	if c, ok := comparedClients(r); ok {
		t := c.table()
		d.table("### "+clientsTitle, t.Head, len(t.Rows), func(i int) []string { return t.Rows[i] })
		d.line("")
		d.line("%s", clientsNote)
	}
	for i := range r.Steps {
		d.step(r, &r.Steps[i])
	}
	d.quotas(r)
	d.table("### Spent", []string{"", "used", "planned at most"}, len(r.Spent.Unpriced)+len(spending(r)), func(i int) []string {
		if s := spending(r); i < len(s) {
			return s[i][:]
		}
		return []string{"no price for", r.Spent.Unpriced[i-len(spending(r))], ""}
	})
	d.line("")
	d.line("The run folder holds the whole record in `%s`, and the reports that were asked for beside it (`junit.xml`, `report.html`, `charts/*.svg`).", recordFile)
	if d.left > 0 {
		// The only lines above the size: they fit below GitHub's.
		fmt.Fprintf(&d, "\n%s left out here: %s has all.\n", plural(d.left, "line more is", "lines more are"), recordFile)
	}
	return []File{{Path: "summary.md", Data: []byte(d.String())}}, nil
}

const timeForm = "2006-01-02 15:04:05 UTC"

// verdictWord is the verdict as a heading says it.
func verdictWord(r *record.Run) string {
	switch {
	case r.Verdict == record.Pass && len(r.Assertions) == 0:
		return "nothing asserted"
	case r.Verdict == record.Pass:
		return "passed"
	case r.Verdict == record.Fail:
		return "failed"
	}
	return "not decided"
}

// document is a Markdown text that stays below its size.
type document struct {
	strings.Builder
	left int // lines for which there was no room
}

// line adds a line where there is room; empty lines are not missed.
func (d *document) line(form string, args ...any) {
	text := fmt.Sprintf(form, args...) + "\n"
	switch {
	case d.Len()+len(text) <= maxMarkdown:
		d.WriteString(text)
	case text != "\n":
		d.left++
	}
}

func (d *document) verdicts(r *record.Run) {
	if len(r.Assertions) == 0 {
		d.line("")
		d.line("The scenario asserts nothing.")
		return
	}
	as := worstFirst(r.Assertions)
	d.table("", []string{"verdict", "assertion", "expression", "read", "why", "place"}, len(as), func(i int) []string {
		a := &as[i]
		var read []string
		for _, v := range readings(a) {
			read = append(read, v.Name+" = "+v.Text)
		}
		why := ""
		if stateOf(a) != passed {
			why = reason(a)
		}
		return []string{stateWords[stateOf(a)], title(r, a), a.Expr, strings.Join(read, "; "), why, place(r, a)}
	})
}

func (d *document) step(r *record.Run, s *record.Step) {
	if !measures(s) && ending(s) == "" {
		return
	}
	d.line("")
	d.line("### %s (%s)", Cell(s.Name), Cell(s.Kind))
	if end := ending(s); end != "" {
		d.line("")
		d.line("%s", Cell(end))
	}
	if s.Load != nil {
		d.line("")
		d.line("%s.", account(s.Load))
		for _, r := range remarks(s.Load) {
			d.line("")
			d.line("%s.", Cell(r))
		}
	}
	if s.Window != nil {
		d.line("")
		d.line("%s", Cell(windowSentence(s.Window)))
	}
	for _, line := range agreementLines(s) {
		d.line("")
		d.line("%s.", Cell(line))
	}
	if !measures(s) {
		return
	}
	t := tableOf(r, s)
	d.table("", t.Head, len(t.Rows), func(i int) []string { return t.Rows[i] })
	for _, x := range usageSections(r, s) {
		d.table("#### "+x.Title, x.Head, len(x.Rows), func(i int) []string { return x.Rows[i] })
	}
	if s.Load != nil {
		c := clientTable(r, s)
		d.table("#### "+clientTitle, c.Head, len(c.Rows), func(i int) []string { return c.Rows[i] })
		p := phaseTable(r, s)
		d.table("#### "+phasesTitle, p.Head, len(p.Rows), func(i int) []string { return p.Rows[i] })
	}
	if s.Load != nil && s.Load.Trials != nil {
		d.table("", trialHead, len(s.Load.Trials), func(i int) []string { return trialRow(&s.Load.Trials[i]) })
		if rows := theoryRows(s.Load); rows != nil {
			d.table("", theoryHead, len(rows), func(i int) []string { return rows[i] })
		}
	} else if s.Load != nil {
		t := stageTable(s.Load)
		d.table("", t.Head, len(t.Rows), func(i int) []string { return t.Rows[i] })
	}
}

func (d *document) quotas(r *record.Run) {
	var rows [][]string
	for _, m := range r.Models {
		for _, q := range m.Quotas {
			rows = append(rows, []string{m.Name, q.Dimension, applied(&q), optional(q.Default), yesNo(q.Adjustable), q.Code, q.Name})
		}
		for _, n := range m.Notes {
			rows = append(rows, []string{m.Name, "", "", "", "", "", n})
		}
		if c := capacity(m.Capacity); c != "" {
			rows = append(rows, []string{m.Name, "", "", "", "", "", c})
		}
	}
	d.table("### Quotas", []string{"model", "dimension", "applied", "default", "adjustable", "code", "name"}, len(rows), func(i int) []string { return rows[i] })
	for _, n := range doubts(r) {
		d.line("")
		d.line("%s", Cell(n))
	}
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// table writes n rows, or as many as the document has room for and how many
// are left out. Without rows it writes nothing.
func (d *document) table(heading string, head []string, n int, row func(int) []string) {
	if n == 0 {
		return
	}
	if d.Len() > maxRows {
		d.left += n
		return
	}
	d.line("")
	if heading != "" {
		d.line("%s", heading)
		d.line("")
	}
	d.line("| %s |", strings.Join(head, " | "))
	d.line("|%s", strings.Repeat(" --- |", len(head)))
	for i := range n {
		cells := row(i)
		for j := range cells {
			cells[j] = Cell(cells[j])
		}
		text := "| " + strings.Join(cells, " | ") + " |"
		if d.Len()+len(text) > maxRows {
			d.line("")
			d.line("%s left out here: %s has all.", plural(n-i, "row is", "rows are"), recordFile)
			return
		}
		d.line("%s", text)
	}
}

// Cell makes a text fit for a table cell: on one line, at most 300 characters,
// with nothing in it that Markdown or HTML would act on. The comment breaks
// what would become a mention or a link.
func Cell(s string) string {
	s = oneLine(s)
	if r := []rune(s); len(r) > 300 {
		s = string(r[:299]) + "…"
	}
	return markdownEscapes.Replace(s)
}

var markdownEscapes = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "|", `\|`, "`", "\\`", `\`, `\\`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`,
	"~", `\~`, "#", `\#`, "$", `\$`, "!", `\!`, "@", "@<!-- -->", "://", ":<!-- -->//", "www.", "www<!-- -->.",
)

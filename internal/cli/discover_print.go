package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
)

// sheet is a table for people: the same for a terminal and for Markdown.
type sheet struct {
	head []string
	rows [][]string
}

// section is what stands under one heading.
type section struct {
	heading        string
	quotas, models sheet
}

// sections groups findings by family, in alphabetical order, with General last.
func sections(f *findings) []section {
	var names []string
	for _, q := range f.Quotas {
		names = append(names, q.Group)
	}
	for _, m := range f.Models {
		names = append(names, m.Group)
	}
	slices.SortFunc(names, func(a, b string) int {
		if a == general || b == general {
			return strings.Compare(strings.Replace(a, general, "\xff", 1), strings.Replace(b, general, "\xff", 1))
		}
		return strings.Compare(a, b)
	})
	var out []section
	for _, name := range slices.Compact(names) {
		out = append(out, section{name, quotaSheet(f, name), modelSheet(f, name)})
	}
	return out
}

func quotaSheet(f *findings, group string) sheet {
	s := sheet{head: []string{"NAME", "APPLIED", "DEFAULT", "ADJUSTABLE", "CODE", "DIMENSION", "SCOPE", "BINDS", "PENDING"}}
	var rows []quotaRow
	for _, q := range f.Quotas {
		if q.Group == group {
			rows = append(rows, q)
		}
	}
	slices.SortStableFunc(rows, func(a, b quotaRow) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	for _, q := range rows {
		applied := grouped(q.Applied)
		switch {
		case q.Problem != "":
			applied = "not known"
		case q.Applied != nil && *q.Applied == 0 && q.Binds != "":
			applied = "0 (not entitled)"
		}
		s.rows = append(s.rows, []string{q.Name, applied, grouped(q.Default), yesNo(q.Adjustable), q.Code, dash(q.Dimension), dash(q.Scope), dash(q.Binds), pending(q.Pending)})
	}
	return s
}

func modelSheet(f *findings, group string) sheet {
	s := sheet{head: []string{"MODEL", "SCOPE", "BOUND BY", "ACCESS", "LIFECYCLE", "INFERENCE TYPES", "PROFILES", "PROVISIONED UNITS"}}
	for _, m := range f.Models {
		if m.Group != group {
			continue
		}
		var by []string
		for _, q := range m.Quotas {
			by = append(by, q.Dimension+" "+q.Code)
		}
		c := m.Capacity
		lifecycle := dash(c.Lifecycle)
		if c.EndOfLife != nil {
			lifecycle += ", ends " + c.EndOfLife.Format(time.DateOnly)
		}
		s.rows = append(s.rows, []string{m.ID, m.Scope, dash(strings.Join(by, ", ")), dash(c.Access), lifecycle, dash(strings.Join(c.InferenceTypes, ", ")), few(c.Profiles), units(c)})
	}
	return s
}

// few lists some ids, and how many more there are.
func few(ids []string) string {
	const most = 3
	if len(ids) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(ids[:most], ", "), len(ids)-most)
	}
	return dash(strings.Join(ids, ", "))
}

// units adds up Provisioned Throughput, and tells each one's state.
func units(c *record.ModelCapacity) string {
	text := grouped(c.ProvisionedUnits)
	for _, p := range c.Provisioned {
		text += fmt.Sprintf("; %s: %d %s", p.Name, p.Units, p.Status)
		if p.Commitment != "" {
			text += ", " + p.Commitment
		}
		if p.Ends != nil {
			text += " until " + p.Ends.Format(time.DateOnly)
		}
	}
	return text
}

func printTable(w io.Writer, f *findings) error {
	b := &strings.Builder{}
	for i, s := range sections(f) {
		if i > 0 {
			fmt.Fprintln(b)
		}
		fmt.Fprintln(b, s.heading)
		s.quotas.text(b)
		if len(s.quotas.rows) > 0 && len(s.models.rows) > 0 {
			fmt.Fprintln(b)
		}
		s.models.text(b)
	}
	priceSheet(f).textUnder(b, "Prices")
	for _, list := range []struct {
		heading string
		lines   []string
	}{{"Problems", problemLines(f)}, {"Notes", remarks(f, notes)}} {
		if len(list.lines) == 0 {
			continue
		}
		fmt.Fprintf(b, "\n%s\n", list.heading)
		for _, l := range list.lines {
			fmt.Fprintf(b, "  %s\n", l)
		}
	}
	if f.Prices != nil {
		b.WriteString(f.Prices.text(f))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s sheet) textUnder(w io.Writer, heading string) {
	if len(s.rows) > 0 {
		fmt.Fprintf(w, "\n%s\n", heading)
		s.text(w)
	}
}

// numeric are the columns of numbers, which end under one another.
var numeric = []string{"APPLIED", "DEFAULT", "USD PER 1M IN", "USD PER 1M OUT"}

// text writes a sheet with aligned columns; nothing where it is empty.
func (s sheet) text(w io.Writer) {
	if len(s.rows) == 0 {
		return
	}
	lines := slices.Concat([][]string{s.head}, s.rows)
	widths := make([]int, len(s.head))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, line := range lines {
		b := &strings.Builder{}
		for i, cell := range line {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if slices.Contains(numeric, s.head[i]) {
				cell = pad + cell
			} else {
				cell += pad
			}
			b.WriteString("  " + cell)
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}

func printMarkdown(w io.Writer, f *findings) error {
	b := &strings.Builder{}
	for i, s := range sections(f) {
		if i > 0 {
			fmt.Fprintln(b)
		}
		fmt.Fprintf(b, "## %s\n", report.Cell(s.heading))
		s.quotas.markdown(b)
		s.models.markdown(b)
	}
	if p := priceSheet(f); len(p.rows) > 0 {
		b.WriteString("\n## Prices\n")
		p.markdown(b)
	}
	for _, list := range []struct {
		heading string
		lines   []string
	}{{"Problems", problemLines(f)}, {"Notes", remarks(f, notes)}} {
		if len(list.lines) > 0 {
			fmt.Fprintf(b, "\n## %s\n\n", list.heading)
		}
		for _, l := range list.lines {
			fmt.Fprintf(b, "- %s\n", report.Cell(l))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// markdown writes a sheet as a table.
func (s sheet) markdown(w io.Writer) {
	if len(s.rows) == 0 {
		return
	}
	rule := "|"
	for _, name := range s.head {
		if slices.Contains(numeric, name) {
			rule += " ---: |"
		} else {
			rule += " --- |"
		}
	}
	fmt.Fprintf(w, "\n| %s |\n%s\n", strings.ToLower(strings.Join(s.head, " | ")), rule)
	for _, row := range s.rows {
		for i := range row {
			row[i] = report.Cell(row[i])
		}
		fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | "))
	}
}

// printCSV writes a row for each quota of each model, and one for each quota
// that binds none of the models shown.
func printCSV(w io.Writer, f *findings) error {
	out := csv.NewWriter(w)
	out.Write([]string{"model", "base_model", "family", "scope", "dimension", "applied", "default", "adjustable", "code", "name", "matched_by", "group", "binds", "pending", "pending_status", "pending_since"})
	seen := map[string]bool{}
	for _, m := range f.Models {
		for _, list := range []struct {
			quotas []record.Quota
			binds  string
		}{{m.Quotas, bindsCalls}, {m.Related, bindsOnRequest}} {
			for _, q := range list.quotas {
				seen[q.Code] = true
				out.Write(slices.Concat(texts(m.ID, m.BaseModel, m.Family, m.Scope, q.Dimension), quotaCells(q.Applied, q.Default, q.Adjustable), texts(q.Code, q.Name, q.MatchedBy, m.Group, list.binds), pendingCells(q.Pending)))
			}
		}
	}
	for _, q := range f.Quotas {
		if !seen[q.Code] {
			out.Write(slices.Concat(texts("", "", "", q.Scope, q.Dimension), quotaCells(q.Applied, q.Default, q.Adjustable), texts(q.Code, q.Name, "", q.Group, ""), pendingCells(q.Pending)))
		}
	}
	out.Flush()
	return out.Error()
}

// texts are cells that a spreadsheet does not compute.
func texts(from ...string) []string {
	for i := range from {
		from[i] = report.CSVText(from[i])
	}
	return from
}

func quotaCells(applied, initial *float64, adjustable bool) []string {
	return []string{plainNumber(applied), plainNumber(initial), strconv.FormatBool(adjustable)}
}

func pendingCells(p *record.Increase) []string {
	if p == nil {
		return []string{"", "", ""}
	}
	return []string{plainNumber(&p.Desired), report.CSVText(p.Status), p.Since.Format(time.RFC3339)}
}

func pending(p *record.Increase) string {
	if p == nil {
		return "-"
	}
	return fmt.Sprintf("%s (%s since %s)", grouped(&p.Desired), record.CleanLine(p.Status), p.Since.Format(time.DateOnly))
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// plainNumber writes a value for programs; "" where there is none.
func plainNumber(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

// grouped writes a value for people: 4,000,000, and - where there is none.
func grouped(v *float64) string {
	if v == nil {
		return "-"
	}
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(*v, 'f', -1, 64), ".")
	digits, sign := strings.TrimPrefix(whole, "-"), ""
	if digits != whole {
		sign = "-"
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	return sign + digits + fraction
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

package evidence

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
)

// document is the evidence as people read it: what Markdown and HTML both show,
// so that they cannot differ.
type document struct {
	Title, Lead string
	Parts       []part
}

// part is a heading with what stands under it.
type part struct {
	Title string
	Sub   bool // below the part before
	Lines []string
	Table *table
	Paste string // a text to be copied
}

type table struct {
	Head []string
	Rows [][]string
}

const noData = "no data"

func (e *Evidence) document() document {
	d := document{
		Title: "Evidence for a quota increase",
		Lead:  fmt.Sprintf("%s account %s, %s. %s %s, from %s.", upper(kind(e.Target.Kind)), e.Target.Account, e.Target.Region, e.Tool.Name, e.Tool.Version, plural(len(e.Runs), "run")),
	}
	for i := range e.Requests {
		d.request(&e.Requests[i])
	}
	runs := &table{Head: []string{"run", "scenario", "started", "ended", "verdict", "problem"}}
	for _, r := range e.Runs {
		runs.Rows = append(runs.Rows, []string{r.Folder, r.Scenario, r.Started.Format(minuteForm), r.Ended.Format(minuteForm), string(r.Verdict), r.Problem})
	}
	d.add(part{Title: "Runs", Table: runs})
	return d
}

func kind(k string) string {
	if k == "aws" {
		return "AWS"
	}
	if k == "" {
		return "unknown"
	}
	return k
}

func (d *document) add(p part) { d.Parts = append(d.Parts, p) }

func (d *document) request(r *Request) {
	d.add(part{Title: fmt.Sprintf("%s %s: %s", number(r.Wanted), unitOf(r.Quota.Dimension), r.Quota.Code), Lines: []string{r.Headline}})
	advice := part{Title: "max_tokens first", Sub: true}
	if r.AdviceNote != "" {
		advice.Lines = []string{r.AdviceNote}
	}
	if len(r.Advice) == 0 {
		d.add(advice)
	}
	for i := range r.Advice {
		a := &r.Advice[i]
		advice.Lines = []string{
			fmt.Sprintf("For %s: a mean of %s input and %s output tokens; an output token takes %s from the quota.", a.From, number(a.Input), number(a.Output), number(a.Burndown)),
			a.Sentence,
		}
		advice.Table = a.table()
		d.add(advice)
		advice = part{}
	}
	if len(r.Advice) > 0 {
		d.Parts[len(d.Parts)-1].Lines = append(d.Parts[len(d.Parts)-1].Lines, "As a call begins AWS takes input + max_tokens from the quota, and as it ends all but input + output x burndown is given back. The sure rate is the lower one of both bounds; what fits in truth lies between it and the bound by settlement, the higher the sooner calls end.")
	}
	d.add(part{Title: "The quota", Sub: true, Table: r.quotaTable()})
	if len(r.Usage) > 0 {
		d.add(part{Title: "Usage, as CloudWatch tells it", Sub: true, Table: usageTable(r.Usage)})
	}
	if len(r.LoadTests) > 0 {
		d.add(part{Title: "Load tests", Sub: true, Table: testTable(r.LoadTests)})
	}
	missing := &table{Head: []string{"missing", "why", "what fills it"}}
	for _, m := range r.Missing {
		missing.Rows = append(missing.Rows, []string{m.What, m.Why, m.Way})
	}
	d.add(part{Title: "Missing", Sub: true, Table: missing})
	d.add(part{Title: "Justification, for the support case", Sub: true, Paste: r.Justification})
}

func (a *Advice) table() *table {
	t := &table{Head: []string{"max_tokens", "", "reserved a call", "settled a call", "requests/min by reservation", "by settlement", "sure", "times as now", "sure, with what is asked for", "replies cut"}}
	for _, w := range a.Rows {
		t.Rows = append(t.Rows, []string{
			number(float64(w.MaxTokens)), w.Why, number(w.Reserved), number(w.Settled), number(w.ReservedRPM), number(w.SettledRPM), number(w.RPM), optional(w.Times), number(w.WantedRPM), share(w.Cut),
		})
	}
	return t
}

func (r *Request) quotaTable() *table {
	q := &r.Quota
	t := &table{Head: []string{"", ""}}
	row := func(name, value string) { t.Rows = append(t.Rows, []string{name, value}) }
	row("quota", q.Code+" "+q.Name)
	row("asked for", number(r.Wanted))
	row("applied", optional(q.Applied))
	row("default", optional(q.Default))
	if q.Problem != "" {
		row("problem", q.Problem)
	}
	adjustable := "no: it takes a support case"
	if q.Adjustable {
		adjustable = "yes"
	}
	row("adjustable", adjustable)
	pending := "none known"
	if p := q.Pending; p != nil {
		pending = fmt.Sprintf("%s asked for, %s since %s", number(p.Desired), p.Status, p.Since.Format(minuteForm))
	}
	row("open request", pending)
	from := "the account, just now"
	if r.QuotaFrom != "" {
		from = "run " + r.QuotaFrom
	}
	row("read by", from)
	for _, m := range r.Models {
		row("model", strings.TrimSpace(m.Name+": "+m.ID+" ("+m.Scope+")"))
	}
	if s := r.Submitted; s != nil {
		text := fmt.Sprintf("request %s, %s", s.ID, s.Status)
		if s.Case != "" {
			text += ", support case " + s.Case
		}
		row("filed", text+", "+s.Created.Format(minuteForm))
	}
	return t
}

func usageTable(all []Usage) *table {
	t := &table{Head: []string{""}}
	meta := [][]string{{"model"}, {"window"}, {"period"}, {"ids"}}
	means := [][]string{{"mean input tokens a call, cache writes included"}, {"mean output tokens a call"}, {"quota tokens an output token takes"}}
	for _, u := range all {
		t.Head = append(t.Head, u.Step+" of "+u.Run)
		for i, v := range []string{u.Model, span(u.Window), time.Duration(u.Window.Period).String(), strings.Join(u.IDs, ", ")} {
			meta[i] = append(meta[i], v)
		}
		for i, v := range []*float64{u.MeanInput, u.MeanOutput, u.Burndown} {
			means[i] = append(means[i], optional(v))
		}
	}
	t.Rows = append(t.Rows, meta...)
	values := make([]record.Values, len(all))
	for i := range all {
		values[i] = all[i].Values
	}
	t.Rows = append(t.Rows, factRows(usageFacts, values)...)
	t.Rows = append(t.Rows, means...)
	return t
}

func testTable(all []Test) *table {
	t := &table{Head: []string{""}}
	rows := [][]string{
		{"model"}, {"started"}, {"ended"}, {"max_tokens"}, {"mean input tokens a call, cache writes included"}, {"mean output tokens a call"}, {"quota tokens an output token takes"},
		{"calls that told their tokens"}, {"more than 25,000 input tokens, calls"}, {"more than 25,000 input tokens, of the calls"}, {"output tokens, median"}, {"output tokens, p99"}, {"output tokens, longest"},
		{"search: held"}, {"search: did not hold"}, {"search: bound by"}, {"in doubt"},
	}
	values := make([]record.Values, len(all))
	for i, test := range all {
		t.Head = append(t.Head, test.Step+" of "+test.Run)
		values[i] = test.Values
		cells := []string{test.Model, test.Started.Format(minuteForm), test.Ended.Format(minuteForm), integer(test.MaxTokens), optional(test.MeanInput), optional(test.MeanOutput), optional(test.Burndown)}
		if c := test.Calls; c != nil {
			cells = append(cells, number(float64(c.Calls)), number(float64(c.Large)), report.Percent(c.LargeShare), integer(&c.OutputP50), integer(c.OutputP99), integer(&c.OutputMax))
		} else {
			cells = append(cells, noData, noData, noData, noData, noData, noData)
		}
		if l := test.Limit; l != nil {
			cells = append(cells, bound(l.Low, l.Unit), bound(l.High, l.Unit), l.BoundBy)
		} else {
			cells = append(cells, "", "", "")
		}
		cells = append(cells, strings.Join(test.Doubts, "; "))
		for j := range rows {
			rows[j] = append(rows[j], cells[j])
		}
	}
	t.Rows = append(append(t.Rows, rows[:4]...), factRows(testFacts, values)...)
	t.Rows = append(t.Rows, rows[4:]...)
	return t
}

func factRows(facts []fact, values []record.Values) (out [][]string) {
	for _, f := range facts {
		row := []string{f.title}
		for _, v := range values {
			p := pointer(v[f.name])
			if f.share {
				row = append(row, share(p))
			} else {
				row = append(row, optional(p))
			}
		}
		out = append(out, row)
	}
	return out
}

func bound(v *float64, unit string) string {
	if v == nil {
		return "none"
	}
	return number(*v) + " " + unit
}

func optional(v *float64) string {
	if v == nil {
		return noData
	}
	return number(*v)
}

func integer(v *int64) string {
	if v == nil {
		return noData
	}
	return number(float64(*v))
}

func share(v *float64) string {
	if v == nil {
		return noData
	}
	return report.Percent(*v)
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return strconv.Itoa(n) + " " + word + "s"
}

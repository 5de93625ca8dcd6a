package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// agreementLines say of each id how our calls and the counts of CloudWatch
// agree; none for a step that does not reconcile.
func agreementLines(s *record.Step) (out []string) {
	for i := range s.Agreement {
		a := &s.Agreement[i]
		out = append(out, fmt.Sprintf("%s (%s): %s", oneLine(a.ID), oneLine(strings.Join(a.Steps, ", ")), agreementWords(a)))
	}
	return out
}

func agreementWords(a *record.Agreement) string {
	v := a.Values()
	calls := func(name, one, many string) string { return count(v[name].Value, one, many) }
	var parts []string
	switch {
	case !a.Settled:
		parts = append(parts, "CloudWatch did not settle, so how its counts agree with ours is not known: "+oneLine(a.Why))
	case v["agreement"].Known:
		parts = append(parts, fmt.Sprintf("CloudWatch has %s of our %s with the outcome that we saw", percent(v["agreement"].Value), plural(a.Ours(), "call", "calls")))
	default:
		parts = append(parts, "of none of our calls is it known where CloudWatch counts it")
	}
	if v["missing"].Value > 0 {
		parts = append(parts, calls("missing", "call of ours is", "calls of ours are")+" missing there: lost, or later than was waited for")
	}
	if v["others.calls"].Known {
		others := "no other traffic by this id"
		if v["others.calls"].Value > 0 {
			others = calls("others.calls", "call more is", "calls more are") + " other traffic in the account"
		}
		if v["others.throttles"].Value > 0 {
			others += ", " + digits(v["others.throttles"].Value, 6) + " of it throttled"
		}
		parts = append(parts, others)
	}
	if a.Unsure > 0 {
		parts = append(parts, plural(a.Unsure, "call", "calls")+" of ours without a clear answer may be counted or not")
	}
	if a.Settled {
		parts = append(parts, "settled after "+span(time.Duration(a.Waited))+", as "+oneLine(a.Why))
	}
	return strings.Join(parts, "; ")
}

func count(n float64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return digits(n, 6) + " " + many
}

var agreementHead = []string{"id", "CloudWatch metric", "CloudWatch", "ours", "maybe ours", "others", "missing"}

// agreementRows are the metrics of each id, and their sum.
func agreementRows(s *record.Step) (out [][]string) {
	for i := range s.Agreement {
		a := &s.Agreement[i]
		row := func(name string, r record.AgreementRow) {
			out = append(out, []string{oneLine(a.ID), oneLine(name), countOf(r.CloudWatch), whole(r.Ours), countOf(r.MaybeOurs), countOf(r.Others), countOf(r.Missing)})
		}
		for _, r := range a.Outcomes {
			row(r.Metric, r)
		}
		row("all", record.AgreementRow{
			Ours:       a.Ours(),
			CloudWatch: a.Sum(func(r record.AgreementRow) *float64 { return r.CloudWatch }),
			MaybeOurs:  a.Sum(func(r record.AgreementRow) *float64 { return r.MaybeOurs }),
			Others:     a.Sum(func(r record.AgreementRow) *float64 { return r.Others }),
			Missing:    a.Sum(func(r record.AgreementRow) *float64 { return r.Missing }),
		})
	}
	return out
}

func countOf(v *float64) string {
	if v == nil {
		return noData
	}
	return digits(*v, 6)
}

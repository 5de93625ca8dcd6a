package report

import (
	"slices"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// clientLine says whose calls those of a load step were; "" where each was sent
// once, when it was due.
func clientLine(c *record.Client) string {
	if c == nil {
		return ""
	}
	parts := []string{"client: " + oneLine(c.Label)}
	if p := c.Pacing; p != nil {
		parts = append(parts, pacingWords(p)...)
	}
	return strings.Join(append(parts, retryWords(&c.Retry)...), "; ")
}

func pacingWords(p *record.Pacing) (out []string) {
	for _, l := range p.Limits {
		if words := limitsOf(&l, p.Share); words != "" {
			out = append(out, words)
		}
	}
	if p.Adaptive {
		out = append(out, "the rate follows the throttles")
	}
	if p.MaxWait > 0 {
		return append(out, "a call waits at most "+span(time.Duration(p.MaxWait)))
	}
	return append(out, "a call waits without an end")
}

// limitsOf is "sonnet, haiku held to 90 % of 200 rpm, 2,500,000 tpm"; "" without a
// limit.
func limitsOf(l *record.PacedLimit, share float64) string {
	var limits []string
	for _, x := range []struct {
		value float64
		unit  string
	}{{l.RPM, " rpm"}, {l.TPM, " tpm"}, {float64(l.Concurrent), " at once"}} {
		if x.value > 0 {
			limits = append(limits, digits(x.value, 4)+x.unit)
		}
	}
	if limits == nil {
		return ""
	}
	of := ""
	if share > 0 && share != 1 {
		of = percent(share) + " of "
	}
	return strings.Join(cleaned(l.Models), ", ") + " held to " + of + strings.Join(limits, ", ")
}

func cleaned(texts []string) (out []string) {
	for _, t := range texts {
		out = append(out, oneLine(t))
	}
	return out
}

func retryWords(r *record.Retry) (out []string) {
	if r.MaxAttempts <= 1 {
		return []string{"nothing is retried"}
	}
	out = append(out, "at most "+whole(r.MaxAttempts)+" attempts a call")
	if r.Base > 0 || r.Cap > 0 {
		out = append(out, "delays from "+span(time.Duration(r.Base))+" to "+span(time.Duration(r.Cap)))
	}
	if r.Budget > 0 {
		out = append(out, "retries at most "+percent(r.Budget)+" of the calls to a model, and ten")
	}
	return out
}

// clientTitle is over the table of clientColumns.
const clientTitle = "Calls and attempts"

// clientColumns are what the client of a step made of its calls.
var clientColumns = []metricColumn{
	{Metric: "calls", Heading: "calls"}, {Metric: "success_rate", Heading: "success rate"}, {Metric: "retry_count", Heading: "retries"}, {Metric: "amplification", Heading: "amplification"},
	{Metric: "given_up", Heading: "given up"}, {Metric: "throttle_rate", Heading: "throttle rate"}, {Metric: "wait_ms.p50", Heading: "wait p50"}, {Metric: "wait_ms.p95", Heading: "wait p95"}, {Metric: "wait_ms.p99", Heading: "wait p99"},
	{Metric: "latency_ms.p50", Heading: "latency p50"}, {Metric: "latency_ms.p95", Heading: "latency p95"}, {Metric: "latency_ms.p99", Heading: "latency p99"}, {Metric: "goodput", Heading: "goodput", Known: true},
}

// clientColumnsOf are some of them, in the order asked.
func clientColumnsOf(metrics ...string) (out []metricColumn) {
	for _, m := range metrics {
		out = append(out, clientColumns[slices.IndexFunc(clientColumns, func(c metricColumn) bool { return c.Metric == m })])
	}
	return out
}

// clientTable has the numbers of a step whose calls have a client, by model.
func clientTable(r *record.Run, s *record.Step) stepTable {
	if s.Load == nil || s.Load.Client == nil {
		return stepTable{}
	}
	return metricTable(r, s, clientColumns)
}

// clientNumbers are the same over all models, in lines for a terminal.
func clientNumbers(r *record.Run, s *record.Step) []string {
	if s.Load.Client == nil {
		return nil
	}
	v := r.Totals[s.Name]
	line := func(metrics ...string) string {
		var parts []string
		for _, c := range clientColumnsOf(metrics...) {
			if !c.Known || v[c.Metric].Known {
				parts = append(parts, c.Heading+" "+c.text(v))
			}
		}
		return strings.Join(parts, ", ")
	}
	return []string{
		line("success_rate", "retry_count", "amplification", "given_up", "throttle_rate", "goodput"),
		line("latency_ms.p50", "latency_ms.p95", "latency_ms.p99") + "; " + line("wait_ms.p50", "wait_ms.p95", "wait_ms.p99"),
	}
}

// labelsOf are the labels of clients. Where those of one label are not alike, what
// they differ in is added.
func labelsOf(clients []*record.Client) []string {
	out, groups := make([]string, len(clients)), map[string][]*record.Client{}
	for _, c := range clients {
		groups[oneLine(c.Label)] = append(groups[oneLine(c.Label)], c)
	}
	for i, c := range clients {
		out[i] = oneLine(c.Label)
		for k, detail := range details(c) {
			if slices.ContainsFunc(groups[oneLine(c.Label)], func(o *record.Client) bool { return details(o)[k] != detail }) {
				out[i] += ", " + detail
			}
		}
	}
	return out
}

// details are what a label may leave out.
func details(c *record.Client) []string {
	out := []string{
		plural(c.Retry.MaxAttempts, "attempt", "attempts"),
		"delays from " + span(time.Duration(c.Retry.Base)) + " to " + span(time.Duration(c.Retry.Cap)),
		"budget " + percent(c.Retry.Budget),
		"not paced", "not adaptive", "any wait",
	}
	if p := c.Pacing; p != nil {
		out[3] = percent(p.Share)
		if p.Adaptive {
			out[4] = "adaptive"
		}
		if p.MaxWait > 0 {
			out[5] = "wait " + span(time.Duration(p.MaxWait))
		}
	}
	return out
}

package report

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/chart"
)

// limitWords is what a search found of a model, as a sentence; "" where the
// step searched nothing of it.
func limitWords(l *record.Load, model string) string {
	for _, x := range l.Limits {
		if x.Model == model {
			return oneLine(x.Model) + ": " + limitOf(&x)
		}
	}
	return ""
}

func limitLines(l *record.Load) (out []string) {
	for _, x := range l.Limits {
		out = append(out, limitWords(l, x.Model))
	}
	return out
}

// limitOf is "holds 118 rpm, and not 123 rpm (bound by rpm; 5 trials)".
func limitOf(l *record.Limit) string {
	rate := func(v float64) string { return digits(v, 5) + " " + oneLine(l.Unit) }
	var b strings.Builder
	switch {
	case l.Low != nil && l.High != nil:
		fmt.Fprintf(&b, "holds %s, and not %s", rate(*l.Low), rate(*l.High))
	case l.Low != nil:
		fmt.Fprintf(&b, "holds %s; no rate was found that does not", rate(*l.Low))
	case l.High != nil:
		fmt.Fprintf(&b, "does not hold %s; no rate was found that does", rate(*l.High))
	default:
		b.WriteString("nothing was found")
	}
	if l.BoundBy != "" {
		fmt.Fprintf(&b, "; bound by %s", boundWord(l.BoundBy))
	}
	fmt.Fprintf(&b, " (%s)", oneLine(l.Why))
	return b.String()
}

// boundWords are what a bound is called where its word says too little.
var boundWords = map[string]string{
	record.BoundRPM: "requests per minute", record.BoundTPM: "tokens per minute", record.BoundReservation: "tokens per minute, by what calls under way reserve",
	record.BoundTPD: "tokens per day", record.BoundConcurrency: "calls at once", record.BoundCapacity: "the capacity of AWS (503)",
	record.BoundUnspecified: "a quota that AWS does not name", record.BoundErrors: "failed calls", record.BoundGenerator: "the generator", record.BoundNone: "nothing",
}

func boundWord(by string) string {
	if w, ok := boundWords[by]; ok {
		return w
	}
	return oneLine(by)
}

var trialHead = []string{"part", "model", "at", "rate", "rpm", "for", "sent", "ok", "throttled", "capacity", "errors", "dropped", "verdict", "why"}

// trialRow are the cells of one trial.
func trialRow(t *record.Trial) []string {
	return []string{
		oneLine(t.Kind), oneLine(t.Model), span(time.Duration(t.Start)), digits(t.Rate, 5), digits(t.RPM, 5), span(time.Duration(t.Length)),
		whole(t.Attempts), whole(t.OK), whole(t.Throttled), whole(t.Capacity), whole(t.Errors), whole(t.Dropped), oneLine(t.Verdict), oneLine(t.Why),
	}
}

// writeTrials is the table of a search for a terminal.
func writeTrials(b *strings.Builder, l *record.Load) error {
	t := tabwriter.NewWriter(b, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "%smodel\tpart\trate\tsent\tthrottled\tverdict\t\n", indent)
	for i := range l.Trials {
		x := &l.Trials[i]
		fmt.Fprintf(t, "%s%s\t%s\t%s\t%d\t%d\t%s\t\n", indent, oneLine(x.Model), oneLine(x.Kind), digits(x.Rate, 5), x.Attempts, x.Throttled, oneLine(x.Verdict))
	}
	return t.Flush()
}

// searchPanel shows the trials of a model over time, by rate and verdict, and
// the bracket that they came to.
func searchPanel(s *record.Step, model string, t times) (chart.Panel, bool) {
	p := chart.Panel{Start: t.start, End: t.end, NoTimes: true, BarNames: []chart.BarName{{Name: "held", Look: chart.OK}, {Name: "did not hold", Look: chart.Throttled}, {Name: "decides nothing", Look: chart.Errors}}}
	for i := range s.Load.Trials {
		x := &s.Load.Trials[i]
		if x.Model != model || x.Kind != record.TrialRate {
			continue
		}
		look := chart.Errors
		switch x.Verdict {
		case record.TrialHeld:
			look = chart.OK
		case record.TrialFailed:
			look = chart.Throttled
		}
		from := t.start.Add(time.Duration(x.Start))
		p.Bars = append(p.Bars, chart.Bar{From: from, To: from.Add(time.Duration(x.Length)), Value: x.Rate, Look: look})
	}
	for _, l := range s.Load.Limits {
		if l.Model != model {
			continue
		}
		p.Caption = "trials by their rate, in " + oneLine(l.Unit)
		if l.Low != nil && l.High != nil {
			p.Bands = []chart.Band{{Name: "limit: " + digits(*l.Low, 4) + " to " + digits(*l.High, 4), Low: *l.Low, High: *l.High}}
		}
	}
	return p, p.Bars != nil
}

package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// metricColumn is a column of the table of a step: a metric and its heading.
type metricColumn struct {
	Metric, Heading string
	Rare            bool // shown only where a model has more than zero of it
	Known           bool // shown only where a model has any of it
	// Interval is of a metric that stands in three: METRIC.low, .estimate, .high.
	Interval bool
}

// text is what a cell says.
func (c metricColumn) text(v record.Values) string {
	if c.Interval {
		return interval(v, c.Metric)
	}
	return quantity(v[c.Metric], metricUnit(c.Metric))
}

// shown tells whether a model has what the column is for.
func (c metricColumn) shown(r *record.Run, step string) bool {
	name := c.Metric
	if c.Interval {
		name += ".estimate"
	}
	return !c.Rare && !c.Known || slices.ContainsFunc(r.Models, func(m record.Model) bool {
		v := m.Steps[step][name]
		return v.Known && (v.Value > 0 || !c.Rare)
	})
}

// What the tables of people's reports show; run.json has every metric.
var (
	loadColumns = []metricColumn{
		{Metric: "attempts", Heading: "sent"}, {Metric: "ok", Heading: "ok"}, {Metric: "throttled", Heading: "throttled"}, {Metric: "throttle_rate", Heading: "throttle rate"}, {Metric: "errors", Heading: "errors"},
		{Metric: "dropped", Heading: "dropped"}, {Metric: "attempted_rpm", Heading: "sent/min"}, {Metric: "latency_ms.p50", Heading: "p50"}, {Metric: "latency_ms.p95", Heading: "p95"},
		{Metric: "ttft_ms.p50", Heading: "first text p50", Rare: true}, {Metric: "ttft_ms.p95", Heading: "first text p95", Rare: true},
		{Metric: "tpot_ms.p50", Heading: "per token p50", Rare: true}, {Metric: "goodput", Heading: "goodput", Rare: true},
		{Metric: "throttled_by.tokens_per_day", Heading: "for the day", Rare: true}, {Metric: "capacity", Heading: "no capacity", Rare: true}, {Metric: "truncated", Heading: "truncated", Rare: true}, {Metric: "downgraded", Heading: "downgraded", Rare: true}, {Metric: "quota_tokens", Heading: "quota tokens"},
	}
	monitorColumns = []metricColumn{
		{Metric: "invocations", Heading: "successful"}, {Metric: "throttles", Heading: "throttled"}, {Metric: "throttle_rate", Heading: "throttle rate"}, {Metric: "client_errors", Heading: "client errors"},
		{Metric: "server_errors", Heading: "server errors"}, {Metric: "peak_rpm", Heading: "peak/min"}, {Metric: "peak_tpm", Heading: "peak tokens/min"}, {Metric: "coverage", Heading: "periods with data"},
	}
)

// stepTable is what people's reports show of a step.
type stepTable struct {
	Head []string
	Rows [][]string // one a model, then the total where there are several
}

func tableOf(r *record.Run, s *record.Step) stepTable {
	columns := loadColumns
	if s.Load == nil {
		columns = monitorColumns
	}
	return metricTable(r, s, columns)
}

// metricTable sets what a step measured of each model side by side.
func metricTable(r *record.Run, s *record.Step, columns []metricColumn) stepTable {
	columns = slices.DeleteFunc(slices.Clone(columns), func(c metricColumn) bool { return !c.shown(r, s.Name) })
	t := stepTable{Head: []string{"model"}}
	for _, c := range columns {
		t.Head = append(t.Head, c.Heading)
	}
	row := func(name string, v record.Values) {
		cells := []string{name}
		for _, c := range columns {
			cells = append(cells, c.text(v))
		}
		t.Rows = append(t.Rows, cells)
	}
	for _, m := range r.Models {
		if v, ok := m.Steps[s.Name]; ok {
			row(oneLine(m.Name), v)
		}
	}
	if total, ok := r.Totals[s.Name]; ok && len(t.Rows) > 1 {
		row("all models", total)
	}
	return t
}

// measures tells whether a step has numbers to show. A step is known by what
// it left, so a kind that comes later is shown if it sends calls or reads a
// window.
func measures(s *record.Step) bool { return s.Load != nil || s.Window != nil }

// account is how the calls of a load step add up, with the warm-up.
func account(l *record.Load) string {
	var b strings.Builder
	b.WriteString("planned " + whole(l.Planned))
	if l.Client != nil {
		b.WriteString(" + retried " + whole(l.Retried))
	}
	b.WriteString(" = sent " + whole(l.Sent) + " + dropped " + whole(l.Dropped))
	if l.Client != nil {
		b.WriteString(" + given up " + whole(l.GivenUp))
	}
	if l.Scheduled > l.Planned {
		b.WriteString(" (" + whole(l.Scheduled-l.Planned) + " more were scheduled)")
	}
	b.WriteString("; sent: " + outcomes(l.Counts))
	return b.String()
}

// outcomes lists what became of the sent calls: ok and throttled always, the
// others where there are any.
func outcomes(c record.Counts) string {
	var parts []string
	for _, o := range record.Outcomes {
		n := c.Outcomes[o]
		if !o.Sent() || n == 0 && o != record.OK && o != record.Throttled {
			continue
		}
		parts = append(parts, whole(n)+" "+strings.ReplaceAll(string(o), "_", " "))
	}
	return strings.Join(parts, ", ")
}

// stageTable has a row for each stage; what only a client does has columns only
// where there is one.
func stageTable(l *record.Load) stepTable {
	t := stepTable{Head: []string{"stage", "from", "rate (rpm)", "planned", "sent", "dropped", "ok", "throttled", "errors", "throttle rate", "p95"}}
	if l.Client != nil {
		t.Head = slices.Insert(t.Head, 4, "retried", "given up")
	}
	for i := range l.Stages {
		s := &l.Stages[i]
		row := stageRow(s)
		if l.Client != nil {
			row = slices.Insert(row, 4, whole(s.Retried), whole(s.GivenUp))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// stageRow are the cells of one stage.
func stageRow(s *record.Stage) []string {
	return []string{
		oneLine(s.Name), span(time.Duration(s.Start)), stageRate(s),
		whole(s.Planned), whole(s.Sent), whole(s.Dropped),
		whole(s.Outcomes[record.OK]), whole(s.Outcomes[record.Throttled]), whole(failures(s.Counts)),
		quantity(s.Totals["throttle_rate"], metricUnit("throttle_rate")), quantity(s.Totals["latency_ms.p95"], metricUnit("latency_ms.p95")),
	}
}

func stageRate(s *record.Stage) string {
	from, to := s.FromRPM, s.ToRPM
	unit := ""
	if closed(s) {
		from, to, unit = s.FromWorkers, s.ToWorkers, " workers"
	}
	switch {
	case burst(s):
		return "at once"
	case s.SwingRPM > 0:
		return digits(to, 3) + " ± " + digits(s.SwingRPM, 3)
	case from == to:
		return digits(to, 3) + unit
	}
	return digits(from, 3) + " to " + digits(to, 3) + unit
}

func burst(s *record.Stage) bool { return s.FromRPM == 0 && s.ToRPM == 0 && !closed(s) }

// closed tells whether the stage is of a closed loop, which has no rate.
func closed(s *record.Stage) bool { return s.FromWorkers > 0 || s.ToWorkers > 0 }

// failures are the sent calls that were neither ok nor throttled.
func failures(c record.Counts) int {
	return c.Sent - c.Outcomes[record.OK] - c.Outcomes[record.Throttled]
}

// remarks are what else is to be known of a load step: whether its generator
// was sick, and how rates were understood.
func remarks(l *record.Load) []string {
	var out []string
	if c := clientLine(l.Client); c != "" {
		out = append(out, c)
	}
	if l.Sick != "" {
		out = append(out, "the generator was sick: "+oneLine(l.Sick))
	}
	out = append(out, limitLines(l)...)
	out = append(out, limiterLines(l)...)
	for _, n := range l.Notes {
		out = append(out, oneLine(n))
	}
	return out
}

// ending says how a step came to its end before its time, "" where it did not.
func ending(s *record.Step) string {
	switch {
	case s.Cut != "":
		return "cut short: " + oneLine(s.Cut)
	case s.Stopped != "":
		return "stopped: " + oneLine(s.Stopped)
	}
	return ""
}

// spending sets what was used beside what could be used at most; and says of what
// made the load how it was set up.
func spending(r *record.Run) [][3]string {
	most := ""
	if r.Spent.Until != nil {
		most = "at most " // the run died
	}
	price := usd(r.Spent.USD)
	if r.Spent.USD != nil {
		price = most + price
	}
	rows := [][3]string{
		{"requests", most + whole(r.Spent.Requests), whole(r.Plan.Requests)},
		{"quota tokens", most + whole(r.Spent.Tokens), whole(r.Plan.Tokens)},
		{"price", price, usd(r.Plan.USD)},
		{"time", span(time.Duration(r.Spent.Duration)), span(time.Duration(r.Plan.Duration))},
	}
	if g := r.Generator; g != nil {
		rows = append(rows, [3]string{"generator", fmt.Sprintf("GOGC %d, %d threads", g.GOGC, g.Procs), ""})
	}
	return rows
}

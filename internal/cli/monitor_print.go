package cli

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
)

// monitorPrinters write the record of monitor, by the name of the format.
var monitorPrinters = map[string]func(io.Writer, *record.Run) error{
	"text": monitorText, "json": monitorJSON, "csv": monitorCSV, "markdown": monitorMarkdown, formatPrometheus: monitorPrometheus,
}

// monitored is what monitor tells of one model.
type monitored struct {
	ID      string             `json:"id"`
	Monitor record.Values      `json:"monitor"`
	Usage   *record.ModelUsage `json:"usage,omitempty"`
	Quotas  []record.Quota     `json:"quotas"`
}

// monitorStep is the step of the record; nil where there was nothing to read.
func monitorStep(r *record.Run) *record.Step {
	if len(r.Steps) == 0 {
		return nil
	}
	return &r.Steps[0]
}

func usageOf(s *record.Step, model string) *record.ModelUsage {
	i := slices.IndexFunc(s.Usage, func(u record.ModelUsage) bool { return u.Model == model })
	if i < 0 {
		return nil
	}
	return &s.Usage[i]
}

func monitorJSON(w io.Writer, r *record.Run) error {
	out := struct {
		Window *record.Window `json:"window,omitempty"`
		Models []monitored    `json:"models"`
		Totals record.Values  `json:"totals,omitempty"`
		Notes  []string       `json:"notes,omitempty"`
	}{Models: []monitored{}, Totals: r.Totals[record.KindMonitor]}
	if s := monitorStep(r); s != nil {
		out.Window, out.Notes = s.Window, s.Notes
		for _, m := range r.Models {
			out.Models = append(out.Models, monitored{m.ID, m.Steps[record.KindMonitor], usageOf(s, m.Name), append([]record.Quota{}, m.Quotas...)})
		}
	}
	return writeJSON(w, out)
}

// monitorCSV writes a row for each number of each model; what has no data has no
// value.
func monitorCSV(w io.Writer, r *record.Run) error {
	units := map[string]string{}
	for _, m := range record.Metrics {
		if m.FromTraffic != nil {
			units[m.Name] = m.Unit
		}
	}
	for _, s := range r.Series {
		units[s.Name] = s.Unit
	}
	out := csv.NewWriter(w)
	out.Write([]string{"model", "metric", "unit", "value", "samples"})
	for _, m := range r.Models {
		values := m.Steps[record.KindMonitor]
		for _, name := range values.Names() {
			v, text := values[name], ""
			if v.Known {
				text = plainNumber(&v.Value)
			}
			out.Write(append(texts(m.ID, name, units[name]), text, strconv.Itoa(v.Samples)))
		}
		for _, q := range m.Quotas {
			out.Write(append(texts(m.ID, "quota."+q.Dimension+".applied", ""), plainNumber(q.Applied), ""))
		}
	}
	out.Flush()
	return out.Error()
}

// monitorColumns are the metrics that the tables show; JSON and CSV have them
// all. A limit is the dimension of the quota that a peak stands beside: that of
// tokens counts quota tokens.
var monitorColumns = []struct{ name, limit string }{
	{"invocations", ""}, {"throttles", ""}, {"throttle_rate", ""}, {"input_tokens", ""}, {"output_tokens", ""}, {"peak_rpm", "rpm"}, {"peak_tpm", ""}, {"peak_quota_tpm", "tpm"}, {daysToQuota, ""}, {"coverage", ""},
}

// daysToQuota is three metrics, told in one column.
const daysToQuota = "days_to_quota"

// usageSheet has a row for each model, and its chosen metrics behind the others.
func usageSheet(r *record.Run) sheet {
	s := sheet{head: []string{"MODEL"}}
	var chosen []string
	for _, c := range monitorColumns {
		s.head = append(s.head, c.name)
	}
	for _, m := range r.Models {
		for _, name := range m.Steps[record.KindMonitor].Names() {
			if strings.HasPrefix(name, "metric.") && !slices.Contains(chosen, name) {
				chosen = append(chosen, name)
			}
		}
	}
	s.head = append(s.head, chosen...)
	for _, m := range r.Models {
		values := m.Steps[record.KindMonitor]
		row := []string{m.ID}
		for _, c := range monitorColumns {
			text := shown(values[c.name])
			switch {
			case c.name == daysToQuota:
				text = report.DaysToQuota(values)
			case c.limit != "":
				text = beside(&m, values, c.name, c.limit)
			}
			row = append(row, text)
		}
		for _, name := range chosen {
			row = append(row, shown(values[name]))
		}
		s.rows = append(s.rows, row)
	}
	return s
}

func shown(v record.Reading) string {
	switch {
	case !v.Known:
		return "no data"
	case math.Abs(v.Value) >= 1000:
		return grouped(new(math.Round(v.Value)))
	}
	return strconv.FormatFloat(v.Value, 'g', 4, 64)
}

// beside is a peak with the quota that it stands beside, as far as known, and its
// share of it.
func beside(m *record.Model, values record.Values, peak, limit string) string {
	text := shown(values[peak])
	q, ok := m.Quota(limit)
	if !ok || q.Applied == nil || !values[peak].Known {
		return text
	}
	text += " of " + grouped(q.Applied)
	if u := values["utilization."+limit]; u.Known {
		text += fmt.Sprintf(" (%.3g %%)", 100*u.Value)
	}
	return text
}

// whenSheet tells when the peaks and the longest throttling were.
func whenSheet(r *record.Run) sheet {
	head, rows := report.Times(monitorStep(r))
	return sheet{head: head, rows: rows}
}

// partSheet lists what was added up, of the models of which that is more than
// their own id.
func partSheet(r *record.Run) sheet {
	s := sheet{head: []string{"MODEL", "ADDED UP FROM", "TIER", "KIND", "ATTEMPTS"}}
	for _, m := range r.Models {
		u := usageOf(monitorStep(r), m.Name)
		if u == nil || len(u.Parts) < 2 {
			continue
		}
		for i, p := range u.Parts {
			model := m.ID
			if i > 0 {
				model = ""
			}
			attempts := "no data"
			if p.Attempts != nil {
				attempts = grouped(p.Attempts)
			}
			s.rows = append(s.rows, []string{model, p.ID, dash(p.Tier), p.Kind, attempts})
		}
	}
	return s
}

// windowInWords is the window in words, in its zone.
func windowInWords(w *record.Window) string {
	zone, err := time.LoadLocation(w.Zone)
	if err != nil {
		zone = time.UTC
	}
	text := fmt.Sprintf("CloudWatch from %s to %s, points of %s", w.Start.In(zone).Format(time.RFC3339), w.End.In(zone).Format(time.RFC3339), time.Duration(w.Period))
	if w.Zone != "" {
		text += ", " + w.Zone
	}
	return text
}

// tiersAreParts is said where service tiers are listed.
const tiersAreParts = "A row with a tier is a part of the row of its id, and not added to it."

func monitorText(w io.Writer, r *record.Run) error {
	s := monitorStep(r)
	if s == nil {
		return nil
	}
	b := &strings.Builder{}
	fmt.Fprintf(b, "%s\n\n", windowInWords(s.Window))
	usageSheet(r).text(b)
	whenSheet(r).textUnder(b, "When")
	partSheet(r).textUnder(b, "Usage by id")
	if tiered(r) {
		fmt.Fprintf(b, "  %s\n", tiersAreParts)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func monitorMarkdown(w io.Writer, r *record.Run) error {
	s := monitorStep(r)
	if s == nil {
		return nil
	}
	b := &strings.Builder{}
	fmt.Fprintf(b, "## Usage\n\n%s\n", report.Cell(windowInWords(s.Window)))
	usageSheet(r).markdown(b)
	b.WriteString("\n## When\n")
	whenSheet(r).markdown(b)
	if parts := partSheet(r); len(parts.rows) > 0 {
		b.WriteString("\n## Usage by id\n")
		parts.markdown(b)
	}
	if tiered(r) {
		fmt.Fprintf(b, "\n%s\n", tiersAreParts)
	}
	if len(s.Notes) > 0 {
		b.WriteString("\n## Notes\n\n")
	}
	for _, n := range s.Notes {
		fmt.Fprintf(b, "- %s\n", report.Cell(n))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func tiered(r *record.Run) bool {
	return slices.ContainsFunc(monitorStep(r).Usage, func(u record.ModelUsage) bool {
		return slices.ContainsFunc(u.Parts, func(p record.Part) bool { return p.Tier != "" })
	})
}

package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// section is a table with a title.
type section struct {
	Title string
	stepTable
}

// metricGroups are the tables that show what a monitor step measured beside
// monitorColumns. A metric belongs to the first group that has the beginning of
// its name; the last takes the rest.
var metricGroups = []metricGroup{
	{"Against the quotas", []string{"peak_quota_tpm", "utilization", "growth", "days_to_quota"}},
	{"Rates", []string{"rpm", "tpm", "quota_tpm", "peak", "busiest"}},
	{"Tokens", []string{"input_tokens", "output_tokens", "cache", "estimated", "computed", "token"}},
	{"Times", []string{"latency_ms", "ttft_ms", "worst"}},
	{"Also measured", []string{""}},
}

type metricGroup struct {
	title    string
	prefixes []string // whole words: what follows is a dot or an underscore
}

func (g metricGroup) has(metric string) bool {
	return slices.ContainsFunc(g.prefixes, func(p string) bool {
		return p == "" || metric == p || strings.HasPrefix(metric, p+".") || strings.HasPrefix(metric, p+"_")
	})
}

// chosenPrefix begins the names of the metrics that a scenario asks for by name.
const chosenPrefix = "metric."

// usageSections are the tables of a monitor step beside the first: how its calls
// were reconciled, its other
// metrics, those that the scenario chose, when things were, and the series that
// were added up. A metric that no model has is left out.
func usageSections(r *record.Run, s *record.Step) []section {
	if s.Window == nil {
		return nil
	}
	var out []section
	add := func(title string, t stepTable) {
		if len(t.Head) > 1 && t.Rows != nil {
			out = append(out, section{title, t})
		}
	}
	add("Reconciled with CloudWatch", stepTable{Head: agreementHead, Rows: agreementRows(s)})
	groups := make([][]metricColumn, len(metricGroups))
	for _, m := range record.Metrics {
		shown := slices.ContainsFunc(monitorColumns, func(c metricColumn) bool { return c.Metric == m.Name })
		if shown || m.Kind() != record.KindMonitor {
			continue
		}
		g := slices.IndexFunc(metricGroups, func(g metricGroup) bool { return g.has(m.Name) })
		groups[g] = appendColumn(groups[g], m.Name)
	}
	for g, columns := range groups {
		add(metricGroups[g].title, metricTable(r, s, columns))
	}
	add("Chosen metrics", metricTable(r, s, chosenColumns(r, s)))
	add("When", timesTable(s))
	add("What was added up", partsTable(s))
	return out
}

// appendColumn adds a metric, of the three of an interval one column.
func appendColumn(columns []metricColumn, metric string) []metricColumn {
	for _, end := range []string{".low", ".estimate", ".high"} {
		if name, ok := strings.CutSuffix(metric, end); ok {
			c := metricColumn{Metric: name, Heading: name, Interval: true, Known: true}
			if !slices.Contains(columns, c) {
				columns = append(columns, c)
			}
			return columns
		}
	}
	return append(columns, metricColumn{Metric: metric, Heading: metric, Known: true})
}

func chosenColumns(r *record.Run, s *record.Step) []metricColumn {
	names := map[string]bool{}
	for _, m := range r.Models {
		for name := range m.Steps[s.Name] {
			if strings.HasPrefix(name, chosenPrefix) {
				names[name] = true
			}
		}
	}
	var out []metricColumn
	for _, name := range slices.Sorted(maps.Keys(names)) {
		out = append(out, metricColumn{Metric: name, Heading: oneLine(name), Known: true})
	}
	return out
}

// DaysToQuota is the days until a quota is reached, with their interval.
func DaysToQuota(v record.Values) string { return interval(v, "days_to_quota") }

// Times are the tables' words for when the peaks of each model were, and when it
// was throttled longest.
func Times(s *record.Step) (head []string, rows [][]string) {
	t := timesTable(s)
	return t.Head, t.Rows
}

// timesTable tells of each model when its peaks were.
func timesTable(s *record.Step) stepTable {
	t := stepTable{Head: []string{"model", "peak requests", "peak tokens", "throttled longest", "busiest hour of the week"}}
	for i := range s.Usage {
		u := &s.Usage[i]
		cells := []string{oneLine(u.Model), noData, noData, noData, busiest(u)}
		if u.PeakRPM != nil {
			// There was traffic, so that no run of throttles is an answer.
			cells[1], cells[3] = minute(s.Window, *u.PeakRPM), "never"
		}
		if u.PeakTPM != nil {
			cells[2] = minute(s.Window, *u.PeakTPM)
		}
		if u.Throttled != nil {
			cells[3] = span(u.Throttled.End.Sub(u.Throttled.Start)) + " from " + minute(s.Window, u.Throttled.Start)
		}
		if cells[4] == "" {
			cells[4] = "unknown"
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// partsTable lists the series behind each model.
func partsTable(s *record.Step) stepTable {
	t := stepTable{Head: []string{"model", "series", "kind", "service tier", "attempts"}}
	for _, u := range s.Usage {
		for _, p := range u.Parts {
			attempts := noData
			if p.Attempts != nil {
				attempts = digits(*p.Attempts, 4)
			}
			t.Rows = append(t.Rows, []string{oneLine(u.Model), oneLine(p.ID), oneLine(p.Kind), oneLine(p.Tier), attempts})
		}
	}
	return t
}

// busiest is "Monday, 14:00 to 15:00"; "" where it is not known.
func busiest(u *record.ModelUsage) string {
	if u == nil || u.Busiest == nil {
		return ""
	}
	b := u.Busiest
	return fmt.Sprintf("%s, %02d:00 to %02d:00", oneLine(b.Weekday), b.Hour, b.Hour+1)
}

// usage is what the step tells of the model beside its numbers; nil where it
// tells nothing.
func (m *monitored) usage() *record.ModelUsage {
	i := slices.IndexFunc(m.step.Usage, func(u record.ModelUsage) bool { return u.Model == m.Name })
	if i < 0 {
		return nil
	}
	return &m.step.Usage[i]
}

// windowSentence tells what was read.
func windowSentence(w *record.Window) string {
	text := "From " + when(w, w.Start) + " to " + when(w, w.End) + ", in periods of " + period(time.Duration(w.Period)) + "."
	if _, known := zoneOf(w); !known {
		text += " This machine does not know the zone " + oneLine(w.Zone) + "."
	}
	return text
}

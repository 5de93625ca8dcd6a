package history

import (
	"cmp"
	"slices"
	"time"

	"github.com/loadline-dev/loadline/internal/statistics"
	"github.com/loadline-dev/loadline/record"
)

// Trend is many runs over time, by the name of their scenario.
type Trend struct {
	Groups []Group `json:"groups"`
	// Notes tell what was left out.
	Notes []string `json:"notes"`
	// Zone is the time zone in which text and charts tell times; nil is UTC.
	Zone *time.Location `json:"-"`
}

// Group is the runs of one scenario, the first first.
type Group struct {
	Scenario string `json:"scenario"`
	Runs     []Then `json:"runs"`
	Rows     []Row  `json:"rows"`
}

// Then is one of the runs.
type Then struct {
	Run     string         `json:"run"`
	Started time.Time      `json:"started"`
	Version string         `json:"version"`
	Digest  string         `json:"digest"` // of the scenario's file
	Account string         `json:"account"`
	Region  string         `json:"region"`
	Verdict record.Verdict `json:"verdict"`
	// Doubtful: the run or a step of it was cut short, or fell behind its load; its
	// numbers are of another load than the scenario's.
	Doubtful bool `json:"doubtful"`
}

// Row is one number over the runs: Points[i] is that of Runs[i], without a value
// where the run does not have it.
type Row struct {
	Step   string  `json:"step,omitempty"` // "" for quotas
	Model  string  `json:"model"`
	Name   string  `json:"name"`
	Unit   string  `json:"unit"`
	Points []Point `json:"points"`
}

// tracked are the numbers of steps that a trend follows, in the order of its
// columns.
var tracked = []string{
	"throttle_rate", "error_rate", "goodput", "ok_rpm", "settled_tpm", "latency_ms.p50", "latency_ms.p95", "ttft_ms.p50", "ttft_ms.p95", "limit.low", "limit.high", "usd",
	"peak_rpm", "peak_tpm", "peak_quota_tpm", "utilization.rpm", "utilization.tpm", "days_to_quota.estimate",
}

// ofClients are those that follow where any run's step has a client.
var ofClients = []string{"success_rate", "amplification", "wait_ms.p50"}

// NewTrend puts runs in order.
func NewTrend(sides []*Side) *Trend {
	sides = slices.Clone(sides)
	slices.SortStableFunc(sides, func(a, b *Side) int {
		return cmp.Or(a.Run.Started.Compare(b.Run.Started), cmp.Compare(a.Name, b.Name))
	})
	t := &Trend{Groups: []Group{}, Notes: []string{}}
	var names []string
	for _, s := range sides {
		if !slices.Contains(names, s.Run.Scenario.Name) {
			names = append(names, s.Run.Scenario.Name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		t.Groups = append(t.Groups, group(name, slices.DeleteFunc(slices.Clone(sides), func(s *Side) bool { return s.Run.Scenario.Name != name })))
	}
	return t
}

func group(name string, sides []*Side) Group {
	g := Group{Scenario: record.CleanLine(name), Rows: []Row{}}
	for _, s := range sides {
		h := head(s)
		g.Runs = append(g.Runs, Then{
			Run: h.Run, Started: h.Started, Version: record.CleanLine(s.Run.Tool.Version), Digest: record.CleanLine(s.Run.Scenario.Digest),
			Account: record.CleanLine(s.Run.Target.Account), Region: record.CleanLine(s.Run.Target.Region), Verdict: h.Verdict, Doubtful: doubtful(s.Run),
		})
	}
	for _, model := range modelsOf(sides) {
		for _, step := range stepsOf(sides) {
			names := tracked
			if slices.ContainsFunc(sides, func(s *Side) bool { return hasClient(s.Run, step) }) {
				names = slices.Concat(tracked, ofClients)
			}
			for _, name := range names {
				g.add(sides, Row{Step: step, Model: model, Name: name, Unit: unitOf(name)}, func(s *Side) Point { return s.point(step, model, name) })
			}
		}
		for _, dimension := range dimensionsOf(sides, model) {
			g.add(sides, Row{Model: model, Name: "quota." + dimension + ".applied"}, func(s *Side) Point {
				if m := modelOf(s.Run, model); m != nil {
					if q, ok := m.Quota(dimension); ok {
						return Point{Value: record.Finite(q.Applied)}
					}
				}
				return Point{}
			})
		}
	}
	return g
}

// add keeps a row that any run has a number for.
func (g *Group) add(sides []*Side, row Row, at func(*Side) Point) {
	any := false
	for _, s := range sides {
		p := at(s)
		any = any || p.Value != nil
		row.Points = append(row.Points, p)
	}
	if any {
		row.Step, row.Model, row.Name = record.CleanLine(row.Step), record.CleanLine(row.Model), record.CleanLine(row.Name)
		g.Rows = append(g.Rows, row)
	}
}

// point is a number of a run, with its interval where it is a share of calls.
func (s *Side) point(step, model, name string) Point {
	p := pointOf(value(s.Run, step, model, name))
	st := stepOf(s.Run, step)
	if p.Value == nil || st == nil || st.Load == nil || !record.IsRate(name) {
		return p
	}
	windows := s.windows(step, model, name)
	if windows == nil {
		return p
	}
	at, e := statistics.Share(windows, Confidence, st.Stopped != "")
	p.sampled(windows, e)
	p.Low, p.High = &at.Low, &at.High
	return p
}

func doubtful(r *record.Run) bool {
	return r.Aborted || slices.ContainsFunc(r.Steps, func(s record.Step) bool { return s.Cut != "" || s.Load != nil && s.Load.Behind != "" })
}

func modelsOf(sides []*Side) (out []string) {
	for _, s := range sides {
		out = union(out, len(s.Run.Models), func(i int) string { return s.Run.Models[i].Name })
	}
	return out
}

func stepsOf(sides []*Side) (out []string) {
	for _, s := range sides {
		out = union(out, len(s.Run.Steps), func(i int) string { return s.Run.Steps[i].Name })
	}
	return out
}

func dimensionsOf(sides []*Side, model string) (out []string) {
	for _, s := range sides {
		if m := modelOf(s.Run, model); m != nil {
			out = union(out, len(m.Quotas), func(i int) string { return m.Quotas[i].Dimension })
		}
	}
	return out
}

// union adds n names to a list, but those that it has.
func union(list []string, n int, name func(i int) string) []string {
	for i := range n {
		if !slices.Contains(list, name(i)) {
			list = append(list, name(i))
		}
	}
	return list
}

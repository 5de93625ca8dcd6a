package alarms

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
)

// State is how a planned alarm stands to what the account has.
type State string

// The states.
const (
	New     State = "new"
	Changed State = "changed"
	Same    State = "same"
	NotOurs State = "not ours" // an alarm has the name, but not the scenario's tag
	Stale   State = "stale"    // the scenario's by its tag, and not planned any more
)

// Change is one thing that differs.
type Change struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// Description is the field of a change that follows from others.
const Description = "description"

// Row is an alarm that is planned, or a stale one, which has only a name.
type Row struct {
	Planned
	State   State
	Changes []Change
	Now     string // OK, ALARM or INSUFFICIENT_DATA, of one that the account has
}

// Writes says whether the alarm has to be put.
func (r Row) Writes() bool { return r.State == New || r.State == Changed }

// Compare holds a plan against the alarms of the account whose names begin with
// [Settings.NamePrefix]. Stale ones come last.
func Compare(s Settings, p Plan, found []plugins.AlarmFound) (rows []Row) {
	planned := map[string]bool{}
	for _, a := range p.Alarms {
		planned[a.Name] = true
		row := Row{Planned: a, State: New}
		if i := slices.IndexFunc(found, func(f plugins.AlarmFound) bool { return f.Name == a.Name }); i >= 0 {
			row.Now = found[i].State
			row.Changes = changes(found[i], a.Alarm)
			switch {
			case !s.Owns(found[i]):
				row.State, row.Changes = NotOurs, nil
			case len(row.Changes) > 0:
				row.State = Changed
			default:
				row.State = Same
			}
		}
		rows = append(rows, row)
	}
	for _, f := range found {
		if s.Owns(f) && !planned[f.Name] {
			rows = append(rows, Row{Planned: Planned{Alarm: f.Alarm}, State: Stale, Now: f.State})
		}
	}
	return rows
}

// changes are what would differ if the alarm were put in the place of the one
// that is there.
func changes(f plugins.AlarmFound, a plugins.Alarm) (out []Change) {
	differ := func(field, old, new string) {
		if old != new {
			out = append(out, Change{field, old, new})
		}
	}
	differ("expression", f.Expression, a.Expression)
	gone, come := queryTexts(f.Queries), queryTexts(a.Queries)
	differ("metrics", strings.Join(without(gone, come), ", "), strings.Join(without(come, gone), ", "))
	differ("threshold", threshold(f.Alarm), threshold(a))
	differ("points", points(f.Alarm), points(a))
	differ("missing data", f.Missing, a.Missing)
	differ("actions", strings.Join(f.Actions, ", "), strings.Join(a.Actions, ", "))
	differ("ok_actions", strings.Join(f.OKActions, ", "), strings.Join(a.OKActions, ", "))
	differ("actions are", onOff(f.Disabled), onOff(a.Disabled))
	differ("label", f.Label, a.Label)
	differ(Description, f.Description, a.Description)
	for _, u := range f.Unlike {
		differ(u, "set", "not set")
	}
	return out
}

func queryTexts(queries []plugins.AlarmQuery) (out []string) {
	for _, q := range queries {
		if q.Expression != "" {
			out = append(out, q.ID+" = "+q.Expression)
			continue
		}
		out = append(out, fmt.Sprintf("%s = %s of %s over %s", q.ID, q.Metric, q.ModelID, q.Period))
	}
	return out
}

// without are the texts that are not among others.
func without(texts, others []string) (out []string) {
	for _, t := range texts {
		if !slices.Contains(others, t) {
			out = append(out, t)
		}
	}
	return out
}

// threshold writes when a point is too much.
func threshold(a plugins.Alarm) string {
	sign := ">= "
	if a.Above {
		sign = "> "
	}
	return sign + strconv.FormatFloat(a.Threshold, 'f', -1, 64)
}

// At writes when a point is too much.
func (p Planned) At() string { return threshold(p.Alarm) }

func points(a plugins.Alarm) string { return fmt.Sprintf("%d of %d", a.Breaching, a.Periods) }

// Share writes how many of how many points make it go off.
func (p Planned) Share() string { return points(p.Alarm) }

func onOff(off bool) string {
	if off {
		return "off"
	}
	return "on"
}

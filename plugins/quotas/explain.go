package quotas

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loadline-dev/loadline/record"
)

// Explanation is a match with the way to it.
type Explanation struct {
	Resolved
	Matched
	// Labels are what the quotas may call the model, by the rules that made
	// them, in the order in which they are tried.
	Labels     []Label
	Dimensions []Dimension
}

// Label is a name by which a quota is looked for.
type Label struct {
	Text  string   `json:"text"`
	By    string   `json:"by"`
	Words []string `json:"words"`
}

// Dimension is what was found of one dimension. One candidate binds, of several
// none does.
type Dimension struct {
	Dimension  string
	Candidates []record.Quota
	Refused    []Refusal // close by: the same name, or the nearest
}

// Refusal is a quota that is close by and does not bind.
type Refusal struct {
	Code string `json:"code"`
	Name string `json:"name"`
	Why  string `json:"why"`
}

// Explain matches a model and keeps what was looked at.
func (t *Table) Explain(r Resolved, ask Ask, overrides map[string]string) Explanation {
	s := t.search(r, ask, overrides)
	e := Explanation{Resolved: r, Matched: s.Matched}
	for tier := range tiers {
		for _, f := range s.naming.forms {
			if f.tier == tier {
				l := Label{Text: record.CleanLine(f.text), By: f.by}
				for _, w := range f.words {
					l.Words = append(l.Words, record.CleanLine(w))
				}
				e.Labels = append(e.Labels, l)
			}
		}
	}
	for _, d := range Dimensions {
		out := Dimension{Dimension: d}
		i := slices.IndexFunc(s.found, func(f finding) bool { return f.dimension == d })
		if i < 0 { // the scenario names the code
			j := slices.IndexFunc(s.Binds, func(q record.Quota) bool { return q.Dimension == d })
			if j >= 0 {
				out.Candidates = []record.Quota{s.Binds[j]}
			}
			e.Dimensions = append(e.Dimensions, out)
			continue
		}
		for _, c := range s.found[i].candidates {
			out.Candidates = append(out.Candidates, tie(d, c.Quota, c.by()))
		}
		out.Refused = t.refusals(r, ask, s, s.found[i])
		e.Dimensions = append(e.Dimensions, out)
	}
	return e
}

// refusals are the rows that have the model's name and do not bind its calls,
// and those whose names are nearest.
func (t *Table) refusals(r Resolved, ask Ask, s search, f finding) (out []Refusal) {
	if len(s.naming.forms) == 0 || f.dimension == AccountTPD {
		return nil
	}
	taken := map[string]bool{}
	for _, c := range f.candidates {
		taken[c.Name] = true
	}
	refuse := func(q row, why string) {
		if !taken[q.Name] {
			taken[q.Name] = true
			out = append(out, Refusal{record.CleanLine(q.Code), record.CleanLine(q.Name), record.CleanLine(why)})
		}
	}
	for _, c := range t.fit(s.naming) {
		switch others := t.others(c, s.naming.stem); {
		case c.dimension != f.dimension:
		case c.scope == mantle:
			refuse(c.row, "is of the bedrock-mantle endpoint, which has quotas of its own")
		case !c.binds(r.Scope):
			refuse(c.row, fmt.Sprintf("is of the scope %s, and the id is %s", c.scope, r.Scope))
		case c.variant != ask.variant():
			refuse(c.row, "binds only "+calls(c.variant))
		case c.form.tier >= uninstructed && len(others) > 0:
			refuse(c.row, "may be what "+strings.Join(others, ", ")+" is called")
		default:
			refuse(c.row, c.by()+", which is tried only where no better name fits")
		}
	}
	for _, q := range t.nearest(f.dimension, r.Scope, s.naming) {
		refuse(q.row, q.difference(s.naming))
	}
	return out
}

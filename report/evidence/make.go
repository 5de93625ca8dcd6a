package evidence

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// Input is what evidence is made of.
type Input struct {
	Tool    record.Tool
	Sources []Source
	Wants   []Want
	// MaxTokens is what the application asks, which no record of CloudWatch tells; 0
	// is not known.
	MaxTokens int64
	// Burndown is what is known of a foundation model where the record does not
	// tell; 0 is not known.
	Burndown func(baseID string) float64
}

// Source is the record of a run.
type Source struct {
	Folder string
	Run    *record.Run
	// Calls are those of the journal; one that is absent has none.
	Calls map[Of]*Calls
	// MaxTokens is what the scenario asks; absent where calls ask different ones.
	MaxTokens map[Of]int64
}

// Of is a model in a step.
type Of struct{ Step, Model string }

// Want is a wanted quota of a model, by its name or id; "" is the only one.
type Want struct {
	Model     string
	Dimension string
	Value     float64
}

// Make makes the evidence. What is wrong with the records or the wants is an
// error, which says the way out.
func Make(in Input) (*Evidence, error) {
	target, err := oneTarget(in.Sources)
	if err != nil {
		return nil, err
	}
	out := &Evidence{SchemaVersion: SchemaVersion, Tool: in.Tool, Target: target}
	for _, s := range in.Sources {
		out.Runs = append(out.Runs, Run{
			Folder: line(s.Folder), Scenario: line(s.Run.Scenario.Name), Started: s.Run.Started.UTC(), Ended: s.Run.Ended.UTC(), Verdict: s.Run.Verdict, Problem: line(s.Run.Problem),
		})
	}
	for _, w := range in.Wants {
		r, err := in.request(w)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out.Requests, func(o Request) bool { return o.Quota.Code == r.Quota.Code }) {
			return nil, fmt.Errorf("--want asks twice for the quota %s: say it once", r.Quota.Code)
		}
		out.Requests = append(out.Requests, r)
	}
	out.Tell()
	return out, nil
}

// Tell works out what follows from the quotas: the advice and the texts. It is
// for after a quota was read anew.
func (e *Evidence) Tell() {
	for i := range e.Requests {
		e.Requests[i].tell(e.Target)
	}
}

// oneTarget is the account that all runs were of.
func oneTarget(sources []Source) (record.Target, error) {
	if len(sources) == 0 {
		return record.Target{}, errors.New("no run is given")
	}
	clean := func(t record.Target) record.Target {
		return record.Target{Kind: line(t.Kind), Account: line(t.Account), Region: line(t.Region)}
	}
	first := clean(sources[0].Run.Target)
	for _, s := range sources[1:] {
		if t := clean(s.Run.Target); t != first {
			return record.Target{}, fmt.Errorf("%s is of %s, and %s is of %s: quotas are those of one account in one Region, so make the evidence of each by itself", line(sources[0].Folder), place(first), line(s.Folder), place(t))
		}
	}
	return first, nil
}

func place(t record.Target) string {
	return fmt.Sprintf("the %s account %s in %s", t.Kind, t.Account, t.Region)
}

// found is a model of a run that takes from the wanted quota.
type found struct {
	source *Source
	model  *record.Model
	quota  record.Quota // of the wanted dimension; zero where the run does not know it
}

// request collects what there is on a wanted quota.
func (in *Input) request(w Want) (Request, error) {
	all, err := in.find(w)
	if err != nil {
		return Request{}, err
	}
	r := Request{Wanted: w.Value, maxTokens: in.MaxTokens, Models: []Model{}, Usage: []Usage{}, LoadTests: []Test{}, Missing: []Missing{}}
	newest := slices.MaxFunc(all, func(a, b found) int {
		known := func(f found) int { return len(f.quota.Code) }
		if (known(a) == 0) != (known(b) == 0) {
			return cmp.Compare(known(a), known(b))
		}
		return a.source.Run.Ended.Compare(b.source.Run.Ended)
	})
	r.Quota, r.QuotaFrom = cleanQuota(newest.quota), line(newest.source.Folder)
	for _, f := range all {
		m := Model{Name: line(f.model.Name), ID: line(f.model.ID), Base: line(f.model.BaseID), Scope: line(f.model.Scope)}
		if !slices.ContainsFunc(r.Models, func(o Model) bool { return o.ID == m.ID }) {
			r.Models = append(r.Models, m)
		}
		for i := range f.source.Run.Steps {
			s := &f.source.Run.Steps[i]
			v := f.model.Steps[s.Name]
			switch {
			case v == nil:
			case s.Kind == record.KindMonitor && s.Window != nil:
				r.Usage = append(r.Usage, usageOf(f, s, v, in.Burndown))
			case s.Load != nil:
				r.LoadTests = append(r.LoadTests, in.test(f, s, v))
			}
		}
	}
	// The longest window tells most, then the latest one.
	slices.SortStableFunc(r.Usage, func(a, b Usage) int {
		length := func(u Usage) time.Duration { return u.Window.End.Sub(u.Window.Start) }
		return cmp.Or(cmp.Compare(length(b), length(a)), b.Window.End.Compare(a.Window.End))
	})
	slices.SortStableFunc(r.LoadTests, func(a, b Test) int { return b.Started.Compare(a.Started) })
	return r, nil
}

// find lists the models of all runs that the wanted quota binds: those that have
// a quota of the same code, and those of the same id where a run did not read it.
func (in *Input) find(w Want) ([]found, error) {
	var named []found
	var known []string // what could have been meant
	for i := range in.Sources {
		s := &in.Sources[i]
		for j := range s.Run.Models {
			m := &s.Run.Models[j]
			q, _ := m.Quota(w.Dimension)
			if q.Code != "" {
				known = append(known, fmt.Sprintf("%s:%s", line(m.Name), w.Dimension))
			}
			if w.Model == "" || w.Model == m.Name || w.Model == m.ID || w.Model == line(m.Name) {
				named = append(named, found{s, m, q})
			}
		}
	}
	known = slices.Compact(slices.Sorted(slices.Values(known)))
	if len(named) == 0 {
		return nil, fmt.Errorf("--want: no run has a model %s; %s", line(w.Model), in.models())
	}
	codes := map[string]bool{}
	bound := map[string]bool{} // ids
	for _, f := range named {
		if f.quota.Code != "" {
			codes[f.quota.Code], bound[f.model.ID] = true, true
		}
	}
	switch {
	case len(codes) == 0:
		return nil, fmt.Errorf("--want: no %s quota is known of %s; %s. A run with a discover step reads them, and so does `loadline monitor --out DIR`", w.Dimension, cmp.Or(line(w.Model), "any model"), in.dimensions(named))
	case len(codes) > 1:
		return nil, fmt.Errorf("--want %s: there are several such quotas; say whose, as in --want %s=VALUE (%s)", w.Dimension, known[0], strings.Join(known, ", "))
	}
	var out []found
	for i := range in.Sources {
		s := &in.Sources[i]
		for j := range s.Run.Models {
			m := &s.Run.Models[j]
			if q, _ := m.Quota(w.Dimension); codes[q.Code] || q.Code == "" && bound[m.ID] {
				out = append(out, found{s, m, q})
			}
		}
	}
	return out, nil
}

func (in *Input) models() string {
	var names []string
	for _, s := range in.Sources {
		for _, m := range s.Run.Models {
			names = append(names, line(m.Name))
		}
	}
	if len(names) == 0 {
		return "they have no models at all"
	}
	return "there are " + strings.Join(slices.Compact(slices.Sorted(slices.Values(names))), ", ")
}

func (in *Input) dimensions(of []found) string {
	var names []string
	for _, f := range of {
		for _, q := range f.model.Quotas {
			names = append(names, line(q.Dimension))
		}
	}
	if len(names) == 0 {
		return "the runs read no quotas of it"
	}
	return "there are " + strings.Join(slices.Compact(slices.Sorted(slices.Values(names))), ", ")
}

func cleanQuota(q record.Quota) record.Quota {
	q.Dimension, q.Code, q.Name, q.MatchedBy, q.Problem = line(q.Dimension), line(q.Code), line(q.Name), line(q.MatchedBy), line(q.Problem)
	if q.Pending != nil {
		p := *q.Pending
		p.Status, p.Since = line(p.Status), p.Since.UTC()
		q.Pending = &p
	}
	return q
}

func line(s string) string { return record.CleanLine(s) }

package quotas

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// Ask is what a request asks for beyond a normal call. The quotas of that
// variant bind then.
type Ask struct {
	LongContext      bool
	LatencyOptimized bool
}

// variant is the one that binds.
func (a Ask) variant() string {
	v := ""
	if a.LatencyOptimized {
		v = latencyOptimized
	}
	if a.LongContext {
		v = both(v, longContext)
	}
	return v
}

// variants are what can bind, the nearest to what is asked first.
func (a Ask) variants() []string {
	out := []string{a.variant()}
	if a.LongContext && a.LatencyOptimized {
		// What only a long window takes cannot come from a pool of short ones.
		out = append(out, longContext, latencyOptimized)
	}
	return slices.Compact(append(out, ""))
}

// Matched is what the names of an account's quotas tell of a model.
type Matched struct {
	// Binds are the quotas that bind its calls, one a dimension at most, in the
	// order of Dimensions.
	Binds []record.Quota
	// Related are quotas of the model that bind only when a request asks for
	// more: the 1M context, optimized latency. Of Provisioned Throughput they
	// are the model units.
	Related []record.Quota
	// Notes tell what is normal and still worth knowing, such as that a model
	// has no quota for requests.
	Notes []string
	// Problems tell what could not be matched, and why.
	Problems []string
}

// Match ties a model to its quotas; see [Table.Match], which is faster for many
// models.
func Match(r Resolved, ask Ask, overrides map[string]string, rows []plugins.Quota, c plugins.Catalog) Matched {
	return NewTable(rows, c).Match(r, ask, overrides)
}

// Match ties a model to its quotas. overrides gives the quota code by
// dimension where the scenario says it.
func (t *Table) Match(r Resolved, ask Ask, overrides map[string]string) Matched {
	return t.search(r, ask, overrides).Matched
}

// search is a match with the way to it.
type search struct {
	Matched
	naming naming
	found  []finding
}

// finding is what was found of one dimension.
type finding struct {
	dimension  string
	candidates []candidate // one: it binds; several: none does
	refused    string      // why the one that fits does not bind
}

func (t *Table) search(r Resolved, ask Ask, overrides map[string]string) search {
	s := search{}
	var fits []candidate
	if r.Base != "" {
		s.naming = t.naming(r.Base)
		fits = t.fit(s.naming)
	}
	var missing []finding
	for _, d := range Dimensions {
		if code := overrides[d]; code != "" {
			s.override(t, d, code, r)
			continue
		}
		f := t.find(d, r, ask, fits)
		s.found = append(s.found, f)
		switch {
		case len(f.candidates) == 1:
			s.bind(d, f.candidates[0].Quota, f.candidates[0].by())
			if wanted, found := ask.variant(), f.candidates[0].variant; found != wanted && d != AccountTPD {
				instead := "the normal one"
				if found != "" {
					instead = "that for " + found
				}
				s.Notes = append(s.Notes, fmt.Sprintf("%s: there is no quota for %s; %s binds", d, wanted, instead))
			}
		case len(f.candidates) > 1:
			s.Problems = append(s.Problems, fmt.Sprintf("%s: several quotas fit %s: %s; say which one with quotas: {%s: CODE}", d, r.Name, several(f.candidates), d))
		case d == RPM || d == TPM:
			missing = append(missing, f)
		}
	}
	s.without(t, r, missing)
	s.relate(t, r, ask, fits)
	for _, said := range [][]string{s.Notes, s.Problems} {
		for i := range said {
			said[i] = record.CleanLine(said[i])
		}
	}
	return s
}

// find looks for the quota of one dimension.
func (t *Table) find(dimension string, r Resolved, ask Ask, fits []candidate) finding {
	f := finding{dimension: dimension}
	if dimension == AccountTPD {
		for _, q := range t.rows {
			if q.dimension == AccountTPD && (q.binds(r.Scope) || r.Kind == KindApplication) {
				f.candidates = append(f.candidates, candidate{row: q})
			}
		}
		return f
	}
	for _, variant := range ask.variants() {
		f.candidates, f.refused = t.choose(dimension, variant, r.Scope, stem(r.Base), fits)
		if len(f.candidates) > 0 {
			break
		}
	}
	return f
}

// choose picks the rows of the best tier. One that fits only by words that were
// left out must not be what another model of the account may be called.
func (t *Table) choose(dimension, variant, scope, own string, fits []candidate) (out []candidate, refused string) {
	for tier := range tiers {
		for _, c := range fits {
			if c.form.tier != tier || c.dimension != dimension || c.variant != variant || !c.binds(scope) {
				continue
			}
			if tier >= uninstructed {
				if others := t.others(c, own); len(others) > 0 {
					refused = fmt.Sprintf("%q (%s) may be what %s is called", c.label, c.Code, strings.Join(others, ", "))
					continue
				}
			}
			out = append(out, c)
		}
		if len(out) > 0 {
			return out, refused
		}
	}
	return nil, refused
}

// override takes the quota that the scenario names.
func (s *search) override(t *Table, dimension, code string, r Resolved) {
	i, ok := t.byCode[code]
	if !ok {
		s.Problems = append(s.Problems, fmt.Sprintf("%s: the account has no quota %s", dimension, code))
		return
	}
	q := t.rows[i]
	switch {
	case q.scope == mantle:
		s.Problems = append(s.Problems, fmt.Sprintf("%s: %s is a quota of the bedrock-mantle endpoint, %q, which does not bind these calls", dimension, code, q.Name))
		return
	case q.dimension != "" && q.dimension != dimension:
		s.Problems = append(s.Problems, fmt.Sprintf("%s: %s is a quota of another dimension (%s), %q", dimension, code, q.dimension, q.Name))
		return
	case q.dimension == "":
		s.Notes = append(s.Notes, fmt.Sprintf("%s: %s, %q, is taken because the scenario names it; its name does not tell what it bounds", dimension, code, q.Name))
	case !q.binds(r.Scope):
		s.Notes = append(s.Notes, fmt.Sprintf("%s: %s is taken because the scenario names it; by its name its scope is %s, and that of the model %s", dimension, code, q.scope, r.Scope))
	}
	s.bind(dimension, q.Quota, "override: the scenario names the code")
}

func (s *search) bind(dimension string, q plugins.Quota, by string) {
	s.Binds = append(s.Binds, tie(dimension, q, by))
	switch {
	case q.Applied == nil && q.Problem != "":
		s.Problems = append(s.Problems, fmt.Sprintf("%s: AWS gave no value: %s", dimension, q.Problem))
	case q.Applied != nil && *q.Applied == 0:
		s.Problems = append(s.Problems, dimension+": the applied value is 0: the account is not entitled to this model")
	}
}

// without tells of dimensions that have no quota. It is normal for a model to
// have one for requests or one for tokens; to have neither is not.
func (s *search) without(t *Table, r Resolved, missing []finding) {
	rates := func(q record.Quota) bool { return q.Dimension != TPD && q.Dimension != AccountTPD }
	some := slices.ContainsFunc(s.Binds, rates)
	switch {
	case r.Scope == Provisioned:
		s.Notes = append(s.Notes, "Provisioned Throughput has no quota for requests or tokens: its model units carry it")
		return
	case r.Scope == Unresolved && some:
		return // the scenario names what binds
	case r.Scope == Unresolved:
		s.Problems = append(s.Problems, fmt.Sprintf("no quotas can be told for %s: it is not known from which pool its calls take", r.Name))
		return
	case r.Unreachable != "":
		return
	}
	normal := map[string]string{RPM: "requests, as is normal for newer models", TPM: "tokens, as is normal where calls are not counted by tokens"}
	for _, f := range missing {
		why := ""
		if f.refused != "" {
			why = "; " + f.refused
		}
		if some && f.refused == "" {
			s.Notes = append(s.Notes, fmt.Sprintf("%s: the account has no quota for %s", f.dimension, normal[f.dimension]))
			continue
		}
		if nearest := t.nearest(f.dimension, r.Scope, s.naming); len(nearest) > 0 {
			why += "; the nearest are " + names(nearest)
		}
		s.Problems = append(s.Problems, fmt.Sprintf("%s: no quota name fits %s (scope %s)%s", f.dimension, r.Name, r.Scope, why))
	}
}

// relate adds the quotas that bind only when asked, and of Provisioned
// Throughput the model units.
func (s *search) relate(t *Table, r Resolved, ask Ask, fits []candidate) {
	if r.Scope == Provisioned {
		if r.Base != "" && r.Variant != "" {
			fits = t.fit(s.naming, r.Variant)
		}
		for _, c := range fits {
			if c.scope == Provisioned && c.form.tier <= aliased {
				s.Related = append(s.Related, tie(ModelUnits, c.Quota, c.by()))
			}
		}
		return
	}
	for _, d := range Dimensions {
		for _, variant := range variants {
			c, _ := t.choose(d, variant, r.Scope, stem(r.Base), fits)
			if len(c) != 1 || variant == ask.variant() {
				continue
			}
			if q := tie(d, c[0].Quota, c[0].by()); !slices.ContainsFunc(s.Binds, func(b record.Quota) bool { return b.Code == q.Code && b.Name == q.Name }) {
				q.MatchedBy += "; binds only " + calls(variant)
				s.Related = append(s.Related, q)
			}
		}
	}
}

// calls are those that a quota of a variant binds.
func calls(variant string) string {
	if variant == "" {
		return "calls that ask for nothing further"
	}
	return "calls that ask for " + variant
}

// several lists candidates.
func several(all []candidate) string {
	var out []string
	for _, c := range all {
		out = append(out, fmt.Sprintf("%s (%s)", c.Code, c.Name))
	}
	return strings.Join(out, ", ")
}

func names(rows []near) string {
	var out []string
	for _, q := range rows {
		out = append(out, fmt.Sprintf("%q (%s)", q.label, q.Code))
	}
	return strings.Join(out, ", ")
}

func tie(dimension string, q plugins.Quota, by string) record.Quota {
	return record.Quota{Dimension: dimension, Code: record.CleanLine(q.Code), Name: record.CleanLine(q.Name), Applied: record.Finite(q.Applied), Default: record.Finite(q.Default), Adjustable: q.Adjustable, MatchedBy: record.CleanLine(by)}
}

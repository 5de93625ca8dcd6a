package quotas

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// The dimensions of a quota.
const (
	RPM        = "rpm"
	TPM        = "tpm"
	TPD        = "tpd"
	AccountTPD = "account_tpd" // tokens a day of all models of the account together
	Concurrent = "concurrent"
	InputTPM   = "input_tpm"
	OutputTPM  = "output_tpm"
)

// Dimensions lists them in the order in which they are shown.
var Dimensions = []string{RPM, TPM, TPD, AccountTPD, Concurrent, InputTPM, OutputTPM}

// Ask is what a request asks for beyond a normal call. The quotas of that
// variant bind then.
type Ask struct {
	LongContext      bool
	LatencyOptimized bool
}

// Matched is what the names of an account's quotas tell of a model.
type Matched struct {
	// Binds are the quotas that bind its calls, one a dimension at most, in the
	// order of Dimensions.
	Binds []record.Quota
	// Related are quotas of the model that bind only when a request asks for
	// more: the 1M context, optimized latency.
	Related []record.Quota
	// Notes tell what is normal and still worth knowing, such as that a model
	// has no quota for requests.
	Notes []string
	// Problems tell what could not be matched, and why.
	Problems []string
}

// Table is the quotas of an account, whose names were read once.
type Table struct {
	rows    []plugins.Quota
	catalog plugins.Catalog
}

// NewTable reads the names of quotas, for models of a catalog.
func NewTable(rows []plugins.Quota, c plugins.Catalog) *Table { return &Table{rows, c} }

// Match ties a model to its quotas; see [Table.Match], which is faster for many
// models.
func Match(r Resolved, ask Ask, overrides map[string]string, rows []plugins.Quota, c plugins.Catalog) Matched {
	return NewTable(rows, c).Match(r, ask, overrides)
}

// rule reads a quota's name: which dimension it bounds, for which scopes, and
// (the first group) for which model.
type rule struct {
	dimension string
	scopes    []string
	name      *regexp.Regexp
}

// rules is the grammar of quota names. Names differ in upper and lower case.
var rules = []rule{
	{RPM, []string{OnDemand}, regexp.MustCompile(`(?i)^on-demand model inference requests per minute for (.+)$`)},
	{TPM, []string{OnDemand}, regexp.MustCompile(`(?i)^on-demand model inference tokens per minute for (.+)$`)},
	{RPM, []string{CrossRegion}, regexp.MustCompile(`(?i)^cross-region model inference requests per minute for (.+)$`)},
	{TPM, []string{CrossRegion}, regexp.MustCompile(`(?i)^cross-region model inference tokens per minute for (.+)$`)},
	{RPM, []string{Global}, regexp.MustCompile(`(?i)^global cross-region model inference requests per minute for (.+)$`)},
	{TPM, []string{Global}, regexp.MustCompile(`(?i)^global cross-region model inference tokens per minute for (.+)$`)},
	{TPD, []string{Global}, regexp.MustCompile(`(?i)^global cross-region model inference tokens per day for (.+)$`)},
	{TPD, []string{OnDemand, CrossRegion}, regexp.MustCompile(`(?i)^model invocation max tokens per day for (.+?)(?: \(doubled for cross-region calls\))?$`)},
	{Concurrent, []string{OnDemand}, regexp.MustCompile(`(?i)^on-demand (?:invokemodel|model inference) concurrent requests for (.+)$`)},
}

// Match ties a model to its quotas. overrides gives the quota code by
// dimension where the scenario says it.
func (t *Table) Match(r Resolved, _ Ask, overrides map[string]string) Matched {
	var m Matched
	m.Binds, m.Problems = match(r, overrides, t.catalog, t.rows)
	return m
}

func match(who Resolved, overrides map[string]string, catalog plugins.Catalog, rows []plugins.Quota) (found []record.Quota, notes []string) {
	labels, id := labelsOf(who.Base, catalog), who.Name
	for _, dimension := range Dimensions {
		if code := overrides[dimension]; code != "" {
			i := slices.IndexFunc(rows, func(q plugins.Quota) bool { return q.Code == code })
			if i < 0 {
				notes = append(notes, fmt.Sprintf("%s: the account has no quota %s", dimension, code))
				continue
			}
			found = append(found, tie(dimension, rows[i], "the scenario names the code"))
			continue
		}
		candidates := candidates(dimension, who.Scope, labels, rows)
		switch len(candidates) {
		case 0:
			note := fmt.Sprintf("%s: no quota name fits %s (scope %s)", dimension, id, who.Scope)
			switch dimension {
			case RPM:
				notes = append(notes, note+"; newer models have none for requests")
			case TPM:
				notes = append(notes, note)
			}
		case 1:
			found = append(found, tie(dimension, candidates[0].Quota, candidates[0].by))
		default:
			var codes []string
			for _, c := range candidates {
				codes = append(codes, c.Code)
			}
			notes = append(notes, fmt.Sprintf("%s: several quotas fit %s: %s; say which one with quotas: {%s: CODE}", dimension, id, strings.Join(codes, ", "), dimension))
		}
	}
	for _, q := range found {
		if q.Applied != nil && *q.Applied == 0 {
			notes = append(notes, fmt.Sprintf("%s: the applied value is 0: the account is not entitled to this model", q.Dimension))
		}
	}
	return found, notes
}

type candidate struct {
	plugins.Quota
	by string
}

func candidates(dimension, scope string, labels []label, rows []plugins.Quota) []candidate {
	var out []candidate
	for _, q := range rows {
		for _, r := range rules {
			if r.dimension != dimension || !slices.Contains(r.scopes, scope) {
				continue
			}
			m := r.name.FindStringSubmatch(q.Name)
			if m == nil {
				continue
			}
			subject := words(m[1])
			for _, l := range labels {
				if slices.Equal(subject, l.words) {
					out = append(out, candidate{q, l.by})
					break
				}
			}
		}
	}
	return out
}

// label is a way to write a model's name in a quota.
type label struct {
	words []string
	by    string
}

// labelsOf lists how a quota may name a model: by the name in the catalog, and
// by what its id spells.
func labelsOf(base string, catalog plugins.Catalog) []label {
	var out []label
	if base == "" {
		return nil
	}
	for _, m := range catalog.Models {
		if m.ID == base {
			out = append(out, label{words(m.Name), "the model's name in the catalog"})
		}
	}
	if _, name, ok := strings.Cut(base, "."); ok {
		name = idSuffix.ReplaceAllString(name, "$1")
		out = append(out, label{words(name), "the model's id"})
	}
	// A name of nothing but silent words would fit every other such name.
	return slices.DeleteFunc(out, func(l label) bool { return len(l.words) == 0 })
}

// idSuffix is the date and the revision at the end of an id; a version other
// than 1, or a revision other than 0, tells models apart and stays.
var idSuffix = regexp.MustCompile(`(?:-\d{8})?(?:-v1)?(-v[2-9])?(?::0)?(?::\d+k)?$`)

// silent are words that one writing of a name has and another leaves out: the
// provider, and the first version.
var silent = []string{"anthropic", "amazon", "meta", "mistralai", "cohere", "openai", "deepseek", "writer", "nvidia", "google", "qwen", "ai21", "labs", "v1"}

// words splits a name into its words and numbers, without the silent ones. It
// keeps their order, so that 4 is not 4.5 and 1B is not 11B.
func words(name string) []string {
	var out []string
	for _, w := range wordPattern.FindAllString(strings.ToLower(name), -1) {
		if !slices.Contains(silent, w) {
			out = append(out, w)
		}
	}
	return out
}

var wordPattern = regexp.MustCompile(`[a-z0-9]+`)

func tie(dimension string, q plugins.Quota, by string) record.Quota {
	return record.Quota{Dimension: dimension, Code: q.Code, Name: record.CleanLine(q.Name), Applied: finite(q.Applied), Default: finite(q.Default), Adjustable: q.Adjustable, MatchedBy: by}
}

// finite is nil where the value is no number that JSON could write.
func finite(v *float64) *float64 {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return nil
	}
	return v
}

package quotas

import (
	"slices"
	"strings"
	"sync"

	"github.com/loadline-dev/loadline/plugins"
)

// Table is the quotas of an account, whose names were read once, beside the
// models that it lists. It does not change.
type Table struct {
	catalog plugins.Catalog
	rows    []row
	byLabel map[string][]int // rows by the bag of their label's words
	byCode  map[string]int
	// names are the stems of the models that share a name.
	names map[string][]string
	// claims are the stems of the models by all keys that they may take.
	claims func() map[string][]string
}

// NewTable reads the names of quotas, for models of a catalog.
func NewTable(rows []plugins.Quota, c plugins.Catalog) *Table {
	t := &Table{catalog: c, byLabel: map[string][]int{}, byCode: map[string]int{}, names: map[string][]string{}}
	for _, q := range rows {
		if i, ok := t.byCode[q.Code]; ok && q.Code != "" && t.rows[i].Name == q.Name {
			continue // listed twice
		}
		r, i := parse(q), len(t.rows)
		t.rows = append(t.rows, r)
		if len(r.tokens) > 0 {
			key := strings.Join(r.sorted, " ")
			t.byLabel[key] = append(t.byLabel[key], i)
		}
		if _, ok := t.byCode[q.Code]; !ok {
			t.byCode[q.Code] = i
		}
	}
	for _, m := range c.Models {
		if id := Identify(m.ID); id.Kind == KindModel {
			t.names[bag(tokens(m.Name))] = append(t.names[bag(tokens(m.Name))], stem(id.Base))
		}
	}
	t.claims = sync.OnceValue(t.claim)
	return t
}

// naming lists what the quotas may call a model. A name that another model has
// too tells nothing.
func (t *Table) naming(base string) naming {
	m := listed(base, t.catalog)
	if m == nil {
		return nameModel(base, "", "")
	}
	name, own := m.Name, stem(base)
	if strings.EqualFold(name, m.ID) {
		name = "" // an id in place of a name tells no more than the id
	}
	if slices.ContainsFunc(t.names[bag(tokens(name))], func(s string) bool { return s != own && s != stem(m.ID) }) {
		name = ""
	}
	return nameModel(base, name, m.Provider)
}

// claim lists which models may be called by which labels: those that the
// account lists, and those that are behind its profiles.
func (t *Table) claim() map[string][]string {
	var bases []string
	for _, m := range t.catalog.Models {
		bases = append(bases, Identify(m.ID).Base)
	}
	for _, p := range t.catalog.Profiles {
		for _, arn := range p.ModelARNs {
			bases = append(bases, Identify(arn).Base)
		}
	}
	slices.Sort(bases)
	claims := map[string][]string{}
	for _, base := range slices.Compact(bases) {
		if base == "" {
			continue
		}
		own := stem(base)
		for key := range t.naming(base).keys {
			if _, taken := t.byLabel[key]; taken && !slices.Contains(claims[key], own) {
				claims[key] = append(claims[key], own)
			}
		}
	}
	return claims
}

// others are the models, but for one, that may be called as a row calls its
// model.
func (t *Table) others(c candidate, own string) []string {
	return slices.DeleteFunc(slices.Clone(t.claims()[strings.Join(c.sorted, " ")]), func(s string) bool { return s == own })
}

// candidate is a row that fits a model, and by which form.
type candidate struct {
	row
	form form
}

// by says why the row fits.
func (c candidate) by() string {
	if c.dimension == AccountTPD {
		return "account: binds all models together"
	}
	return c.form.by + `: "` + c.form.text + `" fits "` + c.label + `"`
}

// fit lists the rows whose label is one of the model's names, by the rows'
// order. further are words that the label must have besides.
func (t *Table) fit(n naming, further ...string) []candidate {
	var out []candidate
	seen := map[int]bool{}
	for key, form := range n.keys {
		if len(further) > 0 {
			key = bag(append(strings.Split(key, " "), further...))
		}
		for _, i := range t.byLabel[key] {
			if !seen[i] {
				seen[i] = true
				out = append(out, candidate{t.rows[i], n.forms[form]})
			}
		}
	}
	slices.SortFunc(out, func(a, b candidate) int {
		if a.form.tier != b.form.tier {
			return a.form.tier - b.form.tier
		}
		return strings.Compare(a.Name+"\x00"+a.Code, b.Name+"\x00"+b.Code)
	})
	return out
}

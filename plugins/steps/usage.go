package steps

import (
	"context"
	"slices"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
)

// share is one of the series of CloudWatch behind the usage of a model's quotas:
// all calls by an id, or those of them that named a service tier.
type share struct {
	id, kind       string
	tier, resolved string // "" for the series of all calls by the id
}

func (s share) dimensions() []plugins.Dimension {
	out := []plugins.Dimension{{Name: plugins.DimensionModel, Value: s.id}}
	if s.tier != "" {
		out = append(out, plugins.Dimension{Name: plugins.DimensionResolved, Value: s.resolved}, plugins.Dimension{Name: plugins.DimensionTier, Value: s.tier})
	}
	return out
}

// part is the share in the record.
func (s share) part() record.Part {
	p := record.Part{ID: record.CleanLine(s.id), Kind: s.kind, Tier: s.tier}
	if s.tier != s.resolved {
		p.Tier += ", served as " + s.resolved
	}
	p.Tier = record.CleanLine(p.Tier)
	return p
}

// reachable is an id by which the account can call a model, and whose quotas it
// takes from: those of a base model in a scope.
type reachable struct {
	share
	base, scope string
}

// reachOf lists the ids of a catalog, in their order by name.
func reachOf(c plugins.Catalog) (out []reachable) {
	add := func(id string) {
		r := quotas.Resolve(id, c)
		s := share{id: quotas.Series(id), kind: r.Kind}
		if r.Base != "" && !slices.ContainsFunc(out, func(o reachable) bool { return o.share == s }) {
			out = append(out, reachable{s, r.Base, r.Scope})
		}
	}
	for _, m := range c.Models {
		add(m.ID)
	}
	for _, p := range c.Profiles {
		if p.Application {
			add(p.ARN)
		} else {
			add(p.ID)
		}
	}
	slices.SortFunc(out, func(a, b reachable) int { return strings.Compare(a.id, b.id) })
	return out
}

// sharing are the ids whose calls take from the same quotas as those of an id,
// by their names in CloudWatch: those by which the account reaches the same
// model in the same scope, and each of them at optimized latency. The id's own
// comes first, and is always there.
func sharing(id string, c plugins.Catalog, all []reachable) []share {
	own := quotas.Resolve(id, c)
	out := []share{{id: quotas.Series(id), kind: own.Kind}}
	for _, r := range all {
		if r.base == own.Base && r.scope == own.Scope && r.id != out[0].id {
			out = append(out, r.share)
		}
	}
	for _, s := range out {
		out = append(out, share{id: quotas.OptimizedSeries(s.id), kind: kindOptimized})
	}
	return out
}

// The kinds of shares beside those of ids.
const (
	kindOptimized = "optimized"
	kindTier      = "tier"
)

// sharers is what the account and CloudWatch list, by which shares are found.
type sharers struct {
	catalog plugins.Catalog
	reach   []reachable
	series  []plugins.Series // of calls
	notes   []string
}

// sharersReads are the IAM actions by which shares are found. Where one is not
// allowed, a note says what is not known for it.
var sharersReads = slices.Concat([]string{"cloudwatch:ListMetrics"}, reachReads)

// readSharers reads the lists. What cannot be read is told in the notes: the
// model's own id can be read without.
func readSharers(ctx context.Context, aws plugins.AWS) (sharers, error) {
	var s sharers
	var err error
	s.catalog, err = aws.Catalog(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return s, err
	case err != nil:
		s.note("only calls by the models' own ids are counted, as others that share their quotas are not known: " + err.Error())
	case s.catalog.Profiles == nil:
		s.note("only calls by the models' own ids are counted, as the inference profiles that share their quotas are not known: " + strings.Join(s.catalog.Notes, "; "))
	}
	s.reach = reachOf(s.catalog)
	s.series, err = aws.Series(ctx, plugins.NamespaceBedrock, record.MetricInvocations)
	if err != nil {
		if ctx.Err() != nil {
			return s, err
		}
		s.note("which service tiers and optimized latencies have series of their own is not known: " + err.Error())
	}
	return s, nil
}

func (s *sharers) note(text string) { s.notes = append(s.notes, record.CleanLine(text)) }

// of are the shares of a model. Optimized latency has a series where CloudWatch
// lists one, and is asked for where the model's own calls may have begun it
// just now.
func (s sharers) of(id string, optimized bool) (out []share) {
	own := quotas.OptimizedSeries(quotas.Series(id))
	for _, x := range sharing(id, s.catalog, s.reach) {
		if x.kind == kindOptimized && !(optimized && x.id == own) && !s.has(x.id) {
			continue
		}
		out = append(out, x)
	}
	for _, x := range slices.Clone(out) {
		for _, series := range s.series {
			tier, resolved := series.Dimension(plugins.DimensionTier), series.Dimension(plugins.DimensionResolved)
			if series.Dimension(plugins.DimensionModel) == x.id && tier != "" && resolved != "" && len(series.Dimensions) == 3 {
				out = append(out, share{id: x.id, kind: kindTier, tier: tier, resolved: resolved})
			}
		}
	}
	return out
}

// has tells whether CloudWatch lists calls by an id.
func (s sharers) has(id string) bool {
	return slices.ContainsFunc(s.series, func(x plugins.Series) bool { return x.Dimension(plugins.DimensionModel) == id })
}

package sim

import (
	"cmp"
	"slices"
)

// series names a series of every metric by its dimensions. The one of a model id
// alone holds all its calls. Calls that named a service tier have one more, with
// three dimensions: it breaks the first one down, and adds nothing to it.
type series struct {
	modelID  string // as the caller named it, see target.series
	tier     string // ServiceTier, as the call named it; "": the series of the model id alone
	resolved string // ResolvedServiceTier: the tier that served
}

const (
	modelDimension    = "ModelId"
	tierDimension     = "ServiceTier"
	resolvedDimension = "ResolvedServiceTier"
)

// series is what the calls of a target are recorded under. Latency-optimized
// calls have a model id of their own.
func (t *target) series(as serving) series {
	of := series{modelID: t.name, tier: as.tier, resolved: as.tier}
	if as.latency == latencyOptimized {
		of.modelID += "+latency-optimized"
	}
	return of
}

// dimension is a name and a value; the value "" of a filter is any.
type dimension struct{ name, value string }

func (of series) dimensions() []dimension {
	all := []dimension{{modelDimension, of.modelID}}
	if of.tier != "" {
		all = append(all, dimension{resolvedDimension, of.resolved}, dimension{tierDimension, of.tier})
	}
	return all
}

// seriesOf is the series whose dimensions are exactly these, in any order; none
// where there is no such form. CloudWatch finds a metric by all of its
// dimensions, never by some.
func seriesOf(dimensions []object) (of series) {
	for _, d := range dimensions {
		f := &fields{object: d}
		switch f.text("Name") {
		case modelDimension:
			of.modelID = f.text("Value")
		case tierDimension:
			of.tier = f.text("Value")
		case resolvedDimension:
			of.resolved = f.text("Value")
		}
	}
	given := 1
	if of.tier != "" && of.resolved != "" {
		given = 3
	}
	if of.modelID == "" || len(dimensions) != given {
		return series{}
	}
	return of
}

// matches reports whether the series has all dimensions of the filters, beside
// others or not.
func (of series) matches(filters []dimension) bool {
	all := of.dimensions()
	for _, f := range filters {
		if !slices.ContainsFunc(all, func(d dimension) bool { return d.name == f.name && (f.value == "" || d.value == f.value) }) {
			return false
		}
	}
	return true
}

// compare orders series by model id, the one of the model id alone first.
func (of series) compare(other series) int {
	return cmp.Or(cmp.Compare(of.modelID, other.modelID), cmp.Compare(of.tier, other.tier), cmp.Compare(of.resolved, other.resolved))
}

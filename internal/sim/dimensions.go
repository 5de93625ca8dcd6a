package sim

import (
	"cmp"
	"slices"
	"strings"
)

// series names a series of every metric by its dimensions. The one of a model id
// alone holds all its calls. Others break that one down, by two dimensions more,
// and add nothing to it: calls that named a service tier, and the images that were
// painted, by their size and the number of steps.
type series struct {
	modelID string       // as the caller named it, see target.series
	by      [2]dimension // of a breakdown, in the order of the names
}

// dimension is a name and a value; the value "" of a filter is any.
type dimension struct{ name, value string }

const (
	modelDimension    = "ModelId"
	tierDimension     = "ServiceTier"         // as the call named it
	resolvedDimension = "ResolvedServiceTier" // the tier that served
	sizeDimension     = "ImageSize"
	stepsDimension    = "BucketedStepSize"
)

// breakdowns are the pairs of dimensions that series have beside the model id
// (user guide, "Monitoring Amazon Bedrock").
var breakdowns = [][2]string{{resolvedDimension, tierDimension}, {stepsDimension, sizeDimension}}

// series is what the calls of a target are recorded under. Latency-optimized
// calls have a model id of their own.
func (t *target) series(as serving) series {
	of := series{modelID: t.name}
	if as.latency == latencyOptimized {
		of.modelID += "+latency-optimized"
	}
	if as.tier != "" {
		of.by = [2]dimension{{resolvedDimension, as.tier}, {tierDimension, as.tier}}
	}
	return of
}

// whole is the series that of is a part of: all calls of the model id.
func (of series) whole() series { return series{modelID: of.modelID} }

// images is where the images of one size are counted. How AWS writes sizes and
// steps is not documented; here they are 1024x1024, and 50 or 150, the most steps
// of the bucket.
func (of series) images(w *wanted) series {
	bucket := "50"
	if w.steps > 50 {
		bucket = "150"
	}
	of.by = [2]dimension{{stepsDimension, bucket}, {sizeDimension, w.size}}
	return of
}

func (of series) dimensions() []dimension {
	all := []dimension{{modelDimension, of.modelID}}
	if of != of.whole() {
		all = append(all, of.by[:]...)
	}
	return all
}

// seriesOf is the series whose dimensions are exactly these, in any order; none
// where there is no such form. CloudWatch finds a metric by all of its
// dimensions, never by some.
func seriesOf(dimensions []object) series {
	given := map[string]string{}
	for _, d := range dimensions {
		f := &fields{object: d}
		if value := f.text("Value"); value != "" {
			given[f.text("Name")] = value
		}
	}
	of := series{modelID: given[modelDimension]}
	for _, names := range breakdowns {
		by := [2]dimension{{names[0], given[names[0]]}, {names[1], given[names[1]]}}
		if by[0].value != "" && by[1].value != "" {
			of.by = by
		}
	}
	if of.modelID == "" || len(dimensions) != len(of.dimensions()) || len(given) != len(dimensions) {
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
	return cmp.Or(strings.Compare(of.modelID, other.modelID), slices.CompareFunc(of.by[:], other.by[:], func(a, b dimension) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	}))
}

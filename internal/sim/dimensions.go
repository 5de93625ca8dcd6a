package sim

import "strings"

// A series of metrics is kept under the values of its dimensions: the model id
// alone, or for the images that were painted also their size and the number of
// steps (user guide: ModelId, ImageSize, BucketedStepSize). How AWS writes sizes
// and steps is not documented; here they are 1024x1024, and 50 or 150, the most
// steps of the bucket.

const dimensionGap = "\x00" // no model id has it

// imageSeries is where the images of one size are counted.
func imageSeries(modelID string, w *wanted) string {
	bucket := "50"
	if w.steps > 50 {
		bucket = "150"
	}
	return modelID + dimensionGap + w.size + dimensionGap + bucket
}

var dimensionNames = [...]string{"ModelId", "ImageSize", "BucketedStepSize"}

// dimensionsOf tells the dimensions of a series.
func dimensionsOf(series string) (all []any) {
	for i, value := range strings.Split(series, dimensionGap) {
		all = append(all, object{"Name": dimensionNames[i], "Value": value})
	}
	return all
}

// seriesOf is the series that has exactly these dimensions, or "": CloudWatch
// finds a metric by all of its dimensions, never by some.
func seriesOf(dimensions []object) string {
	var values [len(dimensionNames)]string
	for _, d := range dimensions {
		f := &fields{object: d}
		i := dimensionIndex(f.text("Name"))
		if i < 0 || values[i] != "" {
			return ""
		}
		values[i] = f.text("Value")
	}
	series := strings.Join(values[:], dimensionGap)
	switch len(dimensions) {
	case 1:
		return values[0]
	case len(dimensionNames):
		return series
	}
	return ""
}

func dimensionIndex(name string) int {
	for i, known := range dimensionNames {
		if known == name {
			return i
		}
	}
	return -1
}

// dimensionFilter is what the dimensions of a listed metric must have: a name, and
// a value where it is not empty.
type dimensionFilter struct{ name, value string }

func readFilters(filters []object) (all []dimensionFilter, bad *fault) {
	if len(filters) > 10 {
		return nil, badValue("The collection Dimensions must not have a size greater than 10.")
	}
	for _, filter := range filters {
		f := &fields{object: filter}
		one := dimensionFilter{f.text("Name"), f.text("Value")}
		switch {
		case f.bad != nil:
			return nil, f.bad
		case one.name == "":
			return nil, missingParameter("Dimensions.member.N.Name")
		}
		all = append(all, one)
	}
	return all, nil
}

// passes reports whether a series has all that is asked for.
func passes(series string, filters []dimensionFilter) bool {
	values := strings.Split(series, dimensionGap)
	for _, f := range filters {
		i := dimensionIndex(f.name)
		if i < 0 || i >= len(values) || f.value != "" && f.value != values[i] {
			return false
		}
	}
	return true
}

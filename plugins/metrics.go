package plugins

import "slices"

// NamespaceBedrock is where CloudWatch has the metrics of Amazon Bedrock.
const NamespaceBedrock = "AWS/Bedrock"

// The dimensions of AWS/Bedrock that tell whose calls a series counts.
// Source: "Monitoring Amazon Bedrock" in the user guide.
const (
	DimensionModel    = "ModelId"
	DimensionTier     = "ServiceTier"         // as it was asked for
	DimensionResolved = "ResolvedServiceTier" // the tier that served
)

// Dimension is a name and a value by which CloudWatch tells series apart.
type Dimension struct{ Name, Value string }

// Series names a series of CloudWatch: a metric with all of its dimensions. One
// that leaves a dimension out is another series, and mostly there is none.
type Series struct {
	Namespace, Metric string
	Dimensions        []Dimension
}

// OfModel is the series of an AWS/Bedrock metric that counts all calls by an id.
func OfModel(metric, id string) Series {
	return Series{NamespaceBedrock, metric, []Dimension{{DimensionModel, id}}}
}

// Dimension is the value of a dimension; "" where the series has none of that name.
func (s Series) Dimension(name string) string {
	i := slices.IndexFunc(s.Dimensions, func(d Dimension) bool { return d.Name == name })
	if i < 0 {
		return ""
	}
	return s.Dimensions[i].Value
}

// Query asks for a statistic of a series.
type Query struct {
	Series
	Stat string // Sum, SampleCount, Minimum, Maximum, Average, p90
	// Whole asks for the statistic over the whole window, in place of one for
	// each period.
	Whole bool
}

// Points answer a query: the value of each period, counted from the start of the
// window; nil is a period without a point. A query of the whole window has one.
type Points struct {
	Query
	Values []*float64
}

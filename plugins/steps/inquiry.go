package steps

import (
	"context"
	"fmt"
	"slices"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// inquiry collects queries, each once, and then has their answers.
type inquiry struct {
	queries []plugins.Query
	places  map[string]int
	points  []plugins.Points
}

// ask adds a query, and says where its answer will be.
func (q *inquiry) ask(x plugins.Query) int {
	key := fmt.Sprintf("%q", []any{x.Namespace, x.Metric, x.Dimensions, x.Stat, x.Whole})
	at, ok := q.places[key]
	if !ok {
		if q.places == nil {
			q.places = map[string]int{}
		}
		at = len(q.queries)
		q.places[key] = at
		q.queries = append(q.queries, x)
	}
	return at
}

// read gets the answers.
func (q *inquiry) read(ctx context.Context, aws plugins.AWS, w record.Window) error {
	points, err := aws.Measure(ctx, q.queries, w)
	if err != nil {
		return fmt.Errorf("read CloudWatch: %w", err)
	}
	q.points = points
	return nil
}

// values are those of an answer.
func (q *inquiry) values(at int) []*float64 { return q.points[at].Values }

// whole is the value of an answer over the whole window; nil without one.
func (q *inquiry) whole(at int) *float64 {
	if at < 0 {
		return nil
	}
	return q.points[at].Values[0]
}

// sumsOf asks for the sum of each metric of each id.
func sumsOf(ids, metrics []string) (out []plugins.Query) {
	for _, id := range ids {
		for _, metric := range metrics {
			out = append(out, plugins.Query{Series: plugins.OfModel(metric, id), Stat: "Sum"})
		}
	}
	return out
}

// merge puts two lists of values by period together: where only one has a point
// it is that one.
func merge(a, b []*float64, both func(a, b float64) float64) []*float64 {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	out := slices.Clone(a)
	for i, v := range b {
		switch {
		case v == nil:
		case out[i] == nil:
			out[i] = v
		default:
			out[i] = new(both(*out[i], *v))
		}
	}
	return out
}

func plus(a, b float64) float64    { return a + b }
func either(a, _ float64) float64  { return a }
func greater(a, b float64) float64 { return max(a, b) }
func lesser(a, b float64) float64  { return min(a, b) }

// total adds up the points there are; nil without one.
func total(values []*float64) *float64 { return folded(values, plus) }

// folded makes one value of the points there are; nil without one.
func folded(values []*float64, both func(a, b float64) float64) (out *float64) {
	for _, v := range values {
		switch {
		case v == nil:
		case out == nil:
			out = new(*v)
		default:
			*out = both(*out, *v)
		}
	}
	return out
}

package cloud

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// The most that one GetMetricData takes, and that one page of its answer holds.
// Source: GetMetricData in the API reference of CloudWatch.
const (
	maxQueries = 500
	maxPoints  = 100_800
)

// Measure asks for as many series at once as come back in one page, a few
// requests at a time. Pages are followed where there are more all the same.
func (c *Cloud) Measure(ctx context.Context, queries []plugins.Query, w record.Window) ([]plugins.Points, error) {
	g := gridOf(w)
	out := make([]plugins.Points, len(queries))
	for i, q := range queries {
		out[i] = plugins.Points{Query: q, Values: make([]*float64, g.periods(q))}
	}
	parts := batches(out)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var first error
	var once sync.Once
	each(len(parts), func(i int) {
		if err := c.measure(ctx, parts[i], g); err != nil {
			// What the others would still tell is of no use.
			once.Do(func() { first = err })
			cancel()
		}
	})
	if first != nil {
		return nil, told("cloudwatch:GetMetricData", first)
	}
	return out, nil
}

// grid is the periods of a window.
type grid struct {
	start, end time.Time
	period     time.Duration
}

func gridOf(w record.Window) grid { return grid{w.Start, w.End, time.Duration(w.Period)} }

// periods is how many values a query has.
func (g grid) periods(q plugins.Query) int {
	if q.Whole {
		return 1
	}
	return int((g.end.Sub(g.start) + g.period - 1) / g.period)
}

// width is the period that CloudWatch is asked for.
func (g grid) width(q plugins.Query) time.Duration {
	if q.Whole {
		return g.end.Sub(g.start)
	}
	return g.period
}

// batches divides series among requests, in their order.
func batches(all []plugins.Points) (out [][]plugins.Points) {
	from, room := 0, maxPoints
	for i := range all {
		if n := len(all[i].Values); i > from && (i-from == maxQueries || n > room) {
			out = append(out, all[from:i])
			from, room = i, maxPoints
		}
		room -= len(all[i].Values)
	}
	if from < len(all) {
		out = append(out, all[from:])
	}
	return out
}

// measure fills the series of one request.
func (c *Cloud) measure(ctx context.Context, series []plugins.Points, g grid) error {
	in := &cloudwatch.GetMetricDataInput{StartTime: &g.start, EndTime: &g.end, ScanBy: types.ScanByTimestampAscending}
	filling := make(map[string]*filling, len(series))
	for i := range series {
		id := fmt.Sprintf("q%d", i)
		filling[id] = newFilling(&series[i], g)
		in.MetricDataQueries = append(in.MetricDataQueries, types.MetricDataQuery{Id: &id, MetricStat: statOf(series[i].Query, g)})
	}
	for {
		next, err := c.readInto(ctx, in, filling)
		if err != nil {
			return err
		}
		if next == "" {
			break
		}
		if next == aws.ToString(in.NextToken) {
			return errors.New("CloudWatch gave the same page token twice")
		}
		in.NextToken = &next
	}
	for i := range series {
		if err := filling[fmt.Sprintf("q%d", i)].complete(); err != nil {
			return err
		}
	}
	return nil
}

// readInto adds a page to the series, and returns the token of the next.
func (c *Cloud) readInto(ctx context.Context, in *cloudwatch.GetMetricDataInput, filling map[string]*filling) (next string, _ error) {
	page, err := c.readPage(ctx, in)
	if err != nil {
		return "", err
	}
	defer page.close()
	for _, r := range page.results {
		f, ok := filling[r.id]
		if !ok || !r.points(f.put) {
			return "", fmt.Errorf("CloudWatch answered something else than was asked (id %q)", r.id)
		}
		f.status, f.words = r.status, append(f.words, r.words...)
	}
	return page.next, nil
}

func statOf(q plugins.Query, g grid) *types.MetricStat {
	m := &types.Metric{Namespace: aws.String(q.Namespace), MetricName: aws.String(q.Metric)}
	for _, d := range q.Dimensions {
		m.Dimensions = append(m.Dimensions, types.Dimension{Name: aws.String(d.Name), Value: aws.String(d.Value)})
	}
	return &types.MetricStat{Metric: m, Period: aws.Int32(int32(g.width(q) / time.Second)), Stat: aws.String(q.Stat)}
}

// Series lists them page by page.
func (c *Cloud) Series(ctx context.Context, namespace, metric string) ([]plugins.Series, error) {
	var out []plugins.Series
	pages := cloudwatch.NewListMetricsPaginator(c.cloudwatch, &cloudwatch.ListMetricsInput{Namespace: &namespace, MetricName: &metric},
		func(o *cloudwatch.ListMetricsPaginatorOptions) { o.StopOnDuplicateToken = true })
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, told("cloudwatch:ListMetrics", err)
		}
		for _, m := range page.Metrics {
			s := plugins.Series{Namespace: aws.ToString(m.Namespace), Metric: aws.ToString(m.MetricName)}
			for _, d := range m.Dimensions {
				s.Dimensions = append(s.Dimensions, plugins.Dimension{Name: aws.ToString(d.Name), Value: aws.ToString(d.Value)})
			}
			out = append(out, s)
		}
	}
	return out, nil
}

package cloud

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// maxQueries is the most that one GetMetricData takes.
const maxQueries = 500

// Sums reads the Sum of each metric of each model, in as few calls as it
// takes. Pages and partial data are followed to the end; a series that could
// not be read completely is an error, never a shorter series.
func (c *Cloud) Sums(ctx context.Context, modelIDs, metrics []string, w record.Window) ([]plugins.Points, error) {
	var out []plugins.Points
	for _, id := range modelIDs {
		for _, m := range metrics {
			out = append(out, plugins.Points{ModelID: id, Metric: m})
		}
	}
	for from := 0; from < len(out); from += maxQueries {
		if err := c.sums(ctx, out[from:min(from+maxQueries, len(out))], w); err != nil {
			return nil, told("cloudwatch:GetMetricData", err)
		}
	}
	return out, nil
}

// sums fills up to maxQueries series.
func (c *Cloud) sums(ctx context.Context, series []plugins.Points, w record.Window) error {
	in := &cloudwatch.GetMetricDataInput{StartTime: &w.Start, EndTime: &w.End, ScanBy: types.ScanByTimestampAscending}
	byID := map[string]*plugins.Points{}
	for i := range series {
		id := fmt.Sprintf("q%d", i)
		byID[id] = &series[i]
		in.MetricDataQueries = append(in.MetricDataQueries, types.MetricDataQuery{
			Id: &id,
			MetricStat: &types.MetricStat{
				Metric: &types.Metric{
					Namespace:  aws.String("AWS/Bedrock"),
					MetricName: aws.String(series[i].Metric),
					Dimensions: []types.Dimension{{Name: aws.String("ModelId"), Value: aws.String(dimension(series[i].ModelID))}},
				},
				Period: aws.Int32(int32(time.Duration(w.Period) / time.Second)),
				Stat:   aws.String("Sum"),
			},
		})
	}
	status := map[string]types.StatusCode{}
	for {
		page, err := c.cloudwatch.GetMetricData(ctx, in)
		if err != nil {
			return err
		}
		for _, r := range page.MetricDataResults {
			id := aws.ToString(r.Id)
			s, ok := byID[id]
			if !ok || len(r.Timestamps) != len(r.Values) {
				return fmt.Errorf("CloudWatch answered something else than was asked (id %q, %d times, %d values)", id, len(r.Timestamps), len(r.Values))
			}
			status[id] = r.StatusCode
			s.Times = append(s.Times, r.Timestamps...)
			s.Values = append(s.Values, r.Values...)
		}
		if aws.ToString(page.NextToken) == "" {
			break
		}
		in.NextToken = page.NextToken
	}
	for id, s := range byID {
		if st := status[id]; st != types.StatusCodeComplete {
			return fmt.Errorf("CloudWatch did not complete %s of %s (status %q)", s.Metric, s.ModelID, st)
		}
	}
	return nil
}

// dimension is the ModelId under which CloudWatch counts the calls of an id: the
// id as it was called, and of an ARN its last segment.
func dimension(id string) string {
	if strings.HasPrefix(id, "arn:") {
		return id[strings.LastIndexByte(id, '/')+1:]
	}
	return id
}

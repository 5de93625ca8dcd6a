package cloud

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/loadline-dev/loadline/plugins"
)

// alarmPage is the most alarms that one DescribeAlarms lists, and the most that
// one DeleteAlarms takes.
const alarmPage = 100

// AlarmReads and AlarmWrites are the IAM actions that alarms need. To give an
// alarm tags as it is made takes an action of its own.
var (
	AlarmReads  = []string{"cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"}
	AlarmWrites = []string{"cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"}
	AlarmPrunes = []string{"cloudwatch:DeleteAlarms"}
)

// Alarms lists the alarms of the Region whose names begin with a prefix, with
// their tags. A composite alarm, which must not be put over, is there with its
// name and no tags.
func (c *Cloud) Alarms(ctx context.Context, prefix string) ([]plugins.AlarmFound, error) {
	var out []plugins.AlarmFound
	pages := cloudwatch.NewDescribeAlarmsPaginator(c.cloudwatch, &cloudwatch.DescribeAlarmsInput{
		AlarmNamePrefix: &prefix, MaxRecords: aws.Int32(alarmPage), AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, told("cloudwatch:DescribeAlarms", err)
		}
		for _, a := range page.CompositeAlarms {
			out = append(out, plugins.AlarmFound{Alarm: plugins.Alarm{Name: aws.ToString(a.AlarmName)}, State: string(a.StateValue)})
		}
		for _, a := range page.MetricAlarms {
			found := alarmOf(a)
			tags, err := c.cloudwatch.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: a.AlarmArn})
			if err != nil {
				return nil, told("cloudwatch:ListTagsForResource", err)
			}
			for _, t := range tags.Tags {
				found.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
			}
			out = append(out, found)
		}
	}
	return out, nil
}

// PutAlarm makes an alarm with tags, or replaces the one of its name as a whole,
// which keeps the tags that it has.
func (c *Cloud) PutAlarm(ctx context.Context, a plugins.Alarm, tags map[string]string) error {
	in := &cloudwatch.PutMetricAlarmInput{
		AlarmName: &a.Name, AlarmDescription: &a.Description, ActionsEnabled: aws.Bool(!a.Disabled), AlarmActions: a.Actions, OKActions: a.OKActions,
		ComparisonOperator: types.ComparisonOperator(a.Comparison()), Threshold: &a.Threshold, TreatMissingData: &a.Missing,
		EvaluationPeriods: aws.Int32(int32(a.Periods)), DatapointsToAlarm: aws.Int32(int32(a.Breaching)),
		Metrics: []types.MetricDataQuery{{Id: aws.String(plugins.AlarmResult), Expression: &a.Expression, Label: &a.Label, ReturnData: aws.Bool(true)}},
	}
	for _, q := range a.Queries {
		query := types.MetricDataQuery{Id: &q.ID, ReturnData: aws.Bool(false)}
		if q.Expression != "" {
			query.Expression = &q.Expression
		} else {
			query.MetricStat = &types.MetricStat{
				Metric: &types.Metric{Namespace: aws.String(plugins.AlarmNamespace), MetricName: &q.Metric, Dimensions: []types.Dimension{{Name: aws.String(plugins.AlarmDimension), Value: &q.ModelID}}},
				Period: aws.Int32(int32(q.Period / time.Second)), Stat: aws.String(plugins.AlarmStatistic),
			}
		}
		in.Metrics = append(in.Metrics, query)
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	if _, err := c.cloudwatch.PutMetricAlarm(ctx, in); err != nil {
		return told("cloudwatch:PutMetricAlarm", err)
	}
	return nil
}

// DeleteAlarms deletes alarms by their names.
func (c *Cloud) DeleteAlarms(ctx context.Context, names []string) error {
	for some := range slices.Chunk(names, alarmPage) {
		if _, err := c.cloudwatch.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: some}); err != nil {
			return told("cloudwatch:DeleteAlarms", err)
		}
	}
	return nil
}

// alarmOf reads an alarm back. What it has that is never written is told by name.
func alarmOf(a types.MetricAlarm) plugins.AlarmFound {
	out := plugins.AlarmFound{State: string(a.StateValue), Tags: map[string]string{}}
	out.Name, out.Description = aws.ToString(a.AlarmName), aws.ToString(a.AlarmDescription)
	out.Actions, out.OKActions, out.Disabled = a.AlarmActions, a.OKActions, a.ActionsEnabled != nil && !*a.ActionsEnabled
	out.Threshold, out.Missing = aws.ToFloat64(a.Threshold), aws.ToString(a.TreatMissingData)
	out.Periods = int(aws.ToInt32(a.EvaluationPeriods))
	out.Breaching = out.Periods // where nothing else is said
	if a.DatapointsToAlarm != nil {
		out.Breaching = int(*a.DatapointsToAlarm)
	}
	unlike := func(name string, is bool) {
		if is && !slices.Contains(out.Unlike, name) {
			out.Unlike = append(out.Unlike, name)
		}
	}
	switch a.ComparisonOperator {
	case types.ComparisonOperatorGreaterThanThreshold:
		out.Above = true
	case types.ComparisonOperatorGreaterThanOrEqualToThreshold:
	default:
		unlike(fmt.Sprintf("the comparison %s", a.ComparisonOperator), true)
	}
	for _, q := range a.Metrics {
		if aws.ToBool(q.ReturnData) {
			out.Expression, out.Label = aws.ToString(q.Expression), aws.ToString(q.Label)
			unlike("another id of the result", aws.ToString(q.Id) != plugins.AlarmResult)
			continue
		}
		query, ours := queryOf(q)
		unlike("metrics of another kind", !ours)
		out.Queries = append(out.Queries, query)
	}
	unlike("a single metric", a.MetricName != nil)
	unlike("insufficient-data actions", len(a.InsufficientDataActions) > 0)
	_, wallClock := a.EvaluationWindow.(*types.EvaluationWindowMemberWallClockWindow)
	unlike("a window by the clock", wallClock)
	unlike("evaluation criteria", a.EvaluationCriteria != nil)
	unlike("a threshold of another metric", a.ThresholdMetricId != nil)
	return out
}

// queryOf reads one input of an alarm; not ours where it says what none of ours
// does.
func queryOf(q types.MetricDataQuery) (out plugins.AlarmQuery, ours bool) {
	out.ID, out.Expression = aws.ToString(q.Id), aws.ToString(q.Expression)
	s := q.MetricStat
	if s == nil || s.Metric == nil {
		return out, s == nil && q.AccountId == nil
	}
	out.Metric, out.Period = aws.ToString(s.Metric.MetricName), time.Duration(aws.ToInt32(s.Period))*time.Second
	d := s.Metric.Dimensions
	if len(d) != 1 || aws.ToString(d[0].Name) != plugins.AlarmDimension {
		return out, false
	}
	out.ModelID = aws.ToString(d[0].Value)
	return out, q.AccountId == nil && s.Unit == "" && aws.ToString(s.Stat) == plugins.AlarmStatistic && aws.ToString(s.Metric.Namespace) == plugins.AlarmNamespace
}

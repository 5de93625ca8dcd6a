package sim

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"
)

func throttleAlarm(name string) *cloudwatch.PutMetricAlarmInput {
	return &cloudwatch.PutMetricAlarmInput{
		AlarmName: &name, AlarmDescription: aws.String("too many <throttles>"), Namespace: aws.String("AWS/Bedrock"),
		MetricName: aws.String("InvocationThrottles"), Statistic: types.StatisticSum, Period: aws.Int32(300), Unit: types.StandardUnitCount,
		Dimensions:        []types.Dimension{{Name: aws.String("ModelId"), Value: aws.String("anthropic.a")}},
		EvaluationPeriods: aws.Int32(3), DatapointsToAlarm: aws.Int32(2), Threshold: aws.Float64(1.5),
		ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold, TreatMissingData: aws.String("notBreaching"),
		AlarmActions: []string{"arn:aws:sns:us-east-1:123456789012:pager"}, ActionsEnabled: aws.Bool(false),
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("ml")}},
	}
}

func rateAlarm(name string) *cloudwatch.PutMetricAlarmInput {
	m1, m2 := query("m1", "InvocationThrottles", "anthropic.a", "Sum", 60), query("m2", "Invocations", "anthropic.a", "Sum", 60)
	e := expression("e1", "FILL(m1,0)/(m1+m2)")
	m1.ReturnData, m2.ReturnData, e.ReturnData = aws.Bool(false), aws.Bool(false), aws.Bool(true)
	e.Label = aws.String("rate")
	return &cloudwatch.PutMetricAlarmInput{
		AlarmName: &name, EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(0.01),
		ComparisonOperator: types.ComparisonOperatorGreaterThanOrEqualToThreshold, Metrics: []types.MetricDataQuery{m1, m2, e},
	}
}

// What was put is read back, member by member.
func TestAlarms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, steady)
		began := time.Now()
		throttles, rate := throttleAlarm("b-throttles"), rateAlarm("a-rate")
		for _, in := range []*cloudwatch.PutMetricAlarmInput{throttles, rate} {
			if _, err := c.metrics.PutMetricAlarm(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
		out, err := c.metrics.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{})
		if err != nil || len(out.MetricAlarms) != 2 || len(out.CompositeAlarms) != 0 {
			t.Fatalf("DescribeAlarms = %+v, %v; want two metric alarms", out, err)
		}
		for i, in := range []*cloudwatch.PutMetricAlarmInput{rate, throttles} {
			a := out.MetricAlarms[i]
			put, got := reflect.ValueOf(*in), reflect.ValueOf(a)
			for _, f := range reflect.VisibleFields(put.Type()) {
				if v := put.FieldByIndex(f.Index); f.Name != "Tags" && f.IsExported() && !v.IsZero() {
					if back := got.FieldByName(f.Name); !reflect.DeepEqual(back.Interface(), v.Interface()) {
						t.Errorf("%s of %s = %+v; want %+v", f.Name, *in.AlarmName, back, v)
					}
				}
			}
			if a.StateValue != types.StateValueInsufficientData || *a.AlarmArn != "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"+*in.AlarmName ||
				!a.StateUpdatedTimestamp.Equal(began.Truncate(time.Millisecond)) {
				t.Errorf("%s = %+v", *in.AlarmName, a)
			}
		}
		tags, err := c.metrics.ListTagsForResource(t.Context(), &cloudwatch.ListTagsForResourceInput{ResourceARN: out.MetricAlarms[1].AlarmArn})
		if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Key != "team" || *tags.Tags[0].Value != "ml" {
			t.Errorf("the tags = %v, %v", tags, err)
		}
		_, err = c.metrics.ListTagsForResource(t.Context(), &cloudwatch.ListTagsForResourceInput{ResourceARN: aws.String("arn:aws:cloudwatch:us-east-1:123456789012:alarm:none")})
		var notFound *types.ResourceNotFoundException
		if !errors.As(err, &notFound) {
			t.Errorf("the tags of nothing = %v; want a ResourceNotFoundException", err)
		}

		// An alarm that is put again is replaced, but for its state and tags.
		time.Sleep(time.Hour)
		again := throttleAlarm("b-throttles")
		again.Threshold, again.Tags = aws.Float64(7), []types.Tag{{Key: aws.String("team"), Value: aws.String("other")}}
		if _, err := c.metrics.PutMetricAlarm(t.Context(), again); err != nil {
			t.Fatal(err)
		}
		out, err = c.metrics.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"b-throttles", "none"}})
		if err != nil || len(out.MetricAlarms) != 1 {
			t.Fatalf("DescribeAlarms = %+v, %v; want one alarm", out, err)
		}
		a := out.MetricAlarms[0]
		if *a.Threshold != 7 || a.StateValue != types.StateValueAlarm || a.AlarmConfigurationUpdatedTimestamp.Sub(*a.StateUpdatedTimestamp) != time.Hour-time.Minute {
			t.Errorf("put again = %+v", a)
		}
		tags, err = c.metrics.ListTagsForResource(t.Context(), &cloudwatch.ListTagsForResourceInput{ResourceARN: a.AlarmArn})
		if err != nil || *tags.Tags[0].Value != "ml" {
			t.Errorf("the tags of an alarm put again = %v, %v", tags, err)
		}
	})
}

func TestDescribeAlarms(t *testing.T) {
	c := newClients(t, steady)
	for i := range 120 {
		if _, err := c.metrics.PutMetricAlarm(t.Context(), throttleAlarm(fmt.Sprintf("%c-%03d", 'a'+i%2, i))); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		in            cloudwatch.DescribeAlarmsInput
		alarms, pages int
	}{
		"all":          {cloudwatch.DescribeAlarmsInput{}, 120, 3},
		"big pages":    {cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(100)}, 120, 2},
		"prefix":       {cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String("b-"), MaxRecords: aws.Int32(7)}, 60, 9},
		"action":       {cloudwatch.DescribeAlarmsInput{ActionPrefix: aws.String("arn:aws:sns:"), MaxRecords: aws.Int32(100)}, 120, 2},
		"other action": {cloudwatch.DescribeAlarmsInput{ActionPrefix: aws.String("arn:aws:ec2:")}, 0, 1},
		"state":        {cloudwatch.DescribeAlarmsInput{StateValue: "INSUFFICIENT_DATA", MaxRecords: aws.Int32(100)}, 120, 2},
		"other state":  {cloudwatch.DescribeAlarmsInput{StateValue: "ALARM"}, 0, 1},
		"composite":    {cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{"CompositeAlarm"}}, 0, 1},
		"metric":       {cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{"MetricAlarm"}}, 120, 3},
	} {
		seen, pages := map[string]bool{}, 0
		for p := cloudwatch.NewDescribeAlarmsPaginator(c.metrics, &test.in); p.HasMorePages(); pages++ {
			out, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, a := range out.MetricAlarms {
				seen[*a.AlarmName] = true
			}
		}
		if len(seen) != test.alarms || pages != test.pages {
			t.Errorf("%s: %d alarms on %d pages; want %d on %d", name, len(seen), pages, test.alarms, test.pages)
		}
	}
	for code, in := range map[string]*cloudwatch.DescribeAlarmsInput{
		"InvalidNextToken": {NextToken: aws.String("nonsense")},
		"ValidationError":  {MaxRecords: aws.Int32(101)},
	} {
		_, err := c.metrics.DescribeAlarms(t.Context(), in)
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != code {
			t.Errorf("DescribeAlarms = %v; want %s", err, code)
		}
	}
}

func TestPutMetricAlarmErrors(t *testing.T) {
	c := newClients(t, steady)
	type input = cloudwatch.PutMetricAlarmInput
	for name, test := range map[string]struct {
		code   string
		change func(*input)
	}{
		"name":           {"MissingParameter", func(in *input) { in.AlarmName = aws.String("") }},
		"periods":        {"ValidationError", func(in *input) { in.EvaluationPeriods = aws.Int32(0) }},
		"datapoints":     {"ValidationError", func(in *input) { in.DatapointsToAlarm = aws.Int32(4) }},
		"comparison":     {"ValidationError", func(in *input) { in.ComparisonOperator = "GreaterThanUpperThreshold" }},
		"threshold":      {"MissingParameter", func(in *input) { in.Threshold = nil }},
		"number":         {"SerializationException", func(in *input) { in.Threshold = aws.Float64(math.NaN()) }},
		"infinity":       {"SerializationException", func(in *input) { in.Threshold = aws.Float64(math.Inf(-1)) }},
		"period":         {"ValidationError", func(in *input) { in.Period = aws.Int32(61) }},
		"window":         {"ValidationError", func(in *input) { in.EvaluationPeriods = aws.Int32(289) }},
		"statistic":      {"InvalidParameterValue", func(in *input) { in.Statistic = "Median" }},
		"no statistic":   {"ValidationError", func(in *input) { in.Statistic = "" }},
		"percentile":     {"InvalidParameterValue", func(in *input) { in.Statistic, in.ExtendedStatistic = "", aws.String("p101") }},
		"missing data":   {"ValidationError", func(in *input) { in.TreatMissingData = aws.String("whatever") }},
		"no namespace":   {"MissingParameter", func(in *input) { in.Namespace = nil }},
		"anomaly":        {"ValidationError", func(in *input) { in.ThresholdMetricId = aws.String("ad1") }},
		"both":           {"ValidationError", func(in *input) { in.Metrics = rateAlarm("x").Metrics }},
		"neither":        {"ValidationError", func(in *input) { in.MetricName = nil }},
		"two returned":   {"ValidationError", func(in *input) { *in = *rateAlarm("x"); in.Metrics[0].ReturnData = nil }},
		"expression":     {"ValidationError", func(in *input) { *in = *rateAlarm("x"); in.Metrics[2].Expression = aws.String("m3") }},
		"window of many": {"ValidationError", func(in *input) { *in = *rateAlarm("x"); in.EvaluationPeriods = aws.Int32(1441) }},
		"endless window": {"ValidationError", func(in *input) { *in = *rateAlarm("x"); in.EvaluationPeriods = aws.Int32(math.MaxInt32) }},
		"metrics' unit":  {"ValidationError", func(in *input) { *in = *rateAlarm("x"); in.Unit = "Count" }},
	} {
		in := throttleAlarm("x")
		test.change(in)
		_, err := c.metrics.PutMetricAlarm(t.Context(), in)
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != test.code {
			t.Errorf("a wrong %s = %v; want a %s", name, err, test.code)
		}
	}
	if out, err := c.metrics.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{}); err != nil || len(out.MetricAlarms) != 0 {
		t.Errorf("refused alarms are kept: %v, %v", out, err)
	}
}

package sim

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"
)

// The rows are those of the two tables in "Configuring how CloudWatch alarms
// treat missing data": five points, the newest at the end; 0 does not breach, X
// does, - is missing. What they do not say of ignore is written as keeping the
// state of before, here OK.
func TestJudge(t *testing.T) {
	const ok, alarm, none = stateOK, stateAlarm, insufficientData
	for _, row := range []struct {
		points                                string
		needed                                int
		missing, ignore, breaching, notBreach string
	}{
		{"0-X-X", 3, ok, ok, ok, ok},
		{"0----", 3, ok, ok, ok, ok},
		{"-----", 3, none, ok, alarm, ok},
		{"0XX-X", 3, alarm, alarm, alarm, alarm},
		{"--X--", 3, alarm, ok, alarm, ok},
		{"0-X-X", 2, alarm, alarm, alarm, alarm},
		{"00X0X", 2, alarm, alarm, alarm, alarm},
		{"0-X--", 2, ok, ok, alarm, ok},
		{"----0", 2, ok, ok, alarm, ok},
		{"----X", 2, alarm, ok, alarm, ok},
		// The newest three count where nothing is missing.
		{"XX000", 1, ok, ok, ok, ok},
		{"XXX00", 1, alarm, alarm, alarm, alarm},
	} {
		var points []*float64
		for i := len(row.points) - 1; i >= 0; i-- {
			switch row.points[i] {
			case '-':
				points = append(points, nil)
			case '0':
				points = append(points, aws.Float64(0))
			case 'X':
				points = append(points, aws.Float64(1))
			}
		}
		for missing, want := range map[string]string{"": row.missing, "missing": row.missing, "ignore": row.ignore, "breaching": row.breaching, "notBreaching": row.notBreach} {
			r := alarmRule{periods: 3, needed: row.needed, comparison: "GreaterThanThreshold", threshold: 0, missing: missing}
			if got := r.judge(points, ok); got != want {
				t.Errorf("%d of 3 of %s with %q missing = %s; want %s", row.needed, row.points, missing, got, want)
			}
		}
	}
}

func TestBreaches(t *testing.T) {
	for comparison, want := range map[string]string{
		"GreaterThanOrEqualToThreshold": "false true true", "GreaterThanThreshold": "false false true",
		"LessThanThreshold": "true false false", "LessThanOrEqualToThreshold": "true true false",
	} {
		r := alarmRule{comparison: comparison, threshold: 5}
		if got := fmt.Sprint(r.breaches(4), r.breaches(5), r.breaches(6)); got != want {
			t.Errorf("4, 5 and 6 %s 5 = %s; want %s", comparison, got, want)
		}
	}
}

func stateOf(t *testing.T, c clients, name string) (types.StateValue, time.Time) {
	t.Helper()
	out, err := c.metrics.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{name}})
	if err != nil || len(out.MetricAlarms) != 1 {
		t.Fatalf("DescribeAlarms of %s = %+v, %v", name, out, err)
	}
	return out.MetricAlarms[0].StateValue, *out.MetricAlarms[0].StateTransitionedTimestamp
}

// An alarm goes off in the minute after the last point that it wants, whenever
// somebody looks, and goes back.
func TestAlarmsFollowTheMetrics(t *testing.T) {
	for delay := range 3 {
		synctest.Test(t, func(t *testing.T) {
			c := newClients(t, fmt.Sprintf("metrics: {delay: %dm}", delay))
			began := time.Now()
			first := minuteOf(began)
			m1 := query("m1", "InvocationThrottles", "m", "Sum", 60)
			m1.ReturnData = aws.Bool(false)
			filled := expression("e1", "SUM(FILL([m1],0))")
			filled.ReturnData = aws.Bool(true)
			alarm := func(name string, in cloudwatch.PutMetricAlarmInput) {
				in.AlarmName, in.Threshold, in.ComparisonOperator, in.TreatMissingData = &name, aws.Float64(0), "GreaterThanThreshold", aws.String("notBreaching")
				if _, err := c.metrics.PutMetricAlarm(t.Context(), &in); err != nil {
					t.Fatal(err)
				}
			}
			// Two throttled minutes, of five that are looked at.
			alarm("math", cloudwatch.PutMetricAlarmInput{Metrics: []types.MetricDataQuery{m1, filled}, EvaluationPeriods: aws.Int32(5), DatapointsToAlarm: aws.Int32(2)})
			single := *throttleAlarm("")
			single.Period, single.EvaluationPeriods, single.DatapointsToAlarm, single.Dimensions[0].Value = aws.Int32(60), aws.Int32(5), aws.Int32(2), aws.String("m")
			alarm("single", single)
			strict := single
			strict.EvaluationPeriods = aws.Int32(2)
			alarm("strict", strict)
			day := single
			day.Period, day.EvaluationPeriods, day.DatapointsToAlarm = aws.Int32(86400), aws.Int32(1), nil
			alarm("day", day)

			for _, minute := range []int64{10, 12} {
				c.server.metrics.at(series{modelID: "m"}, first+minute)[throttles].add(1)
			}
			at := func(minutes int) time.Time {
				return began.Truncate(time.Minute).Add(time.Duration(minutes+delay) * time.Minute).UTC()
			}
			want := func(name string, state types.StateValue, since int) {
				t.Helper()
				if got, changed := stateOf(t, c, name); got != state || !changed.Equal(at(since)) {
					t.Errorf("delay %d min, after %s: %s is %s since %s; want %s since %s", delay, time.Since(began), name, got, changed, state, at(since))
				}
			}
			time.Sleep(time.Until(at(13)))
			want("math", types.StateValueAlarm, 13)
			want("single", types.StateValueAlarm, 13)
			want("day", types.StateValueAlarm, 11)
			if delay < 2 {
				want("strict", types.StateValueAlarm, 13) // both points are in its range, and no other
			} else if state, _ := stateOf(t, c, "strict"); state != types.StateValueOk { // the first has left it
				t.Errorf("delay %d min: strict is %s", delay, state)
			}
			time.Sleep(23 * time.Hour) // nobody looks
			want("day", types.StateValueAlarm, 11)
			if state, _ := stateOf(t, c, "math"); state != types.StateValueOk {
				t.Errorf("math is %s after a quiet day", state)
			}
			if state, _ := stateOf(t, c, "single"); state != types.StateValueOk {
				t.Errorf("single is %s after a quiet day", state)
			}
			time.Sleep(4 * 24 * time.Hour)
			if state, _ := stateOf(t, c, "day"); state != types.StateValueOk {
				t.Errorf("day is %s after four quiet days", state)
			}
			ok, err := c.metrics.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{StateValue: types.StateValueOk})
			if err != nil || len(ok.MetricAlarms) != 4 {
				t.Errorf("DescribeAlarms of those that are OK = %+v, %v; want four", ok, err)
			}
		})
	}
}

func TestTagAndDeleteAlarms(t *testing.T) {
	c := newClients(t, steady)
	for _, name := range []string{"a", "b", "c"} {
		if _, err := c.metrics.PutMetricAlarm(t.Context(), throttleAlarm(name)); err != nil {
			t.Fatal(err)
		}
	}
	arn := aws.String("arn:aws:cloudwatch:us-east-1:123456789012:alarm:b")
	tag := func(arn *string, pairs ...string) error {
		in := &cloudwatch.TagResourceInput{ResourceARN: arn, Tags: []types.Tag{}}
		for _, p := range pairs {
			k, v, _ := strings.Cut(p, "=")
			in.Tags = append(in.Tags, types.Tag{Key: &k, Value: &v})
		}
		_, err := c.metrics.TagResource(t.Context(), in)
		return err
	}
	if err := tag(arn, "team=other", "stage=prod"); err != nil {
		t.Fatal(err)
	}
	many := make([]string, 49)
	for i := range many {
		many[i] = fmt.Sprintf("k%d=v", i)
	}
	for name, test := range map[string]struct {
		code string
		err  error
	}{
		"nothing":     {"MissingParameter", tag(arn)},
		"no alarm":    {"ResourceNotFoundException", tag(aws.String(*arn+"x"), "k=v")},
		"of another":  {"ResourceNotFoundException", tag(aws.String("arn:aws:cloudwatch:us-east-1:999999999999:alarm:b"), "k=v")},
		"of AWS":      {"InvalidParameterValue", tag(arn, "aws:x=v")},
		"twice":       {"InvalidParameterValue", tag(arn, "k=v", "k=w")},
		"a long key":  {"InvalidParameterValue", tag(arn, strings.Repeat("k", 129)+"=v")},
		"a long text": {"InvalidParameterValue", tag(arn, "k="+strings.Repeat("v", 257))},
		"too many":    {"InvalidParameterValue", tag(arn, many...)},
	} {
		var api smithy.APIError
		if !errors.As(test.err, &api) || api.ErrorCode() != test.code {
			t.Errorf("tags of %s = %v; want %s", name, test.err, test.code)
		}
	}
	out, err := c.metrics.ListTagsForResource(t.Context(), &cloudwatch.ListTagsForResourceInput{ResourceARN: arn})
	if err != nil || len(out.Tags) != 2 || *out.Tags[0].Value != "other" || *out.Tags[1].Key != "stage" {
		t.Errorf("the tags = %+v, %v", out, err)
	}

	if _, err := c.metrics.DeleteAlarms(t.Context(), &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"none", "b", "a"}}); err != nil {
		t.Fatal(err)
	}
	left, err := c.metrics.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{})
	if err != nil || len(left.MetricAlarms) != 1 || *left.MetricAlarms[0].AlarmName != "c" {
		t.Errorf("after DeleteAlarms there are %+v, %v; want c", left, err)
	}
	for code, names := range map[string][]string{"MissingParameter": {}, "ValidationError": make([]string, 101)} {
		_, err := c.metrics.DeleteAlarms(t.Context(), &cloudwatch.DeleteAlarmsInput{AlarmNames: names})
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != code {
			t.Errorf("DeleteAlarms of %d names = %v; want %s", len(names), err, code)
		}
	}
}

// An alarm reads ten metrics, calculates ten times, and watches one series.
func TestAlarmBounds(t *testing.T) {
	c := newClients(t, steady)
	for name, test := range map[string]struct {
		metrics, expressions int
		watched              string
		refused              bool
	}{
		"the most":             {10, 10, "m1", false},
		"eleven metrics":       {11, 1, "m1", true},
		"eleven expressions":   {1, 11, "m1", true},
		"a list":               {2, 1, "METRICS()", true},
		"an expression of two": {2, 1, "SUM([m1,m2])", false},
	} {
		in := rateAlarm("x")
		in.Metrics = nil
		for i := range test.metrics {
			q := query(fmt.Sprintf("m%d", i+1), "Invocations", "anthropic.a", "Sum", 60)
			q.ReturnData = aws.Bool(false)
			in.Metrics = append(in.Metrics, q)
		}
		for i := range test.expressions {
			q := expression(fmt.Sprintf("e%d", i+1), test.watched)
			q.ReturnData = aws.Bool(i == 0)
			in.Metrics = append(in.Metrics, q)
		}
		if _, err := c.metrics.PutMetricAlarm(t.Context(), in); (err != nil) != test.refused {
			t.Errorf("%s: %v; want refused: %v", name, err, test.refused)
		}
	}
}

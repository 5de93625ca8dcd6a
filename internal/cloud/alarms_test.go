package cloud_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	monitoring "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/plugins"
)

func someAlarm(name string) plugins.Alarm {
	return plugins.Alarm{
		Name: name, Description: "what it is", Expression: "100*SUM(FILL([m1,x1],0))/60", Label: "%",
		Queries: []plugins.AlarmQuery{
			{ID: "m1", Metric: "InputTokenCount", ModelID: "a.b", Period: time.Minute},
			{ID: "m2", Metric: "OutputTokenCount", ModelID: "a.b", Period: time.Minute},
			{ID: "x1", Expression: "m2*5"},
		},
		Threshold: 80, Periods: 6, Breaching: 3, Missing: "notBreaching", Actions: []string{"arn:aws:sns:us-east-1:123456789012:a"}, OKActions: []string{"arn:aws:sns:us-east-1:123456789012:b"},
	}
}

// What is put is found as it was put, with the tags that it was made with.
func TestAlarmsComeBack(t *testing.T) {
	c := reach(t, cloud.InProcess(account(t, "{}")))
	second := someAlarm("p-2")
	second.Above, second.Disabled, second.Threshold, second.Actions, second.OKActions = true, true, 0, []string{}, []string{}
	for _, a := range []plugins.Alarm{someAlarm("p-1"), second, someAlarm("q-3")} {
		if err := c.PutAlarm(t.Context(), a, map[string]string{"owner": "one", "b": "two"}); err != nil {
			t.Fatal(err)
		}
	}
	second.Description = "another"
	if err := c.PutAlarm(t.Context(), second, map[string]string{"owner": "three"}); err != nil {
		t.Fatal(err)
	}
	found, err := c.Alarms(t.Context(), "p-")
	if err != nil {
		t.Fatal(err)
	}
	want := []plugins.AlarmFound{
		{Alarm: someAlarm("p-1"), State: "INSUFFICIENT_DATA", Tags: map[string]string{"owner": "one", "b": "two"}},
		{Alarm: second, State: "INSUFFICIENT_DATA", Tags: map[string]string{"owner": "one", "b": "two"}},
	}
	if !reflect.DeepEqual(found, want) {
		t.Errorf("found %+v\nwant  %+v", found, want)
	}
}

func TestAlarmsOfManyPages(t *testing.T) {
	server := account(t, "{}")
	c := reach(t, cloud.InProcess(server))
	var names []string
	for i := range 230 {
		names = append(names, fmt.Sprintf("p-%03d", i))
		if err := c.PutAlarm(t.Context(), someAlarm(names[i]), nil); err != nil {
			t.Fatal(err)
		}
	}
	found, err := c.Alarms(t.Context(), "p-")
	if err != nil || len(found) != 230 {
		t.Fatalf("%d alarms, %v; want 230", len(found), err)
	}
	for op, want := range map[string]int{"DescribeAlarms": 3, "ListTagsForResource": 230} {
		if got := server.seen["/service/GraniteServiceVersion20100801/operation/"+op]; got != want {
			t.Errorf("%d requests of %s; want %d", got, op, want)
		}
	}
	if err := c.DeleteAlarms(t.Context(), names[:229]); err != nil {
		t.Fatal(err)
	}
	if found, err = c.Alarms(t.Context(), ""); err != nil || len(found) != 1 || found[0].Name != "p-229" {
		t.Errorf("left are %+v, %v; want p-229", found, err)
	}
}

// An alarm that somebody made by hand is told apart wherever it has something
// that would be lost.
func TestAlarmsOfOtherKinds(t *testing.T) {
	server := account(t, "{}")
	direct := monitoring.New(monitoring.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://simulated.invalid"), HTTPClient: &http.Client{Transport: cloud.InProcess(server)},
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	})
	metric := func() types.MetricDataQuery {
		return types.MetricDataQuery{Id: aws.String("m1"), ReturnData: aws.Bool(false), MetricStat: &types.MetricStat{
			Metric: &types.Metric{Namespace: aws.String("AWS/Bedrock"), MetricName: aws.String("Invocations"), Dimensions: []types.Dimension{{Name: aws.String("ModelId"), Value: aws.String("a")}}},
			Period: aws.Int32(60), Stat: aws.String("Sum"),
		}}
	}
	for name, row := range map[string]struct {
		change func(*monitoring.PutMetricAlarmInput)
		want   []string
	}{
		"ours":      {func(*monitoring.PutMetricAlarmInput) {}, nil},
		"result":    {func(in *monitoring.PutMetricAlarmInput) { in.Metrics[0].Id = aws.String("e1") }, []string{"another id of the result"}},
		"statistic": {func(in *monitoring.PutMetricAlarmInput) { in.Metrics[1].MetricStat.Stat = aws.String("Average") }, []string{"metrics of another kind"}},
		"unit":      {func(in *monitoring.PutMetricAlarmInput) { in.Metrics[1].MetricStat.Unit = "Count" }, []string{"metrics of another kind"}},
		"namespace": {func(in *monitoring.PutMetricAlarmInput) {
			in.Metrics[1].MetricStat.Metric.Namespace = aws.String("Mine")
		}, []string{"metrics of another kind"}},
		"dimensions": {func(in *monitoring.PutMetricAlarmInput) { in.Metrics[1].MetricStat.Metric.Dimensions = nil }, []string{"metrics of another kind"}},
		"comparison": {func(in *monitoring.PutMetricAlarmInput) { in.ComparisonOperator = "LessThanThreshold" }, []string{"the comparison LessThanThreshold"}},
		"third kind of actions": {func(in *monitoring.PutMetricAlarmInput) {
			in.InsufficientDataActions = []string{"arn:aws:sns:us-east-1:123456789012:a"}
		}, []string{"insufficient-data actions"}},
		"single": {func(in *monitoring.PutMetricAlarmInput) {
			in.Metrics, in.Namespace, in.MetricName, in.Statistic, in.Period = nil, aws.String("AWS/Bedrock"), aws.String("Invocations"), "Sum", aws.Int32(60)
		}, []string{"a single metric"}},
	} {
		in := &monitoring.PutMetricAlarmInput{
			AlarmName: aws.String("x"), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1), ComparisonOperator: "GreaterThanThreshold",
			Metrics: []types.MetricDataQuery{{Id: aws.String(plugins.AlarmResult), Expression: aws.String("SUM([m1])"), ReturnData: aws.Bool(true)}, metric()},
		}
		row.change(in)
		if _, err := direct.PutMetricAlarm(t.Context(), in); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		found, err := reach(t, cloud.InProcess(server)).Alarms(t.Context(), "x")
		if err != nil || len(found) != 1 || !slices.Equal(found[0].Unlike, row.want) || found[0].Breaching != 1 {
			t.Errorf("%s: %+v, %v; want unlike %q, one breaching point", name, found, err, row.want)
		}
	}
}

// A composite alarm is there with its name and nothing by which it could be taken
// for one of ours.
func TestCompositeAlarms(t *testing.T) {
	reply := cbor.Map{"CompositeAlarms": cbor.List{cbor.Map{"AlarmName": cbor.String("p-x"), "StateValue": cbor.String("OK")}}, "MetricAlarms": cbor.List{}}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/DescribeAlarms") {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		w.Header().Set("Content-Type", "application/cbor")
		w.Write(cbor.Encode(reply))
	})
	found, err := reach(t, cloud.InProcess(h)).Alarms(t.Context(), "p-")
	if err != nil || len(found) != 1 || found[0].Name != "p-x" || found[0].State != "OK" || len(found[0].Tags) != 0 {
		t.Errorf("found %+v, %v", found, err)
	}
}

// Refusals name the action.
func TestAlarmsRefused(t *testing.T) {
	for op, call := range map[string]func(*cloud.Cloud) error{
		"DescribeAlarms":      func(c *cloud.Cloud) error { _, err := c.Alarms(t.Context(), "x"); return err },
		"ListTagsForResource": func(c *cloud.Cloud) error { _, err := c.Alarms(t.Context(), "x"); return err },
		"PutMetricAlarm":      func(c *cloud.Cloud) error { return c.PutAlarm(t.Context(), someAlarm("y"), nil) },
		"DeleteAlarms":        func(c *cloud.Cloud) error { return c.DeleteAlarms(t.Context(), []string{"y"}) },
	} {
		server := account(t, "faults: [{match: {operation: cloudwatch."+op+"}, what: {error: {status: 403, code: AccessDenied, message: no}}}]")
		c := reach(t, cloud.InProcess(server))
		if op == "ListTagsForResource" {
			if err := c.PutAlarm(t.Context(), someAlarm("x"), nil); err != nil {
				t.Fatal(err)
			}
		}
		err := call(c)
		if want := "cloudwatch:" + op + ": no (AccessDenied); the credentials in use need the action cloudwatch:" + op; err == nil || err.Error() != want {
			t.Errorf("%s: %v; want %s", op, err, want)
		}
	}
}

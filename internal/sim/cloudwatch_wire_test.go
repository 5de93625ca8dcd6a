package sim

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

const cloudWatchSpace = "http://monitoring.amazonaws.com/doc/2010-08-01/"

// postForm sends a query form as old clients do, and reads the XML.
func postForm(t *testing.T, s *Server, form string, into any) *recorder {
	t.Helper()
	w := send(s, "POST", "/", form+"&Version=2010-08-01", "Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	if err := xml.Unmarshal(w.body.Bytes(), into); err != nil || w.header.Get("Content-Type") != "text/xml" {
		t.Fatalf("%s = %d %s %s: %v", form, w.status, w.header.Get("Content-Type"), &w.body, err)
	}
	return w
}

func postJSON(t *testing.T, s *Server, op, body string, into any) *recorder {
	t.Helper()
	w := send(s, "POST", "/", body, "X-Amz-Target", "GraniteServiceVersion20100801."+op, "Content-Type", "application/x-amz-json-1.0")
	if err := json.Unmarshal(w.body.Bytes(), into); err != nil || w.header.Get("Content-Type") != "application/x-amz-json-1.0" {
		t.Fatalf("%s = %d %s %s: %v", op, w.status, w.header.Get("Content-Type"), &w.body, err)
	}
	return w
}

// responseMetadata is at the end of every reply in XML.
type responseMetadata struct {
	RequestID string `xml:"ResponseMetadata>RequestId"`
}

func TestMetricDataQueryForm(t *testing.T) {
	c := newClients(t, steady)
	end := time.Now().Truncate(time.Minute).UTC()
	form := url.Values{
		"Action": {"GetMetricData"}, "StartTime": {end.Add(-2 * time.Minute).Format(time.RFC3339)}, "EndTime": {end.Format(time.RFC3339)},
		"ScanBy":                        {"TimestampAscending"},
		"MetricDataQueries.member.1.Id": {"m1"}, "MetricDataQueries.member.1.ReturnData": {"false"},
		"MetricDataQueries.member.1.MetricStat.Period": {"60"}, "MetricDataQueries.member.1.MetricStat.Stat": {"Sum"},
		"MetricDataQueries.member.1.MetricStat.Metric.Namespace":                 {"AWS/Bedrock"},
		"MetricDataQueries.member.1.MetricStat.Metric.MetricName":                {"Invocations"},
		"MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Name":  {"ModelId"},
		"MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Value": {"anthropic.a"},
		"MetricDataQueries.member.2.Id":                                          {"e1"}, "MetricDataQueries.member.2.Expression": {"m1/2"}, "MetricDataQueries.member.2.Label": {"a < b & c"},
	}
	var reply struct {
		XMLName xml.Name `xml:"GetMetricDataResponse"`
		Results []struct {
			ID         string `xml:"Id"`
			Label      string
			StatusCode string
			Timestamps []string  `xml:"Timestamps>member"`
			Values     []float64 `xml:"Values>member"`
		} `xml:"GetMetricDataResult>MetricDataResults>member"`
		responseMetadata
	}
	w := postForm(t, c.server, form.Encode(), &reply)
	if w.status != 200 || reply.XMLName.Space != cloudWatchSpace || reply.RequestID != w.header.Get("X-Amzn-Requestid") || len(reply.Results) != 1 {
		t.Fatalf("GetMetricData as a form = %d %s", w.status, &w.body)
	}
	want := fmt.Sprint("e1 a < b & c Complete ", []string{end.Add(-2 * time.Minute).Format(time.RFC3339), end.Add(-time.Minute).Format(time.RFC3339)}, []float64{13.5, 13.5})
	if r := reply.Results[0]; fmt.Sprint(r.ID, " ", r.Label, " ", r.StatusCode, " ", r.Timestamps, r.Values) != want {
		t.Errorf("GetMetricData as a form = %+v; want %s", r, want)
	}
}

func TestMetricStatisticsWireForms(t *testing.T) {
	c := newClients(t, steady)
	end := time.Now().Truncate(time.Minute).UTC()
	start := end.Add(-time.Minute)
	form := "Action=GetMetricStatistics&Namespace=AWS/Bedrock&MetricName=InvocationLatency&Period=60" +
		"&Dimensions.member.1.Name=ModelId&Dimensions.member.1.Value=anthropic.a" +
		"&StartTime=" + start.Format(time.RFC3339) + "&EndTime=" + end.Format(time.RFC3339)
	type point struct {
		Timestamp time.Time
		Unit      string
		Sum       *float64
		Average   *float64
		Maximum   *float64
		Extended  []struct {
			Key   string  `xml:"key"`
			Value float64 `xml:"value"`
		} `xml:"ExtendedStatistics>entry"`
	}
	type reply struct {
		XMLName xml.Name `xml:"GetMetricStatisticsResponse"`
		Label   string   `xml:"GetMetricStatisticsResult>Label"`
		Points  []point  `xml:"GetMetricStatisticsResult>Datapoints>member"`
		responseMetadata
	}
	var plain, extended reply
	w := postForm(t, c.server, form+"&Statistics.member.1=Sum&Statistics.member.2=Average", &plain)
	if w.status != 200 || plain.Label != "InvocationLatency" || len(plain.Points) != 1 || plain.RequestID == "" || plain.XMLName.Space != cloudWatchSpace {
		t.Fatalf("GetMetricStatistics as a form = %d %s", w.status, &w.body)
	}
	p := plain.Points[0]
	if !p.Timestamp.Equal(start) || p.Unit != "Milliseconds" || p.Sum == nil || *p.Sum/27 != *p.Average || p.Maximum != nil {
		t.Errorf("Sum and Average = %s", &w.body)
	}
	w = postForm(t, c.server, form+"&ExtendedStatistics.member.1=p50&ExtendedStatistics.member.2=p99.9", &extended)
	if e := extended.Points[0].Extended; len(e) != 2 || e[0].Key != "p50" || e[1].Key != "p99.9" || e[0].Value >= e[1].Value {
		t.Errorf("percentiles = %s", &w.body)
	}
	var inJSON struct {
		Datapoints []struct {
			Timestamp, Sum float64
			Unit           string
		}
	}
	body := fmt.Sprintf(`{"Namespace":"AWS/Bedrock","MetricName":"InvocationLatency","Period":60,"Statistics":["Sum"],
		"Dimensions":[{"Name":"ModelId","Value":"anthropic.a"}],"StartTime":%d,"EndTime":%d}`, start.Unix(), end.Unix())
	w = postJSON(t, c.server, "GetMetricStatistics", body, &inJSON)
	if w.status != 200 || len(inJSON.Datapoints) != 1 || inJSON.Datapoints[0].Sum != *p.Sum || inJSON.Datapoints[0].Timestamp != float64(start.Unix()) {
		t.Errorf("GetMetricStatistics in JSON = %d %s", w.status, &w.body)
	}
}

func TestListMetricsWireForms(t *testing.T) {
	c := newClients(t, steady)
	var inXML struct {
		Names []string `xml:"ListMetricsResult>Metrics>member>MetricName"`
		IDs   []string `xml:"ListMetricsResult>Metrics>member>Dimensions>member>Value"`
	}
	w := postForm(t, c.server, "Action=ListMetrics&RecentlyActive=PT3H&Dimensions.member.1.Name=ModelId", &inXML)
	if w.status != 200 || len(inXML.Names) != 6 || len(inXML.IDs) != 6 || inXML.Names[0] != "Invocations" || inXML.IDs[0] != "anthropic.a" {
		t.Errorf("ListMetrics as a form = %d %s", w.status, &w.body)
	}
	var inJSON struct{ Metrics []struct{ MetricName string } }
	w = postJSON(t, c.server, "ListMetrics", `{"MetricName":"Invocations"}`, &inJSON)
	if w.status != 200 || len(inJSON.Metrics) != 1 || inJSON.Metrics[0].MetricName != "Invocations" {
		t.Errorf("ListMetrics in JSON = %d %s", w.status, &w.body)
	}
}

func TestAlarmsWireForms(t *testing.T) {
	c := newClients(t, steady)
	var put struct {
		XMLName xml.Name `xml:"PutMetricAlarmResponse"`
		responseMetadata
	}
	w := postForm(t, c.server, "Action=PutMetricAlarm&AlarmName=one&EvaluationPeriods=2&Threshold=1.5&ComparisonOperator=GreaterThanThreshold"+
		"&Namespace=AWS/Bedrock&MetricName=Invocations&Statistic=Sum&Period=60&ActionsEnabled=false&Dimensions=&AlarmActions.member.1=arn:aws:sns:x", &put)
	if w.status != 200 || put.RequestID == "" || put.XMLName.Space != cloudWatchSpace {
		t.Fatalf("PutMetricAlarm as a form = %d %s", w.status, &w.body)
	}
	var out map[string]any
	w = postJSON(t, c.server, "PutMetricAlarm", `{"AlarmName":"two","EvaluationPeriods":1,"Threshold":0.1,"ComparisonOperator":"LessThanThreshold",
		"Metrics":[{"Id":"e1","Expression":"SUM(METRICS())"},{"Id":"m1","ReturnData":false,
		"MetricStat":{"Period":60,"Stat":"p90","Metric":{"Namespace":"AWS/Bedrock","MetricName":"InvocationLatency"}}}]}`, &out)
	if w.status != 200 || len(out) != 0 {
		t.Fatalf("PutMetricAlarm in JSON = %d %s", w.status, &w.body)
	}
	var inXML struct {
		Alarms []struct {
			AlarmName         string
			ActionsEnabled    bool
			EvaluationPeriods int
			Threshold         float64
			AlarmActions      []string `xml:"AlarmActions>member"`
			Expressions       []string `xml:"Metrics>member>Expression"`
			StateValue        string
			Updated           time.Time `xml:"StateUpdatedTimestamp"`
		} `xml:"DescribeAlarmsResult>MetricAlarms>member"`
	}
	w = postForm(t, c.server, "Action=DescribeAlarms&AlarmNames.member.1=two&AlarmNames.member.2=one", &inXML)
	if w.status != 200 || len(inXML.Alarms) != 2 {
		t.Fatalf("DescribeAlarms as a form = %d %s", w.status, &w.body)
	}
	one, two := inXML.Alarms[0], inXML.Alarms[1]
	if one.AlarmName != "one" || one.ActionsEnabled || one.EvaluationPeriods != 2 || one.Threshold != 1.5 || len(one.AlarmActions) != 1 ||
		one.StateValue != "INSUFFICIENT_DATA" || time.Since(one.Updated).Abs() > time.Minute || !two.ActionsEnabled || two.Expressions[0] != "SUM(METRICS())" {
		t.Errorf("DescribeAlarms as a form = %s", &w.body)
	}
	var inJSON struct {
		MetricAlarms []struct {
			EvaluationPeriods float64
			Metrics           []struct{ MetricStat struct{ Stat string } }
		}
	}
	w = postJSON(t, c.server, "DescribeAlarms", `{"AlarmNamePrefix":"t"}`, &inJSON)
	if w.status != 200 || len(inJSON.MetricAlarms) != 1 || inJSON.MetricAlarms[0].Metrics[1].MetricStat.Stat != "p90" {
		t.Errorf("DescribeAlarms in JSON = %d %s", w.status, &w.body)
	}

	const arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"
	w = postForm(t, c.server, "Action=TagResource&ResourceARN="+arn+"one&Tags.member.1.Key=team&Tags.member.1.Value=ml", &struct {
		XMLName xml.Name `xml:"TagResourceResponse"`
	}{})
	if w.status != 200 {
		t.Errorf("TagResource as a form = %d %s", w.status, &w.body)
	}
	w = postJSON(t, c.server, "TagResource", `{"ResourceARN":"`+arn+`one","Tags":[{"Key":"stage","Value":"prod"}]}`, &out)
	if w.status != 200 || len(out) != 0 {
		t.Errorf("TagResource in JSON = %d %s", w.status, &w.body)
	}
	var tags struct {
		Keys []string `xml:"ListTagsForResourceResult>Tags>member>Key"`
	}
	w = postForm(t, c.server, "Action=ListTagsForResource&ResourceARN="+arn+"one", &tags)
	if w.status != 200 || !slices.Equal(tags.Keys, []string{"team", "stage"}) {
		t.Errorf("ListTagsForResource as a form = %d %s", w.status, &w.body)
	}
	w = postForm(t, c.server, "Action=DeleteAlarms&AlarmNames.member.1=one&AlarmNames.member.2=none", &struct {
		XMLName xml.Name `xml:"DeleteAlarmsResponse"`
	}{})
	if w.status != 200 {
		t.Errorf("DeleteAlarms as a form = %d %s", w.status, &w.body)
	}
	if w = postJSON(t, c.server, "DeleteAlarms", `{"AlarmNames":["two"]}`, &out); w.status != 200 || len(out) != 0 {
		t.Errorf("DeleteAlarms in JSON = %d %s", w.status, &w.body)
	}
	inJSON.MetricAlarms = nil
	if w = postJSON(t, c.server, "DescribeAlarms", `{}`, &inJSON); len(inJSON.MetricAlarms) != 0 {
		t.Errorf("DescribeAlarms after all = %d %s", w.status, &w.body)
	}
}

// An error has the shape of its wire form, and everywhere the code that the
// query form gave it.
func TestCloudWatchErrorShapes(t *testing.T) {
	c := newClients(t, steady)
	const form = "Action=GetMetricStatistics&Namespace=AWS/Bedrock&MetricName=Invocations&Period=60&Statistics.member.1=Sum" +
		"&StartTime=2026-01-01T00:00:00Z&EndTime=2026-02-01T00:00:00Z"
	var inXML struct {
		XMLName xml.Name `xml:"ErrorResponse"`
		Type    string   `xml:"Error>Type"`
		Code    string   `xml:"Error>Code"`
		Message string   `xml:"Error>Message"`
		ID      string   `xml:"RequestId"`
	}
	w := postForm(t, c.server, form, &inXML)
	if w.status != 400 || inXML.XMLName.Space != cloudWatchSpace || inXML.Type != "Sender" || inXML.Code != "InvalidParameterCombination" ||
		!strings.Contains(inXML.Message, "44640 datapoints") || inXML.ID != w.header.Get("X-Amzn-Requestid") {
		t.Errorf("an error of a form = %d %s", w.status, &w.body)
	}
	o := object{"Namespace": "AWS/Bedrock", "MetricName": "Invocations", "Period": 60, "Statistics": []any{"Sum"},
		"StartTime": time.Unix(0, 0), "EndTime": time.Unix(1e9, 0)}
	body, err := json.Marshal(jsonReady(o))
	if err != nil {
		t.Fatal(err)
	}
	var inJSON struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	w = postJSON(t, c.server, "GetMetricStatistics", string(body), &inJSON)
	if w.status != 400 || inJSON.Type != "InvalidParameterCombinationException" || inJSON.Message == "" ||
		w.header.Get("X-Amzn-Query-Error") != "InvalidParameterCombination;Sender" {
		t.Errorf("an error in JSON = %d %v %s", w.status, w.header, &w.body)
	}
	w = send(c.server, "POST", "/service/GraniteServiceVersion20100801/operation/GetMetricStatistics", string(encodeCBOR(o)))
	inCBOR, err := decodeCBOR(w.body.Bytes())
	if err != nil || w.status != 400 || inCBOR["__type"] != "InvalidParameterCombinationException" ||
		w.header.Get("X-Amzn-Query-Error") != "InvalidParameterCombination;Sender" {
		t.Errorf("an error in CBOR = %d %v %v %v", w.status, w.header, inCBOR, err)
	}
	if w := postForm(t, c.server, "Action=ListDashboards", &inXML); w.status != 400 || inXML.Code != "InvalidAction" {
		t.Errorf("an unknown operation of a form = %d %s", w.status, &w.body)
	}
	if w := postForm(t, c.server, "Action=ListMetrics&Dimensions.member.x=1", &inXML); w.status != 400 || inXML.Code != "SerializationException" {
		t.Errorf("a form that can not be read = %d %s", w.status, &w.body)
	}
}

// The requests that the SDK keeps as snapshots of its wire form are claimed,
// and read with every member in its type.
func TestCloudWatchSnapshots(t *testing.T) {
	wire := snapshots(t, "cloudwatch", "request")
	readers := map[string]func(object) *fault{
		"GetMetricData":       func(o object) *fault { _, bad := readMetricData(o); return bad },
		"GetMetricStatistics": func(o object) *fault { _, bad := readStatistics(o); return bad },
		"ListMetrics":         func(o object) *fault { return nil },
		"PutMetricAlarm": func(o object) *fault {
			_, bad := readAlarm(o, func(string) string { return "" }, time.Now())
			return bad
		},
		"DescribeAlarms":      func(o object) *fault { return nil },
		"ListTagsForResource": func(o object) *fault { return nil },
		"TagResource":         func(o object) *fault { _, bad := readTags(&fields{object: o}); return bad },
		"DeleteAlarms":        func(o object) *fault { return nil },
	}
	c := newClients(t, steady)
	for op, reader := range readers {
		raw, there := wire[op]
		if !there {
			t.Errorf("%s has no snapshot", op)
			continue
		}
		line, rest, _ := strings.Cut(raw, "\n")
		head, body, ok := strings.Cut(strings.TrimPrefix(rest, "\n"), "\n\n")
		method, path, _ := strings.Cut(line, " ")
		o, err := decodeCBOR([]byte(body))
		if !ok || !strings.Contains(head, "application/cbor") || err != nil || len(o) == 0 {
			t.Errorf("%s: the snapshot %q is read as %v, %v", op, raw, o, err)
			continue
		}
		if bad := reader(o); bad != nil && bad.code == "SerializationException" {
			t.Errorf("%s: %s", op, bad.message)
		}
		before := c.server.Counts().Requests["cloudwatch."+op]
		w := send(c.server, method, path, body, "Smithy-Protocol", "rpc-v2-cbor", "Content-Type", "application/cbor")
		reply, err := decodeCBOR(w.body.Bytes())
		if err != nil || w.status >= 500 || reply["__type"] == "SerializationException" || c.server.Counts().Requests["cloudwatch."+op] != before+1 {
			t.Errorf("%s: the snapshot is answered with %d %v, %v", op, w.status, reply, err)
		}
	}
}

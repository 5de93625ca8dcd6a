package sim

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"
)

// query asks for one metric of one model.
func query(id, metricName, modelID, stat string, period int32) types.MetricDataQuery {
	return types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{
		Metric: &types.Metric{
			Namespace: aws.String("AWS/Bedrock"), MetricName: &metricName,
			Dimensions: []types.Dimension{{Name: aws.String("ModelId"), Value: &modelID}},
		},
		Period: &period, Stat: &stat,
	}}
}

func read(t *testing.T, c clients, start, end time.Time, queries ...types.MetricDataQuery) []types.MetricDataResult {
	t.Helper()
	out, err := c.metrics.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: &start, EndTime: &end, MetricDataQueries: queries, ScanBy: types.ScanByTimestampAscending,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.MetricDataResults
}

func sum(values []float64) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
}

// CloudWatch and the account's own counts say the same, for every model id and
// whatever the algorithm.
func TestMetricsAgreeWithCounts(t *testing.T) {
	for _, algorithm := range []string{"bucket", "fixed", "sliding"} {
		synctest.Test(t, func(t *testing.T) {
			c := newClients(t, fmt.Sprintf(`
models:
  - {id: anthropic.a, burndown: 5, limits: {rpm: 60, tpm: 9000, algorithm: %s}}
profiles: [{id: us.anthropic.a, models: [anthropic.a]}]
`, algorithm))
			began := time.Now()
			for i := range 900 {
				time.Sleep(437 * time.Millisecond)
				model, limit := "anthropic.a", int32(100)
				if i%3 == 0 {
					model = "us.anthropic.a"
				}
				if i%10 == 0 {
					limit = 0 // a client error
				}
				go c.runtime.Converse(t.Context(), converseInput(model, strings.Repeat("x", i), limit))
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			for _, id := range []string{"anthropic.a", "us.anthropic.a"} {
				var queries []types.MetricDataQuery
				for i, m := range metricNames {
					queries = append(queries, query(fmt.Sprint("m", i), m.name, id, "Sum", 60))
				}
				got := read(t, c, began, time.Now().Add(time.Minute), queries...)
				counts := c.server.Counts().Models[id]
				for m, want := range map[metric]int64{
					invocations: counts.OK, throttles: counts.Throttled, clientErrors: counts.ClientErrors, serverErrors: 0,
					inputTokens: counts.InputTokens, outputTokens: counts.OutputTokens,
					quotaUsage: counts.InputTokens + 5*counts.OutputTokens,
				} {
					if total := sum(got[m].Values); total != float64(want) {
						t.Errorf("%s %s: %s sums up to %v; the account counted %d", algorithm, id, metricNames[m].name, total, want)
					}
				}
				for _, m := range []metric{invocations, latency, inputTokens, outputTokens, quotaUsage} {
					q := query("n", metricNames[m].name, id, "SampleCount", 60)
					if n := sum(read(t, c, began, time.Now().Add(time.Minute), q)[0].Values); n != float64(counts.OK) {
						t.Errorf("%s %s: %s has %v samples of %d successful calls", algorithm, id, metricNames[m].name, n, counts.OK)
					}
				}
				if counts.OK == 0 || counts.Throttled == 0 || counts.ClientErrors == 0 {
					t.Errorf("%s %s: %+v shows too little", algorithm, id, counts)
				}
				if counts.Attempts != counts.OK+counts.Throttled+counts.ClientErrors {
					t.Errorf("%s %s: %+v does not add up", algorithm, id, counts)
				}
				if len(got[serverErrors].Timestamps) != 0 {
					t.Errorf("%s %s: points of server errors, of which there were none", algorithm, id)
				}
			}
		})
	}
}

func TestStatistics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, "{}")
		minute := minuteOf(time.Now())
		for i := range 100 { // 1 to 100 in the first minute, 1000 twice in the third
			c.server.metrics.at(series{modelID: "m"}, minute)[latency].add(float64(100 - i))
		}
		c.server.metrics.at(series{modelID: "m"}, minute+2)[latency].add(1000)
		c.server.metrics.at(series{modelID: "m"}, minute+2)[latency].add(1000)
		time.Sleep(10 * time.Minute)
		start := time.Unix(minute*60, 0)
		for _, test := range []struct {
			stat    string
			period  int32
			want    []float64
			allowed float64 // relative error
		}{
			{"Sum", 60, []float64{5050, 2000}, 0},
			{"Average", 60, []float64{50.5, 1000}, 0},
			{"Minimum", 60, []float64{1, 1000}, 0},
			{"Maximum", 60, []float64{100, 1000}, 0},
			{"SampleCount", 60, []float64{100, 2}, 0},
			{"p50", 60, []float64{50, 1000}, 0.01},
			{"p90", 60, []float64{90, 1000}, 0.01},
			{"p99.9", 60, []float64{100, 1000}, 0.01},
			{"p0", 60, []float64{1, 1000}, 0},
			{"p100", 60, []float64{100, 1000}, 0},
			{"Sum", 300, []float64{7050}, 0},
			{"p99", 300, []float64{1000}, 0.01},
			{"SampleCount", 120, []float64{100, 2}, 0},
		} {
			r := read(t, c, start, start.Add(10*time.Minute), query("q", "InvocationLatency", "m", test.stat, test.period))[0]
			if len(r.Values) != len(test.want) {
				t.Errorf("%s over %d s = %v; want %v", test.stat, test.period, r.Values, test.want)
				continue
			}
			for i, v := range r.Values {
				if math.Abs(v-test.want[i]) > test.allowed*test.want[i] {
					t.Errorf("%s over %d s = %v; want %v", test.stat, test.period, r.Values, test.want)
				}
			}
			if !r.Timestamps[0].Equal(start) || r.StatusCode != types.StatusCodeComplete || *r.Label != "InvocationLatency" {
				t.Errorf("%s over %d s = %+v", test.stat, test.period, r)
			}
		}
	})
}

const steady = `
models: [{id: anthropic.a, burndown: 5, latency: {first_token: 200ms, per_token: 10ms}}]
traffic: [{model: anthropic.a, rpm: 30, throttled: 0.1, input_tokens: 200, output_tokens: 50}]
`

func TestNoData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, steady)
		now := time.Now()
		good := func() types.MetricDataQuery { return query("q", "Invocations", "anthropic.a", "Sum", 60) }
		for name, change := range map[string]func(*types.MetricStat){
			"metric":       func(s *types.MetricStat) { s.Metric.MetricName = aws.String("InvokeModel") },
			"namespace":    func(s *types.MetricStat) { s.Metric.Namespace = aws.String("AWS/EC2") },
			"model":        func(s *types.MetricStat) { s.Metric.Dimensions[0].Value = aws.String("other") },
			"no dimension": func(s *types.MetricStat) { s.Metric.Dimensions = nil },
			"dimension":    func(s *types.MetricStat) { s.Metric.Dimensions[0].Name = aws.String("Model") },
			"unit":         func(s *types.MetricStat) { s.Unit = types.StandardUnitBytes },
			"second dimension": func(s *types.MetricStat) {
				s.Metric.Dimensions = append(s.Metric.Dimensions, types.Dimension{Name: aws.String("ServiceTier"), Value: aws.String("default")})
			},
		} {
			q := good()
			change(q.MetricStat)
			r := read(t, c, now.Add(-time.Hour), now, q)
			if len(r) != 1 || len(r[0].Values) != 0 || r[0].StatusCode != types.StatusCodeComplete {
				t.Errorf("another %s = %+v; want an empty, complete result", name, r)
			}
		}
		if r := read(t, c, now.Add(-time.Hour), now, good()); len(r[0].Values) != 60 {
			t.Errorf("the query itself has %d points; want 60", len(r[0].Values))
		}
	})
}

func TestMetricDataErrors(t *testing.T) {
	c := newClients(t, steady)
	now := time.Now()
	valid := func() *cloudwatch.GetMetricDataInput {
		return &cloudwatch.GetMetricDataInput{
			StartTime: aws.Time(now.Add(-time.Hour)), EndTime: &now,
			MetricDataQueries: []types.MetricDataQuery{query("q", "Invocations", "anthropic.a", "Sum", 60)},
		}
	}
	for name, test := range map[string]struct {
		code   string
		change func(*cloudwatch.GetMetricDataInput)
	}{
		"period 30": {"ValidationError", func(in *cloudwatch.GetMetricDataInput) { in.MetricDataQueries[0].MetricStat.Period = aws.Int32(30) }},
		"period 90": {"ValidationError", func(in *cloudwatch.GetMetricDataInput) { in.MetricDataQueries[0].MetricStat.Period = aws.Int32(90) }},
		"stat":      {"ValidationError", func(in *cloudwatch.GetMetricDataInput) { in.MetricDataQueries[0].MetricStat.Stat = aws.String("p101") }},
		"id":        {"ValidationError", func(in *cloudwatch.GetMetricDataInput) { in.MetricDataQueries[0].Id = aws.String("Q") }},
		"same id": {"ValidationError", func(in *cloudwatch.GetMetricDataInput) {
			in.MetricDataQueries = append(in.MetricDataQueries, in.MetricDataQueries[0])
		}},
		"times":      {"ValidationError", func(in *cloudwatch.GetMetricDataInput) { in.StartTime = in.EndTime }},
		"datapoints": {"ValidationError", func(in *cloudwatch.GetMetricDataInput) { in.MaxDatapoints = aws.Int32(100_801) }},
		"scan":       {"ValidationError", func(in *cloudwatch.GetMetricDataInput) { in.ScanBy = "Sideways" }},
		"token":      {"InvalidNextToken", func(in *cloudwatch.GetMetricDataInput) { in.NextToken = aws.String("nonsense") }},
		"expression": {"ValidationError", func(in *cloudwatch.GetMetricDataInput) {
			in.MetricDataQueries[0] = types.MetricDataQuery{Id: aws.String("e"), Expression: aws.String("m1/m2")}
		}},
		"both":     {"ValidationError", func(in *cloudwatch.GetMetricDataInput) { in.MetricDataQueries[0].Expression = aws.String("m1") }},
		"no query": {"MissingParameter", func(in *cloudwatch.GetMetricDataInput) { in.MetricDataQueries = []types.MetricDataQuery{} }},
		"many queries": {"ValidationError", func(in *cloudwatch.GetMetricDataInput) {
			for i := range 500 {
				in.MetricDataQueries = append(in.MetricDataQueries, query(fmt.Sprint("q", i), "Invocations", "anthropic.a", "Sum", 60))
			}
		}},
	} {
		in := valid()
		test.change(in)
		_, err := c.metrics.GetMetricData(t.Context(), in)
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != test.code {
			t.Errorf("a wrong %s = %v; want a %s", name, err, test.code)
		}
	}
	var token *types.InvalidNextToken
	in := valid()
	in.NextToken = aws.String("nonsense")
	if _, err := c.metrics.GetMetricData(t.Context(), in); !errors.As(err, &token) {
		t.Errorf("a wrong token = %v; want an InvalidNextToken", err)
	}
}

// All pages together are what one page would be, also newest first and with new
// calls in between.
func TestMetricDataPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, steady)
		end := time.Now().Add(time.Hour)
		in := &cloudwatch.GetMetricDataInput{
			StartTime: aws.Time(time.Now().Add(-2 * time.Hour)), EndTime: &end,
			MetricDataQueries: []types.MetricDataQuery{
				query("a", "Invocations", "anthropic.a", "Sum", 60), query("none", "Invocations", "other", "Sum", 60),
				query("b", "InputTokenCount", "anthropic.a", "Sum", 300),
			},
		}
		whole, err := c.metrics.GetMetricData(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		in.MaxDatapoints = aws.Int32(50)
		got, statuses := map[string][]time.Time{}, map[string]string{}
		pages := 0
		for p := cloudwatch.NewGetMetricDataPaginator(c.metrics, in); p.HasMorePages(); pages++ {
			out, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			points := 0
			for _, r := range out.MetricDataResults {
				got[*r.Id] = append(got[*r.Id], r.Timestamps...)
				statuses[*r.Id] += string(r.StatusCode) + " "
				points += len(r.Values)
			}
			if points > 50 {
				t.Errorf("a page has %d points", points)
			}
			time.Sleep(time.Minute)
		}
		for _, r := range whole.MetricDataResults {
			if fmt.Sprint(got[*r.Id]) != fmt.Sprint(r.Timestamps) {
				t.Errorf("%s on pages = %v; want %v", *r.Id, got[*r.Id], r.Timestamps)
			}
		}
		if pages != 3 || statuses["a"] != "PartialData PartialData Complete " || statuses["none"] != "Complete " || statuses["b"] != "PartialData PartialData Complete " {
			t.Errorf("%d pages with the statuses %v", pages, statuses)
		}
	})
}

func TestRetention(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, steady)
		now := time.Now()
		const day = 24 * time.Hour
		for _, test := range []struct {
			age    time.Duration
			period int32
			points int
		}{
			{time.Hour, 60, 120}, {14 * day, 60, 120}, {16 * day, 60, 0}, {16 * day, 300, 24}, {62 * day, 300, 24},
			{64 * day, 300, 0}, {64 * day, 3600, 2}, {454 * day, 3600, 2}, {456 * day, 3600, 0},
		} {
			start := now.Add(-test.age - time.Hour)
			r := read(t, c, start, start.Add(2*time.Hour), query("q", "Invocations", "anthropic.a", "Sum", test.period))
			if n := len(r[0].Values); n != test.points {
				t.Errorf("%s old with a period of %d s: %d points; want %d", test.age, test.period, n, test.points)
			}
		}
	})
}

func TestMetricsDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			delay string
			after time.Duration // the end of the minute
			shown bool
		}{
			{"0s", -30 * time.Second, true},
			{"90s", 0, false}, {"90s", 89 * time.Second, false}, {"90s", 90 * time.Second, true},
		} {
			c := newClients(t, "models: [{id: anthropic.a}]\nmetrics: {delay: "+test.delay+"}")
			now := time.Now()
			start := now.Truncate(time.Minute)
			if _, err := c.runtime.Converse(t.Context(), converseInput("anthropic.a", "hi", 5)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Until(start.Add(time.Minute + test.after)))
			r := read(t, c, start, start.Add(10*time.Minute), query("q", "Invocations", "anthropic.a", "Sum", 60))
			if shown := sum(r[0].Values) == 1; shown != test.shown {
				t.Errorf("delay %s, %s after the end of the minute: shown = %t", test.delay, test.after, shown)
			}
			time.Sleep(time.Until(start.Add(time.Hour)))
		}
	})
}

// CloudWatch answers in JSON as it does in CBOR.
func TestMetricDataJSON(t *testing.T) {
	c := newClients(t, steady)
	now := time.Now().Truncate(time.Minute)
	body := fmt.Sprintf(`{"StartTime":%d,"EndTime":%q,"MetricDataQueries":[{"Id":"q","MetricStat":{"Period":60,"Stat":"Sum","Metric":
		{"Namespace":"AWS/Bedrock","MetricName":"Invocations","Dimensions":[{"Name":"ModelId","Value":"anthropic.a"}]}}}]}`,
		now.Add(-2*time.Minute).Unix(), now.UTC().Format(time.RFC3339))
	w := send(c.server, "POST", "/", body, "X-Amz-Target", "GraniteServiceVersion20100801.GetMetricData", "Content-Type", "application/x-amz-json-1.0")
	want := fmt.Sprintf(`{"Messages":[],"MetricDataResults":[{"Id":"q","Label":"Invocations","StatusCode":"Complete","Timestamps":[%d,%d],"Values":[27,27]}]}`,
		now.Add(-time.Minute).Unix(), now.Add(-2*time.Minute).Unix())
	if w.status != 200 || w.body.String() != want || w.header.Get("Content-Type") != "application/x-amz-json-1.0" {
		t.Errorf("GetMetricData in JSON = %d %s %s\nwant %s", w.status, w.header.Get("Content-Type"), &w.body, want)
	}
}

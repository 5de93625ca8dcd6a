package sim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"
)

func statisticsOf(start, end time.Time, period int32, stats ...types.Statistic) *cloudwatch.GetMetricStatisticsInput {
	return &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String("AWS/Bedrock"), MetricName: aws.String("InvocationLatency"),
		Dimensions: []types.Dimension{{Name: aws.String("ModelId"), Value: aws.String("m")}},
		StartTime:  &start, EndTime: &end, Period: &period, Statistics: stats,
	}
}

func TestGetMetricStatistics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, "{}")
		first := minuteOf(time.Now())
		for i := range 100 { // 1 to 100 in the first minute, 1000 in the seventh
			c.server.metrics.at(series{modelID: "m"}, first)[latency].add(float64(100 - i))
		}
		c.server.metrics.at(series{modelID: "m"}, first+6)[latency].add(1000)
		time.Sleep(10 * time.Minute)
		start := time.Unix(first*60, 0).UTC()
		all := []types.Statistic{"Sum", "Average", "Minimum", "Maximum", "SampleCount"}
		in := statisticsOf(start, start.Add(10*time.Minute), 60, all...)
		out, err := c.metrics.GetMetricStatistics(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		byTime := func(a, b types.Datapoint) int { return a.Timestamp.Compare(*b.Timestamp) }
		slices.SortFunc(out.Datapoints, byTime)
		var got []string
		for _, p := range out.Datapoints {
			got = append(got, fmt.Sprint(p.Timestamp.Sub(start), *p.Sum, *p.Average, *p.Minimum, *p.Maximum, *p.SampleCount, p.Unit, len(p.ExtendedStatistics)))
		}
		want := []string{
			fmt.Sprint(time.Duration(0), 5050.0, 50.5, 1.0, 100.0, 100.0, types.StandardUnitMilliseconds, 0),
			fmt.Sprint(6*time.Minute, 1000.0, 1000.0, 1000.0, 1000.0, 1.0, types.StandardUnitMilliseconds, 0),
		}
		if !slices.Equal(got, want) || *out.Label != "InvocationLatency" {
			t.Errorf("%s: points = %q; want %q", *out.Label, got, want)
		}

		in = statisticsOf(start, start.Add(10*time.Minute), 300)
		in.ExtendedStatistics = []string{"p50", "p99.9"}
		if out, err = c.metrics.GetMetricStatistics(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(out.Datapoints, byTime)
		if len(out.Datapoints) != 2 || out.Datapoints[0].Sum != nil {
			t.Fatalf("percentiles = %+v", out.Datapoints)
		}
		if p := out.Datapoints[0].ExtendedStatistics; len(p) != 2 || p["p50"] < 49.5 || p["p50"] > 50.5 || p["p99.9"] < 99 || p["p99.9"] > 101 {
			t.Errorf("percentiles of 1 to 100 = %v", p)
		}

		in = statisticsOf(start, start.Add(10*time.Minute), 60, "Sum")
		in.Unit = types.StandardUnitSeconds
		if out, err = c.metrics.GetMetricStatistics(t.Context(), in); err != nil || len(out.Datapoints) != 0 {
			t.Errorf("in another unit = %v, %v; want no points", out.Datapoints, err)
		}
	})
}

// As many points as are allowed come, in no order, and a point more is refused.
func TestGetMetricStatisticsLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, steady)
		end := time.Now().Truncate(time.Minute)
		in := statisticsOf(end.Add(-24*time.Hour), end, 60, "Sum")
		in.Dimensions[0].Value = aws.String("anthropic.a")
		out, err := c.metrics.GetMetricStatistics(t.Context(), in)
		if err != nil || len(out.Datapoints) != 1440 {
			t.Fatalf("a day = %d points, %v; want 1,440", len(out.Datapoints), err)
		}
		if slices.IsSortedFunc(out.Datapoints, func(a, b types.Datapoint) int { return a.Timestamp.Compare(*b.Timestamp) }) {
			t.Error("the points are in the order of time; CloudWatch promises none")
		}
		in.StartTime = aws.Time(end.Add(-24*time.Hour - time.Second))
		_, err = c.metrics.GetMetricStatistics(t.Context(), in)
		var combination *types.InvalidParameterCombinationException
		if !errors.As(err, &combination) || combination.ErrorCode() != "InvalidParameterCombination" {
			t.Errorf("1,441 points = %v; want an InvalidParameterCombination", err)
		}
		in.StartTime, in.EndTime = aws.Time(end.Add(-20*24*time.Hour)), aws.Time(end.Add(-20*24*time.Hour+time.Hour))
		if out, err = c.metrics.GetMetricStatistics(t.Context(), in); err != nil || len(out.Datapoints) != 0 {
			t.Errorf("minutes of 20 days ago = %d points, %v; want none and no error", len(out.Datapoints), err)
		}
	})
}

func TestGetMetricStatisticsErrors(t *testing.T) {
	c := newClients(t, steady)
	now := time.Now()
	for name, test := range map[string]struct {
		code   string
		change func(*cloudwatch.GetMetricStatisticsInput)
	}{
		"period":     {"InvalidParameterValue", func(in *cloudwatch.GetMetricStatisticsInput) { in.Period = aws.Int32(90) }},
		"no period":  {"InvalidParameterValue", func(in *cloudwatch.GetMetricStatisticsInput) { in.Period = aws.Int32(0) }},
		"times":      {"InvalidParameterValue", func(in *cloudwatch.GetMetricStatisticsInput) { in.EndTime = in.StartTime }},
		"statistic":  {"InvalidParameterValue", func(in *cloudwatch.GetMetricStatisticsInput) { in.Statistics = []types.Statistic{"Median"} }},
		"percentile": {"InvalidParameterValue", func(in *cloudwatch.GetMetricStatisticsInput) { in.Statistics = []types.Statistic{"p50"} }},
		"extended": {"InvalidParameterValue", func(in *cloudwatch.GetMetricStatisticsInput) {
			in.Statistics, in.ExtendedStatistics = nil, []string{"Sum"}
		}},
		"both":    {"InvalidParameterCombination", func(in *cloudwatch.GetMetricStatisticsInput) { in.ExtendedStatistics = []string{"p50"} }},
		"neither": {"MissingParameter", func(in *cloudwatch.GetMetricStatisticsInput) { in.Statistics = nil }},
		"ever": {"InvalidParameterCombination", func(in *cloudwatch.GetMetricStatisticsInput) {
			in.StartTime = aws.Time(time.Unix(-1e11, 0))
			in.EndTime = aws.Time(time.Unix(1e11, 0))
		}},
		"namespace": {"MissingParameter", func(in *cloudwatch.GetMetricStatisticsInput) { in.Namespace = aws.String("") }},
	} {
		in := statisticsOf(now.Add(-time.Hour), now, 60, "Sum")
		test.change(in)
		_, err := c.metrics.GetMetricStatistics(t.Context(), in)
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != test.code {
			t.Errorf("a wrong %s = %v; want a %s", name, err, test.code)
		}
	}
}

// listed are the metrics that ListMetrics gives, as "name model".
func listed(t *testing.T, c clients, in *cloudwatch.ListMetricsInput) (all []string, pages int) {
	t.Helper()
	for p := cloudwatch.NewListMetricsPaginator(c.metrics, in); p.HasMorePages(); pages++ {
		out, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Metrics) > 500 {
			t.Errorf("a page has %d metrics", len(out.Metrics))
		}
		for _, m := range out.Metrics {
			all = append(all, *m.MetricName+" "+*m.Dimensions[0].Value)
			if *m.Namespace != "AWS/Bedrock" || *m.Dimensions[0].Name != "ModelId" || len(m.Dimensions) != 1 {
				t.Errorf("a metric = %+v", m)
			}
		}
	}
	return all, pages
}

func TestListMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, `
models: [{id: anthropic.a}, {id: anthropic.b}, {id: anthropic.c}]
traffic:
  - {model: anthropic.a, rpm: 30}
  - {model: anthropic.b, rpm: 0, incidents: [{ago: 5h, for: 1h, rpm: 6, throttled: 1}]}
`)
		dimension := func(name, value string) []types.DimensionFilter {
			f := types.DimensionFilter{Name: &name}
			if value != "" {
				f.Value = &value
			}
			return []types.DimensionFilter{f}
		}
		ofA := []string{"Invocations anthropic.a", "InvocationLatency anthropic.a", "InputTokenCount anthropic.a", "OutputTokenCount anthropic.a", "EstimatedTPMQuotaUsage anthropic.a"}
		throttledB := []string{"InvocationThrottles anthropic.b"}
		for name, test := range map[string]struct {
			in   cloudwatch.ListMetricsInput
			want []string
		}{
			"all":           {cloudwatch.ListMetricsInput{}, slices.Concat(ofA, throttledB)},
			"namespace":     {cloudwatch.ListMetricsInput{Namespace: aws.String("AWS/Bedrock")}, slices.Concat(ofA, throttledB)},
			"no namespace":  {cloudwatch.ListMetricsInput{Namespace: aws.String("AWS/EC2")}, nil},
			"name":          {cloudwatch.ListMetricsInput{MetricName: aws.String("Invocations")}, ofA[:1]},
			"active":        {cloudwatch.ListMetricsInput{RecentlyActive: "PT3H"}, ofA},
			"value":         {cloudwatch.ListMetricsInput{Dimensions: dimension("ModelId", "anthropic.b")}, throttledB},
			"dimension":     {cloudwatch.ListMetricsInput{Dimensions: dimension("ModelId", "")}, slices.Concat(ofA, throttledB)},
			"no dimension":  {cloudwatch.ListMetricsInput{Dimensions: dimension("ImageSize", "")}, nil},
			"no such value": {cloudwatch.ListMetricsInput{Dimensions: dimension("ModelId", "anthropic")}, nil},
		} {
			got, _ := listed(t, c, &test.in)
			if !slices.Equal(got, test.want) {
				t.Errorf("%s: %q; want %q", name, got, test.want)
			}
		}
		// The account's own calls are listed too, and forgotten in two weeks.
		if _, err := c.runtime.Converse(t.Context(), converseInput("anthropic.c", "hi", 5)); err != nil {
			t.Fatal(err)
		}
		ofC := &cloudwatch.ListMetricsInput{MetricName: aws.String("Invocations"), Dimensions: dimension("ModelId", "anthropic.c")}
		for _, test := range []struct {
			after time.Duration
			want  int
		}{{0, 1}, {13 * 24 * time.Hour, 1}, {2 * 24 * time.Hour, 0}} {
			time.Sleep(test.after)
			if got, _ := listed(t, c, ofC); len(got) != test.want {
				t.Errorf("%s later: %q; want %d", test.after, got, test.want)
			}
		}
	})
}

func TestListMetricsPages(t *testing.T) {
	var account strings.Builder
	account.WriteString("models:\n")
	for i := range 241 {
		fmt.Fprintf(&account, "  - {id: anthropic.m%03d}\n", i)
	}
	account.WriteString("traffic:\n")
	for i := range 241 {
		fmt.Fprintf(&account, "  - {model: anthropic.m%03d, rpm: 30}\n", i)
	}
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, account.String())
		all, pages := listed(t, c, &cloudwatch.ListMetricsInput{RecentlyActive: "PT3H"})
		slices.Sort(all)
		if n := len(slices.Compact(all)); n != 5*241 || pages != 3 {
			t.Errorf("%d metrics on %d pages; want %d on 3", n, pages, 5*241)
		}
		for name, in := range map[string]*cloudwatch.ListMetricsInput{
			"a made-up token": {NextToken: aws.String("nonsense")}, "another time": {RecentlyActive: "PT1H"},
			"a dimension without name": {Dimensions: []types.DimensionFilter{{Name: aws.String("")}}},
		} {
			_, err := c.metrics.ListMetrics(t.Context(), in)
			var api smithy.APIError
			if !errors.As(err, &api) || api.ErrorCode() != "InvalidParameterValue" && api.ErrorCode() != "MissingParameter" {
				t.Errorf("%s = %v; want an InvalidParameterValue", name, err)
			}
		}
	})
}

// A call has 100,800 points at most, also where it does not say so: the series
// that it cuts is PartialData, and the next page goes on with it.
func TestMetricDataMostPoints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, steady)
		end := time.Now().Truncate(time.Hour)
		start := end.Add(-14 * 24 * time.Hour)
		in := &cloudwatch.GetMetricDataInput{StartTime: &start, EndTime: &end}
		for i := range 6 { // of 20,160 points each
			in.MetricDataQueries = append(in.MetricDataQueries, query(fmt.Sprint("q", i), "Invocations", "anthropic.a", "Sum", 60))
		}
		var pages []string
		for p := cloudwatch.NewGetMetricDataPaginator(c.metrics, in); p.HasMorePages(); {
			out, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			page := ""
			for _, r := range out.MetricDataResults {
				page += fmt.Sprint(*r.Id, " ", len(r.Values), " ", r.StatusCode, ", ")
			}
			pages = append(pages, page)
		}
		want := []string{
			"q0 20160 Complete, q1 20160 Complete, q2 20160 Complete, q3 20160 Complete, q4 20160 Complete, q5 0 PartialData, ",
			"q5 20160 Complete, ",
		}
		if !slices.Equal(pages, want) {
			t.Errorf("pages = %q; want %q", pages, want)
		}
	})
}

package sim

import (
	"errors"
	"fmt"
	"math"
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

func TestParseExpression(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"m1", "m1"},
		{"m1/m2*100", "((m1 / m2) * 100)"},
		{"m1+m2*m3-4", "((m1 + (m2 * m3)) - 4)"},
		{" ( m1 + m2 ) / .5 ", "((m1 + m2) / 0.5)"},
		{"-m1*-2", "((-m1) * (-2))"},
		{"SUM(METRICS())", "SUM(METRICS())"},
		{`METRICS("err")`, "METRICS('err')"},
		{"SUM([m1,m2])", "SUM([m1, m2])"},
		{"FILL(m1,0)+FILL(m2, REPEAT)", "(FILL(m1, 0) + FILL(m2, REPEAT))"},
		{"1e3", "unexpected 'e'"}, {"", "ends"}, {"m1+", "ends"}, {"(m1", "ends"}, {"m1)", "unexpected ')'"},
		{"[m1", "ends"}, {"m1 m2", "unexpected 'm'"}, {"SUM(m1,)", "unexpected ')'"}, {"1..2", "not a number"},
		{"METRICS('a", "no end"}, {"m1 > 2", "unexpected '>'"}, {"é", "unexpected 'é'"},
		{strings.Repeat("(", 300), "nests"}, {strings.Repeat("9", 400), "not a number"},
	} {
		n, err := parseExpression(test.text)
		switch {
		case err != nil && !strings.Contains(strings.ReplaceAll(err.Error(), `"`, "'"), test.want):
			t.Errorf("%s: %v; want %s", test.text, err, test.want)
		case err == nil && n.String() != test.want:
			t.Errorf("%s is understood as %s; want %s", test.text, n, test.want)
		}
	}
}

// mathAccount has three minutes of m1 = 10, 20, 40 and of m2 = 2, -, 5,
// and zero = 0, 0, 0 of latencies. Each value is one sample.
func mathAccount(t *testing.T) (clients, time.Time) {
	c := newClients(t, "models: [{id: anthropic.a}]")
	first := minuteOf(time.Now())
	for i, v := range []float64{10, 20, 40} {
		c.server.metrics.at(series{modelID: "one"}, first+int64(i))[latency].add(v)
		c.server.metrics.at(series{modelID: "zero"}, first+int64(i))[latency].add(0)
	}
	c.server.metrics.at(series{modelID: "two"}, first)[latency].add(2)
	c.server.metrics.at(series{modelID: "two"}, first+2)[latency].add(5)
	time.Sleep(4 * time.Minute)
	return c, time.Unix(first*60, 0).UTC()
}

func expression(id, text string) types.MetricDataQuery {
	return types.MetricDataQuery{Id: &id, Expression: &text}
}

func mathQueries(more ...types.MetricDataQuery) []types.MetricDataQuery {
	all := []types.MetricDataQuery{
		query("m1", "InvocationLatency", "one", "Sum", 60), query("m2", "InvocationLatency", "two", "Sum", 60),
		query("zero", "InvocationLatency", "zero", "Sum", 60), query("none", "InvocationLatency", "nobody", "Sum", 60),
	}
	for i := range all {
		all[i].ReturnData = aws.Bool(false)
	}
	return append(all, more...)
}

func TestMetricMath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, start := mathAccount(t)
		missing := math.NaN()
		for _, test := range []struct {
			text string
			want []float64 // one a minute
		}{
			{"m1", []float64{10, 20, 40}},
			{"m1+1", []float64{11, 21, 41}},
			{"100-m1", []float64{90, 80, 60}},
			{"-m1/2", []float64{-5, -10, -20}},
			{"m1/m2*100", []float64{500, missing, 800}},
			{"m1+m2", []float64{12, missing, 45}},
			{"m1/zero", []float64{missing, missing, missing}},
			{"m1/0", []float64{missing, missing, missing}},
			{"(m1+m1)*(2-1)", []float64{20, 40, 80}},
			{"m1+none", []float64{missing, missing, missing}},
			{"FILL(m2,0)", []float64{2, 0, 5}},
			{"FILL(m2,-1.5)", []float64{2, -1.5, 5}},
			{"FILL(m2,REPEAT)", []float64{2, 2, 5}},
			{"FILL(m2,LINEAR)", []float64{2, 3.5, 5}},
			{"FILL(m2,MAX(m1))", []float64{2, 40, 5}},
			{"FILL(none,0)", []float64{0, 0, 0}},
			{"FILL(none,REPEAT)", []float64{missing, missing, missing}},
			{"m1+FILL(m2,0)", []float64{12, 20, 45}},
			{"FILL(m1/m2,7)", []float64{5, 7, 8}},
			{"SUM([m1,m2])", []float64{12, 20, 45}},
			{"SUM(METRICS())", []float64{12, 20, 45}},
			{"SUM(METRICS('m'))", []float64{12, 20, 45}},
			{"AVG([m1,m2])", []float64{6, 20, 22.5}},
			{"MIN([m1,m2])", []float64{2, 20, 5}},
			{"MAX([m1,m2])", []float64{10, 20, 40}},
			{"m1/SUM(m1)", []float64{10.0 / 70, 20.0 / 70, 40.0 / 70}},
			{"m1-AVG(m1/m2)", []float64{3.5, 13.5, 33.5}},
			{"m1/PERIOD(m1)", []float64{10.0 / 60, 20.0 / 60, 40.0 / 60}},
			{"m1+SUM(none)", []float64{missing, missing, missing}},
			{"SUM(METRICS()*2)", []float64{24, 40, 90}},
			{"SUM(m2+[m1,zero])", []float64{14, missing, 50}},
		} {
			r := read(t, c, start, start.Add(3*time.Minute), mathQueries(expression("e1", test.text))...)
			if len(r) != 1 || *r[0].Id != "e1" || *r[0].Label != "e1" || r[0].StatusCode != types.StatusCodeComplete {
				t.Errorf("%s = %v", test.text, r)
				continue
			}
			var want []float64
			var times []time.Time
			for i, v := range test.want {
				if !math.IsNaN(v) {
					want, times = append(want, v), append(times, start.Add(time.Duration(i)*time.Minute))
				}
			}
			if fmt.Sprint(r[0].Values) != fmt.Sprint(want) || !slices.EqualFunc(r[0].Timestamps, times, time.Time.Equal) {
				t.Errorf("%s = %v at %v; want %v at %v", test.text, r[0].Values, r[0].Timestamps, want, times)
			}
		}
	})
}

// A list of series gives one result for each of them, all with the id of the
// expression; expressions may name others, also later ones.
func TestMetricMathResults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, start := mathAccount(t)
		sum := expression("total", "SUM(doubled)")
		sum.Label = aws.String("all of it")
		doubled := expression("doubled", "[m1,m2]*2")
		r := read(t, c, start, start.Add(3*time.Minute), mathQueries(sum, doubled)...)
		var got []string
		for _, one := range r {
			got = append(got, fmt.Sprint(*one.Id, " ", *one.Label, " ", one.Values))
		}
		want := []string{
			"total all of it [24 40 90]", "doubled doubled InvocationLatency [20 40 80]", "doubled doubled InvocationLatency [4 10]",
		}
		if !slices.Equal(got, want) {
			t.Errorf("results = %q; want %q", got, want)
		}
		// Newest first: the series that two results share is turned once for each.
		out, err := c.metrics.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
			StartTime: &start, EndTime: aws.Time(start.Add(3 * time.Minute)),
			MetricDataQueries: mathQueries(expression("e1", "m1"), expression("e2", "m1")),
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range out.MetricDataResults {
			if !slices.Equal(one.Values, []float64{40, 20, 10}) {
				t.Errorf("%s newest first = %v", *one.Id, one.Values)
			}
		}
	})
}

func TestMetricMathErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, start := mathAccount(t)
		for text, want := range map[string]string{
			"m1 +":                            "ends too early",
			"m9/m1":                           `no query with the id "m9"`,
			"5":                               "is a number",
			"SUM(m1)":                         "is a number",
			"METRICS()+METRICS()":             "two lists",
			"NOW(m1)":                         "no function NOW",
			"SUM(1)":                          "SUM does not take a number",
			"SUM(m1,m2)":                      "SUM has 2 arguments",
			"FILL(m1)":                        "FILL has 1 arguments",
			"FILL(m1,m2)":                     "FILL with a time series",
			"FILL(m1,'x')":                    "the text 'x'",
			"FILL('x',0)":                     "FILL does not take 'x'",
			"SUM(REPEAT)":                     "SUM does not take REPEAT",
			"PERIOD(METRICS())":               "PERIOD does not take a list",
			"METRICS(m1)":                     "METRICS takes",
			"[m1,2]":                          "not numbers",
			"SUM([])":                         "is empty",
			"e1+1":                            "depends on itself",
			"other+1":                         "depends on itself",
			"REPEAT":                          `no query with the id "REPEAT"`,
			"SEARCH('x', 'Sum', 60)":          "no function SEARCH",
			"m1" + strings.Repeat("+1", 1024): "more than 2048",
		} {
			_, err := c.metrics.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
				StartTime: &start, EndTime: aws.Time(start.Add(3 * time.Minute)),
				MetricDataQueries: mathQueries(expression("e1", text), expression("other", "e1+1")),
			})
			var api smithy.APIError
			if !errors.As(err, &api) || api.ErrorCode() != "ValidationError" || !strings.Contains(api.ErrorMessage(), want) {
				t.Errorf("%s = %v; want a ValidationError with %s", text, err, want)
			}
		}
		// Lists of lists grow fast: they are refused, not calculated.
		queries := mathQueries(expression("l0", "METRICS()"))
		for i := range 40 {
			queries = append(queries, expression(fmt.Sprint("l", i+1), fmt.Sprintf("[l%d,l%d]", i, i)))
		}
		_, err := c.metrics.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
			StartTime: &start, EndTime: aws.Time(start.Add(3 * time.Minute)), MetricDataQueries: queries,
		})
		if err == nil || !strings.Contains(err.Error(), "more than 500") {
			t.Errorf("2^40 series = %v", err)
		}
	})
}

// A wrong period for the age has no points, and FILL does not make any up.
func TestMetricMathRetention(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, steady)
		start := time.Now().Add(-20 * 24 * time.Hour)
		r := read(t, c, start, start.Add(time.Hour), query("m1", "Invocations", "anthropic.a", "Sum", 60),
			query("m2", "Invocations", "anthropic.a", "Sum", 300), expression("e1", "FILL(m1,0)"), expression("e2", "FILL(SUM([m1,m2]),0)"))
		if len(r[2].Values) != 0 || len(r[3].Values) != 12 {
			t.Errorf("filled = %v and %v; want none and twelve", r[2].Values, r[3].Values)
		}
	})
}

// An expression that is understood is written so that it is understood as the
// same, and evaluating one never fails after it was checked.
func FuzzExpression(f *testing.F) {
	for _, text := range []string{"m1/m2*100", "SUM(METRICS('m'))", "FILL([m1,m2],REPEAT)*-1.5", "(m1+FILL(m2,0))/PERIOD(m1)", "AVG([m1,m2]-MAX(m1))"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := parseExpression(text)
		if err != nil {
			return
		}
		again, err := parseExpression(n.String())
		if err != nil || again.String() != n.String() {
			t.Fatalf("%q is written as %q, and that is understood as %v, %v", text, n, again, err)
		}
		queries := []metricQuery{{id: "m1"}, {id: "m2"}, {id: "e1", expression: text, returned: true}}
		if text == "" || checkExpressions(queries) != nil {
			return
		}
		c := calculation{queries: queries, stat: func(q *metricQuery) line {
			l := line{last: 240, step: 60, points: []point{{0, 2}, {120, 0}}}
			if q.id == "m2" {
				l.points = l.points[1:]
			}
			return l
		}}
		lines := c.lines(2)
		if !queries[2].isList && len(lines) != 1 {
			t.Fatalf("%q has %d series", text, len(lines))
		}
		for _, l := range lines {
			for i, p := range l.points {
				if p.value-p.value != 0 || p.at%60 != 0 || p.at < 0 || p.at >= 240 || i > 0 && p.at <= l.points[i-1].at {
					t.Fatalf("%q has the points %v", text, l.points)
				}
			}
		}
	})
}

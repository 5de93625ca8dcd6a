package cloud_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// inVirtualTime runs a test against a simulated account, and returns what the
// account counted itself.
func inVirtualTime(t *testing.T, account string, test func(t *testing.T, c *cloud.Cloud)) (counts sim.Counts) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		parsed, err := sim.Parse("account.yaml", []byte(account))
		if err != nil {
			t.Fatal(err)
		}
		server := sim.New(parsed)
		test(t, reach(t, cloud.InProcess(server)))
		counts = server.Counts()
	})
	return counts
}

// before is the window of a length that has just ended.
func before(length, period time.Duration) record.Window {
	end := time.Now().UTC().Truncate(period)
	return record.Window{Start: end.Add(-length), End: end, Period: record.Duration(period)}
}

const busyModel = `
models: [{id: amazon.nova-lite-v1:0, name: Nova Lite, provider: Amazon, latency: {spread: 0.3}}]
traffic: [{model: amazon.nova-lite-v1:0, rpm: 60, input_tokens: 200, output_tokens: 50, latency: 400ms}]
`

// The server counts the requests: nothing is paged where it need not be, and no
// retry hides.
func TestMeasureInAHandfulOfRequests(t *testing.T) {
	const id = "amazon.nova-lite-v1:0"
	for _, tt := range []struct {
		name           string
		series         int
		length, period time.Duration
		want           int64
	}{
		{"500 series of a day by the minute", 500, 24 * time.Hour, time.Minute, 8},
		{"200 models x 10 metrics of a day", 2000, 24 * time.Hour, 5 * time.Minute, 6},
		{"1,000 short series", 1000, 10 * time.Minute, time.Minute, 2},
		{"one series", 1, 24 * time.Hour, time.Minute, 1},
		{"none", 0, time.Hour, time.Minute, 0},
		{"14 days by the minute", 10, 14 * 24 * time.Hour, time.Minute, 2},
	} {
		counts := inVirtualTime(t, busyModel, func(t *testing.T, c *cloud.Cloud) {
			w := before(tt.length, tt.period)
			points, err := c.Measure(context.Background(), slices.Repeat(sums("Invocations", id), tt.series), w)
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			for i, p := range points {
				if n := int(tt.length / tt.period); given(p) != n || *p.Values[n-1] != 60*tt.period.Minutes() {
					t.Fatalf("%s: series %d has %d points, the last %v; want %d of %g", tt.name, i, given(p), p.Values[n-1], n, 60*tt.period.Minutes())
				}
			}
		})
		if got := counts.Requests["cloudwatch.GetMetricData"]; got != tt.want {
			t.Errorf("%s: %d requests; want %d", tt.name, got, tt.want)
		}
	}
}

// A throttled read is tried again, a few times; what is refused for good is not.
func TestMeasureTriesAgain(t *testing.T) {
	fault := func(what, when string) string {
		return busyModel + "faults: [{match: {operation: cloudwatch.GetMetricData}, when: {" + when + "}, what: {error: " + what + "}}]\n"
	}
	const throttled = "{status: 400, code: Throttling, message: Rate exceeded}"
	for _, tt := range []struct {
		name, account string
		requests      int64
		err           string
	}{
		{"throttled twice", fault(throttled, "from: 0s, for: 500ms"), 0, ""},
		{"throttled for ever", fault(throttled, "every: 1"), 8, "Rate exceeded"},
		{"not allowed", fault("{status: 403, code: AccessDenied, message: not yours}", "every: 1"), 1, "need the action cloudwatch:GetMetricData"},
	} {
		counts := inVirtualTime(t, tt.account, func(t *testing.T, c *cloud.Cloud) {
			points, err := c.Measure(context.Background(), sums("Invocations", "amazon.nova-lite-v1:0"), before(time.Hour, time.Minute))
			if tt.err == "" && (err != nil || given(points[0]) != 60) || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("%s: %v; want %q", tt.name, err, tt.err)
			}
		})
		got := counts.Requests["cloudwatch.GetMetricData"]
		if tt.requests > 0 && got != tt.requests || tt.requests == 0 && (got < 2 || got > 8) {
			t.Errorf("%s: %d requests; want %d, or for 0 a few", tt.name, got, tt.requests)
		}
	}
}

// The percentile of a window is CloudWatch's own, and no mean of those by period.
func TestMeasureOfAWholeWindow(t *testing.T) {
	inVirtualTime(t, busyModel, func(t *testing.T, c *cloud.Cloud) {
		x := plugins.Query{Series: plugins.OfModel("InvocationLatency", "amazon.nova-lite-v1:0"), Stat: "p90"}
		whole := x
		whole.Whole = true
		points, err := c.Measure(context.Background(), []plugins.Query{x, whole, {Series: plugins.OfModel("Invocations", "amazon.nova-lite-v1:0"), Stat: "SampleCount", Whole: true}}, before(6*time.Hour, time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if given(points[0]) != 6 || len(points[1].Values) != 1 || points[1].Values[0] == nil || *points[2].Values[0] != 6*60*60 {
			t.Errorf("%d points, whole %v, %v samples", given(points[0]), points[1].Values, points[2].Values)
		}
	})
}

// Where CloudWatch cuts time into other spans than the window, a value of one of
// them is not that of the window.
func TestMeasureOfAWholeWindowOnly(t *testing.T) {
	w := record.Window{Start: time.Unix(0, 0).UTC(), End: time.Unix(600, 0).UTC(), Period: record.Duration(time.Minute)}
	for _, tt := range []struct {
		name   string
		result cbor.Map
		want   int
	}{
		{"one of all", result("q0", "Complete", 7), 1},
		{"none", result("q0", "Complete"), 0},
		{"two spans", result("q0", "Complete", 7, 8), 0},
		{"a later span", resultFrom(3, "q0", "Complete", 7), 0},
		{"an earlier one", resultFrom(-3, "q0", "Complete", 7), 0},
	} {
		q := sums("Invocations", "m")
		q[0].Whole = true
		points, err := reach(t, cloud.InProcess(cloudwatch(t, func([]string) cbor.Map { return cbor.Map{"MetricDataResults": cbor.List{tt.result}} }))).Measure(context.Background(), q, w)
		if err != nil || len(points[0].Values) != 1 || given(points[0]) != tt.want {
			t.Errorf("%s: %v, %v; want %d values", tt.name, points, err, tt.want)
		}
	}
}

// What is told of times outside of the window, or is no number, is no point.
func TestMeasureLeavesOutWhatIsNotAsked(t *testing.T) {
	w := record.Window{Start: time.Unix(120, 0).UTC(), End: time.Unix(300, 0).UTC(), Period: record.Duration(time.Minute)}
	zero := 0.0
	page := func([]string) cbor.Map {
		return cbor.Map{"MetricDataResults": cbor.List{result("q0", "Complete", 1, 2, 3, zero/zero, 5, 6, 7)}}
	}
	points, err := reach(t, cloud.InProcess(cloudwatch(t, page))).Measure(context.Background(), sums("Invocations", "m"), w)
	if err != nil || given(points[0]) != 2 || *points[0].Values[0] != 3 || points[0].Values[1] != nil || *points[0].Values[2] != 5 {
		t.Errorf("%v, %v; want 3, none, 5", points, err)
	}
}

func TestSeriesAreListedPageByPage(t *testing.T) {
	account := "models: [{id: acme.writer-v1:0}]\nprofiles:\n"
	var rows strings.Builder
	for i := range 600 {
		arn := fmt.Sprintf("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/app%09d", i)
		account += fmt.Sprintf("  - {id: %q, models: [acme.writer-v1:0]}\n", arn)
		fmt.Fprintf(&rows, "  - {model: %q, rpm: 1}\n", arn)
	}
	counts := inVirtualTime(t, account+"traffic:\n"+rows.String(), func(t *testing.T, c *cloud.Cloud) {
		series, err := c.Series(context.Background(), plugins.NamespaceBedrock, "Invocations")
		if err != nil || len(series) != 600 || series[0].Dimension(plugins.DimensionModel) != "app000000000" || series[0].Metric != "Invocations" || series[0].Dimension("none") != "" {
			t.Errorf("%d series, %v", len(series), err)
		}
	})
	if n := counts.Requests["cloudwatch.ListMetrics"]; n != 2 {
		t.Errorf("%d requests; want 2", n)
	}
}

package cloud_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// sums asks for the Sum of an AWS/Bedrock metric of some ids.
func sums(metric string, ids ...string) (out []plugins.Query) {
	for _, id := range ids {
		out = append(out, plugins.Query{Series: plugins.OfModel(metric, id), Stat: "Sum"})
	}
	return out
}

// given is how many periods have a point.
func given(p plugins.Points) (n int) {
	for _, v := range p.Values {
		if v != nil {
			n++
		}
	}
	return n
}

// cloudwatch answers GetMetricData with pages of results, one a request.
func cloudwatch(t *testing.T, pages ...func(queries []string) cbor.Map) http.Handler {
	n := 0
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		v, err := cbor.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, q := range v.(cbor.Map)["MetricDataQueries"].(cbor.List) {
			ids = append(ids, string(q.(cbor.Map)["Id"].(cbor.String)))
		}
		if len(ids) > 500 {
			t.Errorf("one request holds %d queries; CloudWatch takes 500", len(ids))
		}
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		w.Header().Set("Content-Type", "application/cbor")
		w.Write(cbor.Encode(pages[min(n, len(pages)-1)](ids)))
		n++
	})
}

func result(id, status string, values ...float64) cbor.Map {
	return resultFrom(0, id, status, values...)
}

// resultFrom is the values of minutes that begin with the one of a number.
func resultFrom(first int, id, status string, values ...float64) cbor.Map {
	var times, list cbor.List
	for i, v := range values {
		times = append(times, &cbor.Tag{ID: 1, Value: cbor.Float64(float64((first + i) * 60))})
		list = append(list, cbor.Float64(v))
	}
	return cbor.Map{"Id": cbor.String(id), "StatusCode": cbor.String(status), "Timestamps": times, "Values": list}
}

func TestMeasureFollowsPagesAndRefusesHalves(t *testing.T) {
	w := record.Window{Start: time.Unix(0, 0).UTC(), End: time.Unix(600, 0).UTC(), Period: record.Duration(time.Minute)}
	results := func(token string, rs ...cbor.Value) cbor.Map {
		m := cbor.Map{"MetricDataResults": cbor.List(rs)}
		if token != "" {
			m["NextToken"] = cbor.String(token)
		}
		return m
	}
	for _, c := range []struct {
		name  string
		pages []func([]string) cbor.Map
		want  int    // values
		err   string // part of the error
	}{
		{"one page", []func([]string) cbor.Map{func([]string) cbor.Map { return results("", result("q0", "Complete", 1, 2)) }}, 2, ""},
		{"two pages", []func([]string) cbor.Map{
			func([]string) cbor.Map { return results("more", result("q0", "PartialData", 1, 2)) },
			func([]string) cbor.Map { return results("", resultFrom(2, "q0", "Complete", 3)) }}, 3, ""},
		{"partial at the end", []func([]string) cbor.Map{func([]string) cbor.Map { return results("", result("q0", "PartialData", 1)) }}, 0, "did not complete"},
		{"forbidden", []func([]string) cbor.Map{func([]string) cbor.Map { return results("", result("q0", "Forbidden")) }}, 0, "may not read it"},
		{"the same token twice", []func([]string) cbor.Map{func([]string) cbor.Map { return results("more", result("q0", "PartialData", 1)) }}, 0, "same page token twice"},
		{"no page at all", []func([]string) cbor.Map{func([]string) cbor.Map { return cbor.Map{"MetricDataResults": cbor.String("none")} }}, 0, "no page of metric data"},
		{"times without values", []func([]string) cbor.Map{func([]string) cbor.Map {
			return results("", cbor.Map{"Id": cbor.String("q0"), "StatusCode": cbor.String("Complete"), "Timestamps": cbor.List{cbor.Uint(0)}, "Values": cbor.List{}})
		}}, 0, "something else"},
		{"with words", []func([]string) cbor.Map{func([]string) cbor.Map {
			r := result("q0", "InternalError")
			r["Messages"] = cbor.List{cbor.Map{"Code": cbor.String("Busy"), "Value": cbor.String("come back later")}}
			return results("", r)
		}}, 0, "come back later"},
		{"internal error", []func([]string) cbor.Map{func([]string) cbor.Map { return results("", result("q0", "InternalError")) }}, 0, "InternalError"},
		{"an id is missing", []func([]string) cbor.Map{func([]string) cbor.Map { return results("") }}, 0, "did not complete"},
		{"an empty reply", []func([]string) cbor.Map{func([]string) cbor.Map { return cbor.Map{} }}, 0, "did not complete"},
		{"another id", []func([]string) cbor.Map{func([]string) cbor.Map { return results("", result("zz", "Complete", 1)) }}, 0, "something else"},
	} {
		points, err := reach(t, cloud.InProcess(cloudwatch(t, c.pages...))).Measure(context.Background(), sums("Invocations", "m"), w)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v; want one with %q", c.name, err, c.err)
			}
			continue
		}
		if err != nil || len(points) != 1 || given(points[0]) != c.want {
			t.Errorf("%s: %v, %v; want %d values", c.name, points, err, c.want)
		}
	}
}

func TestMeasureAsksInBatches(t *testing.T) {
	w := record.Window{Start: time.Unix(0, 0).UTC(), End: time.Unix(600, 0).UTC(), Period: record.Duration(time.Minute)}
	requests, ids := 0, []string{}
	for i := range 300 {
		ids = append(ids, "model-"+strings.Repeat("x", i))
	}
	points, err := reach(t, cloud.InProcess(cloudwatch(t, func(queries []string) cbor.Map {
		requests++
		var list cbor.List
		for _, id := range queries {
			list = append(list, result(id, "Complete", 1))
		}
		return cbor.Map{"MetricDataResults": list}
	}))).Measure(context.Background(), append(sums("Invocations", ids...), sums("InvocationThrottles", ids...)...), w)
	if err != nil || len(points) != 600 || requests != 2 {
		t.Errorf("%d series in %d requests, %v; want 600 in 2", len(points), requests, err)
	}
	for _, p := range points {
		if given(p) != 1 {
			t.Fatalf("%s of %.20s has %d values; want 1", p.Metric, p.Dimension("ModelId"), given(p))
		}
	}
}

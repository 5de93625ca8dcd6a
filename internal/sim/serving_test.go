package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// dims are dimensions: a name and a value, again and again.
func dims(pairs ...string) (all []cwtypes.Dimension) {
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, cwtypes.Dimension{Name: &pairs[i], Value: &pairs[i+1]})
	}
	return all
}

// total is the sum of a metric over the last hour, by GetMetricData and by
// GetMetricStatistics, which have to agree.
func total(t *testing.T, c clients, metric string, dimensions []cwtypes.Dimension) float64 {
	t.Helper()
	start, end := time.Now().Add(-time.Hour), time.Now().Add(time.Minute)
	q := query("a", metric, "", "Sum", 60)
	q.MetricStat.Metric.Dimensions = dimensions
	data := sum(read(t, c, start, end, q)[0].Values)
	out, err := c.metrics.GetMetricStatistics(t.Context(), &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String("AWS/Bedrock"), MetricName: &metric, Dimensions: dimensions, StartTime: &start, EndTime: &end,
		Period: aws.Int32(60), Statistics: []cwtypes.Statistic{"Sum"},
	})
	if err != nil {
		t.Fatal(err)
	}
	statistics := 0.0
	for _, p := range out.Datapoints {
		statistics += *p.Sum
	}
	if data != statistics {
		t.Errorf("%s = %v by GetMetricData, %v by GetMetricStatistics", metric, data, statistics)
	}
	return data
}

// The series of a model id has all of its calls; that of a service tier has
// those that named it, and is found by its exact dimensions alone.
func TestServiceTierSeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, `models: [{id: anthropic.a, limits: {rpm: 6}}]`)
		for _, tier := range []types.ServiceTierType{"", "priority", "priority", "flex", "default", "", "priority", "priority"} { // the last two are throttled
			in := converseInput("anthropic.a", "hi", 3)
			if tier != "" {
				in.ServiceTier = &types.ServiceTier{Type: tier}
			}
			c.runtime.Converse(t.Context(), in)
		}
		for _, s := range []struct {
			dimensions    []cwtypes.Dimension
			ok, throttled float64
		}{
			{dims("ModelId", "anthropic.a"), 6, 2},
			{dims("ModelId", "anthropic.a", "ServiceTier", "priority", "ResolvedServiceTier", "priority"), 2, 2},
			{dims("ResolvedServiceTier", "flex", "ModelId", "anthropic.a", "ServiceTier", "flex"), 1, 0},
			{dims("ModelId", "anthropic.a", "ServiceTier", "default", "ResolvedServiceTier", "default"), 1, 0},
			{dims("ModelId", "anthropic.a", "ServiceTier", "priority", "ResolvedServiceTier", "default"), 0, 0},
			{dims("ModelId", "anthropic.a", "ServiceTier", "priority"), 0, 0},
			{dims("ServiceTier", "priority", "ResolvedServiceTier", "priority"), 0, 0},
			{dims("ModelId", "anthropic.a", "ModelId", "anthropic.a", "ServiceTier", "priority", "ResolvedServiceTier", "priority"), 0, 0},
			{dims("ModelId", "anthropic.a", "ModelId", "anthropic.a"), 0, 0},
			{nil, 0, 0},
		} {
			if ok, throttled := total(t, c, "Invocations", s.dimensions), total(t, c, "InvocationThrottles", s.dimensions); ok != s.ok || throttled != s.throttled {
				t.Errorf("%v: %v answered, %v throttled; want %v and %v", texts(s.dimensions), ok, throttled, s.ok, s.throttled)
			}
		}
		if m := c.server.Counts().Models["anthropic.a"]; m.OK != 6 || m.Throttled != 2 {
			t.Errorf("the account counts %+v; want no call twice", m)
		}
	})
}

func texts(dimensions []cwtypes.Dimension) string {
	var all []string
	for _, d := range dimensions {
		all = append(all, *d.Name+"="+aws.ToString(d.Value))
	}
	return strings.Join(all, ",")
}

// ListMetrics names every series with its own dimensions, and finds it by any of them.
func TestListMetricsOfTiers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, "models: [{id: anthropic.a}, {id: anthropic.b}]\ntraffic: [{model: anthropic.b, rpm: 1}]")
		for _, tier := range []string{"priority", "flex"} {
			in := converseInput("anthropic.a", "hi", 3)
			in.ServiceTier = &types.ServiceTier{Type: types.ServiceTierType(tier)}
			if _, err := c.runtime.Converse(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
		const a, flex, priority, b = "ModelId=anthropic.a", "ModelId=anthropic.a,ResolvedServiceTier=flex,ServiceTier=flex",
			"ModelId=anthropic.a,ResolvedServiceTier=priority,ServiceTier=priority", "ModelId=anthropic.b"
		for name, list := range map[string]struct {
			filters []string
			want    []string
		}{
			"all":            {nil, []string{a, flex, priority, b}},
			"a model":        {[]string{"ModelId", "anthropic.a"}, []string{a, flex, priority}},
			"any tier":       {[]string{"ServiceTier", ""}, []string{flex, priority}},
			"a tier":         {[]string{"ServiceTier", "flex", "ModelId", ""}, []string{flex}},
			"another tier":   {[]string{"ServiceTier", "reserved"}, nil},
			"two that clash": {[]string{"ServiceTier", "flex", "ResolvedServiceTier", "priority"}, nil},
		} {
			in := &cloudwatch.ListMetricsInput{MetricName: aws.String("Invocations")}
			for i := 0; i < len(list.filters); i += 2 {
				f := cwtypes.DimensionFilter{Name: &list.filters[i]}
				if list.filters[i+1] != "" {
					f.Value = &list.filters[i+1]
				}
				in.Dimensions = append(in.Dimensions, f)
			}
			out, err := c.metrics.ListMetrics(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range out.Metrics {
				got = append(got, texts(m.Dimensions))
			}
			if !slices.Equal(got, list.want) {
				t.Errorf("%s: %q; want %q", name, got, list.want)
			}
		}
	})
}

// What is above the quota of optimized latency is served at standard latency,
// and takes from the quotas of all calls: only these throttle.
func TestOptimizedLatency(t *testing.T) {
	for name, test := range map[string]struct {
		account           string
		asked             int
		optimized, others int // answered
	}{
		"without limits of its own": {"models: [{id: anthropic.a, limits: {rpm: 4}}]", 5, 4, 0},
		"requests":                  {"models: [{id: anthropic.a, limits: {rpm: 4}, optimized: {limits: {rpm: 2}}}]", 7, 2, 4},
		"tokens":                    {"models: [{id: anthropic.a, optimized: {limits: {tpm: 250}}}]", 5, 2, 3}, // 100 reserved, and about as many used
		"the day":                   {"models: [{id: anthropic.a, optimized: {limits: {tpd: 250}}}]", 5, 2, 3},
		"not entitled":              {"models: [{id: anthropic.a, optimized: {limits: {entitled: false}}}]", 3, 0, 3},
		"the account's day":         {"account_tpd: 250\nmodels: [{id: anthropic.a, optimized: {limits: {rpm: 10}}}]", 4, 2, 0},
	} {
		for _, via := range []string{"converse", "stream", "invoke"} {
			t.Run(name+" "+via, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newClients(t, strings.Replace(test.account, "anthropic.a,", "anthropic.a, latency: {spread: 0}, output_tokens: {mean: 1000},", 1))
					told := map[string]int{}
					for range test.asked {
						told[latencyTold(t, c, via)]++
					}
					want := map[string]int{"optimized": test.optimized, "standard": test.others}
					if rest := test.asked - test.optimized - test.others; rest > 0 {
						want["throttled"] = rest
					}
					for _, k := range []string{"optimized", "standard", "throttled"} {
						if told[k] != want[k] {
							t.Errorf("the replies told %v; want %v", told, want)
							break
						}
					}
					fast, standard := total(t, c, "Invocations", dims("ModelId", "anthropic.a+latency-optimized")), total(t, c, "Invocations", dims("ModelId", "anthropic.a"))
					if fast != float64(test.optimized) || standard != float64(test.others) {
						t.Errorf("CloudWatch has %v optimized, %v others; want %d and %d", fast, standard, test.optimized, test.others)
					}
				})
			})
		}
	}
}

// latencyTold makes a call of 100 tokens that asks for optimized latency, and
// returns what the reply says of it, or "throttled".
func latencyTold(t *testing.T, c clients, via string) string {
	t.Helper()
	const hundred = 97 // and 3 of input
	body := fmt.Sprintf(`{"messages":[{"role":"user","content":[{"text":"hello there"}]}],"inferenceConfig":{"maxTokens":%d},"performanceConfig":{"latency":"optimized"}}`, hundred)
	path, header := "/converse", []string(nil)
	switch via {
	case "stream":
		path = "/converse-stream"
	case "invoke":
		path, header = "/invoke", []string{latencyHeader, "optimized"}
		body = fmt.Sprintf(`{"anthropic_version":"bedrock-2023-05-31","max_tokens":%d,"messages":[{"role":"user","content":"hello there"}]}`, hundred)
	}
	w := send(c.server, "POST", "/model/anthropic.a"+path, body, header...)
	said := w.body.String() + w.header.Get(latencyHeader)
	switch {
	case w.status == 429:
		return "throttled"
	case w.status != 200:
		t.Fatalf("%d %s", w.status, said)
	case strings.Contains(said, "optimized"):
		return "optimized"
	case strings.Contains(said, "standard"):
		return "standard"
	}
	return "nothing"
}

// A model can be faster where it is optimized, and only there.
func TestOptimizedPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, "models: [{id: anthropic.a, latency: {first_token: 1s, per_token: 0s, spread: 0}, optimized: {limits: {rpm: 1}, latency: 0.5}}]")
		for _, want := range []time.Duration{500 * time.Millisecond, time.Second} {
			began := time.Now()
			latencyTold(t, c, "converse")
			if took := time.Since(began).Truncate(time.Microsecond); took != want {
				t.Errorf("took %v; want %v", took, want)
			}
		}
	})
}

// The pool of optimized latency is one for all ids of a model, and stands in the state.
func TestOptimizedPoolIsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, `
models: [{id: anthropic.a, optimized: {limits: {rpm: 2}}}]
profiles: [{id: us.anthropic.a, models: [anthropic.a]}]
`)
		var told []string
		for _, id := range []string{"us.anthropic.a", "anthropic.a", "us.anthropic.a"} {
			in := converseInput(id, "hi", 3)
			in.PerformanceConfig = &types.PerformanceConfiguration{Latency: "optimized"}
			out, err := c.runtime.Converse(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			told = append(told, string(out.PerformanceConfig.Latency))
		}
		if want := []string{"optimized", "optimized", "standard"}; !slices.Equal(told, want) {
			t.Errorf("served %v; want %v", told, want)
		}
		if n := total(t, c, "Invocations", dims("ModelId", "us.anthropic.a+latency-optimized")); n != 1 {
			t.Errorf("%v calls of us.anthropic.a+latency-optimized; want 1", n)
		}
		pools := c.server.State().Pools
		if len(pools) != 1 || pools[0].Scope != "latency-optimized" || !slices.Equal(pools[0].IDs, []string{"anthropic.a", "us.anthropic.a"}) || pools[0].Limits[0].Available != 0 {
			t.Errorf("pools = %+v; want the one of optimized latency, empty", pools)
		}
	})
}

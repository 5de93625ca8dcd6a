package steps

import (
	"slices"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/scenarios"
)

// metricsOf reads the metrics of a monitor step, with the problems.
func metricsOf(t *testing.T, list string) ([]chosen, scenarios.Problems) {
	t.Helper()
	src := "version: 1\nname: t\nmodels: {m: acme.writer}\nsteps:\n  - monitor:\n      metrics: " + list + "\n"
	s, problems := scenarios.Load("t.yaml", []byte(src), scenarios.Language{Steps: []scenarios.Key{{Name: Monitor.Name, Doc: Monitor.Doc, Type: Monitor.Type}}})
	b := &plugins.Binding{Problem: func(p scenarios.Problem) { problems = append(problems, p) }}
	return bindMetrics(b, s.Steps[0].Body.Get("metrics")), problems.Sort()
}

func TestChosenMetrics(t *testing.T) {
	type dims = []plugins.Dimension
	for _, tt := range []struct {
		list, name, unit string
		asked            plugins.Query // of the model acme.writer
		usage            bool
	}{
		{"[TimeToFirstToken.p90]", "metric.TimeToFirstToken.p90", "ms", plugins.Query{Series: plugins.OfModel("TimeToFirstToken", "acme.writer"), Stat: "p90"}, true},
		{"[InvocationLatency.p99.9]", "metric.InvocationLatency.p99_9", "ms", plugins.Query{Series: plugins.OfModel("InvocationLatency", "acme.writer"), Stat: "p99.9"}, true},
		{"[{name: OutputImageCount, stat: Sum, as: images}]", "metric.images", "count", plugins.Query{Series: plugins.OfModel("OutputImageCount", "acme.writer"), Stat: "Sum"}, true},
		{"[InvocationLatency.SampleCount]", "metric.InvocationLatency.SampleCount", "count", plugins.Query{Series: plugins.OfModel("InvocationLatency", "acme.writer"), Stat: "SampleCount"}, true},
		{"[CacheReadInputTokens.Sum]", "metric.CacheReadInputTokens.Sum", "tokens", plugins.Query{Series: plugins.OfModel("CacheReadInputTokens", "acme.writer"), Stat: "Sum"}, true},
		{"[{name: Invocations, stat: Sum, dimensions: {ServiceTier: flex, ResolvedServiceTier: flex}}]", "metric.Invocations.Sum", "count",
			plugins.Query{Series: plugins.Series{Namespace: "AWS/Bedrock", Metric: "Invocations", Dimensions: dims{{Name: "ServiceTier", Value: "flex"}, {Name: "ResolvedServiceTier", Value: "flex"}, {Name: "ModelId", Value: "acme.writer"}}}, Stat: "Sum"}, false},
		{"[ModelInvocationLogsS3DeliveryFailure.Sum]", "metric.ModelInvocationLogsS3DeliveryFailure.Sum", "count", plugins.Query{Series: plugins.OfModel("ModelInvocationLogsS3DeliveryFailure", "Across all model IDs"), Stat: "Sum"}, false},
		{"[{name: Inferences, stat: Sum, namespace: AWS/BedrockMantle, dimensions: {Project: p}}]", "metric.Inferences.Sum", "count",
			plugins.Query{Series: plugins.Series{Namespace: "AWS/BedrockMantle", Metric: "Inferences", Dimensions: dims{{Name: "Project", Value: "p"}, {Name: "Model", Value: "acme.writer"}}}, Stat: "Sum"}, false},
		{"[{name: my requests/s, stat: Average, namespace: MyApp, dimensions: {Service: api}, as: app}]", "metric.app", "",
			plugins.Query{Series: plugins.Series{Namespace: "MyApp", Metric: "my requests/s", Dimensions: dims{{Name: "Service", Value: "api"}}}, Stat: "Average"}, false},
		{"[{name: Brandnew, stat: Sum, namespace: AWS/Bedrock}]", "metric.Brandnew.Sum", "", plugins.Query{Series: plugins.OfModel("Brandnew", "acme.writer"), Stat: "Sum"}, true},
	} {
		all, problems := metricsOf(t, tt.list)
		if len(problems) > 0 || len(all) != 1 {
			t.Errorf("%s: %v", tt.list, problems)
			continue
		}
		c := all[0]
		var q inquiry
		c.ask(&q, []share{{id: "acme.writer", kind: "model"}}, hourWindow)
		if c.name != tt.name || c.unit != tt.unit || c.usage != tt.usage || q.queries[0].Stat != tt.asked.Stat || q.queries[0].Metric != tt.asked.Metric || q.queries[0].Namespace != tt.asked.Namespace || !slices.Equal(q.queries[0].Dimensions, tt.asked.Dimensions) {
			t.Errorf("%s: %+v asks for %+v; want %s in %q: %+v", tt.list, c, q.queries[0], tt.name, tt.unit, tt.asked)
		}
	}
}

func TestMetricsThatAreRefused(t *testing.T) {
	for _, tt := range []struct{ list, code, hint string }{
		{"[InvokeModel.Sum]", "unknown-metric", "it is called Invocations"},
		{"[InvokeModelThrottled.Sum]", "unknown-metric", "it is called InvocationThrottles"},
		{"[InvocationCount.Sum]", "unknown-metric", "it is called Invocations"},
		{"[Throttles.Sum]", "unknown-metric", "it is called InvocationThrottles"},
		{"[InvokeModelLatency.p90]", "unknown-metric", "it is called InvocationLatency"},
		{"[TimeToFirstTokn.p90]", "unknown-metric", "did you mean TimeToFirstToken?"},
		{"[Inferences.Sum]", "unknown-metric", "namespace: AWS/BedrockMantle"},
		{"[Temperature.Sum]", "unknown-metric", "say its namespace"},
		{"[{name: InvokeModel, stat: Sum}]", "unknown-metric", "it is called Invocations"},
		{"[TimeToFirstToken]", "bad-metric", "NAME.STATISTIC"},
		{"[TimeToFirstToken.p101]", "bad-metric", "NAME.STATISTIC"},
		{"[TimeToFirstToken.median]", "bad-metric", "NAME.STATISTIC"},
		{"[{name: Invocations, stat: sum}]", "bad-statistic", "Sum"},
		{"[{name: Invocations}]", "missing-key", ""},
		{"[{name: my requests, stat: Sum, namespace: MyApp}]", "unnamed-metric", "`as`"},
		{"[{name: Invocations, stat: Sum, as: 9lives}]", "bad-name", ""},
		{"[Invocations.Sum, {name: Invocations, stat: Sum, dimensions: {ServiceTier: flex}}]", "duplicate-metric", "`as`"},
		{"[Invocations.Sum, {name: Requests, stat: Sum, namespace: MyApp, as: Invocations}]", "duplicate-metric", "`as`"},
		{"[]", "too-few", ""},
	} {
		_, problems := metricsOf(t, tt.list)
		if len(problems) != 1 || problems[0].Code != tt.code || !strings.Contains(problems[0].Hint, tt.hint) || problems[0].Pos.Line != 6 {
			t.Errorf("%s: %+v; want %s, with %q", tt.list, problems, tt.code, tt.hint)
		}
	}
}

// A name in the table of wrong ones must not be one of AWS/Bedrock, and leads to
// one that is.
func TestWrongNamesAreWrong(t *testing.T) {
	for wrong, right := range wrongNames {
		if message, _ := metricFault(wrong); message == "" {
			t.Errorf("%s is a metric", wrong)
		}
		if message, _ := metricFault(right); message != "" {
			t.Errorf("%s leads to %s, which is no metric", wrong, right)
		}
	}
}

package steps

import (
	"fmt"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

const namespaceMantle = "AWS/BedrockMantle"

// knownMetrics are the metrics that AWS documents, with their units. A name that
// is not there is answered with nothing, and no error.
// Source: "Monitoring Amazon Bedrock" in the user guide, with "Runtime metrics",
// "Model invocation logging metrics" and "Mantle metrics".
var knownMetrics = []struct {
	namespace, name, unit string
	// once: one series for all models, whose ModelId is allModels.
	once bool
}{
	{plugins.NamespaceBedrock, record.MetricInvocations, "count", false},
	{plugins.NamespaceBedrock, record.MetricThrottles, "count", false},
	{plugins.NamespaceBedrock, record.MetricClientErrors, "count", false},
	{plugins.NamespaceBedrock, record.MetricServerErrors, "count", false},
	{plugins.NamespaceBedrock, record.MetricLatency, "ms", false},
	{plugins.NamespaceBedrock, record.MetricFirstToken, "ms", false},
	{plugins.NamespaceBedrock, record.MetricInputTokens, "tokens", false},
	{plugins.NamespaceBedrock, record.MetricOutputTokens, "tokens", false},
	{plugins.NamespaceBedrock, record.MetricCacheReads, "tokens", false},
	{plugins.NamespaceBedrock, record.MetricCacheWrites, "tokens", false},
	{plugins.NamespaceBedrock, "CacheReadInputTokens", "tokens", false},
	{plugins.NamespaceBedrock, "CacheWriteInputTokens", "tokens", false},
	{plugins.NamespaceBedrock, record.MetricQuotaTokens, "tokens", false},
	{plugins.NamespaceBedrock, "OutputImageCount", "count", false},
	{plugins.NamespaceBedrock, "LegacyModelInvocations", "count", false},
	{plugins.NamespaceBedrock, "ModelInvocationLogsCloudWatchDeliverySuccess", "count", true},
	{plugins.NamespaceBedrock, "ModelInvocationLogsCloudWatchDeliveryFailure", "count", true},
	{plugins.NamespaceBedrock, "ModelInvocationLogsS3DeliverySuccess", "count", true},
	{plugins.NamespaceBedrock, "ModelInvocationLogsS3DeliveryFailure", "count", true},
	{plugins.NamespaceBedrock, "ModelInvocationLargeDataS3DeliverySuccess", "count", true},
	{plugins.NamespaceBedrock, "ModelInvocationLargeDataS3DeliveryFailure", "count", true},
	{namespaceMantle, "Inferences", "count", false},
	{namespaceMantle, "InferenceClientErrors", "count", false},
	{namespaceMantle, "TotalInputTokens", "tokens", false},
	{namespaceMantle, "TotalOutputTokens", "tokens", false},
	{namespaceMantle, "InputTokens", "tokens", false},
	{namespaceMantle, "OutputTokens", "tokens", false},
}

// allModels is the ModelId of metrics that are not those of one model.
const allModels = "Across all model IDs"

// modelDimensions are how namespaces call the model of a series.
var modelDimensions = map[string]string{plugins.NamespaceBedrock: plugins.DimensionModel, namespaceMantle: "Model"}

// wrongNames circulate for metrics of AWS/Bedrock, and are none.
var wrongNames = map[string]string{
	"InvokeModel": record.MetricInvocations, "InvocationCount": record.MetricInvocations, "ModelInvocations": record.MetricInvocations,
	"InvokeModelThrottled": record.MetricThrottles, "Throttles": record.MetricThrottles, "ThrottledRequests": record.MetricThrottles,
	"InvokeModelLatency": record.MetricLatency, "Latency": record.MetricLatency, "ModelLatency": record.MetricLatency,
	"InvokeModelClientErrors": record.MetricClientErrors, "InvokeModelServerErrors": record.MetricServerErrors,
}

// metricFault says what is wrong with the name of an AWS/Bedrock metric, and the
// way out; "" where it is known.
func metricFault(name string) (message, hint string) {
	var names []string
	other := ""
	for _, m := range knownMetrics {
		switch {
		case m.namespace != plugins.NamespaceBedrock:
			if m.name == name {
				other = m.namespace
			}
		case m.name == name:
			return "", ""
		default:
			names = append(names, m.name)
		}
	}
	message = fmt.Sprintf("AWS/Bedrock has no metric %q: CloudWatch would answer with nothing", name)
	if right := wrongNames[name]; right != "" {
		return message, fmt.Sprintf("it is called %s", right)
	}
	if other != "" {
		return message, fmt.Sprintf("it is one of the bedrock-mantle endpoint: say namespace: %s", other)
	}
	if near, ok := scenarios.Closest(name, names); ok {
		return message, fmt.Sprintf("did you mean %s?", near)
	}
	return message, "it has " + strings.Join(names[:len(names)-6], ", ") + "; for one that is newer than this program, or your own, say its namespace"
}

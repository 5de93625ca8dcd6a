package record

import "time"

// Series is one number over time, for charts. Values[i] belongs to the period
// that begins at Start + i x Period; nil is a gap, never a zero.
type Series struct {
	Step   string     `json:"step"`
	Model  string     `json:"model"`
	Name   string     `json:"name"` // as in Metrics of CloudWatch, a level, metric.NAME of a scenario, or one of the Series* names
	Unit   string     `json:"unit"` // count, ms, tokens
	Start  time.Time  `json:"start"`
	Period Duration   `json:"period"`
	Values []*float64 `json:"values"`
}

// The series of a load step, counted by the time at which calls were planned
// (SeriesPlanned) or sent (all others). The warm-up is in them.
const (
	SeriesPlanned    = "planned"
	SeriesSent       = "sent"
	SeriesOK         = "ok"
	SeriesThrottled  = "throttled"
	SeriesErrors     = "errors"   // every other outcome of a sent call
	SeriesCapacity   = "capacity" // of the errors; where there are any, as the two after it
	SeriesReserved   = "reserved_tokens"
	SeriesSettled    = "quota_tokens" // of the calls that told their tokens
	SeriesTTFTP50    = "ttft_ms.p50"  // where there are streams
	SeriesTTFTP95    = "ttft_ms.p95"
	SeriesLatencyP50 = "latency_ms.p50"
	SeriesLatencyP95 = "latency_ms.p95"
)

// The AWS/Bedrock metrics that a monitor step reads, by their CloudWatch
// names. Source: "Monitoring Amazon Bedrock" in the user guide.
const (
	MetricInvocations  = "Invocations" // successful calls only
	MetricThrottles    = "InvocationThrottles"
	MetricClientErrors = "InvocationClientErrors"
	MetricServerErrors = "InvocationServerErrors"
	MetricInputTokens  = "InputTokenCount" // without those that are read from a cache or written to one
	MetricOutputTokens = "OutputTokenCount"
	// The tokens that AWS takes from the quota for calls that were successful; it
	// reserves more while they are under way.
	MetricQuotaTokens = "EstimatedTPMQuotaUsage"
	MetricCacheReads  = "CacheReadInputTokenCount"
	MetricCacheWrites = "CacheWriteInputTokenCount"

	MetricLatency    = "InvocationLatency"
	MetricFirstToken = "TimeToFirstToken" // of streams only
)

// CloudWatchMetrics lists the metrics of which a monitor step reads the Sum, in
// order.
var CloudWatchMetrics = []string{
	MetricInvocations, MetricThrottles, MetricClientErrors, MetricServerErrors, MetricInputTokens, MetricOutputTokens,
	MetricQuotaTokens, MetricCacheReads, MetricCacheWrites,
}

// usualMetrics is how many of them have a series whether they have a point or
// not; the others are not there in every Region, and for every model.
const usualMetrics = 6

// CloudWatchLevels lists the percentiles that a monitor step reads, in order.
var CloudWatchLevels = []Level{
	{MetricLatency, "p50"}, {MetricLatency, "p90"}, {MetricLatency, "p99"},
	{MetricFirstToken, "p50"}, {MetricFirstToken, "p90"}, {MetricFirstToken, "p99"},
}

// Level is a percentile of a metric, in milliseconds.
type Level struct{ Metric, Stat string }

// Name is what the level is called: InvocationLatency.p90.
func (l Level) Name() string { return l.Metric + "." + l.Stat }

// Find returns the series of a step and model by name.
func (r *Run) Find(step, model, name string) (Series, bool) {
	for _, s := range r.Series {
		if s.Step == step && s.Model == model && s.Name == name {
			return s, true
		}
	}
	return Series{}, false
}

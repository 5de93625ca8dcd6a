package quotas

import "strings"

// optimizedSuffix is what CloudWatch has behind the name of the series of calls
// that were served at optimized latency. Source: "Optimize model inference for
// latency" in the user guide.
const optimizedSuffix = "+latency-optimized"

// Series is the ModelId under which CloudWatch counts the calls by an id: the id
// as it was called, and of an ARN its last segment.
func Series(id string) string {
	if isARN(id) {
		return id[strings.LastIndexByte(id, '/')+1:]
	}
	return id
}

// OptimizedSeries is the series beside one, of the calls by the same id that were
// served at optimized latency.
func OptimizedSeries(series string) string { return series + optimizedSuffix }

// IsOptimizedSeries tells whether a series is one of these.
func IsOptimizedSeries(series string) bool { return strings.HasSuffix(series, optimizedSuffix) }

// StandardSeries is the series beside which one of optimized latency is; any
// other is its own.
func StandardSeries(series string) string { return strings.TrimSuffix(series, optimizedSuffix) }

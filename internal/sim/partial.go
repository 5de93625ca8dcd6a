package sim

import "time"

// partialData takes the later half of the points out of a reply of
// GetMetricData, and says so as CloudWatch does: by the status of each result. No
// token tells where the rest is.
func partialData(reply object) {
	results, _ := reply["MetricDataResults"].([]any)
	for _, r := range results {
		result, _ := r.(object)
		times, _ := result["Timestamps"].([]time.Time)
		values, _ := result["Values"].([]float64)
		if n := min(len(times), len(values)); n > 0 {
			result["Timestamps"], result["Values"] = times[:n/2], values[:n/2]
			result["StatusCode"] = "PartialData"
		}
	}
	delete(reply, "NextToken")
}

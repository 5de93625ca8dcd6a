package record

import (
	"fmt"
	"slices"
)

// What a monitor step reads of CloudWatch.
var trafficMetrics = slices.Concat([]Metric{
	{Name: "invocations", Unit: "calls", Doc: "Successful calls (CloudWatch Invocations, Sum).", FromTraffic: func(f *TrafficFold) Reading { return f.events(MetricInvocations) }},
	{Name: "throttles", Unit: "calls", Doc: "Throttled attempts (CloudWatch InvocationThrottles, Sum). Retries of an SDK count again.", FromTraffic: func(f *TrafficFold) Reading { return f.events(MetricThrottles) }},
	{Name: "client_errors", Unit: "calls", Doc: "CloudWatch InvocationClientErrors, Sum.", FromTraffic: func(f *TrafficFold) Reading { return f.events(MetricClientErrors) }},
	{Name: "server_errors", Unit: "calls", Doc: "CloudWatch InvocationServerErrors, Sum.", FromTraffic: func(f *TrafficFold) Reading { return f.events(MetricServerErrors) }},
	{Name: "errors", Unit: "calls", Doc: "client_errors + server_errors.", FromTraffic: func(f *TrafficFold) Reading { return f.events(MetricClientErrors, MetricServerErrors) }},
	{Name: "attempts", Unit: "calls", Doc: "invocations + throttles + client_errors + server_errors.", FromTraffic: func(f *TrafficFold) Reading { return f.events(eventMetrics...) }},
	{Name: "throttle_rate", Unit: "fraction", Doc: "throttles / attempts.", FromTraffic: (*TrafficFold).throttleRate},
	{Name: "longest_throttled_minutes", Unit: "minutes", Doc: "Length of the longest run of periods with throttles; a period that CloudWatch told nothing of ends it. A period counts whole, however few of its minutes throttled.", FromTraffic: (*TrafficFold).throttledMinutes},

	{Name: "input_tokens", Unit: "tokens", Doc: "CloudWatch InputTokenCount, Sum; without what was read from or written to a cache.", FromTraffic: func(f *TrafficFold) Reading { return f.sum(MetricInputTokens) }},
	{Name: "output_tokens", Unit: "tokens", Doc: "CloudWatch OutputTokenCount, Sum.", FromTraffic: func(f *TrafficFold) Reading { return f.sum(MetricOutputTokens) }},
	{Name: "cache_read_tokens", Unit: "tokens", Doc: "CloudWatch CacheReadInputTokenCount, Sum. They take from no quota. No data where no cache was read.", FromTraffic: func(f *TrafficFold) Reading { return f.sum(MetricCacheReads) }},
	{Name: "cache_write_tokens", Unit: "tokens", Doc: "CloudWatch CacheWriteInputTokenCount, Sum. No data where no cache was written.", FromTraffic: func(f *TrafficFold) Reading { return f.sum(MetricCacheWrites) }},
	{Name: "estimated_quota_tokens", Unit: "tokens", Doc: "Quota tokens by AWS's own estimate (CloudWatch EstimatedTPMQuotaUsage, Sum). What calls reserve for max_tokens is not in it.", FromTraffic: func(f *TrafficFold) Reading { return f.sum(MetricQuotaTokens) }},
	{Name: "computed_quota_tokens", Unit: "tokens", Doc: "Quota tokens by the counts of CloudWatch: input + cache writes + output x burndown. No data where the burndown is not known, as for all models together where they have not the same.", FromTraffic: (*TrafficFold).computed},

	{Name: "peak_rpm", Unit: "requests/min", Doc: "Attempts per minute in the busiest period." + meanOfPeriod, FromTraffic: func(f *TrafficFold) Reading { return f.calls.peak() }},
	{Name: "peak_tpm", Unit: "tokens/min", Doc: "Input + output tokens per minute in the busiest period; output is counted once, without burndown." + meanOfPeriod, FromTraffic: func(f *TrafficFold) Reading { return f.tokens.peak() }},
	{Name: "peak_quota_tpm", Unit: "tokens/min", Doc: "Quota tokens per minute in the busiest period: of each period the estimated or the computed ones, where both are known the higher." + meanOfPeriod, FromTraffic: func(f *TrafficFold) Reading { return f.quota.peak() }},
},
	percentiles("rpm", "requests/min", "attempts per minute", func(f *TrafficFold) counted { return f.calls }),
	percentiles("tpm", "tokens/min", "input + output tokens per minute", func(f *TrafficFold) counted { return f.tokens }),
	percentiles("quota_tpm", "tokens/min", "quota tokens per minute (as peak_quota_tpm)", func(f *TrafficFold) counted { return f.quota }),
	[]Metric{
		{Name: "busiest_hour_rpm", Unit: "requests/min", Doc: "Attempts per minute in the busiest hour of the week, the mean of the times that it was in the window. No data where the window is shorter than a week, or a period longer than an hour.", FromTraffic: func(f *TrafficFold) Reading { return known(f.busiest.rpm, f.busiest.occurrences) }},
		{Name: "utilization.rpm", Unit: "fraction of quota", Doc: "peak_rpm / quota.rpm.applied." + noQuota, FromTraffic: func(f *TrafficFold) Reading { return f.utilization(dimensionRPM, f.calls.peak()) }},
		{Name: "utilization.tpm", Unit: "fraction of quota", Doc: "peak_quota_tpm / quota.tpm.applied, since the quota counts quota tokens; where output burns down once and no cache is written it is peak_tpm / quota.tpm.applied." + noQuota, FromTraffic: func(f *TrafficFold) Reading { return f.utilization(dimensionTPM, f.quota.peak()) }},
		{Name: "utilization_p90.rpm", Unit: "fraction of quota", Doc: "rpm.p90 / quota.rpm.applied: a tenth of the periods with calls are above it." + noQuota, FromTraffic: func(f *TrafficFold) Reading { return f.utilization(dimensionRPM, f.calls.percentile(90)) }},
		{Name: "utilization_p90.tpm", Unit: "fraction of quota", Doc: "quota_tpm.p90 / quota.tpm.applied." + noQuota, FromTraffic: func(f *TrafficFold) Reading { return f.utilization(dimensionTPM, f.quota.percentile(90)) }},
	},
	times("latency_ms", MetricLatency, "from the request to the last token, of successful calls"),
	times("ttft_ms", MetricFirstToken, "from the request to the first token, of successful streams"),
	ends("growth.rpm", "fraction/day", "Growth of the daily peaks of attempts per minute; 0.02 is 2 % a day", ".", func(f *TrafficFold, end func(interval) float64) Reading { return f.growthOf(dimensionRPM, end) }),
	ends("growth.tpm", "fraction/day", "Growth of the daily peaks of quota tokens per minute", ".", func(f *TrafficFold, end func(interval) float64) Reading { return f.growthOf(dimensionTPM, end) }),
	ends("days_to_quota", "days", "Days from the end of the window until the first of the model's rpm and tpm quotas is reached"+horizon+"; known where it is known for each of them", wholeDays, (*TrafficFold).soonest),
	ends("days_to_quota.rpm", "days", "Days until the peak of a busy day reaches quota.rpm.applied"+horizon, wholeDays, func(f *TrafficFold, end func(interval) float64) Reading { return f.daysToQuota(dimensionRPM, end) }),
	ends("days_to_quota.tpm", "days", "Days until the peak of a busy day, in quota tokens, reaches quota.tpm.applied"+horizon, wholeDays, func(f *TrafficFold, end func(interval) float64) Reading { return f.daysToQuota(dimensionTPM, end) }),
	[]Metric{
		{Name: "points", Unit: "periods", Doc: "Periods of the window for which CloudWatch reported any call. Never unknown: 0 is an answer.", FromTraffic: func(f *TrafficFold) Reading {
			return Read(float64(len(f.calls.at)), f.traffic.periods())
		}},
		{Name: "coverage", Unit: "fraction", Doc: "points / periods in the window.", FromTraffic: func(f *TrafficFold) Reading {
			return Read(float64(len(f.calls.at))/float64(f.traffic.periods()), f.traffic.periods())
		}},
		{Name: "token_coverage", Unit: "fraction", Doc: "Of how many of the periods with successful calls any tokens were told. Below 1 the sums of tokens are too low.", FromTraffic: (*TrafficFold).tokenCoverage},
	})

const (
	meanOfPeriod = " It is the mean of that period: one of its minutes may have been higher, at most as many times as the period has minutes."
	noQuota      = " No data where the quota is not known, and for all models together."
	wholeDays    = ", in whole days; 365 says later than in a year, or never."
	horizon      = "; 0 says that it is reached, 365 that it is not within a year"
)

// percentiles is the rows of a rate.
func percentiles(name, unit, what string, of func(*TrafficFold) counted) []Metric {
	row := func(p int) Metric {
		return Metric{Name: fmt.Sprintf("%s.p%d", name, p), Unit: unit,
			Doc:         fmt.Sprintf("%dth percentile of the %s, over the periods that CloudWatch told of. Silent ones, idle or not known, are left out.", p, what),
			FromTraffic: func(f *TrafficFold) Reading { return of(f).percentile(p) }}
	}
	return []Metric{row(50), row(90), row(99)}
}

// times is the rows of a time that CloudWatch measures.
func times(name, metric, what string) (rows []Metric) {
	add := func(name, p, doc string, of func(f *TrafficFold, key string) Reading) {
		rows = append(rows, Metric{Name: name + "." + p, Unit: "ms", Doc: doc, FromTraffic: func(f *TrafficFold) Reading { return of(f, metric+"."+p) }})
	}
	for _, p := range []string{"p50", "p90", "p99"} {
		add(name, p, fmt.Sprintf("%s of the time %s (CloudWatch %s), over the whole window as CloudWatch works it out. Of the calls by the model's own id alone: percentiles of several series or periods do not add up.", p, what, metric), (*TrafficFold).overall)
	}
	for _, p := range []string{"p90", "p99"} {
		add("worst_"+name, p, fmt.Sprintf("Highest %s of the time %s in any one period. Of few calls in a short period it is near their maximum.", p, what), (*TrafficFold).worst)
	}
	return rows
}

// ends is the rows of a number with an interval.
func ends(name, unit, what, bounds string, of func(*TrafficFold, func(interval) float64) Reading) []Metric {
	row := func(word, doc string, end func(interval) float64) Metric {
		return Metric{Name: name + "." + word, Unit: unit, Doc: doc, FromTraffic: func(f *TrafficFold) Reading { return of(f, end) }}
	}
	return []Metric{
		row("low", "Lower end of the 95 % interval of "+name+".estimate"+bounds, func(i interval) float64 { return i.low }),
		row("estimate", fmt.Sprintf("%s. No data with fewer than %d whole days of traffic.", what, leastDays), func(i interval) float64 { return i.estimate }),
		row("high", "Upper end of the 95 % interval of "+name+".estimate"+bounds, func(i interval) float64 { return i.high }),
	}
}

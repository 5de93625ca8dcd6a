package record

// What a monitor step reads of CloudWatch.
var trafficMetrics = []Metric{
	{Name: "invocations", Unit: "calls", Doc: "Successful calls (CloudWatch Invocations, Sum).", FromTraffic: func(t *Traffic) Reading { return t.events(MetricInvocations) }},
	{Name: "throttles", Unit: "calls", Doc: "Throttled attempts (CloudWatch InvocationThrottles, Sum). Retries of an SDK count again.", FromTraffic: func(t *Traffic) Reading { return t.events(MetricThrottles) }},
	{Name: "client_errors", Unit: "calls", Doc: "CloudWatch InvocationClientErrors, Sum.", FromTraffic: func(t *Traffic) Reading { return t.events(MetricClientErrors) }},
	{Name: "server_errors", Unit: "calls", Doc: "CloudWatch InvocationServerErrors, Sum.", FromTraffic: func(t *Traffic) Reading { return t.events(MetricServerErrors) }},
	{Name: "attempts", Unit: "calls", Doc: "invocations + throttles + client_errors + server_errors.", FromTraffic: func(t *Traffic) Reading { return t.events(eventMetrics...) }},
	{Name: "throttle_rate", Unit: "fraction", Doc: "throttles / attempts.", FromTraffic: func(t *Traffic) Reading {
		throttles, attempts := t.events(MetricThrottles), t.events(eventMetrics...)
		if !attempts.Known {
			return Reading{}
		}
		return Read(throttles.Value/attempts.Value, int(attempts.Value))
	}},
	{Name: "input_tokens", Unit: "tokens", Doc: "CloudWatch InputTokenCount, Sum.", FromTraffic: func(t *Traffic) Reading { return t.sum(MetricInputTokens) }},
	{Name: "output_tokens", Unit: "tokens", Doc: "CloudWatch OutputTokenCount, Sum.", FromTraffic: func(t *Traffic) Reading { return t.sum(MetricOutputTokens) }},
	{Name: "peak_rpm", Unit: "requests/min", Doc: "Attempts per minute in the busiest period.", FromTraffic: func(t *Traffic) Reading { return t.peak(eventMetrics...) }},
	{Name: "peak_tpm", Unit: "tokens/min", Doc: "Input + output tokens per minute in the busiest period; output is counted once, without burndown.", FromTraffic: func(t *Traffic) Reading { return t.peak(MetricInputTokens, MetricOutputTokens) }},
	{Name: "points", Unit: "periods", Doc: "Periods of the window for which CloudWatch reported any call. Never unknown: 0 is an answer.", FromTraffic: func(t *Traffic) Reading { return Read(float64(len(t.reported())), t.periods()) }},
	{Name: "coverage", Unit: "fraction", Doc: "points / periods in the window.", FromTraffic: func(t *Traffic) Reading {
		return Read(float64(len(t.reported()))/float64(t.periods()), t.periods())
	}},
}

// Values answers every monitor metric.
func (t *Traffic) Values() Values {
	v := Values{}
	for _, m := range Metrics {
		if m.FromTraffic != nil {
			v[m.Name] = m.FromTraffic(t)
		}
	}
	return v
}

package record

import "time"

// Metric is a number that an assertion can read as STEP.NAME, and that stands
// under the same name in run.json. Exactly one of FromCalls, FromHealth and
// FromTraffic is set: it tells which kind of step has the metric.
type Metric struct {
	Name        string // dotted: latency_ms.p95
	Unit        string
	Doc         string
	FromCalls   func(*Fold) Reading
	FromHealth  func(*Health) Reading // of the step as a whole: the same for all its models
	FromTraffic func(*Traffic) Reading
}

// The kinds of steps that measure.
const (
	KindLoad    = "load"
	KindMonitor = "monitor"
)

// Kind is the kind of step that has the metric.
func (m Metric) Kind() string {
	if m.FromTraffic != nil {
		return KindMonitor
	}
	return KindLoad
}

// Metrics is the table of all metrics. A new one is a row here.
var Metrics = []Metric{
	{Name: "planned", Unit: "calls", Doc: "Calls that came due.", FromCalls: func(f *Fold) Reading { return f.counted(f.attempts() + f.measured[Dropped]) }},
	{Name: "attempts", Unit: "calls", Doc: "Calls that were sent, each once: nothing is retried.", FromCalls: func(f *Fold) Reading { return f.counted(f.attempts()) }},
	{Name: "dropped", Unit: "calls", Doc: "Calls that came due and could not be sent in time.", FromCalls: outcome(Dropped)},
	{Name: "ok", Unit: "calls", Doc: "Calls that were answered.", FromCalls: outcome(OK)},
	{Name: "throttled", Unit: "calls", Doc: "Calls that AWS refused by quota (429).", FromCalls: outcome(Throttled)},
	{Name: "capacity", Unit: "calls", Doc: "Calls that AWS refused for want of capacity (503), whatever the quota.", FromCalls: outcome(Capacity)},
	{Name: "server_errors", Unit: "calls", Doc: "Calls that failed on the side of AWS (5xx, model error, model timeout).", FromCalls: outcome(ServerError)},
	{Name: "client_errors", Unit: "calls", Doc: "Calls that AWS refused as wrong or not allowed (4xx but throttles).", FromCalls: outcome(ClientError)},
	{Name: "timeouts", Unit: "calls", Doc: "Calls without an answer within their deadline.", FromCalls: outcome(Timeout)},
	{Name: "connection_errors", Unit: "calls", Doc: "Calls that failed on the way: refused, reset, not resolved.", FromCalls: outcome(Connection)},
	{Name: "protocol_errors", Unit: "calls", Doc: "Answers that are not what the API promises.", FromCalls: outcome(Protocol)},
	{Name: "truncated", Unit: "calls", Doc: "Streams that ended without their last events.", FromCalls: outcome(Truncated)},
	{Name: "downgraded", Unit: "calls", Doc: "Calls that were ok, but served with another latency or service tier than was asked: what AWS does beyond the quota of a faster way.", FromCalls: func(f *Fold) Reading {
		if f.measured[OK] == 0 {
			return Reading{}
		}
		return Read(float64(f.downgraded), f.measured[OK])
	}},
	{Name: "errors", Unit: "calls", Doc: "Sent calls that were neither ok nor throttled.", FromCalls: func(f *Fold) Reading { return f.counted(f.failed()) }},
	{Name: "throttle_rate", Unit: "fraction", Doc: "throttled / attempts. No data where AWS answered no call with ok or throttled.", FromCalls: func(f *Fold) Reading { return f.rate(f.measured[Throttled]) }},
	{Name: "error_rate", Unit: "fraction", Doc: "errors / attempts.", FromCalls: func(f *Fold) Reading {
		if f.attempts() == 0 {
			return Reading{}
		}
		return Read(float64(f.failed())/float64(f.attempts()), f.attempts())
	}},
	{Name: "attempted_rpm", Unit: "requests/min", Doc: "Calls sent per minute, between the first and the last measured call.", FromCalls: func(f *Fold) Reading { return f.perMinute(f.attempts()) }},
	{Name: "ok_rpm", Unit: "requests/min", Doc: "Calls answered per minute, over the same time.", FromCalls: func(f *Fold) Reading { return f.perMinute(f.measured[OK]) }},
	{Name: "first_throttle_s", Unit: "s", Doc: "Time from the start of the step to the first throttled call. No data where nothing was throttled.", FromCalls: func(f *Fold) Reading {
		if f.firstBad.IsZero() {
			return Reading{}
		}
		return Read(f.firstBad.Sub(f.start).Seconds(), f.measured[Throttled])
	}},
	{Name: "input_tokens", Unit: "tokens", Doc: "Input tokens billed, of the calls that told them.", FromCalls: func(f *Fold) Reading { return f.tokens(f.inputs) }},
	{Name: "output_tokens", Unit: "tokens", Doc: "Output tokens billed, of the calls that told them.", FromCalls: func(f *Fold) Reading { return f.tokens(f.outputs) }},
	{Name: "quota_tokens", Unit: "tokens", Doc: "What the calls took from the tokens-per-minute quota: input + cache writes + output x burndown.", FromCalls: func(f *Fold) Reading { return f.tokens(f.quotaTokens) }},
	{Name: "usd", Unit: "USD", Doc: "Price of the calls, of those that told their tokens and whose price is known.", FromCalls: func(f *Fold) Reading {
		if f.priced == 0 {
			return Reading{}
		}
		return Read(float64(f.nanoUSD)/1e9, f.priced)
	}},
	{Name: "latency_ms.mean", Unit: "ms", Doc: "Mean time from the planned send to the complete answer, of calls that were ok.", FromCalls: func(f *Fold) Reading { return f.latency.mean() }},
	{Name: "latency_ms.p50", Unit: "ms", Doc: "Median of the same times (nearest rank; three digits are kept).", FromCalls: func(f *Fold) Reading { return f.latency.quantile(50) }},
	{Name: "latency_ms.p90", Unit: "ms", Doc: "90th percentile of the same times.", FromCalls: func(f *Fold) Reading { return f.latency.quantile(90) }},
	{Name: "latency_ms.p95", Unit: "ms", Doc: "95th percentile of the same times.", FromCalls: func(f *Fold) Reading { return f.latency.quantile(95) }},
	{Name: "latency_ms.p99", Unit: "ms", Doc: "99th percentile of the same times.", FromCalls: func(f *Fold) Reading { return f.latency.quantile(99) }},
	{Name: "latency_ms.max", Unit: "ms", Doc: "Longest of the same times.", FromCalls: func(f *Fold) Reading { return f.latency.quantile(100) }},
	{Name: "ttft_ms.p50", Unit: "ms", Doc: "Median time from the planned send to the first text, of streams that were ok.", FromCalls: func(f *Fold) Reading { return f.ttft.quantile(50) }},
	{Name: "ttft_ms.p90", Unit: "ms", Doc: "90th percentile of the same times.", FromCalls: func(f *Fold) Reading { return f.ttft.quantile(90) }},
	{Name: "ttft_ms.p95", Unit: "ms", Doc: "95th percentile of the same times.", FromCalls: func(f *Fold) Reading { return f.ttft.quantile(95) }},
	{Name: "ttft_ms.p99", Unit: "ms", Doc: "99th percentile of the same times.", FromCalls: func(f *Fold) Reading { return f.ttft.quantile(99) }},
	{Name: "service_ms.p50", Unit: "ms", Doc: "Median time from the real send to the complete answer, of calls that were ok.", FromCalls: func(f *Fold) Reading { return f.service.quantile(50) }},
	{Name: "service_ms.p95", Unit: "ms", Doc: "95th percentile of the same times.", FromCalls: func(f *Fold) Reading { return f.service.quantile(95) }},
	{Name: "lag_ms.p99", Unit: "ms", Doc: "99th percentile of the generator's own lateness: real send minus planned send.", FromCalls: func(f *Fold) Reading { return f.lag.quantile(99) }},
	{Name: "generator.achieved", Unit: "fraction", Doc: "Share of the calls that came due and were sent, of all models and with the warm-up: what is missing was dropped.", FromHealth: func(h *Health) Reading { return h.achieved() }},
	{Name: "generator.dropped", Unit: "calls", Doc: "Calls that came due and were not sent, of all models and with the warm-up.", FromHealth: func(h *Health) Reading { return Read(float64(h.Planned-h.Sent), h.Planned) }},
	{Name: "generator.lag_ms.p99", Unit: "ms", Doc: "99th percentile of the real send minus the planned send, of all models.", FromHealth: func(h *Health) Reading { return h.LagP99 }},
	{Name: "generator.gc_pause_ms.max", Unit: "ms", Doc: "Longest pause of the garbage collector during the step. No data in virtual time.", FromHealth: func(h *Health) Reading { return h.GCPauseMax }},
	{Name: "generator.steal", Unit: "fraction", Doc: "Share of the machine's processor time that its host gave to others during the step. No data where the system does not tell, and in virtual time.", FromHealth: func(h *Health) Reading { return h.Steal }},
	{Name: "generator.procs", Unit: "threads", Doc: "Threads that could run the program at once (GOMAXPROCS). No data in virtual time.", FromHealth: func(h *Health) Reading { return h.Procs }},

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

// Values answers every load metric.
func (f *Fold) Values() Values {
	v := Values{}
	for _, m := range Metrics {
		if m.FromCalls != nil {
			v[m.Name] = m.FromCalls(f)
		}
	}
	return v
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

func outcome(o Outcome) func(*Fold) Reading {
	return func(f *Fold) Reading { return f.counted(f.measured[o]) }
}

// counted is a count, once any measured call came due: before that, zero would
// claim a measurement that did not happen.
func (f *Fold) counted(n int) Reading {
	due := f.attempts() + f.measured[Dropped]
	if due == 0 {
		return Reading{}
	}
	return Read(float64(n), due)
}

// failed counts sent calls that were neither ok nor throttled.
func (f *Fold) failed() int { return f.attempts() - f.measured[OK] - f.measured[Throttled] }

// rate is n / attempts, where AWS told of any call whether it fits the quota.
// A run in which every call was refused or lost for another reason says
// nothing about throttling.
func (f *Fold) rate(n int) Reading {
	if f.measured[OK]+f.measured[Throttled] == 0 {
		return Reading{}
	}
	return Read(float64(n)/float64(f.attempts()), f.attempts())
}

// perMinute spreads n calls over the time from the first to the last planned
// call. The last of k calls opens the k-th gap, hence k/(k-1).
func (f *Fold) perMinute(n int) Reading {
	due := f.attempts() + f.measured[Dropped]
	span := f.last.Sub(f.first)
	if due < 2 || span <= 0 {
		return Reading{}
	}
	span = time.Duration(float64(span) * float64(due) / float64(due-1))
	return Read(float64(n)/span.Minutes(), due)
}

func (f *Fold) tokens(n int64) Reading {
	if f.usages == 0 {
		return Reading{}
	}
	return Read(float64(n), f.usages)
}

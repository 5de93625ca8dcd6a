package record

import (
	"slices"
	"time"
)

// What a load step counts of its calls.
var callMetrics = []Metric{
	{Name: "planned", Unit: "calls", Doc: "Calls that came due.", FromCalls: func(s *Sum) Reading { return s.counted(s.due()) }},
	{Name: "attempts", Unit: "calls", Doc: "Requests on the wire: each call once, unless the step has a `client` that retries. The counts by outcome (ok, throttled, errors and all that they are made of) are of these.", FromCalls: func(s *Sum) Reading { return s.counted(s.attempts()) }},
	{Name: "calls", Unit: "calls", Doc: "Calls that ended, whatever came of them: sent, once at least, or given up by the step's `client`.", FromCalls: func(s *Sum) Reading { return s.counted(s.finished) }},
	{Name: "dropped", Unit: "calls", Doc: "Calls that came due and could not be sent in time, or waited for the step's `client` as their ramp ended. Those of which an attempt was sent before count among calls as well.", FromCalls: outcome(Dropped)},
	{Name: "given_up", Unit: "calls", Doc: "Calls that the step's `client` let wait as long as they may, and did not send, or not again. No data without `client`.", FromCalls: func(s *Sum) Reading { return known(float64(s.of(GivenUp)), s.clients) }},
	{Name: "retry_count", Unit: "attempts", Doc: "Attempts beyond the first of a call. No data without `client`.", FromCalls: func(s *Sum) Reading { return known(float64(s.retries), s.clients) }},
	{Name: "ok", Unit: "calls", Doc: "Calls that were answered.", FromCalls: outcome(OK)},
	{Name: "throttled", Unit: "calls", Doc: "Calls that AWS refused by quota (429).", FromCalls: outcome(Throttled)},
	{Name: "throttled_by.requests", Unit: "calls", Doc: "Throttled calls of which AWS said that there were too many requests.", FromCalls: limit(LimitRequests)},
	{Name: "throttled_by.tokens", Unit: "calls", Doc: "Throttled calls of which AWS said that there were too many tokens.", FromCalls: limit(LimitTokens)},
	{Name: "throttled_by.tokens_per_day", Unit: "calls", Doc: "Throttled calls of which AWS said that the tokens of the day are used up.", FromCalls: limit(LimitTokensPerDay)},
	{Name: "throttled_by.concurrency", Unit: "calls", Doc: "Throttled calls of which AWS said that there were too many at once.", FromCalls: limit(LimitConcurrency)},
	{Name: "throttled_by.unspecified", Unit: "calls", Doc: "Throttled calls of which AWS named no limit that is known.", FromCalls: func(s *Sum) Reading { return s.counted(s.limited[limits-1]) }},
	{Name: "throttled_mid_stream", Unit: "calls", Doc: "Throttled calls that AWS had accepted (200) and refused in the stream.", FromCalls: func(s *Sum) Reading { return s.counted(s.midThrottle) }},
	{Name: "capacity", Unit: "calls", Doc: "Calls that AWS refused for want of capacity (503), whatever the quota.", FromCalls: outcome(Capacity)},
	{Name: "server_errors", Unit: "calls", Doc: "Calls that failed on the side of AWS (5xx, model error, model timeout).", FromCalls: outcome(ServerError)},
	{Name: "client_errors", Unit: "calls", Doc: "Calls that AWS refused as wrong or not allowed (4xx but throttles).", FromCalls: outcome(ClientError)},
	{Name: "timeouts", Unit: "calls", Doc: "Calls without an answer within their deadline.", FromCalls: outcome(Timeout)},
	{Name: "connection_errors", Unit: "calls", Doc: "Calls that failed on the way: refused, reset, not resolved.", FromCalls: outcome(Connection)},
	{Name: "protocol_errors", Unit: "calls", Doc: "Answers that are not what the API promises.", FromCalls: outcome(Protocol)},
	{Name: "truncated", Unit: "calls", Doc: "Streams that ended without their last events.", FromCalls: outcome(Truncated)},
	{Name: "mid_stream_errors", Unit: "calls", Doc: "Calls of any outcome that AWS had accepted (200) and told an error of in the stream.", FromCalls: func(s *Sum) Reading { return s.counted(s.midStream) }},
	{Name: "downgraded", Unit: "calls", Doc: "Calls that were ok, but served with another latency or service tier than was asked: what AWS does beyond the quota of a faster way.", FromCalls: func(s *Sum) Reading { return known(float64(s.downgraded), s.of(OK)) }},
	{Name: "errors", Unit: "calls", Doc: "Sent calls that were neither ok nor throttled.", FromCalls: func(s *Sum) Reading { return s.counted(s.failed()) }},
	{Name: "throttle_rate", Unit: "fraction", Share: true, Doc: "throttled / attempts. No data where AWS answered no call with ok or throttled.", FromCalls: func(s *Sum) Reading {
		return s.rated(s.rate(s.of(Throttled)), func(w *shares) (int, int) { return w.throttled, w.attempts })
	}},
	{Name: "error_rate", Unit: "fraction", Share: true, Doc: "errors / attempts.", FromCalls: func(s *Sum) Reading {
		return s.rated(known(float64(s.failed())/float64(s.attempts()), s.attempts()), func(w *shares) (int, int) { return w.failed, w.attempts })
	}},
	{Name: "success_rate", Unit: "fraction", Share: true, OfCalls: true, Doc: "ok / calls.", FromCalls: func(s *Sum) Reading {
		return s.rated(known(float64(s.of(OK))/float64(s.finished), s.finished), func(w *shares) (int, int) { return w.ok, w.calls })
	}},
	{Name: "amplification", Unit: "attempts/call", Doc: "attempts / calls, of the calls that ended: in `stop_when`, those under way do not count. No data without `client`.", FromCalls: func(s *Sum) Reading {
		return known(float64(s.tries)/float64(s.clients), s.clients)
	}},
	{Name: "goodput", Unit: "fraction", Share: true, OfCalls: true, Doc: "Calls that kept every time of `slo` / calls. A call that was not ok kept none. No data without `slo`.", FromCalls: func(s *Sum) Reading {
		return s.rated(known(float64(s.good)/float64(s.judged), s.judged), func(w *shares) (int, int) { return w.good, w.judged })
	}},
	{Name: "offered_rpm", Unit: "calls/min", Doc: "Calls that came due per minute, between the first and the last measured call.", FromCalls: func(s *Sum) Reading { return s.perMinute(float64(s.due()), s.due()) }},
	{Name: "attempted_rpm", Unit: "requests/min", Doc: "Requests sent per minute, between the first and the last measured call; of a step with a `client`, between the first and the last that was sent.", FromCalls: func(s *Sum) Reading { return s.sentPerMinute(float64(s.attempts()), s.due()) }},
	{Name: "ok_rpm", Unit: "requests/min", Doc: "Calls answered per minute, over the same time.", FromCalls: func(s *Sum) Reading { return s.sentPerMinute(float64(s.of(OK)), s.due()) }},
	{Name: "reserved_tpm", Unit: "tokens/min", Doc: "Tokens that the calls sent asked of the quota as they began (input, as it was estimated, + max_tokens), per minute over the same time.", FromCalls: func(s *Sum) Reading { return s.sentPerMinute(float64(s.reserved), s.asked) }},
	{Name: "settled_tpm", Unit: "tokens/min", Doc: "quota_tokens per minute over the same time.", FromCalls: func(s *Sum) Reading { return s.sentPerMinute(float64(s.quotaTokens), s.usages) }},
	{Name: "billed_tpm", Unit: "tokens/min", Doc: "billed_tokens per minute over the same time.", FromCalls: func(s *Sum) Reading { return s.sentPerMinute(float64(s.billed()), s.usages) }},
	{Name: "output_tokens_per_s", Unit: "tokens/s", Doc: "output_tokens per second over the same time: of all calls together, where tpot_ms is of one.", FromCalls: func(s *Sum) Reading { return s.sentPerMinute(float64(s.outputs)/60, s.usages) }},
	{Name: "first_throttle_s", Unit: "s", Doc: "Time from the start of the step until the first throttled call came due or, of a step with a `client`, was sent. No data where nothing was throttled.", FromCalls: func(s *Sum) Reading {
		return known(s.firstBad.Sub(s.fold.start).Seconds(), s.of(Throttled))
	}},
	{Name: "first_throttle_rpm", Unit: "requests/min", Afterwards: true, Doc: "Calls sent per minute at that moment: in the windows of the series that hold the minute before it, or what there was of it, with the warm-up. Known when the step is over, and so not in `stop_when`.", FromCalls: func(s *Sum) Reading {
		return s.atThrottle(func(w *window) (float64, int) { return float64(w.sent), w.sent })
	}},
	{Name: "first_throttle_tpm", Unit: "tokens/min", Afterwards: true, Doc: "Tokens reserved per minute, at that moment and over the same windows. Not in `stop_when` either.", FromCalls: func(s *Sum) Reading {
		return s.atThrottle(func(w *window) (float64, int) { return float64(w.reserved), w.asked })
	}},
	{Name: "input_tokens", Unit: "tokens", Doc: "Input tokens billed, of the calls that told them.", FromCalls: func(s *Sum) Reading { return known(float64(s.inputs), s.usages) }},
	{Name: "output_tokens", Unit: "tokens", Doc: "Output tokens billed, of the calls that told them.", FromCalls: func(s *Sum) Reading { return known(float64(s.outputs), s.usages) }},
	{Name: "billed_tokens", Unit: "tokens", Doc: "Input and output tokens, and those written to prompt caches and read from them, of the calls that told them.", FromCalls: func(s *Sum) Reading { return known(float64(s.billed()), s.usages) }},
	{Name: "quota_tokens", Unit: "tokens", Doc: "What the calls took from the tokens-per-minute quota: input + cache writes + output x burndown.", FromCalls: func(s *Sum) Reading { return known(float64(s.quotaTokens), s.usages) }},
	{Name: "usd", Unit: "USD", Doc: "Price of the calls, of those that told their tokens and whose price is known.", FromCalls: func(s *Sum) Reading { return known(float64(s.nanoUSD)/1e9, s.priced) }},
}

func outcome(o Outcome) func(*Sum) Reading {
	return func(s *Sum) Reading { return s.counted(s.of(o)) }
}

func limit(name string) func(*Sum) Reading {
	i := slices.Index(Limits, name)
	return func(s *Sum) Reading { return s.counted(s.limited[i]) }
}

// known is a value with samples behind it; without any there is no data.
func known(v float64, samples int) Reading {
	if samples == 0 {
		return Reading{}
	}
	return Read(v, samples)
}

// counted is a count, once any measured call came due: before that, zero would
// claim a measurement that did not happen.
func (s *Sum) counted(n int) Reading { return known(float64(n), s.lines()) }

// rate is n / attempts, where AWS told of any call whether it fits the quota.
// A run in which every call was refused or lost for another reason says
// nothing about throttling.
func (s *Sum) rate(n int) Reading {
	if s.of(OK)+s.of(Throttled) == 0 {
		return Reading{}
	}
	return Read(float64(n)/float64(s.attempts()), s.attempts())
}

func (s *Sum) billed() int64 { return s.inputs + s.outputs + s.cached }

// perMinute spreads a sum over the time from the first to the last planned call.
func (s *Sum) perMinute(v float64, samples int) Reading {
	return minutely(v, samples, s.due(), s.last.Sub(s.first))
}

// sentPerMinute is the same for what was sent: where a client holds calls, over the
// time in which it did that.
func (s *Sum) sentPerMinute(v float64, samples int) Reading {
	if s.out.IsZero() {
		return s.perMinute(v, samples)
	}
	return minutely(v, samples, s.attempts(), s.lastly.Sub(s.out))
}

// minutely is a sum per minute, of k calls over the time from the first to the last.
// The last of them opens the k-th gap, hence k/(k-1).
func minutely(v float64, samples, k int, span time.Duration) Reading {
	if k < 2 || span <= 0 || samples == 0 {
		return Reading{}
	}
	span = time.Duration(float64(span) * float64(k) / float64(k-1))
	return Read(v/span.Minutes(), samples)
}

// atThrottle is a number per minute over the windows that hold the minute
// before the first throttled call, and the call: those of the whole step, since
// the minute before a part of it may lie outside. A fold without windows has none.
func (s *Sum) atThrottle(of func(*window) (v float64, samples int)) Reading {
	f := s.fold
	if f.whole != nil {
		f = f.whole
	}
	if s.firstBad.IsZero() || len(f.windows) == 0 {
		return Reading{}
	}
	at := s.firstBad.Sub(f.start)
	last := int(min(max(at/f.period, 0), farthest))
	first := max(0, int((at-time.Minute)/f.period))
	// The last window of a step may have been cut off by its end.
	end := min(time.Duration(last+1)*f.period, f.latest())
	length := end - time.Duration(first)*f.period
	if length <= 0 {
		return Reading{}
	}
	var sum float64
	n := 0
	for i := first; i <= last; i++ {
		if w := f.windows[i]; w != nil {
			v, k := of(w)
			sum, n = sum+v, n+k
		}
	}
	return known(sum/length.Minutes(), n)
}

package record

import "time"

// Outcome says how a call ended. It is data, never an error.
type Outcome string

// The outcomes of a call. GivenUp and Dropped were never sent; see [Outcome.Sent].
const (
	OK          Outcome = "ok"
	Throttled   Outcome = "throttled"    // AWS refused it by quota: a measurement
	Capacity    Outcome = "capacity"     // 503 or not ready: AWS had no room, whatever the quota
	ServerError Outcome = "server_error" // 5xx, model timeout, model error
	ClientError Outcome = "client_error" // other 4xx: the request or its rights are wrong
	Timeout     Outcome = "timeout"      // no answer within the call's deadline
	Connection  Outcome = "connection"   // refused, reset, not resolved
	Protocol    Outcome = "protocol"     // an answer that is not what the API promises
	Truncated   Outcome = "truncated"    // a stream without its last events
	GivenUp     Outcome = "given_up"     // the client of the step let it wait as long as it may, and did not send it
	Dropped     Outcome = "dropped"      // came due, but could not be sent in time
)

// Outcomes lists every outcome in the order in which reports show them.
var Outcomes = []Outcome{OK, Throttled, Capacity, ServerError, ClientError, Timeout, Connection, Protocol, Truncated, GivenUp, Dropped}

// Sent tells whether there was a request on the wire.
func (o Outcome) Sent() bool { return o != GivenUp && o != Dropped }

// The limits that AWS names in the texts of its refusals.
const (
	LimitRequests     = "requests"       // a minute
	LimitTokens       = "tokens"         // a minute
	LimitTokensPerDay = "tokens_per_day" // of the account or the model: it does not refill within the day
	LimitConcurrency  = "concurrency"    // calls or connections at once
)

// Limits lists them in the order in which reports show them.
var Limits = []string{LimitRequests, LimitTokens, LimitTokensPerDay, LimitConcurrency}

// Call is one model invocation as it was planned and as it went: one line of
// the journal. The client of a step may make several attempts of a call: each is a
// line, with the Seq of the call, and all but the last are Retried. Texts in it come
// from outside and are clean (see [Clean]).
type Call struct {
	Seq     int       `json:"seq"` // 0-based, in order of planned time within the step
	Step    string    `json:"step"`
	Model   string    `json:"model"`
	Stage   int       `json:"stage"`            // index into Step.Stages
	Warmup  bool      `json:"warmup,omitempty"` // left out of the metrics
	Planned time.Time `json:"planned"`

	// Lag is sent minus planned; Took is end minus sent. Both are zero for a
	// dropped call; of one that was given up, Lag is when that was.
	Lag  time.Duration `json:"lag_ns"`
	Took time.Duration `json:"took_ns"`
	// Held is the part of Lag that the client of the step took: the attempts
	// before, the time until a retry, and the waits for a turn. The rest of Lag is
	// our own lateness. Waited is those waits alone, of the call so far.
	Held   time.Duration `json:"held_ns,omitempty"`
	Waited time.Duration `json:"waited_ns,omitempty"`
	// TTFT is the first text of a stream minus sent; 0 where none came, or
	// where the reply is no stream.
	TTFT time.Duration `json:"ttft_ns,omitempty"`
	// FirstByte is the head of a reply that is no error, minus sent; 0 where none
	// came. Gap is the longest time between two texts of a stream.
	FirstByte time.Duration `json:"first_byte_ns,omitempty"`
	Gap       time.Duration `json:"gap_ns,omitempty"`

	// Attempt counts the attempts of a call from 1, and is 0 in a step without a
	// client. Retried: another line of the call follows.
	Attempt int  `json:"attempt,omitempty"`
	Retried bool `json:"retried,omitempty"`

	Outcome Outcome `json:"outcome"`
	// Status is the HTTP status, 0 where there was none. What fails in the
	// middle of a stream has the status 200.
	Status  int    `json:"status,omitempty"`
	Code    string `json:"code,omitempty"` // the AWS error code, or our reason for a drop
	Message string `json:"message,omitempty"`
	// Limit is which limit AWS named as it refused the call, one of [Limits]; ""
	// where it named none that is known, and for other outcomes.
	Limit string `json:"limit,omitempty"`
	// MidStream: AWS told the error after the status 200, in the stream.
	MidStream bool `json:"mid_stream,omitempty"`
	// Served is the service tier or the latency that the reply tells, where it
	// is another than was asked: AWS serves what is over the quota of a faster
	// way in a slower one, instead of a throttle.
	Served string `json:"served,omitempty"`

	// ReservedTokens is what the call asked of the tokens-per-minute quota as it
	// began: input, as it was estimated, + max_tokens. 0 for a dropped call.
	ReservedTokens int64 `json:"reserved_tokens,omitempty"`
	// Usage is nil where the reply told no token counts: unknown, not zero.
	Usage *Usage `json:"usage,omitempty"`
	// QuotaTokens is what the call took from the tokens-per-minute quota at
	// settlement: input + cache writes + output x burndown. 0 where Usage is nil.
	QuotaTokens int64 `json:"quota_tokens,omitempty"`
	// USD is the price of the call; nil where the price or the usage is unknown.
	USD *float64 `json:"usd,omitempty"`
}

// Usage is the billed token count of one reply. Input leaves out what was read
// from a prompt cache or written to one; a reply that tells neither used none.
type Usage struct {
	Input      int64 `json:"input"`
	Output     int64 `json:"output"`
	CacheRead  int64 `json:"cache_read,omitempty"`
	CacheWrite int64 `json:"cache_write,omitempty"`
}

// ended reports whether a call that was sent, or given up, ended here. Of one that
// is dropped before a retry an attempt was sent.
func (c *Call) ended() bool { return !c.Retried && (c.Outcome != Dropped || c.Attempt > 1) }

// At is the time by which a line is put among others: an attempt of a client, which
// may hold it for long, when it was sent or given up, and else when the call came
// due.
func (c *Call) At() time.Time {
	if c.Attempt > 0 {
		return c.Sent()
	}
	return c.Planned
}

// Sent is the time at which the call went out.
func (c *Call) Sent() time.Time { return c.Planned.Add(c.Lag) }

// End is the time at which the reply was complete, or known to be missing.
func (c *Call) End() time.Time { return c.Sent().Add(c.Took) }

// TPOT is the time per output token after the first text: (end - first text) /
// (output tokens - 1). It is not ok where that is not known.
func (c *Call) TPOT() (_ time.Duration, ok bool) {
	if c.TTFT <= 0 || c.Usage == nil || c.Usage.Output < 2 || c.Took < c.TTFT {
		return 0, false
	}
	return (c.Took - c.TTFT) / time.Duration(c.Usage.Output-1), true
}

// SLO is what a call must keep to count as good; 0 asks nothing.
type SLO struct {
	// TTFT and Latency count from the planned time, as the metrics do.
	TTFT    Duration `json:"ttft,omitempty"`
	Latency Duration `json:"latency,omitempty"`
	TPOT    Duration `json:"tpot,omitempty"`
}

// Met tells whether a call was good. What is asked and not known is not met.
func (s *SLO) Met(c *Call) bool {
	if c.Outcome != OK || s.Latency > 0 && c.Lag+c.Took > time.Duration(s.Latency) {
		return false
	}
	if s.TTFT > 0 && (c.TTFT <= 0 || c.Lag+c.TTFT > time.Duration(s.TTFT)) {
		return false
	}
	if s.TPOT == 0 || c.Usage != nil && c.Usage.Output < 2 {
		return true // a single token has no time between tokens
	}
	t, known := c.TPOT()
	return known && t <= time.Duration(s.TPOT)
}

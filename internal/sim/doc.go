// Package sim simulates one AWS account: its quotas, its Bedrock models, and
// the CloudWatch metrics that come out of using them.
//
// The account is an [http.Handler] that speaks the wire forms of the AWS
// services, so that any AWS client can talk to it. It imports nothing of this
// project: a fault of the client and a fault of the account can not cancel out.
//
// The way of a model call through the account:
//
//  1. A row of [APIs] claims the request (api.go, wire.go).
//  2. The model id, profile id or ARN is looked up (targets.go), and the body
//     is read as the model's family wants it (family*.go, converse.go).
//  3. The pool that belongs to the base model and the scope of the call admits
//     it or throttles it, reserving input + max_tokens (pool.go; the limiters
//     are bucket.go, fixed.go and sliding.go).
//  4. The output length and the latency are drawn (chance.go), and the call
//     waits (invocation.go).
//     Streams send their tokens meanwhile, each at its time (pace.go, stream*.go,
//     in the frames of eventstream.go).
//  5. The reservation is settled to what was used, the call is counted
//     (counts.go) and becomes CloudWatch data (metrics.go).
//
// Background traffic (background.go) is the other source of CloudWatch data: a
// pure function of the account's seed, the row and the minute.
//
// CloudWatch answers in CBOR, JSON 1.0 and the query form (codec.go, form.go,
// replyxml.go); an operation is written once, on objects that are free of the wire
// form. Series come from metricseries.go, metric math from math*.go, and alarms
// are kept but never evaluated (alarms.go).
//
// Time is read with the plain time package, and every random draw has a source
// of its own keyed by (seed, request number, purpose): inside a testing/synctest
// bubble the same requests at the same instants give the same replies.
//
// # The account file
//
// Parse knows these keys, all optional but those marked with a star:
//
//	account, region, seed
//	quotas:      code*, name*, value*, default (value), adjustable (false),
//	             applied (value, or none: no applied value; then default* and no value),
//	             error: code* (or the code alone), message; the applied value can not be read
//	models:      id*, name, provider, inference_types ([ON_DEMAND]), modalities ([TEXT]),
//	             lifecycle (ACTIVE), streaming (true), burndown (1), max_output (4096),
//	             latency: first_token (200ms), per_token (5ms), spread (0.2), under_load (1: factor
//	             on the latency where the pool is full)
//	             mid_stream_throttle (0: fraction of the streams that a throttle ends)
//	             output_tokens: mean (40), spread (0.3)
//	             limits: rpm, tpm, tpd, concurrent (0: unlimited), algorithm (bucket, fixed,
//	             sliding), burst (rpm), burst_tokens (tpm)
//	             access: agreement (AVAILABLE, PENDING, NOT_AVAILABLE, ERROR), authorization
//	             (AUTHORIZED, NOT_AUTHORIZED), entitlement, region (AVAILABLE, NOT_AVAILABLE);
//	             where one is not its first value, calls are refused
//	             lifetime: start, legacy, extended_access, end: dates; calls after the end are refused
//	             customizations (none): FINE_TUNING, CONTINUED_PRE_TRAINING, DISTILLATION
//	             price: input*, output* (USD for a million tokens): in the Price List
//	profiles:    id*, name, models*, limits; an id that is an application-inference-profile
//	             ARN makes an application profile, whose models may name a system profile
//	provisioned: arn or id*, name, model*, units (1), status (InService), commitment, created (2025-01-01)
//	traffic:     model*, rpm*, peak, period (24h), growth (0), weekend (1: factor on Saturdays and
//	             Sundays UTC), throttled (0), input_tokens (200),
//	             output_tokens and latency (as the model), since (always),
//	             incidents: ago*, for*, throttled, rpm
//	credentials: access_key*, secret_key*, session_token, expires (never): as soon as the file gives
//	             these or bearer_keys, a request that no such key has signed is refused
//	bearer_keys: texts that stand for a signature in requests to Bedrock
//	metrics:     delay (0s)
//	service_quotas: rate_limits (false): the API refuses more calls a second than AWS takes
//	faults:      an empty list, for now
//
// Dates are 2026-01-31 or 2026-01-31T12:00:00Z. Durations carry a unit, d for days included; counts may be written 50k or 2M.
//
// # Streams
//
// A stream is the call that it would be in one piece, with the same draws: the
// same text and tokens, and its end where the whole reply would have come. Its
// header goes out with the first token. It is settled and counted just before
// its last events; where its client goes away, at that moment. A stream that
// mid_stream_throttle ends counts as a throttle, is no invocation, and is
// charged its input and the tokens that it sent: AWS documents none of that.
// Background traffic does not stream: TimeToFirstToken shows callers alone.
//
// under_load makes calls slower the more of them are in flight in their pool:
// see slowdown (pace.go) for the rule. serviceTier and performanceConfig change
// nothing but what the reply says.
//
// No value here was compared with live AWS. Where AWS documents nothing, the
// behaviour is an option of the account file.
package sim

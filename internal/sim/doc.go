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
//  5. The reservation is settled to what was used, the call is counted
//     (counts.go) and becomes CloudWatch data (metrics.go).
//
// Background traffic (background.go) is the other source of CloudWatch data: a
// pure function of the account's seed, the row and the minute.
//
// Time is read with the plain time package, and every random draw has a source
// of its own keyed by (seed, request number, purpose): inside a testing/synctest
// bubble the same requests at the same instants give the same replies.
//
// Beside the services of AWS, the account answers a browser at / and shows its
// state at /_loadline/state (status.go, state.go); Reload puts another account
// in its place (reload.go).
//
// # The account file
//
// Parse knows these keys, all optional but those marked with a star:
//
//	account, region, seed
//	quotas:      code*, name*, value*, default (value), adjustable (false)
//	models:      id*, name, provider, inference_types ([ON_DEMAND]), modalities ([TEXT]),
//	             lifecycle (ACTIVE), streaming (true), burndown (1), max_output (4096),
//	             latency: first_token (200ms), per_token (5ms), spread (0.2)
//	             output_tokens: mean (40), spread (0.3)
//	             limits: rpm, tpm, tpd, concurrent (0: unlimited), algorithm (bucket, fixed,
//	             sliding), burst (rpm), burst_tokens (tpm)
//	profiles:    id*, name, models*, limits; an id that is an application-inference-profile
//	             ARN makes an application profile, whose models may name a system profile
//	provisioned: arn or id*, name, model*, units (1), status (InService), commitment
//	traffic:     model*, rpm*, peak, period (24h), growth (0), throttled (0), input_tokens (200),
//	             output_tokens and latency (as the model), since (always),
//	             incidents: ago*, for*, throttled, rpm
//	metrics:     delay (0s)
//	faults:      an empty list, for now
//
// Schema and Keys say the same to editors and documents, out of the readers of
// Parse themselves; a new key needs a sentence in keyDocs (schema_docs.go).
//
// Durations carry a unit, d for days included; counts may be written 50k or 2M.
//
// No value here was compared with live AWS. Where AWS documents nothing, the
// behaviour is an option of the account file.
package sim

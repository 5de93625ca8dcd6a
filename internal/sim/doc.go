// Package sim simulates one AWS account: its quotas, its Bedrock models, and
// the CloudWatch metrics that come out of using them.
//
// The account is an [http.Handler] that speaks the wire forms of the AWS
// services, so that any AWS client can talk to it. It imports nothing of this
// project: a fault of the client and a fault of the account can not cancel out.
//
// The way of a model call through the account:
//
//  1. A row of [APIs] claims the request (api.go, wire.go). A row of faults may
//     take it away, or harm its reply later on (faults*.go).
//  2. The model id, profile id or ARN is looked up (targets.go), and the body
//     is read as the model's family wants it: families.go is the table of them,
//     bodyform.go and conversation.go check bodies, family_*.go has the forms and
//     the replies, vectors.go what embeddings are made of. Converse has a form of
//     its own (converse.go).
//  3. A model without room, or not ready yet, turns the call away
//     (availability.go). Else the pool that belongs to the base model and the
//     scope of the call admits it or throttles it, reserving input + cache
//     writes + max_tokens (pool.go, cache.go; the limiters are bucket.go,
//     fixed.go and sliding.go).
//  4. The output length and the latency are drawn (chance.go), and the call
//     waits (invocation.go).
//     Streams send their tokens meanwhile, each at its time (pace.go, stream*.go,
//     in the frames of eventstream.go).
//  5. The reservation is settled to what was used, the call is counted
//     (counts.go) and becomes CloudWatch data (metrics.go), in the series of its
//     model id, service tier and images (dimensions.go).
//
// Background traffic (background.go) is the other source of CloudWatch data: a
// pure function of the account's seed, the row and the minute.
//
// CloudWatch answers in CBOR, JSON 1.0 and the query form (codec.go, form.go,
// replyxml.go); an operation is written once, on objects that are free of the wire
// form. Series come from metricseries.go, metric math from math*.go, and alarms
// are evaluated by the minute and act on nothing (alarm*.go).
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
//	quotas:      code*, name*, value*, default (value), adjustable (false),
//	             applied (value, or none: no applied value; then default* and no value),
//	             error: code* (or the code alone), message; the applied value can not be read
//	models:      id*, name, provider, inference_types ([ON_DEMAND]), modalities ([TEXT]),
//	             lifecycle (ACTIVE), streaming (true), token_headers (true), burndown (1), max_output (4096),
//	             latency: first_token (200ms), per_token (5ms), spread (0.2), under_load (1: factor
//	             on the latency where the pool is full)
//	             mid_stream_throttle (0: fraction of the streams that a throttle ends)
//	             output_tokens: mean (40), spread (0.3)
//	             limits: rpm, tpm, tpd, concurrent (0: unlimited), algorithm (bucket, fixed,
//	             sliding), burst (rpm), burst_tokens (tpm), adjust (0s, never: how often a
//	             reservation moves toward its settlement), entitled (true; false: quotas of
//	             zero, every call is throttled for the tokens of the day), throttled_consume_rpm
//	             (false)
//	             optimized, for calls with performanceConfig latency=optimized: limits (none of
//	             their own), latency (1: factor on it)
//	             access: agreement (AVAILABLE, PENDING, NOT_AVAILABLE, ERROR), authorization
//	             (AUTHORIZED, NOT_AUTHORIZED), entitlement, region (AVAILABLE, NOT_AVAILABLE);
//	             where one is not its first value, calls are refused
//	             lifetime: start, legacy, extended_access, end: dates; calls after the end are refused
//	             customizations (none): FINE_TUNING, CONTINUED_PRE_TRAINING, DISTILLATION
//	             price: input*, output* (USD for a million tokens): in the Price List
//	             cache, of every call beside its input: read_tokens, write_tokens, hits (1: the
//	             share of calls that read; the others write both), spread (0), reserve_reads (false)
//	             capacity, a 503 apart from the quotas, the first row that holds: from (0s), for
//	             (always), probability (1)
//	             cold_start (0s): for so long after its first call the model is not ready, a 429
//	             that is no throttle
//	account_tpd: tokens a day of all models together, but Provisioned Throughput (unlimited)
//	account_tpd_algorithm: bucket, fixed, sliding (bucket)
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
//	faults:      match: operation ("bedrock-runtime.Converse", "bedrock.*", "*"), model, header
//	             (a mapping of names to values)
//	             when: nth, every (of the requests that match, from 1), probability (1), from, for;
//	             all of them have to hold
//	             what*: one of the kinds below, with delay (before all else), date (added to the
//	             Date header: +1h, -5m), or with both; or these alone
//
// from and for are times after the account's start. The kinds of faults are
//
//	error:           status*, code*, message; in the form of the operation's service
//	reset:           before (any reply) or middle (half of the body, or 200 bytes of a stream)
//	html:            a page with this status
//	redirect:        307 to this URL
//	stall:           after (0) so many bytes of the body comes nothing for* so long
//	truncate:        the connection ends after so many bytes of the body, before its end
//	truncate_stream: a stream of events ends cleanly after so many of them
//	crc:             true; the second event of a stream has a wrong checksum
//	malformed:       true; the body has a wrong first byte
//	empty:           true; there is no body
//	partial:         true; GetMetricData leaves half of the points out, with status PartialData
//
// error, reset: before, html and redirect come in place of the operation: it does
// not happen, and takes and counts nothing but the request. The others are faults
// of the reply: the operation happens, whatever its client sees of it. The first
// row that acts on a request is the only one. truncate_stream and crc leave
// replies alone that are no streams of events, and faults after a certain byte
// those that end before it; but truncate takes one byte at least of any reply
// with a length.
//
// Schema and Keys say the same to editors and documents, out of the readers of
// Parse themselves; a new key needs a sentence in keyDocs (schema_docs.go).
//
// Dates are 2026-01-31 or 2026-01-31T12:00:00Z. Durations carry a unit, d for days included; counts may be written 50k or 2M.
//
// # Families
//
// InvokeModel takes and answers the native bodies of these families, told by the
// beginning of the model id: Claude messages and the older Claude text, Nova, Titan
// Text, Llama 2 to 4, Mistral AI (text completions of the 7B, Mixtral, Large and
// Small 24.02; chat of Large 24.07 and Pixtral), Cohere Command and Command R,
// Jamba, Jurassic-2, DeepSeek-R1, gpt-oss, Palmyra, TwelveLabs Pegasus; embeddings
// of Titan (three), Nova, Cohere (v3, v4) and TwelveLabs Marengo; rerank of Cohere
// and Amazon; images of Nova Canvas, Titan and Stability AI. All other models have
// the chat form of OpenAI. Nova Reel, Luma Ray and Nova Sonic are refused: other
// operations invoke them, which are not here.
//
// A body that does not fit is refused with what the validator of Bedrock is
// reported to say. Unknown keys are refused where AWS is known to do it (strict in
// a form), and everywhere those that mark the body of another family. A body
// without a limit of its output is cut at the limit that is documented for that,
// and reserves it: 512 for Llama, Titan Text, Mistral 7B and Mixtral, 16 for
// Palmyra, 20 for Command, 200 for Jurassic-2, 4,096 for Jamba, 8,192 for other Mistral models;
// never more than max_output, which is what all others reserve. Replies
// have one choice, generation or completion, whatever number was asked for.
//
// Embeddings count input tokens and reserve them alone; an image among them counts
// 1,024, a video as much, but for Titan, which counts text only. Reranking, image
// models and Marengo count no tokens; images are OutputImageCount in CloudWatch,
// also by ImageSize and BucketedStepSize, whose values AWS does not document
// (dimensions.go). The headers with token counts are left out where there are no
// tokens, and where token_headers is false: AI21, whose bodies tell. Vectors have
// ±1/√n in each dimension, images one pixel, and ranks say nothing of the texts.
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
// Its header goes out with the first token, so a refusal may come until then; it
// has no token counts: those are in amazon-bedrock-invocationMetrics of the last
// chunk, in every family, whatever token_headers says. Each chunk has the shape
// that clients in use read; the user guide shows few of them, and of Mistral AI,
// DeepSeek-R1, Command, Pegasus and the reasoning of gpt-oss none (family_*.go say
// which). Families that yield no text have no streams, nor has Jurassic-2. Llama 4
// has none by default, as the user guide says; the control plane and clients say
// otherwise, so streaming: true gives it some.
//
// under_load makes calls slower the more of them are in flight in their pool:
// see slowdown (pace.go) for the rule.
//
// # Tiers and optimized latency
//
// A service tier changes nothing but what the reply says, and the metrics: all
// tiers share the quotas, the reserved one too. Each call is served by the tier
// that it names. The series with the dimension ModelId alone holds all calls of
// the id. A call that names a tier, the default one included, is in the series
// with the dimensions ModelId, ServiceTier and ResolvedServiceTier as well,
// throttled or not: that is a breakdown of the first one, and no query adds the
// two up, since CloudWatch finds a metric by its exact dimensions. The values are
// the words of the request.
//
// Calls that are served at optimized latency are recorded under the ModelId
// "<id>+latency-optimized" instead of the id. optimized.limits are a pool of
// their own, one a model whatever id was called; a call above them is served at
// standard latency, takes from the pool of all calls, is recorded under the id,
// and its performanceConfig says standard. Without optimized.limits such calls
// take from the pool of all calls, and are throttled by it. A body that can not be
// read counts as a client error of the plain id.
//
// That throttled calls are in the series of a tier, and that what fell back to
// standard latency is recorded under the plain id, are assumptions: AWS documents
// the names of the series, and that what is above the quota is served at
// standard latency.
//
// No value here was compared with live AWS. Where AWS documents nothing, the
// behaviour is an option of the account file.
package sim

// Package pacing keeps a client of Amazon Bedrock inside its quotas, and retries
// what is worth a retry. It wraps the SDK's own client by its public extension
// points, in one line:
//
//	client := bedrockruntime.NewFromConfig(cfg, pacing.With(limits, policy))
//
// It covers InvokeModel, Converse and their streams; other operations pass as
// they are. Each attempt goes this way:
//
//  1. The tokens of the request are estimated, and its max_tokens read.
//  2. The attempt waits, first come, first served, until the model has room for
//     one request, for input + max_tokens, and in its concurrency. Bedrock
//     reserves the same when a request starts. A wait ends with the context, or
//     after [Limits.MaxWait] with a [*WaitError]; nothing has been sent then.
//  3. The request is signed and sent.
//  4. The reservation is settled, once, by what the reply tells: input + cache
//     writes + output x burndown. The reply to a stream tells it in its last
//     event; a stream that ends without it, or is closed, or whose context ends,
//     gives back all but its input. What AWS refused gives back its tokens.
//  5. A failed attempt is retried as the [Policy] says. A retry goes through 2
//     again, since Bedrock counts each attempt.
//
// Pacing is safe for each way in which AWS may refill a quota (it documents
// none): no more than the limit is admitted in any 60 s, and calls are spread over
// them. It counts what this process sends; where others use the same quota, say
// [Limits.Share], or share it through Redis with the package lease. Where the limits
// are not known, or others' use of them is not, [Limit.Adaptive] finds the rate;
// [Limit.Breaker] answers want of capacity.
//
// The package imports the SDK and nothing else of this module.
package pacing

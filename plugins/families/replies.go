package families

import "github.com/loadline-dev/loadline/plugins"

// Where replies tell their tokens. What has none here tells them in headers
// alone.
var (
	claudeUsage = plugins.Usage{Input: paths("usage.input_tokens"), Output: paths("usage.output_tokens"),
		CacheRead: paths("usage.cache_read_input_tokens"), CacheWrite: paths("usage.cache_creation_input_tokens")}
	novaUsage = plugins.Usage{Input: paths("usage.inputTokens"), Output: paths("usage.outputTokens"),
		CacheRead: paths("usage.cacheReadInputTokenCount", "usage.cacheReadInputTokens"), CacheWrite: paths("usage.cacheWriteInputTokenCount", "usage.cacheWriteInputTokens")}
	titanUsage      = plugins.Usage{Input: paths("inputTextTokenCount"), Output: paths("results[].tokenCount")}
	titanEmbedUsage = plugins.Usage{Input: paths("inputTextTokenCount")}
	llamaUsage      = plugins.Usage{Input: paths("prompt_token_count"), Output: paths("generation_token_count")}
	commandRUsage   = plugins.Usage{Input: paths("meta.billed_units.input_tokens"), Output: paths("meta.billed_units.output_tokens")}
	jurassicUsage   = plugins.Usage{Input: paths("prompt.tokens[#]"), Output: paths("completions[].data.tokens[#]")}
	// Where a maker of chat models counts cached input, it is part of
	// prompt_tokens: it stays input.
	chatUsage = plugins.Usage{Input: paths("usage.prompt_tokens"), Output: paths("usage.completion_tokens")}
)

// How chunks are read.
var (
	claudeStream = &plugins.Stream{
		Text: paths("delta.text", "delta.thinking", "delta.partial_json"),
		// message_start tells the input, message_delta the output so far.
		Usage: plugins.Usage{
			Input: paths("message.usage.input_tokens", "usage.input_tokens"), Output: paths("message.usage.output_tokens", "usage.output_tokens"),
			CacheRead:  paths("message.usage.cache_read_input_tokens", "usage.cache_read_input_tokens"),
			CacheWrite: paths("message.usage.cache_creation_input_tokens", "usage.cache_creation_input_tokens")},
		Last: paths("type=message_stop"),
	}
	claudeTextStream = &plugins.Stream{Text: paths("completion"), Last: paths("stop_reason")}
	novaStream       = &plugins.Stream{
		Text: paths("contentBlockDelta.delta.text", "contentBlockDelta.delta.reasoningContent.text", "contentBlockDelta.delta.reasoningContent.reasoningText.text", "contentBlockDelta.delta.toolUse.input"),
		Usage: plugins.Usage{Input: paths("metadata.usage.inputTokens"), Output: paths("metadata.usage.outputTokens"),
			CacheRead: paths("metadata.usage.cacheReadInputTokenCount"), CacheWrite: paths("metadata.usage.cacheWriteInputTokenCount")},
		Last: paths("metadata"),
	}
	titanStream = &plugins.Stream{Text: paths("outputText"), Last: paths("completionReason"),
		Usage: plugins.Usage{Input: paths("inputTextTokenCount"), Output: paths("totalOutputTextTokenCount")}}
	llamaStream       = &plugins.Stream{Text: paths("generation"), Last: paths("stop_reason"), Usage: llamaUsage}
	mistralTextStream = &plugins.Stream{Text: paths("outputs[].text"), Last: paths("outputs[].stop_reason")}
	commandStream     = &plugins.Stream{Text: paths("text", "generations[].text"), Last: paths("finish_reason", "generations[].finish_reason")}
	commandRStream    = &plugins.Stream{Text: paths("text"), Last: paths("event_type=stream-end"),
		Usage: plugins.Usage{Input: paths("response.meta.billed_units.input_tokens"), Output: paths("response.meta.billed_units.output_tokens")}}
	deepSeekR1Stream = &plugins.Stream{Text: paths("choices[].text"), Last: paths("choices[].stop_reason")}
	pegasusStream    = &plugins.Stream{Text: paths("message"), Last: paths("finishReason")}
	chatStream       = &plugins.Stream{Usage: chatUsage,
		Text: paths("choices[].delta.content", "choices[].delta.reasoning_content", "choices[].delta.reasoning", "choices[].message.content"),
		Last: paths("choices[].finish_reason", "choices[].stop_reason")}
)

// paths is a list of alternatives.
func paths(p ...string) []string { return p }

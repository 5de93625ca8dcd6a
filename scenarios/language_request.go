package scenarios

import "time"

// maxTokens is far above the context window of any model.
const maxTokens = 100e6

var requestKeys = []Key{
	{Name: "api", Type: Enum("invoke", "invoke-stream", "converse", "converse-stream"), Default: "converse",
		Doc: "The operation of Bedrock to call: InvokeModel, InvokeModelWithResponseStream, Converse or ConverseStream. For a model that Converse does not know, and one of a family of your own, it is invoke if left out."},
	{Name: "prompt", Type: Text(), Default: "Summarize this in one sentence: AWS provides cloud computing services.", Doc: "What the model is asked."},
	{Name: "prompt_tokens", Type: Count(1, maxTokens), Example: "2000", Doc: "Instead of a prompt: plain words, drawn by the seed, that make an input of so many tokens, system text included, as AWS counts them. The text is fitted when the step begins, by CountTokens or, where a model does not have that, by one more call, which the plan holds; how near it came is in the record."},
	{Name: "prompts", Type: Either(File(), Object(promptSetKeys...)), Example: "prompts.jsonl", Doc: "Instead of a prompt: a file with one JSON object a line, each with prompt, and with system or max_tokens where it has its own. It lies in the scenario's folder or below."},
	{Name: "nonce", Type: Bool(), Default: "false", Doc: "Begin every prompt with a short text of its own, made from the seed and the number of the call, so that no prompt cache knows it. Change the seed where two runs should not share theirs."},
	{Name: "system", Type: Text(), Doc: "The system prompt."},
	{Name: "body", Type: Text(), Example: `'{"inputText": "${prompt}"}'`, Doc: "The body of InvokeModel as JSON, in place of the family's; see families.<name>.body for what it may hold. max_tokens then says what the call may reserve."},
	{Name: "max_tokens", Type: Integer(1, 1e6), Default: "50", Doc: "The most output tokens of a call. Bedrock reserves them from the quota when a call begins."},
	{Name: "input_tokens", Type: Integer(1, 1e7), Example: "400", Doc: "How many tokens the prompt has, where a plan should not estimate it."},
	{Name: "timeout", Type: Duration(time.Second, 15*time.Minute), Default: "60s", Doc: "How long to wait for a reply."},
	{Name: "stall_timeout", Type: Duration(time.Second, 15*time.Minute), Example: "10s", Doc: "How long a stream may be silent, from the head of its reply to its last event, before it is cut off: a timeout with the code Stalled. Without it only timeout ends a call. It is for converse-stream and invoke-stream."},
	{Name: "temperature", Type: Number(0, 1), Example: "0", Doc: "The temperature; not sent if left out."},
	{Name: "service_tier", Type: Enum("priority", "default", "flex"), Doc: "The service tier to ask for. What is served as another is counted in downgraded."},
	{Name: "latency", Type: Enum("standard", "optimized"), Doc: "The latency to ask for. Beyond the quota of optimized latency AWS serves standard latency and does not throttle: that is counted in downgraded."},
	{Name: "long_context", Type: Bool(), Default: "false", Doc: "Ask for the context window of a million tokens, which Claude has in beta; such calls have quotas of their own."},
}

var promptSetKeys = []Key{
	{Name: "file", Type: File(), Required: true, Example: "prompts.jsonl", Doc: "The file."},
	{Name: "order", Type: Enum("sequential", "random"), Default: "sequential", Doc: "sequential: one after the other, again from the first after the last. random: drawn by the seed."},
}

// RequestKey is the row of the key `request`, for steps that send calls. See [RequestOf].
func RequestKey() Key {
	return requestKey("What this step asks, where it differs from the models' and the scenario's request.")
}

func requestKey(doc string) Key {
	return Key{Name: "request", Type: Object(requestKeys...), Doc: doc}
}

var familyKeys = []Key{
	{Name: "match", Type: List(ModelID(), 0, 100), Example: "[acme.writer]", Doc: "Beginnings of the base ids of its models. A model can also name the family."},
	{Name: "body", Type: Text(), Required: true, Example: `'{"text": "${prompt}", "limit": "${max_tokens}"}'`,
		Doc: "The body of InvokeModel: JSON whose texts may hold ${prompt}, ${system}, ${max_tokens} and ${temperature}, and $${ for a plain ${. A text that is ${max_tokens} or ${temperature} alone becomes a number. One that is ${system} or ${temperature} alone is left out where the request does not say it. A body without ${max_tokens} would leave the output without a limit; say no_output where there is none."},
	{Name: "no_output", Type: Bool(), Default: "false", Doc: "The models give no output tokens, as those for embeddings, ranks and images: nothing limits them, and nothing is reserved for them."},
	{Name: "usage", Type: Object(usageKeys...), Doc: "Where the reply tells its tokens. AWS tells them in headers as well, which come first."},
	{Name: "stream", Type: Object(streamKeys...), Doc: "How a chunk of InvokeModelWithResponseStream is read, where the models stream. AWS tells the tokens in the last chunk, which comes first."},
}

var usageKeys = []Key{
	{Name: "input", Type: paths(), Example: "usage.input_tokens", Doc: "The path to the input tokens, or several, of which the first that leads to anything counts. A path is names with points between them; a name with [] goes through a list, and what it finds is added up."},
	{Name: "output", Type: paths(), Example: "results[].tokens", Doc: "The path to the output tokens."},
	{Name: "cache_read", Type: paths(), Example: "usage.cache_read_input_tokens", Doc: "The path to the input tokens that were read from a prompt cache."},
	{Name: "cache_write", Type: paths(), Example: "usage.cache_creation_input_tokens", Doc: "The path to the input tokens that were written to a prompt cache."},
}

var streamKeys = []Key{
	{Name: "text", Type: paths(), Required: true, Example: "delta.text", Doc: "The path to the text of a chunk. The first that is not empty is the first token."},
	{Name: "last", Type: textRule{words: "a path, or path=text", max: maxLine, pattern: `^` + jsonPath + `(=[^\x00-\x1f\x7f]+)?$`, code: "bad-path", hint: pathHint}.make(), Example: "type=message_stop", Doc: "What the last chunk has: a path that leads to something, or path=text. A stream that ends without it, and without AWS's own metrics, is truncated."},
	{Name: "usage", Type: Object(usageKeys...), Doc: "Where chunks tell tokens; of several that tell one, the last counts."},
}

const (
	jsonStep = `[^.\[\]=\s\x00-\x1f\x7f]+(\[\])?`
	jsonPath = jsonStep + `(\.` + jsonStep + `)*`
	pathHint = "names of JSON members with points between them, such as usage.input_tokens or results[].tokens"
)

func paths() Type {
	one := textRule{words: "a path in JSON", max: maxLine, pattern: `^` + jsonPath + `$`, code: "bad-path", hint: pathHint}.make()
	return Either(one, List(one, 1, 20))
}

// File is a file in the scenario's folder. That it does not lead out of it is checked where it is opened.
func File() Type {
	return textRule{words: "the name of a file", max: maxLine, pattern: oneLine, code: "bad-file", hint: "for example: prompts.jsonl"}.make()
}

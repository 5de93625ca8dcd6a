package sim

// Nova and Titan Text.

// novaForm: the user guide of Nova. Reports show unknown keys refused at the top
// ("extraneous key [top_p]") and in blocks ("extraneous key [type]").
var novaForm = bodyForm{strict: true, keys: []key{
	may("schemaVersion", text).among("messages-v1"), messagesKey(), may("system", list),
	may("inferenceConfig", dict).of(
		maxTokens("maxTokens", anyNumber), maxTokens("max_new_tokens", anyNumber), // the second in older samples
		may("temperature", number).within(0, 1), may("topP", number).within(0, 1), may("top_p", number).within(0, 1),
		may("topK", whole), may("top_k", whole), may("stopSequences", list).ofTexts(), may("reasoningConfig", dict),
	),
	may("toolConfig", dict), may("reasoningConfig", dict), may("guardrailConfig", dict), may("amazon-bedrock-guardrailConfig", dict),
}}

// textMessage is a message with one text block, as Nova and Converse have it.
type textMessage struct {
	Role    string      `json:"role"`
	Content []textBlock `json:"content"`
}

type textBlock struct {
	Text string `json:"text"`
}

type messageOutput struct {
	Message textMessage `json:"message"`
}

func outputOf(a *answer) messageOutput {
	return messageOutput{textMessage{"assistant", []textBlock{{a.text()}}}}
}

type usage struct {
	InputTokens  int64 `json:"inputTokens"`
	OutputTokens int64 `json:"outputTokens"`
	TotalTokens  int64 `json:"totalTokens"`

	CacheRead  *int64 `json:"cacheReadInputTokens,omitempty"` // nil where the model has no cache
	CacheWrite *int64 `json:"cacheWriteInputTokens,omitempty"`
}

// usageOf is the usage as Converse tells it. The total has the cached tokens,
// which the input has not.
func usageOf(a *answer) usage {
	u := usage{InputTokens: a.inputTokens, OutputTokens: a.outputTokens, TotalTokens: a.inputTokens + a.outputTokens}
	if a.caches {
		u.CacheRead, u.CacheWrite = &a.cached.read, &a.cached.written
		u.TotalTokens += a.cached.read + a.cached.written
	}
	return u
}

// novaUsage is the same in Nova's own words.
type novaUsage struct {
	InputTokens  int64  `json:"inputTokens"`
	OutputTokens int64  `json:"outputTokens"`
	TotalTokens  int64  `json:"totalTokens"`
	CacheRead    *int64 `json:"cacheReadInputTokenCount,omitempty"`
	CacheWrite   *int64 `json:"cacheWriteInputTokenCount,omitempty"`
}

func replyNova(_ *model, a *answer) any {
	return struct {
		Output     messageOutput `json:"output"`
		StopReason string        `json:"stopReason"`
		Usage      novaUsage     `json:"usage"`
	}{outputOf(a), stop(a, "end_turn", "max_tokens"), novaUsage(usageOf(a))}
}

// titanForm: the user guide of Titan Text. A body without maxTokenCount is cut at
// 512 there. It also says that the limit may be 0, and FINISHED where replies in
// use say FINISH.
func titanForm(highest float64) bodyForm {
	return bodyForm{strict: true, keys: []key{
		need("inputText", text),
		may("textGenerationConfig", dict).of(
			maxTokens("maxTokenCount", highest), may("temperature", number).within(0, 1), may("topP", number).within(0, 1),
			may("stopSequences", list).ofTexts(),
		),
	}}
}

var titanCaps = []string{"textGenerationConfig/maxTokenCount"}

func replyTitan(_ *model, a *answer) any {
	type result struct {
		TokenCount int64  `json:"tokenCount"`
		OutputText string `json:"outputText"`
		Reason     string `json:"completionReason"`
	}
	return struct {
		InputTokens int64    `json:"inputTextTokenCount"`
		Results     []result `json:"results"`
	}{a.inputTokens, []result{{a.outputTokens, a.text(), stop(a, "FINISH", "LENGTH")}}}
}

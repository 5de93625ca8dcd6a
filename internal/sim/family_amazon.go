package sim

// Nova and Titan Text.

func readNova(body []byte) (a ask, bad *fault) {
	var b struct {
		Schema    *string   `json:"schemaVersion"`
		System    *content  `json:"system"`
		Messages  []message `json:"messages"`
		Inference struct {
			MaxTokens    *int64 `json:"maxTokens"`
			MaxNewTokens *int64 `json:"max_new_tokens"` // as older samples have it
		} `json:"inferenceConfig"`
	}
	if bad = parseBody(body, &b); bad != nil {
		return a, bad
	}
	if b.Schema != nil && *b.Schema != "messages-v1" {
		return a, malformed("#/schemaVersion: is not messages-v1")
	}
	return a, firstFault(
		a.conversation(b.Messages, b.System, "user", "assistant"),
		onlyBlocks(b.Messages, b.System),
		a.limit("inferenceConfig/max_new_tokens", b.Inference.MaxNewTokens, anyNumber),
		a.limit("inferenceConfig/maxTokens", b.Inference.MaxTokens, anyNumber),
	)
}

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

func readTitan(body []byte) (a ask, bad *fault) {
	var b struct {
		InputText *string `json:"inputText"`
		Config    struct {
			MaxTokenCount *int64 `json:"maxTokenCount"`
		} `json:"textGenerationConfig"`
	}
	if bad = parseBody(body, &b); bad != nil {
		return a, bad
	}
	if b.InputText == nil {
		return a, missing("inputText")
	}
	a.add(*b.InputText)
	return a, a.limit("textGenerationConfig/maxTokenCount", b.Config.MaxTokenCount, anyNumber)
}

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

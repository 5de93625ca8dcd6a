package sim

func readLlama(body []byte) (a ask, bad *fault) {
	var b struct {
		Prompt    *string `json:"prompt"`
		MaxGenLen *int64  `json:"max_gen_len"`
	}
	if bad = parseBody(body, &b); bad != nil {
		return a, bad
	}
	if b.Prompt == nil {
		return a, missing("prompt")
	}
	a.add(*b.Prompt)
	a.maxTokens = 512 // Llama's own default, so the reservation is small
	return a, a.limit("max_gen_len", b.MaxGenLen, 2048)
}

func replyLlama(_ *model, a *answer) any {
	return struct {
		Generation   string `json:"generation"`
		InputTokens  int64  `json:"prompt_token_count"`
		OutputTokens int64  `json:"generation_token_count"`
		StopReason   string `json:"stop_reason"`
	}{a.text(), a.inputTokens, a.outputTokens, stop(a, "stop", "length")}
}

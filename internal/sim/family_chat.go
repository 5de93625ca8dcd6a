package sim

// The chat form that most of the other families share.

func readChat(body []byte) (a ask, bad *fault) {
	var b struct {
		Messages            []message `json:"messages"`
		MaxTokens           *int64    `json:"max_tokens"`
		MaxCompletionTokens *int64    `json:"max_completion_tokens"`
	}
	if bad = parseBody(body, &b); bad != nil {
		return a, bad
	}
	return a, firstFault(
		a.conversation(b.Messages, nil, "system", "developer", "user", "assistant", "tool"),
		a.limit("max_tokens", b.MaxTokens, anyNumber),
		a.limit("max_completion_tokens", b.MaxCompletionTokens, anyNumber),
	)
}

func replyChat(m *model, a *answer) any {
	type turn struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	}
	type choice struct {
		Index   int    `json:"index"`
		Message turn   `json:"message"`
		Reason  string `json:"finish_reason"`
	}
	return struct {
		ID      string      `json:"id"`
		Object  string      `json:"object"`
		Model   string      `json:"model"`
		Choices []choice    `json:"choices"`
		Usage   *chatTokens `json:"usage"`
	}{
		"chatcmpl-" + a.id, "chat.completion", m.id,
		[]choice{{0, turn{"assistant", a.text()}, stop(a, "stop", "length")}},
		chatTokensOf(a),
	}
}

type chatTokens struct {
	Prompt     int64 `json:"prompt_tokens"`
	Completion int64 `json:"completion_tokens"`
	Total      int64 `json:"total_tokens"`
}

func chatTokensOf(a *answer) *chatTokens {
	return &chatTokens{a.inputTokens, a.outputTokens, a.inputTokens + a.outputTokens}
}

package sim

// The chunks of InvokeModelWithResponseStream, family by family.

func streamClaude(m *model, a *answer) script {
	type messageStart struct {
		Type    string      `json:"type"`
		Message claudeReply `json:"message"`
	}
	type blockStart struct {
		Type  string      `json:"type"`
		Index int         `json:"index"`
		Block claudeBlock `json:"content_block"`
	}
	type blockDelta struct {
		Type  string      `json:"type"`
		Index int         `json:"index"`
		Delta claudeBlock `json:"delta"`
	}
	type blockStop struct {
		Type  string `json:"type"`
		Index int    `json:"index"`
	}
	type ending struct {
		Reason   string  `json:"stop_reason"`
		Sequence *string `json:"stop_sequence"`
	}
	type tokens struct {
		Output int64 `json:"output_tokens"`
	}
	type messageDelta struct {
		Type  string `json:"type"`
		Delta ending `json:"delta"`
		Usage tokens `json:"usage"`
	}
	type messageStop struct {
		Type string `json:"type"`
	}
	usage := claudeUsageOf(a)
	usage.OutputTokens = 1
	begun := claudeReply{
		ID: "msg_bdrk_" + a.id, Type: "message", Role: "assistant", Model: m.id,
		Content: []claudeBlock{}, Usage: usage,
	}
	return script{
		open: []streamEvent{
			{body: messageStart{"message_start", begun}},
			{body: blockStart{"content_block_start", 0, claudeBlock{"text", ""}}},
		},
		delta: func(text string, _ int64) streamEvent {
			return streamEvent{body: blockDelta{"content_block_delta", 0, claudeBlock{"text_delta", text}}}
		},
		close: []streamEvent{
			{body: blockStop{"content_block_stop", 0}},
			{body: messageDelta{"message_delta", ending{stop(a, "end_turn", "max_tokens"), nil}, tokens{a.outputTokens}}},
			{body: messageStop{"message_stop"}},
		},
	}
}

func streamClaudeText(_ *model, a *answer) script {
	type completion struct {
		Type   string  `json:"type"`
		Text   string  `json:"completion"`
		Reason *string `json:"stop_reason"`
		Stop   *string `json:"stop"`
	}
	reason := stop(a, "stop_sequence", "max_tokens")
	first := true
	return script{
		delta: func(text string, _ int64) streamEvent {
			if first {
				first, text = false, " "+text
			}
			return streamEvent{body: completion{"completion", text, nil, nil}}
		},
		close: []streamEvent{{body: completion{"completion", "", &reason, nil}}},
	}
}

// streamNova sends the events of ConverseStream as members of one object.
func streamNova(_ *model, a *answer) script {
	type told struct {
		Usage   usage    `json:"usage"`
		Metrics struct{} `json:"metrics"`
		Trace   struct{} `json:"trace"`
	}
	one := func(name string, body any) streamEvent { return streamEvent{body: map[string]any{name: body}} }
	return script{
		open: []streamEvent{one("messageStart", roleEvent{"assistant"})},
		delta: func(text string, _ int64) streamEvent {
			return one("contentBlockDelta", deltaEvent{0, textBlock{text}})
		},
		close: []streamEvent{
			one("contentBlockStop", indexEvent{0}),
			one("messageStop", reasonEvent{stop(a, "end_turn", "max_tokens")}),
			one("metadata", told{Usage: usageOf(a)}),
		},
	}
}

func streamTitan(_ *model, a *answer) script {
	type piece struct {
		Text        string  `json:"outputText"`
		Index       int     `json:"index"`
		TotalTokens *int64  `json:"totalOutputTextTokenCount"`
		Reason      *string `json:"completionReason"`
		InputTokens int64   `json:"inputTextTokenCount"`
	}
	reason := stop(a, "FINISH", "LENGTH")
	return script{
		delta: func(text string, _ int64) streamEvent {
			return streamEvent{body: piece{text, 0, nil, nil, a.inputTokens}}
		},
		close: []streamEvent{{body: piece{"", 0, &a.outputTokens, &reason, a.inputTokens}}},
	}
}

func streamLlama(_ *model, a *answer) script {
	type piece struct {
		Text         string  `json:"generation"`
		InputTokens  *int64  `json:"prompt_token_count"` // in the first piece only
		OutputTokens int64   `json:"generation_token_count"`
		Reason       *string `json:"stop_reason"`
	}
	reason, input := stop(a, "stop", "length"), &a.inputTokens
	return script{
		delta: func(text string, tokens int64) streamEvent {
			e := streamEvent{body: piece{text, input, tokens, nil}}
			input = nil
			return e
		},
		close: []streamEvent{{body: piece{"", nil, a.outputTokens, &reason}}},
	}
}

func streamChat(m *model, a *answer) script { return chatScript(m, a, "chat.completion.chunk", nil) }

// streamJamba has the chunks without what only OpenAI says.
func streamJamba(m *model, a *answer) script { return chatScript(m, a, "", nil) }

// streamOpenAI streams the reasoning, in its tags, before the rest. That a stream
// has it like the reply is not documented.
func streamOpenAI(m *model, a *answer) script {
	closes := int(reasoningTokens(a)) * charactersOfToken
	if closes == 0 {
		return streamChat(m, a)
	}
	sent := 0
	return chatScript(m, a, "chat.completion.chunk", func(text string) string {
		at := closes - sent
		if sent += len(text); at >= 0 && at < len(text) {
			text = text[:at] + reasoningCloses + text[at:]
		}
		if at == closes {
			text = reasoningOpens + text
		}
		return text
	})
}

// chatScript is the chunks of OpenAI's chat; dress changes the pieces of the text.
func chatScript(m *model, a *answer, object string, dress func(string) string) script {
	type turn struct {
		Role    string `json:"role,omitempty"`
		Content string `json:"content,omitempty"`
	}
	type choice struct {
		Index  int     `json:"index"`
		Delta  turn    `json:"delta"`
		Reason *string `json:"finish_reason"`
	}
	id := "chatcmpl-" + a.id
	say := func(c choice, u *chatTokens) streamEvent {
		piece := chatChunk{ID: id, Object: object, Model: m.id, Choices: []choice{c}, Usage: u}
		if object != "" {
			piece.Created = a.pace.began.Unix()
		}
		return streamEvent{body: piece}
	}
	reason := stop(a, "stop", "length")
	return script{
		open: []streamEvent{say(choice{Delta: turn{Role: "assistant"}}, nil)},
		delta: func(text string, _ int64) streamEvent {
			if dress != nil {
				text = dress(text)
			}
			return say(choice{Delta: turn{Content: text}}, nil)
		},
		close: []streamEvent{say(choice{Reason: &reason}, chatTokensOf(a))},
	}
}

// chatChunk is a reply whose usage is in the last chunk only.
type chatChunk struct {
	ID      string      `json:"id"`
	Object  string      `json:"object,omitempty"`
	Created int64       `json:"created,omitempty"`
	Model   string      `json:"model"`
	Choices any         `json:"choices"`
	Usage   *chatTokens `json:"usage,omitempty"`
}

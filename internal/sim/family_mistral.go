package sim

// Mistral AI and DeepSeek: text completions and the chat form of Mistral Large
// 24.07. User guide; the bodies have no token counts. Newer models of both are of
// the chat family.

func mistralTextForm(highest float64) bodyForm {
	return bodyForm{strict: true, keys: []key{ // that it is strict is not documented
		need("prompt", text), maxTokens("max_tokens", highest), may("stop", list).ofTexts().within(0, 10),
		may("temperature", number).within(0, 1), may("top_p", number).within(0, 1), may("top_k", whole).within(1, 200),
	}}
}

func replyMistralText(_ *model, a *answer) any {
	return struct {
		Outputs []completion `json:"outputs"`
	}{[]completion{{a.text(), stopReason(a)}}}
}

// completion is the text of a completion, and of a piece of its stream: there the
// reason is null until the end.
type completion struct {
	Text   string  `json:"text"`
	Reason *string `json:"stop_reason"`
}

func stopReason(a *answer) *string {
	reason := stop(a, "stop", "length")
	return &reason
}

// streamCompletions sends the shape of a whole reply, a piece of the text at a
// time. The user guide shows no stream; clients in use read it so.
func streamCompletions(member string) func(*model, *answer) script {
	return func(_ *model, a *answer) script {
		say := func(text string, reason *string) streamEvent {
			return streamEvent{body: map[string]any{member: []completion{{text, reason}}}}
		}
		return script{
			delta: func(text string, _ int64) streamEvent { return say(text, nil) },
			close: []streamEvent{say("", stopReason(a))},
		}
	}
}

var mistralChatForm = bodyForm{keys: []key{
	messagesKey(), maxTokens("max_tokens", 8192), may("tools", list), may("tool_choice", anything),
	may("temperature", number).within(0, 1), may("top_p", number).within(0, 1),
}}

type mistralChoice struct {
	Index   int      `json:"index"`
	Message chatTurn `json:"message"`
	Reason  *string  `json:"stop_reason"`
}

func replyMistralChat(_ *model, a *answer) any {
	return struct {
		Choices []mistralChoice `json:"choices"`
	}{[]mistralChoice{{0, chatTurn{"assistant", a.text()}, stopReason(a)}}}
}

// streamMistralChat: the user guide shows no stream.
func streamMistralChat(_ *model, a *answer) script {
	say := func(text string, reason *string) streamEvent {
		return streamEvent{body: map[string]any{"choices": []mistralChoice{{0, chatTurn{"assistant", text}, reason}}}}
	}
	return script{
		delta: func(text string, _ int64) streamEvent { return say(text, nil) },
		close: []streamEvent{say("", stopReason(a))},
	}
}

// deepseekForm: DeepSeek-R1, whose reply shows no reasoning of its own.
var deepseekForm = bodyForm{keys: []key{
	need("prompt", text), maxTokens("max_tokens", 32_768), may("stop", list).ofTexts().within(0, 10),
	may("temperature", number).within(0, 1), may("top_p", number).within(0, 1),
}}

func replyDeepseek(_ *model, a *answer) any {
	return struct {
		Choices []completion `json:"choices"`
	}{[]completion{{a.text(), stopReason(a)}}}
}

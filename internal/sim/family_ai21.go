package sim

// AI21 Labs: Jamba, a chat, and Jurassic-2, completions. Clients report that
// their replies have no headers with token counts; the bodies tell.

// jambaForm: the user guide has the ranges; that max_tokens may be 0 there means
// nothing here.
var jambaForm = bodyForm{keys: []key{
	messagesKey(), maxTokens("max_tokens", 4096), may("temperature", number).within(0, 2), may("top_p", number).within(0, 1),
	may("stop", anything), may("n", whole).within(1, 16), may("frequency_penalty", number), may("presence_penalty", number),
	may("tools", list), may("documents", list), may("response_format", dict),
}}

func replyJamba(m *model, a *answer) any {
	r := chatAnswer(m, a, a.text())
	r.Object, r.Created = "", 0 // as AI21 has it
	return r
}

// jurassicForm: the user guide of Jurassic-2; reports show unknown keys refused.
// That maxTokens may be 0 there means nothing here. A prompt is at most the context of 8,192 tokens, by the rule of the account.
var jurassicForm = bodyForm{strict: true, keys: []key{
	need("prompt", text).within(1, 8192*charactersOfToken), maxTokens("maxTokens", 8191), may("minTokens", whole), may("numResults", whole).within(1, 16),
	may("temperature", number).within(0, 1), may("topP", number).within(0, 1), may("topKReturn", whole).within(0, 64),
	may("stopSequences", list).ofTexts(), may("presencePenalty", dict), may("countPenalty", dict), may("frequencyPenalty", dict),
}}

// replyJurassic counts its tokens by naming every one of them.
func replyJurassic(_ *model, a *answer) any {
	type generated struct {
		Token string  `json:"token"`
		Log   float64 `json:"logprob"`
	}
	type span struct {
		Start int64 `json:"start"`
		End   int64 `json:"end"`
	}
	type token struct {
		Generated generated `json:"generatedToken"`
		Top       *string   `json:"topTokens"`
		Range     span      `json:"textRange"`
	}
	type said struct {
		Text   string  `json:"text"`
		Tokens []token `json:"tokens"`
	}
	type finish struct {
		Reason string `json:"reason"`
		Length int64  `json:"length,omitempty"`
	}
	type completion struct {
		Data   said   `json:"data"`
		Finish finish `json:"finishReason"`
	}
	split := func(text string, n int64) said {
		tokens := make([]token, n)
		for i := range tokens {
			at := int64(i) * charactersOfToken
			tokens[i] = token{generated{"▁", -0.5}, nil, span{at, at + charactersOfToken}}
		}
		return said{text, tokens}
	}
	end := finish{Reason: "endoftext"}
	if a.cut {
		end = finish{"length", a.outputTokens}
	}
	return struct {
		ID          int64        `json:"id"`
		Prompt      said         `json:"prompt"`
		Completions []completion `json:"completions"`
	}{1234, split(a.wanted.texts[0], a.inputTokens), []completion{{split(a.text(), a.outputTokens), end}}}
}

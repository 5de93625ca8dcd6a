package sim

// llamaForm: the user guide of Meta Llama. Reports show unknown keys refused.
var llamaForm = bodyForm{strict: true, keys: []key{
	need("prompt", text), maxTokens("max_gen_len", 2048),
	may("temperature", number).within(0, 1), may("top_p", number).within(0, 1),
	may("images", list).ofTexts(), // from Llama 3.2 on
}}

func replyLlama(_ *model, a *answer) any {
	return struct {
		Generation   string `json:"generation"`
		InputTokens  int64  `json:"prompt_token_count"`
		OutputTokens int64  `json:"generation_token_count"`
		StopReason   string `json:"stop_reason"`
	}{a.text(), a.inputTokens, a.outputTokens, stop(a, "stop", "length")}
}

package sim

// The chat form of OpenAI, which most of the newer families share. For the
// open-weight models of OpenAI the user guide points at OpenAI's own reference,
// for Palmyra it shows the reply; of Qwen, Kimi, MiniMax, Gemma, Nemotron, GLM,
// Grok and the newer models of DeepSeek and Mistral AI it has no page. So no
// strict form: only what is known is checked.

// chatKeys are those that have a meaning here, or that a client may get wrong.
func chatKeys(highest float64, more ...key) []key {
	return append([]key{
		messagesKey(), maxTokens("max_tokens", highest), maxTokens("max_completion_tokens", highest),
		may("temperature", number).within(0, 2), may("top_p", number).within(0, 1), may("stop", anything), may("stream", boolean), may("model", text),
		may("n", whole).within(1, 128), may("seed", whole), may("tools", list).of(), may("frequency_penalty", number).within(-2, 2),
		may("presence_penalty", number).within(-2, 2), may("stream_options", dict), may("response_format", dict),
	}, more...)
}

var (
	chatForm   = bodyForm{keys: chatKeys(anyNumber)}
	writerForm = bodyForm{keys: chatKeys(8192, may("min_tokens", whole))}
	chatCaps   = []string{"max_tokens", "max_completion_tokens"}
)

func readChat(a *ask, b body) *fault   { return chatTalk.count(a, b) }
func readWriter(a *ask, b body) *fault { return writerTalk.count(a, b) }

// readOpenAI also checks what the user guide says of the two keys that the
// operation and the path say as well.
func readOpenAI(a *ask, b body) *fault {
	if stream, ok := b["stream"].(bool); ok {
		a.stream = &stream
	}
	a.named = b.text("model")
	return chatTalk.count(a, b)
}

type chatTurn struct {
	Role    string `json:"role,omitempty"`
	Content string `json:"content"`
}

type chatChoice struct {
	Index   int      `json:"index"`
	Message chatTurn `json:"message"`
	Reason  string   `json:"finish_reason"`
}

type chatReply struct {
	ID      string      `json:"id"`
	Object  string      `json:"object,omitempty"`
	Created int64       `json:"created,omitempty"`
	Model   string      `json:"model"`
	Choices any         `json:"choices"`
	Usage   *chatTokens `json:"usage"`
}

type chatTokens struct {
	Prompt     int64 `json:"prompt_tokens"`
	Completion int64 `json:"completion_tokens"`
	Total      int64 `json:"total_tokens"`
}

func chatTokensOf(a *answer) *chatTokens {
	return &chatTokens{a.inputTokens, a.outputTokens, a.inputTokens + a.outputTokens}
}

// replyChat has one choice, whatever n asks for.
func replyChat(m *model, a *answer) any { return chatAnswer(m, a, a.text()) }

func chatAnswer(m *model, a *answer, content string) chatReply {
	return chatReply{
		ID: "chatcmpl-" + a.id, Object: "chat.completion", Created: a.pace.began.Unix(), Model: m.id,
		Choices: []chatChoice{{0, chatTurn{"assistant", content}, stop(a, "stop", "length")}},
		Usage:   chatTokensOf(a),
	}
}

// The reasoning of the models of OpenAI stands before the answer, in tags (user
// guide). Here it is a quarter of the tokens.
const (
	reasoningOpens  = "<reasoning>"
	reasoningCloses = "</reasoning>"
)

func reasoningTokens(a *answer) int64 { return a.outputTokens / 4 }

func replyOpenAI(m *model, a *answer) any {
	k, n := reasoningTokens(a), a.outputTokens
	if k == 0 {
		return replyChat(m, a)
	}
	return chatAnswer(m, a, reasoningOpens+fillerPart(0, k, n)+reasoningCloses+fillerPart(k, n, n))
}

// replyWriter has the members that the user guide shows beside the usual ones.
func replyWriter(m *model, a *answer) any {
	type turn struct {
		chatTurn
		Reasoning *string  `json:"reasoning_content"`
		ToolCalls []string `json:"tool_calls"`
	}
	type choice struct {
		Index       int     `json:"index"`
		Message     turn    `json:"message"`
		Likelihoods *string `json:"logprobs"`
		Reason      string  `json:"finish_reason"`
		StopReason  *string `json:"stop_reason"`
	}
	r := chatAnswer(m, a, "")
	r.Choices = []choice{{Message: turn{chatTurn: chatTurn{"assistant", a.text()}, ToolCalls: []string{}}, Reason: stop(a, "stop", "length")}}
	return r
}

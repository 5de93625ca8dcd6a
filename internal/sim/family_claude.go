package sim

import "regexp"

// Claude: the messages form, and the older text completions.

type claudeBody struct {
	Version   string    `json:"anthropic_version"`
	MaxTokens *int64    `json:"max_tokens"`
	System    *content  `json:"system"`
	Messages  []message `json:"messages"`
}

func readClaude(body []byte) (a ask, bad *fault) {
	var b claudeBody
	if bad = parseBody(body, &b); bad != nil {
		return a, bad
	}
	switch {
	case b.Version == "":
		return a, missing("anthropic_version")
	case b.Version != "bedrock-2023-05-31" && !datedVersion.MatchString(b.Version):
		return a, malformed("#/anthropic_version: is not bedrock-2023-05-31")
	case b.MaxTokens == nil:
		return a, missing("max_tokens")
	}
	bad = firstFault(a.limit("max_tokens", b.MaxTokens, anyNumber), a.conversation(b.Messages, b.System, "user", "assistant"))
	if bad == nil && b.Messages[0].Role != "user" {
		bad = invalid("messages: first message must use the \"user\" role")
	}
	return a, bad
}

type claudeReply struct {
	ID           string        `json:"id"`
	Type         string        `json:"type"`
	Role         string        `json:"role"`
	Model        string        `json:"model"`
	Content      []claudeBlock `json:"content"`
	StopReason   *string       `json:"stop_reason"` // nil while a stream goes on
	StopSequence *string       `json:"stop_sequence"`
	Usage        claudeUsage   `json:"usage"`
}

type claudeBlock struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type claudeUsage struct {
	InputTokens  int64 `json:"input_tokens"`
	OutputTokens int64 `json:"output_tokens"`

	CacheWrite *int64 `json:"cache_creation_input_tokens,omitempty"` // nil where the model has no cache
	CacheRead  *int64 `json:"cache_read_input_tokens,omitempty"`
}

func claudeUsageOf(a *answer) claudeUsage {
	u := usageOf(a)
	return claudeUsage{InputTokens: u.InputTokens, OutputTokens: u.OutputTokens, CacheWrite: u.CacheWrite, CacheRead: u.CacheRead}
}

func replyClaude(m *model, a *answer) any {
	reason := stop(a, "end_turn", "max_tokens")
	return claudeReply{
		ID: "msg_bdrk_" + a.id, Type: "message", Role: "assistant", Model: m.id,
		Content:    []claudeBlock{{"text", a.text()}},
		StopReason: &reason,
		Usage:      claudeUsageOf(a),
	}
}

func readClaudeText(body []byte) (a ask, bad *fault) {
	var b struct {
		Prompt    *string `json:"prompt"`
		MaxTokens *int64  `json:"max_tokens_to_sample"`
	}
	if bad = parseBody(body, &b); bad != nil {
		return a, bad
	}
	switch {
	case b.Prompt == nil:
		return a, missing("prompt")
	case b.MaxTokens == nil:
		return a, missing("max_tokens_to_sample")
	}
	a.add(*b.Prompt)
	return a, a.limit("max_tokens_to_sample", b.MaxTokens, anyNumber)
}

func replyClaudeText(_ *model, a *answer) any {
	return struct {
		Type       string  `json:"type"`
		Completion string  `json:"completion"`
		StopReason string  `json:"stop_reason"`
		Stop       *string `json:"stop"`
	}{"completion", " " + a.text(), stop(a, "stop_sequence", "max_tokens"), nil}
}

// stop is the reason why a reply ended, in the words of its family.
func stop(a *answer, done, cut string) string {
	if a.cut {
		return cut
	}
	return done
}

// datedVersion is a version of the Messages API. The user guide of Bedrock has
// bedrock-2023-05-31 alone; @anthropic-ai/bedrock-sdk 1.1 sends such a one.
var datedVersion = regexp.MustCompile(`^20[0-9]{2}-[0-9]{2}-[0-9]{2}$`)

package sim

import (
	"regexp"
	"strings"
)

// Claude: the messages form, and the older text completions. User guide, and for
// keys that it does not have yet, the Messages API of Anthropic.

// Reports show unknown keys refused ("extraneous key [stream]", "Extra inputs
// are not permitted").
var claudeForm = bodyForm{strict: true, keys: []key{
	need("anthropic_version", text), need("max_tokens", whole).within(1, anyNumber), messagesKey(),
	may("system", anything), may("temperature", number).within(0, 1), may("top_p", number).within(0, 1), may("top_k", whole),
	may("stop_sequences", list).ofTexts(), may("tools", list), may("tool_choice", dict), may("thinking", dict), may("metadata", dict),
	may("anthropic_beta", list).ofTexts(), may("betas", list), may("output_config", dict), may("output_format", dict),
	may("context_management", dict), may("mcp_servers", list), may("container", anything), may("cache_control", dict),
	may("service_tier", text), may("inference_geo", text), may("speed", text), may("fallbacks", anything), may("diagnostics", anything),
	may("amazon-bedrock-guardrailConfig", dict),
}}

func readClaude(a *ask, b body) *fault {
	if v := b.text("anthropic_version"); v != "bedrock-2023-05-31" && !datedVersion.MatchString(v) {
		return malformed("#/anthropic_version: " + v + " is not a valid enum value")
	}
	if bad := claudeTalk.count(a, b); bad != nil {
		return bad
	}
	if b.objects("messages")[0].text("role") != "user" {
		return invalid("messages: first message must use the \"user\" role")
	}
	return nil
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

// Reports show what is missing and what is too much told together.
var claudeTextForm = bodyForm{strict: true, keys: []key{
	need("prompt", text), need("max_tokens_to_sample", whole).within(1, anyNumber),
	may("temperature", number).within(0, 1), may("top_p", number).within(0, 1), may("top_k", whole),
	may("stop_sequences", list).ofTexts(), may("anthropic_version", text), may("metadata", dict), may("anthropic_beta", list),
}}

// readClaudeText: AWS refuses a prompt without the turns, in about these words.
func readClaudeText(a *ask, b body) *fault {
	said := b.text("prompt")
	switch {
	case !strings.Contains(said, "\n\nHuman:"):
		return invalid(`Invalid prompt: prompt must start with "\n\nHuman:" turn after an optional system prompt`)
	case !strings.Contains(said, "\n\nAssistant:"):
		return invalid(`Invalid prompt: prompt must end with "\n\nAssistant:" turn`)
	}
	a.add(said)
	return nil
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

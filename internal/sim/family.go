package sim

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
)

// family is models whose InvokeModel bodies have one form.
type family struct {
	prefixes []string // of the base model id
	read     func(body []byte) (ask, *fault)
	reply    func(*model, *answer) any
	stream   func(*model, *answer) script // the chunks of a streamed reply
}

// families are tried in order; the last takes every model.
var families = []family{
	{prefixes: []string{"anthropic.claude-v2", "anthropic.claude-instant"}, read: readClaudeText, reply: replyClaudeText, stream: streamClaudeText},
	{prefixes: []string{"anthropic."}, read: readClaude, reply: replyClaude, stream: streamClaude},
	{prefixes: []string{"amazon.nova-"}, read: readNova, reply: replyNova, stream: streamNova},
	{prefixes: []string{"amazon.titan-text-", "amazon.titan-tg1-"}, read: readTitan, reply: replyTitan, stream: streamTitan},
	{prefixes: []string{"meta.llama"}, read: readLlama, reply: replyLlama, stream: streamLlama},
	{prefixes: []string{""}, read: readChat, reply: replyChat, stream: streamChat},
}

func familyOf(modelID string) *family {
	for i := range families {
		for _, p := range families[i].prefixes {
			if strings.HasPrefix(modelID, p) {
				return &families[i]
			}
		}
	}
	return &families[len(families)-1] // not reached: the last prefix is empty
}

// parseBody reads the JSON of a body into a struct of pointers and slices,
// where nil means that the key is missing.
func parseBody(body []byte, into any) *fault {
	err := json.Unmarshal(body, into)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		return malformed("#/" + strings.ReplaceAll(wrong.Field, ".", "/") + ": has the wrong type (" + wrong.Value + ")")
	}
	return malformed("the body is not JSON: " + err.Error())
}

func malformed(what string) *fault {
	return invalid("Malformed input request: " + what + ", please reformat your input and try again.")
}

func missing(key string) *fault { return malformed("#: required key [" + key + "] not found") }

// anyNumber is the highest of an output limit without a highest.
const anyNumber = math.MaxInt32

// limit checks an output limit: nil leaves it unset, a number is at least 1 and
// at most the highest.
func (a *ask) limit(key string, n *int64, highest int64) *fault {
	switch {
	case n == nil:
		return nil
	case *n < 1:
		return malformed("#/" + key + ": must be greater than or equal to 1")
	case *n > highest:
		return malformed("#/" + key + ": is too large")
	}
	a.maxTokens = *n
	return nil
}

// content is the text of a message: a string, or a list of blocks of which the
// text blocks count.
type content struct {
	texts []string
	empty bool
	plain bool // a string, which some families do not take
}

func (c *content) UnmarshalJSON(b []byte) error {
	var one string
	if len(b) > 0 && b[0] == '"' {
		err := json.Unmarshal(b, &one)
		c.texts, c.empty, c.plain = []string{one}, one == "", true
		return err
	}
	var blocks []struct {
		Text *string `json:"text"`
	}
	err := json.Unmarshal(b, &blocks)
	c.empty = len(blocks) == 0
	for _, block := range blocks {
		if block.Text != nil {
			c.texts = append(c.texts, *block.Text)
		}
	}
	return err
}

// message is a turn of a conversation, the same in most families.
type message struct {
	Role    string   `json:"role"`
	Content *content `json:"content"`
}

// conversation counts the messages of a conversation, whose roles are of those
// given, and the system texts.
func (a *ask) conversation(messages []message, system *content, roles ...string) *fault {
	if len(messages) == 0 {
		return missing("messages")
	}
	for _, m := range messages {
		known := false
		for _, r := range roles {
			known = known || m.Role == r
		}
		if !known {
			return malformed("#/messages: role is one of " + strings.Join(roles, ", "))
		}
		if m.Content == nil || m.Content.empty {
			return malformed("#/messages: content must not be empty")
		}
		for _, t := range m.Content.texts {
			a.add(t)
		}
	}
	if system != nil {
		for _, t := range system.texts {
			a.add(t)
		}
	}
	return nil
}

// onlyBlocks refuses messages and system texts that are plain strings.
func onlyBlocks(messages []message, system *content) *fault {
	if system != nil && system.plain {
		return malformed("#/system: expected a list of blocks, found a string")
	}
	for _, m := range messages {
		if m.Content != nil && m.Content.plain {
			return malformed("#/messages: expected a list of blocks as content, found a string")
		}
	}
	return nil
}

// firstFault is the first that is one.
func firstFault(all ...*fault) *fault {
	for _, f := range all {
		if f != nil {
			return f
		}
	}
	return nil
}

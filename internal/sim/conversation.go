package sim

import (
	"slices"
	"strconv"
	"strings"
)

// talk is how a family writes a conversation.
type talk struct {
	roles  []string
	plain  bool     // a content may be a text
	tagged bool     // blocks have a type
	blocks []string // the only members that a block may have; nil: any
	silent bool     // a message may have no content, as calls of tools have none
}

var (
	claudeTalk   = talk{roles: []string{"user", "assistant"}, plain: true, tagged: true}
	chatTalk     = talk{roles: []string{"system", "developer", "user", "assistant", "tool"}, plain: true, tagged: true, silent: true}
	converseTalk = talk{roles: []string{"user", "assistant"}}
	novaTalk     = talk{roles: []string{"user", "assistant"}, blocks: []string{
		"text", "image", "video", "audio", "document", "toolUse", "toolResult", "reasoningContent", "cachePoint", "guardContent",
	}}
	// The user guide of Palmyra shows an object with a text as content.
	writerTalk = talk{roles: chatTalk.roles, plain: true, silent: true}
)

// messagesKey is in the form of every family with a conversation: a list of at
// least one message.
func messagesKey() key {
	return need("messages", list).of(need("role", text), may("content", anything))
}

// count checks messages and system texts, and counts their texts.
func (t *talk) count(a *ask, b body) *fault {
	messages := b.objects("messages")
	if len(messages) == 0 {
		return missing("messages")
	}
	for i, m := range messages {
		at := "#/messages/" + strconv.Itoa(i)
		if role := m.text("role"); !slices.Contains(t.roles, role) {
			return malformed(at + "/role: " + role + " is not a valid enum value, which are " + strings.Join(t.roles, ", "))
		}
		if bad := t.content(a, m["content"], at+"/content"); bad != nil {
			return bad
		}
	}
	switch system := b["system"].(type) {
	case nil:
	case []any:
		for i, one := range system { // an empty list is as none
			if bad := t.block(a, one, "#/system/"+strconv.Itoa(i)); bad != nil {
				return bad
			}
		}
	case string:
		if t.plain {
			a.add(system)
			return nil
		}
		return malformed("#/system: expected type: JSONArray, found: String")
	default:
		return malformed("#/system: expected type: JSONArray, found: " + shapeOf(system))
	}
	return nil
}

// content counts what one message says.
func (t *talk) content(a *ask, content any, at string) *fault {
	switch c := content.(type) {
	case string:
		if !t.plain {
			return malformed(at + ": expected type: JSONArray, found: String")
		}
		if c == "" && !t.silent {
			return malformed(at + ": must not be empty")
		}
		a.add(c)
		return nil
	case []any:
		if len(c) == 0 {
			return malformed(at + ": must not be empty")
		}
		for i, one := range c {
			if bad := t.block(a, one, at+"/"+strconv.Itoa(i)); bad != nil {
				return bad
			}
		}
		return nil
	case map[string]any:
		if t.plain && !t.tagged {
			return t.block(a, content, at)
		}
	case nil:
		if t.silent {
			return nil
		}
		return malformed(at + ": must not be empty")
	}
	return malformed(at + ": expected type: JSONArray, found: " + shapeOf(content))
}

func (t *talk) block(a *ask, one any, at string) *fault {
	o, ok := one.(map[string]any)
	if !ok {
		return malformed(at + ": expected type: JSONObject, found: " + shapeOf(one))
	}
	said, has := o["text"]
	words, isText := said.(string)
	switch kind, typed := o["type"].(string); {
	case has && !isText:
		return malformed(at + "/text: expected type: String, found: " + shapeOf(said))
	case t.tagged && !typed:
		return malformed(at + ": required key [type] not found")
	case kind == "text" && t.tagged && !has:
		return malformed(at + ": required key [text] not found")
	}
	if t.blocks != nil {
		for name := range o {
			if !slices.Contains(t.blocks, name) {
				return malformed(at + ": extraneous key [" + name + "] is not permitted")
			}
		}
	}
	a.add(words)
	return nil
}

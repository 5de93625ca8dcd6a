package scenarios

import (
	"fmt"
	"regexp"
	"slices"
)

// RequestOf binds the value of a request key, also that of a step; see [RequestKey]. What n leaves out has its default and no place.
func RequestOf(n *Node) Request {
	f := form{n, requestKeys}
	return Request{
		Pos:         n.Pos(),
		API:         text(f.get("api")),
		Prompt:      bindPrompt(f),
		Nonce:       truth(f.get("nonce")),
		System:      text(f.get("system")),
		Body:        f.get("body"),
		MaxTokens:   integer(f.get("max_tokens")),
		InputTokens: integer(f.get("input_tokens")),
		Timeout:     length(f.get("timeout")),
		Stall:       length(f.get("stall_timeout")),
		Temperature: number(f.get("temperature")),
		ServiceTier: text(f.get("service_tier")),
		Latency:     text(f.get("latency")),
		LongContext: truth(f.get("long_context")),
	}
}

func bindPrompt(f form) Prompt {
	p := Prompt{Text: text(f.get("prompt")), Tokens: integer(f.get("prompt_tokens"))}
	set := f.get("prompts")
	file := form{set, promptSetKeys}
	switch {
	case set == nil:
	case len(set.all()) == 0:
		p.File, p.Order = text(set), text(form{nil, promptSetKeys}.get("order"))
	default:
		p.File, p.Order = text(file.get("file")), text(file.get("order"))
	}
	return p
}

// promptKinds are the keys of which a request has one at most.
var promptKinds = []string{"prompt", "prompt_tokens", "prompts"}

// families reports names that a model could not call.
func (l *loader) families(n *Node) {
	for _, e := range n.all() {
		if !familyName.MatchString(e.name) {
			l.add(Problem{Pos: e.pos, Width: len([]rune(e.name)), Code: "bad-family-name", Message: fmt.Sprintf("a family cannot be called %q", e.name),
				Hint: "a name begins with a letter and has only letters, digits, _ and -"})
		}
	}
}

var familyName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// onePrompt reports a request that says in several ways what to ask.
func (l *loader) onePrompt(request *Node) {
	first := ""
	for _, key := range request.Keys() {
		switch {
		case !slices.Contains(promptKinds, key):
		case first == "":
			first = key
		default:
			l.add(Problem{Pos: request.KeyPos(key), Width: len(key), Code: "two-prompts",
				Message: "the request has " + first + " and " + key + ", and asks one thing only", Hint: "leave one of the two out"})
		}
	}
}

func bindFamilies(n *Node) []Family {
	var families []Family
	for _, e := range n.all() {
		f := form{e.value, familyKeys}
		if f.get("body") == nil {
			continue // reported
		}
		family := Family{
			Name:     At[string]{e.name, e.pos},
			Match:    texts(f.get("match")),
			Body:     f.get("body"),
			NoOutput: truth(f.get("no_output")),
			Usage:    bindUsage(f.get("usage")),
		}
		if stream := f.get("stream"); stream != nil {
			family.Stream = &Stream{Text: oneOrMore(stream.Get("text")), Last: oneOrMore(stream.Get("last")), Usage: bindUsage(stream.Get("usage"))}
		}
		families = append(families, family)
	}
	return families
}

func bindUsage(n *Node) Usage {
	return Usage{Input: oneOrMore(n.Get("input")), Output: oneOrMore(n.Get("output")), CacheRead: oneOrMore(n.Get("cache_read")), CacheWrite: oneOrMore(n.Get("cache_write"))}
}

// oneOrMore are the texts of a value that is one or a list of them.
func oneOrMore(n *Node) []string {
	if n == nil {
		return nil
	}
	if len(n.Items()) == 0 {
		return []string{n.Text()}
	}
	var out []string
	for _, item := range n.Items() {
		out = append(out, item.Text())
	}
	return out
}

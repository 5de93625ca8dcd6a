package scenarios

import (
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

// masked loads a scenario without steps and hides what it sends.
func masked(t interface{ Fatalf(string, ...any) }, src string) (*Scenario, string) {
	s, problems := Load("f.yaml", []byte(src), Language{Steps: []Key{{Name: "load", Type: Object(Key{Name: "prompt", Type: Text()}, RequestKey())}}})
	if s == nil {
		t.Fatalf("%v\n%s", problems, src)
	}
	return s, s.Masked()
}

func TestMasked(t *testing.T) {
	const head = "version: 1\nname: n\nmodels:\n  prompt: amazon.nova-lite-v1:0\n"
	for _, row := range []struct{ why, src, want string }{
		{"plain", "request: {prompt: My name is Ada, max_tokens: 5}\n", "request: {prompt: xx xxxx xx xxx, max_tokens: 5}\n"},
		{"plain, over lines", "request:\n  prompt: one\n    two\n\n    three\n  max_tokens: 5 # stays\n", "request:\n  prompt: xxx\n    xxx\n\n    xxxxx\n  max_tokens: 5 # stays\n"},
		{"single quotes", "request: {system: 'it''s me: #1'}\n", "request: {system: 'xxxxx xxx xx'}\n"},
		{"double quotes and escapes", `request: {prompt: "a\u00e9\"\n\x41b"}` + "\n", `request: {prompt: "xxxxxxxxx\nxxxxx"}` + "\n"},
		{"a block", "request:\n  prompt: |\n    Ada:\n\n      Lovelace é\n  max_tokens: 5\n", "request:\n  prompt: |\n    xxxx\n\n      xxxxxxxx x\n  max_tokens: 5\n"},
		{"a folded block", "request:\n  system: >-\n    Ada\n    Lovelace\n", "request:\n  system: >-\n    xxx\n    xxxxxxxx\n"},
		{"a body", `request: {body: '{"system": "be \"kind\"", "n": 7, "in": ["${prompt}, please"], "max": "${max_tokens}"}'}` + "\n",
			`request: {body: '{"system": "xxxxxxxxxxx", "n": 7, "in": ["${prompt}xxxxxxxx"], "max": "${max_tokens}"}'}` + "\n"},
		{"a body in double quotes", `request: {body: "{\"a\": \"Ada\\n\"}"}` + "\n", `request: {body: "{\"a\": \"xxxxxx\"}"}` + "\n"},
		{"a model that says more", "  other:\n    id: amazon.nova-pro-v1:0\n    request: {prompt: Ada}\n", "  other:\n    id: amazon.nova-pro-v1:0\n    request: {prompt: xxx}\n"},
		{"a family", "families:\n  body: {match: [x.], body: '{\"t\": \"Ada ${prompt}\"}'}\n", "families:\n  body: {match: [x.], body: '{\"t\": \"xxxx${prompt}\"}'}\n"},
		{"names that are such words", "steps:\n  - load: {name: system, prompt: stays, request: {prompt: Ada}}\nseed: 7 # body: x\n", "steps:\n  - load: {name: system, prompt: stays, request: {prompt: xxx}}\nseed: 7 # body: x\n"},
		{"nothing to hide", "seed: 7\r\n", "seed: 7\r\n"},
	} {
		_, got := masked(t, head+row.src)
		if want := head + row.want; got != want {
			t.Errorf("%s:\n%s\nwant\n%s", row.why, got, want)
		}
	}
}

// A new key of a request is either masked or known to tell nothing.
func TestEveryRequestKeyIsMaskedOrHarmless(t *testing.T) {
	harmless := []string{"api", "prompt_tokens", "prompts", "nonce", "max_tokens", "input_tokens", "timeout", "stall_timeout", "temperature", "service_tier", "latency", "long_context",
		"match", "no_output", "usage", "stream"}
	for _, k := range slices.Concat(requestKeys, familyKeys) {
		if _, masked := contentKeys[k.Name]; masked == slices.Contains(harmless, k.Name) {
			t.Errorf("the key %s is in a record as it is written: is that harmless?", k.Name)
		}
	}
}

// Whatever a prompt says, and however it is quoted: no word of it is left, and
// the rest of the file reads as before, at the same places.
func TestMaskedOfAnyPrompt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const secret = "QZ9canary"
		text := rapid.StringMatching(`[a-zA-Z0-9 :#'"\\{}\[\],&*é日\n\t-]{0,40}`).Draw(t, "before") + secret + rapid.StringMatching(`[a-z '"\\\n:#]{0,20}`).Draw(t, "after")
		value := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text,
			Style: rapid.SampledFrom([]yaml.Style{0, yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle, yaml.LiteralStyle, yaml.FoldedStyle}).Draw(t, "style")}
		doc, err := yaml.Marshal(map[string]any{"version": 1, "name": "n", "models": map[string]string{"m": "amazon.nova-lite-v1:0"}, "request": map[string]any{"prompt": &value, "zz": 0}, "seed": 7})
		if err != nil {
			t.Fatalf("%v", err)
		}
		src := strings.Replace(string(doc), "zz: 0", "max_tokens: 5", 1)
		if s, _ := Load("f.yaml", []byte(src), Language{}); s == nil {
			t.Skip("the emitter writes what no parser reads")
		}
		s, got := masked(t, src)
		if strings.Contains(got, secret) {
			t.Fatalf("%s\nstill says it:\n%s", src, got)
		}
		if got == "" {
			return // it was not followed, and nothing is kept
		}
		again, _ := masked(t, got)
		if again.Request.MaxTokens != s.Request.MaxTokens || again.Seed != s.Seed || again.Request.Prompt.Text.Pos != s.Request.Prompt.Text.Pos {
			t.Fatalf("%s\nreads otherwise when masked:\n%s", src, got)
		}
	})
}

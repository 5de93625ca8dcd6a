package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// pair is one entry of a mapping in the tree.
type pair struct{ key, value *yaml.Node }

// pairs are the entries of a mapping that are to be looked at: those whose key is a text, is no merge key, and was not given
// before in the same mapping. The others are reported by safety.
func pairs(n *yaml.Node) []pair {
	seen := make(map[string]bool, len(n.Content)/2)
	var found []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || tagged(key) || isMerge(key) || seen[key.Value] {
			continue
		}
		seen[key.Value] = true
		found = append(found, pair{key, n.Content[i+1]})
	}
	return found
}

// object reads a mapping with known keys.
func (l *loader) object(n *yaml.Node, t Type, at *trail, out *Node) {
	var unknown []*yaml.Node
	for _, p := range pairs(n) {
		row, ok := t.key(p.key.Value)
		switch {
		case ok:
			value := l.check(p.value, row.Type, &trail{up: at, name: row.Name, pos: posOf(p.key)})
			out.entries = append(out.entries, entry{row.Name, posOf(p.key), value})
		case !t.open || !strings.HasPrefix(p.key.Value, "x-"):
			unknown = append(unknown, p.key)
		}
	}
	missing := slices.DeleteFunc(slices.Clone(t.keys), func(k Key) bool {
		_, written := out.entry(k.Name)
		return written || !k.Required
	})
	for _, key := range unknown {
		near := l.unknownKey(key, keyNames(t.keys), at)
		// A mistyped key is not missing as well.
		missing = slices.DeleteFunc(missing, func(k Key) bool { return k.Name == near })
	}
	for _, key := range missing {
		hint := fmt.Sprintf("add %s: %s", key.Name, key.Type)
		if key.Example != "" {
			hint = fmt.Sprintf("for example: %s: %s", key.Name, key.Example)
		}
		l.add(Problem{Pos: posOf(n), Code: "missing-key", Message: fmt.Sprintf("%s is missing", at.child(key.Name)), Hint: hint})
	}
}

// free reads a mapping with names of the user's choice.
func (l *loader) free(n *yaml.Node, t Type, at *trail, out *Node) {
	entries := pairs(n)
	if !l.size(n, len(entries), t, at, "entries") {
		return
	}
	for _, p := range entries[:min(len(entries), t.max)] {
		if wrong := freeName(p.key.Value); wrong != nil {
			l.value(p.key, at, *wrong)
			continue
		}
		known := !t.model || l.knownModel(p.key, at)
		value := l.check(p.value, *t.elem, &trail{up: at, name: p.key.Value, pos: posOf(p.key)})
		if !known {
			continue
		}
		out.entries = append(out.entries, entry{p.key.Value, posOf(p.key), value})
	}
}

func freeName(name string) *flaw {
	if length := len([]rune(name)); length > 0 && length <= maxName && modelNamePattern.MatchString(name) {
		return nil
	}
	return &flaw{"bad-name", "has a name that cannot be used", fmt.Sprintf("a name is 1 to %d characters of one line", maxName)}
}

// choice reads a mapping with exactly one of the known keys. A mistyped key is read as the one it was probably meant to be, so
// that what it holds is checked too and later stages do not miss it.
func (l *loader) choice(n *yaml.Node, t Type, at *trail, out *Node) {
	entries := pairs(n)
	switch {
	case len(entries) == 0 && len(n.Content) > 0:
		return // reported by safety
	case len(entries) == 0:
		l.value(n, at, flaw{"step-shape", "needs " + t.words, "for example: - " + t.keys[0].Name + ": {}"})
		return
	case len(entries) > 1:
		second := entries[1].key
		l.value(second, at, flaw{"step-shape", fmt.Sprintf("needs %s; %q stands beside %q", t.words, second.Value, entries[0].key.Value),
			fmt.Sprintf("indent %q below %q if it belongs to it, or begin another item with -", second.Value, entries[0].key.Value)})
		return
	}
	key := entries[0].key
	name := key.Value
	if _, ok := t.key(name); !ok {
		name = l.unknownKey(key, keyNames(t.keys), at)
	}
	if row, ok := t.key(name); ok {
		value := l.check(entries[0].value, row.Type, &trail{up: at, name: name, pos: posOf(key)})
		out.entries = append(out.entries, entry{name, posOf(key), value})
	}
}

// forbidden are keys that would say who asks and whom. A scenario is changed by whoever opens a pull request, so it is not trusted
// with them.
var forbidden = []string{"endpoint", "endpoint_url", "profile", "role", "role_arn", "proxy", "credentials",
	"access_key", "access_key_id", "secret_access_key", "session_token", "bearer_token", "api_key"}

// unknownKey reports a key that is not in the table and returns the name that was probably meant, or "".
func (l *loader) unknownKey(key *yaml.Node, allowed []string, at *trail) string {
	code, what, where := "unknown-key", "unknown key", ""
	switch path := at.String(); path {
	case "":
	case "steps", "parallel":
		code, what = "unknown-step", "unknown step"
	default:
		where = " in " + path
	}
	near, ok := "", false
	hint := "allowed here: " + listed(allowed)
	if slices.Contains(forbidden, strings.ToLower(key.Value)) {
		hint = "credentials, accounts and endpoints come from flags and the environment only, never from a scenario"
	} else if near, ok = Closest(key.Value, allowed); ok {
		hint = fmt.Sprintf("did you mean %q? %s", near, hint)
	}
	l.add(Problem{Pos: posOf(key), Width: l.src.width(key), Code: code, Message: fmt.Sprintf("%s %q%s", what, key.Value, where), Hint: hint})
	return near
}

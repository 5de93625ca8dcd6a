package sim

import "gopkg.in/yaml.v3"

// applied reads whether a quota has an applied value. Service Quotas leaves
// those that have none out of the list of applied values.
func (p *parser) applied(row *yaml.Node, q *quota) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var word string
		p.choice(&word, "value", "none")(n)
		if q.unapplied = word == "none"; !q.unapplied {
			return
		}
		if hasKey(row, "value") {
			p.add(n, `leave "value" out, or "applied"`, "a quota without an applied value has a value")
		}
		if !hasKey(row, "default") {
			p.add(n, `add "default", the value that AWS gives`, "a quota without an applied value has no default either")
		}
	}
}

// sketchApplied says in the schema of a quota what it must have: a value, or
// where none is applied a default and no value.
func (p *parser) sketchApplied() {
	if p.sketching(object{
		"if":   object{"properties": object{"applied": object{"const": "none"}}, "required": []string{"applied"}},
		"then": object{"required": []string{"default"}, "properties": object{"value": false}},
		"else": object{"required": []string{"value"}},
	}) {
		delete(p.sketch["properties"].(object)["value"].(object), "default")
	}
}

// quotaError reads why the applied value of a quota can not be read: a code, or
// a code and a message.
func (p *parser) quotaError(q *quota) func(*yaml.Node) {
	codes := []string{"DEPENDENCY_ACCESS_DENIED_ERROR", "DEPENDENCY_THROTTLING_ERROR", "DEPENDENCY_SERVICE_ERROR",
		"SERVICE_QUOTA_NOT_AVAILABLE_ERROR"}
	return func(n *yaml.Node) {
		q.failed = &quotaError{message: "The applied value can not be read."}
		code := p.choice(&q.failed.code, codes...)
		whole := func(n *yaml.Node) {
			p.object(n, "an error of a quota", []field{
				{name: "code", required: true, read: code},
				{name: "message", read: p.text(&q.failed.message)},
			})
		}
		if p.sketch != nil {
			p.sketching(object{"anyOf": []object{p.sketchOf(code), p.sketchOf(whole)}})
			return
		}
		if n.Kind == yaml.ScalarNode {
			code(n)
			return
		}
		whole(n)
	}
}

// valueOf is the node under a key of a mapping, or nil.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func hasKey(n *yaml.Node, key string) bool { return valueOf(n, key) != nil }

func hasValue(n *yaml.Node, key, value string) bool {
	v := valueOf(n, key)
	return v != nil && v.Value == value
}

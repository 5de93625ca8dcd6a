package sim

import (
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// The rows of "faults:", as the account file has them.

func (p *parser) fault(a *Account, n *yaml.Node) {
	r := &faultRule{operation: "*", probability: 1}
	var operationNode *yaml.Node
	p.object(n, "a fault", []field{
		{name: "match", read: func(n *yaml.Node) {
			p.object(n, "match", []field{
				{name: "operation", read: func(n *yaml.Node) { operationNode = n; p.operation(&r.operation)(n) }},
				{name: "model", read: p.refers(&r.model, "model or profile", (*parser).allIDs)},
				{name: "header", read: func(n *yaml.Node) { r.headers = p.headers(n) }},
			})
		}},
		{name: "when", read: func(n *yaml.Node) {
			p.object(n, "when", append(p.span(&r.span),
				field{name: "nth", read: p.count(&r.nth, 1)},
				field{name: "every", read: p.count(&r.every, 1)},
				field{name: "probability", read: p.number(&r.probability, 0, 1)},
			))
		}},
		{name: "what", required: true, read: func(n *yaml.Node) { p.what(n, r) }},
	})
	if r.kind != nil && r.kind.only != "" && !p.sketching(nil) {
		if operationNode != nil && !matchesOperation(r.operation, r.kind.only) {
			p.add(operationNode, "leave the operation out", "%q is a fault of %s alone", r.kind.name, r.kind.only)
		}
		r.operation = r.kind.only
	}
	a.faults = append(a.faults, r)
}

// what reads the kind of a fault: one of faultKinds, with a delay and a wrong
// date or without, or one of these two alone.
func (p *parser) what(n *yaml.Node, r *faultRule) {
	fields := []field{
		{name: "delay", read: p.duration(&r.delay)},
		{name: "date", read: p.shift(&r.date)},
	}
	for i := range faultKinds {
		kind := &faultKinds[i]
		fields = append(fields, field{name: kind.name, read: func(n *yaml.Node) {
			if r.kind != nil && !p.sketching(nil) {
				p.add(n, "make two rows of it", "a fault is of one kind: this one is of %q already", r.kind.name)
				return
			}
			r.kind = kind
			kind.read(p, n, &r.effect)
		}})
	}
	before := len(p.problems)
	p.object(n, "what", fields)
	if r.kind == nil && r.delay == 0 && r.date == 0 && len(p.problems) == before {
		p.add(n, "possible: "+strings.Join(fieldNames(fields), ", "), "the fault does nothing")
	}
}

func fieldNames(fields []field) (names []string) {
	for _, f := range fields {
		names = append(names, f.name)
	}
	return names
}

// operation reads "service.Operation", "service.*" or "*".
func (p *parser) operation(to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var s string
		p.text(&s)(n)
		if s == "" {
			return
		}
		known := []string{"*", "unknown"}
		for _, api := range APIs {
			known = append(known, api.Operation)
		}
		for _, k := range known {
			if matchesOperation(s, k) {
				*to = s
				return
			}
		}
		hint := didYouMean(s, known)
		if hint == "" {
			hint = "bedrock-runtime.Converse, bedrock-runtime.*, or *"
		}
		p.add(n, "write it like "+hint, "there is no operation %s here", quote(s))
	}
}

// matchesOperation reports whether an operation is the one of a pattern.
func matchesOperation(pattern, operation string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok && (prefix == "" || strings.HasSuffix(prefix, ".")) {
		return strings.HasPrefix(operation, prefix)
	}
	return pattern == operation
}

// allIDs are those of models, profiles and provisioned throughput.
func (p *parser) allIDs() []string {
	var all []string
	for id := range p.ids {
		all = append(all, id)
	}
	return all
}

// headers reads a mapping of header names to values.
func (p *parser) headers(n *yaml.Node) map[string]string {
	if p.sketching(object{
		"type": "object", "minProperties": 1,
		"propertyNames": object{"pattern": headerForm.String()}, "additionalProperties": textSchema("", nil),
	}) {
		return nil
	}
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		p.wrongType(n, "header is a mapping of header names to values")
		return nil
	}
	all := map[string]string{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		var name, value string
		p.pattern(&name, headerForm, "a header looks like X-Amzn-Bedrock-Trace")(n.Content[i])
		p.text(&value)(n.Content[i+1])
		if _, twice := all[name]; twice {
			p.add(n.Content[i], "keep one of the two", "header %s is given twice", quote(name))
		}
		all[name] = value
	}
	return all
}

// shift reads a duration with a sign before it: +1h is later, -5m is earlier.
func (p *parser) shift(to *time.Duration) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if p.sketching(shiftSchema()) {
			return
		}
		sign, rest := time.Duration(1), strings.TrimPrefix(n.Value, "+")
		if unsigned, ok := strings.CutPrefix(n.Value, "-"); ok {
			sign, rest = -1, unsigned
		}
		plain := *n
		plain.Value = rest
		p.duration(to)(&plain)
		*to *= sign
	}
}

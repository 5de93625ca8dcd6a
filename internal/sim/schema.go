package sim

import (
	"bytes"
	"encoding/json"
	"time"

	"gopkg.in/yaml.v3"
)

// Schema is the JSON Schema (draft 2020-12) of account files, for editors and
// other programs. It accepts what Parse accepts, apart from what no schema can
// say: how names refer to each other, bounds of what is written as a text (50k,
// 30s), and what YAML loses when it becomes JSON. Its bytes are always the same.
//
// It has no table of its own: Parse's readers describe themselves, when they
// are sent over a file that is not there. So a new key is in it from the start.
func Schema() []byte {
	root := sketch()
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Loadline's simulated account"
	root["type"] = "object" // an empty file is refused
	describeKeys(root, "")
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(root); err != nil { // a bug here: texts, numbers and lists
		panic(err)
	}
	return out.Bytes()
}

// sketch is the schema of an account file, without descriptions.
func sketch() object {
	p := &parser{reader: reader{sketch: object{}}}
	p.rows(&yaml.Node{})
	return p.sketch
}

// sketching fills in the schema of the value at hand, if that is what the
// reader is there for, and reports whether it is.
func (r *reader) sketching(schema object) bool {
	if r.sketch == nil {
		return false
	}
	for k, v := range schema {
		r.sketch[k] = v
	}
	return true
}

// sketchOf is the schema of what read reads.
func (r *reader) sketchOf(read func(*yaml.Node)) object {
	outer := r.sketch
	defer func() { r.sketch = outer }()
	r.sketch = object{}
	read(&yaml.Node{})
	return r.sketch
}

// sketchObject describes a mapping.
func (r *reader) sketchObject(fields []field) {
	properties, required := object{}, []string{}
	for _, f := range fields {
		s := r.sketchOf(f.read)
		if f.required {
			required = append(required, f.name)
			delete(s, "default")
		}
		properties[f.name] = s
	}
	schema := object{"type": []string{"object", "null"}, "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		schema["type"], schema["required"] = "object", required
	}
	r.sketching(schema)
}

// The schemas of single values.

// textSchema is what text takes: 12 and true are texts as well. words narrows
// those that are written as such.
func textSchema(now string, words object) object {
	schema := object{"type": []string{"string", "number", "boolean"}, "minLength": 1}
	for k, v := range words {
		schema[k] = v
	}
	if now != "" {
		schema["default"] = now
	}
	return schema
}

// numberSchema is what number takes. A number of the YAML is one of the JSON; one
// with a suffix is a text there.
func numberSchema(kind string, now, lo, hi float64) object {
	schema := object{
		"type": []string{kind, "string"}, "minimum": lo, "maximum": hi,
		"pattern": `^(0|[1-9][0-9_]*)(\.[0-9]+)?([eE]\+?[0-9]{1,2})?[kMG]$`,
	}
	if now >= lo && now <= hi {
		schema["default"] = now
	}
	return schema
}

// durationSchema is what duration takes.
func durationSchema(now time.Duration) object {
	schema := object{
		"type":    "string",
		"pattern": `^(\+?(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+|[0-9]+(\.[0-9]+)?d)$`,
	}
	if now >= 0 {
		schema["default"] = shortDuration(now)
	}
	return schema
}

// shiftSchema is what shift takes: a duration with a sign before it.
func shiftSchema() object {
	pattern := durationSchema(-1)["pattern"].(string)
	return object{"type": "string", "pattern": "^[+-]?" + pattern[1:]}
}

// shortDuration writes 24h in place of 24h0m0s.
func shortDuration(d time.Duration) string {
	s := []byte(d.String())
	for _, zero := range []string{"m0s", "h0m"} {
		if bytes.HasSuffix(s, []byte(zero)) {
			s = s[:len(s)-2]
		}
	}
	return string(s)
}

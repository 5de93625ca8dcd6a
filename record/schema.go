package record

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

// Schema is the JSON Schema of run.json (draft 2020-12), made from the types
// of this package and the table of metrics.
func Schema() []byte {
	root := schemaOf(reflect.TypeFor[Run]())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Loadline run record (run.json)"
	root["$defs"] = map[string]any{
		"values": valuesSchema(),
	}
	b, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(err) // a tree of maps and strings cannot fail
	}
	return append(b, '\n')
}

func schemaOf(t reflect.Type) map[string]any {
	switch t {
	case reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case reflect.TypeFor[Duration]():
		return map[string]any{"type": "string", "pattern": `^-?([0-9.]+(ns|µs|ms|s|m|h))+$`}
	case reflect.TypeFor[Reading]():
		return map[string]any{"type": []string{"number", "null"}}
	case reflect.TypeFor[Values]():
		return map[string]any{"$ref": "#/$defs/values"}
	case reflect.TypeFor[Model]():
		s := structSchema(reflect.TypeFor[modelFields]())
		s["additionalProperties"] = map[string]any{"$ref": "#/$defs/values"}
		return s
	}
	switch t.Kind() {
	case reflect.Struct:
		return structSchema(t)
	case reflect.Pointer:
		s := schemaOf(t.Elem())
		s["type"] = []any{s["type"], "null"}
		return s
	case reflect.Slice:
		// A nil slice is written as null.
		return map[string]any{"type": []string{"array", "null"}, "items": schemaOf(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": []string{"object", "null"}, "additionalProperties": schemaOf(t.Elem())}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	default:
		return map[string]any{"type": "integer"}
	}
}

// structSchema requires every key that is always written. Keys may be added in
// later versions, so unknown ones are allowed.
func structSchema(t reflect.Type) map[string]any {
	props := map[string]any{}
	var required []string
	for f := range fields(t) {
		name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		props[name] = schemaOf(f.Type)
		if opts != "omitempty" {
			required = append(required, name)
		}
	}
	return map[string]any{"type": "object", "properties": props, "required": required}
}

// fields yields the fields of a struct as encoding/json sees them: those of an
// embedded struct stand among its own.
func fields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Anonymous {
				for g := range fields(f.Type) {
					if !yield(g) {
						return
					}
				}
				continue
			}
			if !yield(f) {
				return
			}
		}
	}
}

// valuesSchema describes the readings of a step: every metric by its name,
// nested at the dots.
func valuesSchema() map[string]any {
	root := map[string]any{"type": "object", "properties": map[string]any{}}
	for _, m := range Metrics {
		at := root
		parts := strings.Split(m.Name, ".")
		for _, p := range parts[:len(parts)-1] {
			props := at["properties"].(map[string]any)
			if props[p] == nil {
				props[p] = map[string]any{"type": "object", "properties": map[string]any{}}
			}
			at = props[p].(map[string]any)
		}
		doc := m.Kind() + ": " + m.Doc
		if old, ok := at["properties"].(map[string]any)[parts[len(parts)-1]].(map[string]any); ok {
			doc = old["description"].(string) + " " + doc
		}
		at["properties"].(map[string]any)[parts[len(parts)-1]] = map[string]any{"type": []string{"number", "null"}, "description": doc}
	}
	root["properties"].(map[string]any)["metric"] = map[string]any{"type": "object", "description": "monitor: The metrics that the scenario chose, by NAME.STATISTIC or by the name that it gave them."}
	return root
}

package scenarios

import (
	"bytes"
	"encoding/json"
	"maps"

	"gopkg.in/yaml.v3"
)

// Schema is the JSON Schema (draft 2020-12) of scenario files in the language, for editors and other programs. It accepts what Load
// accepts, apart from what no schema can say: how names refer to each other, the bounds of durations and rates, and what
// YAML loses when it is read, such as keys given twice. The same language gives the same bytes.
func Schema(lang Language) []byte {
	root := lang.root().jsonSchema()
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Loadline scenario, version 1"
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(root); err != nil {
		panic(err) // the table holds only texts, numbers and lists
	}
	return out.Bytes()
}

type object = map[string]any

func (t Type) jsonSchema() object {
	switch t.shape {
	case shapeScalar:
		return maps.Clone(t.schema)
	case shapeList:
		schema := object{"type": t.jsonTypes(), "items": t.elem.jsonSchema(), "minItems": t.min, "maxItems": t.max}
		if t.unique {
			schema["uniqueItems"] = true
		}
		return schema
	case shapeFree:
		return object{"type": t.jsonTypes(), "additionalProperties": t.elem.jsonSchema(), "minProperties": t.min, "maxProperties": t.max,
			"propertyNames": object{"minLength": 1, "maxLength": maxName, "pattern": oneLine}}
	case shapeChoice:
		schema := object{"type": "object", "properties": properties(t.keys), "additionalProperties": false, "minProperties": 1, "maxProperties": 1}
		if t.told { // the items of parallel are those of steps
			same := object{}
			for _, key := range t.keys {
				same[key.Name] = object{"$ref": "#/properties/steps/items/properties/" + key.Name}
			}
			schema["properties"] = same
		}
		return schema
	case shapeObject:
		return t.objectSchema()
	case shapeEither:
		return t.eitherSchema()
	}
	return object{"not": object{}}
}

func (t Type) objectSchema() object {
	schema := object{"type": t.jsonTypes(), "properties": properties(t.keys), "additionalProperties": false}
	var required []string
	for _, key := range t.keys {
		if key.Required {
			required = append(required, key.Name)
		}
	}
	if required != nil {
		schema["required"] = required
	}
	if t.open {
		schema["patternProperties"] = object{"^x-": object{}}
	}
	return schema
}

// eitherSchema picks the form by the value's type, so that a validator complains about the form that was meant and not about all.
func (t Type) eitherSchema() object {
	var rules []object
	for _, form := range t.forms {
		if form.kind() != yaml.MappingNode {
			rules = append(rules, object{"if": object{"type": form.jsonTypes()}, "then": form.jsonSchema()})
		}
	}
	if mappings := t.mappings(); len(mappings) > 0 {
		last := len(mappings) - 1
		chain := mappings[last].jsonSchema()
		if last > 0 {
			chain["required"] = appendOnce(chain["required"], mappings[last].keys[0].Name)
		}
		for i := last - 1; i >= 0; i-- {
			chain = object{"if": object{"required": []string{mappings[i].keys[0].Name}}, "then": mappings[i].jsonSchema(), "else": chain}
		}
		rules = append(rules, object{"if": object{"type": "object"}, "then": chain})
	}
	return object{"type": t.jsonTypes(), "allOf": rules}
}

func appendOnce(required any, name string) []string {
	names, _ := required.([]string)
	for _, other := range names {
		if other == name {
			return names
		}
	}
	return append([]string{name}, names...)
}

// jsonTypes are the JSON types of a value, with null where it can be left empty.
func (t Type) jsonTypes() []string {
	var types []string
	switch t.shape {
	case shapeScalar:
		if many, ok := t.schema["type"].([]string); ok {
			return many
		}
		return []string{t.schema["type"].(string)}
	case shapeList:
		types = []string{"array"}
	case shapeObject, shapeFree, shapeChoice:
		types = []string{"object"}
	case shapeEither:
		seen := map[string]bool{"null": true}
		for _, form := range t.forms {
			for _, name := range form.jsonTypes() {
				if !seen[name] {
					seen[name] = true
					types = append(types, name)
				}
			}
		}
	}
	if t.mayBeNull() {
		types = append(types, "null")
	}
	return types
}

func properties(keys []Key) object {
	all := object{}
	for _, key := range keys {
		schema := key.Type.jsonSchema()
		schema["description"] = key.Doc
		if key.Default != "" {
			schema["default"] = key.jsonDefault()
		}
		all[key.Name] = schema
	}
	return all
}

// jsonDefault is the default as JSON has it: a number for a number.
func (k Key) jsonDefault() any {
	var value any
	switch types := k.Type.jsonTypes(); types[0] {
	case "integer", "number", "boolean", "array", "object":
		if err := yaml.Unmarshal([]byte(k.Default), &value); err == nil {
			return value
		}
	}
	return k.Default
}

package scenarios

import (
	"bytes"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

// unreadable are the codes of files that give no value to hold against a schema.
var unreadable = []string{"syntax", "empty", "too-large", "bad-encoding"}

// inexpressible are the codes of what no JSON Schema can refuse, with the reason. A file with no other problem is accepted by the schema.
var inexpressible = map[string]string{
	"alias":               "gone when a file has become a JSON value",
	"anchor":              "gone when a file has become a JSON value",
	"tag":                 "gone when a file has become a JSON value",
	"merge-key":           "gone when a file has become a JSON value",
	"key-not-text":        "a JSON value has only texts as keys",
	"duplicate-key":       "a JSON value has each key once",
	"second-document":     "a JSON value is one document",
	"number-notation":     "0777 is 511 in a JSON value",
	"too-deep":            "a schema has no bound for what it allows to be anything, below x- keys",
	"quantity-range":      "30s and 2M are texts, and a schema does not count with texts",
	"unknown-model":       "a schema does not compare one part of a value with another",
	"duplicate-step":      "a schema does not compare one part of a value with another",
	"duplicate-assertion": "a schema does not compare one part of a value with another",
	"two-prompts":         "keys that rule each other out would need a schema that says nothing clear when they do",
	"bad-family-name":     "free names have one rule, and these have to be names that a key can hold",
	"too-many-problems":   "says how many other problems there are",
}

func TestSchemaAndLoaderAgreeOnFiles(t *testing.T) {
	schema := compiledSchema(t)
	seen := map[string]bool{}
	for _, file := range append(matches(t, "testdata/err/*.yaml"), matches(t, "testdata/ok/*.yaml")...) {
		src := read(t, file)
		if message := disagreement(schema, src, seen); message != "" {
			t.Errorf("%s: %s", filepath.Base(file), message)
		}
	}
	seen["too-large"], seen["too-many-problems"] = true, true // too much for a file; see TestLimits
	for code := range inexpressible {
		if !seen[code] {
			t.Errorf("no file of testdata has the problem %s", code)
		}
	}
}

func TestSchemaAndLoaderAgreeOnMutations(t *testing.T) {
	schema := compiledSchema(t)
	var files [][]byte
	for _, file := range matches(t, "testdata/ok/*.yaml") {
		files = append(files, read(t, file))
	}
	refused, accepted := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var tree yaml.Node
		if err := yaml.Unmarshal(rapid.SampledFrom(files).Draw(t, "file"), &tree); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 3).Draw(t, "mutations") {
			mutate(t, &tree)
		}
		src, err := yaml.Marshal(&tree)
		if err != nil {
			t.Skip("the mutation cannot be written")
		}
		if message := disagreement(schema, src, map[string]bool{}); message != "" {
			t.Fatalf("%s\n%s", message, src)
		}
		if _, problems := Load("m", src, testLanguage()); len(problems) > 0 {
			refused++
		} else {
			accepted++
		}
	})
	if refused == 0 || accepted == 0 {
		t.Errorf("%d mutations were refused and %d accepted; want some of both", refused, accepted)
	}
}

// disagreement holds a file against the loader and the schema, notes the codes that the loader gave, and says where they differ.
func disagreement(schema *jsonschema.Schema, src []byte, seen map[string]bool) string {
	_, problems := Load("f", src, testLanguage())
	structural := ""
	for _, p := range problems {
		seen[p.Code] = true
		if slices.Contains(unreadable, p.Code) {
			return ""
		}
		if inexpressible[p.Code] == "" {
			structural = p.line()
		}
	}
	value, err := plainValue(src)
	if err != nil {
		if structural != "" || len(problems) == 0 {
			return "the loader read what the YAML library does not: " + err.Error()
		}
		return ""
	}
	refusal := schema.Validate(value)
	switch {
	case refusal == nil && structural != "":
		return "the schema accepts what the loader refuses:" + structural
	case refusal != nil && structural == "":
		return "the loader accepts what the schema refuses: " + refusal.Error()
	}
	return ""
}

// plainValue reads the first document of a file into what a JSON decoder would give.
func plainValue(src []byte) (any, error) {
	var tree yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(src)).Decode(&tree); err != nil {
		return nil, err
	}
	return plainNode(tree.Content[0], 0)
}

func plainNode(n *yaml.Node, depth int) (any, error) {
	if depth > 200 {
		return nil, errors.New("the value has itself as a part")
	}
	switch n.Kind {
	case yaml.AliasNode:
		return plainNode(n.Alias, depth+1)
	case yaml.SequenceNode:
		list := []any{}
		for _, child := range n.Content {
			value, err := plainNode(child, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	case yaml.MappingNode:
		mapping := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			key := n.Content[i]
			value, err := plainNode(n.Content[i+1], depth+1)
			if err != nil {
				return nil, err
			}
			if _, twice := mapping[key.Value]; !twice && key.Kind == yaml.ScalarNode && key.Tag != "!!merge" {
				mapping[key.Value] = value
			}
		}
		return mapping, nil
	}
	var value any
	if err := n.Decode(&value); err != nil {
		return nil, err
	}
	switch v := value.(type) {
	case time.Time:
		return n.Value, nil // JSON has no dates
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return n.Value, nil // nor these
		}
	}
	return value, nil
}

// mutate changes one place of a tree: drops, adds, renames or repeats an entry, or puts another value in its place.
func mutate(t *rapid.T, tree *yaml.Node) {
	var inner []*yaml.Node
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		if len(n.Content) > 0 && n.Kind != yaml.DocumentNode {
			inner = append(inner, n)
		}
		for _, child := range n.Content {
			walk(child)
		}
	}
	walk(tree)
	if len(inner) == 0 {
		return
	}
	n := rapid.SampledFrom(inner).Draw(t, "node")
	width := 1
	if n.Kind == yaml.MappingNode {
		width = 2
	}
	at := width * rapid.IntRange(0, len(n.Content)/width-1).Draw(t, "entry")
	switch rapid.IntRange(0, 5).Draw(t, "what") {
	case 0: // drop it
		n.Content = slices.Delete(n.Content, at, at+width)
	case 1: // add one that is unknown, or known elsewhere
		added := []*yaml.Node{anyValue(t), anyValue(t)}
		if width == 2 {
			added[0] = &yaml.Node{Kind: yaml.ScalarNode, Value: rapid.SampledFrom([]string{"zzz", "x-a", "name", "for", "id", "endpoint", ""}).Draw(t, "key")}
		}
		n.Content = append(n.Content, added[:width]...)
	case 2: // rename it
		if width == 2 {
			n.Content[at] = &yaml.Node{Kind: yaml.ScalarNode, Value: n.Content[at].Value + rapid.SampledFrom([]string{"s", "\u202e", " "}).Draw(t, "tail")}
		}
	case 3: // repeat an element of a list
		if width == 1 {
			n.Content = append(n.Content, n.Content[at])
		}
	default:
		n.Content[at+width-1] = anyValue(t)
	}
}

func anyValue(t *rapid.T) *yaml.Node {
	text := rapid.SampledFrom([]string{
		"5", `"5"`, "0", "-1", "2.5", "5.0", "1e3", "1e309", "0777", "0x10", "1_000", ".inf", ".nan", "99999999999999999999",
		"true", "True", "yes", "null", "~", "abc", `""`, `" "`, `"a\nb"`, `"a\eb"`, "a b", "2024-01-01", "60 rpm", "60rps", "-5 rpm", "99999999 rpm",
		"30s", "1m30s", "30s1m", "5x", "99999h", "50k", "1.5M", "1.0005k", "M", "L-2DC80978", "L-x", "123456789012", `"123456789012"`, "a.b", "../x",
		"us-east-1", "model", "run", "fail", "none", "invoke", "json", "haiku", "name", "quota",
		"[]", "[a]", "[a, a]", "[json, json]", "[haiku]", "{}", "{a: b}", "{name: x}", "{for: 5s}", "{id: a.b}", "{constant: 5 rpm, for: 5s}", "{discover: {}}",
		"[{to: 5 rpm, over: 1m}]", "120k tpm", "80% of quota", "80% of tpm quota", "80%", "2x", "{haiku: 70%, nova: 30%}", "{haiku: 0%}", "{replay: a/b.jsonl}",
		"[{parallel: [{wait: 5s}, {discover: {}}]}]", "{parallel: [{wait: 5s}, {parallel: []}]}", "[[]]", "[null]", `{"": 1}`,
	}).Draw(t, "value")
	var tree yaml.Node
	if err := yaml.Unmarshal([]byte(text), &tree); err != nil {
		t.Fatal(err)
	}
	return tree.Content[0]
}

func TestSchemaIsStable(t *testing.T) {
	first, second := Schema(testLanguage()), Schema(testLanguage())
	if !bytes.Equal(first, second) || len(first) == 0 || !bytes.HasSuffix(first, []byte("}\n")) {
		t.Error("Schema gives other bytes the second time, or none")
	}
}

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema(testLanguage())))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("scenario.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("scenario.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

package sim

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

// inexpressible are the problems that no JSON Schema can have, with the reason.
var inexpressible = []struct {
	why      string
	problems *regexp.Regexp
}{
	{"a file that is no YAML gives no value", regexp.MustCompile(`^(this is not YAML|the file is not UTF-8|the file has a second document|the file has [0-9]+ bytes)`)},
	{"gone when YAML has become a JSON value", regexp.MustCompile(`^(aliases \(|key .* is given twice|a key is a word)`)},
	{"a schema does not compare one part of a value with another", regexp.MustCompile(`^(there is no .* in this account|(id|quota code) .* is given twice|an application profile has no limits)`)},
	{"a schema does not count with texts like 50k and 30s", regexp.MustCompile(`^[^ ]*[0-9][kMG] is not (between|a whole number)|^"[^"]*" is not between 0s and ten years|^a period is at least a minute`)},
	{"0777, 1_0.5 and .5 are numbers in a JSON value", regexp.MustCompile(`^"[-+.0-9a-fA-FxXoO_]*" is not a number that is understood here`)},
	{"quotes are gone in a JSON value", regexp.MustCompile(`^a number is wanted a quoted text`)},
	{"True is true in a JSON value", regexp.MustCompile(`^true or false is wanted "(True|TRUE|False|FALSE)"`)},
	{"a pattern says nothing about numbers: 12 is an id, and no account", regexp.MustCompile(`^"[-+.0-9a-fA-FxXoO_]*" has the wrong form|^"(true|false|True|TRUE|False|FALSE)" has the wrong form`)},
	{"an id or an ARN, but one of them: left to the reader", regexp.MustCompile(`^provisioned throughput has no id`)},
}

func TestSchemaAndParseAgreeOnFiles(t *testing.T) {
	schema := compiledSchema(t)
	refused, _ := filepath.Glob("testdata/err/*.yaml")
	accepted, _ := filepath.Glob("testdata/ok/*.yaml")
	others, _ := filepath.Glob("../../examples/*/account.yaml")
	if len(refused) < 10 || len(accepted) < 1 || len(others) < 1 {
		t.Fatalf("%d, %d and %d files", len(refused), len(accepted), len(others))
	}
	seen := make([]bool, len(inexpressible))
	for _, file := range slices.Concat(refused, accepted, others, []string{"default.yaml"}) {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if why := disagreement(schema, src, seen); why != "" {
			t.Errorf("%s: %s", file, why)
		}
		if _, err := Parse(file, src); (err == nil) == strings.Contains(file, "/err/") {
			t.Errorf("%s: %v", file, err)
		}
	}
	for i, ok := range seen {
		if !ok {
			t.Errorf("no file of testdata/err has a problem that is excused because %s", inexpressible[i].why)
		}
	}
}

func TestSchemaAndParseAgreeOnMutations(t *testing.T) {
	schema := compiledSchema(t)
	files := [][]byte{Default()}
	accepted, _ := filepath.Glob("testdata/ok/*.yaml")
	for _, file := range accepted {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, src)
	}
	good, bad := 0, 0
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
		if why := disagreement(schema, src, make([]bool, len(inexpressible))); why != "" {
			t.Fatalf("%s\n%s", why, src)
		}
		if _, err := Parse("m", src); err != nil {
			bad++
		} else {
			good++
		}
	})
	// Of the few mutations of -short, by chance none may be right.
	if (good == 0 || bad == 0) && !testing.Short() {
		t.Errorf("%d mutations were accepted and %d refused; want some of both", good, bad)
	}
}

// mutate changes, removes or renames one part of a file.
func mutate(t *rapid.T, tree *yaml.Node) {
	var all []*yaml.Node
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		for i, child := range n.Content {
			if n.Kind != yaml.MappingNode || i%2 == 1 {
				all = append(all, child)
			}
			walk(child)
		}
	}
	walk(tree)
	n := rapid.SampledFrom(all).Draw(t, "at")
	switch rapid.SampledFrom([]string{"value", "value", "drop", "rename"}).Draw(t, "mutation") {
	case "value":
		text := rapid.SampledFrom([]string{
			"0", "1", "-1", "60", "0.5", "1.5", "50k", "2M", "1e3", "1e20", "999999999999999999", `"60"`, `"50k"`, "010", "0x1f", ".inf", ".nan", "1_000",
			"30s", "1h30m", "5d", "-5s", "0s", "-0s", "+1s", "99999h", "30", "1.5h", "30 s", "true", "false", "True", "yes", `"true"`, "null", "~", `""`, "x",
			"ACTIVE", "bucket", "[ON_DEMAND]", "[TEXT, WORD]", "[]", "{}", "[1]", "{rpm: 5}", "{rpm: -5}", "{mean: 5, spread: 9}", "[{}]", "2020-01-01", "a b",
			`"123456789012"`, "123456789012", `"12"`, "us-west-2", "Mars", "[null]", "anthropic.a",
		}).Draw(t, "text")
		var other yaml.Node
		if err := yaml.Unmarshal([]byte(text), &other); err != nil {
			t.Fatal(err)
		}
		*n = *other.Content[0]
	case "drop":
		if n.Kind == yaml.MappingNode && len(n.Content) > 0 {
			at := 2 * rapid.IntRange(0, len(n.Content)/2-1).Draw(t, "key")
			n.Content = slices.Delete(n.Content, at, at+2)
		}
	case "rename":
		if n.Kind == yaml.MappingNode && len(n.Content) > 0 {
			at := 2 * rapid.IntRange(0, len(n.Content)/2-1).Draw(t, "key")
			n.Content[at].Value += "x"
		}
	}
}

// disagreement holds a file against Parse and the schema, notes which excuses
// it used, and says where the two differ.
func disagreement(schema *jsonschema.Schema, src []byte, seen []bool) string {
	_, err := Parse("f", src)
	problems, _ := err.(Problems)
	structural := ""
	for _, p := range problems {
		text := p.Message + " " + strings.TrimSuffix(strings.TrimPrefix(p.Hint, "it is "), " here")
		excused := false
		for i, e := range inexpressible {
			if e.problems.MatchString(text) {
				excused, seen[i] = true, true
			}
		}
		if !excused {
			structural = p.String()
		}
	}
	var tree yaml.Node
	if yaml.Unmarshal(src, &tree) != nil || tree.Kind == 0 {
		return "" // no value to hold against a schema
	}
	value, ok := asJSON(tree.Content[0], 0)
	if !ok { // a name like .inf: a text for Parse, nothing for JSON
		return ""
	}
	refusal := schema.Validate(value)
	switch {
	case refusal == nil && structural != "":
		return "the schema accepts what Parse refuses:\n" + structural
	case refusal != nil && len(problems) == 0:
		return "Parse accepts what the schema refuses: " + refusal.Error()
	}
	return ""
}

// asJSON is what a JSON decoder would give for the node; ok is false where
// JSON cannot say it.
func asJSON(n *yaml.Node, depth int) (v any, ok bool) {
	if depth > 100 {
		return nil, false
	}
	switch n.Kind {
	case yaml.AliasNode:
		return asJSON(n.Alias, depth+1)
	case yaml.SequenceNode:
		list := []any{}
		for _, child := range n.Content {
			item, ok := asJSON(child, depth+1)
			if !ok {
				return nil, false
			}
			list = append(list, item)
		}
		return list, true
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			item, ok := asJSON(n.Content[i+1], depth+1)
			if !ok {
				return nil, false
			}
			if _, twice := m[n.Content[i].Value]; !twice {
				m[n.Content[i].Value] = item
			}
		}
		return m, true
	}
	if n.Tag == "!!timestamp" { // JSON has none
		return n.Value, true
	}
	if n.Decode(&v) != nil {
		return nil, false
	}
	if f, isFloat := v.(float64); isFloat && (math.IsNaN(f) || math.IsInf(f, 0)) {
		return nil, false
	}
	return v, true
}

// Every key that Parse takes is in the schema, says of what type it is, and has
// a sentence.
func TestEveryKeyIsInTheSchema(t *testing.T) {
	var walk func(schema object, path string)
	walk = func(schema object, path string) {
		forms, several := schema["anyOf"].([]object)
		for _, form := range forms {
			walk(form, path)
		}
		if schema["type"] == nil && !several {
			t.Errorf("%s: the schema does not know its type: read it with the readers of scalars.go and yaml.go", path)
		}
		if schema["items"] != nil {
			walk(schema["items"].(object), path+"[]")
		}
		properties, _ := schema["properties"].(object)
		for name, inner := range properties {
			walk(inner.(object), strings.TrimPrefix(path+"."+name, "."))
		}
	}
	walk(sketch(), "")
	keys := Keys()
	for _, k := range keys {
		if !strings.HasSuffix(k.Doc, ".") {
			t.Errorf("%s has no sentence in keyDocs (schema_docs.go)", k.Path)
		}
		if k.Required && k.Default != nil {
			t.Errorf("%s is required, and has the default %v", k.Path, k.Default)
		}
	}
	for _, path := range []string{"account", "models[].limits.burst_tokens", "profiles[].limits.rpm", "traffic[].incidents[].for", "metrics.delay"} {
		if !slices.ContainsFunc(keys, func(k Key) bool { return k.Path == path }) {
			t.Errorf("there is no key %s among %d", path, len(keys))
		}
	}
	for _, k := range keys {
		if want, ok := map[string]any{
			"region": "us-east-1", "models[].max_output": 4096.0, "models[].latency.first_token": "200ms", "traffic[].period": "24h",
			"models[].streaming": true, "models[].limits.algorithm": "bucket", "metrics.delay": "0s",
		}[k.Path]; ok && k.Default != want {
			t.Errorf("%s: default %v; want %v", k.Path, k.Default, want)
		}
	}
}

// A key that the reader of a row looks up without the common readers would be
// in no schema; so the words of the package's own documentation are compared.
func TestEveryKeyIsInTheDocumentation(t *testing.T) {
	src, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	words := regexp.MustCompile(`[a-z_]+`).FindAllString(string(src), -1)
	for _, k := range Keys() {
		name := k.Path[strings.LastIndexByte(k.Path, '.')+1:]
		if !slices.Contains(words, name) {
			t.Errorf("doc.go does not tell of %s", k.Path)
		}
	}
}

func TestSchemaIsStable(t *testing.T) {
	first, second := Schema(), Schema()
	if !bytes.Equal(first, second) || !bytes.HasSuffix(first, []byte("}\n")) {
		t.Error("Schema gives other bytes the second time, or none")
	}
	if !bytes.Contains(first, []byte(`"description": "Requests a minute; 0 is no limit."`)) {
		t.Error("the schema has no descriptions")
	}
}

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("account.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("account.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestShortDuration(t *testing.T) {
	for _, test := range []struct{ long, want string }{{"24h", "24h"}, {"90m", "1h30m"}, {"5m", "5m"}, {"0s", "0s"}, {"200ms", "200ms"}, {"61s", "1m1s"}} {
		a := mustParse(t, fmt.Sprintf("metrics: {delay: %s}", test.long))
		if got := shortDuration(a.metricsDelay); got != test.want {
			t.Errorf("%s is written %s; want %s", test.long, got, test.want)
		}
	}
}

package record_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/loadline-dev/loadline/record"
)

// schema compiles the schema of run.json.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(record.Schema()))
	if err != nil {
		t.Fatalf("the schema is no JSON: %v", err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("run.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("run.schema.json")
	if err != nil {
		t.Fatalf("the schema is none: %v", err)
	}
	return s
}

// tree is a run as JSON, taken apart.
func tree(t *testing.T, r record.Run) map[string]any {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return doc.(map[string]any)
}

func TestRunsFollowTheSchema(t *testing.T) {
	s := schema(t)
	for name, r := range map[string]record.Run{"rich": richRun(), "empty": {}} {
		if err := s.Validate(tree(t, r)); err != nil {
			t.Errorf("a run that is %s does not follow the schema: %v", name, err)
		}
	}
	more := tree(t, richRun())
	more["added_later"] = true
	if err := s.Validate(more); err != nil {
		t.Errorf("a run with a key of a later version does not follow the schema: %v", err)
	}
}

func TestBrokenRunsDoNotFollowTheSchema(t *testing.T) {
	type object = map[string]any
	at := func(list any, i int) object { return list.([]any)[i].(object) }
	in := func(o object, key string) object { return o[key].(object) }
	tests := []struct {
		name string
		harm func(run object)
		want string // where the schema sees it
	}{
		{"no verdict", func(r object) { delete(r, "verdict") }, "verdict"},
		{"a start that is no time", func(r object) { r["started"] = "yesterday" }, "/started"},
		{"a seed with a fraction", func(r object) { r["seed"] = 1.5 }, "/seed"},
		{"a duration without a unit", func(r object) { in(r, "plan")["duration"] = "60" }, "/plan/duration"},
		{"a price that is a text", func(r object) { in(r, "plan")["usd"] = "1" }, "/plan/usd"},
		{"a reading that is a text", func(r object) { in(in(r, "totals"), "ramp")["throttle_rate"] = "0.5" }, "/totals/ramp/throttle_rate"},
		{"a nested reading that is a text", func(r object) { in(in(at(r["models"], 0), "ramp"), "latency_ms")["p95"] = "1" }, "/models/0/ramp/latency_ms/p95"},
		{"a model without its id", func(r object) { delete(at(r["models"], 0), "id") }, "/models/0"},
		{"a quota without a code", func(r object) { delete(at(at(r["models"], 0)["quotas"], 0), "code") }, "/models/0/quotas/0"},
		{"a load without its count", func(r object) { delete(in(at(r["steps"], 0), "load"), "planned") }, "/steps/0/load"},
		{"half an outcome", func(r object) { in(in(at(r["steps"], 0), "load"), "outcomes")["ok"] = 0.5 }, "/steps/0/load/outcomes/ok"},
		{"a stage without a name", func(r object) { delete(at(in(at(r["steps"], 0), "load")["stages"], 0), "name") }, "/steps/0/load/stages/0"},
		{"a point that is a text", func(r object) { at(r["series"], 0)["values"].([]any)[0] = "4" }, "/series/0/values/0"},
		{"a line with a fraction", func(r object) { at(r["assertions"], 0)["line"] = 1.5 }, "/assertions/0/line"},
		{"a list in place of an object", func(r object) { r["target"] = []any{} }, "/target"},
	}
	s := schema(t)
	for _, tt := range tests {
		run := tree(t, richRun())
		tt.harm(run)
		if err := s.Validate(run); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: Validate = %v; want an error at %s", tt.name, err, tt.want)
		}
	}
}

func TestSchemaTellsEveryMetric(t *testing.T) {
	text := string(record.Schema())
	for _, m := range record.Metrics {
		doc, err := json.Marshal(m.Kind() + ": " + m.Doc)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text, strings.Trim(string(doc), `"`)) {
			t.Errorf("the schema does not say what %s of a %s step is", m.Name, m.Kind())
		}
	}
}

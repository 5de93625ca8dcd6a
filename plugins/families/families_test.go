package families_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/families"
)

func TestEveryFamilyIsWhole(t *testing.T) {
	names, beginnings := map[string]bool{}, map[string]string{}
	for i, f := range families.All {
		if f.Name == "" || f.Name != strings.ToLower(f.Name) || names[f.Name] {
			t.Errorf("family %q has a name that is empty, taken or not in lower case", f.Name)
		}
		names[f.Name] = true
		if !strings.HasSuffix(f.Doc, ".") {
			t.Errorf("family %s: Doc = %q; want a sentence", f.Name, f.Doc)
		}
		if len(f.Match) == 0 {
			t.Errorf("family %s matches no model", f.Name)
		}
		if (f.Body == nil) != (len(f.Usage.Input) == 0) {
			t.Errorf("family %s has one of Body and Usage; want both, or neither", f.Name)
		}
		for _, m := range f.Match {
			if other := beginnings[m]; other != "" {
				t.Errorf("families %s and %s both match %q", other, f.Name, m)
			}
			beginnings[m] = f.Name
			if got := families.Of(m+"-x", families.All).Name; got != f.Name {
				t.Errorf("Of(%q) = %s; want %s, which lists it", m+"-x", got, f.Name)
			}
			if last := i == len(families.All)-1; (m == "") != last {
				t.Errorf("family %s matches %q; want every id matched by the last row, and by it alone", f.Name, m)
			}
		}
	}
}

func TestOf(t *testing.T) {
	tests := []struct{ id, want string }{
		{"anthropic.claude-3-haiku-20240307-v1:0", "claude"},
		{"anthropic.claude-sonnet-5", "claude"},
		{"amazon.nova-lite-v1:0", "nova"},
		{"amazon.nova-premier-v1:0", "nova"},
		{"amazon.nova-2-lite-v1:0:256k", "nova"},
		{"amazon.nova-canvas-v1:0", "general"},
		{"amazon.nova-sonic-v1:0", "general"},
		{"amazon.nova-2-sonic-v1:0", "general"},
		{"amazon.nova-2-multimodal-embeddings-v1:0", "general"},
		{"amazon.titan-text-express-v1", "titan-text"},
		{"amazon.titan-embed-text-v2:0", "general"},
		{"meta.llama3-3-70b-instruct-v1:0", "llama"},
		{"meta.llama4-scout-17b-instruct-v1:0", "llama"},
		{"meta.llama2-13b-chat-v1", "general"},
		{"mistral.mistral-7b-instruct-v0:2", "general"},
		{"us.anthropic.claude-3-haiku-20240307-v1:0", "general"}, // not a base id
		{"", "general"},
	}
	for _, tt := range tests {
		if got := families.Of(tt.id, families.All).Name; got != tt.want {
			t.Errorf("Of(%q) = %s; want %s", tt.id, got, tt.want)
		}
	}
	if got := families.Of("x", nil); got.Name != "general" || !got.Text || got.Body != nil {
		t.Errorf("Of a table without rows = %+v; want a general family that is asked through Converse", got)
	}
}

// Bodies as in "Inference request parameters and response fields for
// foundation models", Amazon Bedrock user guide.
func TestBodies(t *testing.T) {
	warm := 0.7
	plain := plugins.Prompt{Text: `say "hi" <now>`, MaxTokens: 50}
	full := plugins.Prompt{Text: "hi", System: "be brief", MaxTokens: 1, Temperature: &warm}
	cold := plugins.Prompt{Text: "hi", MaxTokens: 9, Temperature: new(float64)}
	tests := []struct {
		family string
		prompt plugins.Prompt
		want   string
	}{
		{"claude", plain, `{"anthropic_version":"bedrock-2023-05-31","max_tokens":50,"messages":[{"role":"user","content":"say \"hi\" <now>"}]}`},
		{"claude", full, `{"anthropic_version":"bedrock-2023-05-31","max_tokens":1,"system":"be brief","temperature":0.7,"messages":[{"role":"user","content":"hi"}]}`},
		{"claude", cold, `{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"temperature":0,"messages":[{"role":"user","content":"hi"}]}`},
		{"nova", plain, `{"schemaVersion":"messages-v1","messages":[{"role":"user","content":[{"text":"say \"hi\" <now>"}]}],"inferenceConfig":{"maxTokens":50}}`},
		{"nova", full, `{"schemaVersion":"messages-v1","system":[{"text":"be brief"}],"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"maxTokens":1,"temperature":0.7}}`},
		{"nova", cold, `{"schemaVersion":"messages-v1","messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"maxTokens":9,"temperature":0}}`},
		{"titan-text", plain, `{"inputText":"say \"hi\" <now>","textGenerationConfig":{"maxTokenCount":50}}`},
		{"titan-text", full, `{"inputText":"be brief\n\nhi","textGenerationConfig":{"maxTokenCount":1,"temperature":0.7}}`},
		{"titan-text", cold, `{"inputText":"hi","textGenerationConfig":{"maxTokenCount":9,"temperature":0}}`},
		{"llama", plain, `{"prompt":"<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nsay \"hi\" <now><|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n","max_gen_len":50}`},
		{"llama", full, `{"prompt":"<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nbe brief<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nhi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n","max_gen_len":1,"temperature":0.7}`},
		{"llama", cold, `{"prompt":"<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nhi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n","max_gen_len":9,"temperature":0}`},
	}
	covered := map[string]bool{}
	for _, tt := range tests {
		covered[tt.family] = true
		got, err := family(t, tt.family).Body(tt.prompt)
		if err != nil || !reflect.DeepEqual(decode(t, got), decode(t, []byte(tt.want))) {
			t.Errorf("%s: Body(%+v) = %s, %v; want %s", tt.family, tt.prompt, got, err, tt.want)
		}
	}
	for _, f := range families.All {
		if f.Body != nil && !covered[f.Name] {
			t.Errorf("no row here says what the body of %s is", f.Name)
		}
	}
}

// A body without a limit reserves the model's maximum: the commonest cause of
// surprising throttles.
func TestEveryBodyLimitsTheOutput(t *testing.T) {
	for _, f := range families.All {
		if f.Body == nil {
			continue
		}
		for _, limit := range []int64{0, 1, 4242} {
			body, err := f.Body(plugins.Prompt{Text: "hi", MaxTokens: limit})
			if err != nil || !holds(decode(t, body), float64(limit)) {
				t.Errorf("%s: Body with MaxTokens %d = %s, %v; want the number in it", f.Name, limit, body, err)
			}
		}
	}
}

// holds tells whether a number stands anywhere in a JSON value.
func holds(v any, n float64) bool {
	switch v := v.(type) {
	case float64:
		return v == n
	case map[string]any:
		for _, e := range v {
			if holds(e, n) {
				return true
			}
		}
	}
	return false
}

func family(t *testing.T, name string) plugins.Family {
	t.Helper()
	for _, f := range families.All {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no family is named %s", name)
	return plugins.Family{}
}

func decode(t *testing.T, b []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%s is no JSON: %v", b, err)
	}
	return v
}

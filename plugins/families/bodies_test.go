package families_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/families"
)

// The prompts of the golden bodies: a bare one, and one with all that a
// scenario can say.
var (
	plain = plugins.Prompt{Text: `say "hi" <now>`, MaxTokens: 50}
	full  = plugins.Prompt{Text: "hi", System: "be brief", MaxTokens: 1, Temperature: new(0.7), Streamed: true}
	cold  = plugins.Prompt{Text: "hi", MaxTokens: 9, Temperature: new(0.0)}
)

// The shape that most makers share.
const (
	chatPlain = `{"messages":[{"role":"user","content":"say \"hi\" <now>"}],"max_tokens":50}`
	chatFull  = `{"messages":[{"role":"system","content":"be brief"},{"role":"user","content":"hi"}],"max_tokens":1,"temperature":0.7}`
)

// Every body as the provider's page in the user guide, or the maker of the
// chat template, documents it.
func TestBodies(t *testing.T) {
	tests := []struct {
		family      string
		plain, full string
	}{
		{"claude-text", `{"prompt":"\n\nHuman: say \"hi\" <now>\n\nAssistant:","max_tokens_to_sample":50}`,
			`{"prompt":"be brief\n\nHuman: hi\n\nAssistant:","max_tokens_to_sample":1,"temperature":0.7}`},
		{"claude", `{"anthropic_version":"bedrock-2023-05-31","max_tokens":50,"messages":[{"role":"user","content":"say \"hi\" <now>"}]}`,
			`{"anthropic_version":"bedrock-2023-05-31","max_tokens":1,"system":"be brief","temperature":0.7,"messages":[{"role":"user","content":"hi"}]}`},
		{"nova-canvas", `{"taskType":"TEXT_IMAGE","textToImageParams":{"text":"say \"hi\" <now>"},"imageGenerationConfig":{"numberOfImages":1,"width":512,"height":512}}`,
			`{"taskType":"TEXT_IMAGE","textToImageParams":{"text":"be brief\n\nhi"},"imageGenerationConfig":{"numberOfImages":1,"width":512,"height":512}}`},
		{"nova-embed", `{"schemaVersion":"nova-multimodal-embed-v1","taskType":"SINGLE_EMBEDDING","singleEmbeddingParams":{"embeddingPurpose":"GENERIC_INDEX","text":{"truncationMode":"END","value":"say \"hi\" <now>"}}}`,
			`{"schemaVersion":"nova-multimodal-embed-v1","taskType":"SINGLE_EMBEDDING","singleEmbeddingParams":{"embeddingPurpose":"GENERIC_INDEX","text":{"truncationMode":"END","value":"be brief\n\nhi"}}}`},
		{"nova", `{"schemaVersion":"messages-v1","messages":[{"role":"user","content":[{"text":"say \"hi\" <now>"}]}],"inferenceConfig":{"maxTokens":50}}`,
			`{"schemaVersion":"messages-v1","system":[{"text":"be brief"}],"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"maxTokens":1,"temperature":0.7}}`},
		{"titan-embed", `{"inputText":"say \"hi\" <now>"}`, `{"inputText":"be brief\n\nhi"}`},
		{"titan-image", `{"taskType":"TEXT_IMAGE","textToImageParams":{"text":"say \"hi\" <now>"},"imageGenerationConfig":{"numberOfImages":1,"width":512,"height":512}}`,
			`{"taskType":"TEXT_IMAGE","textToImageParams":{"text":"be brief\n\nhi"},"imageGenerationConfig":{"numberOfImages":1,"width":512,"height":512}}`},
		{"titan-text", `{"inputText":"say \"hi\" <now>","textGenerationConfig":{"maxTokenCount":50}}`,
			`{"inputText":"be brief\n\nhi","textGenerationConfig":{"maxTokenCount":1,"temperature":0.7}}`},
		{"amazon-rerank", `{"query":"say \"hi\" <now>","documents":["say \"hi\" <now>"],"top_n":1}`, `{"query":"be brief\n\nhi","documents":["hi"],"top_n":1}`},
		{"llama2", `{"prompt":"<s>[INST] say \"hi\" <now> [/INST]","max_gen_len":50}`,
			`{"prompt":"<s>[INST] <<SYS>>\nbe brief\n<</SYS>>\n\nhi [/INST]","max_gen_len":1,"temperature":0.7}`},
		{"llama", `{"prompt":"<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nsay \"hi\" <now><|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n","max_gen_len":50}`,
			`{"prompt":"<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nbe brief<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nhi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n","max_gen_len":1,"temperature":0.7}`},
		{"llama4", `{"prompt":"<|begin_of_text|><|header_start|>user<|header_end|>\n\nsay \"hi\" <now><|eot|><|header_start|>assistant<|header_end|>\n\n","max_gen_len":50}`,
			`{"prompt":"<|begin_of_text|><|header_start|>system<|header_end|>\n\nbe brief<|eot|><|header_start|>user<|header_end|>\n\nhi<|eot|><|header_start|>assistant<|header_end|>\n\n","max_gen_len":1,"temperature":0.7}`},
		{"mistral-text", `{"prompt":"<s>[INST] say \"hi\" <now> [/INST]","max_tokens":50}`, `{"prompt":"<s>[INST] be brief\n\nhi [/INST]","max_tokens":1,"temperature":0.7}`},
		{"mistral", chatPlain, chatFull},
		{"cohere-command-r", `{"message":"say \"hi\" <now>","max_tokens":50}`, `{"message":"hi","preamble":"be brief","max_tokens":1,"temperature":0.7}`},
		{"cohere-command", `{"prompt":"say \"hi\" <now>","max_tokens":50}`, `{"prompt":"be brief\n\nhi","max_tokens":1,"temperature":0.7,"stream":true}`},
		{"cohere-embed", `{"texts":["say \"hi\" <now>"],"input_type":"search_document"}`, `{"texts":["be brief\n\nhi"],"input_type":"search_document"}`},
		{"cohere-rerank", `{"query":"say \"hi\" <now>","documents":["say \"hi\" <now>"],"top_n":1,"api_version":2}`, `{"query":"be brief\n\nhi","documents":["hi"],"top_n":1,"api_version":2}`},
		{"jurassic", `{"prompt":"say \"hi\" <now>","maxTokens":50}`, `{"prompt":"be brief\n\nhi","maxTokens":1,"temperature":0.7}`},
		{"jamba", chatPlain, chatFull},
		{"deepseek-r1", `{"prompt":"<｜begin▁of▁sentence｜><｜User｜>say \"hi\" <now><｜Assistant｜><think>\n","max_tokens":50}`,
			`{"prompt":"<｜begin▁of▁sentence｜>be brief<｜User｜>hi<｜Assistant｜><think>\n","max_tokens":1,"temperature":0.7}`},
		{"deepseek", chatPlain, chatFull},
		{"openai", strings.Replace(chatPlain, "max_tokens", "max_completion_tokens", 1), strings.Replace(chatFull, "max_tokens", "max_completion_tokens", 1)},
		{"qwen", chatPlain, chatFull},
		{"writer", chatPlain, chatFull},
		{"gemma", chatPlain, chatFull},
		{"glm", chatPlain, chatFull},
		{"grok", chatPlain, chatFull},
		{"kimi", chatPlain, chatFull},
		{"minimax", chatPlain, chatFull},
		{"nemotron", chatPlain, chatFull},
		{"stable-diffusion-xl", `{"text_prompts":[{"text":"say \"hi\" <now>"}]}`, `{"text_prompts":[{"text":"be brief\n\nhi"}]}`},
		{"stable-image", `{"prompt":"say \"hi\" <now>","mode":"text-to-image","aspect_ratio":"1:1","output_format":"png"}`,
			`{"prompt":"be brief\n\nhi","mode":"text-to-image","aspect_ratio":"1:1","output_format":"png"}`},
		{"marengo", `{"inputType":"text","text":{"inputText":"say \"hi\" <now>"}}`, `{"inputType":"text","text":{"inputText":"be brief\n\nhi"}}`},
		{"general", chatPlain, chatFull},
	}
	covered := map[string]bool{}
	for _, tt := range tests {
		covered[tt.family] = true
		for _, c := range []struct {
			prompt plugins.Prompt
			want   string
		}{{plain, tt.plain}, {full, tt.full}} {
			got, err := family(t, tt.family).Body(c.prompt)
			if err != nil || !reflect.DeepEqual(decode(t, got), decode(t, []byte(c.want))) {
				t.Errorf("%s: Body(%+v) =\n%s, %v; want\n%s", tt.family, c.prompt, got, err, c.want)
			}
		}
	}
	for _, f := range families.All {
		if f.Body != nil && !covered[f.Name] {
			t.Errorf("no row here says what the body of %s is", f.Name)
		}
	}
}

// A temperature of 0 is one, and is sent wherever a temperature has a place.
func TestColdBodies(t *testing.T) {
	for _, f := range families.All {
		if f.Body == nil || f.NoOutput {
			continue
		}
		b, err := f.Body(cold)
		if err != nil || !strings.Contains(string(b), `"temperature":0`) {
			t.Errorf("%s: Body(%+v) = %s, %v; want the temperature in it", f.Name, cold, b, err)
		}
	}
}

func TestRerank(t *testing.T) {
	for _, c := range []struct {
		text      string
		query     string
		documents []any
	}{
		{"which?", "which?", []any{"which?"}},
		{"which?\nthis\r\n\n  that  \n", "which?", []any{"this", "that"}},
		{"\nthis", "", []any{"this"}},
		{"", "", []any{""}},
	} {
		b, err := family(t, "amazon-rerank").Body(plugins.Prompt{Text: c.text})
		want := map[string]any{"query": c.query, "documents": c.documents, "top_n": float64(len(c.documents))}
		if err != nil || !reflect.DeepEqual(decode(t, b), any(want)) {
			t.Errorf("rerank of %q = %s, %v; want %v", c.text, b, err, want)
		}
	}
}

// A body without a limit reserves the model's maximum: the commonest cause of
// surprising throttles. Whatever the prompt, the body is JSON with the limit
// where the family says that it stands, the prompt in it, and nothing of a
// prompt that has no output to limit.
func TestEveryBodyLimitsTheOutput(t *testing.T) { rapid.Check(t, bodiesHold) }

func FuzzBodies(f *testing.F) { f.Fuzz(rapid.MakeFuzz(bodiesHold)) }

func bodiesHold(r *rapid.T) {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"<|eot_id|>", "[/INST]", "</s>", "\n\nHuman:", "\xff\x00", `"},{"`, "${max_tokens}"}))
	p := plugins.Prompt{Text: text.Draw(r, "text"), System: text.Draw(r, "system"), MaxTokens: rapid.Int64Range(0, 1e6).Draw(r, "max_tokens"), Streamed: rapid.Bool().Draw(r, "streamed")}
	if rapid.Bool().Draw(r, "warm") {
		p.Temperature = new(rapid.Float64Range(0, 1).Draw(r, "temperature"))
	}
	for _, f := range families.All {
		if f.Body == nil {
			continue
		}
		b, err := f.Body(p)
		var body map[string]any
		if err != nil || json.Unmarshal(b, &body) != nil {
			r.Fatalf("%s: Body(%+v) = %s, %v; want JSON", f.Name, p, b, err)
		}
		if f.NoOutput {
			p.MaxTokens++
			if again, err := f.Body(p); err != nil || string(again) != string(b) {
				r.Fatalf("%s: Body depends on max_tokens: %s", f.Name, again)
			}
			continue
		}
		if got := at(body, f.Cap); got != float64(p.MaxTokens) {
			r.Fatalf("%s: Body(%+v) = %s; want %d at %s, got %v", f.Name, p, b, p.MaxTokens, f.Cap, got)
		}
		if _, ok := holder(body, f.Cap)["temperature"]; ok != (p.Temperature != nil) {
			r.Fatalf("%s: Body(%+v) = %s; want a temperature beside the limit where there is one", f.Name, p, b)
		}
	}
}

// holder is the object in which the last name of a path stands.
func holder(v map[string]any, path string) map[string]any {
	first, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		return v
	}
	inner, _ := v[first].(map[string]any)
	return holder(inner, rest)
}

// at is what stands at a path.
func at(v map[string]any, path string) any {
	return holder(v, path)[path[strings.LastIndex(path, ".")+1:]]
}

// A body is the same bytes each time, so that a run can be repeated.
func TestBodiesAreRepeatable(t *testing.T) {
	for _, f := range families.All {
		if f.Body == nil {
			continue
		}
		first, err := f.Body(full)
		for range 5 {
			if again, err2 := f.Body(full); err != nil || err2 != nil || string(again) != string(first) {
				t.Fatalf("%s: Body = %s, then %s", f.Name, first, again)
			}
		}
	}
}

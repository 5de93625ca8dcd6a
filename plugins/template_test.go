package plugins_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/plugins"
)

func TestTemplate(t *testing.T) {
	warm := 0.5
	full := plugins.Prompt{Text: `say "hi" \ </x>` + "\n", System: "be\tkind", MaxTokens: 50, Temperature: &warm}
	bare := plugins.Prompt{Text: "hi", MaxTokens: 7}
	for _, test := range []struct {
		template   string
		full, bare string // as values
	}{
		{`{}`, `{}`, `{}`},
		{`{"a":[],"b":{},"c":"","d":[1,-2.50,1e3,true,false,null]}`, `{"a":[],"b":{},"c":"","d":[1,-2.50,1e3,true,false,null]}`, `{"a":[],"b":{},"c":"","d":[1,-2.50,1e3,true,false,null]}`},
		{`{"p":"${prompt}"}`, `{"p":"say \"hi\" \\ </x>\n"}`, `{"p":"hi"}`},
		{`{"p":"<${prompt}> in ${max_tokens} by ${system}."}`, `{"p":"<say \"hi\" \\ </x>\n> in 50 by be\tkind."}`, `{"p":"<hi> in 7 by ."}`},
		{`{"n":"${max_tokens}","t":"${temperature}","s":"${system}","z":1}`, `{"n":50,"t":0.5,"s":"be\tkind","z":1}`, `{"n":7,"z":1}`},
		{`{"l":["${system}","${temperature}","${prompt}"]}`, `{"l":["be\tkind",0.5,"say \"hi\" \\ </x>\n"]}`, `{"l":["hi"]}`},
		{`{"l":["${system}"],"o":{"t":"${temperature}"}}`, `{"l":["be\tkind"],"o":{"t":0.5}}`, `{"l":[],"o":{}}`},
		{`{"plain":"$${prompt} costs $5 { } $"}`, `{"plain":"${prompt} costs $5 { } $"}`, `{"plain":"${prompt} costs $5 { } $"}`},
		{`{"escaped":"\u0024{prompt}\u00e9"}`, `{"escaped":"say \"hi\" \\ </x>\né"}`, `{"escaped":"hié"}`},
		{`{"${prompt}":"a key is no text"}`, `{"${prompt}":"a key is no text"}`, `{"${prompt}":"a key is no text"}`},
		{` { "id" : 12345678901234567890 } `, `{"id":12345678901234567890}`, `{"id":12345678901234567890}`},
	} {
		parsed, err := plugins.ParseTemplate(test.template)
		if err != nil {
			t.Errorf("ParseTemplate(%s) = %v", test.template, err)
			continue
		}
		for _, c := range []struct {
			prompt plugins.Prompt
			want   string
		}{{full, test.full}, {bare, test.bare}} {
			got, err := parsed.Body(c.prompt)
			if err != nil || !reflect.DeepEqual(value(t, string(got)), value(t, c.want)) {
				t.Errorf("%s of %+v = %s, %v; want %s", test.template, c.prompt, got, err, c.want)
			}
		}
	}
}

// value decodes JSON with its numbers as they are written.
func value(t *testing.T, text string) (v any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s is no JSON: %v", text, err)
	}
	return v
}

func TestTemplateMistakes(t *testing.T) {
	for _, test := range []struct {
		template string
		offset   int
		message  string
		hint     string
	}{
		{``, 0, "it ends too early", "for example"},
		{`{"a": `, 6, "it ends too early", "for example"},
		{`{"a": 1`, 7, "it ends too early", "for example"},
		{`{"a": x}`, 6, "is no JSON", "for example"},
		{`{"é": x}`, 6, "is no JSON", "for example"},
		{`{'a': 1}`, 1, "is no JSON", "for example"},
		{`[1]`, 0, "is no JSON object", "for example"},
		{`"${prompt}"`, 0, "is no JSON object", "for example"},
		{`{} {}`, 3, "goes on after its end", "leave out"},
		{`{"a":"b"}}`, 9, "goes on after its end", "leave out"},
		{`{"a": "é ${promt}"}`, 9, "has ${promt}", "did you mean ${prompt}?"},
		{`{"a": "${HOME}"}`, 7, "has ${HOME}", "there are ${prompt}, ${system}, ${max_tokens}, ${temperature}"},
		{`{"a": "${prompt"}`, 7, "nothing is known", "$${"},
		{`{"a": "at ${temperature}"}`, 10, "within a text", "alone"},
		{strings.Repeat(`{"a":`, 60) + "1" + strings.Repeat("}", 60), 255, "nested", "no body"},
	} {
		_, err := plugins.ParseTemplate(test.template)
		var wrong *plugins.TemplateError
		if !errors.As(err, &wrong) {
			t.Errorf("ParseTemplate(%s) = %v; want a mistake", test.template, err)
			continue
		}
		if wrong.Offset != test.offset || wrong.Width < 1 || !strings.Contains(wrong.Message, test.message) || !strings.Contains(wrong.Hint, test.hint) {
			t.Errorf("ParseTemplate(%s) = %+v; want %q at %d, and %q", test.template, *wrong, test.message, test.offset, test.hint)
		}
	}
}

// Whatever a prompt says comes out of the body as it went in, and nothing else
// of the body changes.
func TestPromptsRoundTripThroughATemplate(t *testing.T) {
	template, err := plugins.ParseTemplate(`{"messages":[{"role":"user","content":[{"text":"${prompt}"}]}],"system":"<${system}>","max":"${max_tokens}","t":"${temperature}"}`)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		p := plugins.Prompt{Text: rapid.String().Draw(t, "text"), System: rapid.String().Draw(t, "system"), MaxTokens: rapid.Int64Range(1, 1e9).Draw(t, "max")}
		if rapid.Bool().Draw(t, "warm") {
			p.Temperature = new(rapid.Float64Range(0, 1).Draw(t, "temperature"))
		}
		type message struct {
			Role    string
			Content []struct{ Text string }
		}
		var got struct {
			Messages []message
			System   string
			Max      int64
			T        *float64
		}
		body, _ := template.Body(p)
		if err := json.Unmarshal(body, &got); err != nil {
			t.Fatalf("the body %s is no JSON: %v", body, err)
		}
		if got.Messages[0].Content[0].Text != p.Text || got.Messages[0].Role != "user" || got.System != "<"+p.System+">" || got.Max != p.MaxTokens || !reflect.DeepEqual(got.T, p.Temperature) {
			t.Fatalf("the body is %s; want %+v in it", body, p)
		}
	})
}

// A template that is read makes JSON of any prompt, and the same again.
func FuzzTemplate(f *testing.F) {
	f.Add(`{"text": "${prompt}", "limit": "${max_tokens}", "t": "${temperature}", "s": ["${system}"]}`, "hi", "there")
	f.Add(`{"a": [{"b": "x${prompt}y$${z}"}, null, 1e400]}`, "\"}", "\x00\xff")
	f.Add(`{"a":1,"a":2} `, "", "")
	f.Fuzz(func(t *testing.T, template, prompt, system string) {
		parsed, err := plugins.ParseTemplate(template)
		if err != nil {
			var wrong *plugins.TemplateError
			if !errors.As(err, &wrong) || wrong.Hint == "" || wrong.Offset < 0 || wrong.Offset > utf8.RuneCountInString(template) {
				t.Fatalf("ParseTemplate(%q) = %#v; want a place inside and a way out", template, err)
			}
			return
		}
		body, _ := parsed.Body(plugins.Prompt{Text: prompt, System: system, MaxTokens: 9})
		if !json.Valid(body) {
			t.Fatalf("%q with %q and %q makes %q, which is no JSON", template, prompt, system, body)
		}
	})
}

func BenchmarkTemplate(b *testing.B) {
	template, err := plugins.ParseTemplate(`{"messages":[{"role":"user","content":"${prompt}"}],"max_tokens":"${max_tokens}","temperature":"${temperature}"}`)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := template.Body(plugins.Prompt{Text: "Summarize this in one sentence: AWS provides cloud computing services.", MaxTokens: 50}); err != nil {
			b.Fatal(err)
		}
	}
}

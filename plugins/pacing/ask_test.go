package pacing

import (
	"strings"
	"testing"
)

func TestBodyAsk(t *testing.T) {
	for _, test := range []struct {
		body string
		want ask
	}{
		{`{"anthropic_version":"bedrock-2023-05-31","max_tokens":50,"messages":[{"role":"user","content":"hi there"}]}`, ask{text: 8, maxTokens: 50}},
		{`{"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"maxTokens": 20}}`, ask{text: 2, maxTokens: 20}},
		{"{\"inputText\":\"hi\",\n \"textGenerationConfig\" : { \"maxTokenCount\" :\t77 } }", ask{text: 2, maxTokens: 77}},
		{`{"prompt":"say \"max_tokens\": 9 \\","max_gen_len":5}`, ask{text: 24, maxTokens: 5}},
		{`{"max_tokens":null,"prompt":"x"}`, ask{text: 1}},
		{`{"max_tokens":99999999999999999999,"prompt":"x"}`, ask{text: 1}},
		{`{"source":{"type":"base64","media_type":"image/png","data":"` + strings.Repeat("A", 1000) + `"}}`, ask{pictures: 1}},
		{`{"prompt":"never ends`, ask{text: 10}},
		{``, ask{}},
	} {
		if got := bodyAsk([]byte(test.body)); got != test.want {
			t.Errorf("%.80s asks for %+v; want %+v", test.body, got, test.want)
		}
	}
}

// No body makes it fail, and none has more text than bytes.
func FuzzBodyAsk(f *testing.F) {
	f.Add([]byte(`{"max_tokens":50,"prompt":"a\\\"b"}`))
	f.Add([]byte(`"\"`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if a := bodyAsk(body); a.text < 0 || a.text > len(body) || a.maxTokens < 0 || a.pictures < 0 {
			t.Errorf("%q asks for %+v", body, a)
		}
	})
}

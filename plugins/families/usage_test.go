package families_test

import (
	"reflect"
	"testing"

	"github.com/loadline-dev/loadline/plugins/families"
	"github.com/loadline-dev/loadline/record"
)

func TestUsage(t *testing.T) {
	tests := []struct {
		family, reply string
		want          *record.Usage // nil: unknown
	}{
		{"claude", `{"id":"msg_1","type":"message","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","usage":{"input_tokens":12,"output_tokens":3}}`, &record.Usage{Input: 12, Output: 3}},
		{"claude", `{"usage":{"input_tokens":0,"output_tokens":0}}`, &record.Usage{}},
		{"claude", `{"usage":{"input_tokens":12}}`, nil},
		{"claude", `{"usage":{"output_tokens":3}}`, nil},
		{"claude", `{"usage":{"input_tokens":null,"output_tokens":3}}`, nil},
		{"claude", `{"usage":{"input_tokens":-1,"output_tokens":3}}`, nil},
		{"claude", `{"usage":{"input_tokens":"12","output_tokens":3}}`, nil},
		{"claude", `{"usage":{"input_tokens":1.5,"output_tokens":3}}`, nil},
		{"claude", `{"usage":{"input_tokens":1e30,"output_tokens":3}}`, nil},
		{"claude", `{"usage":{}}`, nil},
		{"claude", `{"usage":null}`, nil},
		{"claude", `{"usage":[12,3]}`, nil},
		{"claude", `{}`, nil},
		{"nova", `{"output":{"message":{"role":"assistant","content":[{"text":"ok"}]}},"stopReason":"end_turn","usage":{"inputTokens":7,"outputTokens":2,"totalTokens":9}}`, &record.Usage{Input: 7, Output: 2}},
		{"nova", `{"usage":{"inputTokens":7}}`, nil},
		{"nova", `{"usage":{"inputTokens":7,"outputTokens":-2}}`, nil},
		{"nova", `{"usage":{"inputTokens":7,"outputTokens":true}}`, nil},
		{"nova", `{"usage":{"input_tokens":7,"output_tokens":2}}`, nil},
		{"nova", `{}`, nil},
		{"titan-text", `{"inputTextTokenCount":5,"results":[{"tokenCount":4,"outputText":"ok","completionReason":"FINISH"}]}`, &record.Usage{Input: 5, Output: 4}},
		{"titan-text", `{"inputTextTokenCount":5,"results":[{"tokenCount":4},{"tokenCount":6}]}`, &record.Usage{Input: 5, Output: 10}},
		{"titan-text", `{"inputTextTokenCount":5,"results":[{"tokenCount":4},{"outputText":"ok"}]}`, nil},
		{"titan-text", `{"inputTextTokenCount":5,"results":[{"tokenCount":-4},{"tokenCount":6}]}`, nil},
		{"titan-text", `{"inputTextTokenCount":5,"results":[{"tokenCount":9223372036854775807},{"tokenCount":9223372036854775807},{"tokenCount":9}]}`, nil},
		{"titan-text", `{"inputTextTokenCount":5,"results":[]}`, nil},
		{"titan-text", `{"inputTextTokenCount":5}`, nil},
		{"titan-text", `{"results":[{"tokenCount":4}]}`, nil},
		{"titan-text", `{"inputTextTokenCount":-5,"results":[{"tokenCount":4}]}`, nil},
		{"llama", `{"generation":"ok","prompt_token_count":9,"generation_token_count":1,"stop_reason":"stop"}`, &record.Usage{Input: 9, Output: 1}},
		{"llama", `{"prompt_token_count":9}`, nil},
		{"llama", `{"generation_token_count":9}`, nil},
		{"llama", `{"prompt_token_count":9,"generation_token_count":-1}`, nil},
		{"llama", `{"prompt_token_count":[9],"generation_token_count":1}`, nil},
	}
	known := map[string]bool{}
	for _, tt := range tests {
		known[tt.family] = known[tt.family] || tt.want != nil
		if got := family(t, tt.family).Usage.Read([]byte(tt.reply)); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: Usage(%s) = %+v; want %+v", tt.family, tt.reply, got, tt.want)
		}
	}
	for _, f := range families.All {
		if f.Body == nil {
			continue
		}
		if !known[f.Name] {
			t.Errorf("no row here says where the replies of %s tell their tokens", f.Name)
		}
		for _, reply := range []string{"", "null", "1", `""`, "[]", "{", "<html>", "\xff"} {
			if got := f.Usage.Read([]byte(reply)); got != nil {
				t.Errorf("%s: Usage(%q) = %+v; want nil: unknown is not zero", f.Name, reply, got)
			}
		}
	}
}

func FuzzUsage(f *testing.F) {
	f.Add([]byte(`{"usage":{"input_tokens":12,"output_tokens":3,"inputTokens":1,"outputTokens":2}}`))
	f.Add([]byte(`{"inputTextTokenCount":5,"results":[{"tokenCount":4},{"tokenCount":-6}]}`))
	f.Add([]byte(`{"prompt_token_count":9,"generation_token_count":1}`))
	f.Fuzz(func(t *testing.T, reply []byte) {
		for _, row := range families.All {
			if row.Body == nil {
				continue
			}
			if u := row.Usage.Read(reply); u != nil && (u.Input < 0 || u.Output < 0) {
				t.Errorf("%s: Usage(%q) = %+v; want no negative count", row.Name, reply, *u)
			}
		}
	})
}

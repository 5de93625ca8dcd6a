package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// nativeCase is a body that a family takes, what the reply says, and bodies that
// it refuses with what the refusal says.
type nativeCase struct {
	family, model, body string
	headers             string            // the token counts: input and output, input alone, or none
	says                map[string]string // by the path in the reply; "#path" is the length of a list
	wrong               map[string]string
}

const chatMessages = `"messages":[{"role":"user","content":"hello there"}]`

// refusedChats are what no chat takes.
func refusedChats(more map[string]string) map[string]string {
	all := map[string]string{
		`{}`:                              "#: required key [messages] not found",
		`{"messages":[]}`:                 "required key [messages] not found",
		`{"messages":"x"}`:                "#/messages: expected type: JSONArray, found: String",
		`{"messages":[{"content":"hi"}]}`: "#/messages/0: required key [role] not found",
		`{"messages":[{"role":"bot","content":"hi"}]}`:                 "#/messages/0/role: bot is not a valid enum value",
		`{` + chatMessages + `,"max_tokens":"7"}`:                      "#/max_tokens: expected type: Integer, found: String",
		`{` + chatMessages + `,"max_tokens":0}`:                        "#/max_tokens: 0 is not greater or equal to 1",
		`{` + chatMessages + `,"max_tokens":1.5}`:                      "#/max_tokens: expected type: Integer, found: BigDecimal",
		`{` + chatMessages + `,"anthropic_version":"x"}`:               "#: extraneous key [anthropic_version] is not permitted",
		`{` + chatMessages + `,"inferenceConfig":{}}`:                  "#: extraneous key [inferenceConfig] is not permitted",
		`{"prompt":"hi","max_tokens":7}`:                               "#: required key [messages] not found#: extraneous key [prompt] is not permitted",
		`{"Messages":[{"role":"user","content":"hi"}]}`:                "#: required key [messages] not found",
		`{"messages":[{"role":"user","content":7}]}`:                   "#/messages/0/content",
		`{"messages":[{"role":"user","content":[]}]}`:                  "#/messages/0/content: must not be empty",
		`{"messages":[{"role":"user","content":[{"text":7}]}]}`:        "#/messages/0/content/0/text: expected type: String, found: Integer",
		`{"messages":[{"role":"user","content":"hi"}],"max_tokens":{}`: "not JSON",
	}
	for body, says := range more {
		all[body] = says
	}
	return all
}

var nativeCases = []nativeCase{
	{"claude", "anthropic.claude-3-haiku-20240307-v1:0", `{"anthropic_version":"bedrock-2023-05-31","max_tokens":7,` + chatMessages + `}`, "3 7",
		map[string]string{"content.0.type": "text", "#content.0.text": "27", "stop_reason": "max_tokens", "usage.input_tokens": "3", "usage.output_tokens": "7", "role": "assistant"},
		map[string]string{
			`{` + chatMessages + `}`: "#: required key [anthropic_version] not found#: required key [max_tokens] not found",
			`{"anthropic_version":"x","max_tokens":7,` + chatMessages + `}`:                                                      "#/anthropic_version: x is not a valid enum value",
			`{"anthropic_version":"bedrock-2023-05-31","max_tokens":7,"stream":true,` + chatMessages + `}`:                       "#: extraneous key [stream] is not permitted",
			`{"anthropic_version":"bedrock-2023-05-31","max_tokens":0,` + chatMessages + `}`:                                     "#/max_tokens: 0 is not greater or equal to 1",
			`{"anthropic_version":"bedrock-2023-05-31","max_tokens":7,"messages":[]}`:                                            "messages",
			`{"anthropic_version":"bedrock-2023-05-31","max_tokens":7,"messages":[{"role":"user"}]}`:                             "must not be empty",
			`{"anthropic_version":"bedrock-2023-05-31","max_tokens":7,"messages":[{"role":"user","content":""}]}`:                "must not be empty",
			`{"anthropic_version":"bedrock-2023-05-31","max_tokens":7,"messages":[{"role":"assistant","content":"a"}]}`:          `first message must use the "user" role`,
			`{"anthropic_version":"bedrock-2023-05-31","max_tokens":7,"messages":[{"role":"user","content":[{"text":"a"}]}]}`:    "#/messages/0/content/0: required key [type] not found",
			`{"anthropic_version":"bedrock-2023-05-31","max_tokens":7,"system":7,` + chatMessages + `}`:                          "#/system: expected type: JSONArray, found: Integer",
			`{"anthropic_version":"bedrock-2023-05-31","max_tokens":7,"messages":[{"role":"user","content":[{"type":"text"}]}]}`: "required key [text] not found",
		}},
	{"claude-text", "anthropic.claude-v2:1", `{"prompt":"\n\nHuman: hi\n\nAssistant:","max_tokens_to_sample":7}`, "6 7",
		map[string]string{"type": "completion", "#completion": "28", "stop_reason": "max_tokens"},
		map[string]string{
			`{"texts":["x"]}`:                                                                  "#: required key [prompt] not found#: required key [max_tokens_to_sample] not found#: extraneous key [texts] is not permitted",
			`{"prompt":"hi","max_tokens_to_sample":7}`:                                         `prompt must start with "\n\nHuman:" turn`,
			`{"prompt":"\n\nHuman: hi","max_tokens_to_sample":7}`:                              `prompt must end with "\n\nAssistant:" turn`,
			`{"prompt":"\n\nHuman: hi\n\nAssistant:","max_tokens_to_sample":7,"max_tokens":7}`: "extraneous key [max_tokens]",
		}},
	{"nova", "amazon.nova-lite-v1:0", `{"schemaVersion":"messages-v1","system":[],"messages":[{"role":"user","content":[{"text":"hello there"}]}],"inferenceConfig":{"maxTokens":7}}`, "3 7",
		map[string]string{"#output.message.content.0.text": "27", "stopReason": "max_tokens", "usage.inputTokens": "3", "usage.outputTokens": "7", "usage.totalTokens": "10"},
		map[string]string{
			`{"messages":[{"role":"user","content":"hi"}]}`:                                             "#/messages/0/content: expected type: JSONArray, found: String",
			`{"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]}`:                    "#/messages/0/content/0: extraneous key [type] is not permitted",
			`{"messages":[{"role":"user","content":[{"text":"hi"}]}],"top_p":1}`:                        "#: extraneous key [top_p] is not permitted",
			`{"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"max":1}}`:      "#/inferenceConfig: extraneous key [max] is not permitted",
			`{"schemaVersion":"2","messages":[{"role":"user","content":[{"text":"hi"}]}]}`:              "#/schemaVersion: 2 is not a valid enum value",
			`{"messages":[{"role":"system","content":[{"text":"hi"}]}]}`:                                "#/messages/0/role",
			`{"system":"x","messages":[{"role":"user","content":[{"text":"hi"}]}]}`:                     "#/system: expected type: JSONArray, found: String",
			`{"messages":[{"role":"user","content":[{"text":"a"}]}],"inferenceConfig":{"maxTokens":0}}`: "#/inferenceConfig/maxTokens: 0 is not greater",
		}},
	{"titan-text", "amazon.titan-text-express-v1", `{"inputText":"hello there","textGenerationConfig":{"maxTokenCount":7}}`, "3 7",
		map[string]string{"inputTextTokenCount": "3", "results.0.tokenCount": "7", "#results.0.outputText": "27", "results.0.completionReason": "LENGTH"},
		map[string]string{
			`{"prompt":"hi"}`: "#: required key [inputText] not found#: extraneous key [prompt] is not permitted",
			`{"inputText":"hi","textGenerationConfig":{"stopSequences":"x"}}`:    "#/textGenerationConfig/stopSequences: expected type: JSONArray, found: String",
			`{"inputText":"hi","textGenerationConfig":{"maxTokenCount":100000}}`: "#/textGenerationConfig/maxTokenCount: 100000 is not less or equal to 8192",
		}},
	{"titan-text-lite", "amazon.titan-text-lite-v1", `{"inputText":"hello there"}`, "3 512", map[string]string{"results.0.tokenCount": "512"},
		map[string]string{`{"inputText":"hi","textGenerationConfig":{"maxTokenCount":4097}}`: "4097 is not less or equal to 4096"}},
	{"titan-text-premier", "amazon.titan-text-premier-v1:0", `{"inputText":"hello there","textGenerationConfig":{}}`, "3 512", nil,
		map[string]string{`{"inputText":"hi","textGenerationConfig":{"maxTokenCount":3073}}`: "3073 is not less or equal to 3072"}},
	{"llama", "meta.llama3-1-8b-instruct-v1:0", `{"prompt":"hello there","max_gen_len":7}`, "3 7",
		map[string]string{"#generation": "27", "prompt_token_count": "3", "generation_token_count": "7", "stop_reason": "length"},
		map[string]string{
			`{"system":"x","max_tokens":1,"messages":[],"anthropic_version":"x"}`: "#: required key [prompt] not found#: extraneous key [anthropic_version] is not permitted#: extraneous key [max_tokens] is not permitted#: extraneous key [messages]",
			`{"prompt":"hi","max_gen_len":2049}`:                                  "#/max_gen_len: 2049 is not less or equal to 2048",
			`{"prompt":"hi","top_p":2}`:                                           "#/top_p: 2 is not less or equal to 1",
			`{"prompt":["hi"]}`:                                                   "#/prompt: expected type: String, found: JSONArray",
			`{"prompt":null}`:                                                     "#/prompt: expected type: String, found: Null",
		}},
	{"llama4", "meta.llama4-scout-17b-instruct-v1:0", `{"prompt":"hello there","max_gen_len":7}`, "3 7",
		map[string]string{"#generation": "27", "generation_token_count": "7"}, map[string]string{`{"prompt":"hi","max_tokens":1}`: "extraneous key [max_tokens]"}},
	{"mistral-7b", "mistral.mistral-7b-instruct-v0:2", `{"prompt":"hello there","max_tokens":7}`, "3 7",
		map[string]string{"#outputs.0.text": "27", "outputs.0.stop_reason": "length", "usage": "<nil>"},
		map[string]string{
			`{` + chatMessages + `}`: "#: required key [prompt] not found#: extraneous key [messages] is not permitted", `{"prompt":"hi","max_tokens":8193}`: "8193 is not less or equal to 8192",
			`{"prompt":"hi","top_k":0}`: "#/top_k: 0 is not greater or equal to 1", `{"prompt":"hi","stop":"x"}`: "#/stop: expected type: JSONArray, found: String",
		}},
	{"mixtral", "mistral.mixtral-8x7b-instruct-v0:1", `{"prompt":"hello there","max_tokens":7}`, "3 7",
		map[string]string{"#outputs.0.text": "27"}, map[string]string{`{"prompt":"hi","max_tokens":4097}`: "4097 is not less or equal to 4096"}},
	{"mistral-text", "mistral.mistral-large-2402-v1:0", `{"prompt":"hello there","max_tokens":7}`, "3 7",
		map[string]string{"#outputs.0.text": "27"}, map[string]string{`{"prompt":"hi","max_gen_len":7}`: "extraneous key [max_gen_len]"}},
	{"mistral-chat", "mistral.mistral-large-2407-v1:0", `{` + chatMessages + `,"max_tokens":7}`, "3 7",
		map[string]string{"#choices.0.message.content": "27", "choices.0.message.role": "assistant", "choices.0.stop_reason": "length", "usage": "<nil>"},
		refusedChats(map[string]string{`{` + chatMessages + `,"max_tokens":8193}`: "8193 is not less or equal to 8192"})},
	{"command", "cohere.command-text-v14", `{"prompt":"hello there","max_tokens":7}`, "3 7",
		map[string]string{"prompt": "hello there", "#generations.0.text": "27", "generations.0.finish_reason": "MAX_TOKENS"},
		map[string]string{
			`{"message":"hi"}`: "#: required key [prompt] not found#: extraneous key [message] is not permitted", `{"prompt":"hi","truncate":"x"}`: "#/truncate: x is not a valid enum value",
			`{"prompt":"hi","stop_sequences":["a","b","c","d","e"]}`: "expected maximum item count: 4, found: 5",
			`{"prompt":"hi","num_generations":6}`:                    "6 is not less or equal to 5",
		}},
	{"command-r", "cohere.command-r-plus-v1:0", `{"message":"hello there","chat_history":[{"role":"USER","message":"yes"},{"role":"CHATBOT","message":"no"}],"max_tokens":7}`, "4 7",
		map[string]string{"#text": "27", "finish_reason": "MAX_TOKENS", "meta": "<nil>"},
		map[string]string{
			`{"prompt":"hi","stream":true,"p":1}`:                              "#: required key [message] not found#: extraneous key [prompt] is not permitted#: extraneous key [stream] is not permitted#/p: 1 is not less or equal to 0.99",
			`{"message":"hi","chat_history":[{"role":"user","message":"hi"}]}`: "#/chat_history/0/role: user is not a valid enum value",
		}},
	{"jamba", "ai21.jamba-1-5-mini-v1:0", `{` + chatMessages + `,"max_tokens":7}`, "",
		map[string]string{"#choices.0.message.content": "27", "choices.0.finish_reason": "length", "usage.prompt_tokens": "3", "usage.completion_tokens": "7", "object": "<nil>"},
		refusedChats(map[string]string{`{` + chatMessages + `,"max_tokens":4097}`: "4097 is not less or equal to 4096", `{` + chatMessages + `,"n":17}`: "17 is not less or equal to 16"})},
	{"jurassic", "ai21.j2-mid-v1", `{"prompt":"hello there","maxTokens":7}`, "",
		map[string]string{"prompt.text": "hello there", "#prompt.tokens": "3", "#completions.0.data.tokens": "7", "#completions.0.data.text": "27", "completions.0.finishReason.reason": "length"},
		map[string]string{
			`{"prompt":"hi","top_p":1,"max_tokens_to_sample":1}`: "#: extraneous key [max_tokens_to_sample] is not permitted#: extraneous key [top_p] is not permitted",
			`{"prompt":"hi","maxTokens":9000}`:                   "9000 is not less or equal to 8191",
		}},
	{"deepseek-r1", "deepseek.r1-v1:0", `{"prompt":"hello there","max_tokens":7}`, "3 7",
		map[string]string{"#choices.0.text": "27", "choices.0.stop_reason": "length", "usage": "<nil>"},
		map[string]string{
			`{` + chatMessages + `}`: "#: required key [prompt] not found", `{"prompt":"hi","max_tokens":32769}`: "32769 is not less or equal to 32768",
			`{"prompt":"hi","temperature":1.5}`: "1.5 is not less or equal to 1", `{"prompt":"hi","inputText":"hi"}`: "extraneous key [inputText]",
		}},
	{"gpt-oss", "openai.gpt-oss-120b-1:0", `{` + chatMessages + `,"max_completion_tokens":7,"stream":false,"model":"openai.gpt-oss-120b-1:0"}`, "3 7",
		map[string]string{"object": "chat.completion", "choices.0.message.content": "<reasoning>sea </reasoning>hull tide deck oar mast", "choices.0.finish_reason": "length",
			"usage.prompt_tokens": "3", "usage.completion_tokens": "7", "usage.total_tokens": "10"},
		refusedChats(map[string]string{
			`{` + chatMessages + `,"stream":true}`: "#/stream: does not fit the operation", `{` + chatMessages + `,"model":"gpt-4"}`: "#/model: does not fit the model",
			`{` + chatMessages + `,"max_completion_tokens":0}`: "#/max_completion_tokens: 0 is not greater",
		})},
	{"palmyra", "writer.palmyra-x5-v1:0", `{"messages":[{"role":"user","content":{"text":"hello there"}}]}`, "3 16",
		map[string]string{"#choices.0.message.content": "63", "choices.0.finish_reason": "length", "usage.prompt_tokens": "3", "usage.completion_tokens": "16", "choices.0.message.tool_calls": "[]"},
		refusedChats(map[string]string{`{` + chatMessages + `,"max_tokens":8193}`: "8193 is not less or equal to 8192"})},
	{"chat", "qwen.qwen3-32b-v1:0", `{` + chatMessages + `,"max_tokens":7,"top_k":20}`, "3 7",
		map[string]string{"#choices.0.message.content": "27", "choices.0.finish_reason": "length", "usage.prompt_tokens": "3", "usage.completion_tokens": "7"},
		refusedChats(map[string]string{`{"messages":[{"role":"user","content":[{"text":"hi"}]}]}`: "required key [type] not found"})},
	{"pegasus", "twelvelabs.pegasus-1-2-v1:0", `{"inputPrompt":"hello there","mediaSource":{"s3Location":{"uri":"s3://b/v.mp4","bucketOwner":"123456789012"}},"maxOutputTokens":7}`, "3 7",
		map[string]string{"#message": "27", "finishReason": "length"},
		map[string]string{
			`{"inputPrompt":"hi"}`: "#: required key [mediaSource] not found", `{"inputPrompt":"hi","mediaSource":{}}`: "#/mediaSource: exactly one of",
			`{"inputPrompt":"hi","mediaSource":{"base64String":"x","s3Location":{"uri":"s3://b/v"}}}`: "#/mediaSource: exactly one of",
			`{"inputPrompt":"hi","mediaSource":{"base64String":"x"},"maxOutputTokens":4097}`:          "4097 is not less or equal to 4096",
			`{"inputPrompt":"hi","mediaSource":{"s3Location":{"bucketOwner":"x"}}}`:                   "#/mediaSource/s3Location: required key [uri] not found",
			`{"prompt":"hi","mediaSource":{"base64String":"x"}}`:                                      "required key [inputPrompt] not found",
		}},
}

// Every family takes its own body and answers in its own shape, with token counts
// where it has them; it refuses what is wrong, and says why.
func TestFamilies(t *testing.T) {
	cases := append(append([]nativeCase{}, nativeCases...), nativeCasesWithoutText...)
	for _, f := range families {
		n := 0
		for _, test := range cases {
			if test.family == f.name {
				n++
			}
		}
		if n == 0 && f.instead == "" {
			t.Errorf("no body is tried of the family %s", f.name)
		}
	}
	for _, test := range cases {
		synctest.Test(t, func(t *testing.T) {
			if got := familyOf(test.model).name; got != test.family {
				t.Errorf("%s is of the family %s; want %s", test.model, got, test.family)
			}
			c := newClients(t, fmt.Sprintf("models: [{id: %q, output_tokens: {mean: 1000}}]", test.model))
			invoke := func(body string) (*bedrockruntime.InvokeModelOutput, error) {
				return c.runtime.InvokeModel(t.Context(), &bedrockruntime.InvokeModelInput{ModelId: &test.model, Body: []byte(body)})
			}
			out, err := invoke(test.body)
			if err != nil {
				t.Errorf("%s with %s: %v", test.family, test.body, err)
				return
			}
			header := awsmiddleware.GetRawResponse(out.ResultMetadata).(*smithyhttp.Response).Header
			told := strings.TrimSpace(header.Get("X-Amzn-Bedrock-Input-Token-Count") + " " + header.Get("X-Amzn-Bedrock-Output-Token-Count"))
			if told != test.headers || header.Get("X-Amzn-Bedrock-Invocation-Latency") == "" {
				t.Errorf("%s: the headers tell the tokens %q; want %q", test.family, told, test.headers)
			}
			var reply any
			if err := json.Unmarshal(out.Body, &reply); err != nil {
				t.Fatalf("%s: %v in %.200s", test.family, err, out.Body)
			}
			for path, want := range test.says {
				if got := saidAt(reply, path); got != want {
					t.Errorf("%s: the reply says at %s: %s; want %s", test.family, path, got, want)
				}
			}
			wrong := map[string]string{`{`: "not JSON", ``: "not JSON", `[]`: "#: expected type: JSONObject, found: JSONArray", `"x"`: "found: String", `{}`: "required key", `{"Prompt":"x"}`: "key ["}
			for body, why := range test.wrong {
				wrong[body] = why
			}
			for body, why := range wrong {
				var invalid *types.ValidationException
				_, err := invoke(body)
				if !errors.As(err, &invalid) || !strings.Contains(invalid.ErrorMessage(), why) {
					t.Errorf("%s with %s = %v; want a ValidationException with %q", test.family, body, err, why)
				}
			}
			if m := c.server.Counts().Models[test.model]; m.OK != 1 || m.ClientErrors != int64(len(wrong)) {
				t.Errorf("%s: counts = %+v; want 1 success and %d client errors", test.family, m, len(wrong))
			}
		})
	}
}

// saidAt is what stands at a path; "#path" is the length of a list or a text.
func saidAt(v any, path string) string {
	path, length := strings.CutPrefix(path, "#")
	if !length {
		return at(v, path)
	}
	for _, key := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[key]
		case []any:
			v = x[int(key[0]-'0')]
		}
	}
	switch x := v.(type) {
	case []any:
		return fmt.Sprint(len(x))
	case string:
		return fmt.Sprint(len(x))
	}
	return "no list"
}

package pacing

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/document"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
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

// What a request to Converse asks of the model beside its texts: tools, what they
// were given and returned, what the model thought.
func TestConverseAsk(t *testing.T) {
	schema := document.NewLazyDocument(map[string]any{"type": "object"}) // 17 bytes
	text := &types.ContentBlockMemberText{Value: "hi there"}
	for name, test := range map[string]struct {
		system []types.SystemContentBlock
		block  types.ContentBlock
		tools  *types.ToolConfiguration
		want   ask
	}{
		"text":   {nil, text, nil, ask{text: 8}},
		"system": {[]types.SystemContentBlock{&types.SystemContentBlockMemberText{Value: "be brief"}}, text, nil, ask{text: 16}},
		"guarded": {[]types.SystemContentBlock{&types.SystemContentBlockMemberGuardContent{Value: &types.GuardrailConverseContentBlockMemberText{Value: types.GuardrailConverseTextBlock{Text: aws.String("abcd")}}}},
			&types.ContentBlockMemberGuardContent{Value: &types.GuardrailConverseContentBlockMemberText{Value: types.GuardrailConverseTextBlock{Text: aws.String("ab")}}}, nil, ask{text: 6}},
		"guarded picture": {nil, &types.ContentBlockMemberGuardContent{Value: &types.GuardrailConverseContentBlockMemberImage{}}, nil, ask{pictures: 1}},
		"tools": {nil, text, &types.ToolConfiguration{Tools: []types.Tool{
			&types.ToolMemberToolSpec{Value: types.ToolSpecification{Name: aws.String("find"), Description: aws.String("It finds."), InputSchema: &types.ToolInputSchemaMemberJson{Value: schema}}},
			&types.ToolMemberToolSpec{}, &types.ToolMemberCachePoint{},
		}}, ask{text: 8 + 4 + 9 + 17}},
		"use of a tool": {nil, &types.ContentBlockMemberToolUse{Value: types.ToolUseBlock{Name: aws.String("find"), Input: schema}}, nil, ask{text: 4 + 17}},
		"what it returned": {nil, &types.ContentBlockMemberToolResult{Value: types.ToolResultBlock{Content: []types.ToolResultContentBlock{
			&types.ToolResultContentBlockMemberText{Value: "found"}, &types.ToolResultContentBlockMemberJson{Value: schema}, &types.ToolResultContentBlockMemberJson{},
			&types.ToolResultContentBlockMemberImage{}, &types.ToolResultContentBlockMemberDocument{}, &types.ToolResultContentBlockMemberVideo{},
		}}}, nil, ask{text: 5 + 17, pictures: 3}},
		"thoughts": {nil, &types.ContentBlockMemberReasoningContent{Value: &types.ReasoningContentBlockMemberReasoningText{Value: types.ReasoningTextBlock{Text: aws.String("hm")}}}, nil, ask{text: 2}},
		"search":   {nil, &types.ContentBlockMemberSearchResult{Value: types.SearchResultBlock{Content: []types.SearchResultContentBlock{{Text: aws.String("found")}}}}, nil, ask{text: 5}},
		"cited":    {nil, &types.ContentBlockMemberCitationsContent{Value: types.CitationsContentBlock{Content: []types.CitationGeneratedContent{&types.CitationGeneratedContentMemberText{Value: "so"}}}}, nil, ask{text: 2}},
		"picture":  {nil, &types.ContentBlockMemberImage{}, nil, ask{pictures: 1}},
		"sound":    {nil, &types.ContentBlockMemberAudio{}, nil, ask{pictures: 1}},
	} {
		if got := converseAsk(test.system, []types.Message{{Content: []types.ContentBlock{test.block}}}, test.tools, nil); got != test.want {
			t.Errorf("%s: %+v; want %+v", name, got, test.want)
		}
	}
}

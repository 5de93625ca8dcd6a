package sim

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
)

// Both inputs are counted as a call would count them, and nothing is taken: the
// account here has room for one request.
func TestCountTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const model = "anthropic.claude-3-haiku-20240307-v1:0"
		c := newClients(t, `models: [{id: "`+model+`", limits: {rpm: 1}}]`)
		text := strings.Repeat("é", 81)
		conversation := converseInput(model, text, 3)
		body := `{"anthropic_version":"bedrock-2023-05-31","max_tokens":3,"messages":[{"role":"user","content":"` + text + `"}]}`
		for range 5 {
			for name, in := range map[string]types.CountTokensInput{
				"converse": &types.CountTokensInputMemberConverse{Value: types.ConverseTokensRequest{
					Messages: conversation.Messages[:1], System: []types.SystemContentBlock{}}},
				"invokeModel": &types.CountTokensInputMemberInvokeModel{Value: types.InvokeModelTokensRequest{Body: []byte(body)}},
			} {
				for _, id := range []string{model, "arn:aws:bedrock:us-east-1::foundation-model/" + model} {
					out, err := c.runtime.CountTokens(t.Context(), &bedrockruntime.CountTokensInput{ModelId: &id, Input: in})
					if err != nil || *out.InputTokens != 21 {
						t.Errorf("CountTokens(%s) of %s = %+v, %v; want 21", name, id, out, err)
					}
				}
			}
		}
		out, err := c.runtime.Converse(t.Context(), conversation)
		if err != nil || *out.Usage.InputTokens != 21 {
			t.Errorf("the call itself = %+v, %v; want room for it, and 21 tokens", out, err)
		}
		counts := c.server.Counts()
		if m := counts.Models[model]; m.Attempts != 1 || counts.Requests["bedrock-runtime.CountTokens"] != 20 {
			t.Errorf("counts = %+v; want 20 requests and one call", counts)
		}
	})
}

func TestCountTokensRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, twoModels)
		const haiku, sonnet = "anthropic.claude-3-haiku-20240307-v1:0", "anthropic.claude-sonnet-4-5-20250929-v1:0"
		for id, message := range map[string]string{
			"nonesuch": "The provided model identifier is invalid.",
			sonnet:     "doesn't support counting tokens", "us." + sonnet: "doesn't support counting tokens",
			"amazon.titan-embed-text-v2:0": "doesn't support counting tokens",
		} {
			_, err := c.runtime.CountTokens(t.Context(), &bedrockruntime.CountTokensInput{
				ModelId: aws.String(id), Input: &types.CountTokensInputMemberInvokeModel{Value: types.InvokeModelTokensRequest{Body: []byte(`{}`)}}})
			var wrong *types.ValidationException
			if !errors.As(err, &wrong) || !strings.Contains(wrong.ErrorMessage(), message) {
				t.Errorf("CountTokens(%s) = %v; want a ValidationException with %q", id, err, message)
			}
		}
		for _, body := range []string{
			``, `{`, `[]`, `{}`, `{"input":{}}`, `{"input":7}`, `{"input":{"invokeModel":{"body":"!"}}}`, `{"input":{"invokeModel":{"body":"e30="}}}`,
			`{"input":{"converse":{}}}`, `{"input":{"converse":{"messages":[]},"invokeModel":{"body":"e30="}}}`,
		} {
			if w := send(c.server, "POST", "/model/"+haiku+"/count-tokens", body); w.status != 400 || !strings.HasPrefix(w.header.Get("X-Amzn-Errortype"), "ValidationException") {
				t.Errorf("CountTokens with the body %s = %d %s; want a ValidationException", body, w.status, &w.body)
			}
		}
		if m := c.server.Counts().Models; len(m) != 0 {
			t.Errorf("counts = %v; want none: they were no invocations", m)
		}
	})
}

// What CountTokens is sent never does more than be counted or refused.
func FuzzCountTokens(f *testing.F) {
	f.Add([]byte(`{"input":{"invokeModel":{"body":"eyJwcm9tcHQiOiJoaSJ9"}}}`))
	f.Add([]byte(`{"input":{"converse":{"messages":[{"role":"user","content":[{"text":"hi"}]}]}}}`))
	f.Add([]byte(`{"input":{"converse":null}}`))
	llama := &target{model: &model{id: "meta.llama3", modalities: []string{"TEXT"}}}
	f.Fuzz(func(t *testing.T, body []byte) {
		a, bad := readCountTokens(llama, body)
		if bad == nil && (a.inputTokens() < 1 || a.inputTokens() > int64(len(body))) {
			t.Errorf("%d tokens in %d bytes", a.inputTokens(), len(body))
		}
		if bad != nil && (bad.status != 400 || bad.message == "") {
			t.Errorf("refused with %+v", bad)
		}
	})
}

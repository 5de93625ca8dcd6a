package sim

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func converseInput(model, text string, maxTokens int32) *bedrockruntime.ConverseInput {
	return &bedrockruntime.ConverseInput{
		ModelId: aws.String(model),
		Messages: []types.Message{{
			Role: types.ConversationRoleUser, Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: text}},
		}},
		InferenceConfig: &types.InferenceConfiguration{MaxTokens: aws.Int32(maxTokens)},
	}
}

const twoModels = `
account: "123456789012"
models:
  - id: anthropic.claude-3-haiku-20240307-v1:0
    output_tokens: {mean: 40, spread: 0.3}
    burndown: 5
  - {id: anthropic.claude-sonnet-4-5-20250929-v1:0, inference_types: [INFERENCE_PROFILE]}
  - {id: amazon.titan-embed-text-v2:0, modalities: [EMBEDDING]}
profiles:
  - {id: us.anthropic.claude-sonnet-4-5-20250929-v1:0, models: [anthropic.claude-sonnet-4-5-20250929-v1:0]}
  - {id: "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123def456", models: [us.anthropic.claude-sonnet-4-5-20250929-v1:0]}
provisioned:
  - {id: pt0000000001, name: reserved, model: anthropic.claude-3-haiku-20240307-v1:0}
`

func TestConverse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, twoModels)
		text := strings.Repeat("é", 81) // 81 characters are 21 tokens, whatever their bytes
		began := time.Now()
		out, err := c.runtime.Converse(t.Context(), converseInput("anthropic.claude-3-haiku-20240307-v1:0", text, 3))
		if err != nil {
			t.Fatal(err)
		}
		if in, o := *out.Usage.InputTokens, *out.Usage.OutputTokens; in != 21 || o != 3 || *out.Usage.TotalTokens != 24 {
			t.Errorf("usage = %d in, %d out, %d in total; want 21, 3, 24", in, o, *out.Usage.TotalTokens)
		}
		if out.StopReason != types.StopReasonMaxTokens {
			t.Errorf("stop reason of a reply cut at 3 tokens = %s", out.StopReason)
		}
		took := time.Since(began)
		if ms := (took + time.Millisecond/2).Milliseconds(); *out.Metrics.LatencyMs != ms || ms < 50 {
			t.Errorf("latencyMs = %d, but the call took %s", *out.Metrics.LatencyMs, took)
		}
		if took%time.Microsecond == 0 {
			t.Errorf("the call took %s: a whole microsecond can tie with an arrival", took)
		}
		message := out.Output.(*types.ConverseOutputMemberMessage).Value
		reply := message.Content[0].(*types.ContentBlockMemberText).Value
		if n := (&ask{characters: len(reply)}).inputTokens(); n != 3 {
			t.Errorf("a reply of 3 tokens reads %q, which is %d tokens by the account's rule", reply, n)
		}
		out, err = c.runtime.Converse(t.Context(), converseInput("anthropic.claude-3-haiku-20240307-v1:0", "x", 4000))
		if err != nil || out.StopReason != types.StopReasonEndTurn || *out.Usage.InputTokens != 1 {
			t.Errorf("an uncut reply = %+v, %v; want end_turn and one input token", out, err)
		}
	})
}

// Every way to name a model leads to it, and to the ModelId of its metrics.
func TestModelNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const arn = "arn:aws:bedrock:us-east-1:"
		for name, modelID := range map[string]string{
			"anthropic.claude-3-haiku-20240307-v1:0":                                            "anthropic.claude-3-haiku-20240307-v1:0",
			arn + ":foundation-model/anthropic.claude-3-haiku-20240307-v1:0":                    "anthropic.claude-3-haiku-20240307-v1:0",
			"us.anthropic.claude-sonnet-4-5-20250929-v1:0":                                      "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
			arn + "123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
			arn + "123456789012:application-inference-profile/abc123def456":                     "abc123def456",
			arn + "123456789012:provisioned-model/pt0000000001":                                 arn + "123456789012:provisioned-model/pt0000000001",
		} {
			c := newClients(t, twoModels)
			if _, err := c.runtime.Converse(t.Context(), converseInput(name, "hi", 10)); err != nil {
				t.Errorf("Converse(%s): %v", name, err)
			}
			body := `{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`
			if w := send(c.server, "POST", "/model/"+name+"/invoke", body); w.status != 200 {
				t.Errorf("an unescaped path with %s: status %d, %s", name, w.status, &w.body)
			}
			if got := c.server.Counts().Models[modelID].OK; got != 2 {
				t.Errorf("calls of %s counted under %s = %d; want 2 (all: %v)", name, modelID, got, c.server.Counts().Models)
			}
		}
	})
}

func TestInvocationErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, twoModels)
		const haiku, sonnet = "anthropic.claude-3-haiku-20240307-v1:0", "anthropic.claude-sonnet-4-5-20250929-v1:0"
		empty := converseInput(haiku, "", 5)
		assistant := converseInput(haiku, "hi", 5)
		assistant.Messages[0].Role = types.ConversationRoleAssistant
		for _, test := range []struct {
			in      *bedrockruntime.ConverseInput
			message string
		}{
			{converseInput("anthropic.claude-9", "hi", 5), "The provided model identifier is invalid."},
			{converseInput(sonnet, "hi", 5), "Invocation of model ID " + sonnet + " with on-demand throughput isn’t supported. " +
				"Retry your request with the ID or ARN of an inference profile that contains this model."},
			{converseInput("amazon.titan-embed-text-v2:0", "hi", 5), "This action doesn't support the model"},
			{assistant, "A conversation must start with a user message."},
			{converseInput(haiku, "hi", 0), "inferenceConfig/maxTokens"},
		} {
			_, err := c.runtime.Converse(t.Context(), test.in)
			var invalid *types.ValidationException
			if !errors.As(err, &invalid) || !strings.Contains(invalid.ErrorMessage(), test.message) {
				t.Errorf("Converse(%s) = %v; want a ValidationException with %q", *test.in.ModelId, err, test.message)
			}
		}
		if _, err := c.runtime.Converse(t.Context(), empty); err != nil {
			t.Errorf("an empty text block is a block: %v", err)
		}
		counts := c.server.Counts()
		if m := counts.Models[haiku]; m.ClientErrors != 2 || m.OK != 1 || m.Attempts != 3 {
			t.Errorf("counts of haiku = %+v; want 2 client errors and 1 success", m)
		}
		if _, known := counts.Models["anthropic.claude-9"]; known || counts.Requests["bedrock-runtime.Converse"] != 6 {
			t.Errorf("counts = %+v; want no model that is not there, and 6 requests", counts)
		}
	})
}

func TestThrottlingException(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, `
models:
  - {id: anthropic.a, limits: {rpm: 2}}
  - {id: anthropic.b, limits: {tpm: 100}}
  - {id: anthropic.c, limits: {tpd: 100}}
  - {id: anthropic.d, limits: {concurrent: 1}}
`)
		for model, message := range map[string]string{
			"anthropic.a": "Too many requests, please wait before trying again.",
			"anthropic.b": "Too many tokens, please wait before trying again.",
			"anthropic.c": "Too many tokens per day, please wait before trying again.",
		} {
			for i := range 2 {
				if _, err := c.runtime.Converse(t.Context(), converseInput(model, "hi", 20)); err != nil {
					t.Errorf("call %d of %s: %v", i+1, model, err)
				}
			}
			began := time.Now()
			_, err := c.runtime.Converse(t.Context(), converseInput(model, "hi", 99))
			var throttled *types.ThrottlingException
			if !errors.As(err, &throttled) || throttled.ErrorMessage() != message {
				t.Errorf("a call of %s beyond its quota = %v; want %q", model, err, message)
			}
			if took := time.Since(began); took < time.Millisecond || took > 20*time.Millisecond {
				t.Errorf("the throttled reply took %s; want about 5ms", took)
			}
			var response *smithyhttp.ResponseError
			if !errors.As(err, &response) || response.HTTPStatusCode() != 429 ||
				response.Response.Header.Get("X-Amzn-ErrorType") != "ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/" {
				t.Errorf("the reply to a throttled call = %+v", response)
			}
		}
		errs := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := c.runtime.Converse(t.Context(), converseInput("anthropic.d", "hi", 20))
				errs <- err
			}()
		}
		failed := 0
		for range 2 {
			if err := <-errs; err != nil {
				failed++
			}
		}
		if failed != 1 {
			t.Errorf("of two calls at once where one is allowed, %d failed", failed)
		}
	})
}

// at finds a value by a path of keys and indexes.
func at(v any, path string) string {
	for _, key := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[key]
		case []any:
			v = x[int(key[0]-'0')]
		}
	}
	return fmt.Sprint(v)
}

// A client that goes away ends its call there and then; the call is counted and
// its reservation is settled.
func TestClientGoesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, `models: [{id: anthropic.a, latency: {first_token: 10s}, limits: {concurrent: 1, tpm: 1000}}]`)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_, err := c.runtime.Converse(ctx, converseInput("anthropic.a", "hi", 900))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Fatalf("a call with a deadline = %v after %s", err, time.Since(began))
		}
		if m := c.server.Counts().Models["anthropic.a"]; m.OK != 1 || m.Attempts != 1 || m.OutputTokens == 0 {
			t.Errorf("counts = %+v; want the call as what it would have been", m)
		}
		if _, err := c.runtime.Converse(t.Context(), converseInput("anthropic.a", "hi", 900)); err != nil {
			t.Errorf("the next call: %v; want the reservation given back", err)
		}
	})
}

// The same seed gives the same replies at the same times, another seed others.
func TestDeterminism(t *testing.T) {
	run := func(seed int) string {
		var log strings.Builder
		synctest.Test(t, func(t *testing.T) {
			c := newClients(t, fmt.Sprintf("seed: %d\nmodels: [{id: anthropic.a, limits: {rpm: 300, tpm: 40000}}]", seed))
			lines := make([]string, 1000)
			for i := range lines {
				time.Sleep(100 * time.Millisecond)
				go func() {
					began := time.Now()
					out, err := c.runtime.Converse(t.Context(), converseInput("anthropic.a", strings.Repeat("word ", i%50), 100))
					took := time.Since(began)
					var apiErr smithy.APIError
					var response *awshttp.ResponseError
					switch {
					case errors.As(err, &apiErr):
						errors.As(err, &response)
						lines[i] = fmt.Sprintln(i, took, apiErr.ErrorMessage(), response.ServiceRequestID())
					case err != nil:
						lines[i] = fmt.Sprintln(i, err)
					default:
						id, _ := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
						lines[i] = fmt.Sprintln(i, took, *out.Usage.OutputTokens, id)
					}
				}()
			}
			time.Sleep(time.Hour)
			synctest.Wait()
			fmt.Fprint(&log, lines, c.server.Counts())
		})
		return log.String()
	}
	first, again, other := run(7), run(7), run(8)
	if first != again {
		t.Error("the same seed gave two different runs")
	}
	if first == other {
		t.Error("two seeds gave the same run")
	}
	for _, part := range []string{"Too many requests", "ms"} {
		if !strings.Contains(first, part) {
			t.Errorf("the run has no %q: it shows nothing", part)
		}
	}
}

// The user guide has one version of Claude's body; Anthropic's own client sends
// the date of the Messages API.
func TestVersionsOfClaudesBody(t *testing.T) {
	s := New(mustParse(t, "models: [{id: anthropic.claude-a, latency: {first_token: 0s, per_token: 0s}}]"))
	for version, status := range map[string]int{"bedrock-2023-05-31": 200, "2026-10-21": 200, "2023-06-01": 200, "bedrock-2023-05-32": 400, "1": 400, "2026-10-21x": 400, "1999-01-01": 400, "": 400} {
		body := `{"anthropic_version":"` + version + `","max_tokens":5,"messages":[{"role":"user","content":"x"}]}`
		if w := send(s, "POST", "/model/anthropic.claude-a/invoke", body); w.status != status {
			t.Errorf("version %q: status %d; want %d", version, w.status, status)
		}
	}
}

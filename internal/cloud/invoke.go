package cloud

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// The headers in which InvokeModel tells the tokens, whatever the family.
const (
	headerInput  = "X-Amzn-Bedrock-Input-Token-Count"
	headerOutput = "X-Amzn-Bedrock-Output-Token-Count"
)

// Invoke sends one request and classifies its end.
func (c *Cloud) Invoke(ctx context.Context, in plugins.Invocation) plugins.Reply {
	if in.API == plugins.APIInvoke {
		return c.invoke(ctx, in)
	}
	return c.converse(ctx, in)
}

func (c *Cloud) invoke(ctx context.Context, in plugins.Invocation) plugins.Reply {
	out, err := c.runtime.InvokeModel(ctx, &bedrockruntime.InvokeModelInput{
		ModelId: &in.ModelID, Body: in.Body, ContentType: aws.String("application/json"), Accept: aws.String("application/json"),
	})
	if err != nil {
		return classify(err)
	}
	if len(out.Body) == 0 {
		return plugins.Reply{Outcome: record.Protocol, Status: http.StatusOK, Code: "EmptyReply", Message: "the reply has no body"}
	}
	// The SDK hands the body on as it came.
	if !json.Valid(out.Body) {
		return plugins.Reply{Outcome: record.Protocol, Status: http.StatusOK, Code: "UnreadableReply", Message: "the reply is no JSON"}
	}
	r := plugins.Reply{Outcome: record.OK, Status: http.StatusOK}
	if raw, ok := awsmiddleware.GetRawResponse(out.ResultMetadata).(*smithyhttp.Response); ok {
		r.Usage = usageOf(raw.Header)
	}
	if r.Usage == nil {
		r.Usage = in.Usage.Read(out.Body)
	}
	return r
}

// usageOf reads the headers; nil where one is missing or no count.
func usageOf(h http.Header) *record.Usage {
	input, err1 := strconv.ParseInt(h.Get(headerInput), 10, 64)
	output, err2 := strconv.ParseInt(h.Get(headerOutput), 10, 64)
	if err1 != nil || err2 != nil || input < 0 || output < 0 {
		return nil
	}
	return &record.Usage{Input: input, Output: output}
}

func (c *Cloud) converse(ctx context.Context, in plugins.Invocation) plugins.Reply {
	req := &bedrockruntime.ConverseInput{
		ModelId: &in.ModelID,
		Messages: []types.Message{{
			Role:    types.ConversationRoleUser,
			Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: in.Prompt.Text}},
		}},
		InferenceConfig: &types.InferenceConfiguration{MaxTokens: aws.Int32(int32(in.Prompt.MaxTokens))},
	}
	if in.Prompt.System != "" {
		req.System = []types.SystemContentBlock{&types.SystemContentBlockMemberText{Value: in.Prompt.System}}
	}
	if in.Prompt.Temperature != nil {
		req.InferenceConfig.Temperature = aws.Float32(float32(*in.Prompt.Temperature))
	}
	out, err := c.runtime.Converse(ctx, req)
	if err != nil {
		return classify(err)
	}
	// The SDK takes a reply without a body for a success.
	if out.Output == nil {
		return plugins.Reply{Outcome: record.Protocol, Status: http.StatusOK, Code: "EmptyReply", Message: "the reply has no output"}
	}
	r := plugins.Reply{Outcome: record.OK, Status: http.StatusOK}
	if u := out.Usage; u != nil && u.InputTokens != nil && u.OutputTokens != nil {
		r.Usage = &record.Usage{Input: int64(*u.InputTokens), Output: int64(*u.OutputTokens)}
	}
	return r
}

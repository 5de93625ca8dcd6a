package cloud

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/document"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// Invoke sends one request and classifies its end.
func (c *Cloud) Invoke(ctx context.Context, in plugins.Invocation) plugins.Reply {
	switch in.API {
	case plugins.APIInvoke:
		return c.invoke(ctx, in)
	case plugins.APIInvokeStream:
		return c.invokeStream(ctx, in)
	case plugins.APIConverseStream:
		return c.converseStream(ctx, in)
	}
	return c.converse(ctx, in)
}

func (c *Cloud) invoke(ctx context.Context, in plugins.Invocation) plugins.Reply {
	out, err := c.runtime.InvokeModel(ctx, &bedrockruntime.InvokeModelInput{
		ModelId: &in.ModelID, Body: in.Body, ContentType: aws.String("application/json"), Accept: aws.String("application/json"),
		PerformanceConfigLatency: types.PerformanceConfigLatency(in.Latency), ServiceTier: types.ServiceTierType(in.Tier),
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
	r := plugins.Reply{Outcome: record.OK, Status: http.StatusOK, Served: served(in, string(out.PerformanceConfigLatency), string(out.ServiceTier))}
	if raw, ok := awsmiddleware.GetRawResponse(out.ResultMetadata).(*smithyhttp.Response); ok {
		r.Usage = usageOfHeaders(raw.Header, in.NoOutput)
	}
	if r.Usage == nil {
		r.Usage = in.Usage.Read(out.Body, in.NoOutput)
	}
	return r
}

func (c *Cloud) converse(ctx context.Context, in plugins.Invocation) plugins.Reply {
	q := questionOf(in)
	out, err := c.runtime.Converse(ctx, &bedrockruntime.ConverseInput{
		ModelId: &in.ModelID, Messages: q.messages, System: q.system, InferenceConfig: q.config,
		PerformanceConfig: q.performance, ServiceTier: q.tier, AdditionalModelRequestFields: q.more,
	})
	if err != nil {
		return classify(err)
	}
	// The SDK takes a reply without a body for a success.
	if out.Output == nil {
		return plugins.Reply{Outcome: record.Protocol, Status: http.StatusOK, Code: "EmptyReply", Message: "the reply has no output"}
	}
	return plugins.Reply{Outcome: record.OK, Status: http.StatusOK, Usage: usageOfConverse(out.Usage), Served: servedByConverse(in, out.PerformanceConfig, out.ServiceTier)}
}

// question is what Converse and ConverseStream are asked alike.
type question struct {
	messages    []types.Message
	system      []types.SystemContentBlock
	config      *types.InferenceConfiguration
	performance *types.PerformanceConfiguration
	tier        *types.ServiceTier
	more        document.Interface
}

func questionOf(in plugins.Invocation) question {
	q := question{
		messages: []types.Message{{
			Role:    types.ConversationRoleUser,
			Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: in.Prompt.Text}},
		}},
		config: &types.InferenceConfiguration{MaxTokens: aws.Int32(int32(in.Prompt.MaxTokens))},
	}
	if in.Prompt.System != "" {
		q.system = []types.SystemContentBlock{&types.SystemContentBlockMemberText{Value: in.Prompt.System}}
	}
	if in.Prompt.Temperature != nil {
		q.config.Temperature = aws.Float32(float32(*in.Prompt.Temperature))
	}
	if in.Latency != "" {
		q.performance = &types.PerformanceConfiguration{Latency: types.PerformanceConfigLatency(in.Latency)}
	}
	if in.Tier != "" {
		q.tier = &types.ServiceTier{Type: types.ServiceTierType(in.Tier)}
	}
	if in.LongContext {
		q.more = document.NewLazyDocument(map[string]any{"anthropic_beta": []string{plugins.LongContextBeta}})
	}
	return q
}

func servedByConverse(in plugins.Invocation, p *types.PerformanceConfiguration, t *types.ServiceTier) string {
	var latency, tier string
	if p != nil {
		latency = string(p.Latency)
	}
	if t != nil {
		tier = string(t.Type)
	}
	return served(in, latency, tier)
}

// served tells what of a reply was served in another way than was asked. A reply
// that tells nothing is taken to be served as asked.
func served(in plugins.Invocation, latency, tier string) string {
	switch {
	case in.Latency != "" && latency != "" && latency != in.Latency:
		return latency + " latency"
	case in.Tier != "" && tier != "" && tier != in.Tier:
		return tier + " tier"
	}
	return ""
}

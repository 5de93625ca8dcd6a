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
	return explain(c.send(ctx, in))
}

func (c *Cloud) send(ctx context.Context, in plugins.Invocation) plugins.Reply {
	if c.lean != nil {
		return c.lean.invoke(ctx, in)
	}
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
	out, err := c.runtime.InvokeModel(ctx, invokeInput(in))
	if err != nil {
		return classify(err)
	}
	var h http.Header
	if raw, ok := awsmiddleware.GetRawResponse(out.ResultMetadata).(*smithyhttp.Response); ok {
		h = raw.Header
	}
	r := replyOfInvoke(in, h, out.Body)
	r.FirstByte, _ = awsmiddleware.GetResponseAt(out.ResultMetadata)
	return r
}

func (c *Cloud) converse(ctx context.Context, in plugins.Invocation) plugins.Reply {
	out, err := c.runtime.Converse(ctx, converseInput(in))
	if err != nil {
		return classify(err)
	}
	r := replyOfConverse(in, out)
	r.FirstByte, _ = awsmiddleware.GetResponseAt(out.ResultMetadata)
	return r
}

// replyOfInvoke reads a reply that is a success by its status.
func replyOfInvoke(in plugins.Invocation, h http.Header, body []byte) plugins.Reply {
	if len(body) == 0 {
		return plugins.Reply{Outcome: record.Protocol, Status: http.StatusOK, Code: "EmptyReply", Message: "the reply has no body"}
	}
	// The SDK hands the body on as it came.
	if !json.Valid(body) {
		return plugins.Reply{Outcome: record.Protocol, Status: http.StatusOK, Code: "UnreadableReply", Message: "the reply is no JSON"}
	}
	r := plugins.Reply{Outcome: record.OK, Status: http.StatusOK, Served: servedByHeaders(in, h), Usage: usageOfHeaders(h, in.NoOutput)}
	if r.Usage == nil {
		r.Usage = in.Usage.Read(body, in.NoOutput)
	}
	return r
}

// replyOfConverse reads a reply that the SDK takes for a success.
func replyOfConverse(in plugins.Invocation, out *bedrockruntime.ConverseOutput) plugins.Reply {
	// It does so for one without a body, too.
	if out.Output == nil {
		return plugins.Reply{Outcome: record.Protocol, Status: http.StatusOK, Code: "EmptyReply", Message: "the reply has no output"}
	}
	return plugins.Reply{Outcome: record.OK, Status: http.StatusOK, Usage: usageOfConverse(out.Usage), Served: servedByConverse(in, out.PerformanceConfig, out.ServiceTier)}
}

func invokeInput(in plugins.Invocation) *bedrockruntime.InvokeModelInput {
	return &bedrockruntime.InvokeModelInput{
		ModelId: &in.ModelID, Body: in.Body, ContentType: aws.String("application/json"), Accept: aws.String("application/json"),
		PerformanceConfigLatency: types.PerformanceConfigLatency(in.Latency), ServiceTier: types.ServiceTierType(in.Tier),
	}
}

func invokeStreamInput(in plugins.Invocation) *bedrockruntime.InvokeModelWithResponseStreamInput {
	return &bedrockruntime.InvokeModelWithResponseStreamInput{
		ModelId: &in.ModelID, Body: in.Body, ContentType: aws.String("application/json"), Accept: aws.String("application/json"),
		PerformanceConfigLatency: types.PerformanceConfigLatency(in.Latency), ServiceTier: types.ServiceTierType(in.Tier),
	}
}

func converseInput(in plugins.Invocation) *bedrockruntime.ConverseInput {
	q := questionOf(in)
	return &bedrockruntime.ConverseInput{
		ModelId: &in.ModelID, Messages: q.messages, System: q.system, InferenceConfig: q.config,
		PerformanceConfig: q.performance, ServiceTier: q.tier, AdditionalModelRequestFields: q.more,
	}
}

func converseStreamInput(in plugins.Invocation) *bedrockruntime.ConverseStreamInput {
	q := questionOf(in)
	return &bedrockruntime.ConverseStreamInput{
		ModelId: &in.ModelID, Messages: q.messages, System: q.system, InferenceConfig: q.config,
		PerformanceConfig: q.performance, ServiceTier: q.tier, AdditionalModelRequestFields: q.more,
	}
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

// The headers in which InvokeModel and its stream tell how they were served.
const (
	headerLatency = "X-Amzn-Bedrock-Performanceconfig-Latency"
	headerTier    = "X-Amzn-Bedrock-Service-Tier"
)

func servedByHeaders(in plugins.Invocation, h http.Header) string {
	return served(in, first(h, headerLatency), first(h, headerTier))
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

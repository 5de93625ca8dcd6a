package cloud

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/schemas"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/transport/http/protocol/restjson1"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// apart gives a streaming call a protocol of its own. That of the client holds
// one decoder of events for all calls, which two streams at once would share:
// a data race (smithy-go, issue 714).
func apart(o *bedrockruntime.Options) {
	o.Protocol = restjson1.New(schemas.AmazonBedrockFrontendService)
}

func (c *Cloud) invokeStream(ctx context.Context, in plugins.Invocation) plugins.Reply {
	out, err := c.runtime.InvokeModelWithResponseStream(ctx, &bedrockruntime.InvokeModelWithResponseStreamInput{
		ModelId: &in.ModelID, Body: in.Body, ContentType: aws.String("application/json"), Accept: aws.String("application/json"),
		PerformanceConfigLatency: types.PerformanceConfigLatency(in.Latency), ServiceTier: types.ServiceTierType(in.Tier),
	}, apart)
	if err != nil {
		return classify(err)
	}
	r := plugins.Reply{Served: served(in, string(out.PerformanceConfigLatency), string(out.ServiceTier))}
	var family plugins.Stream
	if in.Stream != nil {
		family = *in.Stream
	}
	reader, ended := family.NewReader(), false
	stream := out.GetStream()
	for e := range stream.Events() {
		chunk, ok := e.(*types.ResponseStreamMemberChunk)
		if !ok {
			continue // of a kind that is not known yet
		}
		output, last := reader.Read(chunk.Value.Bytes)
		if output && r.FirstToken.IsZero() {
			r.FirstToken = time.Now()
		}
		ended = ended || last
	}
	return finish(ctx, r, stream, ended, reader.Usage())
}

func (c *Cloud) converseStream(ctx context.Context, in plugins.Invocation) plugins.Reply {
	q := questionOf(in)
	out, err := c.runtime.ConverseStream(ctx, &bedrockruntime.ConverseStreamInput{
		ModelId: &in.ModelID, Messages: q.messages, System: q.system, InferenceConfig: q.config,
		PerformanceConfig: q.performance, ServiceTier: q.tier, AdditionalModelRequestFields: q.more,
	}, apart)
	if err != nil {
		return classify(err)
	}
	var r plugins.Reply
	var stopped bool
	var metadata *types.ConverseStreamMetadataEvent
	stream := out.GetStream()
	for e := range stream.Events() {
		switch e := e.(type) {
		case *types.ConverseStreamOutputMemberContentBlockDelta:
			if r.FirstToken.IsZero() && says(e.Value.Delta) {
				r.FirstToken = time.Now()
			}
		case *types.ConverseStreamOutputMemberMessageStop:
			stopped = true
		case *types.ConverseStreamOutputMemberMetadata:
			metadata = &e.Value
		}
	}
	if metadata == nil {
		return finish(ctx, r, stream, false, nil)
	}
	r.Served = servedByConverse(in, metadata.PerformanceConfig, metadata.ServiceTier)
	return finish(ctx, r, stream, stopped, usageOfConverse(metadata.Usage))
}

// says reports whether a delta is some text, or some of the text in which the
// model reasons: a token of output either way.
func says(d types.ContentBlockDelta) bool {
	switch d := d.(type) {
	case *types.ContentBlockDeltaMemberText:
		return d.Value != ""
	case *types.ContentBlockDeltaMemberReasoningContent:
		text, ok := d.Value.(*types.ReasoningContentBlockDeltaMemberText)
		return ok && text.Value != ""
	}
	return false
}

// finish closes a stream that was read, and tells how it ended. A stream that
// broke off looks to the SDK like one that came to its end: only its last
// events tell. Usage that was told before a stream failed is no usage: what AWS
// charges for it is not known.
func finish(ctx context.Context, r plugins.Reply, stream interface {
	Err() error
	Close() error
}, ended bool, usage *record.Usage) plugins.Reply {
	err := stream.Err()
	// Nothing is left to read: what closing says beyond Err says nothing of the
	// call.
	_ = stream.Close()
	bad := plugins.Reply{FirstToken: r.FirstToken, Status: http.StatusOK}
	switch {
	case err != nil:
		broken := classifyStream(err)
		bad.Outcome, bad.Code, bad.Message = broken.Outcome, broken.Code, broken.Message
		return bad
	case ended:
		r.Outcome, r.Status, r.Usage = record.OK, http.StatusOK, usage
		return r
	case ctx.Err() != nil:
		cut := classify(ctx.Err())
		bad.Outcome, bad.Code, bad.Message = cut.Outcome, cut.Code, cut.Message
		return bad
	}
	bad.Outcome, bad.Code, bad.Message = record.Truncated, "NoLastEvent", "the stream ended without its last events"
	return bad
}

// classifyStream turns an error in the middle of a stream into the outcome that
// it stands for. Its status, 200, came before it and tells nothing.
func classifyStream(err error) plugins.Reply {
	var api smithy.APIError
	var network net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return classify(err)
	case errors.As(err, &api):
		r := plugins.Reply{Outcome: record.ServerError, Code: api.ErrorCode(), Message: api.ErrorMessage()}
		if o, ok := codes[r.Code]; ok {
			r.Outcome = o
		} else if api.ErrorFault() == smithy.FaultClient {
			r.Outcome = record.ClientError
		}
		return r
	case errors.As(err, &network):
		return plugins.Reply{Outcome: record.Connection, Code: "ReplyCut", Message: network.Error()}
	}
	// A frame with a wrong checksum, or that is no frame.
	return plugins.Reply{Outcome: record.Protocol, Code: "BrokenStream", Message: err.Error()}
}

package cloud

import (
	"context"
	"errors"
	"net"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
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
	ctx, w := newWatch(ctx, in.Stall)
	defer w.close()
	out, err := c.runtime.InvokeModelWithResponseStream(ctx, invokeStreamInput(in), apart)
	if err != nil {
		return classify(err)
	}
	w.begin(awsmiddleware.GetResponseAt(out.ResultMetadata))
	reader, ended := readerOf(in), false
	stream := out.GetStream()
	for e := range stream.Events() {
		w.event()
		chunk, ok := e.(*types.ResponseStreamMemberChunk)
		if !ok {
			continue // of a kind that is not known yet
		}
		output, last := reader.Read(chunk.Value.Bytes)
		if output {
			w.token()
		}
		ended = ended || last
	}
	r := plugins.Reply{Usage: reader.Usage(), Served: served(in, string(out.PerformanceConfigLatency), string(out.ServiceTier))}
	return w.finish(ctx, closed(stream), ended, r)
}

func (c *Cloud) converseStream(ctx context.Context, in plugins.Invocation) plugins.Reply {
	ctx, w := newWatch(ctx, in.Stall)
	defer w.close()
	out, err := c.runtime.ConverseStream(ctx, converseStreamInput(in), apart)
	if err != nil {
		return classify(err)
	}
	w.begin(awsmiddleware.GetResponseAt(out.ResultMetadata))
	var stopped bool
	var metadata *types.ConverseStreamMetadataEvent
	stream := out.GetStream()
	for e := range stream.Events() {
		w.event()
		switch e := e.(type) {
		case *types.ConverseStreamOutputMemberContentBlockDelta:
			if says(e.Value.Delta) {
				w.token()
			}
		case *types.ConverseStreamOutputMemberMessageStop:
			stopped = true
		case *types.ConverseStreamOutputMemberMetadata:
			metadata = &e.Value
		}
	}
	var r plugins.Reply
	if metadata != nil {
		r.Usage, r.Served = usageOfConverse(metadata.Usage), servedByConverse(in, metadata.PerformanceConfig, metadata.ServiceTier)
	}
	return w.finish(ctx, closed(stream), stopped && metadata != nil, r)
}

// closed closes a stream that was read, and returns what it failed with.
func closed(stream interface {
	Err() error
	Close() error
}) error {
	err := stream.Err()
	// Nothing is left to read: what closing says beyond Err says nothing of the
	// call.
	_ = stream.Close()
	return err
}

// readerOf reads the chunks of the family that is asked.
func readerOf(in plugins.Invocation) *plugins.StreamReader {
	if in.Stream == nil {
		return plugins.Stream{}.NewReader()
	}
	return in.Stream.NewReader()
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

// classifyStream turns an error in the middle of a stream into the outcome that
// it stands for. Its status, 200, came before it and tells nothing.
func classifyStream(err error) plugins.Reply {
	var api smithy.APIError
	var network net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return classify(err)
	case errors.As(err, &api):
		r := plugins.Reply{Outcome: record.ServerError, Code: api.ErrorCode(), Message: api.ErrorMessage(), MidStream: true}
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

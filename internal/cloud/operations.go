package cloud

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/schemas"
	"github.com/aws/smithy-go"

	"github.com/loadline-dev/loadline/plugins"
)

// operation is one way to invoke a model, in the words of the SDK.
type operation struct {
	name   string
	schema *smithy.OperationSchema
	// events is the schema of the events of a stream; nil for other replies.
	events *smithy.Schema
	input  func(plugins.Invocation) smithy.Serializable
	call   func(context.Context, *bedrockruntime.Client, plugins.Invocation, func(*bedrockruntime.Options)) error
}

// operations are by the names that plugins give them.
var operations = map[string]*operation{
	plugins.APIInvoke: {
		name:   "InvokeModel",
		schema: smithy.NewOperationSchema(schemas.InvokeModel, schemas.InvokeModelRequest, schemas.InvokeModelResponse),
		input:  func(in plugins.Invocation) smithy.Serializable { return invokeInput(in) },
		call: func(ctx context.Context, c *bedrockruntime.Client, in plugins.Invocation, o func(*bedrockruntime.Options)) error {
			_, err := c.InvokeModel(ctx, invokeInput(in), o)
			return err
		},
	},
	plugins.APIInvokeStream: {
		name:   "InvokeModelWithResponseStream",
		schema: smithy.NewOperationSchema(schemas.InvokeModelWithResponseStream, schemas.InvokeModelWithResponseStreamRequest, schemas.InvokeModelWithResponseStreamResponse),
		events: schemas.ResponseStream,
		input:  func(in plugins.Invocation) smithy.Serializable { return invokeStreamInput(in) },
		call: func(ctx context.Context, c *bedrockruntime.Client, in plugins.Invocation, o func(*bedrockruntime.Options)) error {
			_, err := c.InvokeModelWithResponseStream(ctx, invokeStreamInput(in), o)
			return err
		},
	},
	plugins.APIConverse: {
		name:   "Converse",
		schema: smithy.NewOperationSchema(schemas.Converse, schemas.ConverseRequest, schemas.ConverseResponse),
		input:  func(in plugins.Invocation) smithy.Serializable { return converseInput(in) },
		call: func(ctx context.Context, c *bedrockruntime.Client, in plugins.Invocation, o func(*bedrockruntime.Options)) error {
			_, err := c.Converse(ctx, converseInput(in), o)
			return err
		},
	},
	plugins.APIConverseStream: {
		name:   "ConverseStream",
		schema: smithy.NewOperationSchema(schemas.ConverseStream, schemas.ConverseStreamRequest, schemas.ConverseStreamResponse),
		events: schemas.ConverseStreamOutput,
		input:  func(in plugins.Invocation) smithy.Serializable { return converseStreamInput(in) },
		call: func(ctx context.Context, c *bedrockruntime.Client, in plugins.Invocation, o func(*bedrockruntime.Options)) error {
			_, err := c.ConverseStream(ctx, converseStreamInput(in), o)
			return err
		},
	},
}

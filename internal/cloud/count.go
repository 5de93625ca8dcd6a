package cloud

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"

	"github.com/loadline-dev/loadline/plugins"
)

// countBackoff keeps a run from waiting long for what is only a better guess.
const countBackoff = time.Second

var errNoCount = errors.New("bedrock:CountTokens: the answer has no number")

// CountTokens asks for the input tokens of a request in the form in which it
// would be sent.
func (c *Cloud) CountTokens(ctx context.Context, in plugins.Invocation) (int64, error) {
	req := &bedrockruntime.CountTokensInput{ModelId: &in.ModelID}
	if plugins.TakesBody(in.API) {
		req.Input = &types.CountTokensInputMemberInvokeModel{Value: types.InvokeModelTokensRequest{Body: in.Body}}
	} else {
		q := questionOf(in)
		req.Input = &types.CountTokensInputMemberConverse{Value: types.ConverseTokensRequest{Messages: q.messages, System: q.system, AdditionalModelRequestFields: q.more}}
	}
	out, err := c.runtime.CountTokens(ctx, req, func(o *bedrockruntime.Options) {
		o.Retryer = patient(3, countBackoff) // not part of the measurement
	})
	if err != nil {
		return 0, told("bedrock:CountTokens", err)
	}
	if out.InputTokens == nil || *out.InputTokens < 0 {
		return 0, errNoCount
	}
	return int64(*out.InputTokens), nil
}

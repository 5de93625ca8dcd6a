package cloud

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/pacing"
	"github.com/loadline-dev/loadline/record"
)

// codes tells the outcome by AWS's error code, which says more than the
// status: 429 is also the answer of a model that is not loaded yet.
// Source: the errors of InvokeModel and Converse in the API reference.
var codes = map[string]record.Outcome{
	"ThrottlingException":           record.Throttled,
	"TooManyRequestsException":      record.Throttled,
	"ServiceQuotaExceededException": record.Throttled, // 400, and a quota all the same
	"ServiceUnavailableException":   record.Capacity,
	"ModelNotReadyException":        record.Capacity,
	"InternalServerException":       record.ServerError,
	"ModelErrorException":           record.ServerError,
	"ModelTimeoutException":         record.ServerError,
	"ModelStreamErrorException":     record.ServerError,
}

// How errors of the SDK begin that kept a request from being sent. They are of
// no type of their own.
const (
	noIdentity = "get identity: "
	notSigned  = "sign request: "
)

// classify turns an error of the SDK into the outcome that it stands for.
func classify(err error) plugins.Reply {
	// First, since the SDK wraps a cancelled call in messages about retries.
	if errors.Is(err, context.DeadlineExceeded) {
		return plugins.Reply{Outcome: record.Timeout, Code: "Deadline", Message: "no answer within the deadline of the call"}
	}
	if errors.Is(err, context.Canceled) {
		return plugins.Reply{Outcome: record.Timeout, Code: "Cut", Message: "cut off while the run was stopping"}
	}
	// Before what AWS says: of the service that gives out credentials, that is
	// about another request than ours.
	if m := innermost(err).Error(); strings.HasPrefix(m, noIdentity) || strings.HasPrefix(m, notSigned) {
		return plugins.Reply{Outcome: record.ClientError, Code: "NoCredentials", Message: m}
	}
	r := plugins.Reply{Message: err.Error(), RetryAfter: pacing.RetryAfter(err)}
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) && response.Response != nil {
		r.Status = response.HTTPStatusCode()
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		r.Code, r.Message = api.ErrorCode(), api.ErrorMessage()
		if o, ok := codes[r.Code]; ok {
			r.Outcome = o
			return r
		}
	}
	var sending *smithyhttp.RequestSendError
	var network *net.OpError
	switch {
	case errors.As(err, &sending):
		r.Outcome, r.Code, r.Message = record.Connection, "SendFailed", innermost(err).Error()
	case r.Status/100 == 2 && errors.As(err, &network):
		// The model may have worked, and AWS may charge for it, all the same.
		r.Outcome, r.Code, r.Message = record.Connection, "ReplyCut", network.Error()
	case r.Status == http.StatusTooManyRequests:
		r.Outcome = record.Throttled
	case r.Status == http.StatusServiceUnavailable:
		r.Outcome = record.Capacity
	case r.Status >= 500:
		r.Outcome = record.ServerError
	case r.Status >= 400 && api != nil:
		r.Outcome = record.ClientError
	default:
		// A redirect, a success that cannot be read, an error that is no JSON.
		r.Outcome = record.Protocol
		if r.Status/100 == 2 {
			r.Code = "UnreadableReply"
		}
	}
	if r.Code == "" || r.Code == "UnknownError" {
		r.Code = strings.ReplaceAll(http.StatusText(r.Status), " ", "")
	}
	return r
}

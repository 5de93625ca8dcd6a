package pacing

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// A Class is what an attempt's error means to one who might retry.
type Class string

const (
	OK        Class = ""
	Throttle  Class = "throttle"  // over a quota of the minute
	Daily     Class = "daily"     // over the tokens of the day: no retry helps before it ends
	Capacity  Class = "capacity"  // AWS has none: 503, or a model that is not ready
	Transient Class = "transient" // 5xx, 408, a connection that broke
	Cancelled Class = "cancelled" // the caller's context has ended
	NotSent   Class = "not_sent"  // by a [*WaitError] or [*TooLargeError]
	Final     Class = "final"     // the caller's fault, or nothing that is known
)

// classes by AWS's error code, which says more than the status. Source: the errors
// of InvokeModel and Converse in the API reference.
var classes = map[string]Class{
	"ThrottlingException":           Throttle,
	"TooManyRequestsException":      Throttle,
	"ServiceQuotaExceededException": Throttle,
	"ServiceUnavailableException":   Capacity,
	"ModelNotReadyException":        Capacity,
	"InternalServerException":       Transient,
	"ModelTimeoutException":         Transient,
	"ModelErrorException":           Final, // the model failed on this very input
}

// Classify tells the class of an error of the SDK, also of one that a stream's
// Err returns.
func Classify(err error) Class {
	if err == nil {
		return OK
	}
	var wait *WaitError
	var large *TooLargeError
	// A timeout of the HTTP client is a deadline, too, and not the caller's: the end
	// of a context is an error of another type (Handle in transport/http of smithy-go).
	var broken *smithyhttp.RequestSendError
	onTheWay := errors.As(err, &broken)
	switch {
	case errors.As(err, &wait) || errors.As(err, &large):
		return NotSent
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) && !onTheWay:
		return Cancelled
	}
	status := 0
	var reply *smithyhttp.ResponseError
	if errors.As(err, &reply) && reply.Response != nil {
		status = reply.HTTPStatusCode()
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		if class, ok := classes[api.ErrorCode()]; ok {
			// AWS has one code for all quotas; the text tells which.
			if class == Throttle && strings.Contains(strings.ToLower(api.ErrorMessage()), "tokens per day") {
				return Daily
			}
			return class
		}
	}
	switch {
	case status == http.StatusTooManyRequests:
		return Throttle
	case status == http.StatusServiceUnavailable:
		return Capacity
	case status >= 500 || status == http.StatusRequestTimeout || onTheWay:
		return Transient
	}
	return Final
}

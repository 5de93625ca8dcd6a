package cloud

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/loadline-dev/loadline/plugins"
)

// Identity asks STS whose credentials are in use.
func (c *Cloud) Identity(ctx context.Context) (plugins.Identity, error) {
	out, err := c.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return plugins.Identity{}, told("sts:GetCallerIdentity", err)
	}
	return plugins.Identity{Account: aws.ToString(out.Account), ARN: aws.ToString(out.Arn), Region: c.region}, nil
}

// told turns an error of the SDK into one line that names the operation, which
// is also the IAM action, and says what to do where that is known.
func told(action string, err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("%s: %w", action, err)
		}
		return fmt.Errorf("%s: %w", action, innermost(err))
	}
	hint := ""
	switch code := api.ErrorCode(); {
	case strings.HasPrefix(code, "AccessDenied"), code == "UnauthorizedOperation":
		hint = "; the credentials in use need the action " + action
	case strings.HasPrefix(code, "ExpiredToken"):
		hint = "; renew the credentials"
	case code == "UnrecognizedClientException", code == "InvalidClientTokenId", code == "InvalidSignatureException", code == "SignatureDoesNotMatch":
		hint = "; the credentials are not valid"
	}
	return &refusal{action + ": " + api.ErrorMessage() + " (" + api.ErrorCode() + ")" + hint, err}
}

// refusal is an error of AWS in words of ours.
type refusal struct {
	text  string
	cause error
}

func (r *refusal) Error() string { return r.text }
func (r *refusal) Unwrap() error { return r.cause }

// innermost leaves out the layers of the SDK around the cause.
func innermost(err error) error {
	var op *smithy.OperationError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// permitted sorts an error of a read that the work can do without: a missing
// permission becomes a note, and nil; anything else stays an error.
func permitted(err error) (note string, remains error) {
	var api smithy.APIError
	if errors.As(err, &api) && strings.HasPrefix(api.ErrorCode(), "AccessDenied") {
		return err.Error(), nil
	}
	return "", err
}

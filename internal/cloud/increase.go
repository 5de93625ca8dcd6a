package cloud

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/smithy-go"

	"github.com/loadline-dev/loadline/plugins"
)

// IncreaseReads and IncreaseWrites are the IAM actions that a request for a
// higher quota needs.
var (
	IncreaseReads  = []string{"sts:GetCallerIdentity", "servicequotas:GetServiceQuota", "servicequotas:GetAWSDefaultServiceQuota", "servicequotas:ListRequestedServiceQuotaChangeHistory"}
	IncreaseWrites = []string{"servicequotas:RequestServiceQuotaIncrease"}
)

// increaseWays are the ways out of refusals, by their codes.
// Source: the errors of RequestServiceQuotaIncrease in the API of Service Quotas,
// and its limits in the AWS General Reference.
var increaseWays = map[string]string{
	"ResourceAlreadyExistsException":      "AWS takes one open request a quota: wait until that one is decided, or add to its case",
	"DependencyAccessDeniedException":     "Service Quotas may not act for this account: somebody with the right iam:CreateServiceLinkedRole makes the role of servicequotas.amazonaws.com once, or files the first request in the console",
	"NoSuchResourceException":             "the quota is not there in this Region: loadline discover --fresh shows those that are",
	"TooManyRequestsException":            "Service Quotas takes three such requests a second of an account: try again in a minute",
	"QuotaExceededException":              "an account has 20 open requests at most: wait until some are decided",
	"IllegalArgumentException":            "AWS takes whole values above the one that is applied: look at it with loadline discover --fresh",
	"InvalidResourceStateException":       "the quota cannot be changed now: loadline discover --fresh shows whether a request is open",
	"AWSServiceAccessNotEnabledException": "Service Quotas is not enabled for the organization",
	"ServiceException":                    "AWS failed: look whether the request is there with loadline discover --fresh before it is filed again",
}

// RequestIncrease asks for a higher quota, once: it is not retried, since an
// answer that got lost would make a second request of it.
func (c *Cloud) RequestIncrease(ctx context.Context, code string, desired float64) (plugins.Filed, error) {
	const operation = "RequestServiceQuotaIncrease"
	if err := c.limits.wait(ctx, operation); err != nil {
		return plugins.Filed{}, err
	}
	once := func(o *servicequotas.Options) { o.Retryer = aws.NopRetryer{} }
	out, err := c.quotas.RequestServiceQuotaIncrease(ctx, &servicequotas.RequestServiceQuotaIncreaseInput{ServiceCode: aws.String(serviceCode), QuotaCode: &code, DesiredValue: &desired}, once)
	if err != nil {
		err = told("servicequotas:"+operation, err)
		var api smithy.APIError
		if errors.As(err, &api) {
			if way, ok := increaseWays[api.ErrorCode()]; ok {
				err = &refusal{err.Error() + "; " + way, err}
			}
		} else {
			err = &refusal{err.Error() + "; whether the request was filed is not known: loadline discover --fresh shows it", err}
		}
		return plugins.Filed{}, err
	}
	r := out.RequestedQuota
	if r == nil || aws.ToString(r.Id) == "" {
		return plugins.Filed{}, errors.New("servicequotas:" + operation + ": AWS took the request and told no id; loadline discover --fresh shows it")
	}
	return plugins.Filed{ID: aws.ToString(r.Id), Status: string(r.Status), Case: aws.ToString(r.CaseId), Created: aws.ToTime(r.Created).UTC()}, nil
}

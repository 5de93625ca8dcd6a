package cloud

import (
	"context"

	smithytime "github.com/aws/smithy-go/time"
	"golang.org/x/time/rate"
)

// quotaRates are the requests a second that Service Quotas takes of each
// operation, for an account in a Region.
// Source: "AWS Service Quotas endpoints and quotas" in the AWS General Reference.
var quotaRates = map[string]int{
	"ListServiceQuotas": 10, "ListAWSDefaultServiceQuotas": 10,
	"GetServiceQuota": 5, "GetAWSDefaultServiceQuota": 5,
	"ListRequestedServiceQuotaChangeHistory": 5, "RequestServiceQuotaIncrease": 3,
}

// limits holds back requests to Service Quotas, an operation each for itself.
// A second's worth may go at once, since others may be idle for long: what that
// is too much for is answered with TooManyRequestsException, which the SDK
// retries with back-off.
type limits map[string]*rate.Limiter

func newLimits() limits {
	l := limits{}
	for operation, n := range quotaRates {
		l[operation] = rate.NewLimiter(rate.Limit(n), n)
	}
	return l
}

// wait returns when the operation may be sent, or with the error of ctx. It
// waits for ctx also where the time is foreseen to be too short: what ends a run
// is then the deadline, and not a refusal to begin.
func (l limits) wait(ctx context.Context, operation string) error {
	return smithytime.SleepWithContext(ctx, l[operation].Reserve().Delay())
}

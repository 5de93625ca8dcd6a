package cloud

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
	"github.com/aws/smithy-go"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// serviceCode is the Service Quotas code of everything that is Bedrock.
const serviceCode = "bedrock"

// pageSize is the most that the Service Quotas lists give at once; their own
// default is not documented.
const pageSize = 100

// readers is how many requests for single items are under way at once.
const readers = 5

// list reads the applied values and the defaults side by side, and joins them
// by code. A quota that has only one of the two is there with that one.
func (c *Cloud) list(ctx context.Context) (plugins.QuotaList, error) {
	var applied, defaults []types.ServiceQuota
	var errApplied, errDefaults error
	var both sync.WaitGroup
	both.Go(func() { applied, errApplied = c.listApplied(ctx) })
	both.Go(func() { defaults, errDefaults = c.listDefaults(ctx) })
	both.Wait()
	var out plugins.QuotaList
	if errApplied != nil {
		return out, errApplied
	}
	if errDefaults != nil {
		note, err := permitted(errDefaults)
		if err != nil {
			return out, err
		}
		out.Notes = append(out.Notes, "the defaults are not known: "+note)
	}
	out.Rows = join(applied, defaults)
	return out, nil
}

func (c *Cloud) listApplied(ctx context.Context) (all []types.ServiceQuota, err error) {
	pages := servicequotas.NewListServiceQuotasPaginator(c.quotas, &servicequotas.ListServiceQuotasInput{ServiceCode: aws.String(serviceCode), MaxResults: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		if err := c.limits.wait(ctx, "ListServiceQuotas"); err != nil {
			return nil, err
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, told("servicequotas:ListServiceQuotas", err)
		}
		all = append(all, page.Quotas...)
	}
	return all, nil
}

func (c *Cloud) listDefaults(ctx context.Context) (all []types.ServiceQuota, err error) {
	pages := servicequotas.NewListAWSDefaultServiceQuotasPaginator(c.quotas, &servicequotas.ListAWSDefaultServiceQuotasInput{ServiceCode: aws.String(serviceCode), MaxResults: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		if err := c.limits.wait(ctx, "ListAWSDefaultServiceQuotas"); err != nil {
			return nil, err
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, told("servicequotas:ListAWSDefaultServiceQuotas", err)
		}
		all = append(all, page.Quotas...)
	}
	return all, nil
}

// join makes one row of each code.
func join(applied, defaults []types.ServiceQuota) []plugins.Quota {
	out := make([]plugins.Quota, 0, max(len(applied), len(defaults)))
	at := map[string]int{}
	row := func(q *types.ServiceQuota) *plugins.Quota {
		code := aws.ToString(q.QuotaCode)
		i, ok := at[code]
		if !ok {
			i = len(out)
			at[code] = i
			out = append(out, plugins.Quota{Code: code, Name: aws.ToString(q.QuotaName), Adjustable: q.Adjustable})
		}
		return &out[i]
	}
	for i := range applied {
		q, r := &applied[i], row(&applied[i])
		r.Applied = q.Value
		if e := q.ErrorReason; e != nil {
			// The entry stands in a successful list, but has no usable value.
			r.Applied, r.Problem = nil, string(e.ErrorCode)+": "+aws.ToString(e.ErrorMessage)
		}
	}
	for i := range defaults {
		row(&defaults[i]).Default = defaults[i].Value
	}
	return out
}

// QuotasByCode reads single quotas, a few at a time. A quota without an applied
// value has its default alone; a code that does not exist has no row.
func (c *Cloud) QuotasByCode(ctx context.Context, codes []string) ([]plugins.Quota, error) {
	rows := make([][]plugins.Quota, len(codes))
	errs := make([]error, len(codes))
	each(len(codes), func(i int) { rows[i], errs[i] = c.quotaByCode(ctx, codes[i]) })
	return slices.Concat(rows...), errors.Join(errs...)
}

func (c *Cloud) quotaByCode(ctx context.Context, code string) ([]plugins.Quota, error) {
	var applied, defaults []types.ServiceQuota
	if err := c.limits.wait(ctx, "GetServiceQuota"); err != nil {
		return nil, err
	}
	a, err := c.quotas.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: aws.String(serviceCode), QuotaCode: &code})
	switch {
	case err == nil:
		applied = append(applied, *a.Quota)
	case !missing(err):
		return nil, told("servicequotas:GetServiceQuota", err)
	}
	if err := c.limits.wait(ctx, "GetAWSDefaultServiceQuota"); err != nil {
		return nil, err
	}
	d, err := c.quotas.GetAWSDefaultServiceQuota(ctx, &servicequotas.GetAWSDefaultServiceQuotaInput{ServiceCode: aws.String(serviceCode), QuotaCode: &code})
	switch {
	case err == nil:
		defaults = append(defaults, *d.Quota)
	case !missing(err):
		return nil, told("servicequotas:GetAWSDefaultServiceQuota", err)
	}
	return join(applied, defaults), nil
}

// missing says whether an error means that there is no such value.
func missing(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "NoSuchResourceException"
}

// open are the states of a request for a higher quota that may still change
// something.
var open = []types.RequestStatus{types.RequestStatusPending, types.RequestStatusCaseOpened}

// Increases lists the open requests for higher quotas. AWS allows one a quota.
func (c *Cloud) Increases(ctx context.Context) (map[string]record.Increase, error) {
	out := map[string]record.Increase{}
	pages := servicequotas.NewListRequestedServiceQuotaChangeHistoryPaginator(c.quotas, &servicequotas.ListRequestedServiceQuotaChangeHistoryInput{ServiceCode: aws.String(serviceCode), MaxResults: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		if err := c.limits.wait(ctx, "ListRequestedServiceQuotaChangeHistory"); err != nil {
			return nil, err
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, told("servicequotas:ListRequestedServiceQuotaChangeHistory", err)
		}
		for _, q := range page.RequestedQuotas {
			if slices.Contains(open, q.Status) {
				out[aws.ToString(q.QuotaCode)] = record.Increase{Desired: aws.ToFloat64(q.DesiredValue), Status: string(q.Status), Since: aws.ToTime(q.Created).UTC()}
			}
		}
	}
	return out, nil
}

// each does n things, a few at a time.
func each(n int, do func(i int)) {
	var workers sync.WaitGroup
	next := make(chan int)
	for range min(n, readers) {
		workers.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	workers.Wait()
}

package cloud

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	bedrocktypes "github.com/aws/aws-sdk-go-v2/service/bedrock/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	sqtypes "github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/loadline-dev/loadline/plugins"
)

// serviceCode is the Service Quotas code of everything that is Bedrock.
const serviceCode = "bedrock"

// pageSize is the most that the Service Quotas lists give at once; their own
// default is not documented.
const pageSize = 100

// Identity asks STS whose credentials are in use.
func (c *Cloud) Identity(ctx context.Context) (plugins.Identity, error) {
	out, err := c.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return plugins.Identity{}, told("sts:GetCallerIdentity", err)
	}
	return plugins.Identity{Account: aws.ToString(out.Account), ARN: aws.ToString(out.Arn), Region: c.region}, nil
}

// Quotas lists the applied values and the defaults, joined by code. A quota
// that has only one of the two is there with that one.
func (c *Cloud) Quotas(ctx context.Context) ([]plugins.Quota, error) {
	var out []plugins.Quota
	at := map[string]int{}
	row := func(q sqtypes.ServiceQuota) *plugins.Quota {
		code := aws.ToString(q.QuotaCode)
		i, ok := at[code]
		if !ok {
			i = len(out)
			at[code] = i
			out = append(out, plugins.Quota{Code: code, Name: aws.ToString(q.QuotaName), Adjustable: q.Adjustable})
		}
		return &out[i]
	}
	applied := servicequotas.NewListServiceQuotasPaginator(c.quotas, &servicequotas.ListServiceQuotasInput{ServiceCode: aws.String(serviceCode), MaxResults: aws.Int32(pageSize)})
	for applied.HasMorePages() {
		page, err := applied.NextPage(ctx)
		if err != nil {
			return nil, told("servicequotas:ListServiceQuotas", err)
		}
		for _, q := range page.Quotas {
			r := row(q)
			r.Applied = q.Value
			if q.ErrorReason != nil {
				// The entry stands in a successful list, but has no usable value.
				r.Applied, r.Problem = nil, string(q.ErrorReason.ErrorCode)+": "+aws.ToString(q.ErrorReason.ErrorMessage)
			}
		}
	}
	defaults := servicequotas.NewListAWSDefaultServiceQuotasPaginator(c.quotas, &servicequotas.ListAWSDefaultServiceQuotasInput{ServiceCode: aws.String(serviceCode), MaxResults: aws.Int32(pageSize)})
	for defaults.HasMorePages() {
		page, err := defaults.NextPage(ctx)
		if err != nil {
			return nil, told("servicequotas:ListAWSDefaultServiceQuotas", err)
		}
		for _, q := range page.Quotas {
			row(q).Default = q.Value
		}
	}
	return out, nil
}

// Catalog lists models, profiles of both types, and provisioned throughput.
func (c *Cloud) Catalog(ctx context.Context) (plugins.Catalog, error) {
	var out plugins.Catalog
	models, err := c.bedrock.ListFoundationModels(ctx, &bedrock.ListFoundationModelsInput{})
	if err != nil {
		return out, told("bedrock:ListFoundationModels", err)
	}
	for _, m := range models.ModelSummaries {
		f := plugins.FoundationModel{ID: aws.ToString(m.ModelId), Name: aws.ToString(m.ModelName), Provider: aws.ToString(m.ProviderName)}
		for _, t := range m.InferenceTypesSupported {
			f.InferenceTypes = append(f.InferenceTypes, string(t))
		}
		if m.ModelLifecycle != nil {
			f.Lifecycle = string(m.ModelLifecycle.Status)
		}
		out.Models = append(out.Models, f)
	}
	// Without a type only the system's own profiles come back.
	for _, kind := range []bedrocktypes.InferenceProfileType{bedrocktypes.InferenceProfileTypeSystemDefined, bedrocktypes.InferenceProfileTypeApplication} {
		pages := bedrock.NewListInferenceProfilesPaginator(c.bedrock, &bedrock.ListInferenceProfilesInput{TypeEquals: kind, MaxResults: aws.Int32(1000)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return out, told("bedrock:ListInferenceProfiles", err)
			}
			for _, p := range page.InferenceProfileSummaries {
				f := plugins.Profile{ID: aws.ToString(p.InferenceProfileId), ARN: aws.ToString(p.InferenceProfileArn), Name: aws.ToString(p.InferenceProfileName), Application: kind == bedrocktypes.InferenceProfileTypeApplication}
				for _, m := range p.Models {
					f.ModelARNs = append(f.ModelARNs, aws.ToString(m.ModelArn))
				}
				out.Profiles = append(out.Profiles, f)
			}
		}
	}
	provisioned := bedrock.NewListProvisionedModelThroughputsPaginator(c.bedrock, &bedrock.ListProvisionedModelThroughputsInput{})
	for provisioned.HasMorePages() {
		page, err := provisioned.NextPage(ctx)
		if err != nil {
			return out, told("bedrock:ListProvisionedModelThroughputs", err)
		}
		for _, p := range page.ProvisionedModelSummaries {
			out.Provisioned = append(out.Provisioned, plugins.Provisioned{ARN: aws.ToString(p.ProvisionedModelArn), Name: aws.ToString(p.ProvisionedModelName), ModelARN: aws.ToString(p.ModelArn), Status: string(p.Status), Units: int(aws.ToInt32(p.ModelUnits))})
		}
	}
	return out, nil
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
	return fmt.Errorf("%s: %s (%s)%s", action, api.ErrorMessage(), api.ErrorCode(), hint)
}

// innermost leaves out the layers of the SDK around the cause.
func innermost(err error) error {
	var op *smithy.OperationError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

package cloud

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/aws-sdk-go-v2/service/bedrock/types"

	"github.com/loadline-dev/loadline/plugins"
)

// Catalog lists models, profiles of both types, and provisioned throughput. A
// list that the credentials may not read is left out, with a note: the others
// are worth having without it.
func (c *Cloud) Catalog(ctx context.Context) (plugins.Catalog, error) {
	var out plugins.Catalog
	for _, read := range []func(context.Context, *plugins.Catalog) error{c.models, c.profiles, c.provisioned} {
		if err := read(ctx, &out); err != nil {
			note, err := permitted(err)
			if err != nil {
				return out, err
			}
			out.Notes = append(out.Notes, note)
		}
	}
	return out, nil
}

func (c *Cloud) models(ctx context.Context, to *plugins.Catalog) error {
	list, err := c.bedrock.ListFoundationModels(ctx, &bedrock.ListFoundationModelsInput{})
	if err != nil {
		return told("bedrock:ListFoundationModels", err)
	}
	out := make([]plugins.FoundationModel, 0, len(list.ModelSummaries))
	for _, m := range list.ModelSummaries {
		f := plugins.FoundationModel{ID: aws.ToString(m.ModelId), Name: aws.ToString(m.ModelName), Provider: aws.ToString(m.ProviderName)}
		for _, t := range m.InferenceTypesSupported {
			f.InferenceTypes = append(f.InferenceTypes, string(t))
		}
		if l := m.ModelLifecycle; l != nil {
			f.Lifecycle, f.Legacy, f.EndOfLife = string(l.Status), l.LegacyTime, l.EndOfLifeTime
		}
		out = append(out, f)
	}
	to.Models = out
	return nil
}

func (c *Cloud) profiles(ctx context.Context, to *plugins.Catalog) error {
	out := []plugins.Profile{}
	// Without a type only the system's own profiles come back.
	for _, kind := range []types.InferenceProfileType{types.InferenceProfileTypeSystemDefined, types.InferenceProfileTypeApplication} {
		pages := bedrock.NewListInferenceProfilesPaginator(c.bedrock, &bedrock.ListInferenceProfilesInput{TypeEquals: kind, MaxResults: aws.Int32(1000)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return told("bedrock:ListInferenceProfiles", err)
			}
			for _, p := range page.InferenceProfileSummaries {
				out = append(out, profile(p.InferenceProfileId, p.InferenceProfileArn, p.InferenceProfileName, kind, p.Models))
			}
		}
	}
	to.Profiles = out
	return nil
}

// Profile reads one inference profile: also one that another account shares,
// which no list holds.
func (c *Cloud) Profile(ctx context.Context, id string) (plugins.Profile, error) {
	p, err := c.bedrock.GetInferenceProfile(ctx, &bedrock.GetInferenceProfileInput{InferenceProfileIdentifier: &id})
	if err != nil {
		return plugins.Profile{}, told("bedrock:GetInferenceProfile", err)
	}
	return profile(p.InferenceProfileId, p.InferenceProfileArn, p.InferenceProfileName, p.Type, p.Models), nil
}

func profile(id, arn, name *string, kind types.InferenceProfileType, models []types.InferenceProfileModel) plugins.Profile {
	out := plugins.Profile{ID: aws.ToString(id), ARN: aws.ToString(arn), Name: aws.ToString(name), Application: kind == types.InferenceProfileTypeApplication}
	for _, m := range models {
		out.ModelARNs = append(out.ModelARNs, aws.ToString(m.ModelArn))
	}
	return out
}

func (c *Cloud) provisioned(ctx context.Context, to *plugins.Catalog) error {
	out := []plugins.Provisioned{}
	pages := bedrock.NewListProvisionedModelThroughputsPaginator(c.bedrock, &bedrock.ListProvisionedModelThroughputsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return told("bedrock:ListProvisionedModelThroughputs", err)
		}
		for _, p := range page.ProvisionedModelSummaries {
			out = append(out, plugins.Provisioned{
				ARN: aws.ToString(p.ProvisionedModelArn), Name: aws.ToString(p.ProvisionedModelName), ModelARN: aws.ToString(p.ModelArn),
				BaseARN: aws.ToString(p.FoundationModelArn), Status: string(p.Status), Units: int(aws.ToInt32(p.ModelUnits)),
				Commitment: string(p.CommitmentDuration), CommitmentEnds: p.CommitmentExpirationTime,
			})
		}
	}
	to.Provisioned = out
	return nil
}

// Access asks for each model, a few at a time. What cannot be asked for one
// model is told of that model, and is no error.
func (c *Cloud) Access(ctx context.Context, baseIDs []string) []plugins.Access {
	out := make([]plugins.Access, len(baseIDs))
	each(len(baseIDs), func(i int) {
		a, err := c.bedrock.GetFoundationModelAvailability(ctx, &bedrock.GetFoundationModelAvailabilityInput{ModelId: &baseIDs[i]})
		if err != nil {
			out[i].Problem = told("bedrock:GetFoundationModelAvailability", err).Error()
			return
		}
		out[i] = plugins.Access{Authorization: string(a.AuthorizationStatus), Entitlement: string(a.EntitlementAvailability), Region: string(a.RegionAvailability)}
		if a.AgreementAvailability != nil {
			out[i].Agreement = string(a.AgreementAvailability.Status)
		}
	})
	return out
}

package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// Discover reads the quotas of the account and ties them to the models.
var Discover = plugins.StepKind{
	Name:    "discover",
	Doc:     "Reads the quotas of the account, applied and default, and finds those that bind the models; and what AWS has for the models beside quotas: access, lifecycle, Provisioned Throughput. Assertions then read quota.rpm.applied, capacity.access and the like.",
	Example: "{}",
	Type:    scenarios.Object(),
	Bind: func(b *plugins.Binding, _ scenarios.Step) plugins.Step {
		for _, m := range b.Models {
			b.LookedUp = append(b.LookedUp, m.Name)
		}
		return discover{b.Models, AskedOf(b.Models, b.Request)}
	},
}

type discover struct {
	models []plugins.Model
	asked  []Asked // the models, in their order
}

func (d discover) Estimate() plugins.Estimate { return plugins.Estimate{Reads: SurveyReads} }

// SurveyReads are the IAM actions that a survey may use. Where one beside
// ListServiceQuotas is not allowed, a note says what is not known for it.
var SurveyReads = []string{
	"servicequotas:ListServiceQuotas", "servicequotas:ListAWSDefaultServiceQuotas",
	"servicequotas:GetServiceQuota", "servicequotas:GetAWSDefaultServiceQuota", "servicequotas:ListRequestedServiceQuotaChangeHistory",
	"bedrock:ListFoundationModels", "bedrock:GetFoundationModelAvailability",
	"bedrock:ListInferenceProfiles", "bedrock:GetInferenceProfile", "bedrock:ListProvisionedModelThroughputs",
}

func (d discover) Run(ctx context.Context, env *plugins.Env) (plugins.Result, error) {
	s, err := Look(ctx, env.AWS, d.asked, How{Current: true, Access: len(d.asked), Slow: func(note string) { env.Report(plugins.Progress{Note: note}) }})
	if err != nil {
		return plugins.Result{}, err
	}
	var out plugins.Result
	for _, note := range s.Notes {
		out.Step.Notes = append(out.Step.Notes, record.CleanLine(note))
		env.Report(plugins.Progress{Note: record.CleanLine(note)})
	}
	var refused []string
	for i, f := range s.Found {
		name := d.models[i].Name
		r := env.Models[name]
		r.BaseID, r.Scope = record.CleanLine(f.Base), f.Scope
		r.Quotas, r.Capacity = f.Binds, f.Capacity
		if tariffOf := d.models[i].TariffOf; tariffOf != nil && f.Base != "" {
			r.Burndown = tariffOf(f.Base, f.Scope).Burndown
		}
		r.Notes = slices.Concat(f.Notes, f.Problems)
		if f.Doubt != "" {
			r.Notes = append(r.Notes, f.Doubt)
		}
		if f.Unreachable != "" {
			refused = append(refused, f.Unreachable)
		}
		env.Report(plugins.Progress{Note: name + ": " + summary(r)})
	}
	return out, unreachable(refused)
}

// unreachable is the error of models whose ids AWS would refuse in every call;
// nil where there are none.
func unreachable(why []string) error {
	if len(why) == 0 {
		return nil
	}
	return fmt.Errorf("AWS would refuse every call: %s", strings.Join(why, "; "))
}

func summary(m *record.Model) string {
	var parts []string
	for _, q := range m.Quotas {
		v := "no value"
		if q.Applied != nil {
			v = fmt.Sprintf("%.0f", *q.Applied)
		}
		parts = append(parts, q.Dimension+" "+v)
	}
	parts = append(parts, m.Notes...)
	if len(parts) == 0 {
		return "no quotas"
	}
	return strings.Join(parts, ", ")
}

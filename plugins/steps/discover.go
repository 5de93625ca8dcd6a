package steps

import (
	"context"
	"fmt"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// Discover reads the quotas of the account and ties them to the models.
var Discover = plugins.StepKind{
	Name:    "discover",
	Doc:     "Reads the quotas of the account, applied and default, and finds those that bind the models. Assertions then read quota.rpm.applied and the like.",
	Example: "{}",
	Type:    scenarios.Object(),
	Bind: func(b *plugins.Binding, _ scenarios.Step) plugins.Step {
		return discover{models: b.Models}
	},
}

type discover struct{ models []plugins.Model }

func (d discover) Estimate() plugins.Estimate {
	return plugins.Estimate{Reads: []string{
		"servicequotas:ListServiceQuotas", "servicequotas:ListAWSDefaultServiceQuotas",
		"bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles", "bedrock:ListProvisionedModelThroughputs",
	}}
}

func (d discover) Run(ctx context.Context, env *plugins.Env) (plugins.Result, error) {
	rows, err := env.AWS.Quotas(ctx)
	if err != nil {
		return plugins.Result{}, fmt.Errorf("read the quotas: %w", err)
	}
	catalog, err := env.AWS.Catalog(ctx)
	if err != nil {
		return plugins.Result{}, fmt.Errorf("read the models: %w", err)
	}
	var refused []string
	for _, m := range d.models {
		r := env.Models[m.Name]
		r.Quotas, r.Notes = quotas.Match(m.ID, m.Quotas, catalog, rows)
		if refusal := reach(m, catalog); refusal != "" {
			refused = append(refused, refusal)
		}
		env.Report(plugins.Progress{Note: m.Name + ": " + summary(r)})
	}
	if len(refused) > 0 {
		return plugins.Result{}, fmt.Errorf("AWS would refuse every call: %s", strings.Join(refused, "; "))
	}
	return plugins.Result{}, nil
}

// reach says why calls by this id cannot work, where the catalog tells: a
// foundation model that only works through an inference profile. It names the
// profiles to use.
func reach(m plugins.Model, catalog plugins.Catalog) string {
	if m.Scope != quotas.OnDemand {
		return ""
	}
	for _, f := range catalog.Models {
		if f.ID != m.BaseID || len(f.InferenceTypes) != 1 || f.InferenceTypes[0] != "INFERENCE_PROFILE" {
			continue
		}
		var use []string
		for _, p := range catalog.Profiles {
			for _, arn := range p.ModelARNs {
				if strings.HasSuffix(arn, "/"+m.BaseID) {
					use = append(use, p.ID)
					break
				}
			}
		}
		s := fmt.Sprintf("%s works only through an inference profile", record.CleanLine(m.ID))
		if len(use) > 0 {
			s += "; use " + record.CleanLine(strings.Join(use, " or "))
		}
		return s
	}
	return ""
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

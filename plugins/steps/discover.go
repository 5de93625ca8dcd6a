package steps

import (
	"context"
	"fmt"
	"slices"
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
	table := quotas.NewTable(rows, catalog)
	for _, m := range d.models {
		r := env.Models[m.Name]
		who := quotas.Resolve(m.ID, catalog)
		found := table.Match(who, quotas.Ask{}, m.Quotas)
		r.BaseID, r.Scope = record.CleanLine(who.Base), who.Scope
		r.Quotas, r.Notes = found.Binds, slices.Concat(found.Notes, found.Problems)
		if who.Doubt != "" {
			r.Notes = append(r.Notes, who.Doubt)
		}
		if who.Unreachable != "" {
			refused = append(refused, who.Unreachable)
		}
		env.Report(plugins.Progress{Note: m.Name + ": " + summary(r)})
	}
	if len(refused) > 0 {
		return plugins.Result{}, fmt.Errorf("AWS would refuse every call: %s", strings.Join(refused, "; "))
	}
	return plugins.Result{}, nil
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

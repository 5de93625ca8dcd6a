// Package discovered makes limits for [pacing] out of the quotas that AWS applies
// to an account:
//
//	limits, err := discovered.Limits(ctx, cfg, "us.anthropic.claude-sonnet-4-5-20250929-v1:0")
//	client := bedrockruntime.NewFromConfig(cfg, pacing.With(pacing.Limits{Of: limits, Share: 0.8}, policy))
//
// It reads what "loadline discover" reads, by the same code, and finds the same
// quotas. pacing itself imports nothing of this module, so that those who know
// their numbers take no more than the SDK's client.
package discovered

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/plugins/families"
	"github.com/loadline-dev/loadline/plugins/pacing"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
)

// Limits reads the quotas of the account and Region of a configuration, and
// returns the limits of models: ids of models or inference profiles, or ARNs.
// Each comes with all that pacing needs to know: requests and tokens a minute,
// calls under way, the burndown, and the most output that a request without
// max_tokens reserves. Ids of one quota share a limit, in the order given. Tokens
// of the day are not paced.
//
// A model of which no quota is found, or several that fit, or one of 0, is an
// error, and not without limits; the error tells all such models, one a line.
// The numbers are those of now: read them again after an increase.
//
// The credentials need servicequotas:ListServiceQuotas,
// bedrock:ListFoundationModels and bedrock:ListInferenceProfiles, also
// servicequotas:ListAWSDefaultServiceQuotas and
// bedrock:ListProvisionedModelThroughputs if that is not to be noted in errors.
// Service Quotas gives a hundred of about a thousand quotas a second, so that it
// takes seconds, up to half a minute: call it once, as the program starts.
func Limits(ctx context.Context, cfg aws.Config, models ...string) ([]pacing.Limit, error) {
	if cfg.Region == "" {
		return nil, errors.New("pacing: the aws.Config has no Region, and quotas are of one: set AWS_REGION, or Region")
	}
	account := cloud.From(cfg)
	catalog, err := account.Catalog(ctx)
	if err != nil {
		return nil, fmt.Errorf("pacing: read the models: %w", err)
	}
	list, err := account.Quotas(ctx, true)
	if err != nil {
		return nil, fmt.Errorf("pacing: read the quotas: %w", err)
	}
	notes := slices.Concat(catalog.Notes, list.Notes)
	for _, id := range models {
		if !quotas.Unlisted(id, catalog) {
			continue
		}
		p, err := account.Profile(ctx, id)
		if err != nil {
			notes = append(notes, err.Error())
			continue
		}
		catalog.Profiles = append(catalog.Profiles, p)
	}
	table := quotas.NewTable(list.Rows, catalog)
	var found []pacing.Model
	var wrong []string
	output := map[string]int64{}
	for _, id := range models {
		r := quotas.Resolve(id, catalog)
		m := table.Match(r, quotas.Ask{}, nil)
		if why := unknown(r, m); why != "" {
			wrong = append(wrong, record.CleanLine(id)+": "+why)
		}
		of := pacing.Model{ID: id, Burndown: families.TariffOf(r.Base, time.Time{}).Burndown}
		for _, q := range m.Binds {
			of.Quotas = append(of.Quotas, pacing.Quota{Dimension: q.Dimension, Code: q.Code, Applied: q.Applied})
		}
		found = append(found, of)
		output[id] = families.LimitsOf(r.Base).MaxOutput
	}
	if len(wrong) > 0 {
		return nil, unlimited(wrong, notes)
	}
	out, err := pacing.FromQuotas(found)
	for i := range out {
		for _, id := range out[i].Models {
			out[i].MaxOutput = max(out[i].MaxOutput, output[id])
		}
	}
	return out, err
}

// paced are the dimensions that pacing holds.
var paced = []string{quotas.RPM, quotas.TPM, quotas.InputTPM, quotas.OutputTPM, quotas.Concurrent}

// unknown says why the limits of a model are not known; "" where they are.
func unknown(r quotas.Resolved, m quotas.Matched) string {
	var why []string
	if r.Unreachable != "" {
		why = append(why, "AWS would refuse its calls: "+r.Unreachable)
	}
	for _, p := range m.Problems {
		if strings.HasPrefix(p, quotas.TPD+": ") || strings.HasPrefix(p, quotas.AccountTPD+": ") {
			continue
		}
		// What a scenario can say is no way out here.
		p, _, _ = strings.Cut(p, "; say which one with quotas:")
		why = append(why, p)
	}
	known := false
	for _, q := range m.Binds {
		switch {
		case !slices.Contains(paced, q.Dimension):
		case q.Applied != nil:
			known = true
		case !slices.ContainsFunc(m.Problems, func(p string) bool { return strings.HasPrefix(p, q.Dimension+": ") }):
			why = append(why, fmt.Sprintf("%s: AWS tells no applied value of %s, and accounts may have less than the default", q.Dimension, q.Code))
		}
	}
	if !known && len(why) == 0 {
		why = append(append(why, "no quota of the minute binds it"), m.Notes...)
	}
	if r.Doubt != "" && len(why) > 0 {
		why = append(why, r.Doubt)
	}
	return strings.Join(why, "; ")
}

func unlimited(wrong, notes []string) error {
	text := "pacing: no limits for\n  " + strings.Join(wrong, "\n  ") + "\nGive such a model a pacing.Limit with numbers of your own."
	for _, n := range notes {
		text += "\nNote: " + record.CleanLine(n)
	}
	return errors.New(text)
}

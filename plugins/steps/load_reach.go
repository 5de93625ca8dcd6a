package steps

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
)

// reachReads are the IAM actions by which the ids of models are looked up.
var reachReads = []string{"bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles", "bedrock:ListProvisionedModelThroughputs"}

// reachTime is how long the lookup may take: who may call models alone, or
// reaches nothing but their endpoint, can measure all the same.
const reachTime = 10 * time.Second

// reach looks up the ids that no step has looked up yet, and refuses those that
// AWS would refuse in every call, before any is sent. Where the account does
// not let itself be asked, a note says so.
func (l load) reach(ctx context.Context, env *plugins.Env) (note string, _ error) {
	if len(l.unknown) == 0 {
		return "", nil
	}
	limited, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	catalog, err := env.AWS.Catalog(limited)
	why := strings.Join(catalog.Notes, "; ")
	switch {
	case err != nil && ctx.Err() != nil:
		return "", err // the run is stopping
	case err != nil && limited.Err() != nil:
		why = fmt.Sprintf("no answer within %s", reachTime)
	case err != nil:
		why = err.Error()
	}
	if err != nil || catalog.Models == nil {
		return record.CleanLine("whether AWS takes the ids of the models was not looked up: " + why), nil
	}
	var refused []string
	for _, t := range l.unknown {
		r := quotas.Resolve(t.ID, catalog)
		if r.Unreachable != "" {
			refused = append(refused, r.Unreachable)
		}
		env.Models[t.Name].BaseID, env.Models[t.Name].Scope = record.CleanLine(r.Base), r.Scope
	}
	return "", unreachable(refused)
}

// settle takes the tariff of the model that AWS has told to be behind an id.
func (t *target) settle(found *record.Model) {
	if t.TariffOf == nil || found.BaseID == "" {
		return
	}
	t.BaseID, t.Tariff = found.BaseID, t.TariffOf(found.BaseID, found.Scope)
	t.invocation.Tariff, found.Burndown = t.Tariff, t.Tariff.Burndown
}

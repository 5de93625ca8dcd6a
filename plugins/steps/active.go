package steps

import (
	"context"
	"fmt"
	"slices"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
)

// ActiveReads are the IAM actions of [Active].
var ActiveReads = sharersReads

// Active finds the ids by which models were called in the last two weeks, as far
// as CloudWatch lists them, in order. Of ids that take from the same quotas there
// is one, whose usage holds that of the others. Notes tell what of it is not known.
func Active(ctx context.Context, aws plugins.AWS) (ids []string, catalog plugins.Catalog, notes []string, _ error) {
	catalog, err := aws.Catalog(ctx)
	if err != nil {
		return nil, catalog, nil, fmt.Errorf("read the models: %w", err)
	}
	var called []string
	for _, metric := range []string{record.MetricInvocations, record.MetricThrottles} {
		series, err := aws.Series(ctx, plugins.NamespaceBedrock, metric)
		if err != nil {
			return nil, catalog, nil, fmt.Errorf("find the models that were called: %w", err)
		}
		for _, s := range series {
			if id := s.Dimension(plugins.DimensionModel); id != "" && len(s.Dimensions) == 1 {
				called = append(called, quotas.StandardSeries(id))
			}
		}
	}
	return oneOfEach(called, catalog), catalog, catalog.Notes, nil
}

// oneOfEach leaves one id of those that take from the same quotas: rather that
// of a model or of a profile of AWS than that of an application's.
func oneOfEach(called []string, catalog plugins.Catalog) (ids []string) {
	counted, reach := map[string]bool{}, reachOf(catalog)
	for _, id := range slices.Compact(slices.Sorted(slices.Values(called))) {
		if counted[id] {
			continue
		}
		if i := slices.IndexFunc(catalog.Profiles, func(p plugins.Profile) bool { return p.Application && p.ID == id }); i >= 0 {
			id = catalog.Profiles[i].ARN
		}
		all := sharing(id, catalog, reach)
		for _, s := range all {
			counted[s.id] = true
		}
		if i := slices.IndexFunc(all, func(s share) bool { return s.kind == quotas.KindModel || s.kind == quotas.KindProfile }); all[0].kind == quotas.KindApplication && i >= 0 {
			id = all[i].id
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

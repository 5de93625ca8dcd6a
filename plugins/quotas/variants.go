package quotas

import (
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// LongContextOnly says whether a quota, by its name, binds only calls that ask
// for the long context.
func LongContextOnly(name string) bool { return hasVariant(name, longContext) }

// OptimizedOnly says whether a quota, by its name, binds only calls at optimized
// latency.
func OptimizedOnly(name string) bool { return hasVariant(name, latencyOptimized) }

func hasVariant(name, variant string) bool {
	return strings.Contains(parse(plugins.Quota{Name: name}).variant, variant)
}

// Doubled says whether calls of a scope may take twice what the quota says: by its
// name calls through a profile of a geography do.
func Doubled(q record.Quota, scope string) bool {
	return q.Dimension == TPD && scope == CrossRegion && strings.Contains(strings.ToLower(q.Name), "(doubled for cross-region calls)")
}

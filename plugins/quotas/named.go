package quotas

import "github.com/loadline-dev/loadline/plugins"

// Named is what the name of a quota tells by itself; the fields are "" where it
// is of no known form, or does not tell.
type Named struct {
	Dimension string
	Scope     string
	Label     string // how it calls the model
}

// ReadName reads the name of a quota.
func ReadName(name string) Named {
	r := parse(plugins.Quota{Name: name})
	return Named{r.dimension, r.scope, r.label}
}

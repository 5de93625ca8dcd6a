package quotas

import (
	"fmt"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// Resolved is what an id tells by itself and what the account lists about it.
type Resolved struct {
	ID
	// Profile is the inference profile of the account, where it lists one.
	Profile *plugins.Profile
	// Models are the base ids of the models behind the id.
	Models []string
	// Unreachable says why calls by this id cannot work, and what to use; ""
	// where nothing speaks against them.
	Unreachable string
	// Doubt says what could not be told, and is "" where all could.
	Doubt string
}

// Resolve adds to an id what the account lists.
func Resolve(id string, c plugins.Catalog) Resolved {
	r := Resolved{ID: Identify(id)}
	if r.Base != "" {
		r.Models = []string{r.Base}
	}
	r.Unreachable = reach(id, r, c)
	return r
}

// reach says why calls by this id cannot work, where the catalog tells: a
// foundation model that only works through an inference profile. It names the
// profiles to use.
func reach(id string, r Resolved, catalog plugins.Catalog) string {
	if r.Scope != OnDemand {
		return ""
	}
	for _, f := range catalog.Models {
		if f.ID != r.Base || len(f.InferenceTypes) != 1 || f.InferenceTypes[0] != "INFERENCE_PROFILE" {
			continue
		}
		var use []string
		for _, p := range catalog.Profiles {
			for _, arn := range p.ModelARNs {
				if strings.HasSuffix(arn, "/"+r.Base) {
					use = append(use, p.ID)
					break
				}
			}
		}
		s := fmt.Sprintf("%s works only through an inference profile", record.CleanLine(id))
		if len(use) > 0 {
			s += "; use " + record.CleanLine(strings.Join(use, " or "))
		}
		return s
	}
	return ""
}

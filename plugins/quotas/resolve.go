package quotas

import (
	"fmt"
	"regexp"
	"slices"
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

// doubts say why nothing can be told of a kind, where the account does not
// list it.
var doubts = map[string]string{
	KindProfile:     "the account lists no such inference profile in this Region",
	KindApplication: "the account lists no such application inference profile in this Region, so the model behind it is not known",
	KindProvisioned: "the account lists no such Provisioned Throughput in this Region, so the model behind it is not known",
	KindCustom:      "a custom model is called through its Provisioned Throughput or its deployment",
	KindImported:    "imported models have no quotas by model",
	KindDeployment:  "which model is behind a deployment of a custom model is not read",
	KindRouter:      "a prompt router chooses between models; name the models that it routes to",
	KindPrompt:      "a prompt names its model in its definition, which is not read",
	KindEndpoint:    "an endpoint of the marketplace has the limits of its instances, no quotas by model",
	KindUnknown:     "this is no id of a model or an inference profile, and no ARN of one",
}

// Resolve adds to an id what the account lists. Where the account's list and
// the id's own words differ, the list holds.
func Resolve(id string, c plugins.Catalog) Resolved {
	r := Resolved{ID: Identify(id)}
	if p := profile(id, r.ID, c); p != nil {
		r.fromProfile(p, c)
	} else {
		switch r.Kind {
		case KindProvisioned:
			r.fromProvisioned(id, c)
		case KindVariant:
			r.fromVariant(c)
		case KindModel:
			r.fromModel(c)
		case KindProfile:
			if len(c.Profiles) > 0 || r.Base == "" {
				r.Doubt = doubts[KindProfile] + use(instead(r.Base, c))
			}
		default:
			r.Doubt = doubts[r.Kind]
		}
	}
	if len(r.Models) == 0 && r.Base != "" {
		r.Models = []string{r.Base}
	}
	if r.Unreachable != "" {
		r.Unreachable = record.CleanLine(id + " " + r.Unreachable)
	}
	r.Doubt = record.CleanLine(r.Doubt)
	return r
}

// profile finds the inference profile that an id means.
func profile(id string, by ID, c plugins.Catalog) *plugins.Profile {
	for i, p := range c.Profiles {
		switch {
		case p.ARN == id, p.ID == id:
			return &c.Profiles[i]
		case isARN(id) && p.ID != "" && p.ID == by.Name && (by.Kind == KindProfile || by.Kind == KindApplication):
			return &c.Profiles[i]
		}
	}
	return nil
}

// Unlisted says whether an id is of an application profile that no list of the
// account has: one of another account, which can be read by itself.
func Unlisted(id string, c plugins.Catalog) bool {
	by := Identify(id)
	return by.Kind == KindApplication && profile(id, by, c) == nil
}

// fromProfile takes base and scope from what a profile lists.
func (r *Resolved) fromProfile(p *plugins.Profile, c plugins.Catalog) {
	given := r.Name
	if r.Kind != KindProfile && r.Kind != KindApplication {
		// By its id alone, the profile looks like a model.
		r.Kind, r.Geography, r.Variant = KindProfile, "", ""
	}
	if p.Application {
		if r.Kind != KindApplication && p.ARN != "" && r.Partition == "" {
			r.Unreachable = "is the id of an application inference profile, which is called by its ARN; use " + p.ARN
		}
		r.Kind = KindApplication
	}
	r.Profile = p
	r.Models = nil
	for _, arn := range p.ModelARNs {
		if base := Identify(arn).Base; base != "" && !slices.Contains(r.Models, base) {
			r.Models = append(r.Models, base)
		}
	}
	if r.Kind == KindProfile && r.Geography == "" && len(r.Models) > 0 {
		// A geography that is not known yet.
		if geography, ok := strings.CutSuffix(given, "."+r.Models[0]); ok {
			r.Geography = strings.ToLower(geography)
		}
	}
	r.Scope = scopeOf(p, r.Geography, c)
	switch len(r.Models) {
	case 0:
		r.Doubt = "the account does not tell which model is behind this profile"
	case 1:
		r.Base = r.Models[0]
	default:
		r.Base, r.Scope = "", Unresolved
		r.Doubt = "the profile has several models: " + strings.Join(r.Models, ", ")
	}
	if r.Base == "" {
		r.Scope = Unresolved
	}
}

// scopeOf tells the pool of a profile by the Regions of the models that it
// lists. One without a Region is global, as is a profile that reaches over
// continents. A profile of an application is on demand where it lists one
// model in one Region.
func scopeOf(p *plugins.Profile, geography string, c plugins.Catalog) string {
	var continents []string
	for _, arn := range p.ModelARNs {
		region := Identify(arn).Region
		if region == "" {
			return Global
		}
		continent, _, _ := strings.Cut(region, "-")
		if slices.Contains([]string{"us", "eu", "ap"}, continent) && !slices.Contains(continents, continent) {
			continents = append(continents, continent)
		}
	}
	if !p.Application {
		if geography == "global" {
			return Global
		}
		return CrossRegion
	}
	for i, other := range c.Profiles { // which it may be a copy of
		if !other.Application && len(other.ModelARNs) > 1 && slices.Equal(slices.Sorted(slices.Values(p.ModelARNs)), slices.Sorted(slices.Values(other.ModelARNs))) {
			return scopeOf(&c.Profiles[i], Identify(other.ID).Geography, c)
		}
	}
	switch {
	case len(p.ModelARNs) == 1:
		return OnDemand
	case len(continents) > 1:
		return Global
	}
	return CrossRegion
}

func (r *Resolved) fromProvisioned(id string, c plugins.Catalog) {
	i := slices.IndexFunc(c.Provisioned, func(p plugins.Provisioned) bool { return p.ARN == id })
	if i < 0 {
		r.Doubt = doubts[KindProvisioned]
		return
	}
	if status := c.Provisioned[i].Status; status == "Creating" || status == "Failed" {
		r.Unreachable = "is Provisioned Throughput that does not serve; its status is " + status
	}
	model := Identify(c.Provisioned[i].ModelARN)
	r.Base, r.Variant = model.Base, model.Variant
	if r.Base == "" {
		r.Doubt = "the account does not tell which base model is behind this Provisioned Throughput"
	}
}

// fromVariant says that a context variant works only with Provisioned
// Throughput, unless the account lists it as on demand.
func (r *Resolved) fromVariant(c plugins.Catalog) {
	own := r.Base + ":" + r.Variant
	for _, m := range c.Models {
		if strings.EqualFold(m.ID, own) && slices.Contains(m.InferenceTypes, "ON_DEMAND") {
			r.Scope = OnDemand
			return
		}
	}
	if m := listed(r.Base, c); m != nil {
		r.Base = m.ID
	}
	r.Unreachable = "is a context variant, which works only with Provisioned Throughput; use the ARN of one" + or(instead(r.Base, c))
}

// fromModel says where a model works only through something else, or is not
// what the account calls it.
func (r *Resolved) fromModel(c plugins.Catalog) {
	if twin := twin(r.Base, c); twin != "" {
		// Ids without a revision are those of the bedrock-mantle endpoint, whose
		// quotas are others.
		r.Scope, r.Doubt = Unresolved, "bedrock-runtime knows this model as "+twin+"; this id is of the bedrock-mantle endpoint, which has quotas of its own"
		return
	}
	i := slices.IndexFunc(c.Models, func(m plugins.FoundationModel) bool { return m.ID == r.Base })
	if i < 0 {
		if len(c.Models) > 0 {
			r.Doubt = "the account lists no such model in this Region"
		}
		return
	}
	types := c.Models[i].InferenceTypes
	switch {
	case len(types) == 0 || slices.Contains(types, "ON_DEMAND"):
	case slices.Contains(types, "INFERENCE_PROFILE"):
		r.Unreachable = "works only through an inference profile" + use(through(r.Base, c))
	case slices.Contains(types, "PROVISIONED"):
		r.Unreachable = "works only with Provisioned Throughput; use the ARN of one"
	}
}

// revision is what ids of bedrock-runtime have behind the name: a date, a
// version, a revision.
var revision = regexp.MustCompile(`^(?:-[0-9]{8})?-v?[0-9]{1,3}(?::[0-9]{1,3})?$`)

// twin finds the model that the account lists under a fuller id: the same with
// a revision, or, where the id itself is not listed, the same words.
func twin(base string, c plugins.Catalog) string {
	for _, m := range c.Models {
		rest, ok := strings.CutPrefix(m.ID, base)
		// claude-v2 has v2:1 for a sister, not for a twin, and opus-4 has opus-4-1.
		if ok && revision.MatchString(rest) && strings.ContainsAny(rest, "v:") {
			return m.ID
		}
	}
	if len(c.Models) == 0 || listed(base, c) != nil {
		return ""
	}
	own := nameModel(base, "", "")
	if len(own.forms) == 0 {
		return ""
	}
	key := bag(own.forms[0].words)
	for _, m := range c.Models {
		for _, f := range nameModel(m.ID, m.Name, m.Provider).forms {
			if f.tier == exact && bag(f.words) == key && stem(m.ID) != stem(base) {
				return m.ID
			}
		}
	}
	return ""
}

// through lists the profiles that AWS defines and that reach a model.
func through(base string, c plugins.Catalog) (out []string) {
	for _, p := range c.Profiles {
		if !p.Application && slices.ContainsFunc(p.ModelARNs, func(arn string) bool { return Identify(arn).Base == base }) {
			out = append(out, p.ID)
		}
	}
	return out
}

// instead lists the ids by which a model can be called without Provisioned
// Throughput.
func instead(base string, c plugins.Catalog) (out []string) {
	for _, m := range c.Models {
		if m.ID == base && slices.Contains(m.InferenceTypes, "ON_DEMAND") {
			out = append(out, m.ID)
		}
	}
	return append(out, through(base, c)...)
}

func use(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return "; use " + strings.Join(ids, " or ")
}

func or(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return fmt.Sprintf(", or %s for calls on demand", strings.Join(ids, " or "))
}

package quotas

import (
	"regexp"
	"slices"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
)

// The dimensions of a quota.
const (
	RPM        = "rpm"
	TPM        = "tpm"
	TPD        = "tpd"
	AccountTPD = "account_tpd" // tokens a day of all models of the account together
	Concurrent = "concurrent"
	InputTPM   = "input_tpm"
	OutputTPM  = "output_tpm"
	ModelUnits = "model_units" // of Provisioned Throughput; binds no call
)

// Dimensions lists what can bind a call, in the order in which it is shown.
var Dimensions = []string{RPM, TPM, TPD, AccountTPD, Concurrent, InputTPM, OutputTPM}

// The scopes of quotas that are not scopes of model ids.
const (
	invocation = "on-demand and cross-region" // together
	account    = "account"
	mantle     = "bedrock-mantle" // another endpoint, with pools of its own
)

// The variants of a quota: it binds only calls that ask for them.
const (
	longContext      = "long context"
	latencyOptimized = "latency-optimized"
	asynchronous     = "async"
)

// variants are all that names have; "" is the normal quota.
var variants = []string{"", longContext, latencyOptimized, both(latencyOptimized, longContext), asynchronous}

// row is a quota whose name was read. A name that is not of the grammar has no
// dimension.
type row struct {
	plugins.Quota
	scope, dimension, variant string
	label                     string // how the name calls the model
	tokens                    []string
	sorted                    []string // the tokens in order
}

// rule reads the names of quotas: anchored, whatever the letter case. The
// groups of its pattern are named: scope, latency, async, unit, context, label.
type rule struct {
	name  *regexp.Regexp
	scope string // where the pattern has no group scope
	unit  string // where the pattern has no group unit
}

// grammar is the forms of names. Where AWS has two spellings both are read.
// Source: names in Service Quotas, and "Quotas for Amazon Bedrock" in the user
// guide.
var grammar = []rule{
	{name: regexp.MustCompile(`(?i)^(?P<scope>on-demand|global cross-region|cross-region)(?P<latency>,? latency-optimized)? (?:model inference|InvokeModel) (?P<async>async )?(?P<unit>(?:requests|tokens|input tokens|output tokens) per minute|tokens per day|concurrent requests) for (?P<label>.+)$`)},
	{name: regexp.MustCompile(`(?i)^model invocation max (?P<latency>latency-optimized )?tokens per day for (?P<label>.+?)(?: \(doubled for cross-region calls\))?$`), scope: invocation, unit: "tokens per day"},
	{name: regexp.MustCompile(`(?i)^cross-model (?:account-level )?(?:max )?tokens per day$`), scope: account, unit: "account tokens per day"},
	{name: regexp.MustCompile(`(?i)^\[bedrock-mantle endpoint\] (?P<unit>(?:input |output )?tokens per minute|requests per minute) for (?P<label>.+)$`), scope: mantle},
	{name: regexp.MustCompile(`(?i)^model units per provisioned model for (?:the (?P<context>[0-9]+[km]) context length variant for )?(?P<label>.+)$`), scope: Provisioned, unit: "model units"},
}

// units are the dimensions by their words.
var units = map[string]string{
	"requests per minute":      RPM,
	"tokens per minute":        TPM,
	"input tokens per minute":  InputTPM,
	"output tokens per minute": OutputTPM,
	"tokens per day":           TPD,
	"account tokens per day":   AccountTPD,
	"concurrent requests":      Concurrent,
	"model units":              ModelUnits,
}

// contextLabel is a label of the long context.
var contextLabel = regexp.MustCompile(`(?i)^(.+) [0-9]+[km] context length$`)

// parse reads the name of a quota.
func parse(q plugins.Quota) row {
	for _, r := range grammar {
		m := r.name.FindStringSubmatch(q.Name)
		if m == nil {
			continue
		}
		group := func(name, other string) string {
			if i := r.name.SubexpIndex(name); i >= 0 && m[i] != "" {
				return m[i]
			}
			return other
		}
		out := row{Quota: q, scope: strings.ToLower(group("scope", r.scope)), dimension: units[strings.ToLower(group("unit", r.unit))], label: group("label", "")}
		if out.scope == "global cross-region" {
			out.scope = Global
		}
		if group("latency", "") != "" {
			out.variant = latencyOptimized
		}
		if c := contextLabel.FindStringSubmatch(out.label); c != nil {
			out.label, out.variant = c[1], both(out.variant, longContext)
		}
		if group("async", "") != "" {
			out.variant = both(out.variant, asynchronous)
		}
		out.tokens = tokens(out.label)
		if context := group("context", ""); context != "" {
			out.tokens = append(out.tokens, strings.ToLower(context))
		}
		out.sorted = slices.Sorted(slices.Values(out.tokens))
		return out
	}
	return row{Quota: q}
}

// both is a variant of two, of which one may be "".
func both(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}

// binds says whether a quota of this scope binds the calls of an id's scope.
func (r row) binds(scope string) bool {
	switch r.scope {
	case invocation:
		return scope == OnDemand || scope == CrossRegion
	case account:
		return scope == OnDemand || scope == CrossRegion || scope == Global
	case OnDemand:
		// AWS writes on-demand at these quotas, and some of these models work only
		// through a geographic profile.
		return scope == OnDemand || scope == CrossRegion && strings.Contains(r.variant, latencyOptimized)
	}
	return r.scope == scope
}

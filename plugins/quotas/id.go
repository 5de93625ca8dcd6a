// Package quotas finds the quotas that bind a model.
//
// AWS has no API that tells: the tie is made by the names of the quotas. The
// rules here match only what fits exactly. Several candidates, or none, are
// said so and never guessed.
//
// An id is read by [Identify]. [Resolve] adds what the account lists about it.
// A [Table] holds the quotas of the account, whose names were read once, and
// ties a model to what binds it.
package quotas

import (
	"regexp"
	"slices"
	"strings"
)

// The scopes of a model id: which pool of quota its calls take from.
const (
	OnDemand    = "on-demand"
	CrossRegion = "cross-region" // a geographic inference profile
	Global      = "global"       // a global inference profile
	Provisioned = "provisioned"
	Unresolved  = "unresolved" // only AWS can tell
)

// ID is what a model id tells by itself. What it does not tell is "".
type ID struct {
	Kind      string // one of the Kind constants
	Base      string // the foundation model's id; "" where only AWS can tell
	Scope     string
	Variant   string // the context variant, such as 200k
	Geography string // the prefix of an inference profile, such as us
	Name      string // the resource's own id, or the id as given where it is no ARN
	Partition string // of an ARN, as are Region and Account
	Region    string
	Account   string
}

// The kinds of what a model id names.
const (
	KindModel       = "model"
	KindVariant     = "context-variant" // of a model, with an own context length; only with Provisioned Throughput
	KindProfile     = "profile"         // an inference profile that AWS defines
	KindApplication = "application-profile"
	KindProvisioned = "provisioned"
	KindCustom      = "custom"     // a customized model
	KindImported    = "imported"   // an imported model
	KindDeployment  = "deployment" // of a custom model, on demand
	KindRouter      = "prompt-router"
	KindPrompt      = "prompt"
	KindEndpoint    = "marketplace-endpoint"
	KindUnknown     = "unknown"
)

// geographies are the prefixes of inference profiles known so far.
var geographies = []string{"us", "eu", "apac", "jp", "au", "ca", "in", "us-gov", "global"}

// providers are the first labels of foundation model ids known so far.
var providers = []string{"ai21", "amazon", "anthropic", "cohere", "deepseek", "google", "luma", "meta", "minimax", "mistral", "moonshot", "moonshotai", "nvidia", "openai", "qwen", "stability", "twelvelabs", "writer", "xai", "zai"}

// Identify reads what an id tells by itself. It takes any text.
func Identify(id string) ID {
	if isARN(id) {
		return identifyARN(id)
	}
	out := identifyName(id)
	out.Name = id
	return out
}

func isARN(id string) bool { return len(id) >= 4 && strings.EqualFold(id[:4], "arn:") }

// identifyName reads the id of a model or of a profile that AWS defines.
func identifyName(id string) ID {
	prefix, rest, _ := strings.Cut(id, ".")
	second, _, _ := strings.Cut(rest, ".")
	geography := strings.ToLower(prefix)
	known := slices.Contains(geographies, geography)
	switch {
	case id == "" || known && rest == "" && len(prefix) < len(id):
		return ID{Kind: KindUnknown, Scope: Unresolved}
	case rest != "" && (known || !isProvider(prefix) && isProvider(second)):
		out := ID{Kind: KindProfile, Scope: CrossRegion, Geography: geography, Base: rest}
		if geography == "global" {
			out.Scope = Global
		}
		return out
	}
	if m := contextVariant.FindStringSubmatch(id); m != nil {
		return ID{Kind: KindVariant, Scope: Provisioned, Base: m[1], Variant: strings.ToLower(m[2])}
	}
	return ID{Kind: KindModel, Scope: OnDemand, Base: id}
}

func isProvider(label string) bool { return slices.Contains(providers, strings.ToLower(label)) }

// contextVariant is an id with a third part after version and revision, such
// as 200k, 512 or mm.
var contextVariant = regexp.MustCompile(`^([^:]+:[0-9]+):([0-9A-Za-z]+)$`)

// resources are the ARNs of Amazon Bedrock that name something to invoke.
var resources = map[string]ID{
	"foundation-model":              {Kind: KindModel, Scope: OnDemand},
	"inference-profile":             {Kind: KindProfile, Scope: Unresolved},
	"application-inference-profile": {Kind: KindApplication, Scope: Unresolved},
	"provisioned-model":             {Kind: KindProvisioned, Scope: Provisioned},
	"custom-model":                  {Kind: KindCustom, Scope: Unresolved},
	"custom-model-deployment":       {Kind: KindDeployment, Scope: Unresolved},
	"imported-model":                {Kind: KindImported, Scope: Unresolved},
	"prompt-router":                 {Kind: KindRouter, Scope: Unresolved},
	"default-prompt-router":         {Kind: KindRouter, Scope: Unresolved},
	"prompt":                        {Kind: KindPrompt, Scope: Unresolved},
	"marketplace":                   {Kind: KindEndpoint, Scope: Unresolved},
	"endpoint":                      {Kind: KindEndpoint, Scope: Unresolved}, // of Amazon SageMaker
}

// identifyARN reads arn:partition:service:region:account:type/name.
func identifyARN(arn string) ID {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 {
		return ID{Kind: KindUnknown, Scope: Unresolved, Name: arn}
	}
	resource, name, _ := strings.Cut(parts[5], "/")
	out := resources[strings.ToLower(resource)]
	if out.Kind == "" || name == "" || isARN(name) {
		out = ID{Kind: KindUnknown, Scope: Unresolved}
	}
	switch out.Kind {
	case KindModel:
		// A model is a model here, whatever its first label.
		out.Base = name
		if m := contextVariant.FindStringSubmatch(name); m != nil {
			out = ID{Kind: KindVariant, Scope: Provisioned, Base: m[1], Variant: strings.ToLower(m[2])}
		}
	case KindProfile:
		// A profile is never a model, and its geography may not be known yet.
		if p := identifyName(name); p.Kind == KindProfile {
			out = p
		}
	case KindCustom:
		// custom-model/<base id>[:variant]/<12 characters>
		if base, _, ok := strings.Cut(name, "/"); ok {
			out.Base = identifyName(base).Base
		}
	}
	out.Name, out.Partition, out.Region, out.Account = name, parts[1], parts[3], parts[4]
	return out
}

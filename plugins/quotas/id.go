// Package quotas finds the quotas that bind a model.
//
// AWS has no API that tells: the tie is made by the names of the quotas. The
// rules here match only what fits exactly. Several candidates, or none, are
// said so and never guessed.
package quotas

import (
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
	out := ID{Kind: KindUnknown, Name: id}
	out.Base, out.Scope = identify(id)
	switch out.Scope {
	case OnDemand:
		out.Kind = KindModel
	case CrossRegion, Global:
		out.Kind = KindProfile
	case Provisioned:
		out.Kind = KindProvisioned
	}
	return out
}

func identify(id string) (base, scope string) {
	if rest, ok := strings.CutPrefix(id, "arn:"); ok {
		return identifyARN(rest)
	}
	first, rest, ok := strings.Cut(id, ".")
	second, _, _ := strings.Cut(rest, ".")
	known := slices.Contains(geographies, first)
	switch {
	case id == "", ok && rest == "" && known:
		return "", Unresolved
	case ok && first == "global":
		return rest, Global
	case ok && (known || !slices.Contains(providers, first) && slices.Contains(providers, second)):
		return rest, CrossRegion
	}
	return id, OnDemand
}

// identifyARN reads an ARN without its first label.
func identifyARN(arn string) (base, scope string) {
	parts := strings.SplitN(arn, ":", 5) // partition, service, region, account, resource
	if len(parts) != 5 {
		return "", Unresolved
	}
	kind, name, _ := strings.Cut(parts[4], "/")
	switch {
	case kind == "foundation-model" && name != "":
		return name, OnDemand
	case kind == "provisioned-model":
		return "", Provisioned
	case kind == "inference-profile" && !strings.HasPrefix(name, "arn:"):
		// A profile is never on-demand: its geography is one we do not know.
		if base, scope := identify(name); scope != OnDemand {
			return base, scope
		}
	}
	return "", Unresolved
}

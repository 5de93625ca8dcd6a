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

// ID is what a model id tells by itself.
type ID struct {
	Base  string // the foundation model's id; "" where only AWS can tell
	Scope string
}

// geographies are the prefixes of inference profiles known so far.
var geographies = []string{"us", "eu", "apac", "jp", "au", "ca", "in", "us-gov", "global"}

// providers are the first labels of foundation model ids known so far.
var providers = []string{"ai21", "amazon", "anthropic", "cohere", "deepseek", "google", "luma", "meta", "minimax", "mistral", "moonshot", "moonshotai", "nvidia", "openai", "qwen", "stability", "twelvelabs", "writer", "xai", "zai"}

// Identify reads a model id, an inference profile id, or an ARN of either.
func Identify(id string) ID {
	if rest, ok := strings.CutPrefix(id, "arn:"); ok {
		return identifyARN(rest)
	}
	first, rest, ok := strings.Cut(id, ".")
	second, _, _ := strings.Cut(rest, ".")
	known := slices.Contains(geographies, first)
	switch {
	case id == "", ok && rest == "" && known:
		return ID{Scope: Unresolved}
	case ok && first == "global":
		return ID{Base: rest, Scope: Global}
	case ok && (known || !slices.Contains(providers, first) && slices.Contains(providers, second)):
		return ID{Base: rest, Scope: CrossRegion}
	}
	return ID{Base: id, Scope: OnDemand}
}

// identifyARN reads an ARN without its first label.
func identifyARN(arn string) ID {
	parts := strings.SplitN(arn, ":", 5) // partition, service, region, account, resource
	if len(parts) != 5 {
		return ID{Scope: Unresolved}
	}
	kind, name, _ := strings.Cut(parts[4], "/")
	switch {
	case kind == "foundation-model" && name != "":
		return ID{Base: name, Scope: OnDemand}
	case kind == "provisioned-model":
		return ID{Scope: Provisioned}
	case kind == "inference-profile" && !strings.HasPrefix(name, "arn:"):
		// A profile is never on-demand: its geography is one we do not know.
		if p := Identify(name); p.Scope != OnDemand {
			return p
		}
	}
	return ID{Scope: Unresolved}
}

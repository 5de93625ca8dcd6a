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
		parts := strings.SplitN(rest, ":", 5) // partition, service, region, account, resource
		if len(parts) != 5 {
			return ID{Scope: Unresolved}
		}
		kind, name, _ := strings.Cut(parts[4], "/")
		switch kind {
		case "foundation-model":
			return ID{Base: name, Scope: OnDemand}
		case "inference-profile":
			return Identify(name)
		case "provisioned-model":
			return ID{Scope: Provisioned}
		}
		return ID{Scope: Unresolved}
	}
	first, rest, ok := strings.Cut(id, ".")
	if !ok {
		return ID{Base: id, Scope: OnDemand}
	}
	second, _, _ := strings.Cut(rest, ".")
	prefixed := slices.Contains(geographies, first) || !slices.Contains(providers, first) && slices.Contains(providers, second)
	switch {
	case first == "global":
		return ID{Base: rest, Scope: Global}
	case prefixed:
		return ID{Base: rest, Scope: CrossRegion}
	}
	return ID{Base: id, Scope: OnDemand}
}

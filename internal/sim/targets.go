package sim

import (
	"strings"
	"sync/atomic"
	"time"
)

// A target is what a model id, profile id or ARN in a request stands for.
type target struct {
	name     string // the ModelId of its metrics: what the caller named, an ARN shortened
	model    *model
	pool     *pool // nil: no limits
	onDemand bool  // a base model that is called as such

	optimized *pool // of calls with optimized latency; nil: they take from the pool above

	last atomic.Pointer[readBefore] // the Converse body of the call before
}

// targets maps every name that a caller may use to what it stands for: ids, and
// the ARNs of this account.
type targets map[string]*target

// newTargets builds the targets and their pools.
//
// A pool belongs to a base model and a scope. A model's limits make its
// on-demand pool. The first profile of a scope that has limits makes the pool
// of that scope; where no profile of the scope has limits, the scope has a pool
// of its own with the limits of the model. Calls with optimized latency have one
// pool a model, where the model has limits for them.
func newTargets(a *Account, now time.Time) targets {
	type key struct {
		model string
		scope scope
	}
	all, models, pools := targets{}, map[string]*model{}, map[key]*pool{}
	account := a.newAccountPool(now)
	open := func(k key, l *limits) {
		if l == nil && account != nil {
			l = &limits{algorithm: "bucket"} // none of its own, but that of the account
		}
		if l != nil && pools[k] == nil {
			pools[k] = newPool(l, now)
			pools[k].account = account
		}
	}
	for _, m := range a.models {
		models[m.id] = m
		open(key{m.id, onDemand}, m.limits)
		if l := m.optimized.limits; l != nil {
			open(key{m.id, latencyOptimizedScope}, l)
		}
	}
	for _, p := range a.profiles {
		base := a.baseModel(p.id)
		k := key{base, scopeOf(p.id)}
		if p.limits != nil && !p.isApplication() {
			open(k, p.limits)
		}
	}
	for _, m := range a.models {
		t := &target{name: m.id, model: m, pool: pools[key{m.id, onDemand}], optimized: pools[key{m.id, latencyOptimizedScope}], onDemand: true}
		all[m.id], all[a.modelARN(m.id)] = t, t
	}
	for _, p := range a.profiles {
		m := models[a.baseModel(p.id)]
		source := p.id // whose pool the profile uses
		if p.isApplication() {
			source = p.models[0]
		}
		k := key{m.id, scopeOf(source)}
		if source == m.id {
			k.scope = onDemand
		}
		open(k, m.limits)
		t := &target{name: lastSegment(p.id), model: m, pool: pools[k], optimized: pools[key{m.id, latencyOptimizedScope}]}
		all[p.id] = t
		if !p.isApplication() {
			all[a.profileARN(p)] = t
		}
	}
	for i := range a.provisioned {
		p := &a.provisioned[i]
		all[a.provisionedARN(p)] = &target{name: a.provisionedARN(p), model: models[p.model]}
	}
	return all
}

// newAccountPool returns the pool that all calls take from, but those of
// Provisioned Throughput; nil where the account has no such limit.
func (a *Account) newAccountPool(now time.Time) *pool {
	if a.tpd == 0 {
		return nil
	}
	return newPool(&limits{tpd: a.tpd, algorithm: a.tpdAlgorithm}, now)
}

// partition is that of the account's Region.
func (a *Account) partition() string {
	switch {
	case strings.HasPrefix(a.Region, "us-gov-"):
		return "aws-us-gov"
	case strings.HasPrefix(a.Region, "cn-"):
		return "aws-cn"
	}
	return "aws"
}

// arn of something of Bedrock. The account is empty for what AWS owns.
func (a *Account) arn(region, account, resource string) string {
	return "arn:" + a.partition() + ":bedrock:" + region + ":" + account + ":" + resource
}

func (a *Account) modelARN(id string) string {
	return a.arn(a.Region, "", "foundation-model/"+id)
}

func (a *Account) profileARN(p *profile) string {
	if p.isApplication() {
		return p.id
	}
	return a.arn(a.Region, a.ID, "inference-profile/"+p.id)
}

func (a *Account) provisionedARN(p *provisioned) string {
	if strings.HasPrefix(p.arn, "arn:") {
		return p.arn
	}
	return a.arn(a.Region, a.ID, "provisioned-model/"+p.arn)
}

// lastSegment is what stands after the last slash.
func lastSegment(s string) string {
	return s[strings.LastIndexByte(s, '/')+1:]
}

package sim

import (
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// The rows of an account file, one method each, with the defaults.

func (p *parser) quota(a *Account, n *yaml.Node) {
	q := quota{byDefault: -1}
	p.object(n, "a quota", []field{
		{name: "code", required: true, read: func(n *yaml.Node) {
			p.id(&q.code)(n)
			p.unique(p.quotaCodes, n, q.code, "quota code")
		}},
		{name: "name", required: true, read: p.text(&q.name)},
		{name: "value", required: p.sketch == nil && !hasValue(n, "applied", "none"), read: p.number(&q.value, 0, 1e15)},
		{name: "default", read: p.number(&q.byDefault, 0, 1e15)},
		{name: "adjustable", read: p.boolean(&q.adjustable)},
		{name: "applied", read: p.applied(n, &q)},
		{name: "error", read: p.quotaError(&q)},
	})
	p.sketchApplied()
	if q.byDefault < 0 {
		q.byDefault = q.value
	}
	a.quotas = append(a.quotas, q)
}

func (p *parser) model(a *Account, n *yaml.Node) {
	f := familyOf("")
	if id := valueOf(n, "id"); id != nil {
		f = familyOf(id.Value)
	}
	m := &model{
		inferenceTypes: []string{"ON_DEMAND"}, modalities: []string{f.yields.modality()}, lifecycle: "ACTIVE",
		streaming: f.stream != nil && !f.unstreamed, tokenHeaders: !f.untold,
		burndown: 1, maxOutput: 4096, access: fullAccess,
		firstToken: 200 * time.Millisecond, perToken: 5 * time.Millisecond, latencySpread: 0.2,
		outputMean: 40, outputSpread: 0.3, underLoad: 1, optimized: optimized{factor: 1},
	}
	p.object(n, "a model", []field{
		{name: "id", required: true, read: func(n *yaml.Node) {
			p.id(&m.id)(n)
			p.unique(p.ids, n, m.id, "id")
			p.modelIDs = append(p.modelIDs, m.id)
		}},
		{name: "name", read: p.text(&m.name)},
		{name: "provider", read: p.text(&m.provider)},
		{name: "inference_types", read: p.choices(&m.inferenceTypes, "ON_DEMAND", "PROVISIONED", "INFERENCE_PROFILE")},
		{name: "modalities", read: p.choices(&m.modalities, "TEXT", "IMAGE", "EMBEDDING", "VIDEO", "SPEECH")},
		{name: "lifecycle", read: p.choice(&m.lifecycle, "ACTIVE", "LEGACY")},
		{name: "streaming", read: p.boolean(&m.streaming)},
		{name: "token_headers", read: p.boolean(&m.tokenHeaders)},
		{name: "burndown", read: p.number(&m.burndown, 0, 1000)},
		{name: "max_output", read: p.count(&m.maxOutput, 1)},
		{name: "latency", read: func(n *yaml.Node) {
			p.object(n, "latency", []field{
				{name: "first_token", read: p.duration(&m.firstToken)},
				{name: "per_token", read: p.duration(&m.perToken)},
				{name: "spread", read: p.number(&m.latencySpread, 0, 3)},
				{name: "under_load", read: p.number(&m.underLoad, 1, 1000)},
			})
		}},
		{name: "output_tokens", read: func(n *yaml.Node) {
			p.object(n, "output_tokens", []field{
				{name: "mean", read: p.number(&m.outputMean, 1, 200_000)},
				{name: "spread", read: p.number(&m.outputSpread, 0, 3)},
			})
		}},
		{name: "mid_stream_throttle", read: p.number(&m.midStreamThrottle, 0, 1)},
		{name: "limits", read: func(n *yaml.Node) { m.limits = p.limits(n) }},
		{name: "optimized", read: func(n *yaml.Node) {
			p.object(n, "optimized", []field{
				{name: "limits", read: func(n *yaml.Node) { m.optimized.limits = p.limits(n) }},
				{name: "latency", read: p.number(&m.optimized.factor, 0, 1000)},
			})
		}},
		{name: "access", read: p.access(m)},
		{name: "lifetime", read: p.lifetime(m)},
		{name: "customizations", read: p.choices(&m.customizations, customizationTypes...)},
		{name: "price", read: p.price(m)},
		{name: "cache", read: func(n *yaml.Node) { p.cache(n, &m.cache) }},
		{name: "capacity", read: func(n *yaml.Node) {
			p.list(n, "capacity", func(n *yaml.Node) { m.capacity = append(m.capacity, p.capacity(n)) })
		}},
		{name: "cold_start", read: p.duration(&m.coldStart)},
	})
	label, _, _ := strings.Cut(m.id, ".")
	m.name, m.provider = orElse(m.name, m.id), orElse(m.provider, label)
	a.models = append(a.models, m)
}

func (p *parser) limits(n *yaml.Node) *limits {
	l, entitled := &limits{algorithm: "bucket"}, true
	p.object(n, "limits", []field{
		{name: "rpm", read: p.count(&l.rpm, 0)},
		{name: "tpm", read: p.count(&l.tpm, 0)},
		{name: "tpd", read: p.count(&l.tpd, 0)},
		{name: "concurrent", read: p.count(&l.concurrent, 0)},
		{name: "algorithm", read: p.choice(&l.algorithm, "bucket", "fixed", "sliding")},
		{name: "burst", read: p.count(&l.burst, 1)},
		{name: "burst_tokens", read: p.count(&l.burstTokens, 1)},
		{name: "adjust", read: p.duration(&l.adjust)},
		{name: "entitled", read: p.boolean(&entitled)},
		{name: "throttled_consume_rpm", read: p.boolean(&l.throttledConsumeRPM)},
	})
	l.notEntitled = !entitled
	return l
}

func (p *parser) profile(a *Account, n *yaml.Node) {
	f := &profile{}
	var limitsNode *yaml.Node
	p.object(n, "a profile", []field{
		{name: "id", required: true, read: func(n *yaml.Node) {
			p.id(&f.id)(n)
			p.unique(p.ids, n, f.id, "id")
			if !f.isApplication() {
				p.profileIDs = append(p.profileIDs, f.id)
			}
		}},
		{name: "name", read: p.text(&f.name)},
		{name: "models", required: true, read: func(n *yaml.Node) {
			p.list(n, "models", func(n *yaml.Node) {
				var id string
				p.refers(&id, "model", func(p *parser) []string {
					if f.isApplication() { // a copy of a system profile, or of a model
						return append(append([]string{}, p.modelIDs...), p.profileIDs...)
					}
					return p.modelIDs
				})(n)
				f.models = append(f.models, id)
			})
			if p.sketching(object{"type": "array", "minItems": 1}) {
				return
			}
			if len(f.models) == 0 && (n.Kind == yaml.SequenceNode || n.Tag == "!!null") {
				p.add(n, "name a model of this account", "the profile has no model")
			}
		}},
		{name: "limits", read: func(n *yaml.Node) { f.limits, limitsNode = p.limits(n), n }},
	})
	if f.isApplication() && limitsNode != nil {
		p.add(limitsNode, "give the limits to the model or the system profile that it names",
			"an application profile has no limits of its own: it shares those of what it names")
	}
	f.name = orElse(f.name, f.id)
	a.profiles = append(a.profiles, f)
}

func (p *parser) provisioned(a *Account, n *yaml.Node) {
	t := provisioned{units: 1, status: "InService", created: created}
	ident := func(n *yaml.Node) {
		p.id(&t.arn)(n)
		p.unique(p.ids, n, t.arn, "id")
	}
	p.object(n, "provisioned throughput", []field{
		{name: "arn", read: ident},
		{name: "id", read: ident},
		{name: "name", read: p.text(&t.name)},
		{name: "model", required: true, read: p.refers(&t.model, "model", func(p *parser) []string { return p.modelIDs })},
		{name: "units", read: p.count(&t.units, 1)},
		{name: "status", read: p.choice(&t.status, "Creating", "InService", "Updating", "Failed")},
		{name: "commitment", read: p.choice(&t.commitment, "OneMonth", "SixMonths")},
		{name: "created", read: p.instant(&t.created)},
	})
	if t.arn == "" && n.Kind == yaml.MappingNode {
		p.add(n, `add an "id", or the whole "arn"`, "provisioned throughput has no id")
	}
	t.name = orElse(t.name, t.arn)
	a.provisioned = append(a.provisioned, t)
}

func (p *parser) traffic(a *Account, n *yaml.Node) {
	t := &traffic{period: defaultPeriod, weekend: 1, inputTokens: 200, outputTokens: -1, latency: -1} // -1: as its model, see complete
	p.object(n, "a traffic row", []field{
		{name: "model", required: true, read: p.refers(&t.model, "model or profile", (*parser).allIDs)},
		{name: "rpm", required: true, read: p.number(&t.rpm, 0, 1e7)},
		{name: "peak", read: p.number(&t.peak, 0, 1e7)},
		{name: "period", read: func(n *yaml.Node) {
			p.duration(&t.period)(n)
			if t.period < time.Minute {
				p.add(n, "a day is 24h", "a period is at least a minute")
			}
		}},
		{name: "growth", read: p.number(&t.growth, 0, 10)},
		{name: "weekend", read: p.number(&t.weekend, 0, 100)},
		{name: "throttled", read: p.number(&t.throttled, 0, 1)},
		{name: "input_tokens", read: p.count(&t.inputTokens, 0)},
		{name: "output_tokens", read: p.count(&t.outputTokens, 0)},
		{name: "latency", read: p.duration(&t.latency)},
		{name: "since", read: p.duration(&t.since)},
		{name: "incidents", read: func(n *yaml.Node) {
			p.list(n, "incidents", func(n *yaml.Node) { t.incidents = append(t.incidents, p.incident(n)) })
		}},
	})
	a.traffic = append(a.traffic, t)
}

func (p *parser) incident(n *yaml.Node) incident {
	var i incident
	optional := func(to **float64, hi float64) func(*yaml.Node) {
		return func(n *yaml.Node) {
			v := -1.0
			if p.number(&v, 0, hi)(n); v >= 0 {
				*to = &v
			}
		}
	}
	p.object(n, "an incident", []field{
		{name: "ago", required: true, read: p.duration(&i.ago)},
		{name: "for", required: true, read: p.duration(&i.length)},
		{name: "throttled", read: optional(&i.throttled, 1)},
		{name: "rpm", read: optional(&i.rpm, 1e7)},
	})
	return i
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

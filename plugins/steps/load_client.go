package steps

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/pacing"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

var clientType = scenarios.Object(
	scenarios.Key{Name: "pacing", Doc: "Lets each attempt wait for its turn, so that no more than the limits is sent in any minute, first come, first served. Tokens are reserved as input + max_tokens, and settled by the model's burndown.", Type: pacingType, Example: "{share: 90%, max_wait: 30s}"},
	scenarios.Key{Name: "retry", Doc: "Tries a call again that was throttled, met no capacity, or failed on the way. Tokens of the day, errors of the caller and what fails in the middle of a stream are not retried. Left out, nothing is.", Type: retryType, Example: "{policy: full-jitter, max_attempts: 4}"},
)

var pacingType = scenarios.Object(
	scenarios.Key{Name: "share", Doc: "The part of each limit that is used; others have the rest. Each step has a client of its own, also beside others.", Type: scenarios.Percent(), Default: "100%"},
	scenarios.Key{Name: "rpm", Doc: "Requests a minute to each model. Where this, `tpm` or `concurrent` is written, nothing else limits; otherwise the rpm, tpm and concurrent quotas do that a discover step before has read, and models of one quota share it.", Type: scenarios.Count(1, maxLimit), Example: "100"},
	scenarios.Key{Name: "tpm", Doc: "Quota tokens a minute of each model.", Type: scenarios.Count(1, maxLimit), Example: "200k"},
	scenarios.Key{Name: "concurrent", Doc: "Calls to each model under way at once, streams until their end.", Type: scenarios.Integer(1, maxInFlight), Example: "10"},
	scenarios.Key{Name: "adaptive", Doc: "true: the rate follows what AWS throttles, within the limits that are known, if any: for quotas that are not known, or that others use too. It needs no discover step.", Type: scenarios.Bool(), Default: "false"},
	scenarios.Key{Name: "max_wait", Doc: "The longest that an attempt waits for its turn; then the call is given up, without being sent (again).", Type: scenarios.Duration(time.Millisecond, time.Hour), Default: "30s"},
)

var retryType = scenarios.Object(
	scenarios.Key{Name: "policy", Doc: "How long before retry n, with d = base x 2^(n-1), at most cap: exponential: d, 20 % more or less; full-jitter: 0 to d; equal-jitter: d/2 to d; decorrelated-jitter: base to three times the delay before, at most cap; none: no retry. Drawn by the scenario's seed. Where AWS asks to wait longer, that holds.", Type: scenarios.Enum(policyNames()...), Default: "exponential"},
	scenarios.Key{Name: "max_attempts", Doc: "The most attempts of a call, the first included.", Type: scenarios.Integer(1, 20), Default: "4"},
	scenarios.Key{Name: "base", Doc: "See policy.", Type: scenarios.Duration(time.Millisecond, time.Hour), Default: "1s"},
	scenarios.Key{Name: "cap", Doc: "See policy.", Type: scenarios.Duration(time.Millisecond, time.Hour), Default: "20s"},
	scenarios.Key{Name: "budget", Doc: "The most retries of a model, as a part of its calls so far, and ten to begin with; as many as the policy wants if left out.", Type: scenarios.Percent(), Example: "10%"},
)

// maxLimit is more than any quota of a minute.
const maxLimit = 1_000_000_000

// policies are the names of pacing's.
var policies = []struct {
	name   string
	jitter pacing.Jitter
}{
	{"none", pacing.NoRetry},
	{"exponential", pacing.Exponential},
	{"full-jitter", pacing.Full},
	{"equal-jitter", pacing.Equal},
	{"decorrelated-jitter", pacing.Decorrelated},
}

func policyNames() (out []string) {
	for _, p := range policies {
		out = append(out, p.name)
	}
	return out
}

// client is what stands between the calls of a step and the wire, as it is
// written. It does not change once it is bound.
type client struct {
	paced   bool
	adapts  bool
	quotas  bool // limit, and not the numbers
	share   float64
	maxWait time.Duration
	numbers pacing.Limit // of each model
	policy  pacing.Policy
	name    string // of the policy
	limits  []pacing.Limit
}

// bindClient reads client.
func (l *load) bindClient(b *plugins.Binding, n *scenarios.Node) {
	if n == nil {
		return
	}
	c := &client{name: "none", policy: pacing.Policy{MaxAttempts: 1}}
	l.client = c
	if p := n.Get("pacing"); p != nil {
		get := func(key string) *scenarios.Node { return pacingType.Get(p, key) }
		c.paced, c.share, c.maxWait = true, get("share").Float(), get("max_wait").Duration()
		c.numbers = pacing.Limit{RPM: get("rpm").Float(), TPM: get("tpm").Float(), Concurrent: int(get("concurrent").Int())}
		c.adapts, c.quotas = get("adaptive").Bool(), !c.numbered() && b.Discovers
		if !c.numbered() && !c.quotas && !c.adapts && p.Whole() {
			b.Problem(scenarios.Problem{Pos: n.KeyPos("pacing"), Width: len("pacing"), Code: "quota-not-read", Message: "client.pacing is held to the quotas, and no step before this one reads them",
				Hint: "add the step `- discover: {}` before it, write the limits, such as pacing: {rpm: 100, tpm: 200k}, or let it find the rate with adaptive: true"})
		}
	}
	if r := n.Get("retry"); r != nil {
		c.bindRetry(b, r)
	}
	if l.course.shape.Search && n.Whole() {
		what, way := "a search looks for the rate that the quota itself carries", "let another step with a client send at the rate that was found"
		if l.course.shape.Probe {
			what, way = "a probe looks at AWS's limiter itself", "let another step have it"
		}
		b.Problem(scenarios.Problem{Pos: n.Pos(), Code: "no-client", Message: what + ", and a client that waits and retries would hide it", Hint: "leave client out, and " + way})
	}
}

func (c *client) bindRetry(b *plugins.Binding, n *scenarios.Node) {
	get := func(key string) *scenarios.Node { return retryType.Get(n, key) }
	c.name = get("policy").Text()
	i := slices.Index(policyNames(), c.name)
	if i < 0 {
		return // it has a problem
	}
	backoff := pacing.Backoff{Jitter: policies[i].jitter, Base: get("base").Duration(), Cap: get("cap").Duration()}
	c.policy = pacing.Policy{Backoff: backoff, MaxAttempts: int(get("max_attempts").Int()), Budget: get("budget").Float()}
	if backoff.Jitter == pacing.NoRetry {
		c.policy.MaxAttempts = 1
	}
	if n.Whole() && backoff.Cap < backoff.Base {
		at := n.Get("cap")
		if at == nil {
			at = n.Get("base")
		}
		b.Problem(scenarios.Problem{Pos: at.Pos(), Width: len([]rune(at.Text())), Code: "bad-backoff", Message: fmt.Sprintf("no delay is longer than cap (%s), and base is %s", backoff.Cap, backoff.Base), Hint: "lower base, or raise cap"})
	}
}

// numbered tells whether the limits are written.
func (c *client) numbered() bool {
	return c.numbers.RPM > 0 || c.numbers.TPM > 0 || c.numbers.Concurrent > 0
}

// pace finds out what the calls are held to, by what is known of the models.
func (l *load) pace(models map[string]*record.Model) error {
	if l.client == nil || !l.client.paced {
		return nil
	}
	c := *l.client
	l.client = &c
	c.limits = nil
	if c.quotas {
		if err := c.discovered(l.targets, models); err != nil {
			return err
		}
	}
	for _, t := range l.targets {
		if c.limitOf(t.Name) < 0 {
			of := c.numbers
			of.Models = []string{t.Name}
			c.limits = append(c.limits, of)
		}
		of := c.limits[c.limitOf(t.Name)]
		for _, d := range dimensionsOf(of) {
			if pacing.Part(d.limit, c.share) < 1 {
				return fmt.Errorf("client.pacing leaves model %s less than one of the %.10g %s: raise its share", t.Name, d.limit, d.words)
			}
		}
		tpm := of.TPM
		if least := t.least(); tpm > 0 && least > pacing.Part(tpm, c.share) {
			return fmt.Errorf("no call of model %s would ever be sent: each reserves %d tokens or more (input + max_tokens), and client.pacing lets it have %d a minute; lower max_tokens, or raise the limit", t.Name, least, pacing.Part(tpm, c.share))
		}
	}
	return nil
}

// discovered takes the limits from the quotas, by the names of the models.
func (c *client) discovered(targets []target, models map[string]*record.Model) (err error) {
	var known []pacing.Model
	for _, t := range targets {
		m := pacing.Model{ID: t.Name, Burndown: models[t.Name].Burndown}
		for _, q := range models[t.Name].Quotas {
			m.Quotas = append(m.Quotas, pacing.Quota{Dimension: q.Dimension, Code: q.Code, Applied: q.Applied})
		}
		known = append(known, m)
	}
	if c.limits, err = pacing.FromQuotas(known); err != nil {
		return fmt.Errorf("pace the calls: %w", err)
	}
	for _, t := range targets {
		if c.limitOf(t.Name) < 0 && !c.adapts {
			return fmt.Errorf("model %s has no rpm, tpm or concurrent quota with a value, so its calls cannot be paced by it (discover found:%s); write client.pacing.rpm, tpm or concurrent, let it find the rate with adaptive: true, or name its quota under models.%s.quotas", t.Name, quotasInWords(models[t.Name]), t.Name)
		}
	}
	return nil
}

// limitOf is which of the limits a model takes from; -1 for none.
func (c *client) limitOf(model string) int {
	return slices.IndexFunc(c.limits, func(of pacing.Limit) bool { return slices.Contains(of.Models, model) })
}

// dimension is a limit of one kind.
type dimension struct {
	limit       float64
	name, words string
}

// dimensionsOf are the limits that there are.
func dimensionsOf(of pacing.Limit) []dimension {
	all := []dimension{{of.RPM, "rpm", "requests a minute"}, {of.TPM, "tpm", "quota tokens a minute"}, {float64(of.Concurrent), "at once", "calls at once"}}
	return slices.DeleteFunc(all, func(d dimension) bool { return d.limit == 0 })
}

// told is the client as the record tells of it.
func (c *client) told() *record.Client {
	if c == nil {
		return nil
	}
	out := &record.Client{Label: c.label(), Retry: record.Retry{Policy: c.name, MaxAttempts: c.policy.MaxAttempts}}
	if c.policy.MaxAttempts > 1 {
		out.Retry.Base, out.Retry.Cap, out.Retry.Budget = record.Duration(c.policy.Backoff.Base), record.Duration(c.policy.Backoff.Cap), c.policy.Budget
	}
	if c.paced {
		out.Pacing = &record.Pacing{Share: c.share, MaxWait: record.Duration(c.maxWait), Adaptive: c.adapts}
		for _, of := range c.limits {
			if len(dimensionsOf(of)) > 0 {
				out.Pacing.Limits = append(out.Pacing.Limits, record.PacedLimit{Models: of.Models, RPM: of.RPM, TPM: of.TPM, Concurrent: of.Concurrent})
			}
		}
	}
	return out
}

// label is the client in a few words.
func (c *client) label() string {
	var parts []string
	var numbers []string
	for _, d := range dimensionsOf(c.numbers) {
		numbers = append(numbers, fmt.Sprintf("%.10g %s", d.limit, d.name))
	}
	switch {
	case c.quotas:
		parts = append(parts, fmt.Sprintf("paced at %.4g %%", 100*c.share))
	case len(numbers) > 0 && c.share < 1:
		parts = append(parts, fmt.Sprintf("paced at %.4g %% of %s", 100*c.share, strings.Join(numbers, " and ")))
	case len(numbers) > 0:
		parts = append(parts, "paced at "+strings.Join(numbers, " and "))
	}
	if c.adapts {
		parts = append(parts, "adaptive")
	}
	if c.policy.MaxAttempts > 1 {
		parts = append(parts, c.name)
	}
	if len(parts) == 0 {
		return "bare"
	}
	return strings.Join(parts, ", ")
}

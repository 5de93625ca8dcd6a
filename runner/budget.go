package runner

import (
	"fmt"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// Over tells what of the worst case is over the budget: the number, the cap,
// and what to change. Nothing means that the plan may run.
func (p *Plan) Over() []string {
	b := p.Scenario.Budget
	var out []string
	over := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if b.Requests.Written() && p.Cost.Requests > b.Requests.Value {
		over("the plan sends up to %s requests, and budget.requests is %s; %s, or raise budget.requests", count(p.Cost.Requests), count(b.Requests.Value), p.lighten(func(c plugins.CallEstimate) int64 { return c.Requests }))
	}
	if worst := max(p.Cost.Tokens, p.Cost.ReservedTokens); b.Tokens.Written() && worst > b.Tokens.Value {
		over("the plan takes up to %s quota tokens, and budget.tokens is %s; lower max_tokens, or %s, or raise budget.tokens", count(worst), count(b.Tokens.Value), p.lighten(worstTokens))
	}
	if b.USD.Written() {
		switch {
		case p.Cost.USD == nil:
			over("budget.usd is %.2f, and the price of %s is not known; give it with price: {input: ..., output: ...} (US dollars for a million tokens), or leave budget.usd out", b.USD.Value, strings.Join(p.Cost.Unpriced, ", "))
		case *p.Cost.USD > b.USD.Value:
			over("the plan costs up to %.4f US dollars, and budget.usd is %.4f; lower max_tokens, or %s, or raise budget.usd", *p.Cost.USD, b.USD.Value, p.lighten(worstTokens))
		}
	}
	if length := time.Duration(p.Cost.Duration); b.Duration.Written() && length > b.Duration.Value {
		over("the plan takes up to %s, and budget.duration is %s; shorten %s, or raise budget.duration", length, b.Duration.Value, p.longest())
	}
	return out
}

func worstTokens(c plugins.CallEstimate) int64 { return max(c.Reserved, c.Settled) }

// lighten names the step that weighs most.
func (p *Plan) lighten(weight func(plugins.CallEstimate) int64) string {
	var name string
	most := int64(-1)
	for _, s := range p.Steps {
		var sum int64
		for _, c := range s.Estimate.Calls {
			sum += weight(c)
		}
		if len(s.Estimate.Calls) > 0 && sum > most {
			name, most = s.Name, sum
		}
	}
	return fmt.Sprintf("lower the rate or shorten the ramp of step %s (%s of them)", name, count(most))
}

func (p *Plan) longest() string {
	best := p.Steps[0]
	for _, s := range p.Steps {
		if s.Estimate.Duration > best.Estimate.Duration {
			best = s
		}
	}
	return fmt.Sprintf("step %s (%s)", best.Name, best.Estimate.Duration)
}

// count writes a number with a comma every three digits.
func count(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// caps are the hard limits of a run; a negative cap is none.
type caps struct {
	requests, tokens, nanoUSD int64
}

func (p *Plan) caps() caps {
	c := caps{-1, -1, -1}
	b := p.Scenario.Budget
	if b.Requests.Written() {
		c.requests = b.Requests.Value
	}
	if b.Tokens.Written() {
		c.tokens = b.Tokens.Value
	}
	if b.USD.Written() {
		c.nanoUSD = int64(b.USD.Value * 1e9)
	}
	return c
}

// nano turns dollars into whole billionths, whose sums do not depend on the
// order of the calls.
func nano(usd *float64) int64 {
	if usd == nil {
		return 0
	}
	return int64(*usd*1e9 + 0.5)
}

func dollars(nano int64) *float64 {
	v := float64(nano) / 1e9
	return &v
}

// refused says whether an outcome tells by itself that nothing was billed: AWS
// refused the request, or it was never sent.
func refused(o record.Outcome) bool {
	return o == record.Throttled || o == record.Capacity || o == record.ClientError || o == record.Dropped
}

package runner

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// guard is the one way to a model: every invocation of a run goes through it.
// It reserves the worst case of a call before it is sent, for the calls under
// way too, and settles it when the reply tells the real numbers. A call that
// does not fit is never sent.
type guard struct {
	plugins.AWS
	caps caps
	end  time.Time // when budget.duration is over; zero without one

	mu       sync.Mutex
	used     charge // settled
	reserved charge // of the calls under way
	atStart  int64  // quota tokens reserved at AWS so far, for the record
}

type charge struct{ requests, tokens, nanoUSD int64 }

func (c charge) plus(d charge) charge {
	return charge{c.requests + d.requests, c.tokens + d.tokens, c.nanoUSD + d.nanoUSD}
}

func (c charge) minus(d charge) charge {
	return charge{c.requests - d.requests, c.tokens - d.tokens, c.nanoUSD - d.nanoUSD}
}

// Invoke sends the call if the budget holds its worst case.
func (g *guard) Invoke(ctx context.Context, in plugins.Invocation) plugins.Reply {
	most := in.Most()
	atStart := most.Input + most.Output
	worst := charge{1, max(atStart, in.Tariff.QuotaTokens(most)), nano(in.Tariff.USD(most))}
	// A call may end in the time that is budgeted, and no later. The one that makes
	// place for this one may have been cut at its very end.
	if deadline, ok := ctx.Deadline(); !g.end.IsZero() && (!ok || deadline.After(g.end)) {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, g.end)
		defer cancel()
		if ctx.Err() != nil {
			return plugins.Reply{Outcome: record.Dropped, Code: plugins.CodeBudget, Message: errDuration.Error()}
		}
	}
	if why := g.reserve(worst, atStart); why != "" {
		return plugins.Reply{Outcome: record.Dropped, Code: plugins.CodeBudget, Message: why}
	}
	r := g.AWS.Invoke(ctx, in)
	real := worst
	switch {
	case r.Usage != nil:
		real = charge{1, in.Tariff.QuotaTokens(*r.Usage), nano(in.Tariff.USD(*r.Usage))}
	case refused(r.Outcome) && !r.MidStream: // AWS may charge for what it had streamed
		real = charge{requests: 1}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.reserved = g.reserved.minus(worst)
	g.used = g.used.plus(real)
	return r
}

// reserve says why a call does not fit; "" means that it is reserved.
func (g *guard) reserve(worst charge, atStart int64) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	after := g.used.plus(g.reserved).plus(worst)
	switch {
	case g.caps.requests >= 0 && after.requests > g.caps.requests:
		return fmt.Sprintf("budget.requests (%s) is used up", count(g.caps.requests))
	case g.caps.tokens >= 0 && after.tokens > g.caps.tokens:
		return fmt.Sprintf("the next call could go over budget.tokens (%s)", count(g.caps.tokens))
	case g.caps.nanoUSD >= 0 && after.nanoUSD > g.caps.nanoUSD:
		return fmt.Sprintf("the next call could go over budget.usd (%.4f)", *dollars(g.caps.nanoUSD))
	}
	g.reserved = g.reserved.plus(worst)
	g.atStart += atStart
	return ""
}

// spent is what the calls have used, and those under way can use at most. Where a
// reply did not tell, and may have been billed, the worst case counts.
func (g *guard) spent(unpriced []string) record.Cost {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := g.used.plus(g.reserved)
	c := record.Cost{Requests: all.requests, Tokens: all.tokens, ReservedTokens: g.atStart, Unpriced: unpriced}
	if len(unpriced) == 0 {
		c.USD = dollars(all.nanoUSD)
	}
	return c
}

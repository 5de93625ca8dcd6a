package pacing

import "time"

// FreeRetries are those that [Policy.Budget] has before any call.
const FreeRetries = budgetFloor

// Retries is a policy for programs that call Bedrock otherwise than by a client of
// the SDK: with [NewLimiter] they have all that a client made by [With] does. It
// is safe for concurrent use.
type Retries struct {
	policy Policy
	budget *budget
}

// NewRetries makes the retries of calls that share a budget. Policy.Random is
// not used.
func NewRetries(p Policy) *Retries { return &Retries{p, newBudget(p.Budget)} }

// Begin is told that a call begins, which adds to the budget. random gives numbers
// from 0 to 1.
func (r *Retries) Begin(random func() float64) Try {
	r.budget.earn()
	return Try{of: r, random: random}
}

// A Try is one call. It is not safe for concurrent use.
type Try struct {
	of     *Retries
	random func() float64
	failed int
	delay  time.Duration // before the last retry, of a decorrelated backoff
}

// Next is told how an attempt ended, and what its reply asked to wait ([RetryAfter];
// 0 for nothing). It returns whether to try once more, and after how long.
func (t *Try) Next(class Class, asked time.Duration) (delay time.Duration, again bool) {
	t.failed++
	b := t.of.policy.backoff(class)
	if b.Jitter == NoRetry || t.failed >= t.of.policy.attempts() || t.of.budget.spend() != nil {
		return 0, false
	}
	return max(b.next(t.failed, &t.delay, t.random), asked), true
}

// Longest is the longest delay, but for what a reply asks for.
func (b Backoff) Longest() time.Duration {
	_, most := b.bounds()
	switch b.Jitter {
	case NoRetry, Immediate:
		return 0
	case Exponential:
		most *= 1 + tutorialJitter
	}
	return time.Duration(most)
}

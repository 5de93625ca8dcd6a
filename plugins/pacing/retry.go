package pacing

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// A Jitter spreads the delays of retries, so that those who failed together do
// not come again together.
type Jitter uint8

// With d = min(Cap, Base x 2^(n-1)) before retry n:
//
//	NoRetry       no retry
//	Exponential   d x (1 +- 0.2)
//	Full          0 to d
//	Equal         d/2 to d
//	Decorrelated  Base to 3 x the delay before (Base at first), Cap at most
//	NoJitter      d, to compare with
//	Immediate     0, to compare with
//
// Source of full, equal and decorrelated: "Exponential Backoff And Jitter" in the
// AWS Architecture Blog.
const (
	NoRetry Jitter = iota
	Exponential
	Full
	Equal
	Decorrelated
	NoJitter
	Immediate
)

// A Backoff says how long to wait before a retry. Base and Cap of 0 are 1 s and
// 20 s.
type Backoff struct {
	Jitter    Jitter
	Base, Cap time.Duration
}

// tutorialJitter is how far Exponential strays, either way.
const tutorialJitter = 0.2

// Delay is the wait before retry n, from 1, for one who does not know the delays
// before it: of Decorrelated it draws these, too. random gives numbers from 0 to 1.
func (b Backoff) Delay(n int, random func() float64) time.Duration {
	base, most := b.bounds()
	d := min(most, base*math.Exp2(float64(max(n, 1)-1)))
	switch b.Jitter {
	case Exponential:
		d *= 1 + tutorialJitter*(2*random()-1)
	case Full:
		d *= random()
	case Equal:
		d *= (1 + random()) / 2
	case Decorrelated:
		last := time.Duration(0)
		for range max(n, 1) {
			last = b.after(last, random)
		}
		return last
	case NoJitter:
	default:
		return 0
	}
	return time.Duration(d)
}

// after is the wait of Decorrelated after another one; 0 is none.
func (b Backoff) after(last time.Duration, random func() float64) time.Duration {
	base, most := b.bounds()
	before := float64(last)
	if last <= 0 {
		before = base
	}
	return time.Duration(min(most, base+random()*max(0, 3*before-base)))
}

// next is the wait before retry n of a call. before is the one before that, which a
// decorrelated wait depends on, and becomes this one.
func (b Backoff) next(n int, before *time.Duration, random func() float64) time.Duration {
	if b.Jitter != Decorrelated {
		return b.Delay(n, random)
	}
	*before = b.after(*before, random)
	return *before
}

func (b Backoff) bounds() (base, most float64) {
	base, most = float64(b.Base), float64(b.Cap)
	if base <= 0 {
		base = float64(time.Second)
	}
	if most <= 0 {
		most = float64(20 * time.Second)
	}
	return base, most
}

// A Policy says what is retried, when, and how often. The zero Policy retries
// nothing.
type Policy struct {
	// Backoff is for every class that Classes does not name. What came to nothing
	// for good (the caller's errors, tokens of the day) is never retried.
	Backoff Backoff
	Classes map[Class]Backoff
	// MaxAttempts is the most attempts of a call, the first included; 0 is 4.
	MaxAttempts int
	// Budget is how many retries there are for each call, over all calls: 0.1 is
	// at most 10 % extra calls, and ten more to begin with. 0 is no bound.
	Budget float64
	// Random gives numbers from 0 to 1, by several goroutines at once; nil is
	// math/rand/v2. It is for tests that repeat.
	Random func() float64
}

func (p *Policy) backoff(c Class) Backoff {
	switch c {
	case Throttle, Capacity, Transient:
	default:
		return Backoff{}
	}
	if b, ok := p.Classes[c]; ok {
		return b
	}
	return p.Backoff
}

func (p *Policy) attempts() int {
	if p.MaxAttempts <= 0 {
		return 4
	}
	return p.MaxAttempts
}

// budget is what is left of Policy.Budget.
type budget struct {
	share float64 // 0: no bound
	mu    sync.Mutex
	left  float64
}

// A quiet program has no calls to earn its first retries with; and a busy one
// saves up for a thousand calls at most, so that a good hour does not pay for a
// storm.
const (
	budgetFloor = 10
	budgetCalls = 1000
)

func newBudget(share float64) *budget { return &budget{share: share, left: budgetFloor} }

func (b *budget) earn() {
	if b.share <= 0 {
		return
	}
	b.mu.Lock()
	b.left = min(b.left+b.share, budgetFloor+b.share*budgetCalls)
	b.mu.Unlock()
}

func (b *budget) spend() error {
	if b.share <= 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < 1 {
		return &BudgetError{b.share}
	}
	b.left--
	return nil
}

// retryer is the policy as the SDK asks it.
type retryer struct {
	policy *Policy
	budget *budget
	random func() float64
	// first is how the SDK numbers the first retry.
	first int
}

var _ aws.Retryer = (*retryer)(nil)

func newRetryer(p *Policy) *retryer {
	r := &retryer{policy: p, budget: newBudget(p.Budget), random: p.Random, first: 1}
	if r.random == nil {
		r.random = rand.Float64
	}
	// Source: Attempt.handleAttempt in aws/retry/middleware.go of the SDK.
	if os.Getenv("AWS_NEW_RETRIES_2026") == "true" {
		r.first = 0
	}
	return r
}

func (r *retryer) IsErrorRetryable(err error) bool {
	return r.policy.backoff(Classify(err)).Jitter != NoRetry
}

func (r *retryer) MaxAttempts() int { return r.policy.attempts() }

// RetryDelay is at least what AWS asks for.
func (r *retryer) RetryDelay(attempt int, err error) (time.Duration, error) {
	b, n := r.policy.backoff(Classify(err)), attempt-r.first+1
	var of *attemptError
	if !errors.As(err, &of) {
		return max(b.Delay(n, r.random), RetryAfter(err)), nil
	}
	return max(b.next(n, &of.call.delay, r.random), RetryAfter(err)), nil
}

// attemptError is the error of an attempt with its call. The SDK tells its retryer
// the error and not whose it is, and a decorrelated delay depends on the one before
// it.
type attemptError struct {
	error
	call *call
}

func (e *attemptError) Unwrap() error { return e.error }

// named puts a call to an error, where that is needed.
func (r *retryer) named(err error, c *call) error {
	if r.policy.backoff(Classify(err)).Jitter != Decorrelated {
		return err
	}
	return &attemptError{err, c}
}

func (r *retryer) GetRetryToken(ctx context.Context, err error) (func(error) error, error) {
	if spent := r.budget.spend(); spent != nil {
		if c := callOf(ctx); c != nil {
			c.limiter.count(func(n *counts) { n.unbudgeted++ })
		}
		return keep, spent
	}
	return keep, nil
}

func (r *retryer) GetInitialToken() func(error) error { return keep }

func keep(error) error { return nil }

// RetryAfter is what the reply behind an error of the SDK asks for, 0 if nothing:
// Retry-After in seconds or as a date, or x-amz-retry-after in milliseconds. A date
// counts from the reply's own Date, so that no clock of ours comes in.
func RetryAfter(err error) time.Duration {
	var reply *smithyhttp.ResponseError
	if !errors.As(err, &reply) || reply.Response == nil || reply.Response.Response == nil {
		return 0
	}
	h := reply.Response.Header
	if ms, err := strconv.ParseInt(h.Get("X-Amz-Retry-After"), 10, 32); err == nil && ms > 0 {
		return time.Duration(ms) * time.Millisecond
	}
	after := h.Get("Retry-After")
	if s, err := strconv.ParseInt(after, 10, 32); err == nil && s > 0 {
		return time.Duration(s) * time.Second
	}
	until, err := http.ParseTime(after)
	if err != nil {
		return 0
	}
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return max(0, until.Sub(date))
}

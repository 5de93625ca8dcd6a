package steps

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/pacing"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner/ramp"
)

// Codes of calls that the client did not send (again).
const (
	codeMaxWait  = "max_wait"  // it waited for its turn as long as it may
	codeTooLarge = "too_large" // its tokens are more than the limit of a minute
	codeStopped  = "stopped"   // its ramp ended while it waited
)

// agent is the client of a step under way.
type agent struct {
	*sending
	limiters []*pacing.Limiter // by target; nil where it does not pace
	tries    []*pacing.Retries // by target
	turns    *turns
	// Those who wait do so until their ramp ends.
	waits []context.Context
	end   []context.CancelFunc
}

// newAgent makes the client of a step; nil where it has none. Its waits end with
// the context.
func newAgent(ctx context.Context, s *sending) *agent {
	c := s.client
	if c == nil {
		return nil
	}
	a := &agent{sending: s, turns: newTurns(s)}
	var limiters []*pacing.Limiter
	for _, of := range c.limits {
		if c.adapts {
			of.Adaptive = &pacing.Adaptive{}
		}
		limiters = append(limiters, pacing.NewLimiter(of, c.share, c.maxWait))
	}
	for _, t := range s.targets {
		var l *pacing.Limiter
		if c.paced {
			l = limiters[c.limitOf(t.Name)]
		}
		waiting, end := context.WithCancel(ctx)
		a.limiters, a.tries = append(a.limiters, l), append(a.tries, pacing.NewRetries(c.policy))
		a.waits, a.end = append(a.waits, waiting), append(a.end, end)
	}
	return a
}

// stop lets nobody wait any longer whose call is of a model.
func (a *agent) stop(model int) {
	if a != nil {
		a.end[model]()
	}
}

// do makes all attempts of a call and records them.
func (a *agent) do(ctx context.Context, slot ramp.Slot, begun time.Time) {
	t, wait := a.targets[slot.Model], a.waits[slot.Model]
	in := a.invocation(slot)
	most := in.Most()
	place := pacing.Reservation{Tokens: most.Input + most.Output}
	try := a.tries[slot.Model].Begin(a.random(slot))
	var waited time.Duration
	for n, again := 1, true; again; n++ {
		c := a.call(slot)
		c.Attempt = n
		err := a.admit(wait, slot, &place)
		waited += place.Waited
		c.Waited = waited
		now := time.Now()
		c.Held = now.Sub(begun)
		if err != nil {
			a.unsent(slot, &c, now, err)
			return
		}
		reply := a.attempt(ctx, slot, in, now, &c)
		tell(&place, reply)
		release(&place, reply, t.Tariff, most)
		var delay time.Duration
		if wait.Err() == nil && reply.Outcome != record.Dropped {
			delay, again = try.Next(retried(reply), reply.RetryAfter)
		} else {
			again = false
		}
		c.Retried = again
		a.add(slot.Model, &c, reply.Denied)
		if again {
			sleepUntil(wait, time.Now().Add(delay))
		}
	}
}

// admit waits until an attempt may go out. The error is why it may not.
func (a *agent) admit(wait context.Context, slot ramp.Slot, place *pacing.Reservation) error {
	a.turns.take(slot.Seq)
	l := a.limiters[slot.Model]
	if l == nil {
		return wait.Err()
	}
	err := l.Acquire(wait, place)
	if err == nil || wait.Err() != nil {
		a.turns.take(slot.Seq) // several are admitted at one instant, or end with their ramp
	}
	return err
}

// unsent records a call that is not sent, or not again.
func (a *agent) unsent(slot ramp.Slot, c *record.Call, now time.Time, err error) {
	var late *pacing.WaitError
	var large *pacing.TooLargeError
	switch {
	case errors.As(err, &late):
		late.Model = c.Model
		c.Outcome, c.Code = record.GivenUp, codeMaxWait
	case errors.As(err, &large):
		large.Model = c.Model
		c.Outcome, c.Code = record.GivenUp, codeTooLarge
	default:
		c.Outcome, c.Code, c.Held, c.Waited = record.Dropped, codeStopped, 0, 0
		a.mu.Lock()
		a.ended++
		a.mu.Unlock()
	}
	if c.Outcome == record.GivenUp {
		c.Message, c.Lag = record.CleanLine(err.Error()), now.Sub(c.Planned)
	}
	a.add(slot.Model, c, false)
}

// random draws for a call, so that its delays do not hang on those of others.
func (a *agent) random(slot ramp.Slot) func() float64 {
	seed := seedOf(mix(a.load.seed, uint64(slot.Seq)), a.name+"\x00retry", a.targets[slot.Model].Name)
	n := uint64(0)
	return func() float64 {
		n++
		return float64(mix(seed, n)>>11) / (1 << 53)
	}
}

// release ends the reservation of an attempt as a client of the SDK does: by the
// usage that the reply tells or, without one, by how far it came.
func release(place *pacing.Reservation, r plugins.Reply, t plugins.Tariff, most record.Usage) {
	switch {
	case r.Usage != nil:
		place.Settle(t.QuotaTokens(*r.Usage))
	case r.Outcome == record.OK:
		place.Settle(place.Tokens)
	case r.Outcome == record.Dropped || r.Outcome == record.ClientError && r.Status == 0:
		place.Cancel()
	case r.Status > 0 && r.Status/100 != 2:
		place.Refuse()
	default:
		place.Settle(most.Input)
	}
}

// began tells whether a reply began that was no error.
func began(r plugins.Reply) bool { return r.Status/100 == 2 || r.MidStream }

// retried is how the retries of pacing take a reply. What has begun to come is not
// asked for again: the caller has had a part of it.
func retried(r plugins.Reply) pacing.Class {
	if began(r) && r.Outcome != record.OK {
		return pacing.Final
	}
	return classOf(r)
}

// tell lets an adaptive rate know what AWS said: that it admitted the call, and how
// it failed.
func tell(place *pacing.Reservation, r plugins.Reply) {
	if began(r) {
		place.Tell(pacing.OK)
	}
	if class := classOf(r); class != pacing.OK && r.Outcome != record.Dropped {
		place.Tell(class)
	}
}

// classOf is what pacing calls a reply.
func classOf(r plugins.Reply) pacing.Class {
	switch {
	case r.Outcome == record.OK:
		return pacing.OK
	case r.Outcome == record.Throttled && r.Limit == record.LimitTokensPerDay:
		return pacing.Daily
	case r.Outcome == record.Throttled:
		return pacing.Throttle
	case r.Outcome == record.Capacity:
		return pacing.Capacity
	case r.Code == "ModelErrorException": // the model failed on this very input
		return pacing.Final
	case r.Outcome == record.ServerError, r.Outcome == record.Timeout, r.Outcome == record.Connection, r.Status == http.StatusRequestTimeout:
		return pacing.Transient
	}
	return pacing.Final
}

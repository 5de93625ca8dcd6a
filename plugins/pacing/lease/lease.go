package lease

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// A Pacer is told the share: a *pacing.Pacer or a *pacing.Limiter. It looks at
// the time as it admits each call, so that no call goes by a share that has ended.
type Pacer interface {
	SetShareUntil(share float64, until time.Time, then float64)
}

// A Lease is one process's place in a quota. It is safe for concurrent use.
type Lease struct {
	rules rules
	store store
	id    string
	pacer Pacer
	hook  func(State)

	stop context.CancelFunc
	done chan struct{}

	mu     sync.Mutex
	told   bool // what came of the first question
	closed bool
	state  State
	then   float64 // the share after state.Until
}

// State is what a process has of the quota.
type State struct {
	// Share of the quota that this process uses now.
	Share float64
	// Until is when Share ends, if the store lends nothing until then: it is the
	// fallback from then on. It is zero where Share does not end.
	Until time.Time
	// Members share the pool, as the store told last; 0 before that.
	Members int
	// Err is why the store, when it was last asked, told nothing, or lent nothing by
	// its rules: see [ErrFull] and [ErrRules]. nil where it answered.
	Err error
}

var (
	// ErrFull tells that there are as many as Options.Processes. Nothing is admitted
	// until one of them is gone: the store counts one that was killed for a lease, one
	// that was closed for Options.Rest.
	ErrFull = errors.New("lease: as many processes as Options.Processes share the quota already: nothing is sent until one has been gone for a while")
	// ErrRules tells that others share the quota by other options. Nothing is admitted
	// until they are gone.
	ErrRules = errors.New("lease: others share the quota by other options (Fallback, Processes, Share, Lease, Rest): nothing is sent until they have been gone for a while")
)

// Join begins to share a quota: the pacer has the fallback as soon as the store has
// answered or has not, and what it lends from then on. It goes on until the context
// ends or [Lease.Close]; after the former the pacer keeps the fallback. The error is
// one of the options, of all that is wrong with them: a store that is away is told
// by [Lease.State] alone.
//
// The client's own retries do no harm, since time is counted from before the
// first; MaxRetries: -1 and ContextTimeoutEnabled let it know sooner that the store
// is away.
func Join(ctx context.Context, client redis.Scripter, o Options, p Pacer) (*Lease, error) {
	r, err := o.rules(minRest)
	if err != nil {
		return nil, err
	}
	return join(ctx, &redisStore{client, o.Key, r}, r, o.Hook, p), nil
}

func join(ctx context.Context, s store, r rules, hook func(State), p Pacer) *Lease {
	ctx, stop := context.WithCancel(ctx)
	l := &Lease{rules: r, store: s, id: rand.Text(), pacer: p, hook: hook, stop: stop, done: make(chan struct{})}
	// The store may know that there are too many; it is given the time of one
	// question to say so.
	l.set(0, time.Now().Add(r.every()), l.fallback())
	go l.run(ctx)
	return l
}

func (l *Lease) fallback() float64 { return float64(l.rules.fallback) / whole }

func (l *Lease) run(ctx context.Context) {
	defer close(l.done)
	again := time.NewTicker(l.rules.every())
	defer again.Stop()
	for ctx.Err() == nil {
		l.renew(ctx)
		select {
		case <-ctx.Done():
		case <-again.C:
		}
	}
}

// renew asks the store once. However late the reply comes, what it lends ends by
// the time before the question.
func (l *Lease) renew(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, l.rules.every())
	defer cancel()
	asked := time.Now()
	r, err := l.store.ask(ctx, l.id, false)
	l.learn(asked, r, err)
	if l.hook != nil {
		l.hook(l.State())
	}
}

func (l *Lease) learn(asked time.Time, r reply, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	first := !l.told
	l.told, l.state.Err = true, err
	switch {
	case err != nil:
		if first {
			l.set(l.fallback(), time.Time{}, l.fallback())
		}
		return // what was lent ends by itself
	case r.refused != nil:
		// The fallback is not ours, either. It is in a lease's time, if the store says
		// nothing until then: who is gone by now has been so for a minute by then, and
		// who is not is one of Processes.
		l.state.Err = r.refused
		l.set(0, time.Now().Add(l.rules.lease), l.fallback())
	default:
		l.set(float64(l.rules.fallback+r.part)/whole, asked.Add(l.rules.usable()), l.fallback())
	}
	l.state.Members = r.members
}

// set sets the share of the pacer; the caller has the lock, or the lease alone.
func (l *Lease) set(share float64, until time.Time, then float64) {
	l.state.Share, l.state.Until, l.then = share, until, then
	l.pacer.SetShareUntil(share, until, then)
}

// State tells what the process has of the quota now.
func (l *Lease) State() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.state
	if !time.Now().Before(s.Until) {
		s.Share, s.Until = l.then, time.Time{}
	}
	return s
}

// Close gives up the place: the pacer admits nothing from now on, and others have
// the part after Options.Rest. The error is that of telling the store, which does
// without in a lease's time.
func (l *Lease) Close(ctx context.Context) error {
	l.mu.Lock()
	l.closed = true
	l.set(0, time.Time{}, 0)
	l.mu.Unlock()
	l.stop()
	select {
	case <-l.done:
	case <-ctx.Done():
		return fmt.Errorf("lease: close: %w", ctx.Err())
	}
	if _, err := l.store.ask(ctx, l.id, true); err != nil {
		return fmt.Errorf("lease: close: %w", err)
	}
	return nil
}

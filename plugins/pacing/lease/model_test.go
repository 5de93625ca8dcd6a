package lease

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"
)

// A model is what the store's script does, written anew in another way: it forgets
// nothing, and looks at all it has.
type model struct {
	run   int // which start of the server it is
	state map[string]*quota
}

// quota is one key.
type quota struct {
	run     int
	born    time.Duration
	rules   rules
	members map[string]*member
}

type member struct {
	lent []lent
	left bool
}

type lent struct {
	part  int64
	until time.Duration
}

// counts tells how much the member counts for, and whether it counts at all.
func (m *member) counts(now time.Duration) (most int64, any bool) {
	for _, l := range m.lent {
		if now < l.until {
			most, any = max(most, l.part), true
		}
	}
	return most, any
}

// ask is the store at a time.
func (m *model) ask(now time.Duration, key, id string, leaving bool, r rules) reply {
	q := m.state[key]
	if q == nil || q.run != m.run {
		q = &quota{run: m.run, born: now, rules: r, members: map[string]*member{}}
	}
	places, active, taken := 0, 0, int64(0)
	for other, o := range q.members {
		if most, any := o.counts(now); any && other != id {
			places++
			taken += most
			if !o.left {
				active++
			}
		}
	}
	me, known := q.members[id], false
	if me != nil {
		_, known = me.counts(now)
	}
	switch {
	case leaving:
		if known {
			most, _ := me.counts(now)
			q.members[id] = &member{lent: []lent{{most, now + r.rest}}, left: true}
		}
		return reply{members: active}
	case places > 0 && q.rules != r:
		return reply{refused: ErrRules, members: active}
	case !known && r.processes > 0 && places >= r.processes:
		return reply{refused: ErrFull, members: active}
	}
	if me == nil {
		me = &member{}
		q.members[id] = me
	}
	out := reply{members: active + 1}
	if now >= q.born+r.lease {
		out.part = max(0, min(r.pool/int64(active+1), r.pool-taken))
	}
	me.lent, me.left = append(me.lent, lent{out.part, now + r.lease}), false
	q.rules = r
	if m.state == nil {
		m.state = map[string]*quota{}
	}
	m.state[key] = q
	return out
}

// restart starts the server again, with what it had written down.
func (m *model) restart(written map[string]*quota) { m.run, m.state = m.run+1, written }

// written is what a snapshot keeps.
func (m *model) written() map[string]*quota {
	out := map[string]*quota{}
	for key, q := range m.state {
		c := *q
		c.members = map[string]*member{}
		for id, m := range q.members {
			c.members[id] = &member{slices.Clone(m.lent), m.left}
		}
		out[key] = &c
	}
	return out
}

// A server is a model in the time of the program, which may be away.
type server struct {
	mu    sync.Mutex
	model model
	start time.Time
	down  bool
}

func (s *server) ask(id string, leaving bool, r rules) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return reply{}, errors.New("connection refused")
	}
	return s.model.ask(time.Since(s.start), "key", id, leaving, r), nil
}

func (s *server) change(f func(*server)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s)
}

// forget empties it, as FLUSHALL does.
func (s *server) forget() { maps.DeleteFunc(s.model.state, func(string, *quota) bool { return true }) }

// A link is one member's way to the server.
type link struct {
	to    *server
	rules rules

	mu     sync.Mutex
	breaks string        // "": whole; cut, deaf (no reply comes back), late (done after the asker has given up)
	delay  time.Duration // each way
}

func (l *link) set(breaks string, delay time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.breaks, l.delay = breaks, delay
}

func (l *link) ask(ctx context.Context, id string, leaving bool) (reply, error) {
	l.mu.Lock()
	breaks, delay := l.breaks, l.delay
	l.mu.Unlock()
	lost := errors.New("i/o timeout")
	switch breaks {
	case "cut":
		return reply{}, lost
	case "late":
		time.AfterFunc(delay, func() { l.to.ask(id, leaving, l.rules) })
		return reply{}, lost
	}
	time.Sleep(delay) // not cut off by the context: a client may ignore it
	r, err := l.to.ask(id, leaving, l.rules)
	time.Sleep(delay)
	if breaks == "deaf" {
		return reply{}, lost
	}
	return r, err
}

package steps

import (
	"math"
	"slices"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// part is what a part of a search has sent: all calls of one trial, 64 bytes each,
// which are forgotten with it.
type part struct {
	calls     []seen
	throttled int
	lastOK    time.Duration // when the last call was planned that was ok
	lastSent  time.Duration
	day       bool // the tokens of the day are used up
}

// seen is a call; times count from the start of the step.
type seen struct {
	planned, sent, ended time.Duration
	outcome              record.Outcome
	limit                string // that AWS named as it throttled the call; "" where it named none
	tokens               int64  // that it took in the end
	input                int64  // of these; 0: not known
}

func (p *part) okSince(at time.Duration) bool { return p.lastOK > at }

// measured is the account of a stretch of a part.
type measured struct {
	sent, ok, throttled, capacity, errors, dropped int
	tokens                                         spread
	calls                                          []seen
}

// measure adds up the calls that came due in a stretch.
func (p *part) measure(from, to time.Duration) (m measured) {
	for _, c := range p.calls {
		if c.planned < from || c.planned >= to {
			continue
		}
		m.calls = append(m.calls, c)
		if c.outcome == record.Dropped {
			m.dropped++
			continue
		}
		m.sent++
		switch c.outcome {
		case record.OK:
			m.ok++
			if c.tokens > 0 {
				m.tokens.add(float64(c.tokens))
			}
		case record.Throttled:
			m.throttled++
		case record.Capacity:
			m.capacity++
		default:
			m.errors++
		}
	}
	return m
}

func (m measured) planned() int { return m.sent + m.dropped }

// answered is the part of the calls that came due and were ok.
func (m measured) answered() float64 { return float64(m.ok) / float64(max(1, m.planned())) }

// share is the part of the calls that was admitted.
func (m measured) share() float64 {
	if m.sent == 0 {
		return 0
	}
	return 1 - float64(m.throttled+m.capacity)/float64(m.sent)
}

// bound is what kept calls from being admitted: the limit that AWS named for
// most of those that it throttled. Where it named none that is known, nothing is
// guessed: only concurrency can be told then, by what was under way.
func (f *finder) bound(p *part, m measured) string {
	if m.capacity > m.throttled {
		return record.BoundCapacity
	}
	named := map[string]int{}
	for _, c := range m.calls {
		if c.outcome == record.Throttled {
			named[c.limit]++
		}
	}
	if named[record.LimitTokensPerDay] > 0 {
		return record.BoundTPD
	}
	most := ""
	for _, limit := range []string{record.LimitRequests, record.LimitTokens, record.LimitConcurrency} {
		if named[limit] > named[most] {
			most = limit
		}
	}
	crowd := crowded(p.calls, m.calls)
	switch {
	case most == record.LimitTokens && (crowd || f.heldAbove(m) || f.belowQuota(m)):
		return record.BoundReservation
	case most == record.LimitTokens:
		return record.BoundTPM
	case most == record.LimitConcurrency || crowd:
		return record.BoundConcurrency
	case most == record.LimitRequests:
		return record.BoundRPM
	}
	return record.BoundUnspecified
}

// crowded tells whether it was the calls under way that left no room: those
// of some that were refused found more of them than any that was admitted. A
// quota on a minute does not look at them.
func crowded(all, some []seen) bool {
	var starts, ends []time.Duration
	for _, c := range all {
		if c.outcome == record.OK {
			starts, ends = append(starts, c.sent), append(ends, c.ended)
		}
	}
	slices.Sort(starts)
	slices.Sort(ends)
	before := func(list []time.Duration, at time.Duration) int {
		i, _ := slices.BinarySearch(list, at)
		return i
	}
	most, refused := 0, []int{}
	for _, c := range some {
		n := before(starts, c.sent) - before(ends, c.sent)
		switch c.outcome {
		case record.OK:
			most = max(most, n)
		case record.Throttled:
			refused = append(refused, n)
		}
	}
	above := 0
	for _, n := range refused {
		if n > most {
			above++
		}
	}
	return above > 0 && float64(above) >= 0.9*float64(len(refused))
}

// heldAbove tells whether the calls under way held more tokens, beyond what they
// settled at, than were settled in a minute: of the two that fill a quota it is
// the larger that binds.
func (f *finder) heldAbove(m measured) bool {
	var under time.Duration
	for _, c := range m.calls {
		if c.outcome == record.OK {
			under += c.ended - c.sent
		}
	}
	held := under.Minutes() * (f.s.targets[f.model].tokens(reserved) - m.tokens.mean()) // x minutes
	return m.ok > 0 && held > m.tokens.sum
}

// belowQuota tells whether what calls settled at is well below the quota of
// tokens, where that is known: then it was what they had reserved that filled it.
func (f *finder) belowQuota(m measured) bool {
	known := f.s.env.Models[f.s.targets[f.model].Name]
	if known == nil || len(m.calls) < 2 {
		return false
	}
	q, ok := known.Quota(findTPM)
	if !ok || q.Applied == nil || m.tokens.n == 0 {
		return false
	}
	first, last := m.calls[0].planned, m.calls[0].planned
	for _, c := range m.calls {
		first, last = min(first, c.planned), max(last, c.planned)
	}
	return m.tokens.sum/(last-first).Minutes() < 0.8**q.Applied
}

// spread is mean and standard deviation of what calls took, without the calls.
type spread struct {
	n, sum, squares float64
}

func (s *spread) add(v float64) {
	s.n++
	s.sum += v
	s.squares += v * v
}

func (s spread) mean() float64 {
	if s.n == 0 {
		return 0
	}
	return s.sum / s.n
}

// cv is the standard deviation over the mean.
func (s spread) cv() float64 {
	if s.n < 2 || s.sum == 0 {
		return 0
	}
	m := s.mean()
	return math.Sqrt(max(0, s.squares/s.n-m*m)) / m
}

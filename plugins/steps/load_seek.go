package steps

import (
	"context"
	"sync"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner/ramp"
)

const dayOver = "the tokens of the day are used up"

// seeker is what a search and a probe of one model have in common: calls whose
// rate is decided as they go. Only its own goroutine runs it; calls that end tell
// it of themselves.
type seeker struct {
	s       *sending
	model   int
	lane    ramp.Lane
	driver  ramp.Driver
	own     int // calls so far
	at      time.Duration
	trials  []record.Trial
	stopped string // why it ended before its time

	mu    sync.Mutex
	part  *part // under way
	taken spread
}

// seek makes a seeker of each model.
func (s *sending) seek(d ramp.Driver) []*seeker {
	n := len(s.targets)
	for i := range s.targets {
		k := &seeker{s: s, model: i, driver: d, part: &part{}}
		k.lane = ramp.Lane{Index: d.Lane.Index*n + i, Of: max(1, d.Lane.Of) * n}
		k.driver.Lane = k.lane
		k.driver.Skip = nil
		k.driver.Stop = s.skip
		k.driver.Drop = func(slot ramp.Slot, reason string) {
			s.mu.Lock()
			s.dropped(reason)
			s.mu.Unlock()
			s.record(slot, reason)
		}
		s.seekers = append(s.seekers, k)
	}
	return s.seekers
}

// ended tells whether it can not go on.
func (k *seeker) ended(ctx context.Context) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.stopped != "":
	case k.part.day:
		k.stopped = dayOver
	case k.s.ramps[k.model].stopped != "":
		k.stopped = k.s.ramps[k.model].stopped
	case ctx.Err() != nil:
		k.stopped = "it was cut short"
	}
	return k.stopped != ""
}

// drive sends slots at a rate that is decided as it goes, and waits for the
// replies. What it says of time counts from the start of the step.
func (k *seeker) drive(ctx context.Context, rate func(at time.Duration) float64) {
	k.at = max(k.at, k.s.now()+time.Millisecond).Truncate(time.Millisecond) + k.lane.Offset()
	n := len(k.s.seekers)
	slots := func(yield func(ramp.Slot) bool) {
		for slot := range ramp.Paced(k.at, k.lane, rate) {
			slot.Own, slot.Seq, slot.Model = k.own, k.own*n+k.model, k.model
			k.own++
			if !yield(slot) {
				k.own-- // it was not sent
				return
			}
		}
	}
	ramp.Drive(ctx, slots, k.driver)
	k.at = k.s.now()
}

// begin forgets the part before.
func (k *seeker) begin() *part {
	p := &part{}
	k.mu.Lock()
	k.part = p
	k.mu.Unlock()
	return p
}

// note takes a call that has ended.
func (k *seeker) note(c *record.Call) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.part
	x := seen{planned: c.Planned.Sub(k.s.start), sent: c.Sent().Sub(k.s.start), ended: c.End().Sub(k.s.start), outcome: c.Outcome, limit: c.Limit, tokens: c.QuotaTokens}
	if c.Usage != nil {
		x.input = c.Usage.Input + c.Usage.CacheWrite
	}
	switch c.Outcome {
	case record.Throttled:
		p.throttled++
		p.day = p.day || c.Limit == record.LimitTokensPerDay
	case record.Capacity:
		p.throttled++ // a burst ends here as well
	case record.OK:
		p.lastOK = max(p.lastOK, x.planned)
		if c.QuotaTokens > 0 {
			k.taken.add(float64(c.QuotaTokens))
		}
	}
	if c.Outcome != record.Dropped {
		p.lastSent = max(p.lastSent, x.sent)
	}
	p.calls = append(p.calls, x)
}

func (k *seeker) tell(stage string) {
	k.s.report(k.s.targets[k.model].Name+": "+stage, max(0, k.at))
}

// row is a trial without its verdict.
func (k *seeker) row(kind string, rate float64, start, length time.Duration, m measured) record.Trial {
	return record.Trial{
		Model: k.s.targets[k.model].Name, Kind: kind, Rate: rate * k.s.unit(k.s.targets[k.model]), RPM: rate,
		Start: record.Duration(max(0, start).Round(time.Millisecond)), Length: record.Duration(length.Round(time.Millisecond)),
		Attempts: m.sent, OK: m.ok, Throttled: m.throttled, Capacity: m.capacity, Errors: m.errors, Dropped: m.dropped,
	}
}

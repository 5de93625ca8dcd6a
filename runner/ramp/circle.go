package ramp

import (
	"context"
	"math"
	"slices"
	"time"
)

// Crew is the workers of a closed loop.
type Crew struct {
	Workers Profile       // From and To count workers
	Think   time.Duration // how long a worker rests after an answer
	Shares  []Share       // whom they call
}

// Share is a model and its part of a crew's calls, from 0 to 1. A model that
// was left by [Driver.Skip], or has its calls, leaves its part to the others.
type Share struct {
	Model int
	Part  float64
	Calls int // the most calls to the model; 0: any number
}

// Circle sends the calls of closed loops: each worker makes its next call when
// the one before has ended and it has rested. A call comes due when its worker
// is free, at the next whole tick of the lane, and goes out then: none is
// dropped. The rest is as with [Drive]; MaxInFlight and MaxLateness do not
// count here. Where there are fewer workers from now on, those that become free
// first leave.
func Circle(ctx context.Context, crews []Crew, d Driver) {
	calls, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	resting, over := context.WithCancel(ctx)
	defer over()
	w := newWaiter(ctx, d.Precise)
	defer w.close()
	c := circle{Driver: d, crews: make([]crew, len(crews)), calls: calls, resting: resting, hands: newHands()}
	defer c.hands.dismiss()
	places := 0
	for i, written := range crews {
		c.crews[i] = newCrew(written)
		places += int(math.Ceil(written.Workers.Peak())) + 1
		c.length = max(c.length, written.Workers.Length())
	}
	c.freed = make(chan free, places)
	for c.turn(ctx, w) {
	}
	over()
	drain(ctx, &c.hands.under, d.Drain, cut)
}

// circle is a closed loop under way.
type circle struct {
	Driver
	crews   []crew
	length  time.Duration
	calls   context.Context // of the calls
	resting context.Context // of the workers between calls
	freed   chan free
	known   []free // of those that came, the ones that are not counted yet
	hands   *hands
	turned  bool // at least once
	seq     int
	last    time.Duration // of the last send; before the first, no send
}

// free is a worker that has become free: its crew, and when after the start.
type free struct {
	crew int
	at   time.Duration
}

// crew is a crew at work.
type crew struct {
	Crew
	active int // workers that call or rest
	dealer *Dealer
}

func newCrew(c Crew) crew {
	var parts []float64
	for _, s := range c.Shares {
		parts = append(parts, s.Part)
	}
	return crew{Crew: c, dealer: NewDealer(parts)}
}

// turn puts every free worker to work and waits until something happens; false
// when no call is to come.
func (c *circle) turn(ctx context.Context, w *waiter) bool {
	// To a whole tick after this instant, for those who became free before it:
	// who is free at the very instant may be known already or not.
	at := c.next(time.Since(c.Start))
	if c.turned {
		at = c.next(time.Since(c.Start) + 1)
	}
	c.turned = true
	if at >= c.length || !w.until(ctx, c.Start.Add(at)) {
		return false
	}
	c.count(at)
	change := c.length
	idle := true
	for i := range c.crews {
		wanted, until := c.crews[i].Workers.workers(at)
		change = min(change, until)
		for c.crews[i].active < wanted {
			sent, ok := c.send(ctx, w, i)
			if !ok {
				return false
			}
			if !sent {
				break
			}
		}
		_, more := c.crews[i].dealer.Next()
		idle = idle && !more
	}
	if idle {
		return false
	}
	if len(c.known) > 0 {
		return true
	}
	w.timer.Reset(time.Until(c.Start.Add(change)))
	defer w.timer.Stop()
	select {
	case f := <-c.freed:
		c.known = append(c.known, f)
	case <-w.timer.C:
	case <-ctx.Done():
		return false
	}
	return true
}

// count takes in the workers who became free before a time.
func (c *circle) count(at time.Duration) {
	for more := true; more; {
		select {
		case f := <-c.freed:
			c.known = append(c.known, f)
		default:
			more = false
		}
	}
	c.known = slices.DeleteFunc(c.known, func(f free) bool {
		if f.at >= at {
			return false
		}
		c.crews[f.crew].active--
		return true
	})
}

// next is the first whole tick from a time on that is after the last send.
func (c *circle) next(at time.Duration) time.Duration {
	tick := c.Lane.Tick()
	at = (max(at, 0) + tick - 1).Truncate(tick)
	if c.seq > 0 {
		at = max(at, c.last+tick)
	}
	return at
}

// send makes the next call of a crew. It is not sent where the crew has no
// call left; not ok where the whole load is to end.
func (c *circle) send(ctx context.Context, w *waiter, i int) (sent, ok bool) {
	crew := &c.crews[i]
	for {
		share, found := crew.dealer.Next()
		if !found {
			return false, true
		}
		at := c.next(time.Since(c.Start))
		s := Slot{Seq: c.seq, Stage: crew.Workers.stageAt(at), Model: crew.Shares[share].Model, At: at}
		if at >= c.length || !w.until(ctx, c.Start.Add(at)) || c.Stop(s) {
			return false, false
		}
		if c.skips(s) {
			crew.dealer.Leave(share)
			continue
		}
		c.seq++
		c.last = at
		crew.active++
		own := crew.dealer.Deal(share)
		s.Own = own - 1
		if own == crew.Shares[share].Calls {
			crew.dealer.Leave(share)
		}
		now := time.Now()
		c.hands.do(func() {
			c.Send(c.calls, s, now)
			c.rest(crew.Think)
			c.freed <- free{i, time.Since(c.Start)}
		})
		return true, true
	}
}

// rest waits, at most until the load ends.
func (c *circle) rest(d time.Duration) {
	if d == 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-c.resting.Done():
	}
}

// workers is how many workers a profile wants at a time, and until when.
func (p Profile) workers(at time.Duration) (n int, until time.Duration) {
	var start time.Duration
	for _, s := range p {
		end := start + s.Length
		if at >= end {
			start = end
			continue
		}
		x := float64(at-start) / float64(s.Length)
		n = int(math.Floor(s.From + (s.To-s.From)*x + 0.5))
		if s.From == s.To {
			return n, end
		}
		// The number changes where the line crosses the next half.
		half := float64(n) + 0.5
		if s.To < s.From {
			half--
		}
		until = start + time.Duration(math.Ceil((half-s.From)/(s.To-s.From)*float64(s.Length)))
		return n, min(max(until, at+tick), end)
	}
	return 0, math.MaxInt64
}

// stageAt is the index of the stage at a time within the profile.
func (p Profile) stageAt(at time.Duration) int {
	var end time.Duration
	for i, s := range p {
		if end += s.Length; at < end {
			return i
		}
	}
	return max(0, len(p)-1)
}

package ramp

import (
	"iter"
	"math"
	"time"
)

// Slot is one call that comes due, At after the start of the load.
type Slot struct {
	Seq   int // 0-based
	Stage int // index into the profile
	Model int // 0-based: index of the track
	Own   int // 0-based: the number among those of its model
	Item  int // of a replay: the index of the arrival, by which its sizes are found
	At    time.Duration
}

// Track is the load of one model.
type Track struct {
	Profile  Profile
	Arrivals Arrivals
	// Times, where not nil, are when calls come due in place of the profile's
	// area: a replay. They must be in order.
	Times []Time
}

// Time is a call of a replay: when it is due, and which arrival it is.
type Time struct {
	At   time.Duration
	Item int
}

// Arrivals says how calls fall within the area under the rate: evenly, or as a
// Poisson process. The k-th gap of a process depends on (Seed, k) alone.
type Arrivals struct {
	Poisson bool
	Seed    uint64
}

// gap is the area from the call before (or the start) to call k: 1, and 1/2
// before the first; or, for a Poisson process, a draw from the exponential
// distribution with mean 1. Calls that are a Poisson process in the area are
// one in time too, with the rate of the profile (the process is its own after
// any change of clock): exact for any profile.
func (a Arrivals) gap(k int) float64 {
	switch {
	case a.Poisson:
		return -math.Log(unit(a.Seed, uint64(k)))
	case k == 0:
		return 0.5
	}
	return 1
}

// unit is a number in (0, 1] drawn by (seed, k): the output function of
// SplitMix64 on a counter (Steele, Lea, Flood 2014).
func unit(seed, k uint64) float64 {
	z := seed + (k+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	return float64(z>>11+1) / (1 << 53)
}

// Slots yields when the calls of the track come due, in order.
func (t Track) Slots() iter.Seq[Slot] {
	return func(yield func(Slot) bool) {
		c := newCursor(t)
		for c.next() && yield(c.slot) {
		}
	}
}

// Count is the number of slots. Of a Poisson process it is counted one by one:
// its seed decides how many they are.
func (t Track) Count() int {
	switch {
	case t.Times != nil:
		return len(t.Times)
	case !t.Arrivals.Poisson:
		return t.Profile.Count()
	}
	n := 0
	for c := newCursor(t); c.next(); {
		n++
	}
	return n
}

// cursor walks over the slots of a track.
type cursor struct {
	Track
	slot  Slot
	stage int
	start time.Duration // of the stage
	area  float64       // of the stages before, in calls
	end   float64       // area, with that of the stage
	burst int           // calls of the stage's burst that are out
	k     int           // calls that took area
	due   float64       // the area before the next one
}

func newCursor(t Track) *cursor {
	c := &cursor{Track: t, slot: Slot{Seq: -1}, due: t.Arrivals.gap(0)}
	if len(t.Profile) > 0 {
		c.end = t.Profile[0].area()
	}
	return c
}

// next moves to the next slot; false where there is none.
func (c *cursor) next() bool {
	if c.Times != nil {
		return c.nextTime()
	}
	for c.stage < len(c.Profile) {
		s := &c.Profile[c.stage]
		if c.burst < s.Burst {
			c.burst++
			return c.at(c.start)
		}
		if c.due < c.end {
			x := s.until(c.due - c.area)
			c.k++
			if c.Arrivals.Poisson {
				c.due += c.Arrivals.gap(c.k)
			} else {
				c.due = float64(c.k) + 0.5 // no sum of rounded parts
			}
			at := c.start + time.Duration(x*float64(time.Minute)+0.5)
			return c.at(min(at, c.start+s.Length))
		}
		c.start += s.Length
		c.stage++
		c.burst = 0
		if c.area = c.end; c.stage < len(c.Profile) {
			c.end += c.Profile[c.stage].area()
		}
	}
	return false
}

func (c *cursor) at(at time.Duration) bool {
	// An inversion may be off by a nanosecond; the order is not.
	c.slot.At = max(c.slot.At, at)
	c.slot.Stage = c.stage
	c.slot.Seq++
	c.slot.Own = c.slot.Seq
	return true
}

func (c *cursor) nextTime() bool {
	i := c.slot.Seq + 1
	if i >= len(c.Times) {
		return false
	}
	for c.stage < len(c.Profile)-1 && c.Times[i].At >= c.start+c.Profile[c.stage].Length {
		c.start += c.Profile[c.stage].Length
		c.stage++
	}
	c.slot.Item = c.Times[i].Item
	return c.at(c.Times[i].At)
}

package ramp

import "math"

// minute is the window of every quota on a minute, in seconds.
const minute = 60.0

// state is a limiter as a theory has it. Times are in seconds since a whole
// minute of the clock, and never go back. Calls are named by their index.
type state interface {
	// admit takes the part of a call if it fits.
	admit(call int, now, part float64) bool
	// settle gives back what a call took and did not use; below zero it takes
	// more.
	settle(call int, now, back float64)
}

// bucketState refills steadily. As a theory has it, refused calls may take what
// is left of it.
type bucketState struct {
	perSecond, capacity float64
	wastes              bool
	level, at           float64
}

func (s *bucketState) refill(now float64) {
	s.level = min(s.capacity, s.level+(now-s.at)*s.perSecond)
	s.at = now
}

func (s *bucketState) admit(_ int, now, part float64) bool {
	s.refill(now)
	if s.level >= part {
		s.level -= part
		return true
	}
	if s.wastes {
		s.level = min(s.level, 0)
	}
	return false
}

func (s *bucketState) settle(_ int, now, back float64) {
	s.refill(now)
	s.level = min(s.capacity, s.level+back)
}

// fixedState has a whole quota for each minute. These begin at the same second
// of every minute of the clock; or, where they are opened, with the first call
// after the one before is over. Others may use some of it all the time.
type fixedState struct {
	quota, second float64
	others        float64 // in a second
	opened        bool
	begun, used   float64
	within        []float64 // by call: when its window began
}

func (s *fixedState) turn(now float64) {
	begun := s.begun
	switch {
	case !s.opened:
		begun = math.Floor((now-s.second)/minute)*minute + s.second
	case now >= s.begun+minute:
		begun = now
	}
	if begun != s.begun {
		s.begun, s.used = begun, 0
	}
}

func (s *fixedState) admit(call int, now, part float64) bool {
	s.turn(now)
	if s.used+s.others*(now-s.begun)+part > s.quota {
		return false
	}
	s.used += part
	s.within[call] = s.begun
	return true
}

func (s *fixedState) settle(call int, now, back float64) {
	if !s.opened || now < s.begun+minute {
		s.turn(now)
	}
	if back < 0 || s.within[call] == s.begun {
		s.used -= back
	}
}

// slidingState counts what was taken in the minute that ends now. As a theory has
// it, refused calls may count as well.
type slidingState struct {
	quota  float64
	wastes bool
	at     []float64 // by call
	taken  []float64
	head   int // the first call that still counts
	next   int // the first that has not come
	sum    float64
}

func (s *slidingState) expire(now float64) {
	for ; s.head < s.next && now-s.at[s.head] >= minute; s.head++ {
		s.sum -= s.taken[s.head]
	}
}

func (s *slidingState) admit(call int, now, part float64) bool {
	s.expire(now)
	fits := s.sum+part <= s.quota
	if !fits && !s.wastes {
		part = 0
	}
	s.at[call], s.taken[call], s.next = now, part, call+1
	s.sum += part
	return fits
}

func (s *slidingState) settle(call int, now, back float64) {
	s.expire(now)
	if call < s.head { // what is over is not given back, but what was used beyond counts now
		if back > 0 || s.head == s.next {
			return
		}
		call = s.next - 1
	}
	s.taken[call] -= back
	s.sum -= back
}

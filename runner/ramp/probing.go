package ramp

import (
	"errors"
	"time"
)

// Probing is a probe of the shape of a limiter: a short sequence of calls of
// which each algorithm refuses others. It is made twice: what is learned from
// the first turn is held against the second.
//
//	rest   nothing for a refill period or longer, up to a place in the minute of
//	       the clock: the limiter fills up
//	burst  fast until calls are refused for a while: what was saved up is used
//	over   somewhat faster than what was admitted, for a minute or longer: over an
//	       edge of the clock's minute, where a fixed minute begins anew, and over
//	       the time 60 s after the burst, where what a sliding minute took ends
//	again  fast, over the time 120 s after the burst: a fixed minute that a call
//	       opened admits all of its quota at once, and a sliding one no faster
//	       than it admitted in the minute before
//	gap    nothing for 30 s, and then fast: a bucket has refilled by half of its
//	       minute, whether or not refused calls take from it
type Probing struct {
	Rate float64       // calls a minute, of the fast parts
	Rest time.Duration // a refill period of the quota
	// Clock is how far into a minute of the clock the sequence begins.
	Clock time.Duration
}

// ProbeTurns is how often the sequence is made.
const ProbeTurns = 2

// The parts of a turn.
const (
	probeBurst = "burst"
	probeOver  = "over"
	probeAgain = "again"
	probeGap   = "gap"
)

// How long the parts are, and what ends a burst.
const (
	turnRests    = 4               // a burst takes so many rests at most
	burstTail    = 5 * time.Second // a burst goes on for so long after the first refused call,
	burstRefused = 12              // and until so many are refused
	overLength   = 60 * time.Second
	overEnd      = 110 * time.Second // after the burst has begun; later where overLength takes longer
	againLength  = 40 * time.Second
	gapSilence   = 30 * time.Second
	gapLength    = 40 * time.Second
)

// How fast the part over is.
const (
	overFactor = 1.25 // times what was admitted
	overLeast  = 0.2  // of the rate
	tellingOK  = 4    // calls admitted at the end of a burst that tell a rate
)

// turnPlaces is where in the minute of the clock the bursts begin: apart from
// its edge and from each other, so that windows that begin with a first call are
// not taken for those of the clock.
var turnPlaces = [ProbeTurns]time.Duration{15 * time.Second, 35 * time.Second}

// ProbePart is one part of a probe with what came back. Times count from the
// start of the sequence.
type ProbePart struct {
	Name   string
	Turn   int
	Start  time.Duration
	Length time.Duration // at most
	Rate   float64       // calls a minute
	Drains bool          // it ends as soon as [ProbePart.Drained] says so

	Admitted, Refused         int
	TailAdmitted, TailRefused int           // of these, since the first that was refused
	Refusing                  time.Duration // when the first was refused
	End                       time.Duration // when it ended
}

// ProbingOf reads the settings of the shape probe.
func ProbingOf(a Args) (Probing, error) {
	p := Probing{Rate: a.Rates["rate"], Rest: a.Durations["rest"]}
	switch {
	case p.Rate <= 0:
		return p, errors.New("a probe needs a `rate` above 0: at least twice of what the limiter is thought to admit")
	case p.Rest < 10*time.Second:
		return p, errors.New("`rest` is 10s or more: give it a refill period of the quota, which is a minute")
	}
	return p, nil
}

func probe(a Args) (Profile, error) {
	p, err := ProbingOf(a)
	if err != nil {
		return nil, err
	}
	return Profile{{Name: "probe", From: p.Rate, To: p.Rate, Length: p.Longest()}}, nil
}

// Below is the probe with no rate above a highest one, in calls a minute.
func (p Probing) Below(most float64) Probing {
	p.Rate = min(p.Rate, most)
	return p
}

// Longest is the longest that the sequence can take, and MostCalls the most
// calls that it can send. A part that is under way as its time is over goes on
// until its next call, the first of which comes half a gap in: three parts for up
// to one and a half gaps at the rate, and the slow one for more.
func (p Probing) Longest() time.Duration {
	late := time.Duration(1.5 * (3 + 1/overLeast) * float64(time.Minute) / p.Rate)
	return ProbeTurns * (p.Rest + time.Minute + turnRests*p.Rest + overEnd + againLength + gapSilence + gapLength + late)
}

func (p Probing) MostCalls() int {
	turn := turnRests*p.Rest + overEnd + againLength + gapLength
	return ProbeTurns * (int(p.Rate*turn.Minutes()) + 4)
}

// Next is the part that comes after others, at a time; done where the sequence
// is over, or where a burst could not empty the limiter.
func (p Probing) Next(before []ProbePart, now time.Duration) (next ProbePart, done bool) {
	next = ProbePart{Turn: len(before) / 4, Start: now, Rate: p.Rate, Length: againLength}
	if next.Turn >= ProbeTurns {
		return ProbePart{}, true
	}
	turn := before[4*next.Turn:]
	if len(turn) > 0 && !turn[0].Drained() {
		return ProbePart{}, true
	}
	switch len(turn) {
	case 0:
		next.Name, next.Drains, next.Length = probeBurst, true, turnRests*p.Rest
		next.Start = p.place(now+p.Rest, turnPlaces[next.Turn])
	case 1:
		next.Name, next.Length, next.Rate = probeOver, max(overLength, turn[0].Start+overEnd-now), p.over(turn[0])
	case 2:
		next.Name = probeAgain
	case 3:
		next.Name, next.Start, next.Length = probeGap, now+gapSilence, gapLength
	}
	return next, false
}

// place is the first time from one on that is at a place in the minute of the
// clock.
func (p Probing) place(from, at time.Duration) time.Duration {
	late := (from + p.Clock - at) % time.Minute
	if late < 0 {
		late += time.Minute
	}
	if late == 0 {
		return from
	}
	return from + time.Minute - late
}

// Drained tells whether a burst has shown where it ends.
func (x ProbePart) Drained() bool {
	return x.TailRefused >= burstRefused && x.End-x.Refusing >= burstTail
}

// Last tells whether the sequence ends with the part.
func (x ProbePart) Last() bool { return x.Turn == ProbeTurns-1 && x.Name == probeGap }

// Note counts a call of the part that was sent at a time.
func (x *ProbePart) Note(at time.Duration, admitted bool) {
	if !admitted && x.Refused == 0 {
		x.Refusing = at
	}
	if admitted {
		x.Admitted++
		if x.Refused > 0 && at > x.Refusing {
			x.TailAdmitted++
		}
		return
	}
	x.Refused++
	x.TailRefused++
}

// over is a rate somewhat above what a limiter seems to admit: what it admitted
// as it was empty, or where that was nothing all that it admitted, which is then
// a window's.
func (p Probing) over(burst ProbePart) float64 {
	admits := float64(burst.Admitted)
	if tail := burst.End - burst.Refusing; burst.TailAdmitted >= tellingOK {
		admits = float64(burst.TailAdmitted) / tail.Minutes()
	}
	return min(p.Rate, max(overLeast*p.Rate, overFactor*admits))
}

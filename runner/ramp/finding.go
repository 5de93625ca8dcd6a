package ramp

import (
	"errors"
	"math"
	"time"
)

// Finding is a search for a limit with the measures of its trials. A trial is
// made of three parts, one right after the other:
//
//	burst   faster than the limit until calls are refused: what the quota had
//	        saved up would hide the limit otherwise
//	settle  at the rate of the trial, for a refill period: a window of time
//	        forgets the burst, and what was overdrawn is paid back
//	measure at the rate of the trial: what is refused now decides
type Finding struct {
	Search
	Measure time.Duration // the least
	Rest    time.Duration // a refill period of the quota
	Loss    float64       // the part of the calls that may be refused
	Tokens  bool          // what a call takes is known only afterwards, and varies
	Most    float64       // the highest rate that may be sent, in bursts too; 0: any

	asked float64 // the width, of a search for tokens
}

// Bounds of the parts of a trial.
const (
	burstOver   = 2    // times the upper end of the search: the fastest burst
	burstRests  = 5    // rests at most: the burst that begins the search
	againRests  = 2    // the one of a trial
	settleRests = 5    // where nothing is admitted, since the tokens are overdrawn
	mostLonger  = 20   // times Measure: the longest measurement
	mostSpread  = 0.6  // of what calls take, that is reckoned with
	narrower    = 0.6  // than asked: a search for tokens
	leastSpread = 0.01 // that is one
	leastShown  = 2    // refused calls that must be due half a width above the limit
)

const defaultTrials = 12

var errSearch = errors.New("the search goes from a lower rate to a higher one: let `from` be above 0 and below `to`")

// FindingOf reads the settings of the shape find.
func FindingOf(a Args) (Finding, error) {
	f := Finding{
		Search:  Search{From: a.Rates["from"], To: a.Rates["to"], Width: a.Factors["width"], Trials: a.Counts["trials"]},
		Measure: a.Durations["trial"], Rest: a.Durations["rest"], Loss: a.Factors["loss"],
	}
	if f.Trials == 0 {
		f.Trials = defaultTrials
	}
	switch {
	case f.From <= 0 || f.To <= f.From:
		return f, errSearch
	case f.Width < 0.01 || f.Width > 0.5:
		return f, errors.New("the `width` of the bracket is from 1% to 50%")
	case f.Loss >= f.Width/4:
		return f, errors.New("a `loss` must be below a quarter of `width`: it could not be told from a rate that is too high")
	case f.Measure < 10*time.Second || f.Rest < 10*time.Second:
		return f, errors.New("`trial` and `rest` are 10s or more: give them a refill period of the quota, which is a minute")
	}
	return f, nil
}

func find(a Args) (Profile, error) {
	f, err := FindingOf(a)
	if err != nil {
		return nil, err
	}
	return Profile{{Name: "find", From: f.From, To: f.To, Length: f.Longest()}}, nil
}

// ForTokens is the search where what a call takes is known only afterwards, and
// varies: the bracket is searched narrower than asked, and then told as wide as
// asked, see [Finding.Told]. A mean of random replies is not known better.
func (f Finding) ForTokens() Finding {
	f.Tokens, f.asked = true, f.Width
	f.Width *= narrower
	return f
}

// Told is the bracket as it is told: that of the search, but for tokens not
// narrower than asked, where replies vary at all.
func (f Finding) Told(l Limit, spread float64) Limit {
	if !f.Tokens || spread < leastSpread || l.Low <= 0 || l.High <= 0 {
		return l
	}
	by := math.Sqrt(max(1, (1+f.asked)*l.Low/l.High))
	return Limit{Low: l.Low / by, High: l.High * by}
}

// Asked is the width that was asked for.
func (f Finding) Asked() float64 {
	if f.Tokens {
		return f.asked
	}
	return f.Width
}

// margin is how far from the limit, as a part of it, a trial lies that is to
// show on which side it is.
func (f Finding) margin() float64 { return 0.45*f.Width - f.Loss }

// Chance is how many of the calls of a trial at the very limit are refused by
// chance, where what calls take has the given spread (standard deviation over
// mean). The level of an empty bucket is a random walk, which falls below zero
// by 0.6 standard deviations of the sum, or so, in all; in a window of time, what
// goes over it is 0.4 (a fixed one) to 0.8 (a sliding one) standard deviations of
// the sum in one window, in each of them. It is not known which of them it is:
// what serves all of them was found by trial.
func (f Finding) Chance(calls int, rate, spread float64) float64 {
	n := float64(calls)
	return spread * max(0.6*math.Sqrt(n), 0.6*n/math.Sqrt(max(1, rate*f.Rest.Minutes())))
}

// Length is how long a trial at a rate is measured: as long as asked for, and so
// long that the refused calls that are due at a rate just above the limit are
// more than the phase of a window hides, and twice what chance does. It is whole
// rests, so that windows of time are measured as a whole.
func (f Finding) Length(rate, spread float64) time.Duration {
	// The root of margin x n = leastShown + 1.6 x spread x sqrt(n).
	m, c := f.margin(), 1.6*min(spread, mostSpread)
	root := (c + math.Sqrt(c*c+4*m*leastShown)) / (2 * m)
	longest := max(f.Measure, mostLonger*f.Rest)
	needed := min(root*root/rate, longest.Minutes()) // as a Duration it could be too long
	d := max(f.Measure, time.Duration(needed*float64(time.Minute)))
	d = (d + f.Rest - 1) / f.Rest * f.Rest
	return min(d, longest)
}

// Fastest is the highest rate that is ever sent, in bursts.
func (f Finding) Fastest() float64 {
	if f.Most > 0 {
		return min(burstOver*f.To, f.Most)
	}
	return burstOver * f.To
}

// Below is the search with no rate above a highest one, in calls a minute. It is
// not ok where the search begins above it.
func (f Finding) Below(most float64) (_ Finding, ok bool) {
	f.Most, f.To = most, min(f.To, most)
	return f, f.From < f.To
}

// BurstCalls is the most calls of all bursts.
func (f Finding) BurstCalls() int {
	return int(f.Fastest() * burstRests * f.Rest.Minutes())
}

// First is how long the burst that begins the search may last, Burst that of a
// trial, and Settle how long a trial settles at most.
func (f Finding) First() time.Duration { return burstRests * f.Rest }
func (f Finding) Burst() time.Duration { return againRests * f.Rest }
func (f Finding) Settle() time.Duration {
	if f.Tokens {
		return settleRests * f.Rest
	}
	return f.Rest
}

// Longest is the longest that the search can take.
func (f Finding) Longest() time.Duration { return f.longest(f.From) }

// LongestAtAll is the same where its rates are not known yet.
func (f Finding) LongestAtAll() time.Duration { return f.longest(0) }

func (f Finding) longest(from float64) time.Duration {
	one := f.Burst() + f.Settle() + f.Length(from, f.expected())
	return f.First() + time.Duration(f.Trials)*one
}

// MostCalls is the most calls that the search can send.
func (f Finding) MostCalls() int {
	at := func(rate float64) float64 { return rate * (f.Settle() + f.Length(rate, f.expected())).Minutes() }
	return f.BurstCalls() + int(float64(f.Trials)*math.Ceil(1+max(at(f.From), at(f.To))))
}

func (f Finding) expected() float64 {
	if f.Tokens {
		return mostSpread
	}
	return 0
}

// Climb is the rate of the burst that begins the search: it doubles six times
// in a rest, from the lower end of the search to the fastest.
func (f Finding) Climb(after time.Duration) float64 {
	return min(f.Fastest(), f.From*math.Exp2(6*float64(after)/float64(f.Rest)))
}

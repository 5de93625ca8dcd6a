package ramp

import "time"

// Sample is a call of a probe that was admitted, or refused by the quota that is
// probed. Times count from a whole minute of the clock.
type Sample struct {
	At       time.Duration // when it was sent
	Admitted bool
	Takes    float64 // of the quota, as it begins
	// Ended is when it took Settled in place of what it took at first; of a call
	// that was admitted.
	Ended   time.Duration
	Settled float64
}

// The algorithms of limiters.
const (
	AlgorithmBucket  = "bucket"
	AlgorithmFixed   = "fixed"
	AlgorithmSliding = "sliding"
	AlgorithmUnknown = "unknown"
)

// How the windows of a fixed minute begin.
const (
	OpensClock  = "clock"  // on the minute of the clock
	OpensCall   = "call"   // with the first call after the one before
	OpensSecond = "second" // at another second of the minute
)

// Limiter is what the samples of a probe tell.
type Limiter struct {
	Algorithm string // unknown where the evidence is not enough
	Why       string // it is unknown
	// Confidence is the probability of the likeliest theory.
	Confidence float64
	Burst      Estimate // admitted at once after a rest
	Refill     Estimate // admitted a minute in the long run
	// Opens and Second tell where the windows of a fixed minute begin.
	Opens  string
	Second float64
	// Refused tells whether refused calls take from the quota: [RefusedCounted],
	// [RefusedFree] or "" where it is not known.
	Refused string
	// Theories are those that were held against the calls, the likeliest first.
	Theories []Theory
}

// What refused calls take from a quota.
const (
	RefusedCounted = "counted"
	RefusedFree    = "free"
)

// Estimate is a number with an interval around it.
type Estimate struct{ Value, Low, High float64 }

// Theory is an algorithm held against the calls of the last turn, with the
// parameters that suit those before.
type Theory struct {
	Algorithm   string // unknown: as if there were no limiter
	Probability float64
	// Off is by how many calls it foretold other than came, as a part of those
	// that were admitted.
	Off float64

	fit   fitted
	score float64 // the logarithm of what it gave to what came
}

package record

// Limiter is what a probe has found out of one model: how the quota that
// throttled its calls is kept. What is not known is null.
type Limiter struct {
	Model string `json:"model"`
	Unit  string `json:"unit"` // rpm or tpm: burst and refill count calls, or quota tokens
	// Algorithm is one of [Algorithms], or unknown; Why then tells the reason.
	Algorithm string `json:"algorithm"`
	// Confidence is the probability of the algorithm, see [Theory].
	Confidence *float64 `json:"confidence"`

	// Burst is what is admitted at once after a rest, and Refill what is admitted
	// a minute in the long run; each with an interval.
	Burst      *float64 `json:"burst"`
	BurstLow   *float64 `json:"burst_low"`
	BurstHigh  *float64 `json:"burst_high"`
	Refill     *float64 `json:"refill"`
	RefillLow  *float64 `json:"refill_low"`
	RefillHigh *float64 `json:"refill_high"`

	// Opens is how the windows of a fixed minute begin: clock (on the minute of
	// the clock), call (with the first call after the one before) or second (at
	// another second of every minute, which is Second).
	Opens  string   `json:"opens,omitempty"`
	Second *float64 `json:"second,omitempty"`
	// Refused tells whether calls that are refused take from the quota: counted
	// or free; "" where that is not known, or makes no difference.
	Refused string `json:"refused,omitempty"`

	// Theories are those that were held against the calls, the likeliest first.
	Theories []Theory `json:"theories,omitempty"`
	Why      string   `json:"why"`
}

// Theory is an algorithm held against the second turn of a probe, with the
// parameters that suit the first.
type Theory struct {
	Algorithm   string  `json:"algorithm"` // unknown: as if there were no limiter
	Probability float64 `json:"probability"`
	// Off is by how many calls it foretold other than came, in spans of 5 s, as a
	// part of the calls that were admitted.
	Off float64 `json:"off"`
}

// The algorithms of limiters.
const (
	AlgorithmBucket  = "bucket"  // refills all the time, up to the burst
	AlgorithmFixed   = "fixed"   // a whole quota for each minute
	AlgorithmSliding = "sliding" // the minute before each call counts
	AlgorithmUnknown = "unknown"
)

// Algorithms are those that an assertion can ask for.
var Algorithms = []string{AlgorithmBucket, AlgorithmFixed, AlgorithmSliding}

// AlgorithmName is the name by which an assertion reads the algorithm, as in
// STEP.limiter.algorithm.
const AlgorithmName = "limiter.algorithm"

// Values answers every metric of a probe.
func (l *Limiter) Values() Values {
	return valuesOf(l, func(m Metric) func(*Limiter) Reading { return m.FromLimiter })
}

// Algorithm is that of the limiter of a model, by a step's probe; "" where it is
// not known: an assertion that reads it then has no data.
func (r *Run) Algorithm(step, model string) string {
	for i := range r.Steps {
		if r.Steps[i].Name != step || r.Steps[i].Load == nil {
			continue
		}
		for _, l := range r.Steps[i].Load.Limiters {
			if l.Model == model && l.Algorithm != AlgorithmUnknown {
				return l.Algorithm
			}
		}
	}
	return ""
}

package record

// Trial is one part of a search for the highest rate that holds.
type Trial struct {
	Model string `json:"model"`
	// Kind is burst (calls in a rising rate until some were throttled, which
	// decides nothing) or trial; of a probe, whose parts decide together, burst,
	// over, again or gap.
	Kind string  `json:"kind"`
	Rate float64 `json:"rate"` // in the unit that is searched; of a burst the one it reached
	RPM  float64 `json:"rpm"`  // the same in calls a minute
	// Start and Length are those of the measured part. Start counts from the
	// start of the step. What a trial sends before is not counted here.
	Start  Duration `json:"start"`
	Length Duration `json:"length"`

	Attempts  int `json:"attempts"`
	OK        int `json:"ok"`
	Throttled int `json:"throttled"`
	Capacity  int `json:"capacity"`
	Errors    int `json:"errors"` // neither ok, nor throttled, nor capacity
	Dropped   int `json:"dropped"`

	// Verdict is held or failed; "" where the part decides nothing.
	Verdict string `json:"verdict"`
	Why     string `json:"why"`
	// BoundBy is what kept the rate from holding, one of [Bounds].
	BoundBy string `json:"bound_by,omitempty"`
}

// The kinds and verdicts of trials.
const (
	TrialBurst  = "burst"
	TrialRate   = "trial"
	TrialHeld   = "held"
	TrialFailed = "failed"
)

// Limit is what a search has found of one model. Low is nil where no rate held,
// and High where every rate did.
type Limit struct {
	Model   string   `json:"model"`
	Unit    string   `json:"unit"` // rpm or tpm
	Low     *float64 `json:"low"`
	High    *float64 `json:"high"`
	BoundBy string   `json:"bound_by"` // one of [Bounds]; "" where it is not known
	Why     string   `json:"why"`
}

// What can bound the rate of calls.
const (
	BoundRPM         = "rpm"
	BoundTPM         = "tpm"
	BoundReservation = "tpm_reservation" // of tokens, by what calls under way hold
	BoundTPD         = "tpd"
	BoundConcurrency = "concurrency"
	BoundCapacity    = "capacity"    // AWS had no room, whatever the quota
	BoundUnspecified = "unspecified" // a throttle of which AWS named no limit that is known
	BoundErrors      = "errors"
	BoundGenerator   = "generator" // the program that sent the calls
	BoundNone        = "none"      // nothing did, up to the end of the search
)

// Bounds lists them all.
var Bounds = []string{BoundRPM, BoundTPM, BoundReservation, BoundTPD, BoundConcurrency, BoundCapacity, BoundUnspecified, BoundErrors, BoundGenerator, BoundNone}

// BoundByName is the name by which an assertion reads what bound a search, as
// in STEP.limit.bound_by.
const BoundByName = "limit.bound_by"

// Values answers every metric of a search.
func (l *Limit) Values() Values {
	return valuesOf(l, func(m Metric) func(*Limit) Reading { return m.FromLimit })
}

// BoundBy is what bound the search of a model in a step; "" where nothing is
// known of it.
func (r *Run) BoundBy(step, model string) string {
	for i := range r.Steps {
		if r.Steps[i].Name != step || r.Steps[i].Load == nil {
			continue
		}
		for _, l := range r.Steps[i].Load.Limits {
			if l.Model == model {
				return l.BoundBy
			}
		}
	}
	return ""
}

package record

// Client is what stands between the calls of a step and the wire: it lets them
// wait for their turn in the quota, and retries them.
type Client struct {
	Label  string  `json:"label"` // in a few words, such as "paced at 90 %, full-jitter"
	Pacing *Pacing `json:"pacing,omitempty"`
	Retry  Retry   `json:"retry"`
}

// Pacing is how calls wait for their turn.
type Pacing struct {
	Share    float64  `json:"share"`              // of each limit, as a fraction
	MaxWait  Duration `json:"max_wait,omitempty"` // 0: without an end
	Adaptive bool     `json:"adaptive,omitempty"` // the rate follows the throttles
	// Limits are those that calls are held to, before the share: of each model or,
	// where models take from one quota, of them together.
	Limits []PacedLimit `json:"limits,omitempty"`
}

// PacedLimit is what the calls of some models are held to; 0 is no limit.
type PacedLimit struct {
	Models     []string `json:"models"`
	RPM        float64  `json:"rpm,omitempty"`
	TPM        float64  `json:"tpm,omitempty"`
	Concurrent int      `json:"concurrent,omitempty"`
}

// Retry is which calls are tried again, and when.
type Retry struct {
	Policy      string   `json:"policy"`       // none, exponential, full-jitter, equal-jitter, decorrelated-jitter
	MaxAttempts int      `json:"max_attempts"` // of a call, the first included
	Base        Duration `json:"base,omitempty"`
	Cap         Duration `json:"cap,omitempty"`
	Budget      float64  `json:"budget,omitempty"` // retries for each call, over all calls of a model, and ten to begin with; 0: no bound
}

package sim

import (
	"strings"
	"time"
)

// An Account is a checked account file. Parse is the only way to get one.
type Account struct {
	ID     string // twelve digits
	Region string
	Seed   uint64 // keys every random draw

	quotas       []quota
	models       []*model
	profiles     []*profile
	provisioned  []provisioned
	traffic      []*traffic
	metricsDelay time.Duration // how long after its end CloudWatch shows a minute
	quotaRates   bool          // Service Quotas limits its own rates, see servicequotas.go
	credentials  []credential  // with bearerKeys, who may call; both empty: everyone, see auth.go
	bearerKeys   []string
	tpd          int64 // tokens a day of all models together; 0: unlimited
	tpdAlgorithm string
	faults       []*faultRule
}

// quota is one row of Service Quotas, of the service "bedrock".
type quota struct {
	code, name string
	value      float64 // applied in this account; 0 means not entitled
	byDefault  float64 // what AWS gives without a request
	adjustable bool
	unapplied  bool        // it has no applied value; value then has no meaning
	failed     *quotaError // why the applied value can not be read; nil: it can
}

// model is a foundation model.
type model struct {
	id, name, provider string
	inferenceTypes     []string // ON_DEMAND, PROVISIONED, INFERENCE_PROFILE
	modalities         []string // of the output: TEXT, IMAGE, EMBEDDING, VIDEO, SPEECH
	lifecycle          string   // ACTIVE, LEGACY
	streaming          bool
	tokenHeaders       bool    // replies of InvokeModel tell the token counts in headers
	burndown           float64 // quota tokens that one output token costs
	maxOutput          int64   // tokens reserved where a call sets no max_tokens
	firstToken         time.Duration
	perToken           time.Duration
	latencySpread      float64 // standard deviation over mean
	outputMean         float64 // tokens of a reply that nothing cuts
	outputSpread       float64
	underLoad          float64 // factor on the latency where the pool is full
	midStreamThrottle  float64 // fraction of the streams that a throttle ends
	limits             *limits // of its on-demand pool; nil: none
	access             access
	lifetime           lifetime
	customizations     []string // FINE_TUNING, CONTINUED_PRE_TRAINING, DISTILLATION
	price              *price   // nil: the Price List does not have it
	cache              cache
	optimized          optimized
	capacity           []capacity    // the first that holds decides
	coldStart          time.Duration // not ready for so long after its first call
}

// profile is an inference profile: of the system (a geography or global), or
// of the application where its id is an application-inference-profile ARN.
type profile struct {
	id, name string
	models   []string // base model ids; an application profile may name a system profile instead
	limits   *limits
}

// limits is what a pool enforces. 0 means unlimited, for every amount.
type limits struct {
	rpm, tpm, tpd int64 // requests or tokens per minute, tokens per day
	concurrent    int64 // calls in flight
	algorithm     string
	burst         int64 // capacity of the rpm bucket; default rpm
	burstTokens   int64 // capacity of the tpm bucket; default tpm

	adjust              time.Duration // between adjustments of a reservation; 0: none
	notEntitled         bool          // every quota is zero
	throttledConsumeRPM bool
}

// provisioned is a row of Provisioned Throughput.
type provisioned struct {
	arn, name, model   string
	units              int64
	status, commitment string
	created            time.Time
}

// traffic is background load on a model or profile, see background.go.
type traffic struct {
	model        string
	rpm          float64 // attempts a minute, at the trough of the cycle where peak is set
	peak         float64 // attempts a minute at the top of the cycle; 0: no cycle
	period       time.Duration
	growth       float64 // fraction a day, relative to the account's start
	weekend      float64 // factor on Saturdays and Sundays UTC
	throttled    float64 // fraction of the attempts
	inputTokens  int64   // of a successful call
	outputTokens int64
	latency      time.Duration
	since        time.Duration // how long before the account's start it began; 0: always
	incidents    []incident
}

// incident changes a traffic row for a while. A nil field leaves it as it is.
type incident struct {
	ago, length    time.Duration // ago is how long before the account's start it began
	throttled, rpm *float64
}

// latencyMean is the mean time to the last token of n output tokens.
func (m *model) latencyMean(n float64) time.Duration {
	return m.firstToken + time.Duration(n*float64(m.perToken))
}

// has reports whether the model offers an inference type.
func (m *model) has(inferenceType string) bool {
	for _, t := range m.inferenceTypes {
		if t == inferenceType {
			return true
		}
	}
	return false
}

// isText reports whether the model answers in text.
func (m *model) isText() bool {
	for _, t := range m.modalities {
		if t == "TEXT" {
			return true
		}
	}
	return false
}

// isApplication reports whether the profile is an application profile.
func (p *profile) isApplication() bool {
	return strings.Contains(p.id, ":application-inference-profile/")
}

// scope is the kind of pool that a call takes from. All geographies share one.
type scope string

const (
	onDemand              scope = "on-demand"
	geo                   scope = "geo"
	global                scope = "global"
	latencyOptimizedScope scope = "latency-optimized" // whatever the id
)

// scopeOf says whose pool a system profile uses.
func scopeOf(profileID string) scope {
	if strings.HasPrefix(profileID, "global.") {
		return global
	}
	return geo
}

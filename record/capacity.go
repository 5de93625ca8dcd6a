package record

import "time"

// ModelCapacity is what AWS has for a model beside its quotas. The words are AWS's
// own; a word is "" and a number nil where it was not read.
type ModelCapacity struct {
	// Access sums up the four words after it: AVAILABLE where all allow calls,
	// else NOT_AVAILABLE, or PENDING where only an agreement is under way.
	Access        string `json:"access"`
	Agreement     string `json:"agreement"`     // AVAILABLE, PENDING, NOT_AVAILABLE, ERROR
	Authorization string `json:"authorization"` // AUTHORIZED, NOT_AUTHORIZED
	Entitlement   string `json:"entitlement"`   // AVAILABLE, NOT_AVAILABLE
	Region        string `json:"region"`        // AVAILABLE, NOT_AVAILABLE

	Lifecycle string     `json:"lifecycle"`             // ACTIVE, LEGACY
	Legacy    *time.Time `json:"legacy,omitempty"`      // since when, or from when
	EndOfLife *time.Time `json:"end_of_life,omitempty"` // no calls from then on
	// EndOfLifeDays is how many days are left until then; negative afterwards.
	EndOfLifeDays *float64 `json:"end_of_life_days,omitempty"`

	InferenceTypes []string `json:"inference_types"` // ON_DEMAND, PROVISIONED, INFERENCE_PROFILE
	OnDemand       *bool    `json:"on_demand"`       // whether ON_DEMAND is among them
	Profiles       []string `json:"profiles"`        // ids of the inference profiles that reach the model

	// ProvisionedUnits adds up the model units that are in service.
	ProvisionedUnits *float64     `json:"provisioned_units"`
	Provisioned      []Throughput `json:"provisioned"`
}

// Throughput is a Provisioned Throughput of the model.
type Throughput struct {
	ARN    string `json:"arn"`
	Name   string `json:"name"`
	Status string `json:"status"` // Creating, InService, Updating, Failed
	Units  int    `json:"units"`
	// Commitment is OneMonth or SixMonths, and "" where there is none.
	Commitment string     `json:"commitment"`
	Ends       *time.Time `json:"ends,omitempty"` // of the commitment
}

// CapacityField is one thing of a capacity that an assertion can read: a word,
// or else a number or a true/false.
type CapacityField struct {
	Name, Doc string
	Words     []string // all that Word can be
	Word      func(*ModelCapacity) string
	Bool      bool
	Number    func(*ModelCapacity) Reading // 1 and 0 for true and false
}

// CapacityFields lists them, by the names that they have in run.json.
var CapacityFields = []CapacityField{
	{Name: "access", Doc: "Whether the account may call the model: AVAILABLE where agreement, authorization, entitlement and Region all allow it.", Words: []string{"AVAILABLE", "PENDING", "NOT_AVAILABLE"}, Word: func(c *ModelCapacity) string { return c.Access }},
	{Name: "agreement", Doc: "The state of the agreement with the model's provider.", Words: []string{"AVAILABLE", "PENDING", "NOT_AVAILABLE", "ERROR"}, Word: func(c *ModelCapacity) string { return c.Agreement }},
	{Name: "authorization", Doc: "Whether the account is authorized for the model.", Words: []string{"AUTHORIZED", "NOT_AUTHORIZED"}, Word: func(c *ModelCapacity) string { return c.Authorization }},
	{Name: "entitlement", Doc: "Whether the account is entitled to the model.", Words: []string{"AVAILABLE", "NOT_AVAILABLE"}, Word: func(c *ModelCapacity) string { return c.Entitlement }},
	{Name: "region", Doc: "Whether the Region has the model.", Words: []string{"AVAILABLE", "NOT_AVAILABLE"}, Word: func(c *ModelCapacity) string { return c.Region }},
	{Name: "lifecycle", Doc: "Where the model stands in its life.", Words: []string{"ACTIVE", "LEGACY"}, Word: func(c *ModelCapacity) string { return c.Lifecycle }},
	{Name: "end_of_life_days", Doc: "Days until calls end; no data where AWS gives no date.", Number: func(c *ModelCapacity) Reading { return readPointer(c.EndOfLifeDays) }},
	{Name: "on_demand", Doc: "Whether the model can be called without an inference profile and without Provisioned Throughput.", Bool: true, Number: func(c *ModelCapacity) Reading {
		switch {
		case c.OnDemand == nil:
			return Reading{}
		case *c.OnDemand:
			return Read(1, 1)
		}
		return Read(0, 1)
	}},
	{Name: "provisioned_units", Doc: "Model units of Provisioned Throughput that are in service.", Number: func(c *ModelCapacity) Reading { return readPointer(c.ProvisionedUnits) }},
}

func readPointer(v *float64) Reading {
	if v == nil {
		return Reading{}
	}
	return Read(*v, 1)
}

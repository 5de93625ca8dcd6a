package record

// Ambient is how much of the quotas of a model others used before a load step,
// and what is left of them for the step, per minute.
type Ambient struct {
	Model string `json:"model"`
	// IDs are the ids of CloudWatch whose calls were added up.
	IDs []string `json:"ids"`
	// RPM and TPM are those of the busiest minute; nil where CloudWatch told
	// nothing.
	RPM *float64 `json:"rpm"`
	TPM *float64 `json:"tpm"`
	// Minutes is in how many of the minutes read any call was told.
	Minutes int `json:"minutes"`
	// CapRPM is the highest rate of the step's calls to the model, and BoundBy
	// the dimension of the quota that sets it.
	CapRPM  float64 `json:"cap_rpm"`
	BoundBy string  `json:"bound_by"`
}

// Values answers every metric of what others used.
func (a *Ambient) Values() Values {
	return valuesOf(a, func(m Metric) func(*Ambient) Reading { return m.FromAmbient })
}

// told is a number of CloudWatch; no data where it told none.
func (a *Ambient) told(v *float64) Reading {
	if v == nil {
		return Reading{}
	}
	return Read(*v, a.Minutes)
}

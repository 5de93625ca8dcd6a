package record

// Guard is what a load step saw of others in CloudWatch while it sent: only where
// stop_when reads ambient.*.
type Guard struct {
	Model string `json:"model"`
	// IDs are the ids of CloudWatch whose calls were added up.
	IDs   []string `json:"ids"`
	Reads int      `json:"reads"` // of CloudWatch, that went well
	// Failed is how many reads did not.
	Failed int `json:"failed,omitempty"`
	// Minutes is how many whole minutes CloudWatch told of, from the first that
	// began after the step did.
	Minutes int `json:"minutes"`
	// Throttles are calls of others that were throttled in these minutes, and RPM
	// their attempts a minute: at least, as calls of ours near the edge of a minute
	// are taken for ours on both sides. nil where CloudWatch told nothing.
	Throttles *float64 `json:"throttles"`
	RPM       *float64 `json:"rpm"`
}

// What a load step with a live guard knows of others.
var guardMetrics = []Metric{
	{Name: "ambient.throttles", Unit: "calls", Doc: "Calls of others that were throttled while the step sent, by all ids that share the model's quotas: at least, in the whole minutes that CloudWatch had told of by then. No data unless `stop_when` reads ambient.*, and where CloudWatch told nothing.", FromGuard: func(g *Guard) Reading {
		if g.Throttles == nil {
			return Reading{}
		}
		return Read(*g.Throttles, g.Minutes)
	}},
}

// Values answers every metric of a guard.
func (g *Guard) Values() Values {
	return valuesOf(g, func(m Metric) func(*Guard) Reading { return m.FromGuard })
}

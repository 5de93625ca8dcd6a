package record

import "time"

// Distribution is how a time spreads over the measured calls of one model that
// were ok: the value in ms that so many percent of them do not exceed.
type Distribution struct {
	Model string `json:"model"`
	Name  string `json:"name"`  // latency_ms or ttft_ms, as in Metrics
	Calls int    `json:"calls"` // behind it
	// Percents and Values stand side by side. A percentile above which not one call
	// would lie is left out, but for 100, which is the longest.
	Percents []float64 `json:"percents"`
	Values   []float64 `json:"values"`
}

// spread are the percentiles of a distribution, in tenths of a percent, so that
// ranks are whole.
var spread = []int{10, 50, 100, 250, 500, 750, 900, 950, 990, 999, 1000}

// Distributions are those of the latency and, of streams, of the time to the
// first text. What has no data is left out.
func (f *Fold) Distributions(model string) []Distribution {
	t := f.total()
	var out []Distribution
	for _, row := range []struct {
		name string
		of   *latency
	}{{"latency_ms", &t.latency}, {"ttft_ms", &t.ttft}} {
		h := row.of.hist
		if h == nil || h.n == 0 {
			continue
		}
		d := Distribution{Model: model, Name: row.name, Calls: int(h.n)}
		for _, p := range spread {
			if p < 1000 && uint64(1000-p)*h.n < 1000 {
				continue
			}
			d.Percents = append(d.Percents, float64(p)/10)
			d.Values = append(d.Values, float64(h.rank((uint64(p)*h.n+999)/1000))/float64(time.Millisecond))
		}
		out = append(out, d)
	}
	return out
}

package record

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// CountedRate is the counts behind a share of calls, of a step as a whole or of a
// window at its end. Those of its stages are the windows with their number.
type CountedRate struct {
	Model string `json:"model"` // "" for all models together
	// Phase is the window that assertions read, as in Phase.Name; "" for the step.
	Phase   string       `json:"phase,omitempty"`
	Metric  string       `json:"metric"` // throttle_rate, error_rate, goodput
	Hits    int          `json:"hits"`
	Trials  int          `json:"trials"`
	Windows []RateWindow `json:"windows"`
}

// RatesOf lists the rates that a step measured, by model, over all models, and in
// the windows at its end.
func RatesOf(values map[string]Values, totals Values, load *Load) (out []CountedRate) {
	add := func(phase string, values map[string]Values, totals Values) {
		one := func(model string, v Values) {
			for _, m := range Metrics {
				if r := v[m.Name]; r.Rate != nil && !slices.ContainsFunc(out, func(c CountedRate) bool { return c.Model == model && c.Phase == phase && c.Metric == m.Name }) {
					out = append(out, CountedRate{Model: model, Phase: phase, Metric: m.Name, Hits: r.Rate.Hits, Trials: r.Rate.Trials, Windows: r.Rate.Windows})
				}
			}
		}
		for _, model := range slices.Sorted(maps.Keys(values)) {
			one(model, values[model])
		}
		one("", totals)
	}
	add("", values, totals)
	if load != nil {
		for _, p := range load.Phases {
			if p.Stages == nil {
				add(p.Name, p.Values, p.Totals)
			}
		}
	}
	return out
}

// ReadRun reads run.json, and puts the counts behind rates back to their
// readings. The samples of other readings are not kept there.
func ReadRun(src []byte) (*Run, error) {
	r := &Run{}
	if err := json.Unmarshal(src, r); err != nil {
		return nil, err
	}
	for i := range r.Steps {
		s := &r.Steps[i]
		for k := range s.Rates {
			r.count(s, &s.Rates[k])
		}
	}
	return r, nil
}

// count puts the counts of a rate to the readings that have it.
func (r *Run) count(s *Step, c *CountedRate) {
	load := s.Load
	if load == nil {
		load = &Load{}
	}
	if c.Phase != "" {
		for _, p := range load.Phases {
			if p.Name == c.Phase {
				c.to(p.Values[c.Model], p.Totals, nil)
			}
		}
		return
	}
	i := slices.IndexFunc(r.Models, func(m Model) bool { return m.Name == c.Model })
	if i >= 0 {
		c.to(r.Models[i].Steps[s.Name], nil, nil)
	}
	c.to(nil, r.Totals[s.Name], nil)
	for i, stage := range load.Stages {
		c.to(stage.Values[c.Model], stage.Totals, []int{i})
	}
	for _, p := range load.Phases {
		if p.Stages != nil {
			c.to(p.Values[c.Model], p.Totals, p.Stages)
		}
	}
}

// to puts the counts, of some stages if any are given, to the reading of the
// model, or of all models.
func (c *CountedRate) to(model, totals Values, stages []int) {
	in := model
	if c.Model == "" {
		in = totals
	}
	reading, ok := in[c.Metric]
	if !ok || !reading.Known {
		return
	}
	rate := &Rate{}
	for _, w := range c.Windows {
		if stages == nil || slices.Contains(stages, w.Stage) {
			rate.Hits += w.Hits
			rate.Trials += w.Trials
			rate.Windows = append(rate.Windows, w)
		}
	}
	reading.Rate, reading.Samples = rate, rate.Trials
	in[c.Metric] = reading
}

// Baseline names an earlier run.
type Baseline struct {
	Scenario string    `json:"scenario"`
	Digest   string    `json:"digest"` // of its scenario's file
	Started  time.Time `json:"started"`
	Verdict  Verdict   `json:"verdict"`
}

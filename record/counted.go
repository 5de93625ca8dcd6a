package record

import (
	"encoding/json"
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

// ratesOf lists the rates that were measured.
func ratesOf(models []string, f *Folded) (out []CountedRate) {
	add := func(model, phase string, v Values) {
		for _, m := range Metrics {
			if r := v[m.Name]; m.Share && r.Rate != nil {
				out = append(out, CountedRate{Model: model, Phase: phase, Metric: m.Name, Hits: r.Rate.Hits, Trials: r.Rate.Trials, Windows: r.Rate.Windows})
			}
		}
	}
	for _, m := range models {
		add(m, "", f.Values[m])
	}
	add("", "", f.Totals)
	for _, p := range f.Load.Phases {
		if p.Stages != nil {
			continue
		}
		for _, m := range models {
			add(m, p.Name, p.Values[m])
		}
		add("", p.Name, p.Totals)
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
		if s.Load == nil {
			continue
		}
		for k := range s.Load.Rates {
			r.count(s, &s.Load.Rates[k])
		}
	}
	return r, nil
}

// count puts the counts of a rate to the readings that have it.
func (r *Run) count(s *Step, c *CountedRate) {
	if c.Phase != "" {
		for _, p := range s.Load.Phases {
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
	for i, stage := range s.Load.Stages {
		c.to(stage.Values[c.Model], stage.Totals, []int{i})
	}
	for _, p := range s.Load.Phases {
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

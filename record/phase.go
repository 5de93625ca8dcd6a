package record

import (
	"maps"
	"slices"
	"time"
)

// Phase is a part of a load step that assertions read by itself.
type Phase struct {
	// Name is how assertions call it: stage("hold"), window(last: 1m).
	Name   string   `json:"name"`
	Start  Duration `json:"start"` // after the start of the step
	Length Duration `json:"length"`
	// Stages are the stages that it is made of, from 0; nil for a window.
	Stages []int `json:"stages,omitempty"`
	// Values are what was measured in it, by model, and Totals over all models: the
	// metrics of calls, without the warm-up. What has no data is left out.
	Values map[string]Values `json:"values,omitempty"`
	Totals Values            `json:"totals,omitempty"`
}

// tail is what a window at the end of a step adds up: a fold of the calls that
// came due from then on.
type tail struct {
	name string
	from time.Duration
	fold *Fold
}

// watch makes the fold count the windows among some phases by themselves. It
// comes before the first call.
func (f *Fold) watch(phases []Phase) {
	for _, p := range phases {
		if p.Stages == nil {
			f.addTail(p.Name, time.Duration(p.Start))
		}
	}
}

func (f *Fold) addTail(name string, from time.Duration) {
	sub := NewFold(f.start, f.period)
	sub.slo, sub.whole = f.slo, f
	f.tails = append(f.tails, tail{name, from, sub})
}

// PhaseValues answers the metrics for the calls of a phase. What has no data is
// left out; first_throttle_s counts from the start of the step.
func (f *Fold) PhaseValues(p Phase) Values {
	if p.Stages != nil {
		return f.stagesValues(p.Stages)
	}
	v := Values{}
	if i := slices.IndexFunc(f.tails, func(t tail) bool { return t.name == p.Name }); i >= 0 {
		v = f.tails[i].fold.Values()
	}
	return v.withData()
}

func (f *Fold) stagesValues(stages []int) Values {
	t := &Tally{}
	for _, i := range stages {
		if s, ok := f.stages[i]; ok {
			t.Merge(s)
		}
	}
	return f.read(t, stages).withData()
}

func (v Values) withData() Values {
	maps.DeleteFunc(v, func(_ string, r Reading) bool { return !r.Known })
	return v
}

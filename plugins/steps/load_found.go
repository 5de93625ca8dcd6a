package steps

import (
	"fmt"
	"maps"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// found adds what the searches and probes have found to the result of the step.
func (s *sending) found(out *plugins.Result) {
	if !s.course.shape.Search {
		return
	}
	load := out.Step.Load
	load.Stages[0].Length = 0 // the profile holds the longest that it could take
	for _, k := range s.seekers {
		load.Trials = append(load.Trials, k.trials...)
		load.Stages[0].Length = max(load.Stages[0].Length, record.Duration(k.at.Round(time.Millisecond)))
	}
	for _, p := range s.probers {
		l := p.limiter()
		load.Limiters = append(load.Limiters, l)
		maps.Copy(out.Values[l.Model], l.Values())
		if len(s.probers) == 1 {
			maps.Copy(out.Totals, l.Values())
		}
	}
	for _, f := range s.finders {
		l := f.limit()
		load.Limits = append(load.Limits, l)
		maps.Copy(out.Values[l.Model], l.Values())
		if len(s.finders) == 1 {
			maps.Copy(out.Totals, l.Values())
		}
	}
}

// limit is the bracket, in the unit that is searched.
func (f *finder) limit() record.Limit {
	l := record.Limit{Model: f.s.targets[f.model].Name, Unit: searched(f.s.course.node)}
	found := f.Search.Limit(f.shown())
	scale := f.s.unit(f.s.targets[f.model])
	found = f.Told(found, f.spread())
	if found.Low > 0 {
		v := found.Low * scale
		l.Low = &v
	}
	if found.High > 0 {
		v := found.High * scale
		l.High = &v
		l.BoundBy = f.boundAt()
	}
	to := fmt.Sprintf("%.6g %s", f.To*scale, l.Unit)
	switch {
	case f.stopped != "":
		l.Why = "the search ended early: " + f.stopped
		if f.trials[len(f.trials)-1].BoundBy == record.BoundTPD || f.stopped == dayOver {
			l.BoundBy = record.BoundTPD
		}
	case l.Low == nil && l.High == nil:
		l.Why = "no trial came to an end"
	case l.Low == nil:
		l.Why = "no rate held, down to the lowest that was tried"
	case l.High == nil && found.Low*(1+f.Width) >= f.To:
		l.BoundBy, l.Why = record.BoundNone, "all rates held, up to "+to
	case l.High == nil || found.High > found.Low*(1+f.Asked())*1.001:
		l.Why = fmt.Sprintf("%d trials did not make the bracket as narrow as wanted", len(f.history))
	default:
		l.Why = fmt.Sprintf("%d trials", len(f.history))
	}
	return l
}

// boundAt is what bound the trials of the rate that is the upper end.
func (f *finder) boundAt() (by string) {
	shown := f.shown()
	high := f.Search.Limit(shown).High
	best := 0.0
	for i, t := range shown {
		near := 1 / (1 + max(t.Offered-high, high-t.Offered))
		if !t.Held && near > best {
			best, by = near, f.trials[f.history[i].trial].BoundBy
		}
	}
	return by
}

package report

import (
	"math"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/chart"
)

// wavePoints is of how many points one wave is drawn.
const wavePoints = 48

// waveOf is the rate of a model along the waves of a ramp, as it was meant: calls
// are whole, and those of a slow wave tell little of its curve. It is false where
// no stage has one.
func waveOf(l *record.Load, model string, t times) (chart.Line, bool) {
	out := chart.Line{Name: "wave", Look: chart.High}
	for i := range l.Stages {
		s := &l.Stages[i]
		if w := time.Duration(s.WavePeriod); w > 0 && s.SwingRPM > 0 && (out.Period == 0 || w/wavePoints < out.Period) {
			out.Period = w / wavePoints
		}
	}
	length := t.end.Sub(t.start)
	if out.Period <= 0 || length <= 0 {
		return out, false
	}
	out.Period = max(out.Period, length/maxWavePoints)
	for at := out.Period / 2; at < length; at += out.Period {
		out.Values = append(out.Values, waveAt(l, model, at))
	}
	return out, anyKnown(out.Values)
}

// maxWavePoints is above what a chart can show apart.
const maxWavePoints = 5000

// waveAt is the rate at a time after the start; nil outside of waves.
func waveAt(l *record.Load, model string, at time.Duration) *float64 {
	for i := range l.Stages {
		s := &l.Stages[i]
		into := at - time.Duration(s.Start)
		if s.WavePeriod <= 0 || s.SwingRPM <= 0 || into < 0 || into >= time.Duration(s.Length) {
			continue
		}
		from, to, swing, most := s.FromRPM, s.ToRPM, s.SwingRPM, s.MostRPM
		for _, m := range s.Models {
			if m.Model == model {
				from, to, swing, most = m.FromRPM, m.ToRPM, m.SwingRPM, m.MostRPM
			}
		}
		if most > 0 && most <= max(from, to) {
			return nil // the line itself is cut off, and its height not told
		}
		rate := from + (to-from)*into.Seconds()/time.Duration(s.Length).Seconds() + swing*math.Sin(2*math.Pi*into.Seconds()/time.Duration(s.WavePeriod).Seconds())
		if most > 0 {
			rate = min(rate, most)
		}
		return &rate
	}
	return nil
}

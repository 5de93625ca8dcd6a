package steps

import (
	"fmt"
	"time"

	"github.com/loadline-dev/loadline/internal/expression"
	"github.com/loadline-dev/loadline/internal/statistics"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// stopRule is what ends the ramp of a model early.
type stopRule struct {
	program *expression.Program // nil: nothing does
	text    string
	// confidence is how sure each look has to be that a rate is beyond its limit; 0
	// compares what was measured.
	confidence float64
}

// bindStop compiles stop_when, or the shape's own condition.
func (l *load) bindStop(b *plugins.Binding, body *scenarios.Node) {
	sure := loadType.Get(body, "stop_confidence")
	if body.Get("stop_confidence") != nil || !l.course.shape.PerStage {
		l.stop.confidence = sure.Float()
	}
	if n := body.Get("stop_when"); n != nil {
		l.stop.program, l.stop.text = b.Compile(n, stopNames(), nil), n.Text()
		return
	}
	if l.course.shape.StopWhen == "" {
		return
	}
	program, faults := expression.Compile(l.course.shape.StopWhen, stopNames(), nil)
	if len(faults) > 0 {
		panic(fmt.Sprintf("stop condition of shape %s: %v", l.course.shape.Name, faults))
	}
	l.stop.program, l.stop.text = program, l.course.shape.StopWhen
}

// stopNames are the names that stop_when can read.
func stopNames() expression.Names {
	names := expression.Names{}
	for _, m := range record.Metrics {
		if m.FromCalls != nil {
			names[m.Name] = expression.Number
		}
	}
	return liveNames(names)
}

// over is the rule for a ramp that is looked at in so many parts, each with calls
// of its own: together they may be wrong as often as the rule says.
func (r stopRule) over(parts int) stopRule {
	if r.confidence > 0 {
		r.confidence = 1 - (1-r.confidence)/float64(max(1, parts))
	}
	return r
}

// stopParts is in how many parts a ramp is looked at: windows, or stages.
func (l *load) stopParts() int {
	if l.course.shape.PerStage {
		return len(l.profile)
	}
	return int((l.profile.Length() + l.stopWindow - time.Nanosecond) / l.stopWindow)
}

// ask says why to stop, by what was measured, or "". A condition that reads what
// has no data yet does not stop, nor one that reads a rate, or a percentile, of so
// few calls that they do not show it. But where what has no data is what others
// do, of which CloudWatch tells late, it does if it holds whatever they do.
func (r stopRule) ask(measured record.Values) string {
	values, shown := map[string]any{}, ""
	for _, name := range r.program.Reads() {
		reading := measured[name]
		if !reading.Known && isLive(name) {
			values[name] = expression.Range{Low: less, High: more}
			shown += fmt.Sprintf(", %s is not known yet", name)
			continue
		}
		if !reading.Known || r.confidence > 0 && reading.Samples < record.Least(name) {
			return ""
		}
		values[name] = expression.Exactly(reading.Value)
		shown += fmt.Sprintf(", %s = %.4g", name, reading.Value)
		if reading.Rate != nil && r.confidence > 0 {
			i := statistics.Sequence(reading.Rate.Hits, reading.Rate.Trials, r.confidence)
			values[name] = expression.Range{Low: i.Low, High: i.High}
			shown += fmt.Sprintf(" (%d of %d, surely %.4g to %.4g)", reading.Rate.Hits, reading.Rate.Trials, i.Low, i.High)
		}
	}
	if answer, err := r.program.Decide(values); err != nil || answer != expression.Yes {
		return ""
	}
	return fmt.Sprintf("stop_when: %s%s", r.text, shown)
}

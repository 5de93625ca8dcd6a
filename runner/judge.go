package runner

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/loadline-dev/loadline/internal/expression"
	"github.com/loadline-dev/loadline/internal/statistics"
	"github.com/loadline-dev/loadline/record"
)

// Judge judges a run that was put together from its journal. It did not end, so
// that only a failed assertion tells more than that.
func (p *Plan) Judge(r *record.Run) {
	r.Assertions = p.judge(r)
	r.Verdict = record.Overall(r.Assertions)
	r.Exit = record.ExitEnvironment
	if r.Verdict == record.Fail {
		r.Exit = record.ExitFail
	}
}

// judge answers every assertion from the record.
func (p *Plan) judge(r *record.Run) []record.Assertion {
	out := []record.Assertion{}
	for _, a := range p.assertions {
		for _, model := range a.models {
			out = append(out, p.judgeOne(r, a, model))
		}
	}
	return out
}

func (p *Plan) judgeOne(r *record.Run, a assertion, model string) record.Assertion {
	pos := a.written.ExprNode.Place(0)
	out := record.Assertion{
		Name: record.CleanLine(a.written.Name.Value), Model: model, Expr: record.Clean(strings.TrimSpace(a.written.Expr.Value)),
		Severity: a.written.Severity.Value, File: r.Scenario.File, Line: pos.Line, Column: pos.Column,
		Values: map[string]record.Reading{}, Samples: map[string]int{},
	}
	values := map[string]any{}
	var missing []string
	for _, name := range a.program.Reads() {
		reading, word, isBool := p.read(r, model, name)
		if word != "" {
			if out.Words == nil {
				out.Words = map[string]string{}
			}
			out.Words[name], values[name] = word, word
			continue
		}
		out.Values[name], out.Samples[name] = reading, reading.Samples
		switch {
		case !reading.Known:
			missing = append(missing, name)
		case isBool:
			values[name] = reading.Value != 0
		default:
			values[name] = p.span(r, &out, name, reading, a.written.Confidence.Value)
		}
	}
	// No data is decided before evaluation: an expression must not get the
	// chance to make something of nothing.
	if why := p.short(r, a); why != "" {
		out.Verdict, out.Reason = record.Unknown, why
		return out
	}
	if len(missing) > 0 {
		out.Verdict, out.Reason = record.Unknown, "no data for "+strings.Join(missing, ", ")
		if a.written.OnNoData.Value == "skip" {
			out.Verdict = record.Skipped
		}
		return out
	}
	if why := p.doubtful(r, a, out); why != "" {
		out.Verdict, out.Reason = record.Unknown, why
		return out
	}
	answer, err := a.program.Decide(values)
	switch {
	case err != nil:
		out.Verdict, out.Reason = record.Unknown, err.Error()
	case answer == expression.Yes:
		out.Verdict = record.Pass
		if why := p.halted(r, a, model); why != "" {
			out.Verdict, out.Reason = record.Unknown, why+"; until then it held"
		}
	case answer == expression.No:
		out.Verdict, out.Reason = record.Fail, told(a.program.Reads(), out)
	default:
		out.Verdict, out.Reason = record.Unknown, "not decided: "+told(a.program.Reads(), out)
	}
	return out
}

// span is the range in which a number lies: for a rate its interval, which the
// assertion keeps, for everything else the number.
func (p *Plan) span(r *record.Run, out *record.Assertion, name string, reading record.Reading, confidence float64) expression.Range {
	if reading.Rate == nil || confidence == 0 {
		return expression.Exactly(reading.Value)
	}
	s := p.stepOf(r, name)
	i := interval(reading.Rate, confidence, s != nil && s.Stopped != "")
	if out.Intervals == nil {
		out.Intervals = map[string]record.Interval{}
	}
	out.Confidence, out.Intervals[name] = confidence, i
	return expression.Range{Low: i.Low, High: i.High}
}

func interval(rate *record.Rate, confidence float64, stopped bool) record.Interval {
	var windows []statistics.Window
	for _, w := range rate.Windows {
		windows = append(windows, statistics.Window{Stratum: w.Stage, Hits: w.Hits, Trials: w.Trials})
	}
	e := statistics.Rate(windows, confidence, stopped)
	return record.Interval{
		Low: e.Low, High: e.High, Method: e.Method, Hits: rate.Hits, Trials: rate.Trials, Windows: e.Windows,
		DesignEffect: record.Finite(&e.DesignEffect), ExactLow: e.Exact.Low, ExactHigh: e.Exact.High,
	}
}

// ofGenerator are the metrics that a generator that fell behind does not spoil,
// since they tell of it.
var ofGenerator = []string{"generator.", "dropped", "planned", "lag_ms."}

// doubtful says why numbers that are there cannot carry a verdict: they are of
// another load than the scenario's, or percentiles of too few calls.
func (p *Plan) doubtful(r *record.Run, a assertion, out record.Assertion) string {
	for _, name := range a.program.Reads() {
		own, earlier := ofBaseline(name)
		_, _, metric := expression.Split(own)
		if earlier && record.IsRate(metric) && out.Values[name].Rate == nil && a.written.Confidence.Value != 0 {
			return fmt.Sprintf("the record of the baseline, of an earlier version, does not tell the calls behind %s (or `confidence: none`)", own)
		}
		s := p.stepOf(r, name)
		if s == nil {
			continue
		}
		// The samples of a percentile that CloudWatch worked out are periods.
		calls := out.Samples[name]
		if s.Kind == record.KindMonitor {
			answered, _, _ := p.read(r, out.Model, strings.TrimSuffix(name, metric)+"invocations")
			calls = int(answered.Value)
		}
		said := "step " + s.Name
		if earlier {
			said += " of the baseline"
		}
		about := func(prefix string) bool { return strings.HasPrefix(metric, prefix) }
		if s.Load != nil && s.Load.Behind != "" && !slices.ContainsFunc(ofGenerator, about) {
			return fmt.Sprintf("%s did not send the load of the scenario: %s", said, record.CleanLine(s.Load.Behind))
		}
		if least := record.Least(metric); a.written.Confidence.Value != 0 && calls < least {
			return fmt.Sprintf("%s is of %d calls; a verdict on it takes %d (or `confidence: none`)", name, calls, least)
		}
	}
	return ""
}

// short says why a step that the assertion reads did not run to its end.
func (p *Plan) short(r *record.Run, a assertion) string {
	for _, s := range p.Steps {
		if !reads(a.program, s.Name) && !(s.Kind == kindDiscover && (reads(a.program, "quota") || reads(a.program, "capacity"))) {
			continue
		}
		i := slices.IndexFunc(r.Steps, func(x record.Step) bool { return x.Name == s.Name })
		if i < 0 {
			return fmt.Sprintf("step %s did not run", s.Name)
		}
		if cut := r.Steps[i].Cut; cut != "" {
			return fmt.Sprintf("step %s was cut short: %s", s.Name, cut)
		}
	}
	for _, name := range a.program.Reads() {
		if _, earlier := ofBaseline(name); earlier {
			if s := p.stepOf(r, name); s != nil && s.Cut != "" {
				return fmt.Sprintf("step %s of the baseline was cut short: %s", s.Name, record.CleanLine(s.Cut))
			}
		}
	}
	return ""
}

// halted says which ramp that the assertion reads AWS gave reason to end before
// its time; "" where none. What failed until then has failed; what held may not
// have held to the end.
func (p *Plan) halted(r *record.Run, a assertion, model string) string {
	for _, name := range a.program.Reads() {
		s := p.stepOf(r, name)
		if s == nil || s.Load == nil {
			continue
		}
		said := "step " + s.Name
		if _, earlier := ofBaseline(name); earlier {
			said += " of the baseline"
		}
		for _, m := range slices.Sorted(maps.Keys(s.Load.Halted)) {
			if model == "" || model == m {
				return fmt.Sprintf("%s ended early for %s: %s", said, record.CleanLine(m), record.CleanLine(s.Load.Halted[m]))
			}
		}
	}
	return ""
}

// told writes what was read as one sentence.
func told(names []string, a record.Assertion) string {
	var parts []string
	for _, name := range names {
		value, ok := a.Words[name]
		if !ok {
			value = fmt.Sprintf("%.6g", a.Values[name].Value)
		}
		if i, ok := a.Intervals[name]; ok && i.Low < i.High {
			value += fmt.Sprintf(" (%d of %d; with %g %% confidence above %.4g, and below %.4g)", i.Hits, i.Trials, 100*a.Confidence, i.Low, i.High)
		}
		parts = append(parts, name+" is "+value)
	}
	return strings.Join(parts, ", ") + "; wanted " + strings.Join(strings.Fields(a.Expr), " ")
}

package history

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// differences are what the runs do not have in common, and notes on what they
// lack.
func (p *pair) differences() []Difference {
	a, b := p.old.Run, p.new.Run
	out := []Difference{}
	add := func(what, old, new string) {
		if old != new {
			out = append(out, Difference{record.CleanLine(what), record.CleanLine(old), record.CleanLine(new)})
		}
	}
	add("scenario", a.Scenario.Name, b.Scenario.Name)
	add("scenario's file (digest)", a.Scenario.Digest, b.Scenario.Digest)
	add("target", a.Target.Kind, b.Target.Kind)
	add("account", a.Target.Account, b.Target.Account)
	add("region", a.Target.Region, b.Target.Region)
	add("version", a.Tool.Version, b.Tool.Version)
	add("seed", strconv.FormatUint(a.Seed, 10), strconv.FormatUint(b.Seed, 10))
	only := func(there bool) string {
		if there {
			return "there"
		}
		return "not there"
	}
	for _, name := range both(a.Models, b.Models, func(m record.Model) string { return m.Name }) {
		x, y := modelOf(a, name), modelOf(b, name)
		if x == nil || y == nil {
			add("model "+name, only(x != nil), only(y != nil))
			continue
		}
		add("id of model "+name, x.ID, y.ID)
	}
	for _, name := range both(a.Steps, b.Steps, func(s record.Step) string { return s.Name }) {
		x, y := stepOf(a, name), stepOf(b, name)
		if x == nil || y == nil {
			add("step "+name, only(x != nil), only(y != nil))
			continue
		}
		add("kind of step "+name, x.Kind, y.Kind)
		if x.Load != nil && y.Load != nil {
			add("stages of step "+name, stages(x.Load), stages(y.Load))
		}
		if x.Window != nil && y.Window != nil {
			length := func(w *record.Window) string {
				return w.End.Sub(w.Start).String() + " by " + time.Duration(w.Period).String()
			}
			add("window of step "+name, length(x.Window), length(y.Window))
		}
	}
	p.lacks("old", p.old)
	p.lacks("new", p.new)
	return out
}

// lacks notes what weakens one of the runs.
func (p *pair) lacks(word string, s *Side) {
	if s.Run.Aborted {
		p.notes = append(p.notes, fmt.Sprintf("the %s run was cut short", word))
	}
	if s.Run.Problem != "" {
		p.notes = append(p.notes, record.CleanLine(fmt.Sprintf("the %s run ended early: %s", word, s.Run.Problem)))
	}
	if s.Calls == nil && slices.ContainsFunc(s.Run.Steps, func(x record.Step) bool { return x.Load != nil }) {
		p.notes = append(p.notes, fmt.Sprintf("the %s run has no journal: of its times only the points are known", word))
	}
}

// stages tells a ramp in a line.
func stages(l *record.Load) string {
	var parts []string
	for _, s := range l.Stages {
		part := fmt.Sprintf("%s to %s rpm over %s", plain(s.FromRPM), plain(s.ToRPM), time.Duration(s.Length))
		if s.FromWorkers != 0 || s.ToWorkers != 0 {
			part = fmt.Sprintf("%s to %s workers over %s", plain(s.FromWorkers), plain(s.ToWorkers), time.Duration(s.Length))
		}
		parts = append(parts, part)
	}
	if len(parts) > 4 {
		last := l.Stages[len(parts)-1]
		return strings.Join(parts[:3], ", ") + fmt.Sprintf(", and %d more up to %s", len(parts)-3, time.Duration(last.Start+last.Length))
	}
	return strings.Join(parts, ", ")
}

// both are the names of two lists, those of the first in its order first.
func both[T any](a, b []T, name func(T) string) (out []string) {
	for _, v := range slices.Concat(a, b) {
		if n := name(v); !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// assertions compares verdicts.
func (p *pair) assertions() (out []Finding) {
	find := func(list []record.Assertion, a *record.Assertion) *record.Assertion {
		i := slices.IndexFunc(list, func(b record.Assertion) bool { return a.Name == b.Name && a.Expr == b.Expr && a.Model == b.Model })
		if i < 0 {
			return nil
		}
		return &list[i]
	}
	for i := range p.old.Run.Assertions {
		a := &p.old.Run.Assertions[i]
		b := find(p.new.Run.Assertions, a)
		if b == nil || a.Verdict == b.Verdict {
			continue
		}
		name := a.Name
		if name == "" {
			name = a.Expr
		}
		f := Finding{Kind: KindAssertion, Model: a.Model, Name: name, Old: Point{Word: string(a.Verdict)}, New: Point{Word: string(b.Verdict)}, Verdict: Changed, Why: b.Reason}
		switch warn := a.Severity == record.SeverityWarn || b.Severity == record.SeverityWarn; {
		case !warn && a.Verdict == record.Pass && b.Verdict != record.Skipped:
			f.Verdict = Worse
		case !warn && b.Verdict == record.Pass && a.Verdict != record.Skipped:
			f.Verdict = Better
		}
		out = append(out, f)
	}
	return out
}

// quotas compares the rows that bind the models.
func (p *pair) quotas() (out []Finding) {
	type key struct{ dimension, code string }
	rows := func(m *record.Model) map[key]record.Quota {
		out := map[key]record.Quota{}
		for _, q := range m.Quotas {
			out[key{q.Dimension, q.Code}] = q
		}
		return out
	}
	for _, model := range p.models() {
		a, b := rows(modelOf(p.old.Run, model)), rows(modelOf(p.new.Run, model))
		// A run that did not look its quotas up tells of none; they did not vanish.
		if len(a) == 0 || len(b) == 0 {
			continue
		}
		keys := slices.SortedFunc(maps.Keys(merged(a, b)), func(x, y key) int { return strings.Compare(x.dimension+" "+x.code, y.dimension+" "+y.code) })
		for _, k := range keys {
			x, had := a[k]
			y, has := b[k]
			f := Finding{Kind: KindQuota, Model: model, Name: "quota." + k.dimension, Why: k.code}
			switch {
			case !has:
				f.Verdict, f.Old, f.New = Changed, Point{Value: x.Applied, Word: "bound"}, Point{Word: "binds no more"}
				out = append(out, f)
			case !had:
				f.Verdict, f.Old, f.New = Changed, Point{Word: "did not bind"}, Point{Value: y.Applied, Word: "binds"}
				out = append(out, f)
			default:
				out = append(out, drift(f, x, y)...)
			}
		}
	}
	return out
}

func merged[K comparable, V any](a, b map[K]V) map[K]V {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// drift tells what changed in a row.
func drift(f Finding, x, y record.Quota) (out []Finding) {
	number := func(name string, a, b *float64, fall, rise Verdict) {
		g := f
		g.Name += "." + name
		g.Old, g.New = Point{Value: record.Finite(a)}, Point{Value: record.Finite(b)}
		switch a, b := g.Old.Value, g.New.Value; {
		case a == nil && b == nil || a != nil && b != nil && *a == *b:
			return
		case a == nil:
			g.Verdict, g.Old.Word = Changed, "not known"
		case b == nil:
			g.Verdict, g.New.Word = Changed, "not known"
		default:
			g.Change, g.Verdict = new(*b-*a), rise
			if *b < *a {
				g.Verdict = fall
			}
		}
		out = append(out, g)
	}
	number("applied", x.Applied, y.Applied, Worse, Better)
	number("default", x.Default, y.Default, Changed, Changed)
	if x.Adjustable != y.Adjustable {
		g := f
		g.Name, g.Verdict = g.Name+".adjustable", Changed
		g.Old.Word, g.New.Word = strconv.FormatBool(x.Adjustable), strconv.FormatBool(y.Adjustable)
		out = append(out, g)
	}
	return out
}

// limits compares what searches and probes found of the models: ends that do not
// overlap are a change.
func (p *pair) limits(step string) (out []Finding) {
	a, b := stepOf(p.old.Run, step).Load, stepOf(p.new.Run, step).Load
	if a == nil || b == nil {
		return nil
	}
	for _, x := range a.Limits {
		i := slices.IndexFunc(b.Limits, func(y record.Limit) bool { return y.Model == x.Model && y.Unit == x.Unit })
		if i < 0 {
			continue
		}
		y := b.Limits[i]
		f := Finding{Kind: KindLimit, Step: step, Model: x.Model, Name: "limit", Unit: x.Unit, Old: Point{Word: x.BoundBy}, New: Point{Word: y.BoundBy}}
		out = append(out, f.ends(x.Low, x.High, y.Low, y.High))
	}
	for _, x := range a.Limiters {
		i := slices.IndexFunc(b.Limiters, func(y record.Limiter) bool { return y.Model == x.Model && y.Unit == x.Unit })
		if i < 0 {
			continue
		}
		y := b.Limiters[i]
		f := Finding{Kind: KindLimit, Step: step, Model: x.Model, Unit: x.Unit}
		f.Name = "limiter.burst"
		out = append(out, f.ends(x.BurstLow, x.BurstHigh, y.BurstLow, y.BurstHigh))
		f.Name = "limiter.refill"
		out = append(out, f.ends(x.RefillLow, x.RefillHigh, y.RefillLow, y.RefillHigh))
		if x.Algorithm != y.Algorithm {
			out = append(out, Finding{Kind: KindLimit, Step: step, Model: x.Model, Name: "limiter.algorithm", Old: Point{Word: x.Algorithm}, New: Point{Word: y.Algorithm}, Verdict: Changed})
		}
	}
	return out
}

// ends judges two numbers that lie between a low and a high end each; a nil end
// is open.
func (f Finding) ends(oldLow, oldHigh, newLow, newHigh *float64) Finding {
	f.Old.Low, f.Old.High, f.New.Low, f.New.High = record.Finite(oldLow), record.Finite(oldHigh), record.Finite(newLow), record.Finite(newHigh)
	below := func(high, low *float64) bool { return high != nil && low != nil && *high < *low }
	none := func(low, high *float64) bool { return low == nil && high == nil }
	switch {
	case none(f.Old.Low, f.Old.High) || none(f.New.Low, f.New.High):
		f.Verdict, f.Why = Unknown, "a run found none"
	case below(f.New.High, f.Old.Low):
		f.Verdict = Worse
	case below(f.Old.High, f.New.Low):
		f.Verdict = Better
	default:
		f.Verdict = Same
	}
	return f
}

// plain writes a number in full, for programs and for texts.
func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

package history

import (
	"fmt"
	"maps"
	"slices"

	"github.com/loadline-dev/loadline/internal/statistics"
	"github.com/loadline-dev/loadline/record"
)

// test is a finding that chance has a part in.
type test struct {
	Finding
	harm float64 // 1 where more is worse, -1 where less is
	// locate finds the change at a confidence; not ok where there are too few
	// samples for that.
	locate func(confidence float64) (old, new statistics.Located, ok bool)
	// least is the smallest rise that would have been told.
	least func(confidence float64, old, new statistics.Located) (float64, bool)
}

// rates are the shares of calls that are compared, by whether more is worse.
// Without a client, success_rate is what the others leave, and tells nothing more.
var rates = []struct {
	name    string
	harm    float64
	clients bool // of steps with a client alone
}{{"throttle_rate", 1, false}, {"error_rate", 1, false}, {"goodput", -1, false}, {"success_rate", -1, true}}

// percentiles are the times that are compared.
var percentiles = []struct {
	metric, name string
	p            float64
}{{"latency_ms", "p50", 0.5}, {"latency_ms", "p95", 0.95}, {"ttft_ms", "p50", 0.5}, {"ttft_ms", "p95", 0.95}}

// measure compares the rates and the times of a model in a load step.
func (p *pair) measure(step, model string) {
	if stepOf(p.old.Run, step).Load == nil || stepOf(p.new.Run, step).Load == nil {
		return
	}
	client := hasClient(p.old.Run, step) || hasClient(p.new.Run, step)
	for _, r := range rates {
		if client || !r.clients {
			p.rate(step, model, r.name, r.harm)
		}
	}
	for _, q := range percentiles {
		p.time(step, model, q.metric, q.name, q.p)
	}
}

// hasClient tells whether a run has a load step of that name, with a client.
func hasClient(r *record.Run, step string) bool {
	s := stepOf(r, step)
	return s != nil && s.Load != nil && s.Load.Client != nil
}

func (p *pair) rate(step, model, name string, harm float64) {
	a, b := value(p.old.Run, step, model, name), value(p.new.Run, step, model, name)
	if !a.Known && !b.Known {
		return
	}
	f := Finding{Kind: KindRate, Step: step, Model: model, Name: name, Unit: "fraction", Old: pointOf(a), New: pointOf(b)}
	f.Verdict, f.Why = Unknown, p.doubt(step, a, b)
	old, new := p.old.windows(step, model, name), p.new.windows(step, model, name)
	if f.Why == "" && (old == nil || new == nil) {
		f.Why = "no counts are there"
	}
	if f.Why != "" {
		p.tests = append(p.tests, &test{Finding: f})
		return
	}
	t := &test{Finding: f, harm: harm}
	oldStopped, newStopped := stepOf(p.old.Run, step).Stopped != "", stepOf(p.new.Run, step).Stopped != ""
	_, e1 := statistics.Share(old, Confidence, oldStopped)
	_, e2 := statistics.Share(new, Confidence, newStopped)
	t.Old.sampled(old, e1)
	t.New.sampled(new, e2)
	t.locate = func(confidence float64) (statistics.Located, statistics.Located, bool) {
		x, _ := statistics.Share(old, confidence, oldStopped)
		y, _ := statistics.Share(new, confidence, newStopped)
		return x, y, true
	}
	t.least = func(confidence float64, x, _ statistics.Located) (float64, bool) {
		if harm < 0 { // a fall is a rise of what is left
			x = statistics.Located{Value: 1 - x.Value, Interval: statistics.Interval{Low: 1 - x.High, High: 1 - x.Low}}
		}
		return statistics.Least(x, e2.Worth, confidence)
	}
	p.tests = append(p.tests, t)
}

func (p *pair) time(step, model, metric, percentile string, at float64) {
	name := metric + "." + percentile
	a, b := value(p.old.Run, step, model, name), value(p.new.Run, step, model, name)
	old, new := p.old.sorted(spot{step, model, metric}), p.new.sorted(spot{step, model, metric})
	if !a.Known && !b.Known || p.old.Calls == nil || p.new.Calls == nil {
		return // without calls, numbers tells of the points
	}
	f := Finding{Kind: KindTime, Step: step, Model: model, Name: name, Unit: "ms", Old: pointOf(a), New: pointOf(b)}
	f.Verdict, f.Why = Unknown, p.doubt(step, a, b)
	if f.Why == "" && (old == nil || new == nil) {
		f.Why = "a journal has no such calls"
	}
	if f.Why != "" {
		p.tests = append(p.tests, &test{Finding: f})
		return
	}
	f.Old.Samples, f.New.Samples = old.Len(), new.Len()
	if n, least := min(old.Len(), new.Len()), record.Least(name); n < least {
		f.Verdict, f.Why = Same, fmt.Sprintf("too few calls were ok to see one, %d of the %d that it takes", n, least)
		p.tests = append(p.tests, &test{Finding: f})
		return
	}
	p.tests = append(p.tests, &test{
		Finding: f, harm: 1,
		locate: func(confidence float64) (statistics.Located, statistics.Located, bool) {
			x, xok := old.Quantile(at, confidence)
			y, yok := new.Quantile(at, confidence)
			return x, y, xok && yok
		},
		least: func(_ float64, x, y statistics.Located) (float64, bool) {
			return y.Value - x.Value - statistics.Between(x, y).Low, true
		},
	})
}

// doubt says why numbers that are there cannot be compared.
func (p *pair) doubt(step string, a, b record.Reading) string {
	for _, side := range []struct {
		name string
		run  *record.Run
	}{{"old", p.old.Run}, {"new", p.new.Run}} {
		s := stepOf(side.run, step)
		switch {
		case s.Cut != "":
			return fmt.Sprintf("the step was cut short in the %s run: %s", side.name, s.Cut)
		case s.Load.Behind != "":
			return fmt.Sprintf("the %s run did not send the load of its scenario: %s", side.name, s.Load.Behind)
		}
	}
	switch {
	case !a.Known:
		return "no data in the old run"
	case !b.Known:
		return "no data in the new run"
	}
	return ""
}

// decide judges all tests together, after Holm (1979, Scandinavian Journal of
// Statistics 6): each at so much more confidence as there are tests; those that
// show a change leave, and the rest share what they leave.
func (p *pair) decide() {
	var open []*test
	for _, t := range p.tests {
		if t.locate != nil {
			open = append(open, t)
		}
	}
	for len(open) > 0 {
		confidence := 1 - (1-Confidence)/float64(len(open))
		rest := slices.DeleteFunc(slices.Clone(open), func(t *test) bool { return t.shows(confidence) })
		if len(rest) == len(open) {
			return
		}
		open = rest
	}
}

// shows judges a test, and reports whether it shows a change.
func (t *test) shows(confidence float64) bool {
	x, y, ok := t.locate(confidence)
	t.Confidence, t.Change = confidence, new(y.Value-x.Value)
	if !ok {
		t.Verdict, t.Why = Same, "too few calls were ok, or in too few minutes, to see one"
		return false
	}
	i := statistics.Between(x, y)
	t.Low, t.High = &i.Low, &i.High
	t.Old.Low, t.Old.High, t.New.Low, t.New.High = &x.Low, &x.High, &y.Low, &y.High
	switch {
	case i.Low > 0 && t.harm > 0, i.High < 0 && t.harm < 0:
		t.Verdict = Worse
	case i.Low > 0, i.High < 0:
		t.Verdict = Better
	default:
		t.Verdict = Same
		if least, ok := t.least(confidence, x, y); ok {
			t.Least = &least
		}
	}
	return t.Verdict != Same
}

// numbers lists all other numbers that differ, and that both runs know.
func (p *pair) numbers() (out []Finding) {
	tested := map[spot]bool{}
	for _, t := range p.tests {
		tested[spot{t.Step, t.Model, t.Name}] = true
	}
	single := 0
	for _, step := range p.steps() {
		for _, model := range p.models() {
			a, b := modelOf(p.old.Run, model).Steps[step], modelOf(p.new.Run, model).Steps[step]
			for _, name := range names(a, b) {
				x, y := a[name], b[name]
				switch {
				case tested[spot{step, model, name}] || !x.Known && !y.Known || x.Known && y.Known && x.Value == y.Value:
				case !x.Known || !y.Known:
					single++
				default:
					out = append(out, Finding{Kind: KindNumber, Step: step, Model: model, Name: name, Unit: unitOf(name), Old: pointOf(x), New: pointOf(y), Change: new(y.Value - x.Value), Verdict: Changed})
				}
			}
		}
	}
	if single > 0 {
		p.notes = append(p.notes, fmt.Sprintf("%d numbers are known of one run only, and left out", single))
	}
	return append(out, p.spent()...)
}

// spent compares what the runs used.
func (p *pair) spent() (out []Finding) {
	a, b := p.old.Run.Spent, p.new.Run.Spent
	for _, row := range []struct {
		name, unit string
		old, new   *float64
	}{
		{"spent.requests", "calls", new(float64(a.Requests)), new(float64(b.Requests))},
		{"spent.tokens", "tokens", new(float64(a.Tokens)), new(float64(b.Tokens))},
		{"spent.usd", "USD", a.USD, b.USD},
	} {
		if row.old != nil && row.new != nil && *row.old != *row.new {
			out = append(out, Finding{Kind: KindNumber, Name: row.name, Unit: row.unit, Old: Point{Value: row.old}, New: Point{Value: row.new}, Change: new(*row.new - *row.old), Verdict: Changed})
		}
	}
	return out
}

// names are those of both, in the order of the table of metrics, and then those
// that scenarios chose.
func names(a, b record.Values) (out []string) {
	all := map[string]bool{}
	for _, v := range []record.Values{a, b} {
		for name := range v {
			all[name] = true
		}
	}
	for _, m := range record.Metrics {
		if all[m.Name] {
			out = append(out, m.Name)
			delete(all, m.Name)
		}
	}
	return append(out, slices.Sorted(maps.Keys(all))...)
}

func unitOf(name string) string {
	i := slices.IndexFunc(record.Metrics, func(m record.Metric) bool { return m.Name == name })
	if i < 0 {
		return ""
	}
	return record.Metrics[i].Unit
}

func pointOf(r record.Reading) Point {
	if !r.Known {
		return Point{}
	}
	return Point{Value: record.Finite(&r.Value)}
}

func (p *Point) sampled(windows []statistics.Window, e statistics.Estimate) {
	for _, w := range windows {
		p.Samples += w.Trials
	}
	p.Method, p.DesignEffect = e.Method, record.Finite(&e.DesignEffect)
}

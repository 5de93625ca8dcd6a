package record

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// died is why a step or a run has no end in its journal.
const died = "the run died"

var errNoHead = errors.New("the journal does not say what ran: it is empty, or of an earlier version")

// fold makes the empty fold of a model.
func (b *Begun) fold() *Fold {
	f := NewFold(b.Start, time.Duration(b.Period))
	f.slo = b.SLO
	f.watch(b.Load.Phases)
	return f
}

// Folded is what the folds of a load step tell, by model.
type Folded struct {
	Values map[string]Values
	Totals Values
	Series []Series
	Load   Load
}

// Read reads the folds of a step, when all its calls are in them. The same goes
// for a step that has just ended, and for one whose journal is read again.
func (b *Begun) Read(fold func(model string) *Fold) Folded {
	out := Folded{Values: map[string]Values{}, Load: b.Load}
	total := b.fold()
	for _, m := range b.Models {
		f := fold(m)
		out.Values[m] = f.Values()
		out.Series = append(out.Series, f.Series(b.Step, m)...)
		out.Load.Distributions = append(out.Load.Distributions, f.Distributions(m)...)
		total.Merge(f)
	}
	out.Totals, out.Load.Counts = total.Values(), total.Counts()
	out.Load.Stages = slices.Clone(b.Load.Stages)
	for i := range out.Load.Stages {
		s := &out.Load.Stages[i]
		s.Counts, s.Totals, s.Values = total.Stage(i), total.StageValues(i), map[string]Values{}
		for _, m := range b.Models {
			s.Values[m] = fold(m).StageValues(i)
		}
	}
	out.Load.Phases = slices.Clone(b.Load.Phases)
	for i := range out.Load.Phases {
		p := &out.Load.Phases[i]
		p.Totals, p.Values = total.PhaseValues(*p), map[string]Values{}
		for _, m := range b.Models {
			p.Values[m] = fold(m).PhaseValues(*p)
		}
	}
	return out
}

// Replay makes the record of a run from its journal: that of a run that died,
// unless the journal says nothing of what ran, which is an error. The steps that
// ended are as they were; of a step that did not, the calls that ended are
// there, and it is cut. Verdicts are the caller's to give.
func Replay(journal io.Reader) (*Run, error) {
	return ReplayCalls(journal, func(*Call, time.Time) {})
}

// ReplayCalls is Replay that shows each call to a visitor on the way, with the
// start of its step.
func ReplayCalls(journal io.Reader, visit func(c *Call, start time.Time)) (*Run, error) {
	p := replay{log: NewLog(nil), begun: map[string]*Begun{}, last: time.Time{}}
	for e, err := range ReadEntries(journal) {
		if err == nil {
			err = p.take(e)
		}
		if err == nil && e.Call != nil {
			visit(e.Call, p.begun[e.Call.Step].Start)
		}
		if err != nil {
			return nil, err
		}
	}
	if p.run == nil {
		return nil, errNoHead
	}
	return p.end(), nil
}

// replay is a journal that is read.
type replay struct {
	run   *Run
	log   *Log
	begun map[string]*Begun
	order []string // of the steps that began
	ended []Ended
	last  time.Time // the end of the last call or step

	nanoUSD int64 // spent
}

func (p *replay) take(e Entry) error {
	if p.run == nil && e.Run == nil {
		return errNoHead
	}
	switch {
	case e.Run != nil && e.Run.SchemaVersion != SchemaVersion:
		return fmt.Errorf("it is of a run of version %d, and this program reads version %d", e.Run.SchemaVersion, SchemaVersion)
	case e.Run != nil:
		p.run, p.last = e.Run, e.Run.Started
		p.run.Totals, p.run.Steps, p.run.Series = map[string]Values{}, []Step{}, []Series{}
		p.run.Spent = Cost{Unpriced: p.run.Plan.Unpriced}
	case e.Begun != nil && e.Begun.Period <= 0:
		return fmt.Errorf("step %q begins with windows of no length", CleanLine(e.Begun.Step))
	case e.Begun != nil:
		p.begun[e.Begun.Step] = e.Begun
		p.order = append(p.order, e.Begun.Step)
		p.log.Begin(*e.Begun)
	case e.Spent != nil:
		// What calls used before it is in it; what comes after it is added, though
		// it may be in it as well: it was under way.
		p.run.Spent = *e.Spent
		p.run.Spent.Unpriced = p.run.Plan.Unpriced
		p.nanoUSD = 0
		if until := e.Spent.Until; until != nil {
			p.reach(*until)
		}
		if usd := e.Spent.USD; usd != nil {
			p.nanoUSD = int64(math.Round(*usd * 1e9))
		}
	case e.Ended != nil:
		p.ended = append(p.ended, *e.Ended)
		p.run.Models = e.Ended.Models
		p.reach(e.Ended.Step.Ended)
	default:
		if p.log.Fold(e.Call.Step, e.Call.Model) == nil {
			return fmt.Errorf("call %d of step %q and model %q, of which the journal has no beginning", e.Call.Seq, CleanLine(e.Call.Step), CleanLine(e.Call.Model))
		}
		p.log.Add(e.Call)
		p.spend(e.Call)
		p.reach(e.Call.End())
	}
	return nil
}

func (p *replay) reach(t time.Time) {
	if t.After(p.last) {
		p.last = t
	}
}

// spend counts a call as the guard of a run does: where the reply did not tell,
// and may have been billed, what it reserved counts.
func (p *replay) spend(c *Call) {
	if !c.Outcome.Sent() {
		return
	}
	s := &p.run.Spent
	s.Requests++
	s.ReservedTokens += c.ReservedTokens
	switch {
	case c.Usage != nil:
		s.Tokens += c.QuotaTokens
	case c.MidStream || c.Outcome != Throttled && c.Outcome != Capacity && c.Outcome != ClientError:
		s.Tokens += c.ReservedTokens
	}
	if c.USD != nil {
		p.nanoUSD += int64(math.Round(*c.USD * 1e9))
	}
}

// end puts the run together.
func (p *replay) end() *Run {
	r := p.run
	for _, e := range p.ended {
		p.add(e)
	}
	for _, name := range p.order {
		if !slices.ContainsFunc(r.Steps, func(s Step) bool { return s.Name == name }) {
			p.add(Ended{Step: Step{Name: name, Kind: KindLoad, Started: p.begun[name].Start.UTC(), Ended: p.last.UTC(), Cut: died}})
		}
	}
	r.Ended, r.Aborted = p.last.UTC(), true
	if len(r.Spent.Unpriced) == 0 {
		usd := float64(p.nanoUSD) / 1e9
		r.Spent.USD = &usd
	}
	r.Spent.Duration = Duration(r.Ended.Sub(r.Started))
	r.Problem = died + " before its record was written, which is made here from its journal: the results of calls that were under way are not in it"
	if until := r.Spent.Until; until != nil {
		r.Problem += "; what was spent is the most that calls begun until " + until.UTC().Format(time.TimeOnly) + " UTC can have used"
	}
	return r
}

// add adds a step, with what its calls tell.
func (p *replay) add(e Ended) {
	values, totals, series := e.Values, e.Totals, e.Series
	if values == nil {
		values = map[string]Values{}
	}
	if b := p.begun[e.Step.Name]; b != nil {
		folded := b.Read(func(model string) *Fold { return p.log.Fold(b.Step, model) })
		if e.Step.Load == nil {
			e.Step.Load = &folded.Load
		}
		e.Step.Load.Phases = folded.Load.Phases // as they were, and with their samples
		for m, v := range folded.Values {
			values[m] = v.over(values[m])
		}
		totals, series = folded.Totals.over(totals), append(folded.Series, series...)
	}
	if p.begun[e.Step.Name] != nil {
		e.Step.Rates = RatesOf(values, totals, e.Step.Load)
	}
	r := p.run
	r.Steps = append(r.Steps, e.Step)
	r.Series = append(r.Series, series...)
	if totals != nil {
		r.Totals[e.Step.Name] = totals
	}
	for i := range r.Models {
		if r.Models[i].Steps == nil {
			r.Models[i].Steps = map[string]Values{}
		}
		if v, ok := values[r.Models[i].Name]; ok {
			r.Models[i].Steps[e.Step.Name] = v
		}
	}
}

// over is these values, with those of others that are not among them.
func (v Values) over(w Values) Values {
	for name, r := range w {
		if _, ok := v[name]; !ok {
			v[name] = r
		}
	}
	return v
}

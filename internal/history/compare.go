package history

import (
	"cmp"
	"slices"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// Confidence is that of all verdicts on rates and times of a comparison together:
// the chance that any of them tells of a change that is not there is at most what
// is missing to 1.
const Confidence = 0.95

// Comparison is what changed from one run to another.
type Comparison struct {
	Old Head `json:"old"`
	New Head `json:"new"`
	// Differences are what the runs do not have in common beside their numbers.
	Differences []Difference `json:"differences"`
	// Notes tell what limits the comparison.
	Notes      []string `json:"notes"`
	Confidence float64  `json:"confidence"`
	Counts     Counts   `json:"counts"`
	// Findings are the rest, the worst first, and the numbers behind all others.
	Findings []Finding `json:"findings"`
}

// Head tells which run it is.
type Head struct {
	Run      string         `json:"run"`
	Scenario string         `json:"scenario"`
	Started  time.Time      `json:"started"`
	Verdict  record.Verdict `json:"verdict"`
	Aborted  bool           `json:"aborted"`
	Problem  string         `json:"problem,omitempty"`
}

// Difference is one thing that the runs do not have in common.
type Difference struct {
	What string `json:"what"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// Finding is one thing that both runs tell, or should, and what became of it.
type Finding struct {
	Kind  string `json:"kind"`
	Step  string `json:"step,omitempty"`
	Model string `json:"model,omitempty"`
	Name  string `json:"name"`
	Unit  string `json:"unit,omitempty"`
	Old   Point  `json:"old"`
	New   Point  `json:"new"`
	// Change is new - old, and Low and High are where the true change lies; nil
	// where that is not known.
	Change *float64 `json:"change"`
	Low    *float64 `json:"low"`
	High   *float64 `json:"high"`
	// Confidence is that of Low and High: it is as much above the one of the
	// comparison as there are things compared.
	Confidence float64 `json:"confidence,omitempty"`
	// Least is the smallest change for the worse that would have been told.
	Least   *float64 `json:"least"`
	Verdict Verdict  `json:"verdict"`
	Why     string   `json:"why,omitempty"`
}

// Point is what one run tells.
type Point struct {
	Value   *float64 `json:"value"`
	Word    string   `json:"word,omitempty"` // what is no number
	Low     *float64 `json:"low,omitempty"`
	High    *float64 `json:"high,omitempty"`
	Samples int      `json:"samples,omitempty"`
	// Method and DesignEffect are those of record.Interval.
	Method       string   `json:"method,omitempty"`
	DesignEffect *float64 `json:"design_effect,omitempty"`
}

// The kinds of findings.
const (
	KindAssertion = "assertion"
	KindQuota     = "quota"
	KindRate      = "rate"   // a share of calls, with an interval
	KindTime      = "time"   // a percentile, with an interval
	KindLimit     = "limit"  // what a search or a probe found, between two ends
	KindNumber    = "number" // one number a run, of which nothing tells the chance
)

// Verdict is what became of a number.
type Verdict string

// The verdicts. Same is the want of evidence for a change, and no proof that
// there is none.
const (
	Worse   Verdict = "worse"
	Unknown Verdict = "unknown" // it should be there and cannot be compared
	Better  Verdict = "better"
	Changed Verdict = "changed" // neither for the better nor for the worse
	Same    Verdict = "same"
)

// Verdicts lists them, the worst first.
var Verdicts = []Verdict{Worse, Unknown, Better, Changed, Same}

// kinds lists the kinds in the order of the reports.
var kinds = []string{KindAssertion, KindQuota, KindRate, KindLimit, KindTime, KindNumber}

// Counts is how many findings of each verdict there are, and how many of them
// were decided by chance.
type Counts struct {
	Worse   int `json:"worse"`
	Unknown int `json:"unknown"`
	Better  int `json:"better"`
	Changed int `json:"changed"`
	Same    int `json:"same"`
	Tested  int `json:"tested"` // rates and times
}

// Compare tells what changed. The runs are not changed.
func Compare(old, new *Side) *Comparison {
	p := &pair{old: old, new: new}
	c := &Comparison{
		Old: head(old), New: head(new), Differences: p.differences(), Confidence: Confidence,
		Findings: slices.Concat(p.assertions(), p.quotas()),
	}
	for _, step := range p.steps() {
		c.Findings = append(c.Findings, p.limits(step)...)
		for _, model := range p.models() {
			p.measure(step, model)
		}
	}
	p.decide()
	for _, t := range p.tests {
		c.Findings = append(c.Findings, t.Finding)
	}
	c.Findings = append(c.Findings, p.numbers()...)
	c.Notes = append([]string{}, p.notes...)
	for i := range c.Findings {
		f := &c.Findings[i]
		f.clean()
		c.Counts.add(f)
	}
	slices.SortStableFunc(c.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(last(&a), last(&b)), cmp.Compare(slices.Index(Verdicts, a.Verdict), slices.Index(Verdicts, b.Verdict)), cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)))
	})
	return c
}

// last puts what nothing is said of but that it differs behind everything else.
func last(f *Finding) int {
	if f.Kind == KindNumber {
		return 1
	}
	return 0
}

func (c *Counts) add(f *Finding) {
	switch f.Verdict {
	case Worse:
		c.Worse++
	case Unknown:
		c.Unknown++
	case Better:
		c.Better++
	case Changed:
		c.Changed++
	case Same:
		c.Same++
	}
	if f.Kind == KindRate || f.Kind == KindTime {
		c.Tested++
	}
}

func head(s *Side) Head {
	r := s.Run
	return Head{record.CleanLine(s.Name), record.CleanLine(r.Scenario.Name), r.Started.UTC(), record.Verdict(record.CleanLine(string(r.Verdict))), r.Aborted, record.CleanLine(r.Problem)}
}

// clean makes the texts of a finding fit for every output.
func (f *Finding) clean() {
	for _, s := range []*string{&f.Step, &f.Model, &f.Name, &f.Unit, &f.Old.Word, &f.New.Word, &f.Why} {
		*s = record.CleanLine(*s)
	}
}

// pair is the two runs while they are compared.
type pair struct {
	old, new *Side
	tests    []*test
	notes    []string
}

// steps are the steps that both runs have and that measured, in the order of the
// old one.
func (p *pair) steps() (out []string) {
	for i := range p.old.Run.Steps {
		s := &p.old.Run.Steps[i]
		if t := stepOf(p.new.Run, s.Name); t != nil && t.Kind == s.Kind {
			out = append(out, s.Name)
		}
	}
	return out
}

// models are those that both runs have, in the order of the old one.
func (p *pair) models() (out []string) {
	for i := range p.old.Run.Models {
		if m := p.old.Run.Models[i].Name; modelOf(p.new.Run, m) != nil {
			out = append(out, m)
		}
	}
	return out
}

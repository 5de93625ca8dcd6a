package record

import (
	"fmt"
	"io"
	"sync"
)

// Log takes the calls of a run as they end: into the journal, and into the
// folds. It is safe for concurrent use.
type Log struct {
	mu      sync.Mutex
	journal *Journal // nil where none is kept
	folds   map[foldKey]*Fold
	begun   map[string]*Begun // steps that began, and had no call yet
	held    bool              // lines may be held back
	spent   Cost              // as it was last told
	err     error             // the first failure of the journal
}

type foldKey struct{ step, model string }

// NewLog keeps a journal in w; with a nil writer it only folds.
func NewLog(w io.Writer) *Log {
	l := &Log{folds: map[foldKey]*Fold{}, begun: map[string]*Begun{}}
	if w != nil {
		l.journal = NewJournal(w)
	}
	return l
}

// Open says what runs. It comes before everything else.
func (l *Log) Open(r *Run) { l.note(Entry{Run: r}) }

// Begin opens the folds of a step, one a model. Calls of the step come after.
// Its line is written with the first of them: steps begin at the same instant,
// and calls do not end so, and a run repeats itself to the byte.
func (l *Log) Begin(b Begun) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begun[b.Step] = &b
	for _, m := range b.Models {
		l.folds[foldKey{b.Step, m}] = b.fold()
	}
}

// End says that a step has ended.
func (l *Log) End(e Ended) { l.note(Entry{Ended: &e}) }

func (l *Log) note(e Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.write(e)
}

// write writes a line that is no call; mu is held.
func (l *Log) write(e Entry) {
	if l.journal != nil && l.err == nil {
		l.err = l.journal.Note(e)
	}
}

// Spend says what calls have used so far, those under way included, where that is
// new; and writes out the lines that are held back, where calls came more slowly
// than they are written out. It asks while no call is taken, so that every call
// is in what is told or in a line after it.
func (l *Log) Spend(sofar func() Cost) {
	l.mu.Lock()
	defer l.mu.Unlock()
	spent := sofar()
	switch {
	case l.journal == nil || l.err != nil:
	case !spent.same(l.spent):
		l.spent, l.held = spent, false
		l.write(Entry{Spent: &spent})
	case l.held:
		l.held, l.err = false, l.journal.Flush()
	}
}

// same tells whether two costs have the same numbers, and both are for good or
// both are not. A price that is not known is as good as none.
func (c Cost) same(d Cost) bool {
	usd := func(c Cost) float64 {
		if c.USD == nil {
			return 0
		}
		return *c.USD
	}
	return c.Requests == d.Requests && c.Tokens == d.Tokens && c.ReservedTokens == d.ReservedTokens && usd(c) == usd(d) && (c.Until == nil) == (d.Until == nil)
}

// Add takes a call of a step that was begun. A journal that cannot be written
// does not stop the measurement; see Close.
func (l *Log) Add(c *Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.folds[foldKey{c.Step, c.Model}].Add(c)
	if b := l.begun[c.Step]; b != nil {
		delete(l.begun, c.Step)
		l.write(Entry{Begun: b})
	}
	if l.journal != nil && l.err == nil {
		l.held, l.err = true, l.journal.Append(c)
	}
}

// Fold is what was counted of a step and model; nil if it was never begun. It
// must not be read while calls are still added.
func (l *Log) Fold(step, model string) *Fold {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.folds[foldKey{step, model}]
}

// Close writes out the journal and returns the first failure to write it. The
// folds stay readable.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.journal != nil && l.err == nil {
		l.held, l.err = false, l.journal.Close()
	}
	if l.err != nil {
		return fmt.Errorf("write the journal: %w", l.err)
	}
	return nil
}

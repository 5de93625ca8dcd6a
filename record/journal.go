package record

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"
	"time"
)

// flushEvery bounds what a killed process can lose.
const flushEvery = time.Second

// Journal appends calls to a writer, one JSON line each, in the order in which
// they ended. It is not safe for concurrent use.
type Journal struct {
	w       *bufio.Writer
	flushed time.Time
}

// NewJournal appends to w, which stays the caller's to close.
func NewJournal(w io.Writer) *Journal { return &Journal{w: bufio.NewWriterSize(w, 64<<10)} }

// Append writes one call. Lines reach the writer at least once a second while
// calls come.
func (j *Journal) Append(c *Call) error {
	line, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if _, err := j.w.Write(append(line, '\n')); err != nil {
		return err
	}
	if now := c.End(); now.Sub(j.flushed) >= flushEvery {
		j.flushed = now
		return j.w.Flush()
	}
	return nil
}

// Flush writes out what is held back.
func (j *Journal) Flush() error { return j.w.Flush() }

// ReadJournal yields the calls of a journal. A last line without its newline,
// as a killed process leaves it, is passed over; any other line that is no
// call is an error that names the line, and ends the sequence.
func ReadJournal(r io.Reader) iter.Seq2[Call, error] {
	return func(yield func(Call, error) bool) {
		in := bufio.NewReader(r)
		for n := 1; ; n++ {
			line, err := in.ReadBytes('\n')
			if err == io.EOF {
				return
			}
			var c Call
			if err == nil {
				err = json.Unmarshal(line, &c)
			}
			if err == nil && c.Outcome == "" {
				err = errors.New("a call without an outcome")
			}
			if err != nil {
				yield(Call{}, fmt.Errorf("journal line %d: %w", n, err))
				return
			}
			if !yield(c, nil) {
				return
			}
		}
	}
}

// Log takes the calls of a run as they end: into the journal, and into the
// folds. It is safe for concurrent use.
type Log struct {
	mu      sync.Mutex
	journal *Journal // nil where none is kept
	folds   map[foldKey]*Fold
	err     error // the first failure of the journal
}

type foldKey struct{ step, model string }

// NewLog keeps a journal in w; with a nil writer it only folds.
func NewLog(w io.Writer) *Log {
	l := &Log{folds: map[foldKey]*Fold{}}
	if w != nil {
		l.journal = NewJournal(w)
	}
	return l
}

// Begin opens the folds of a step, one a model. Calls of the step come after.
func (l *Log) Begin(step string, models []string, start time.Time, period time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range models {
		l.folds[foldKey{step, m}] = NewFold(start, period)
	}
}

// Add takes a call of a step that was begun. A journal that cannot be written
// does not stop the measurement; see Close.
func (l *Log) Add(c *Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.folds[foldKey{c.Step, c.Model}].Add(c)
	if l.journal != nil && l.err == nil {
		l.err = l.journal.Append(c)
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
		l.err = l.journal.Flush()
	}
	if l.err != nil {
		return fmt.Errorf("write the journal: %w", l.err)
	}
	return nil
}

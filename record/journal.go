package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/klauspost/compress/zstd"
)

// flushEvery bounds what a killed process can lose.
const flushEvery = time.Second

// journalWindow is how far back the compression looks. Lines are much alike, so
// little is enough, and it is memory of whoever reads, too.
const journalWindow = 256 << 10

// maxLine bounds a line of a journal, in bytes: more is no journal of ours.
const maxLine = 16 << 20

// Entry is a line of a journal; one of its fields is set. The first line is Run,
// which says what runs; each load step has a Begun before its first call; and every
// step that ran to its end has an Ended. Spent, once a second, is what all calls so
// far can have used at most, those under way included, which have no line yet. A
// call stands in its line by itself.
type Entry struct {
	Run   *Run   `json:"run,omitempty"`
	Begun *Begun `json:"begun,omitempty"`
	Ended *Ended `json:"ended,omitempty"`
	Spent *Cost  `json:"spent,omitempty"`
	Call  *Call  `json:"-"`
}

// Begun is a load step that begins.
type Begun struct {
	Step   string    `json:"step"`
	Models []string  `json:"models"`
	Start  time.Time `json:"start"`
	Period Duration  `json:"period"` // of the windows, see WindowPeriod
	SLO    *SLO      `json:"slo,omitempty"`
	// Load is its account, with nothing in it yet: the stages and their rates.
	Load Load `json:"load"`
}

// Ended is a step that has ended, and what it measured other than by its calls.
type Ended struct {
	Step   Step              `json:"step"`
	Values map[string]Values `json:"values,omitempty"` // by model
	Totals Values            `json:"totals,omitempty"`
	Series []Series          `json:"series,omitempty"` // but those that are counted from calls
	// Models is what is known of the models after the step.
	Models []Model `json:"models"`
}

// Journal appends lines of JSON to a writer, compressed (zstd), in the order in
// which calls ended. It is not safe for concurrent use.
type Journal struct {
	w       *zstd.Encoder
	line    []byte // of the last call; its memory is used again
	flushed time.Time
}

// NewJournal appends to w, which stays the caller's to close.
func NewJournal(w io.Writer) *Journal {
	// One thread: in the caller's own goroutine, so that what is written is
	// always the same.
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(journalWindow), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // the options are wrong
	}
	return &Journal{w: z}
}

// Append writes one call. Lines reach the writer at least once a second while
// calls come; see Flush.
func (j *Journal) Append(c *Call) error {
	var err error
	if j.line, err = appendCall(j.line[:0], c); err != nil {
		return err
	}
	if _, err := j.w.Write(j.line); err != nil {
		return err
	}
	if now := c.End(); now.Sub(j.flushed) >= flushEvery {
		j.flushed = now
		return j.w.Flush()
	}
	return nil
}

// Note writes a line that is no call, and all that is held back.
func (j *Journal) Note(e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := j.w.Write(append(line, '\n')); err != nil {
		return err
	}
	return j.w.Flush()
}

// Flush writes out what is held back: it can be read, then, though the journal
// has no end yet.
func (j *Journal) Flush() error { return j.w.Flush() }

// Close ends the journal.
func (j *Journal) Close() error { return j.w.Close() }

// ReadJournal yields the calls of a journal; see ReadEntries.
func ReadJournal(r io.Reader) iter.Seq2[Call, error] {
	return func(yield func(Call, error) bool) {
		for e, err := range ReadEntries(r) {
			switch {
			case err != nil:
				yield(Call{}, err)
				return
			case e.Call != nil && !yield(*e.Call, nil):
				return
			}
		}
	}
}

// ReadEntries yields the lines of a journal, compressed or not. What a killed
// process leaves is read up to its last whole line, wherever it ends; any other
// line that is none of a journal is an error that names the line, and ends the
// sequence.
func ReadEntries(r io.Reader) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		in := bufio.NewReaderSize(r, 64<<10)
		if magic, _ := in.Peek(4); bytes.Equal(magic, []byte{0x28, 0xB5, 0x2F, 0xFD}) {
			z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderLowmem(true))
			if err != nil {
				panic(err) // the options are wrong
			}
			defer z.Close()
			in = bufio.NewReaderSize(z, 64<<10)
		} else if len(magic) < 4 {
			return // no line is that short
		}
		var buf []byte
		for n := 1; ; n++ {
			line, err := wholeLine(in, &buf)
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				return
			}
			var e Entry
			if err == nil {
				e, err = readLine(line)
			}
			if err != nil {
				yield(Entry{}, fmt.Errorf("journal line %d: %w", n, err))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// wholeLine is the next line with its end. It is good until the next call.
func wholeLine(in *bufio.Reader, buf *[]byte) ([]byte, error) {
	*buf = (*buf)[:0]
	for {
		part, err := in.ReadSlice('\n')
		*buf = append(*buf, part...)
		switch {
		case err == nil:
			return *buf, nil
		case err != bufio.ErrBufferFull:
			return nil, err
		case len(*buf) > maxLine:
			return nil, fmt.Errorf("it has more than %d bytes", maxLine)
		}
	}
}

// readLine reads a line. Calls begin with their number, others with their kind.
func readLine(line []byte) (Entry, error) {
	for _, kind := range []string{`{"run":`, `{"begun":`, `{"ended":`, `{"spent":`} {
		if bytes.HasPrefix(line, []byte(kind)) {
			var e Entry
			err := json.Unmarshal(line, &e)
			if err == nil && e == (Entry{}) {
				err = errors.New("an entry that says nothing")
			}
			return e, err
		}
	}
	c := new(Call)
	if err := json.Unmarshal(line, c); err != nil {
		return Entry{}, err
	}
	switch {
	case c.Outcome == "":
		return Entry{}, errors.New("a call without an outcome")
	case !slices.Contains(Outcomes, c.Outcome):
		return Entry{}, fmt.Errorf("a call with the outcome %q, which is none", CleanLine(string(c.Outcome)))
	}
	return Entry{Call: c}, nil
}

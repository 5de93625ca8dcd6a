package record_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/record"
)

// written is a journal of calls.
func written(t failer, cs []record.Call) []byte {
	t.Helper()
	var out bytes.Buffer
	j := record.NewJournal(&out)
	for i := range cs {
		if err := j.Append(&cs[i]); err != nil {
			t.Fatalf("Append(%+v) = %v; want no error", cs[i], err)
		}
	}
	if err := j.Flush(); err != nil {
		t.Fatalf("Flush() = %v; want no error", err)
	}
	return out.Bytes()
}

// read takes the calls of a journal, up to the first error.
func read(r io.Reader) (cs []record.Call, err error) {
	for c, err := range record.ReadJournal(r) {
		if err != nil {
			return cs, err
		}
		cs = append(cs, c)
	}
	return cs, nil
}

func TestJournalRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cs := calls().Draw(t, "calls")
		for i := range cs {
			cs[i].Message = rapid.String().Draw(t, "message")
			cs[i].Status, cs[i].Code = 429, "ThrottlingException"
		}
		journal := written(t, cs)
		got, err := read(bytes.NewReader(journal))
		if err != nil || len(got) != len(cs) {
			t.Fatalf("a journal of %d calls is read as %d, %v", len(cs), len(got), err)
		}
		for i := range cs {
			if !reflect.DeepEqual(got[i], cs[i]) {
				t.Fatalf("call %d became\n%+v; want\n%+v", i, got[i], cs[i])
			}
		}
		if a, b := asJSON(t, folded(got)), asJSON(t, folded(cs)); a != b {
			t.Fatalf("a journal folds to\n%s; want, as its calls did,\n%s", a, b)
		}
	})
}

// A process that is killed leaves a file that ends anywhere.
func TestJournalCutAnywhereKeepsItsWholeLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		journal := written(t, calls().Draw(t, "calls"))
		cut := journal[:rapid.IntRange(0, len(journal)).Draw(t, "cut")]
		got, err := read(iotest.HalfReader(bytes.NewReader(cut)))
		if want := bytes.Count(cut, []byte("\n")); err != nil || len(got) != want {
			t.Fatalf("%d bytes of a journal of %d are read as %d calls, %v; want %d", len(cut), len(journal), len(got), err, want)
		}
	})
}

func TestJournalNamesTheLineThatIsNoCall(t *testing.T) {
	good := string(written(t, []record.Call{call(0, record.OK, time.Second)}))
	for _, line := range []string{"", "{", "null", "{}", "[]", `{"seq":"1"}`, `{"seq":1,"outcome":""}`, good[:40]} {
		got, err := read(strings.NewReader(good + good + line + "\n" + good))
		if err == nil || !strings.Contains(err.Error(), "line 3") || len(got) != 2 {
			t.Errorf("a journal whose third line is %q is read as %d calls, %v; want 2 and an error that names line 3", line, len(got), err)
		}
	}
	broken := errors.New("the disk is gone")
	got, err := read(io.MultiReader(strings.NewReader(good+good[:10]), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || len(got) != 1 {
		t.Errorf("a journal that cannot be read to its end is read as %d calls, %v; want 1 and %v", len(got), err, broken)
	}
}

func TestReadJournalStopsWhenAskedTo(t *testing.T) {
	line := string(written(t, []record.Call{call(0, record.OK, 0)}))
	n := 0
	for range record.ReadJournal(strings.NewReader(line + line + line)) {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("a loop that ended at the second call saw %d", n)
	}
}

func TestJournalReachesTheWriterOnceASecond(t *testing.T) {
	var out bytes.Buffer
	j := record.NewJournal(&out)
	for i, want := range []int{1, 1, 1, 4} { // lines that were written out
		c := call(time.Duration(i)*400*time.Millisecond, record.OK, 0)
		if err := j.Append(&c); err != nil {
			t.Fatal(err)
		}
		if got := bytes.Count(out.Bytes(), []byte("\n")); got != want {
			t.Errorf("after call %d, at %v, %d lines were written out; want %d", i, c.End().Sub(start), got, want)
		}
	}
}

// failing takes some bytes and then no more.
type failing struct{ left int }

var errFull = errors.New("no space left")

func (f *failing) Write(b []byte) (int, error) {
	if len(b) > f.left {
		return 0, errFull
	}
	f.left -= len(b)
	return len(b), nil
}

func TestLogGoesOnFoldingWhereItsJournalFails(t *testing.T) {
	for _, room := range []int{0, 500, 1 << 20} {
		l := record.NewLog(&failing{room})
		l.Begin("ramp", []string{"haiku"}, start, time.Second)
		for i := range 20 {
			c := call(time.Duration(i)*time.Second, record.OK, 0)
			l.Add(&c)
		}
		wantReading(t, l.Fold("ramp", "haiku").Values(), "ok", 20, true, 0)
		if err := l.Close(); errors.Is(err, errFull) != (room < 1<<20) {
			t.Errorf("Close() of a log with room for %d bytes = %v; want an error only where it was full", room, err)
		}
		wantReading(t, l.Fold("ramp", "haiku").Values(), "ok", 20, true, 0)
	}
	// The first line goes out at once; what is held back can fail at the end.
	c := call(0, record.OK, 0)
	l := record.NewLog(&failing{len(written(t, []record.Call{c}))})
	l.Begin("ramp", []string{"haiku"}, start, time.Second)
	l.Add(&c)
	l.Add(&c)
	if err := l.Close(); !errors.Is(err, errFull) {
		t.Errorf("Close() of a log that could not be written out = %v; want %v", err, errFull)
	}
}

func TestLogTakesCallsFromEverywhere(t *testing.T) {
	var out bytes.Buffer
	l := record.NewLog(&out)
	l.Begin("ramp", []string{"haiku", "sonnet"}, start, time.Second)
	var under sync.WaitGroup
	for i := range 8 {
		under.Go(func() {
			for range 100 {
				c := call(time.Duration(i)*time.Second, record.OK, time.Second)
				c.Model = []string{"haiku", "sonnet"}[i%2]
				l.Add(&c)
			}
		})
	}
	under.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, model := range []string{"haiku", "sonnet"} {
		if got := l.Fold("ramp", model).Counts().Planned; got != 400 {
			t.Errorf("%d calls of %s were counted; want 400", got, model)
		}
	}
	if cs, err := read(&out); err != nil || len(cs) != 800 {
		t.Errorf("the journal has %d calls, %v; want 800", len(cs), err)
	}
	if f := l.Fold("ramp", "opus"); f != nil {
		t.Errorf("a fold that was never begun = %v; want nil", f)
	}
	without := record.NewLog(nil)
	without.Begin("ramp", []string{"haiku"}, start, time.Second)
	c := call(0, record.OK, 0)
	without.Add(&c)
	if err := without.Close(); err != nil || without.Fold("ramp", "haiku").Counts().Sent != 1 {
		t.Errorf("a log without a journal: Close() = %v; want no error and one call", err)
	}
}

package record_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/klauspost/compress/zstd"
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

// begun is a step of these tests that begins.
func begun(models ...string) record.Begun {
	return record.Begun{Step: "ramp", Models: models, Start: start, Period: record.Duration(time.Second)}
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

// plain is the journal of an earlier version: its lines, not compressed.
func plain(t failer, cs []record.Call) []byte {
	t.Helper()
	z, err := zstd.NewReader(bytes.NewReader(written(t, cs)))
	if err != nil {
		t.Fatalf("%v", err)
	}
	defer z.Close()
	var out bytes.Buffer
	if _, err := out.ReadFrom(z); err != nil && err != io.ErrUnexpectedEOF {
		t.Fatalf("%v", err)
	}
	return out.Bytes()
}

// A process that is killed leaves a file that ends anywhere. What was written
// out before is read, and nothing that was not there.
func TestJournalCutAnywhereKeepsItsWholeLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cs := calls().Draw(t, "calls")
		slices.SortFunc(cs, func(a, b record.Call) int { return a.End().Compare(b.End()) })
		var out bytes.Buffer
		j := record.NewJournal(&out)
		reached := []int{} // bytes written out after each call
		for i := range cs {
			if err := j.Append(&cs[i]); err != nil {
				t.Fatal(err)
			}
			reached = append(reached, out.Len())
		}
		end := j.Flush
		if rapid.Bool().Draw(t, "ends") {
			end = j.Close
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		cut := rapid.IntRange(0, out.Len()).Draw(t, "cut")
		got, err := read(iotest.HalfReader(bytes.NewReader(out.Bytes()[:cut])))
		if err != nil {
			t.Fatalf("%d bytes of a journal of %d are read with %v; want no error", cut, out.Len(), err)
		}
		// The last flush whose bytes are all there was after this many calls.
		least := 0
		for i, n := range reached {
			if n <= cut && (i == 0 || n > reached[i-1]) {
				least = i + 1
			}
		}
		if cut == out.Len() {
			least = len(cs)
		}
		if len(got) < least || len(got) > len(cs) {
			t.Fatalf("%d bytes of a journal of %d are read as %d calls; want %d at least, and %d at most", cut, out.Len(), len(got), least, len(cs))
		}
		for i := range got {
			if !reflect.DeepEqual(got[i], cs[i]) {
				t.Fatalf("call %d became\n%+v; want\n%+v", i, got[i], cs[i])
			}
		}
	})
}

func TestPlainJournalCutAnywhereKeepsItsWholeLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		journal := plain(t, calls().Draw(t, "calls"))
		cut := journal[:rapid.IntRange(0, len(journal)).Draw(t, "cut")]
		got, err := read(iotest.HalfReader(bytes.NewReader(cut)))
		if want := bytes.Count(cut, []byte("\n")); err != nil || len(got) != want {
			t.Fatalf("%d bytes of a journal of %d are read as %d calls, %v; want %d", len(cut), len(journal), len(got), err, want)
		}
	})
}

func TestJournalNamesTheLineThatIsNoCall(t *testing.T) {
	good := string(plain(t, []record.Call{call(0, record.OK, time.Second)}))
	for _, line := range []string{"", "{", "null", "{}", "[]", `{"seq":"1"}`, `{"seq":1,"outcome":""}`, `{"seq":1,"outcome":"fine"}`, `{"run":null}`, `{"run":1}`, `{"begun":[]}`, good[:40]} {
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
	endless, err := read(io.MultiReader(strings.NewReader(good), strings.NewReader(strings.Repeat("x", 17<<20))))
	if err == nil || len(endless) != 1 {
		t.Errorf("a journal with a line of 17 MB is read as %d calls, %v; want 1 and an error", len(endless), err)
	}
}

// What is changed in the middle is told, and what stands before it is read.
func TestJournalTellsWhatIsBroken(t *testing.T) {
	var cs []record.Call
	for i := range 500 {
		cs = append(cs, call(time.Duration(i)*100*time.Millisecond, record.OK, time.Duration(i*i)*time.Microsecond))
	}
	var out bytes.Buffer
	j := record.NewJournal(&out)
	for i := range cs {
		if err := j.Append(&cs[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	told := 0
	for at := 8; at < out.Len(); at += 7 {
		broken := bytes.Clone(out.Bytes())
		broken[at] ^= 0x10
		got, err := read(bytes.NewReader(broken))
		if err != nil {
			told++
		} else if len(got) == len(cs) && !reflect.DeepEqual(got, cs) {
			t.Errorf("byte %d is changed, and the journal is read to its end as if it were whole", at)
		}
	}
	if told == 0 {
		t.Error("no change is told")
	}
}

func TestReadJournalStopsWhenAskedTo(t *testing.T) {
	line := string(plain(t, []record.Call{call(0, record.OK, 0)}))
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
		if got, err := read(bytes.NewReader(out.Bytes())); err != nil || len(got) != want {
			t.Errorf("after call %d, at %v, %d calls can be read, %v; want %d", i, c.End().Sub(start), len(got), err, want)
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
	for _, room := range []int{0, 250, 1 << 20} {
		l := record.NewLog(&failing{room})
		l.Begin(begun("haiku"))
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
	var before bytes.Buffer
	one := record.NewLog(&before)
	one.Begin(begun("haiku"))
	one.Add(&c)
	l := record.NewLog(&failing{before.Len()})
	l.Begin(begun("haiku"))
	l.Add(&c)
	l.Add(&c)
	if err := l.Close(); !errors.Is(err, errFull) {
		t.Errorf("Close() of a log that could not be written out = %v; want %v", err, errFull)
	}
}

func TestLogTakesCallsFromEverywhere(t *testing.T) {
	var out bytes.Buffer
	l := record.NewLog(&out)
	l.Begin(begun("haiku", "sonnet"))
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
	without.Begin(begun("haiku"))
	c := call(0, record.OK, 0)
	without.Add(&c)
	if err := without.Close(); err != nil || without.Fold("ramp", "haiku").Counts().Sent != 1 {
		t.Errorf("a log without a journal: Close() = %v; want no error and one call", err)
	}
}

package record_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/record"
)

// The record of a run that died has what its folds had, to the last digit.
func TestReplayFoldsAsTheRunDid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cs := calls().Draw(t, "calls")
		l := record.NewLog(nil)
		b := begun("haiku")
		b.SLO = &record.SLO{Latency: record.Duration(time.Second)}
		b.Load.Stages = []record.Stage{{Name: "one"}, {Name: "two"}, {Name: "three"}, {Name: "four"}}
		var journal bytes.Buffer
		live := record.NewLog(&journal)
		live.Open(&record.Run{SchemaVersion: record.SchemaVersion, Started: start, Models: []record.Model{{Name: "haiku"}}})
		for _, log := range []*record.Log{l, live} {
			log.Begin(b)
			for i := range cs {
				log.Add(&cs[i])
			}
		}
		live.Spend(func() record.Cost { return record.Cost{} })
		want := b.Read(func(m string) *record.Fold { return l.Fold("ramp", m) })
		r, err := record.Replay(&journal)
		if err != nil {
			t.Fatalf("Replay = %v; want no error", err)
		}
		if len(cs) == 0 {
			if len(r.Steps) != 0 {
				t.Fatalf("a step without a call is in the record: %+v", r.Steps)
			}
			return
		}
		got := record.Folded{Values: map[string]record.Values{"haiku": r.Models[0].Steps["ramp"]}, Totals: r.Totals["ramp"], Series: r.Series, Load: *r.Steps[0].Load}
		want.Series = append([]record.Series{}, want.Series...)
		if a, b := marshal(t, got), marshal(t, want); a != b {
			t.Fatalf("a replayed step has\n%s; want\n%s", a, b)
		}
		if !r.Aborted || r.Steps[0].Cut == "" || r.Spent.Requests != int64(reference(cs).sent()) {
			t.Fatalf("the run is aborted: %v, its step is cut by %q, and it spent %d requests; want a cut and %d", r.Aborted, r.Steps[0].Cut, r.Spent.Requests, reference(cs).sent())
		}
	})
}

func marshal(t failer, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(b)
}

func TestReplayKeepsStepsThatEnded(t *testing.T) {
	r, err := record.Replay(bytes.NewReader(journalOf(t, []record.Call{call(0, record.OK, time.Second)})))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Steps) != 2 || r.Steps[0].Name != "look" || r.Steps[0].Cut != "" || r.Steps[1].Name != "ramp" || r.Steps[1].Cut == "" {
		t.Errorf("the steps are %+v; want look as it was, and ramp cut", r.Steps)
	}
	if m := r.Models[0]; m.ID != "id" || m.Steps["look"]["coverage"].Value != 1 || m.Steps["ramp"]["ok"].Value != 1 {
		t.Errorf("the model is %+v; want what was known of it after the step that ended, with the numbers of both", m)
	}
	if !r.Ended.Equal(start.Add(time.Hour)) {
		t.Errorf("the run ended at %v; want the end of its last step", r.Ended)
	}
}

func TestReplayRefusesWhatIsNoRun(t *testing.T) {
	one := string(plain(t, []record.Call{call(0, record.OK, 0)}))
	head := `{"run":{"schema_version":1}}` + "\n"
	for journal, want := range map[string]string{
		"":         "does not say what ran",
		one:        "does not say what ran",
		head + one: "no beginning",
		head + `{"begun":{"step":"ramp"}}` + "\n": "windows of no length",
		`{"run":{"schema_version":9}}` + "\n":     "version 9",
		head + "{}\n":                             "line 2",
	} {
		if r, err := record.Replay(strings.NewReader(journal)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Replay(%q) = %v, %v; want an error with %q", journal, r, err, want)
		}
	}
}

package history_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/internal/history"
	"github.com/loadline-dev/loadline/record"
)

var update = flag.Bool("update", false, "write the golden files anew")

var began = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// shape is what a run of the fixtures is drawn from.
type shape struct {
	name     string
	seed     uint64
	after    time.Duration // after began
	calls    int           // a model
	throttle float64
	scale    float64 // of latencies
	quota    float64 // 0 is none
	edit     func(*record.Run)
}

var models = []string{"haiku", "sonnet"}

// made draws a run of ten minutes with its journal.
func made(t testing.TB, s shape) *history.Side {
	t.Helper()
	r, journal := written(t, s)
	calls, err := history.ReadCalls(bytes.NewReader(journal))
	if err != nil || !calls.Of(r) {
		t.Fatal("the journal is not that of the run: ", err)
	}
	return &history.Side{Name: "runs/" + s.name, Run: r, Calls: calls}
}

// written is a run and its journal.
func written(t testing.TB, s shape) (*record.Run, []byte) {
	t.Helper()
	dice := rand.New(rand.NewPCG(s.seed, 7))
	start := began.Add(s.after)
	r := &record.Run{
		SchemaVersion: record.SchemaVersion, Tool: record.Tool{Name: "loadline", Version: "1.2.0"},
		Scenario: record.Scenario{Name: "gate", File: "gate.yaml", Digest: "sha256:aa"}, Target: record.Target{Kind: "simulated", Account: "123456789012", Region: "us-east-1"},
		Started: start, Ended: start.Add(11 * time.Minute), Seed: s.seed, Totals: map[string]record.Values{}, Verdict: record.Pass,
		Assertions: []record.Assertion{{Name: "few throttles", Model: "haiku", Expr: "ramp.throttle_rate <= 0.05", Verdict: record.Pass, Severity: record.SeverityFail}},
	}
	for _, m := range models {
		model := record.Model{Name: m, ID: m + "-v1:0", Steps: map[string]record.Values{}}
		if s.quota > 0 {
			model.Quotas = []record.Quota{{Dimension: "rpm", Code: "L-1", Applied: new(s.quota), Default: new(1000.0), Adjustable: true}}
		}
		r.Models = append(r.Models, model)
	}
	begun := record.Begun{Step: "ramp", Models: models, Start: start, Period: record.Duration(10 * time.Second),
		Load: record.Load{Stages: []record.Stage{{Name: "constant", Length: record.Duration(10 * time.Minute), FromRPM: float64(s.calls) / 10, ToRPM: float64(s.calls) / 10}}}}
	var file bytes.Buffer
	j := record.NewJournal(&file)
	put := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	put(j.Note(record.Entry{Run: r}))
	put(j.Note(record.Entry{Begun: &begun}))
	folds := map[string]*record.Fold{}
	for _, m := range models {
		folds[m] = record.NewFold(start, 10*time.Second)
		for i := range s.calls {
			c := record.Call{Seq: i, Step: "ramp", Model: m, Planned: start.Add(time.Duration(i) * 10 * time.Minute / time.Duration(s.calls)), Outcome: record.OK}
			c.Took = time.Duration(s.scale * 400 * math.Exp(0.4*dice.NormFloat64()) * float64(time.Millisecond))
			c.Usage, c.QuotaTokens = &record.Usage{Input: 100, Output: 40}, 300
			if dice.Float64() < s.throttle {
				c.Outcome, c.Took, c.Usage, c.QuotaTokens = record.Throttled, 20*time.Millisecond, nil, 0
			}
			folds[m].Add(&c)
			put(j.Append(&c))
		}
	}
	got := begun.Read(func(m string) *record.Fold { return folds[m] })
	step := record.Step{Name: "ramp", Kind: record.KindLoad, Started: start, Ended: r.Ended, Load: &got.Load}
	for i := range r.Models {
		r.Models[i].Steps["ramp"] = got.Values[r.Models[i].Name]
	}
	put(j.Note(record.Entry{Ended: &record.Ended{Step: step, Values: got.Values, Totals: got.Totals, Models: r.Models}}))
	put(j.Close())
	r.Steps, r.Totals["ramp"] = []record.Step{step}, got.Totals
	r.Spent.Requests = int64(got.Load.Sent)
	if s.edit != nil {
		s.edit(r)
	}
	return r, file.Bytes()
}

// golden holds bytes against a file.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what it was; -update writes it:\n%s", path, got)
	}
}

func label(f *history.Finding) string {
	return fmt.Sprintf("%s %s %s %s", f.Kind, f.Step, f.Model, f.Name)
}

package record_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/record"
)

var phases = []record.Phase{
	{Name: `stage("late")`, Stages: []int{1, 3}},
	{Name: "window(last: 4m)", Start: record.Duration(6 * time.Minute)},
	{Name: "window(last: 1m)", Start: record.Duration(9 * time.Minute)},
}

func began(models ...string) record.Begun {
	return record.Begun{Step: "ramp", Models: models, Start: start, Period: record.Duration(2 * time.Second), SLO: &record.SLO{Latency: record.Duration(time.Second)},
		Load: record.Load{Counts: record.Counts{Outcomes: map[record.Outcome]int{}}, Stages: []record.Stage{{}, {}, {}, {}}, Phases: phases}}
}

// A phase reads as a step of which it is all, wherever its calls were counted.
func TestAPhaseReadsAsItsCallsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cs := calls().Draw(t, "calls")
		b := began("haiku")
		parts := []*record.Log{record.NewLog(nil), record.NewLog(nil)}
		for _, l := range parts {
			l.Begin(b)
		}
		for i := range cs {
			parts[rapid.IntRange(0, 1).Draw(t, "part")].Add(&cs[i])
		}
		whole := parts[0].Fold("ramp", "haiku")
		whole.Merge(parts[1].Fold("ramp", "haiku"))
		got := b.Read(func(string) *record.Fold { return whole }).Load.Phases
		for i, p := range phases {
			alone := record.NewLog(nil)
			alone.Begin(b)
			for k, c := range cs {
				if p.Stages == nil && c.Planned.Sub(start) >= time.Duration(p.Start) || p.Stages != nil && c.Stage%2 == 1 {
					alone.Add(&cs[k])
				}
			}
			want := alone.Fold("ramp", "haiku").Values()
			for name, r := range want {
				// These two look at the windows of the whole step.
				if name != "first_throttle_rpm" && name != "first_throttle_tpm" && r.Known != (got[i].Values["haiku"][name] != record.Reading{}) {
					t.Fatalf("%s of %s is %+v; want %+v", name, p.Name, got[i].Values["haiku"][name], r)
				}
				if r.Known && name != "first_throttle_rpm" && name != "first_throttle_tpm" && !reflect.DeepEqual(got[i].Values["haiku"][name], r) {
					t.Fatalf("%s of %s is %+v; want %+v", name, p.Name, got[i].Values["haiku"][name], r)
				}
			}
			if !reflect.DeepEqual(got[i].Totals, got[i].Values["haiku"]) {
				t.Fatalf("the only model has other readings than all models")
			}
		}
	})
}

// Rates are read from run.json with the counts that they were written with.
func TestRunsAreReadWithTheirRates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cs := calls().Draw(t, "calls")
		l, b := record.NewLog(nil), began("haiku", "nova")
		l.Begin(b)
		for i := range cs {
			if rapid.Bool().Draw(t, "nova") {
				cs[i].Model = "nova"
			}
			l.Add(&cs[i])
		}
		f := b.Read(func(model string) *record.Fold { return l.Fold("ramp", model) })
		r := record.Run{
			SchemaVersion: record.SchemaVersion, Totals: map[string]record.Values{"ramp": f.Totals},
			Steps:  []record.Step{{Name: "ramp", Kind: record.KindLoad, Load: &f.Load, Rates: record.RatesOf(f.Values, f.Totals, &f.Load)}},
			Models: []record.Model{{Name: "haiku", Steps: map[string]record.Values{"ramp": f.Values["haiku"]}}, {Name: "nova", Steps: map[string]record.Values{"ramp": f.Values["nova"]}}},
		}
		src, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := record.ReadRun(src)
		if err != nil {
			t.Fatal(err)
		}
		same := func(where string, got, want record.Values) {
			for _, m := range record.Metrics {
				if m.Share && !reflect.DeepEqual(got[m.Name], want[m.Name]) {
					t.Fatalf("%s %s was read as %+v; want %+v", where, m.Name, got[m.Name], want[m.Name])
				}
			}
		}
		same("totals", got.Totals["ramp"], f.Totals)
		for i, m := range r.Models {
			same(m.Name, got.Models[i].Steps["ramp"], m.Steps["ramp"])
		}
		for i, s := range f.Load.Stages {
			same("stage", got.Steps[0].Load.Stages[i].Totals, s.Totals)
			same("stage of haiku", got.Steps[0].Load.Stages[i].Values["haiku"], s.Values["haiku"])
		}
		for i, p := range f.Load.Phases {
			same(p.Name, got.Steps[0].Load.Phases[i].Totals, p.Totals)
			same(p.Name+" of nova", got.Steps[0].Load.Phases[i].Values["nova"], p.Values["nova"])
		}
	})
	if _, err := record.ReadRun([]byte(`{"steps": [{"rates": [{"model": "nobody", "phase": "x", "metric": "goodput", "hits": 1, "trials": 2}, {"metric": "none"}]}, {}]}`)); err != nil {
		t.Errorf("rates of nothing that is there: %v", err)
	}
	if _, err := record.ReadRun([]byte("[")); err == nil {
		t.Error("half a list was read as a run")
	}
}

// The rate at the first throttle of a window is that of the minute before it, also
// where the window begins later.
func TestAWindowKnowsTheMinuteBeforeIt(t *testing.T) {
	b := began("haiku")
	parts := []*record.Log{record.NewLog(nil), record.NewLog(nil)}
	for _, l := range parts {
		l.Begin(b)
	}
	for i := range 2 * 600 { // two calls a second, for ten minutes
		at := time.Duration(i) * time.Second / 2
		c := record.Call{Step: "ramp", Model: "haiku", Planned: start.Add(at), Outcome: record.OK}
		if at >= 9*time.Minute+2*time.Second {
			c.Outcome = record.Throttled
		}
		parts[i%2].Add(&c)
	}
	whole := parts[0].Fold("ramp", "haiku")
	whole.Merge(parts[1].Fold("ramp", "haiku"))
	got := b.Read(func(string) *record.Fold { return whole }).Load.Phases[2]
	for _, v := range []record.Values{got.Values["haiku"], got.Totals} {
		if r := v["first_throttle_rpm"]; r.Value < 119 || r.Value > 121 {
			t.Errorf("first_throttle_rpm of %s is %+v; want 120", got.Name, r)
		}
	}
}

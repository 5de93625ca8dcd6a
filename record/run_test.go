package record_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/record"
)

// richRun is a run with something under every key.
func richRun() record.Run {
	load := folded([]record.Call{call(0, record.OK, time.Second), call(time.Second, record.Throttled, time.Millisecond), call(2*time.Second, record.Dropped, 0)})
	w := record.Window{Start: start.Add(-time.Hour), End: start, Period: record.Duration(5 * time.Minute)}
	traffic := record.NewTraffic(w)
	traffic.Set(record.MetricInvocations, start.Add(-time.Minute), 12)
	counts := load.Counts()
	return record.Run{
		SchemaVersion: record.SchemaVersion, Tool: record.Tool{Name: "loadline", Version: "1.0.0"},
		Scenario: record.Scenario{Name: "gate", Description: "two\nlines", File: "gate.yaml", Digest: "sha256:00", Source: "version: 1\n"},
		Target:   record.Target{Kind: "simulated", Account: "123456789012", Region: "us-east-1"},
		Started:  start, Ended: start.Add(time.Minute), Seed: 1<<64 - 1, Aborted: true, Problem: "interrupted", Exit: record.ExitInterrupt,
		Plan:  record.Cost{Requests: 3, Tokens: 900, ReservedTokens: 300, USD: number(0.5), Duration: record.Duration(time.Minute)},
		Spent: record.Cost{Requests: 2, Unpriced: []string{"haiku"}},
		Models: []record.Model{{
			Name: "haiku", ID: "anthropic.claude-3-haiku-20240307-v1:0", BaseID: "anthropic.claude-3-haiku-20240307-v1:0", Family: "claude", Scope: "on-demand",
			Quotas: []record.Quota{{Dimension: "rpm", Code: "L-2DC80978", Name: "Requests", Applied: number(60), Adjustable: true, MatchedBy: "name"}},
			Notes:  []string{"tpm: none"},
			Steps:  map[string]record.Values{"ramp": load.Values(), "monitor": traffic.Values()},
		}},
		Totals: map[string]record.Values{"ramp": load.Values(), "monitor": traffic.Values()},
		Steps: []record.Step{
			{Name: "ramp", Kind: record.KindLoad, Started: start, Ended: start.Add(time.Minute), Cut: "signal", Stopped: "stop_when", Load: &record.Load{
				Counts: counts, Scheduled: 9, Warmup: record.Duration(time.Second),
				Stages: []record.Stage{{Name: "stage 1", Start: 0, Length: record.Duration(time.Minute), FromRPM: 0, ToRPM: 60.5, Counts: counts.Clone()}},
			}},
			{Name: "monitor", Kind: record.KindMonitor, Started: start, Ended: start, Window: &w},
		},
		Series:     slices.Concat(load.Series("ramp", "haiku"), traffic.Series("monitor", "haiku")),
		Assertions: []record.Assertion{{Name: "a", Model: "haiku", Expr: "ramp.throttle_rate <= 0.01", Verdict: record.Unknown, Reason: "too few calls", Values: map[string]record.Reading{"ramp.throttle_rate": record.Read(0.5, 2), "quota.rpm.default": {}}, Samples: map[string]int{"ramp.throttle_rate": 2}, Severity: record.SeverityFail, File: "gate.yaml", Line: 3, Column: 5}},
		Verdict:    record.Unknown,
		Artifacts:  []record.Artifact{{Path: "charts/haiku.svg", SHA256: "00"}},
	}
}

func TestRunRoundTrip(t *testing.T) {
	in := richRun()
	out, text := roundTrip(t, in)
	if _, again := roundTrip(t, out); again != text {
		t.Errorf("a run is written as\n%s\nand, read back, as\n%s; want the same", text, again)
	}
	wantSameValues(t, out.Models[0].Steps["ramp"], in.Models[0].Steps["ramp"], text)
	wantSameValues(t, out.Totals["monitor"], in.Totals["monitor"], text)
	for _, word := range []string{"NaN", "Inf"} {
		if strings.Contains(text, word) {
			t.Errorf("a run is written with %s in it: %s", word, text)
		}
	}
	// What JSON does not keep is how many samples stand behind a reading.
	in.Models, out.Models, in.Totals, out.Totals, in.Assertions, out.Assertions = nil, nil, nil, nil, nil, nil
	if !reflect.DeepEqual(out, in) {
		t.Errorf("a run became\n%+v; want\n%+v", out, in)
	}
}

func TestModelRoundTrip(t *testing.T) {
	text := rapid.StringMatching(`[a-z0-9.:<>&"' -]{0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		in := record.Model{
			Name: text.Draw(t, "name"), ID: text.Draw(t, "id"), BaseID: text.Draw(t, "base"), Family: text.Draw(t, "family"), Scope: text.Draw(t, "scope"),
			Notes: rapid.SliceOfN(text, 1, 3).Draw(t, "notes"), Burndown: rapid.Float64Range(0, 20).Draw(t, "burndown"),
			Steps: map[string]record.Values{},
		}
		for _, name := range rapid.SliceOfN(rapid.StringMatching(`[a-z][a-z0-9_]{0,8}`), 0, 4).Draw(t, "steps") {
			if !slices.Contains(record.ModelKeys, name) {
				in.Steps[name] = allValues().Draw(t, "values")
			}
		}
		for range rapid.IntRange(1, 3).Draw(t, "quotas") {
			in.Quotas = append(in.Quotas, record.Quota{Dimension: text.Draw(t, "dimension"), Applied: rapid.Ptr(rapid.Float64(), true).Draw(t, "applied")})
		}
		out, text := roundTrip(t, in)
		if got, want := slices.Sorted(maps.Keys(out.Steps)), slices.Sorted(maps.Keys(in.Steps)); !slices.Equal(got, want) {
			t.Fatalf("steps %v became %v by way of %s", want, got, text)
		}
		for name := range in.Steps {
			wantSameValues(t, out.Steps[name], in.Steps[name], text)
		}
		in.Steps, out.Steps = nil, nil
		if !reflect.DeepEqual(out, in) {
			t.Fatalf("%+v became %+v by way of %s; want the same", in, out, text)
		}
	})
}

func TestModelIsWrittenWithItsKeysFirst(t *testing.T) {
	tests := []struct {
		m    record.Model
		want string
	}{
		{record.Model{Name: "a"}, `{"name":"a","id":"","base_id":"","family":"","scope":"","quotas":[],"notes":[]}`},
		{record.Model{Name: "a", Steps: map[string]record.Values{"z": {"ok": record.Read(1, 1)}, "b": {}}}, `{"name":"a","id":"","base_id":"","family":"","scope":"","quotas":[],"notes":[],"b":{},"z":{"ok":1}}`},
	}
	for _, tt := range tests {
		if b, err := json.Marshal(tt.m); err != nil || string(b) != tt.want {
			t.Errorf("%+v is written as %s, %v; want %s", tt.m, b, err, tt.want)
		}
	}
	var keys map[string]json.RawMessage
	full, err := json.Marshal(record.Model{Burndown: 1, Capacity: &record.ModelCapacity{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(full, &keys); err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Sorted(maps.Keys(keys)), slices.Sorted(slices.Values(record.ModelKeys)); !slices.Equal(got, want) {
		t.Errorf("a model without steps has the keys %v; want ModelKeys, %v", got, want)
	}
	for _, text := range []string{`[]`, `{"name":1}`, `{"ramp":1}`, `{"ramp":{"ok":"1"}}`} {
		var m record.Model
		if err := json.Unmarshal([]byte(text), &m); err == nil {
			t.Errorf("Unmarshal(%s) = %+v; want an error", text, m)
		}
	}
}

func TestLookUps(t *testing.T) {
	r := richRun()
	if q, ok := r.Models[0].Quota("rpm"); !ok || q.Code != "L-2DC80978" {
		t.Errorf("Quota(rpm) = %+v, %v; want L-2DC80978", q, ok)
	}
	if q, ok := r.Models[0].Quota("tpd"); ok {
		t.Errorf("Quota(tpd) = %+v; want none", q)
	}
	if s, ok := r.Find("ramp", "haiku", record.SeriesOK); !ok || s.Name != record.SeriesOK {
		t.Errorf("Find(ramp, haiku, ok) = %+v, %v; want the series", s, ok)
	}
	for _, key := range [][3]string{{"ramp", "haiku", "none"}, {"ramp", "sonnet", "ok"}, {"monitor", "haiku", "ok"}} {
		if s, ok := r.Find(key[0], key[1], key[2]); ok {
			t.Errorf("Find(%v) = %+v; want none", key, s)
		}
	}
}

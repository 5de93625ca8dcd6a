package ramp_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/runner/ramp"
)

func TestEveryShapeIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range ramp.Shapes {
		if s.Name == "" || s.Name != strings.ToLower(s.Name) || seen[s.Name] {
			t.Errorf("shape %q has a name that is empty, taken or not in lower case", s.Name)
		}
		seen[s.Name] = true
		if !strings.HasSuffix(s.Doc, ".") {
			t.Errorf("shape %s: Doc = %q; want sentences", s.Name, s.Doc)
		}
		if s.Build == nil {
			t.Errorf("shape %s has no Build", s.Name)
		}
		if s.Example == "" {
			t.Errorf("shape %s has no Example", s.Name)
		}
		main := slices.IndexFunc(s.Params, func(p ramp.Param) bool { return p.Name == s.Name })
		if main < 0 || !s.Params[main].Required {
			t.Errorf("shape %s has no required setting of its own name; a scenario could not tell it", s.Name)
		}
		if s.StopWhen != "" && !s.PerStage {
			t.Errorf("shape %s: StopWhen = %q, which it does not judge on its own terms; want PerStage", s.Name, s.StopWhen)
		}
		checkParams(t, s.Name, s.Params)
	}
}

// checkParams looks at the settings of a shape, or of an item of its list.
func checkParams(t *testing.T, owner string, params []ramp.Param) {
	t.Helper()
	seen := map[string]bool{}
	for _, p := range params {
		if p.Name == "" || p.Name != strings.ToLower(p.Name) || seen[p.Name] {
			t.Errorf("%s: setting %q has a name that is empty, taken or not in lower case", owner, p.Name)
		}
		seen[p.Name] = true
		if !strings.HasSuffix(p.Doc, ".") {
			t.Errorf("%s: Doc of setting %s = %q; want a sentence", owner, p.Name, p.Doc)
		}
		if p.Required && p.Default != "" {
			t.Errorf("%s: setting %s is required and has the default %q; want one of the two", owner, p.Name, p.Default)
		}
		if (p.Kind == ramp.Items || p.Kind == ramp.CountOrItems) != (len(p.Items) > 0) {
			t.Errorf("%s: setting %s of kind %d has %d settings an item; want some for a list, else none", owner, p.Name, p.Kind, len(p.Items))
		}
		checkParams(t, owner+"."+p.Name, p.Items)
	}
}

func shape(t *testing.T, name string) ramp.Shape {
	t.Helper()
	i := slices.IndexFunc(ramp.Shapes, func(s ramp.Shape) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("no shape is named %q", name)
	}
	return ramp.Shapes[i]
}

// item is one stage: a rate, and how long it takes to get there and stays.
func item(to float64, over, hold time.Duration) ramp.Args {
	a := ramp.Args{Rates: map[string]float64{"to": to}, Durations: map[string]time.Duration{}}
	if over > 0 {
		a.Durations["over"] = over
	}
	if hold > 0 {
		a.Durations["hold"] = hold
	}
	return a
}

func TestBuildStages(t *testing.T) {
	const m = time.Minute
	tests := []struct {
		name  string
		items []ramp.Args
		want  ramp.Profile
		err   string
	}{
		{"over starts from nothing", []ramp.Args{item(60, m, 0)}, ramp.Profile{{Name: "stage 1", To: 60, Length: m}}, ""},
		{"hold alone is a jump", []ramp.Args{item(60, 0, m)}, ramp.Profile{{Name: "stage 1 hold", From: 60, To: 60, Length: m}}, ""},
		{"each goes on from the one before", []ramp.Args{item(60, m, 0), item(120, m, 3*m), item(0, m, 0)}, ramp.Profile{
			{Name: "stage 1", From: 0, To: 60, Length: m},
			{Name: "stage 2", From: 60, To: 120, Length: m}, {Name: "stage 2 hold", From: 120, To: 120, Length: 3 * m},
			{Name: "stage 3", From: 120, To: 0, Length: m},
		}, ""},
		{"a jump down", []ramp.Args{item(120, 0, m), item(60, 0, m)}, ramp.Profile{
			{Name: "stage 1 hold", From: 120, To: 120, Length: m}, {Name: "stage 2 hold", From: 60, To: 60, Length: m},
		}, ""},
		{"no time", []ramp.Args{item(60, m, 0), item(120, 0, 0)}, nil, "stage 2 takes no time"},
		{"no call", []ramp.Args{item(0, m, m)}, nil, "sends no call"},
		{"too slow for its time", []ramp.Args{item(1, 0, 29*time.Second)}, nil, "sends no call"},
	}
	for _, tt := range tests {
		got, err := shape(t, "stages").Build(ramp.Args{Items: tt.items})
		checkBuild(t, tt.name, got, err, tt.want, tt.err)
	}
}

func TestBuildConstant(t *testing.T) {
	got, err := shape(t, "constant").Build(ramp.Args{Rates: map[string]float64{"constant": 90}, Durations: map[string]time.Duration{"for": time.Minute}})
	checkBuild(t, "constant", got, err, ramp.Profile{{Name: "constant", From: 90, To: 90, Length: time.Minute}}, "")
	if n := got.Count(); n != 90 {
		t.Errorf("90 rpm for a minute sends %d calls; want 90", n)
	}
}

func TestBuildBatches(t *testing.T) {
	const s = time.Second
	tests := []struct {
		name      string
		counts    map[string]int
		durations map[string]time.Duration
		want      ramp.Profile
		times     []float64
	}{
		{"all at once", map[string]int{"batches": 3, "size": 2}, map[string]time.Duration{"pause": 15 * s}, ramp.Profile{
			{Name: "batch 1", Burst: 2, Length: 15 * s}, {Name: "batch 2", Burst: 4, Length: 15 * s}, {Name: "batch 3", Burst: 6, Length: 15 * s},
		}, []float64{0, 0, 15, 15, 15, 15, 30, 30, 30, 30, 30, 30}},
		{"spread", map[string]int{"batches": 2, "size": 2}, map[string]time.Duration{"pause": 10 * s, "over": 4 * s}, ramp.Profile{
			{Name: "batch 1", From: 30, To: 30, Length: 4 * s}, {Name: "batch 1 pause", Length: 10 * s},
			{Name: "batch 2", From: 60, To: 60, Length: 4 * s}, {Name: "batch 2 pause", Length: 10 * s},
		}, []float64{1, 3, 14.5, 15.5, 16.5, 17.5}},
		{"no pause", map[string]int{"batches": 2, "size": 1}, map[string]time.Duration{}, ramp.Profile{{Name: "batch 1", Burst: 1}, {Name: "batch 2", Burst: 2}}, []float64{0, 0, 0}},
	}
	for _, tt := range tests {
		got, err := shape(t, "batches").Build(ramp.Args{Counts: tt.counts, Durations: tt.durations})
		checkBuild(t, tt.name, got, err, tt.want, "")
		if at, want := times(got), allSeconds(tt.times); !slices.Equal(at, want) {
			t.Errorf("%s: calls are due at %v; want %v", tt.name, at, want)
		}
	}
}

// A batch that is spread over an odd time must not lose or gain a call.
func TestBatchesSendNTimesTheirSize(t *testing.T) {
	for _, over := range []time.Duration{0, 7 * time.Millisecond, 3 * time.Second, 61*time.Second + 1} {
		p, err := shape(t, "batches").Build(ramp.Args{Counts: map[string]int{"batches": 40, "size": 7}, Durations: map[string]time.Duration{"pause": time.Second, "over": over}})
		if err != nil {
			t.Fatal(err)
		}
		counts := map[string]int{}
		for s := range p.Slots() {
			counts[p[s.Stage].Name]++
		}
		for n, name := range []string{"batch 1", "batch 2", "batch 3"} {
			if want := (n + 1) * 7; counts[name] != want {
				t.Errorf("%s spread over %v has %d calls; want %d", name, over, counts[name], want)
			}
		}
		if got, want := p.Count(), 40*41/2*7; got != want {
			t.Errorf("40 batches spread over %v have %d calls; want %d", over, got, want)
		}
	}
}

func checkBuild(t *testing.T, name string, got ramp.Profile, err error, want ramp.Profile, wantErr string) {
	t.Helper()
	if wantErr != "" {
		if err == nil || !strings.Contains(err.Error(), wantErr) {
			t.Errorf("%s: error = %v; want one that says %q", name, err, wantErr)
		}
		return
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%s: profile = %v, %v; want %v", name, got, err, want)
	}
}

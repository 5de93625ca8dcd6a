package ramp_test

import (
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/runner/ramp"
)

// times lists when the slots of a profile are due.
func times(p ramp.Profile) []time.Duration {
	var out []time.Duration
	for s := range p.Slots() {
		out = append(out, s.At)
	}
	return out
}

// allSeconds reads a list of seconds.
func allSeconds(list []float64) []time.Duration {
	var out []time.Duration
	for _, s := range list {
		out = append(out, seconds(s))
	}
	return out
}

func TestSlotsAreDueInTheMiddleOfTheirUnitOfArea(t *testing.T) {
	tests := []struct {
		name string
		p    ramp.Profile
		want []float64
	}{
		{"no stage", nil, nil},
		{"no rate", ramp.Profile{{Length: time.Hour}}, nil},
		{"no time", ramp.Profile{{From: 60, To: 60}}, nil},
		{"half a call is no call", ramp.Profile{{From: 30, To: 30, Length: time.Second}}, nil},
		{"a little more than half a call is one", ramp.Profile{{From: 30, To: 30, Length: 1001 * time.Millisecond}}, []float64{1}},
		{"a call a second", ramp.Profile{{From: 60, To: 60, Length: 4 * time.Second}}, []float64{0.5, 1.5, 2.5, 3.5}},
		{"ten a second", ramp.Profile{{From: 600, To: 600, Length: time.Second}}, []float64{0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95}},
		// A(t) = t^2 / 2 for 0 to 240 rpm over 4 s, so call k is due at sqrt(2k + 1).
		{"up from nothing", ramp.Profile{{From: 0, To: 240, Length: 4 * time.Second}}, []float64{1, 1.732050808, 2.236067977, 2.645751311, 3, 3.31662479, 3.605551275, 3.872983346}},
		// The same in a mirror.
		{"down to nothing", ramp.Profile{{From: 240, To: 0, Length: 4 * time.Second}}, []float64{0.127016654, 0.394448725, 0.68337521, 1, 1.354248689, 1.763932023, 2.267949192, 3}},
		{"the area goes on over stages", ramp.Profile{{From: 40, To: 40, Length: time.Second}, {From: 20, To: 20, Length: time.Second}}, []float64{0.75}},
		{"a stage of no rate only passes time", ramp.Profile{{From: 60, To: 60, Length: time.Second}, {Length: time.Minute}, {From: 60, To: 60, Length: time.Second}}, []float64{0.5, 61.5}},
		{"half a call, then up from nothing", ramp.Profile{{From: 30, To: 30, Length: time.Second}, {From: 0, To: 120, Length: time.Second}}, []float64{1}},
		{"down to half a call, then up", ramp.Profile{{From: 60, To: 0, Length: 3 * time.Second}, {From: 0, To: 60, Length: time.Second}}, []float64{0.550510257, 3}},
		{"bursts come at the start and take no area", ramp.Profile{{Burst: 2, From: 60, To: 60, Length: 2 * time.Second}, {Burst: 1, Length: time.Second}}, []float64{0, 0, 0.5, 1.5, 2}},
	}
	for _, tt := range tests {
		if got, want := times(tt.p), allSeconds(tt.want); !slices.Equal(got, want) {
			t.Errorf("%s: slots of %v are due at %v; want %v", tt.name, tt.p, got, want)
		}
		if n := tt.p.Count(); n != len(tt.want) {
			t.Errorf("%s: Count of %v = %d; want %d", tt.name, tt.p, n, len(tt.want))
		}
	}
}

func TestSlotsTellTheirStage(t *testing.T) {
	p := ramp.Profile{{From: 60, To: 60, Length: 2 * time.Second}, {Length: time.Second}, {Burst: 1, Length: time.Second}, {From: 120, To: 120, Length: time.Second}}
	var seqs, stages []int
	for s := range p.Slots() {
		seqs, stages = append(seqs, s.Seq), append(stages, s.Stage)
	}
	if want := []int{0, 0, 2, 3, 3}; !slices.Equal(stages, want) {
		t.Errorf("stages of the slots = %v; want %v", stages, want)
	}
	if want := []int{0, 1, 2, 3, 4}; !slices.Equal(seqs, want) {
		t.Errorf("numbers of the slots = %v; want %v", seqs, want)
	}
	if got := p.Length(); got != 5*time.Second {
		t.Errorf("Length = %v; want 5s", got)
	}
}

func TestSlotsStopWhenAskedTo(t *testing.T) {
	for _, p := range []ramp.Profile{{{Burst: 5}}, every(5)} {
		for name, slots := range map[string]func(func(ramp.Slot) bool){"Slots": p.Slots(), "Merge": merged(p, 2)} {
			n := 0
			slots(func(ramp.Slot) bool { n++; return n < 3 })
			if n != 3 {
				t.Errorf("%s yielded %d slots to a loop that ended at the third; want 3", name, n)
			}
		}
	}
}

func TestScheduleMergesModels(t *testing.T) {
	p := ramp.Profile{{Burst: 1, Length: time.Second}, {From: 60, To: 60, Length: 2 * time.Second}}
	const us = time.Microsecond
	tests := []struct {
		models int
		want   []ramp.Slot
	}{
		{0, nil},
		{1, []ramp.Slot{{Seq: 0, Stage: 0, At: 0}, {Seq: 1, Own: 1, Stage: 1, At: seconds(1.5)}, {Seq: 2, Own: 2, Stage: 1, At: seconds(2.5)}}},
		{2, []ramp.Slot{
			{Seq: 0, Stage: 0, Model: 0, At: 0}, {Seq: 1, Stage: 0, Model: 1, At: us},
			{Seq: 2, Own: 1, Stage: 1, Model: 0, At: seconds(1.5)}, {Seq: 3, Own: 1, Stage: 1, Model: 1, At: seconds(1.5) + us},
			{Seq: 4, Own: 2, Stage: 1, Model: 0, At: seconds(2.5)}, {Seq: 5, Own: 2, Stage: 1, Model: 1, At: seconds(2.5) + us},
		}},
	}
	for _, tt := range tests {
		if got := slices.Collect(merged(p, tt.models)); !slices.Equal(got, tt.want) {
			t.Errorf("Merge of %d models = %v; want %v", tt.models, got, tt.want)
		}
	}
}

// A profile may end between two microseconds; its last slot must not leave it.
func TestScheduleStaysInsideTheProfile(t *testing.T) {
	p := ramp.Profile{{Length: 1600 * time.Nanosecond}, {Burst: 1}}
	for s := range merged(p, 1) {
		if want := time.Microsecond; s.At != want {
			t.Errorf("the slot at the end of a profile of %v is due at %v; want %v", p.Length(), s.At, want)
		}
	}
}

// merged is the schedule of several models that follow the same profile.
func merged(p ramp.Profile, models int) iter.Seq[ramp.Slot] {
	tracks := make([]ramp.Track, models)
	for i := range tracks {
		tracks[i].Profile = p
	}
	return ramp.Merge(tracks, ramp.Lane{})
}

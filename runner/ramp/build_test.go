package ramp_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/runner/ramp"
)

// flat is a stage of one rate.
func flat(name string, rate float64, length time.Duration) ramp.Stage {
	return ramp.Stage{Name: name, From: rate, To: rate, Length: length}
}

func rates(pairs map[string]float64) ramp.Args {
	return ramp.Args{Rates: pairs, Durations: map[string]time.Duration{}, Counts: map[string]int{}}
}

// over sets a duration.
func with(a ramp.Args, name string, d time.Duration) ramp.Args {
	a.Durations[name] = d
	return a
}

func TestBuildShapes(t *testing.T) {
	const s, m = time.Second, time.Minute
	stair := func(from, to, step float64, steps int) ramp.Args {
		a := with(rates(map[string]float64{"stairs": to, "from": from}), "each", m)
		if step >= 0 {
			a.Rates["step"] = step
		}
		if steps > 0 {
			a.Counts["steps"] = steps
		}
		return a
	}
	spike := with(with(with(rates(map[string]float64{"spike": 600, "base": 60}), "at", m), "rise", 5*s), "for", 30*s)
	wave := func(mean, amplitude float64, period time.Duration) ramp.Args {
		return with(with(rates(map[string]float64{"sine": mean, "amplitude": amplitude}), "period", period), "for", 10*m)
	}
	soak := with(rates(map[string]float64{"soak": 60}), "for", time.Hour)
	workers := func(n int, length time.Duration, items ...ramp.Args) ramp.Args {
		a := ramp.Args{Counts: map[string]int{}, Durations: map[string]time.Duration{}, Items: items}
		if n > 0 {
			a.Counts["concurrency"] = n
		}
		if length > 0 {
			a.Durations["for"] = length
		}
		return a
	}
	stage := func(to int, over, hold time.Duration) ramp.Args {
		return ramp.Args{Counts: map[string]int{"to": to}, Durations: map[string]time.Duration{"over": over, "hold": hold}}
	}
	tests := []struct {
		shape, name string
		args        ramp.Args
		want        ramp.Profile
		err         string
	}{
		{"linear", "from nothing", with(rates(map[string]float64{"linear": 60}), "over", m), ramp.Profile{{Name: "linear", To: 60, Length: m}}, ""},
		{"linear", "down", with(rates(map[string]float64{"linear": 6, "from": 60}), "over", m), ramp.Profile{{Name: "linear", From: 60, To: 6, Length: m}}, ""},

		{"stairs", "up", stair(60, 180, 60, 0), ramp.Profile{flat("stair 1", 60, m), flat("stair 2", 120, m), flat("stair 3", 180, m)}, ""},
		{"stairs", "a last step that is smaller", stair(60, 150, 60, 0), ramp.Profile{flat("stair 1", 60, m), flat("stair 2", 120, m), flat("stair 3", 150, m)}, ""},
		{"stairs", "down", stair(120, 60, 30, 0), ramp.Profile{flat("stair 1", 120, m), flat("stair 2", 90, m), flat("stair 3", 60, m)}, ""},
		{"stairs", "by number", stair(10, 40, -1, 4), ramp.Profile{flat("stair 1", 10, m), flat("stair 2", 20, m), flat("stair 3", 30, m), flat("stair 4", 40, m)}, ""},
		{"stairs", "tenths are no more stairs than there are", stair(0.1, 0.4, 0.1, 0), ramp.Profile{flat("stair 1", 0.1, m), flat("stair 2", 0.2, m), flat("stair 3", 0.30000000000000004, m), flat("stair 4", 0.4, m)}, ""},
		{"stairs", "from a rate to itself", stair(60, 60, 60, 0), ramp.Profile{flat("stair 1", 60, m)}, ""},
		{"stairs", "neither step nor steps", stair(60, 180, -1, 0), nil, "one of `step` and `steps`"},
		{"stairs", "both", stair(60, 180, 60, 3), nil, "one of `step` and `steps`"},
		{"stairs", "no step", stair(60, 180, 0, 0), nil, "never arrives"},
		{"stairs", "one stair", stair(60, 180, -1, 1), nil, "one stair cannot"},
		{"stairs", "too many", stair(0, 10e6, 1e-9, 0), nil, "more than 1000 stairs"},
		{"stairs", "too many by number", stair(0, 10e6, -1, 1_000_000), nil, "more than 1000 stairs"},

		{"spike", "the way back is as long as the way up", spike, ramp.Profile{
			flat("before", 60, m), {Name: "rise", From: 60, To: 600, Length: 5 * s}, flat("peak", 600, 30*s), {Name: "fall", From: 600, To: 60, Length: 5 * s}, flat("after", 60, m)}, ""},
		{"sine", "a wave", wave(60, 60, m), ramp.Profile{{Name: "sine", From: 60, To: 60, Swing: 60, Period: m, Length: 10 * m}}, ""},
		{"sine", "below 0", wave(60, 61, m), nil, "larger than the mean"},
		{"sine", "no period", wave(60, 30, 0), nil, "`period`"},
		{"soak", "jumps", soak, ramp.Profile{flat("soak", 60, time.Hour)}, ""},
		{"soak", "ways up and down", with(with(with(rates(map[string]float64{"soak": 60}), "for", time.Hour), "ramp_in", m), "ramp_out", s), ramp.Profile{
			{Name: "ramp in", To: 60, Length: m}, flat("soak", 60, time.Hour), {Name: "ramp out", From: 60, Length: s}}, ""},

		{"concurrency", "a number", workers(20, m), ramp.Profile{flat("concurrency", 20, m)}, ""},
		{"concurrency", "stages", workers(0, 0, stage(5, 0, m), stage(20, s, m)), ramp.Profile{flat("stage 1 hold", 5, m), {Name: "stage 2", From: 5, To: 20, Length: s}, flat("stage 2 hold", 20, m)}, ""},
		{"concurrency", "a number without a time", workers(20, 0), nil, "`for`"},
		{"concurrency", "stages with a time", workers(0, m, stage(5, 0, m)), nil, "leave out `for`"},

		{"replay", "to the second after the last call", ramp.Args{Arrivals: []ramp.Arrival{{At: 0}, {At: 2500 * time.Millisecond}}}, ramp.Profile{flat("replay", 40, 3*s)}, ""},
		{"replay", "twice as fast", ramp.Args{Arrivals: []ramp.Arrival{{At: 0}, {At: 2500 * time.Millisecond}}, Factors: map[string]float64{"speed": 2}}, ramp.Profile{flat("replay", 60, 2*s)}, ""},
		{"replay", "no call", ramp.Args{}, nil, "no calls"},
	}
	for _, tt := range tests {
		got, err := shape(t, tt.shape).Build(tt.args)
		checkBuild(t, tt.shape+", "+tt.name, got, err, tt.want, tt.err)
	}
}

// The way back and the time after a spike can be said, also as none.
func TestASpikeEndsAsItIsTold(t *testing.T) {
	a := with(with(rates(map[string]float64{"spike": 600, "base": 60}), "at", time.Minute), "for", time.Second)
	a = with(with(with(a, "rise", time.Second), "fall", 0), "after", 2*time.Second)
	p, err := shape(t, "spike").Build(a)
	var names []string
	for _, s := range p {
		names = append(names, s.Name)
	}
	if err != nil || strings.Join(names, " ") != "before rise peak after" || p[3].Length != 2*time.Second {
		t.Errorf("stages = %v, %v; want no fall, and 2s after", p, err)
	}
}

func TestSharesOfAProfileAddUpToIt(t *testing.T) {
	p := ramp.Profile{{From: 60, To: 120, Swing: 30, Period: time.Second, Length: time.Minute}, {Burst: 7}}
	a, b, c := p.Share(0, 0.5), p.Share(0.5, 0.3), p.Share(0.8, 0.2)
	if got := []int{a[1].Burst, b[1].Burst, c[1].Burst}; !slices.Equal(got, []int{4, 2, 1}) {
		t.Errorf("a burst of 7 was cut into %v; want 4, 2 and 1", got)
	}
	if b[0].From != 18 || b[0].To != 36 || b[0].Swing != 9 {
		t.Errorf("0.3 of %v = %v; want rates of 18, 36 and 9", p[0], b[0])
	}
	if p[1].Burst != 7 || p[0].From != 60 {
		t.Error("Share changed the profile itself")
	}
}

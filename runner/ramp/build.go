package ramp

import (
	"errors"
	"fmt"
	"math"
	"time"
)

var errNoCall = errors.New("this ramp sends no call: its rates are too low for its time")

// pieces puts stages one after the other, each going on from where the one
// before ended.
type pieces struct {
	Profile
	rate float64
}

// to goes to a rate over a time, which may be none.
func (p *pieces) to(name string, rate float64, over time.Duration) {
	if over > 0 {
		p.Profile = append(p.Profile, Stage{Name: name, From: p.rate, To: rate, Length: over})
	}
	p.rate = rate
}

// hold stays at the rate for a time, which may be none.
func (p *pieces) hold(name string, length time.Duration) { p.to(name, p.rate, length) }

func stages(a Args) (Profile, error) {
	return steps(a.Items, func(s Args) float64 { return s.Rates["to"] })
}

// steps is what stages of rates and stages of workers have in common.
func steps(items []Args, to func(Args) float64) (Profile, error) {
	var p pieces
	for i, s := range items {
		over, hold := s.Durations["over"], s.Durations["hold"]
		if over == 0 && hold == 0 {
			return nil, fmt.Errorf("stage %d takes no time: give it `over`, `hold` or both", i+1)
		}
		first, second := fmt.Sprintf("stage %d", i+1), fmt.Sprintf("stage %d hold", i+1)
		name := s.Names["name"]
		switch {
		case name == "":
		case over > 0 && hold > 0:
			first, second = name+" over", name+" hold"
		default:
			first, second = name, name
		}
		begun := len(p.Profile)
		p.to(first, to(s), over)
		p.hold(second, hold)
		for k := begun; k < len(p.Profile); k++ {
			p.Profile[k].Of = name
		}
	}
	if p.Count() == 0 {
		return nil, errNoCall
	}
	return p.Profile, nil
}

func constant(a Args) (Profile, error) {
	r := a.Rates["constant"]
	return Profile{{Name: "constant", From: r, To: r, Length: a.Durations["for"]}}, nil
}

func linear(a Args) (Profile, error) {
	return Profile{{Name: "linear", From: a.Rates["from"], To: a.Rates["linear"], Length: a.Durations["over"]}}, nil
}

// maxStairs is as many stages as a list may have.
const maxStairs = 1000

func stairs(a Args) (Profile, error) {
	from, to, n := a.Rates["from"], a.Rates["stairs"], a.Counts["steps"]
	step, written := a.Rates["step"]
	rise := math.Abs(to - from)
	switch {
	case written == (n > 0):
		return nil, errors.New("stairs need one of `step` and `steps`")
	case n == 1 && rise > 0:
		return nil, errors.New("one stair cannot go from one rate to another: give at least 2 `steps`")
	case written && step == 0:
		return nil, errors.New("a `step` of nothing never arrives")
	case written:
		// What a quotient of floats is above a whole number is noise.
		n = 1 + int(math.Ceil(min(rise/step, maxStairs)-1e-9))
	case n > 1:
		step = rise / float64(n-1)
	}
	if n > maxStairs {
		return nil, fmt.Errorf("more than %d stairs: make `step` larger", maxStairs)
	}
	var p Profile
	for i := range n {
		rate := from + math.Copysign(min(float64(i)*step, rise), to-from)
		if i == n-1 {
			rate = to
		}
		p = append(p, Stage{Name: fmt.Sprintf("stair %d", i+1), From: rate, To: rate, Length: a.Durations["each"]})
	}
	return p, nil
}

func spike(a Args) (Profile, error) {
	base, peak := a.Rates["base"], a.Rates["spike"]
	orElse := func(name, other string) time.Duration {
		if d, ok := a.Durations[name]; ok {
			return d
		}
		return a.Durations[other]
	}
	p := pieces{rate: base}
	p.hold("before", a.Durations["at"])
	p.to("rise", peak, a.Durations["rise"])
	p.hold("peak", a.Durations["for"])
	p.to("fall", base, orElse("fall", "rise"))
	p.hold("after", orElse("after", "at"))
	return p.Profile, nil
}

func sine(a Args) (Profile, error) {
	mean, amplitude, period := a.Rates["sine"], a.Rates["amplitude"], a.Durations["period"]
	if amplitude > mean {
		return nil, errors.New("the `amplitude` is larger than the mean, and a rate cannot be below 0")
	}
	if period == 0 {
		return nil, errors.New("a wave needs a `period`")
	}
	return Profile{{Name: "sine", From: mean, To: mean, Swing: amplitude, Period: period, Length: a.Durations["for"]}}, nil
}

func soak(a Args) (Profile, error) {
	var p pieces
	p.to("ramp in", a.Rates["soak"], a.Durations["ramp_in"])
	p.hold("soak", a.Durations["for"])
	p.to("ramp out", 0, a.Durations["ramp_out"])
	return p.Profile, nil
}

func batches(a Args) (Profile, error) {
	var p Profile
	over, pause := a.Durations["over"], a.Durations["pause"]
	for n := 1; n <= a.Counts["batches"]; n++ {
		calls := n * a.Counts["size"]
		s := Stage{Name: fmt.Sprintf("batch %d", n), Burst: calls, Length: pause}
		if over > 0 {
			rate := float64(calls) / over.Minutes()
			p = append(p, Stage{Name: s.Name, From: rate, To: rate, Length: over})
			s = Stage{Name: s.Name + " pause", Length: pause}
		}
		p = append(p, s)
	}
	return p, nil
}

func concurrency(a Args) (Profile, error) {
	n, length := a.Counts["concurrency"], a.Durations["for"]
	switch {
	case n == 0 && length > 0:
		return nil, errors.New("stages of workers have times of their own: leave out `for`")
	case n == 0:
		return steps(a.Items, func(s Args) float64 { return float64(s.Counts["to"]) })
	case length == 0:
		return nil, errors.New("say how long with `for`")
	}
	return Profile{{Name: "concurrency", From: float64(n), To: float64(n), Length: length}}, nil
}

// replay is one stage up to the whole second after the last call; its rate is
// the mean.
func replay(a Args) (Profile, error) {
	if len(a.Arrivals) == 0 {
		return nil, errors.New("this file has no calls")
	}
	last := a.Arrivals[len(a.Arrivals)-1].Faster(a.Factors["speed"])
	if last > maxArrivalTime {
		return nil, fmt.Errorf("at this `speed` the last call comes after %.0f days; at most %.0f are allowed", last.Hours()/24, maxArrivalTime.Hours()/24)
	}
	length := last.Truncate(time.Second) + time.Second
	mean := float64(len(a.Arrivals)) / length.Minutes()
	return Profile{{Name: "replay", From: mean, To: mean, Length: length}}, nil
}

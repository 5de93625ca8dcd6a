package ramp

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what a setting of a shape is.
type Kind int

// The kinds of settings.
const (
	Rate     Kind = iota // calls per minute
	Duration             // time
	Count                // a whole number from 1
	Items                // a list of settings; see Param.Items
)

// Param is a setting of a shape.
type Param struct {
	Name, Doc string
	Kind      Kind
	Required  bool
	Default   string
	Items     []Param // of Kind Items
}

// Args are settings by name. A setting that was not written is absent.
type Args struct {
	Rates     map[string]float64 // calls per minute
	Durations map[string]time.Duration
	Counts    map[string]int
	Items     []Args // of the one list that a shape can have
}

// Shape is a kind of ramp. In a scenario its main setting, which has the
// shape's name, tells it from the others.
type Shape struct {
	Name, Doc, Example string
	Params             []Param
	// Build turns settings that have the kinds of Params into a profile. An
	// error is about the settings as a whole.
	Build func(Args) (Profile, error)
	// PerStage: a stop condition is judged when a stage ends, on that stage's
	// calls alone, in place of every second on the last window.
	PerStage bool
	// StopWhen is the stop condition where the scenario gives none.
	StopWhen string
}

// Shapes is the table of all shapes. The first one is what a plain list means.
var Shapes = []Shape{
	{
		Name:    "stages",
		Doc:     "Straight pieces: each goes from the rate reached so far (0 at first) to `to` over `over`, and stays there for `hold`.",
		Example: "[{to: 60 rpm, over: 1m}, {to: 120 rpm, over: 30s, hold: 3m}]",
		Params: []Param{{Name: "stages", Doc: "The pieces, in order.", Kind: Items, Required: true, Items: []Param{
			{Name: "to", Doc: "Rate at the end of the piece.", Kind: Rate, Required: true},
			{Name: "over", Doc: "How long the rate takes to get there; 0s (a jump) if left out.", Kind: Duration},
			{Name: "hold", Doc: "How long it stays there.", Kind: Duration},
		}}},
		Build: stages,
	},
	{
		Name:    "constant",
		Doc:     "The same rate from start to end.",
		Example: "{constant: 60 rpm, for: 5m}",
		Params: []Param{
			{Name: "constant", Doc: "The rate.", Kind: Rate, Required: true},
			{Name: "for", Doc: "How long.", Kind: Duration, Required: true},
		},
		Build: func(a Args) (Profile, error) {
			r := a.Rates["constant"]
			return Profile{{Name: "constant", From: r, To: r, Length: a.Durations["for"]}}, nil
		},
	},
	{
		Name:    "batches",
		Doc:     "Batch n sends n x `size` calls, and the next batch comes after a pause. It ends when more than half of a batch was throttled, or as `stop_when` says, which is judged on each batch alone. The pause should be longer than a call takes: a call that is still under way when its batch is judged does not count.",
		Example: "{batches: 5, size: 10, pause: 15s}",
		Params: []Param{
			{Name: "batches", Doc: "How many batches at most.", Kind: Count, Required: true},
			{Name: "size", Doc: "Calls in the first batch; batch n has n times as many.", Kind: Count, Required: true},
			{Name: "pause", Doc: "Time from the end of one batch to the start of the next.", Kind: Duration, Required: true},
			{Name: "over", Doc: "Time over which the calls of a batch are spread; all at once if left out.", Kind: Duration},
		},
		Build:    batches,
		PerStage: true,
		StopWhen: "throttle_rate > 0.5",
	},
}

func stages(a Args) (Profile, error) {
	var p Profile
	rate := 0.0
	for i, s := range a.Items {
		to, over, hold := s.Rates["to"], s.Durations["over"], s.Durations["hold"]
		if over == 0 && hold == 0 {
			return nil, fmt.Errorf("stage %d takes no time: give it `over`, `hold` or both", i+1)
		}
		if over > 0 {
			p = append(p, Stage{Name: fmt.Sprintf("stage %d", i+1), From: rate, To: to, Length: over})
		}
		if hold > 0 {
			p = append(p, Stage{Name: fmt.Sprintf("stage %d hold", i+1), From: to, To: to, Length: hold})
		}
		rate = to
	}
	if p.Count() == 0 {
		return nil, errors.New("this ramp sends no call: its rates are too low for its time")
	}
	return p, nil
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

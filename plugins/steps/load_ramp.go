package steps

import (
	"fmt"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/runner/ramp"
	"github.com/loadline-dev/loadline/scenarios"
)

// Bounds of the settings of a shape.
const (
	maxStage    = 7 * 24 * time.Hour
	maxCount    = 1_000_000
	maxStages   = 1000
	maxSchedule = 100_000_000 // calls of one step
)

// rampType makes the type of `ramp` from the table of shapes: a list of
// stages, or a mapping whose main key names the shape.
func rampType() scenarios.Type {
	forms := []scenarios.Type{scenarios.List(itemType(ramp.Shapes[0].Params[0]), 1, maxStages)}
	for _, s := range ramp.Shapes {
		forms = append(forms, scenarios.Object(keysOf(s.Params)...))
	}
	return scenarios.Either(forms...)
}

func keysOf(params []ramp.Param) []scenarios.Key {
	var keys []scenarios.Key
	for _, p := range params {
		k := scenarios.Key{Name: p.Name, Doc: p.Doc, Required: p.Required, Default: p.Default}
		switch p.Kind {
		case ramp.Rate:
			k.Type, k.Example = scenarios.RateType(), "60 rpm"
		case ramp.Duration:
			k.Type, k.Example = scenarios.Duration(0, maxStage), "1m"
		case ramp.Count:
			k.Type, k.Example = scenarios.Count(1, maxCount), "10"
		case ramp.Items:
			k.Type = scenarios.List(itemType(p), 1, maxStages)
		}
		keys = append(keys, k)
	}
	return keys
}

func itemType(p ramp.Param) scenarios.Type { return scenarios.Object(keysOf(p.Items)...) }

// bindRamp finds the shape that is meant and builds its profile. The profile
// is nil where the ramp has problems.
func bindRamp(b *plugins.Binding, n *scenarios.Node) (ramp.Shape, ramp.Profile) {
	shape, args := ramp.Shapes[0], ramp.Args{}
	if n.Whole() && len(n.Items()) > 0 {
		args.Items = itemArgs(shape.Params[0], n)
	} else if n.Whole() {
		for _, s := range ramp.Shapes {
			if n.Get(s.Name) != nil {
				shape, args = s, argsOf(s.Params, n)
			}
		}
	} else {
		return shape, nil
	}
	profile, err := shape.Build(args)
	if err == nil && profile.Count() == 0 {
		err = fmt.Errorf("this ramp sends no call: its rate is too low for its time")
	}
	if err == nil && profile.Count() > maxSchedule {
		err = fmt.Errorf("this ramp sends %d calls; at most %d are allowed", profile.Count(), maxSchedule)
	}
	if err != nil {
		b.Problem(scenarios.Problem{Pos: n.Pos(), Code: "bad-ramp", Message: err.Error(), Hint: "for example ramp: " + shape.Example})
		return shape, nil
	}
	return shape, profile
}

func itemArgs(p ramp.Param, list *scenarios.Node) []ramp.Args {
	var out []ramp.Args
	for _, item := range list.Items() {
		out = append(out, argsOf(p.Items, item))
	}
	return out
}

func argsOf(params []ramp.Param, n *scenarios.Node) ramp.Args {
	a := ramp.Args{Rates: map[string]float64{}, Durations: map[string]time.Duration{}, Counts: map[string]int{}}
	for _, p := range params {
		v := n.Get(p.Name)
		if v == nil {
			continue
		}
		switch p.Kind {
		case ramp.Rate:
			a.Rates[p.Name] = v.Rate().PerMinute
		case ramp.Duration:
			a.Durations[p.Name] = v.Duration()
		case ramp.Count:
			a.Counts[p.Name] = int(v.Int())
		case ramp.Items:
			a.Items = itemArgs(p, v)
		}
	}
	return a
}

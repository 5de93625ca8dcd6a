package steps

import (
	"fmt"
	"slices"
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
	maxSpeed    = 1000
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
		case ramp.CountOrItems:
			k.Type, k.Example = scenarios.Either(scenarios.Count(1, maxInFlight), scenarios.List(itemType(p), 1, maxStages)), "10"
		case ramp.File:
			k.Type, k.Example = scenarios.File(), "arrivals.jsonl"
		case ramp.Factor:
			k.Type, k.Example = scenarios.Factor(maxSpeed), "2x"
		case ramp.Percent:
			k.Type, k.Example = scenarios.Percent(), "5%"
		case ramp.Measured:
			k.Type, k.Example = scenarios.Enum("rpm", "tpm"), "rpm"
		case ramp.Label:
			k.Type, k.Example = scenarios.Name(), "hold"
		}
		keys = append(keys, k)
	}
	return keys
}

func itemType(p ramp.Param) scenarios.Type { return scenarios.Object(keysOf(p.Items)...) }

// course is a ramp as it is written: what it is in calls a minute may depend on
// the model, and on its quotas.
type course struct {
	shape    ramp.Shape
	node     *scenarios.Node
	arrivals []ramp.Arrival // of a replay
}

// courseOf finds the shape that is meant; not ok where the ramp has problems.
func courseOf(n *scenarios.Node) (c course, ok bool) {
	c = course{shape: ramp.Shapes[0], node: n}
	if !n.Whole() {
		return c, false
	}
	if len(n.Items()) > 0 {
		return c, true
	}
	for _, s := range ramp.Shapes {
		if n.Get(s.Name) != nil {
			c.shape = s
		}
	}
	return c, true
}

// build makes the profile, with rates as calls a minute by the function given.
func (c course) build(perMinute func(scenarios.Rate) float64) (ramp.Profile, error) {
	args := ramp.Args{Arrivals: c.arrivals}
	if len(c.node.Items()) > 0 {
		args.Items = itemArgs(c.shape.Params[0], c.node, perMinute)
	} else {
		args = argsOf(c.shape.Params, c.node, perMinute)
		args.Arrivals = c.arrivals
	}
	return c.shape.Build(args)
}

func itemArgs(p ramp.Param, list *scenarios.Node, perMinute func(scenarios.Rate) float64) []ramp.Args {
	var out []ramp.Args
	for _, item := range list.Items() {
		out = append(out, argsOf(p.Items, item, perMinute))
	}
	return out
}

func argsOf(params []ramp.Param, n *scenarios.Node, perMinute func(scenarios.Rate) float64) ramp.Args {
	a := ramp.Args{Rates: map[string]float64{}, Durations: map[string]time.Duration{}, Counts: map[string]int{}, Factors: map[string]float64{}, Names: map[string]string{}}
	t := scenarios.Object(keysOf(params)...)
	for _, p := range params {
		v := t.Get(n, p.Name)
		if v == nil {
			continue
		}
		switch p.Kind {
		case ramp.Rate:
			a.Rates[p.Name] = perMinute(v.Rate())
		case ramp.Duration:
			a.Durations[p.Name] = v.Duration()
		case ramp.Count:
			a.Counts[p.Name] = int(v.Int())
		case ramp.Factor, ramp.Percent:
			a.Factors[p.Name] = v.Float()
		case ramp.Label:
			a.Names[p.Name] = v.Text()
		case ramp.Items, ramp.CountOrItems:
			a.Items = itemArgs(p, v, perMinute)
			if a.Items == nil {
				a.Counts[p.Name] = int(v.Int())
			}
		}
	}
	return a
}

// rates are all rates of the ramp, as they are written.
func (c course) rates() []*scenarios.Node {
	list := func(params []ramp.Param, n *scenarios.Node) (out []*scenarios.Node) {
		for _, p := range params {
			if v := n.Get(p.Name); p.Kind == ramp.Rate && v != nil {
				out = append(out, v)
			}
		}
		return out
	}
	out := list(c.shape.Params, c.node)
	for _, item := range slices.Concat(c.node.Items(), c.node.Get(c.shape.Name).Items()) {
		out = append(out, list(c.shape.Params[0].Items, item)...)
	}
	return out
}

// written tells whether some rate has a unit, and gives the first such rate.
func (c course) written(unit func(scenarios.Rate) bool) (*scenarios.Node, bool) {
	rates := c.rates()
	i := slices.IndexFunc(rates, func(n *scenarios.Node) bool { return unit(n.Rate()) })
	if i < 0 {
		return nil, false
	}
	return rates[i], true
}

func ofQuota(r scenarios.Rate) bool {
	_, yes := r.OfQuota()
	return yes
}

// measure is what kind of thing a rate counts: two rates of one measure compare
// in the same way for every model.
func measure(r scenarios.Rate) string {
	if r.Unit == "rps" {
		return "rpm"
	}
	return r.Unit
}

// check reports what no profile can tell, and tells whether one can be made.
func (c course) check(b *plugins.Binding) bool {
	rates := c.rates()
	if !c.named(b) {
		return false
	}
	if c.shape.OneUnit {
		for _, r := range rates[1:] {
			if measure(r.Rate()) != measure(rates[0].Rate()) {
				b.Problem(scenarios.Problem{Pos: r.Pos(), Width: len([]rune(r.Text())), Code: "mixed-units",
					Message: fmt.Sprintf("%s and %s cannot be compared before the run", rates[0].Text(), r.Text()), Hint: "write all rates of this shape in the same unit"})
				return false
			}
		}
	}
	if c.shape.Search && !c.sameMeasure(b) {
		return false
	}
	if n, yes := c.written(ofQuota); yes && !b.Discovers {
		b.Problem(scenarios.Problem{Pos: n.Pos(), Width: len([]rune(n.Text())), Code: "quota-not-read",
			Message: fmt.Sprintf("%s is known only when the quotas have been read, and no step before this one reads them", n.Text()), Hint: "add the step `- discover: {}` before it"})
		return false
	}
	return true
}

// named tells whether each piece has a name of its own.
func (c course) named(b *plugins.Binding) bool {
	first := map[string]scenarios.Pos{}
	for _, item := range slices.Concat(c.node.Items(), c.node.Get(c.shape.Name).Items()) {
		name := item.Get("name")
		if name == nil {
			continue
		}
		if at, taken := first[name.Text()]; taken {
			b.Problem(scenarios.Problem{Pos: name.Pos(), Width: len([]rune(name.Text())), Code: "duplicate-stage",
				Message: fmt.Sprintf("a second stage is called %q; the first is at %s", name.Text(), at), Hint: "choose another name"})
			return false
		}
		first[name.Text()] = name.Pos()
	}
	return true
}

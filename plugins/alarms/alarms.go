// Package alarms plans CloudWatch alarms for quotas.
//
// It is pure: from what was found of models to the alarms that would watch them
// ([Make]), from these and what the account has to what differs ([Compare]), and
// from them to files of other tools ([CloudFormation], [Terraform]).
//
// There are two kinds. One alarm a quota watches how much of it is used: metric
// math adds up what calls of all ids that share the quota took in a minute (in a
// day, for quotas of a day), in percent of the applied value. One alarm a pool,
// which is a model in a scope, watches whether calls are throttled, by whichever
// limit: CloudWatch does not say which one it was.
package alarms

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
)

// lateMinutes is how late CloudWatch may show a minute. The minutes of an alarm
// are looked for among so many more: those that are not there yet count as quiet,
// and would hide the others.
const lateMinutes = 3

// Settings are what a scenario says of its alarms.
type Settings struct {
	Scenario  string // its name
	Prefix    string // of names; "" makes one of the scenario's name
	Usage     float64
	Minutes   int
	Actions   []string
	OKActions []string
}

// Model is a model of the scenario as it was found in the account.
type Model struct {
	Name        string // in the scenario
	Base, Scope string
	// Series are the ids in CloudWatch of all calls that take from the quotas of
	// the model, its own among them. Those of calls at optimized latency count
	// only where Optimized says that the scenario asks for them: such calls have
	// quotas of their own, few models have them, and each metric has its price.
	Series    []string
	Optimized bool
	Quotas    []record.Quota
	Burndown  float64
}

// Planned is an alarm with what people want to know of it.
type Planned struct {
	plugins.Alarm
	Models []string      // of the scenario, that it watches
	Quota  *record.Quota // nil: it watches throttles
	Limit  float64       // what the calls of these models may take of it
	Unit   string        // of the limit, such as "requests a minute"
	Unseen string        // what of the usage it does not see; "" where nothing
}

// Watches says in a few words what makes the alarm go off; number writes the
// limit.
func (p Planned) Watches(number func(*float64) string) string {
	if p.Quota == nil {
		return "throttled calls"
	}
	return fmt.Sprintf("%g %% of %s %s", p.Threshold, number(&p.Limit), p.Unit)
}

// LeftOut is a quota or a pool that gets no alarm.
type LeftOut struct{ What, Why string }

// Plan is the alarms of a scenario, in the order of its models.
type Plan struct {
	Alarms  []Planned
	LeftOut []LeftOut
}

// group is what one alarm watches.
type group struct {
	quota       record.Quota // of usage
	base, scope string
	models      []string
	series      []string
	burndown    float64
}

func (g *group) add(m Model) {
	g.models = append(g.models, m.Name)
	for _, s := range m.Series {
		if m.Optimized || !quotas.IsOptimizedSeries(s) {
			g.series = append(g.series, s)
		}
	}
	slices.Sort(g.series)
	g.series = slices.Compact(g.series)
	// Two models that name different rates for one pool: the higher one warns first.
	g.burndown = max(g.burndown, m.Burndown)
}

// groups are those of some key, in the order in which they come up.
type groups struct {
	all   []*group
	byKey map[[2]string]*group
}

func (s *groups) add(key [2]string, m Model, q record.Quota) {
	if s.byKey == nil {
		s.byKey = map[[2]string]*group{}
	}
	g := s.byKey[key]
	if g == nil {
		g = &group{quota: q, base: cmp.Or(m.Base, m.Series[0]), scope: m.Scope}
		s.byKey[key], s.all = g, append(s.all, g)
	}
	g.add(m)
}

// Make plans the alarms of models. Models that share a quota share its alarm.
func Make(s Settings, models []Model) Plan {
	var p Plan
	var used, pools groups
	for _, m := range models {
		if len(m.Quotas) == 0 {
			p.leaveOut("usage of "+m.Name, "no quota is known that binds it")
		}
		for _, q := range m.Quotas {
			if why := unwatchable(q); why != "" {
				p.leaveOut(q.Dimension+" "+q.Code, why)
				continue
			}
			used.add([2]string{q.Code, m.Scope}, m, q)
		}
		pools.add([2]string{cmp.Or(m.Base, m.Series[0]), m.Scope}, m, record.Quota{})
	}
	for _, g := range used.all {
		p.usage(s, g)
	}
	for _, g := range pools.all {
		p.throttles(s, g)
	}
	return p
}

// leaveOut tells why there is no alarm, once.
func (p *Plan) leaveOut(what, why string) {
	if l := (LeftOut{what, why}); !slices.Contains(p.LeftOut, l) {
		p.LeftOut = append(p.LeftOut, l)
	}
}

// unwatchable says why no alarm can tell how much of a quota is used; "" where
// one can.
func unwatchable(q record.Quota) string {
	switch {
	case formulas[q.Dimension] == nil:
		return "CloudWatch has no metric of what it counts"
	case quotas.LongContextOnly(q.Name):
		return "CloudWatch counts calls with a long context among all others"
	case q.Applied == nil && q.Problem != "":
		return "AWS gave no applied value: " + q.Problem
	case q.Applied == nil:
		return "AWS gave no applied value"
	case *q.Applied <= 0:
		return "the applied value is 0: the account is not entitled"
	}
	return ""
}

// usage plans the alarm of one quota.
func (p *Plan) usage(s Settings, g *group) {
	q := g.quota
	limit := *q.Applied
	if quotas.Doubled(q, g.scope) {
		limit *= 2
	}
	period, minutes, unit := time.Minute, s.Minutes, "a minute"
	if q.Dimension == quotas.TPD {
		period, minutes, unit = 24*time.Hour, 0, "in 24 hours"
	}
	f := choose(formulas[q.Dimension], g.series, quotas.OptimizedOnly(q.Name))
	if f == nil {
		p.leaveOut(q.Dimension+" "+q.Code, tooMany(g.series))
		return
	}
	queries, sum := f.over(g, period)
	a := Planned{Alarm: alarmOf(s, minutes), Models: g.models, Quota: &q, Limit: limit, Unit: units[q.Dimension] + " " + unit, Unseen: f.unseen}
	a.Name = s.name(q.Dimension, g.base, g.scope, q.Code)
	a.Queries, a.Expression = queries, "100*"+sum+"/"+digits(&limit)
	a.Label = plain(fmt.Sprintf("%% of %s %s (%s)", q.Dimension, q.Code, digits(&limit)), textMarks)
	a.Threshold = math.Round(s.Usage*100*1e6) / 1e6
	a.Description = s.describe(fmt.Sprintf("%s, %s: %s, %s", a.Watches(digits), when(minutes), q.Code, q.Name), f.unseen)
	p.Alarms = append(p.Alarms, a)
}

// digits writes a number as CloudWatch's metric math reads it.
func digits(v *float64) string { return strconv.FormatFloat(*v, 'f', -1, 64) }

// units are what the quotas of a dimension count.
var units = map[string]string{quotas.RPM: "requests", quotas.TPM: "quota tokens", quotas.TPD: "quota tokens"}

// throttles plans the alarm of one pool.
func (p *Plan) throttles(s Settings, g *group) {
	f := choose(throttled, g.series, false)
	if f == nil {
		p.leaveOut("throttles of "+g.base+" "+g.scope, tooMany(g.series))
		return
	}
	a := alarmOf(s, s.Minutes)
	a.Name = s.name("throttles", g.base, g.scope)
	a.Queries, a.Expression = f.over(g, time.Minute)
	a.Label, a.Above = "throttled calls", true
	a.Description = s.describe(fmt.Sprintf("calls of %s (%s) throttled, %s", g.base, g.scope, when(s.Minutes)), f.unseen)
	p.Alarms = append(p.Alarms, Planned{Alarm: a, Models: g.models, Unseen: f.unseen})
}

// when says when an alarm goes off. Without minutes it does at once.
func when(minutes int) string {
	if minutes == 0 {
		return "by the last point"
	}
	return fmt.Sprintf("in %d of %d minutes", minutes, minutes+lateMinutes)
}

// alarmOf is what all alarms of a scenario have in common. Without minutes, one
// point decides.
func alarmOf(s Settings, minutes int) plugins.Alarm {
	a := plugins.Alarm{Missing: "notBreaching", Actions: s.Actions, OKActions: s.OKActions, Periods: 1, Breaching: 1}
	if minutes > 0 {
		a.Periods, a.Breaching = minutes+lateMinutes, minutes
	}
	return a
}

package steps

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner/ramp"
	"github.com/loadline-dev/loadline/scenarios"
)

// leaveReads are the IAM actions by which it is found out what others use.
var leaveReads = append([]string{"cloudwatch:GetMetricData"}, reachReads...)

// leaveDimensions are the quotas of which a part is left, that of requests first.
var leaveDimensions = []string{"rpm", "tpm"}

// bindLeave reads leave, and refuses it where there is no rate to cut off.
func (l *load) bindLeave(b *plugins.Binding, n *scenarios.Node) {
	if n == nil || !n.Whole() {
		return
	}
	l.leave = n.Float()
	p := scenarios.Problem{Pos: n.Pos(), Width: len([]rune(n.Text())), Code: "leave-without-rate"}
	switch {
	case !b.Discovers:
		p.Code, p.Message, p.Hint = "quota-not-read", "what leave keeps free is a part of quotas, and no step before this one reads them", "add the step `- discover: {}` before it"
	case l.leave >= 1:
		p.Code, p.Message, p.Hint = "leaves-all", "leave keeps the whole quota free, so nothing could be sent", "leave a part of it, such as 30%"
	case l.course.shape.Closed:
		p.Message, p.Hint = "a closed loop sends as fast as it is answered: it has no rate that could be cut off to leave a headroom", "use a shape with a rate, such as constant, or leave out `leave`"
	case l.course.arrivals != nil:
		p.Message, p.Hint = "the calls of a replay come when they once came: it has no rate that could be cut off to leave a headroom", "use a shape with a rate, or leave out `leave` and lower `speed`"
	case slices.ContainsFunc(l.profile, func(s ramp.Stage) bool { return s.Burst > 0 }):
		p.Message, p.Hint = "a batch that is sent at once has no rate that could be cut off to leave a headroom", "spread each batch with `over`, or leave out `leave`"
	default:
		return
	}
	b.Problem(p)
}

// leavable says which model has no quota to leave a part of.
func (l *load) leavable(models map[string]*record.Model) error {
	if l.leave == 0 {
		return nil
	}
	for _, t := range l.targets {
		if len(limitsOf(models[t.Name])) == 0 {
			return fmt.Errorf("model %s has no rpm or tpm quota with a value, so there is nothing that leave could keep a part of free; leave it out, or name the quota under models.%s.quotas", t.Name, t.Name)
		}
	}
	return nil
}

// limitsOf are the quotas of a model of which a part can be left.
func limitsOf(m *record.Model) (out []record.Quota) {
	for _, d := range leaveDimensions {
		if q, ok := m.Quota(d); ok && q.Applied != nil {
			out = append(out, q)
		}
	}
	return out
}

// leaveNotes say what a plan can say of leave.
func (l *load) leaveNotes() []string {
	if l.leave == 0 {
		return nil
	}
	return []string{fmt.Sprintf("its rates are cut off as it runs, so that %s of each rpm and tpm quota is left on top of what others used in the last minutes; these are the numbers without that", percent(l.leave))}
}

func percent(part float64) string { return fmt.Sprintf("%.4g%%", 100*part) }

// makeRoom reads what others use and cuts the rates off where the rest of the
// quotas ends, less what is to be left. why says that nothing is left for some
// model, so that nothing may be sent.
func (l *load) makeRoom(ctx context.Context, env *plugins.Env, now time.Time) (why string, _ error) {
	if l.leave == 0 {
		return "", nil
	}
	room, notes, err := readAmbient(ctx, env, l.targets, now)
	if err != nil {
		return "", err
	}
	l.room, l.roomNotes = room, notes
	l.tracks, l.findings, l.probings = slices.Clone(l.tracks), slices.Clone(l.findings), slices.Clone(l.probings)
	var none []string
	for i, t := range l.targets {
		a := &l.room[i]
		l.cap(a, i, env)
		if a.CapRPM > 0 {
			l.tracks[i].Profile = l.tracks[i].Profile.Clip(a.CapRPM)
		}
		l.roomNotes = append(l.roomNotes, l.roomInWords(t, a, env.Models[t.Name]))
		fits := a.CapRPM > 0 && (l.tracks[i].Count() > 0 || l.due[i] == 0)
		switch {
		case fits && l.course.shape.Probe:
			l.probings[i] = l.probings[i].Below(a.CapRPM)
		case fits && l.course.shape.Search:
			l.findings[i], fits = l.findings[i].Below(a.CapRPM)
		}
		if !fits {
			none = append(none, fmt.Sprintf("of the %s quota of %s, %s stays free and others use the rest", a.BoundBy, t.Name, percent(l.leave)))
		}
	}
	for _, note := range l.roomNotes {
		env.Report(plugins.Progress{Note: note})
	}
	if len(none) > 0 {
		return "nothing is left to send: " + strings.Join(none, "; ") + "; run it when others use less, or lower leave", nil
	}
	l.profile, l.scheduled = l.tracks[0].Profile, 0
	return "", l.count()
}

// cap finds the highest rate of a target. A quota that several targets take
// from is divided among them, by their shares where they have any; and so is
// what is left where other steps run at the same time.
func (l *load) cap(a *record.Ambient, target int, env *plugins.Env) {
	t := l.targets[target]
	for _, q := range limitsOf(env.Models[t.Name]) {
		left := *q.Applied * (1 - l.leave)
		used, each := a.RPM, 1.0
		if q.Dimension == "tpm" {
			most := t.invocation.Most() // of no minute is it known which prompts it will have
			used, each = a.TPM, max(t.tokensOf(most, reserved), t.tokensOf(most, l.counts))
		}
		if used != nil {
			left -= *used
		}
		left *= l.part(target, q, env.Models) / float64(max(1, env.Lanes))
		if rate := max(0, left/each); a.BoundBy == "" || rate < a.CapRPM {
			a.CapRPM, a.BoundBy = rate, q.Dimension
		}
	}
}

// part is what a target gets of a quota.
func (l *load) part(target int, q record.Quota, models map[string]*record.Model) float64 {
	weight := func(i int) float64 {
		if l.shares != nil {
			return l.shares[i]
		}
		return 1
	}
	all := 0.0
	for i, t := range l.targets {
		if other, ok := models[t.Name].Quota(q.Dimension); ok && other.Code == q.Code {
			all += weight(i)
		}
	}
	return weight(target) / all
}

// roomInWords says what others use of the quotas of a model, and where its
// rates are cut off.
func (l *load) roomInWords(t target, a *record.Ambient, m *record.Model) string {
	var quotas []string
	for _, q := range limitsOf(m) {
		used := a.RPM
		if q.Dimension == "tpm" {
			used = a.TPM
		}
		s := "an unknown part"
		if used != nil {
			s = fmt.Sprintf("%.6g", *used)
		}
		quotas = append(quotas, fmt.Sprintf("%s of %.6g %s", s, *q.Applied, q.Dimension))
	}
	others := fmt.Sprintf("others used up to %s in a minute of the last %d", strings.Join(quotas, " and "), ambientMinutes)
	if a.Minutes == 0 {
		others = fmt.Sprintf("CloudWatch tells of no call of others in the last %d minutes", ambientReach)
	}
	return fmt.Sprintf("%s: %s; with %s left free, its rate stays at or below %.4g calls a minute (bound by %s)", t.Name, others, percent(l.leave), a.CapRPM, a.BoundBy)
}

// unsent is the result of a step that was not to send anything.
func (l *load) unsent(why string, notes []string) plugins.Result {
	out := plugins.Result{Step: record.Step{Notes: notes, Cut: why}, Values: map[string]record.Values{}}
	if why == "" {
		return out
	}
	for _, t := range l.targets {
		out.Values[t.Name] = record.Values{}
	}
	out.Step.Load = &record.Load{Counts: record.Counts{Outcomes: map[record.Outcome]int{}}, Warmup: record.Duration(l.warmup), Stages: []record.Stage{}}
	l.left(&out)
	return out
}

// left adds to a result what others used, and what that left.
func (l *load) left(out *plugins.Result) {
	if l.leave == 0 {
		return
	}
	load := out.Step.Load
	load.Leave, load.Ambient = l.leave, l.room
	load.Notes = append(load.Notes, l.roomNotes...)
	for i := range l.room {
		maps.Copy(out.Values[l.room[i].Model], l.room[i].Values())
	}
}

package steps

import (
	"fmt"
	"math"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner/ramp"
	"github.com/loadline-dev/loadline/scenarios"
)

// settled says that a rate in tokens counts what calls settle at, and not what
// they reserve.
const (
	reserved = "reserved"
	settled  = "settled"
)

// tokens is what one call takes from the tokens-per-minute quota, at most; where
// calls are asked out of a file, in their mean.
func (t target) tokens(counts string) float64 {
	if t.asker == nil || t.asker.set.Prompts == 0 {
		return t.tokensOf(t.invocation.Most(), counts)
	}
	sum := 0.0
	for i := range t.asker.prompts {
		sum += t.tokensOf(t.asker.one(t.invocation, i).Most(), counts)
	}
	return sum / float64(len(t.asker.prompts))
}

func (t target) tokensOf(most record.Usage, counts string) float64 {
	if counts == settled {
		return float64(t.Tariff.QuotaTokens(most))
	}
	return float64(most.Input + most.Output)
}

// quotaOf is the value of a quota of the model: of the dimension, or else of
// requests per minute if there is one, or of tokens per minute.
func (t target) quotaOf(dimension string, known map[string]*record.Model) (value float64, of string, err error) {
	dimensions := []string{dimension}
	if dimension == "" {
		dimensions = []string{"rpm", "tpm"}
	}
	m := known[t.Name]
	for _, d := range dimensions {
		if q, ok := m.Quota(d); ok && q.Applied != nil && *q.Applied > 0 {
			return *q.Applied, d, nil
		}
	}
	wanted := "rpm or tpm"
	if dimension != "" {
		wanted = dimension
	}
	return 0, "", fmt.Errorf("model %s has no %s quota to take a share of (discover found:%s); write its rate as a number, or name its quota under models.%s.quotas", t.Name, wanted, quotasInWords(m), t.Name)
}

// quotasInWords lists the quotas of a model, after a blank.
func quotasInWords(m *record.Model) string {
	var has []string
	for _, q := range m.Quotas {
		if q.Applied == nil {
			has = append(has, q.Dimension+" without a value")
		} else {
			has = append(has, fmt.Sprintf("%s %g", q.Dimension, *q.Applied))
		}
	}
	if has == nil {
		return " none"
	}
	return " " + strings.Join(has, ", ")
}

// perMinute turns a rate into calls a minute to the model. Rates in tokens and
// shares of quotas depend on the model; known are its quotas, nil before they
// are read.
func (l *load) perMinute(t target, r scenarios.Rate, known map[string]*record.Model) (float64, error) {
	value, unit := r.PerMinute, r.Unit
	if dimension, yes := r.OfQuota(); yes {
		if known == nil {
			return value * 1000, nil // stands for it, where only times and names count
		}
		quota, of, err := t.quotaOf(dimension, known)
		if err != nil {
			return 0, err
		}
		value, unit = value*quota, of
	}
	if unit == "tpm" {
		return value / t.tokens(l.counts), nil
	}
	return value, nil
}

// plan makes the track of each model. The error is about the ramp as a whole.
func (l *load) plan(known map[string]*record.Model) error {
	l.tracks, l.findings, l.probings, l.scheduled = nil, nil, nil, 0
	before := 0.0
	for i, t := range l.targets {
		var failed error
		perMinute := func(r scenarios.Rate) float64 {
			v, err := l.perMinute(t, r, known)
			if err != nil {
				failed = err
			}
			return v
		}
		p, err := l.course.build(perMinute)
		if failed != nil {
			return failed
		}
		if err != nil {
			return err
		}
		part := 1.0
		if l.shares != nil && !l.course.shape.Closed {
			part = l.shares[i]
			p = p.Share(before, part)
			before += part
		}
		track := ramp.Track{Profile: p}
		if l.poisson {
			track.Arrivals = ramp.Arrivals{Poisson: true, Seed: seedOf(l.seed, l.name+"\x00arrivals", t.Name)}
		}
		l.tracks = append(l.tracks, track)
		switch {
		case l.course.shape.Probe:
			l.probings = append(l.probings, l.course.probing(perMinute))
		case l.course.shape.Search:
			l.findings = append(l.findings, l.course.finding(perMinute))
		}
	}
	l.deal()
	return l.count()
}

// Know resolves shares of quotas.
func (l load) Know(models map[string]*record.Model) (plugins.Step, error) {
	err := l.know(models)
	return l, err
}

func (l *load) know(models map[string]*record.Model) error {
	if err := l.leavable(models); err != nil {
		return err
	}
	if err := l.pace(models); err != nil {
		return err
	}
	if l.tracks != nil {
		return nil
	}
	if err := l.plan(models); err != nil {
		return err
	}
	l.profile, l.known = l.tracks[0].Profile, models
	return nil
}

// count adds up the schedule. It refuses one that is empty or too large.
func (l *load) count() error {
	if l.course.shape.Closed {
		return nil
	}
	l.due = make([]int, len(l.tracks))
	for i, t := range l.tracks {
		if l.course.shape.Search {
			l.due[i] = l.mostCalls(i)
			l.scheduled += l.due[i]
			continue
		}
		if n := float64(t.Profile.Count()); n > maxSchedule {
			return fmt.Errorf("this ramp sends %.0f calls; at most %d are allowed", n, maxSchedule)
		}
		l.due[i] = t.Count()
		l.scheduled += l.due[i]
	}
	switch {
	case l.scheduled == 0 && len(l.tracks) > 0:
		return fmt.Errorf("this ramp sends no call: its rate is too low for its time")
	case l.scheduled > maxSchedule:
		return fmt.Errorf("this ramp sends %d calls; at most %d are allowed", l.scheduled, maxSchedule)
	}
	return nil
}

// deal gives the calls of a replay to the models: those that name one to that,
// the others to all of them, or to each its share.
func (l *load) deal() {
	if l.course.arrivals == nil {
		return
	}
	speed := argsOf(l.course.shape.Params, l.course.node, nil).Factors["speed"]
	dealer := ramp.NewDealer(l.shares)
	for i, a := range l.course.arrivals {
		at := ramp.Time{At: a.Faster(speed), Item: i}
		turn := -1
		if a.Model == "" && l.shares != nil {
			turn, _ = dealer.Next()
			dealer.Deal(turn)
		}
		for k := range l.tracks {
			if a.Model == l.targets[k].Name || a.Model == "" && (turn == k || turn < 0) {
				l.tracks[k].Times = append(l.tracks[k].Times, at)
			}
		}
	}
	for k := range l.tracks {
		t := &l.tracks[k]
		if t.Times == nil {
			t.Times = []ramp.Time{} // none, and not a profile
		}
		mean := float64(len(t.Times)) / t.Profile.Length().Minutes()
		t.Profile[0].From, t.Profile[0].To = mean, mean
	}
}

// crews are the workers of a closed loop: for each model its own, or where the
// models have shares one crew for all of them.
func (l *load) crews() []ramp.Crew {
	args := argsOf(l.course.shape.Params, l.course.node, nil)
	calls := l.calls(args.Counts["calls"])
	var out []ramp.Crew
	for i := range l.targets {
		share := ramp.Share{Model: i, Part: 1, Calls: calls[i]}
		if l.shares != nil {
			share.Part = l.shares[i]
		}
		if i == 0 || l.shares == nil {
			out = append(out, ramp.Crew{Workers: l.profile, Think: args.Durations["think"]})
		}
		last := &out[len(out)-1]
		last.Shares = append(last.Shares, share)
	}
	return out
}

// calls are the most calls to each model; 0 for any number. Of a number for all
// of them each has its share, and at least one.
func (l *load) calls(most int) []int {
	out := make([]int, len(l.targets))
	before := 0.0
	for i := range out {
		out[i] = most
		if l.shares == nil || most == 0 {
			continue
		}
		upTo := func(x float64) int { return int(math.Round(x * float64(most))) }
		out[i] = max(1, upTo(before+l.shares[i])-upTo(before))
		before += l.shares[i]
	}
	return out
}

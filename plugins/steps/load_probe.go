package steps

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner/ramp"
	"github.com/loadline-dev/loadline/scenarios"
)

// mostStray is the part of the calls that may fare in a way that says nothing of
// the limiter that is probed.
const mostStray = 0.1

// probing is the probe, with its rates in calls a minute.
func (c course) probing(perMinute func(scenarios.Rate) float64) ramp.Probing {
	p, _ := ramp.ProbingOf(argsOf(c.shape.Params, c.node, perMinute)) // its profile was made of the same
	return p
}

// mostCalls is the most calls that a search or a probe of a target sends.
func (l *load) mostCalls(target int) int {
	if l.course.shape.Probe {
		return l.probings[target].MostCalls()
	}
	return l.findings[target].MostCalls()
}

// prober probes the limiter of one model.
type prober struct {
	ramp.Probing
	*seeker
	left  int // calls that it may still send
	parts []ramp.ProbePart
	calls []seen // of all parts
	turns []int  // by turn: the first call of it
}

// probe runs the probes of all models side by side.
func (s *sending) probe(ctx context.Context, d ramp.Driver) (plugins.Result, error) {
	for i, k := range s.seek(d) {
		p := &prober{Probing: s.probings[i], seeker: k}
		p.Clock = sinceMinute(s.start)
		p.left = p.MostCalls()
		s.probers = append(s.probers, p)
	}
	var all sync.WaitGroup
	for _, p := range s.probers {
		all.Go(func() { p.run(ctx) })
	}
	all.Wait()
	return s.result()
}

// sinceMinute is how far into a minute of the clock a time is.
func sinceMinute(t time.Time) time.Duration {
	return time.Duration(t.Unix()%60)*time.Second + time.Duration(t.Nanosecond())
}

func (p *prober) run(ctx context.Context) {
	for !p.ended(ctx) {
		next, done := p.Next(p.parts, p.s.now())
		if done {
			return
		}
		p.send(ctx, next)
	}
}

// send sends one part.
func (p *prober) send(ctx context.Context, x ramp.ProbePart) {
	sent := p.begin()
	p.at = max(p.at, x.Start)
	p.tell(fmt.Sprintf("turn %d of %d, %s", x.Turn+1, ramp.ProbeTurns, x.Name))
	read := 0 // calls of the part that have been looked at
	look := func() {
		for _, c := range sent.calls[read:] {
			if c.outcome == record.OK || p.speaks(c) {
				x.Note(c.sent, c.outcome == record.OK)
			}
		}
		read = len(sent.calls)
	}
	begun := false
	p.drive(ctx, func(at time.Duration) float64 {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !begun {
			begun, x.Start = true, at
		}
		look()
		x.End = at
		if at-x.Start >= x.Length || x.Drains && x.Drained() || sent.day || p.left == 0 {
			return 0
		}
		p.left--
		return x.Rate
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	look()
	if len(p.turns) == x.Turn {
		p.turns = append(p.turns, len(p.calls))
	}
	p.calls = append(p.calls, sent.calls...)
	p.parts = append(p.parts, x)
	row := p.row(x.Name, x.Rate, x.Start, x.End-x.Start, sent.measure(x.Start, x.End))
	row.Why = fmt.Sprintf("turn %d", x.Turn+1)
	p.trials = append(p.trials, row)
}

// speaks tells whether a call was refused by the quota that is probed; one that
// AWS named no limit for counts as well.
func (p *prober) speaks(c seen) bool {
	want := record.LimitRequests
	if searched(p.s.course.node) == findTPM {
		want = record.LimitTokens
	}
	return c.outcome == record.Throttled && (c.limit == want || c.limit == "")
}

// limiter is what the probe has found out.
func (p *prober) limiter() record.Limiter {
	l := record.Limiter{Model: p.s.targets[p.model].Name, Unit: searched(p.s.course.node), Algorithm: record.AlgorithmUnknown}
	if l.Why = p.short(); l.Why != "" {
		return l
	}
	samples, from := p.samples()
	found := ramp.ReadLimiter(samples, from)
	l.Why = found.Why
	for _, t := range found.Theories {
		l.Theories = append(l.Theories, record.Theory{Algorithm: t.Algorithm, Probability: round(t.Probability), Off: round(t.Off)})
	}
	if l.Algorithm = found.Algorithm; l.Algorithm == record.AlgorithmUnknown {
		return l
	}
	l.Confidence = &found.Confidence
	l.Burst, l.BurstLow, l.BurstHigh = &found.Burst.Value, &found.Burst.Low, &found.Burst.High
	l.Refill, l.RefillLow, l.RefillHigh = &found.Refill.Value, &found.Refill.Low, &found.Refill.High
	l.Opens, l.Refused = found.Opens, found.Refused
	if l.Opens == ramp.OpensSecond {
		l.Second = &found.Second
	}
	l.Why = fmt.Sprintf("%d calls", len(samples))
	return l
}

// round rounds a fraction to what it is worth telling.
func round(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// short is why the calls are not enough to tell anything; "" where they are.
func (p *prober) short() string {
	if p.stopped != "" {
		return "the probe ended early: " + p.stopped
	}
	refused, stray, dropped, sent := 0, 0, 0, 0
	others := map[string]int{}
	for _, c := range p.calls {
		switch {
		case c.outcome == record.Dropped:
			dropped++
			continue
		case p.speaks(c):
			refused++
		case c.outcome == record.Throttled:
			others[c.limit]++
		case c.outcome != record.OK:
			stray++
		}
		sent++
	}
	many := func(n, of int) bool { return float64(n) > mostStray*float64(of) }
	for _, limit := range record.Limits {
		if n := others[limit]; many(n, refused+n) {
			return fmt.Sprintf("%d calls were throttled by another limit, %s, and %d by the one that is probed", n, limit, refused)
		}
	}
	rate := fmt.Sprintf("%.6g %s", p.Rate*p.s.unit(p.s.targets[p.model]), searched(p.s.course.node))
	switch {
	case many(stray, sent):
		return fmt.Sprintf("%d of %d calls failed, or AWS had no room for them", stray, sent)
	case searched(p.s.course.node) != findTPM && crowded(p.calls, p.calls):
		return "calls were refused for those under way: it is calls at once that are limited"
	case many(dropped, sent+dropped):
		return fmt.Sprintf("%d of %d calls could not be sent in time", dropped, sent+dropped)
	case refused == 0:
		return fmt.Sprintf("nothing was throttled at %s: probe with a higher rate", rate)
	case len(p.turns) < ramp.ProbeTurns || !p.parts[len(p.parts)-1].Last():
		return fmt.Sprintf("a burst at %s did not empty the limiter, though %d calls were throttled: probe with a higher rate", rate, refused)
	}
	return ""
}

// samples are the calls that speak of the limiter, in the order in which they
// were sent, and the first of the last turn.
func (p *prober) samples() (out []ramp.Sample, from int) {
	tokens := searched(p.s.course.node) == findTPM
	most := p.s.targets[p.model].invocation.Most()
	one := func(c seen) ramp.Sample {
		x := ramp.Sample{At: p.Clock + c.sent, Admitted: c.outcome == record.OK, Takes: 1, Settled: 1, Ended: p.Clock + c.ended}
		if !tokens {
			return x
		}
		x.Takes = float64(most.Input + most.Output)
		if c.input > 0 { // what AWS counts, and not our estimate
			x.Takes = float64(c.input + most.Output)
		}
		if x.Settled = x.Takes; c.tokens > 0 {
			x.Settled = float64(c.tokens)
		}
		return x
	}
	var takes, settled, lasts spread
	last := p.turns[ramp.ProbeTurns-1]
	for i, c := range p.calls {
		if c.outcome != record.OK && !p.speaks(c) {
			continue
		}
		x := one(c)
		if x.Admitted {
			takes.add(x.Takes)
			settled.add(x.Settled)
			lasts.add(float64(x.Ended - x.At))
		}
		if i < last {
			from++
		}
		out = append(out, x)
	}
	for i := range out {
		if x := &out[i]; !x.Admitted && tokens { // what it would have been
			x.Takes, x.Settled, x.Ended = takes.mean(), settled.mean(), x.At+time.Duration(lasts.mean())
		}
	}
	slices.SortStableFunc(out, func(a, b ramp.Sample) int { return cmp.Compare(a.At, b.At) })
	return out, from
}

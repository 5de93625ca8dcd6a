package steps

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner/ramp"
)

// sending is a load step under way.
type sending struct {
	load
	env   *plugins.Env
	start time.Time
	cut   context.CancelFunc // ends the ramp

	begun   record.Begun // what the journal says of the step before its calls
	told    []string     // of the requests and their ids
	seekers []*seeker    // by target, of a search or a probe alone
	finders []*finder    // likewise, of a search
	probers []*prober    // likewise, of a probe
	guard   *watch       // nil unless stop_when asks what others do
	agent   *agent       // nil without a client

	// Only the sender's goroutine uses these; in a search each model has a sender
	// of its own, which uses its own ramp.
	ramps    []modelRamp // by index of the target
	reported time.Duration
	busy     int // drops for want of a place

	before machine // the machine at the start, where the run watches it

	mu     sync.Mutex
	counts record.Counts
	recent []*record.Recent // by model: what stop_when looks back on
	breaker
	spent string // why the budget refused a call
	ended int    // calls that waited for the client as their ramp ended, and were not sent (again)
}

// modelRamp is how far the ramp of one model is.
type modelRamp struct {
	judged  time.Duration // when stop_when was last judged
	stage   int           // of the slot before
	stopped string        // why it was stopped; "" while it goes on
	halted  string        // the same, where AWS is the reason and calls were left out for it
}

func newSending(ctx context.Context, l load, env *plugins.Env, start time.Time, lengths []record.PromptLength, cut context.CancelFunc) *sending {
	var names []string
	for _, t := range l.targets {
		names = append(names, t.Name)
	}
	s := &sending{load: l, env: env, start: start, cut: cut, ramps: make([]modelRamp, len(names)), reported: -time.Second,
		counts: record.Counts{Outcomes: map[record.Outcome]int{}}, breaker: newBreaker(len(names), l.onCapacity)}
	if l.stop.program != nil {
		s.load.stop = l.stop.over(l.stopParts())
		for range names {
			s.recent = append(s.recent, record.NewRecent(start, l.slo, l.stop.program.Reads()))
		}
	}
	s.begun = record.Begun{Step: l.name, Models: names, Start: start.UTC(), Period: record.Duration(record.WindowPeriod(l.profile.Length())), SLO: l.slo, Load: s.account(lengths)}
	s.agent = newAgent(ctx, s)
	env.Log.Begin(s.begun)
	if env.Real {
		s.before = look()
	}
	return s
}

// now is the time since the start of the step.
func (s *sending) now() time.Duration { return time.Since(s.start) }

// invocation is the request of one slot.
func (s *sending) invocation(slot ramp.Slot) plugins.Invocation {
	t := s.targets[slot.Model]
	in := t.call(slot.Seq, slot.Own)
	if s.course.arrivals != nil {
		return t.sized(in, s.course.arrivals[slot.Item])
	}
	return in
}

// send makes one call and records it.
func (s *sending) send(ctx context.Context, slot ramp.Slot, sent time.Time) {
	if s.agent != nil {
		s.agent.do(ctx, slot, sent)
		return
	}
	c := s.call(slot)
	reply := s.attempt(ctx, slot, s.invocation(slot), sent, &c)
	s.add(slot.Model, &c, reply.Denied)
}

// attempt sends one request, and tells in c what became of it.
func (s *sending) attempt(ctx context.Context, slot ramp.Slot, in plugins.Invocation, sent time.Time, c *record.Call) plugins.Reply {
	t := s.targets[slot.Model]
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	reply := s.env.AWS.Invoke(ctx, in)
	c.Outcome, c.Status, c.Code, c.Message = reply.Outcome, reply.Status, record.CleanLine(reply.Code), record.CleanLine(reply.Message)
	c.Served = record.CleanLine(reply.Served)
	c.Limit, c.MidStream, c.Gap = reply.Limit, reply.MidStream, reply.Gap
	if !reply.FirstToken.IsZero() {
		c.TTFT = reply.FirstToken.Sub(sent)
	}
	if !reply.FirstByte.IsZero() {
		c.FirstByte = reply.FirstByte.Sub(sent)
	}
	if reply.Outcome != record.Dropped {
		most := in.Most()
		c.Lag, c.Took, c.ReservedTokens = sent.Sub(c.Planned), time.Since(sent), most.Input+most.Output
	} else {
		c.Held, c.Waited = 0, 0
	}
	if u := reply.Usage; u != nil {
		c.Usage, c.QuotaTokens, c.USD = u, t.Tariff.QuotaTokens(*u), t.Tariff.USD(*u)
	}
	return reply
}

func (s *sending) drop(slot ramp.Slot, reason string) {
	s.dropped(reason)
	s.record(slot, reason)
}

// record records a call that was not sent.
func (s *sending) record(slot ramp.Slot, reason string) {
	c := s.call(slot)
	c.Outcome, c.Code = record.Dropped, reason
	s.add(slot.Model, &c, false)
}

func (s *sending) call(slot ramp.Slot) record.Call {
	return record.Call{Seq: slot.Seq, Step: s.name, Model: s.targets[slot.Model].Name, Stage: slot.Stage, Warmup: slot.At < s.warmup, Planned: s.start.Add(slot.At)}
}

func (s *sending) add(model int, c *record.Call, denied bool) {
	s.env.Log.Add(c)
	if s.seekers != nil {
		s.seekers[model].note(c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Add(c)
	if s.load.stop.program != nil {
		s.recent[model].Add(s.part(c.Stage, c.At().Sub(s.start)), c)
	}
	if s.breaker.take(model, c, denied) {
		s.cut()
	}
	if s.halts[model] != "" {
		s.agent.stop(model)
	}
	if c.Code == plugins.CodeBudget && s.spent == "" {
		s.spent = c.Message
		s.cut()
	}
}

// allStopped is asked before every call, in order of time: whether the ramps
// of all models have been stopped.
func (s *sending) allStopped(slot ramp.Slot) bool {
	if slot.At-s.reported >= time.Second {
		s.reported = slot.At
		s.report(s.profile[slot.Stage].Name, slot.At)
	}
	for _, r := range s.ramps {
		if r.stopped == "" {
			return false
		}
	}
	return true
}

// skip is asked before every call, in order of time: whether its model's ramp
// has been stopped. Then none of its calls waits any longer, either.
func (s *sending) skip(slot ramp.Slot) bool {
	over := s.over(slot)
	if over {
		s.agent.stop(slot.Model)
	}
	return over
}

// over judges stop_when every second, or at the end of a stage.
func (s *sending) over(slot ramp.Slot) bool {
	r := &s.ramps[slot.Model]
	if r.stopped == "" {
		r.stopped = s.halted(slot.Model)
		r.halted = r.stopped
	}
	if s.load.stop.program == nil || r.stopped != "" {
		return r.stopped != ""
	}
	ended := r.stage
	r.stage = slot.Stage
	switch {
	case s.course.shape.PerStage && slot.Stage != ended:
		r.stopped = s.judge(slot.Model, ended)
	case !s.course.shape.PerStage && slot.At-r.judged >= time.Second:
		r.judged = slot.At
		r.stopped = s.judge(slot.Model, s.part(slot.Stage, slot.At-s.stopWindow))
	}
	return r.stopped != ""
}

// end ends the step with an error.
func (s *sending) end(why error) {
	s.mu.Lock()
	if s.refused == nil {
		s.refused = why
	}
	s.mu.Unlock()
	s.cut()
}

// halted is why a call has ended the ramp of a model.
func (s *sending) halted(model int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.halts[model]
}

// lookParts is in how many parts stop_when looks back. The oldest is taken
// wholly, so it looks back by up to one more.
const lookParts = 60

// part is the part of the recent calls that a call belongs to: its stage, or a
// span of time.
func (s *sending) part(stage int, at time.Duration) int {
	if s.course.shape.PerStage {
		return stage
	}
	return int(max(at, 0) / max(time.Second, s.stopWindow/lookParts))
}

// judge asks stop_when of the recent calls of a model, from a part on. It says
// why to stop, or "".
func (s *sending) judge(model, from int) string {
	s.mu.Lock()
	measured := s.recent[model].Values(from)
	s.mu.Unlock()
	s.guard.live(model, measured)
	return s.load.stop.ask(measured)
}

// stops tells which models' ramps were stopped, and why.
func (s *sending) stops() string {
	var out []string
	for i, r := range s.ramps {
		if r.stopped == "" {
			r.stopped = s.halted(i)
		}
		if r.stopped != "" {
			out = append(out, s.targets[i].Name+": "+r.stopped)
		}
	}
	return strings.Join(out, "; ")
}

// haltedRamps are the ramps that AWS gave reason to end, by model. That of a search
// is no measurement by itself: what it has found holds.
func (s *sending) haltedRamps() map[string]string {
	if s.course.shape.Search {
		return nil
	}
	out := map[string]string{}
	for i, r := range s.ramps {
		if r.halted != "" {
			out[s.targets[i].Name] = r.halted
		}
	}
	return out
}

func (s *sending) report(stage string, at time.Duration) {
	s.mu.Lock()
	counts := s.counts.Clone()
	s.mu.Unlock()
	s.env.Report(plugins.Progress{Stage: stage, Done: at, Total: s.profile.Length(), Counts: counts})
}

// result reads the folds, when every call has ended.
func (s *sending) result() (plugins.Result, error) {
	if s.course.shape.Closed || s.course.shape.Search {
		s.scheduled = s.counts.Planned // nothing is planned before it is sent
	}
	if s.counts.Planned == s.scheduled {
		s.report("done", s.profile.Length())
	} else {
		s.report("stopped", max(s.reported, 0))
	}
	folded := s.begun.Read(func(model string) *record.Fold { return s.env.Log.Fold(s.name, model) })
	out := plugins.Result{Values: folded.Values, Totals: folded.Totals, Series: folded.Series}
	out.Step.Notes, out.Step.Stopped = s.told, s.stops()
	out.Step.Load = &folded.Load
	out.Step.Load.Scheduled = s.scheduled
	out.Step.Load.Halted = s.haltedRamps()
	s.left(&out)
	s.watched(&out)
	s.found(&out)
	s.health(&out)
	out.Step.Cut = s.spent
	return out, s.refused
}

// account is the step before its calls.
func (s *sending) account(lengths []record.PromptLength) record.Load {
	l := record.Load{Counts: record.Counts{Outcomes: map[record.Outcome]int{}}, Scheduled: s.scheduled, Warmup: record.Duration(s.warmup), Notes: s.notes(), Stages: s.stages(), Phases: s.env.Phases, Prompts: lengths, Client: s.client.told()}
	for _, t := range s.targets {
		if t.asker != nil && t.asker.set.Prompts > 0 {
			set := t.asker.set
			set.Model = t.Name
			l.PromptSets = append(l.PromptSets, set)
		}
	}
	return l
}

// stages are the pieces of the ramp as they are planned.
func (s *sending) stages() []record.Stage {
	var out []record.Stage
	var at time.Duration
	for i, st := range s.profile {
		r := record.Stage{Name: st.Name, Start: record.Duration(at), Length: record.Duration(st.Length), Counts: record.Counts{Outcomes: map[record.Outcome]int{}}}
		same := true
		r.WavePeriod = record.Duration(st.Period)
		switch r.FromRPM, r.ToRPM, r.SwingRPM, same = s.rates(i); {
		case s.course.shape.Closed:
			r.FromWorkers, r.ToWorkers, r.FromRPM, r.ToRPM = st.From, st.To, 0, 0
		case !same:
			for k, t := range s.tracks {
				of := &t.Profile[i]
				from, to := of.Ends()
				r.Models = append(r.Models, record.StageRate{Model: s.targets[k].Name, FromRPM: from, ToRPM: to, SwingRPM: of.Swing, MostRPM: of.Most})
				r.MostRPM += of.Most
			}
		default:
			r.MostRPM = st.Most
		}
		out = append(out, r)
		at += st.Length
	}
	return out
}

package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner/ramp"
)

// maxRefusals is how many calls of a model AWS may refuse as wrong or not
// allowed, while none was accepted, before the step gives up: the next
// thousand would be refused as well.
const maxRefusals = 3

// sending is a load step under way.
type sending struct {
	load
	env   *plugins.Env
	start time.Time
	cut   context.CancelFunc // ends the ramp

	lengths []record.PromptLength // of the prompts that were fitted
	told    []string              // of the requests and their ids

	// Only the sender's goroutine uses these.
	ramps    []modelRamp // by index of the target
	reported time.Duration
	busy     int // drops for want of a place

	before machine // the machine at the start, where the run watches it

	mu       sync.Mutex
	counts   record.Counts
	recent   [][]record.Call // by model: what stop_when may look back on
	accepted map[int]bool    // models of which AWS accepted a call
	refusals map[int]int
	refused  error  // AWS refuses a model's calls
	spent    string // why the budget refused a call
}

// modelRamp is how far the ramp of one model is.
type modelRamp struct {
	judged  time.Duration // when stop_when was last judged
	stage   int           // of the slot before
	stopped string        // why it was stopped; "" while it goes on
}

func newSending(l load, env *plugins.Env, start time.Time, cut context.CancelFunc) *sending {
	var names []string
	for _, t := range l.targets {
		names = append(names, t.Name)
	}
	env.Log.Begin(l.name, names, start, record.WindowPeriod(l.profile.Length()))
	s := &sending{load: l, env: env, start: start, cut: cut,
		ramps: make([]modelRamp, len(names)), recent: make([][]record.Call, len(names)), reported: -time.Second,
		counts: record.Counts{Outcomes: map[record.Outcome]int{}}, accepted: map[int]bool{}, refusals: map[int]int{}}
	if env.Real {
		s.before = look()
	}
	return s
}

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
	t := s.targets[slot.Model]
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	reply := s.env.AWS.Invoke(ctx, s.invocation(slot))
	c := s.call(slot)
	c.Outcome, c.Status, c.Code, c.Message = reply.Outcome, reply.Status, record.CleanLine(reply.Code), record.CleanLine(reply.Message)
	c.Served = record.CleanLine(reply.Served)
	if !reply.FirstToken.IsZero() {
		c.TTFT = reply.FirstToken.Sub(sent)
	}
	if reply.Outcome != record.Dropped {
		c.Lag, c.Took = sent.Sub(c.Planned), time.Since(sent)
	}
	if u := reply.Usage; u != nil {
		c.Usage, c.QuotaTokens, c.USD = u, t.Tariff.QuotaTokens(*u), t.Tariff.USD(*u)
	}
	s.add(slot.Model, &c)
}

func (s *sending) drop(slot ramp.Slot, reason string) {
	s.dropped(reason)
	c := s.call(slot)
	c.Outcome, c.Code = record.Dropped, reason
	s.add(slot.Model, &c)
}

func (s *sending) call(slot ramp.Slot) record.Call {
	return record.Call{Seq: slot.Seq, Step: s.name, Model: s.targets[slot.Model].Name, Stage: slot.Stage, Warmup: slot.At < s.warmup, Planned: s.start.Add(slot.At)}
}

func (s *sending) add(model int, c *record.Call) {
	s.env.Log.Add(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Add(c.Outcome)
	if s.load.stop != nil {
		s.recent[model] = append(s.recent[model], *c)
	}
	switch {
	case c.Outcome == record.OK || c.Outcome == record.Throttled:
		s.accepted[model] = true
	case c.Outcome == record.ClientError && !s.accepted[model]:
		s.refusals[model]++
		if s.refusals[model] == maxRefusals && s.refused == nil {
			s.refused = fmt.Errorf("AWS refuses the calls of model %s: %s (%d %s)", c.Model, c.Message, c.Status, c.Code)
			s.cut()
		}
	case c.Code == plugins.CodeBudget && s.spent == "":
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
// has been stopped. It judges stop_when every second, or at the end of a stage.
func (s *sending) skip(slot ramp.Slot) bool {
	r := &s.ramps[slot.Model]
	if s.load.stop == nil || r.stopped != "" {
		return r.stopped != ""
	}
	ended := r.stage
	r.stage = slot.Stage
	switch {
	case s.course.shape.PerStage && slot.Stage != ended:
		r.stopped = s.judge(slot.Model, func(c *record.Call) bool { return c.Stage == ended })
	case !s.course.shape.PerStage && slot.At-r.judged >= time.Second:
		r.judged = slot.At
		since := s.start.Add(slot.At - s.stopWindow)
		r.stopped = s.judge(slot.Model, func(c *record.Call) bool { return !c.Planned.Before(since) })
	}
	return r.stopped != ""
}

// judge asks stop_when of the recent calls of a model that are picked, and
// forgets the others. It says why to stop, or "". A condition that reads what
// has no data yet does not stop.
func (s *sending) judge(model int, pick func(*record.Call) bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recent[model] = slices.DeleteFunc(s.recent[model], func(c record.Call) bool { return !pick(&c) })
	fold := record.NewFold(s.start, time.Hour)
	for _, c := range s.recent[model] {
		c.Warmup = false
		fold.Add(&c)
	}
	measured := fold.Values()
	values := map[string]any{}
	shown := ""
	for _, name := range s.load.stop.Reads() {
		if !measured[name].Known {
			return ""
		}
		values[name] = measured[name].Value
		shown += fmt.Sprintf(", %s = %.4g", name, measured[name].Value)
	}
	if yes, err := s.load.stop.Eval(values); err != nil || !yes {
		return ""
	}
	return fmt.Sprintf("stop_when: %s%s", s.stopText, shown)
}

// stops tells which models' ramps were stopped, and why.
func (s *sending) stops() string {
	var out []string
	for i, r := range s.ramps {
		if r.stopped != "" {
			out = append(out, s.targets[i].Name+": "+r.stopped)
		}
	}
	return strings.Join(out, "; ")
}

func (s *sending) report(stage string, at time.Duration) {
	s.mu.Lock()
	counts := s.counts.Clone()
	s.mu.Unlock()
	s.env.Report(plugins.Progress{Stage: stage, Done: at, Total: s.profile.Length(), Counts: counts})
}

// result reads the folds, when every call has ended.
func (s *sending) result() (plugins.Result, error) {
	if s.course.shape.Closed {
		s.scheduled = s.counts.Planned // nothing is planned before its worker is free
	}
	if s.counts.Planned == s.scheduled {
		s.report("done", s.profile.Length())
	} else {
		s.report("stopped", max(s.reported, 0))
	}
	total := record.NewFold(s.start, record.WindowPeriod(s.profile.Length()))
	out := plugins.Result{Values: map[string]record.Values{}}
	for _, t := range s.targets {
		f := s.env.Log.Fold(s.name, t.Name)
		out.Values[t.Name] = f.Values()
		out.Series = append(out.Series, f.Series(s.name, t.Name)...)
		total.Merge(f)
	}
	out.Totals = total.Values()
	out.Step.Notes, out.Step.Stopped = s.told, s.stops()
	out.Step.Load = &record.Load{Counts: total.Counts(), Scheduled: s.scheduled, Warmup: record.Duration(s.warmup), Notes: s.notes(), Stages: s.stages(total), Prompts: s.lengths}
	for _, t := range s.targets {
		if t.asker != nil && t.asker.set.Prompts > 0 {
			set := t.asker.set
			set.Model = t.Name
			out.Step.Load.PromptSets = append(out.Step.Load.PromptSets, set)
		}
	}
	s.health(&out)
	out.Step.Cut = s.spent
	return out, s.refused
}

// stages are the pieces of the ramp as they went.
func (s *sending) stages(total *record.Fold) []record.Stage {
	var out []record.Stage
	var at time.Duration
	for i, st := range s.profile {
		r := record.Stage{Name: st.Name, Start: record.Duration(at), Length: record.Duration(st.Length), Counts: total.Stage(i)}
		same := true
		switch r.FromRPM, r.ToRPM, r.SwingRPM, same = s.rates(i); {
		case s.course.shape.Closed:
			r.FromWorkers, r.ToWorkers, r.FromRPM, r.ToRPM = st.From, st.To, 0, 0
		case !same:
			for k, t := range s.tracks {
				p := t.Profile[i]
				r.Models = append(r.Models, record.StageRate{Model: s.targets[k].Name, FromRPM: p.From, ToRPM: p.To})
			}
		}
		out = append(out, r)
		at += st.Length
	}
	return out
}

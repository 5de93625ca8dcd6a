package history

import (
	"io"
	"math"
	"time"

	"github.com/loadline-dev/loadline/internal/statistics"
	"github.com/loadline-dev/loadline/record"
)

// Side is one of the runs that are held against each other.
type Side struct {
	Name  string // what the user calls it: a folder
	Run   *record.Run
	Calls *Calls // nil where the journal is not there
}

// Calls is what the journal of a run knows more than its record.
type Calls struct {
	run   *record.Run // with the counts behind rates
	times map[spot]*times
}

// spot is a distribution of a model in a step.
type spot struct{ step, model, metric string }

// times are the samples of a distribution, in ms, by stage and minute.
type times struct {
	samples []statistics.Sample
	windows map[refill]int32
	strata  []int
	order   *statistics.Order // once it is asked for
}

// refill is the minute in which a call of a stage was planned, from the start of
// its step.
type refill struct {
	stage  int
	minute int64
}

// ReadCalls reads a journal.
func ReadCalls(journal io.Reader) (*Calls, error) {
	c := &Calls{times: map[spot]*times{}}
	run, err := record.ReplayCalls(journal, c.add)
	c.run = run
	return c, err
}

// Of reports whether the calls are those of the run.
func (c *Calls) Of(r *record.Run) bool { return c.run.Started.Equal(r.Started) }

// add keeps the times of a call as the metrics count them: of measured calls that
// were ok.
func (c *Calls) add(call *record.Call, start time.Time) {
	if call.Warmup || call.Outcome != record.OK {
		return
	}
	minute := refill{call.Stage, int64(call.Planned.Sub(start) / time.Minute)}
	c.sample(call, "latency_ms", minute, call.Lag+call.Took)
	if call.TTFT > 0 {
		c.sample(call, "ttft_ms", minute, call.Lag+call.TTFT)
	}
}

func (c *Calls) sample(call *record.Call, metric string, minute refill, d time.Duration) {
	at := spot{call.Step, call.Model, metric}
	t := c.times[at]
	if t == nil {
		t = &times{windows: map[refill]int32{}}
		c.times[at] = t
	}
	w, ok := t.windows[minute]
	if !ok {
		w = int32(len(t.strata))
		t.windows[minute], t.strata = w, append(t.strata, call.Stage)
	}
	t.samples = append(t.samples, statistics.Sample{Value: d.Seconds() * 1000, Window: w})
}

// sorted is the distribution at a spot; nil where the journal has none.
func (s *Side) sorted(at spot) *statistics.Order {
	if s.Calls == nil || s.Calls.times[at] == nil {
		return nil
	}
	t := s.Calls.times[at]
	if t.order == nil {
		t.order = statistics.NewOrder(t.samples, t.strata)
	}
	return t.order
}

// value is what a step measured of a model; of all models where it is "".
func value(r *record.Run, step, model, metric string) record.Reading {
	if model == "" {
		return r.Totals[step][metric]
	}
	if m := modelOf(r, model); m != nil {
		return m.Steps[step][metric]
	}
	return record.Reading{}
}

func modelOf(r *record.Run, name string) *record.Model {
	for i := range r.Models {
		if r.Models[i].Name == name {
			return &r.Models[i]
		}
	}
	return nil
}

func stepOf(r *record.Run, name string) *record.Step {
	for i := range r.Steps {
		if r.Steps[i].Name == name {
			return &r.Steps[i]
		}
	}
	return nil
}

// counted are the counts by which a share of calls is known where its windows are
// not kept.
var counted = map[string]string{"throttle_rate": "throttled", "error_rate": "errors"}

// sound are the windows of a rate; none where they are not kept, or a file from
// outside has made some up.
func sound(rate *record.Rate) (out []statistics.Window) {
	if rate == nil {
		return nil
	}
	trials := 0
	for _, w := range rate.Windows {
		if w.Hits < 0 || w.Hits > w.Trials {
			return nil
		}
		trials += w.Trials
		out = append(out, statistics.Window{Stratum: w.Stage, Hits: w.Hits, Trials: w.Trials})
	}
	if trials <= 0 {
		return nil
	}
	return out
}

// windows are the counts behind a share of calls: by minute as the record or the
// journal has them, else all calls in one, of which nothing is known of bursts.
// There are none where there is no data.
func (s *Side) windows(step, model, metric string) []statistics.Window {
	reading := value(s.Run, step, model, metric)
	if !reading.Known {
		return nil
	}
	rate := reading.Rate
	if (rate == nil || rate.Windows == nil) && s.Calls != nil {
		rate = value(s.Calls.run, step, model, metric).Rate
	}
	if out := sound(rate); out != nil {
		return out
	}
	trials := value(s.Run, step, model, "attempts")
	if calls := value(s.Run, step, model, "calls"); record.OfCalls(metric) && calls.Known {
		trials = calls // records of before there were clients do not tell them
	}
	if !trials.Known || trials.Value < 1 {
		return nil
	}
	hits := reading.Value * trials.Value
	if n := value(s.Run, step, model, counted[metric]); n.Known {
		hits = n.Value
	}
	// A file from outside may count more hits than calls.
	hits = min(max(math.Round(hits), 0), trials.Value)
	return []statistics.Window{{Hits: int(hits), Trials: int(trials.Value)}}
}

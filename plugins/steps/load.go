package steps

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/loadline-dev/loadline/internal/expression"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner/ramp"
	"github.com/loadline-dev/loadline/scenarios"
)

const (
	maxInFlight = 20000
	// drain is how long calls under way may go on after a stop.
	drain = 10 * time.Second
)

// Load sends invocations along a ramp.
var Load = plugins.StepKind{
	Name:    record.KindLoad,
	Doc:     "Sends invocations along a ramp, each on time whatever became of those before it. Nothing is retried: a throttle is a measurement.",
	Example: "{ramp: [{to: 60 rpm, over: 1m, hold: 3m}], warmup: 30s, stop_when: throttle_rate > 0.5}",
	Type:    loadType,
	Bind:    bindLoad,
}

var loadType = scenarios.Object(
	scenarios.Key{Name: "ramp", Doc: "The shape of the load, for each model. A plain list means `stages`.", Type: rampType(), Required: true, Example: "[{to: 60 rpm, over: 1m}]"},
	scenarios.Key{Name: "models", Doc: "The models to call, side by side, each at the full rate; all if left out.", Type: scenarios.List(scenarios.ModelRef(), 1, 1000), Example: "[sonnet]"},
	scenarios.Key{Name: "warmup", Doc: "Calls planned in this first part are sent, but left out of the metrics. A quota's bucket starts full: give it a minute where that matters.", Type: scenarios.Duration(0, 24*time.Hour), Example: "30s"},
	scenarios.Key{Name: "stop_when", Doc: "Ends the ramp of a model early when true; the other models go on. Judged every second on the model's calls of the last `stop_window`; it reads the metrics of this step by their bare names.", Type: scenarios.Expression(), Example: "throttle_rate > 0.5"},
	scenarios.Key{Name: "stop_window", Doc: "How far `stop_when` looks back: by default one refill period of a quota, since a shorter look would take the burst of a full bucket for health.", Type: scenarios.Duration(time.Second, time.Hour), Default: "1m"},
	scenarios.Key{Name: "max_in_flight", Doc: "How many calls may be under way at once. A call that finds no place waits for one until it is `max_lateness` late, and is then dropped.", Type: scenarios.Integer(1, maxInFlight), Default: "1000"},
	scenarios.Key{Name: "max_lateness", Doc: "How late a call may go out; later it is dropped.", Type: scenarios.Duration(time.Millisecond, time.Hour), Default: "5s"},
	scenarios.RequestKey(),
)

type load struct {
	name        string
	targets     []target
	unknown     []target // those whose ids no step before this one looks up
	notes       []string
	shape       ramp.Shape
	profile     ramp.Profile
	warmup      time.Duration
	stop        *expression.Program
	stopText    string
	stopWindow  time.Duration
	inFlight    int
	maxLateness time.Duration
}

func bindLoad(b *plugins.Binding, s scenarios.Step) plugins.Step {
	get := func(key string) *scenarios.Node { return loadType.Get(s.Body, key) }
	l := load{
		name: s.Name.Value, warmup: get("warmup").Duration(), stopWindow: get("stop_window").Duration(),
		inFlight: int(get("max_in_flight").Int()), maxLateness: get("max_lateness").Duration(),
	}
	l.shape, l.profile = bindRamp(b, s.Body.Get("ramp"))
	if n := s.Body.Get("warmup"); n != nil && l.profile != nil && l.warmup >= l.profile.Length() {
		b.Problem(scenarios.Problem{Pos: n.Pos(), Width: len([]rune(n.Text())), Code: "bad-warmup",
			Message: fmt.Sprintf("the warm-up takes the whole ramp (%s), so nothing would be measured", l.profile.Length()), Hint: "shorten the warm-up, or lengthen the ramp"})
	}
	l.bindStop(b, s.Body.Get("stop_when"))
	own := scenarios.RequestOf(s.Body.Get("request"))
	targets := binder{Binding: b, step: l.name, sets: map[string]promptSet{}}
	for _, m := range b.Select(s.Body.Get("models")) {
		usual := m.Request.Over(b.Request)
		t := targets.target(m, own.Over(usual))
		l.targets = append(l.targets, t)
		if !slices.Contains(b.LookedUp, m.Name) {
			b.LookedUp, l.unknown = append(b.LookedUp, m.Name), append(l.unknown, t)
		}
		if m.TariffOf != nil {
			l.notes = append(l.notes, fmt.Sprintf("%s: only AWS can tell which model is behind the id of %s; until then output tokens count %gx, and limits, price and family are not known but from models.%s", l.name, m.Name, m.Tariff.Burndown, m.Name))
		}
		if askOf(own.Over(usual)) != askOf(usual) {
			l.notes = append(l.notes, fmt.Sprintf("%s: this step asks %s for another latency or context than its usual request, so other quotas bind these calls than those in quota.*: give the id a second name under models, with that request, to see them", l.name, m.Name))
		}
	}
	return l
}

// bindStop compiles stop_when, or the shape's own condition.
func (l *load) bindStop(b *plugins.Binding, n *scenarios.Node) {
	if n != nil {
		l.stop, l.stopText = b.Compile(n, stopNames()), n.Text()
		return
	}
	if l.shape.StopWhen == "" {
		return
	}
	program, faults := expression.Compile(l.shape.StopWhen, stopNames())
	if len(faults) > 0 {
		panic(fmt.Sprintf("stop condition of shape %s: %v", l.shape.Name, faults))
	}
	l.stop, l.stopText = program, l.shape.StopWhen
}

// stopNames are the names that stop_when can read.
func stopNames() expression.Names {
	names := expression.Names{}
	for _, m := range record.Metrics {
		if m.Kind() == record.KindLoad {
			names[m.Name] = expression.Number
		}
	}
	return names
}

func (l load) Estimate() plugins.Estimate {
	e := plugins.Estimate{Duration: l.profile.Length()}
	need := func(action string) {
		if !slices.Contains(e.Reads, action) {
			e.Reads = append(e.Reads, action)
		}
	}
	e.Notes = append(e.Notes, l.notes...)
	var fitting time.Duration
	for _, t := range l.targets {
		n := int64(l.profile.Count())
		if plugins.Streams(t.invocation.API) {
			need("bedrock:InvokeModelWithResponseStream")
		} else {
			need("bedrock:InvokeModel")
		}
		if t.wanted() > 0 {
			need("bedrock:CountTokens")
			n++
			fitting += t.timeout
			e.Notes = append(e.Notes, fmt.Sprintf("%s, %s: fitting the prompt to %d tokens can take one call more, which is counted here", l.name, t.Name, t.wanted()))
		}
		most := t.invocation.Most()
		c := plugins.CallEstimate{Model: t.Name, Requests: n, Reserved: n * (most.Input + most.Output), Settled: n * t.Tariff.QuotaTokens(most),
			USD: t.Tariff.USD(record.Usage{Input: n * most.Input, Output: n * most.Output})}
		for _, s := range l.profile {
			c.Peak = max(c.Peak, s.From, s.To)
		}
		e.Calls = append(e.Calls, c)
		// The last calls may take their whole deadline.
		e.Duration = max(e.Duration, l.profile.Length()+t.timeout)
	}
	if len(l.unknown) > 0 {
		e.Reads = append(e.Reads, reachReads...)
	}
	e.Duration += fitting
	return e
}

// Run sends the calls and folds them. It fails only where AWS refuses every
// call; a throttled or failed call is data.
func (l load) Run(ctx context.Context, env *plugins.Env) (plugins.Result, error) {
	ctx, cut := context.WithCancel(ctx)
	defer cut()
	var out plugins.Result
	out.Step.Notes = slices.Clone(l.notes)
	if note, err := l.reach(ctx, env); err != nil {
		return out, err
	} else if note != "" {
		out.Step.Notes = append(out.Step.Notes, note)
		env.Report(plugins.Progress{Note: note})
	}
	l.targets = slices.Clone(l.targets)
	for i := range l.targets {
		l.targets[i].settle(env.Models[l.targets[i].Name])
	}
	var lengths []record.PromptLength
	for i := range l.targets {
		if l.targets[i].wanted() > 0 {
			p := l.targets[i].fit(ctx, env.AWS)
			lengths = append(lengths, p)
			env.Report(plugins.Progress{Note: fmt.Sprintf("%s: the prompt has %d input tokens (by %s), and %d are wanted", p.Model, p.Tokens, p.By, p.Wanted)})
		}
	}
	// A whole millisecond, so that calls leave at whole microseconds; and
	// without a Truncate, which would tie the schedule to the wall clock.
	now := time.Now()
	start := now.Add(time.Millisecond - time.Duration(now.Nanosecond())%time.Millisecond)
	r := newSending(l, env, start, cut)
	r.lengths, r.notes = lengths, out.Step.Notes
	ramp.Drive(ctx, l.profile.Schedule(len(l.targets)), ramp.Driver{
		Start: start, MaxInFlight: l.inFlight, MaxLateness: l.maxLateness, Drain: drain,
		Stop: r.allStopped, Skip: r.skip, Send: r.send, Drop: r.drop,
	})
	return r.result()
}

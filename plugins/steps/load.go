package steps

import (
	"context"
	"fmt"
	"slices"
	"time"

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
	Doc:     "Sends invocations along a ramp, each on time whatever became of those before it. Nothing is retried, unless `client` says so: a throttle is a measurement.",
	Example: "{ramp: [{to: 60 rpm, over: 1m, hold: 3m}], warmup: 30s, stop_when: throttle_rate > 0.5}",
	Type:    loadType,
	Bind:    bindLoad,
}

var loadType = scenarios.Object(
	scenarios.Key{Name: "ramp", Doc: "The shape of the load, for each model. A plain list means `stages`.", Type: rampType(), Required: true, Example: "[{to: 60 rpm, over: 1m}]"},
	scenarios.Key{Name: "models", Doc: "The models to call, side by side, each at the full rate; all if left out. As a mapping, each gets its share of the rate, and the shares add up to 100%: {sonnet: 70%, haiku: 30%}.", Type: scenarios.Either(scenarios.List(scenarios.ModelRef(), 1, 1000), scenarios.ModelShares()), Example: "[sonnet]"},
	scenarios.Key{Name: "arrivals", Doc: "How calls fall within the rate: even, or poisson, as from many users who know nothing of each other. A Poisson process is drawn by the scenario's seed.", Type: scenarios.Enum("even", "poisson"), Default: "even"},
	scenarios.Key{Name: "tpm_counts", Doc: "What a rate in tpm counts of each call: the tokens that it reserves from the quota as it begins (input + max_tokens), or those that it settles at, at most (input + max_tokens x burndown).", Type: scenarios.Enum(reserved, settled), Default: reserved},
	scenarios.Key{Name: "leave", Doc: "The part of each model's rpm and tpm quota that the step leaves to others, on top of what they use: before it sends anything, it reads from CloudWatch how much that is, and cuts its rates off at quota x (1 - leave) - that. Where nothing is left, nothing is sent, and the run ends (exit 5). Needs a discover step before, and a shape with a rate.", Type: scenarios.Percent(), Example: "30%"},
	scenarios.Key{Name: "warmup", Doc: "Calls planned in this first part are sent, but left out of the metrics. A quota's bucket starts full: give it a minute where that matters.", Type: scenarios.Duration(0, 24*time.Hour), Example: "30s"},
	scenarios.Key{Name: "stop_when", Doc: "Ends the ramp of a model early when true; the other models go on. Judged every second on the model's calls of the last `stop_window`; it reads the metrics of this step by their bare names, and what others do as CloudWatch tells, which is then read each minute: ambient.throttles, their throttled calls since the first whole minute of the step, and ambient.rpm, their calls a minute since then; both by all ids that share the model's quotas, and at least.", Type: scenarios.Expression(), Example: "throttle_rate > 0.5"},
	scenarios.Key{Name: "stop_window", Doc: "How far `stop_when` looks back: by default one refill period of a quota, since a shorter look would take the burst of a full bucket for health.", Type: scenarios.Duration(time.Second, time.Hour), Default: "1m"},
	scenarios.Key{Name: "stop_confidence", Doc: "How sure it must be that a rate in `stop_when` is beyond its limit, however often one looks: a handful of throttled calls ends nothing. none: the plain comparison, which is also what batches have unless this is written, since a batch is judged once and as a whole.", Type: scenarios.Confidence(), Default: "0.95"},
	scenarios.Key{Name: "stop_on_capacity", Doc: "Ends the ramp of a model when AWS refused 10 of its last 20 calls for want of capacity (503): that is no quota, and more load makes it worse. An assertion that held until then is not decided. false goes on.", Type: scenarios.Bool(), Default: "true"},
	scenarios.Key{Name: "slo", Doc: "The times that a call must keep to count in `goodput`, the share of the calls sent that did.", Type: sloType, Example: "{ttft: 500ms, latency: 2s, tpot: 50ms}"},
	scenarios.Key{Name: "client", Doc: "What stands between the calls and the wire, as in a program that calls Bedrock: it waits for room in the quotas, and retries. Calls and attempts are then counted apart. Left out, each call is sent once, when it is due. Not for find and probe.", Type: clientType, Example: "{pacing: {share: 90%}, retry: {policy: full-jitter, max_attempts: 4}}"},
	scenarios.Key{Name: "max_in_flight", Doc: "How many calls may be under way at once, those that wait for `client` among them; in a search, of each model. A call that finds no place waits for one until it is `max_lateness` late, and is then dropped.", Type: scenarios.Integer(1, maxInFlight), Default: "1000"},
	scenarios.Key{Name: "max_lateness", Doc: "How late a call may go out; later it is dropped.", Type: scenarios.Duration(time.Millisecond, time.Hour), Default: "5s"},
	scenarios.RequestKey(),
)

var sloType = scenarios.Object(
	scenarios.Key{Name: "ttft", Doc: "From the planned time to the first text, of streams.", Type: scenarios.Duration(time.Millisecond, time.Hour), Example: "500ms"},
	scenarios.Key{Name: "latency", Doc: "From the planned time to the complete answer.", Type: scenarios.Duration(time.Millisecond, time.Hour), Example: "2s"},
	scenarios.Key{Name: "tpot", Doc: "Per output token after the first text, of streams.", Type: scenarios.Duration(time.Microsecond, time.Hour), Example: "50ms"},
)

type load struct {
	name        string
	targets     []target
	unknown     []target  // those whose ids no step before this one looks up
	remarks     []string  // what is worth knowing of the requests
	shares      []float64 // by target; nil: each gets the full rate
	course      course
	counts      string // what a rate in tpm counts: reserved or settled
	poisson     bool
	seed        uint64
	budget      scenarios.Budget
	profile     ramp.Profile             // its stages: their names and times are those of every model
	tracks      []ramp.Track             // by target; nil where the rates hang on quotas that are not read yet
	findings    []ramp.Finding           // by target, of a search alone
	probings    []ramp.Probing           // by target, of a probe alone
	known       map[string]*record.Model // whose quotas the rates are shares of; nil before they are read
	due         []int                    // by target: calls that come due
	scheduled   int                      // all of them
	leave       float64                  // the part of the quotas that is left to others; 0: all may be used
	room        []record.Ambient         // by target, once it is read
	roomNotes   []string                 // what is told of it
	warmup      time.Duration
	stop        stopRule
	stopWindow  time.Duration
	onCapacity  bool        // stop for want of capacity
	slo         *record.SLO // nil without one
	inFlight    int
	maxLateness time.Duration
	client      *client // nil: each call is sent once, when it is due
}

func bindLoad(b *plugins.Binding, s scenarios.Step) plugins.Step {
	get := func(key string) *scenarios.Node { return loadType.Get(s.Body, key) }
	l := load{
		name: s.Name.Value, warmup: get("warmup").Duration(), stopWindow: get("stop_window").Duration(),
		inFlight: int(get("max_in_flight").Int()), maxLateness: get("max_lateness").Duration(),
		counts: get("tpm_counts").Text(), poisson: get("arrivals").Text() == "poisson", seed: b.Seed, budget: b.Budget,
	}
	own := scenarios.RequestOf(s.Body.Get("request"))
	targets := binder{Binding: b, step: l.name, sets: map[string]promptSet{}}
	for _, m := range b.Select(s.Body.Get("models")) {
		usual := m.Request.Over(b.Request)
		t := targets.target(m, cheap(s.Body.Get("ramp"), own.Over(usual)))
		l.targets = append(l.targets, t)
		if !slices.Contains(b.LookedUp, m.Name) {
			b.LookedUp, l.unknown = append(b.LookedUp, m.Name), append(l.unknown, t)
		}
		if m.TariffOf != nil {
			l.remarks = append(l.remarks, fmt.Sprintf("only AWS can tell which model is behind the id of %s; until then output tokens count %gx, and limits, price and family are not known but from models.%s", m.Name, m.Tariff.Burndown, m.Name))
		}
		if askOf(own.Over(usual)) != askOf(usual) {
			l.remarks = append(l.remarks, fmt.Sprintf("this step asks %s for another latency or context than its usual request, so other quotas bind these calls than those in quota.*: give the id a second name under models, with that request, to see them", m.Name))
		}
	}
	l.bindShares(b, s.Body.Get("models"))
	l.bindRamp(b, s.Body)
	if n := s.Body.Get("warmup"); n != nil && l.profile != nil && l.warmup >= l.profile.Length() {
		b.Problem(scenarios.Problem{Pos: n.Pos(), Width: len([]rune(n.Text())), Code: "bad-warmup",
			Message: fmt.Sprintf("the warm-up takes the whole ramp (%s), so nothing would be measured", l.profile.Length()), Hint: "shorten the warm-up, or lengthen the ramp"})
	}
	l.bindLeave(b, s.Body.Get("leave"))
	l.bindClient(b, s.Body.Get("client"))
	l.bindStop(b, s.Body)
	l.refuseAfterwards(b, s.Body.Get("stop_when"))
	// A search takes want of capacity for what it is: a rate that did not hold.
	l.onCapacity = get("stop_on_capacity").Bool() && !l.course.shape.Search
	l.bindSLO(b, s.Body.Get("slo"))
	return l
}

// bindSLO reads slo. What only streams tell must be asked of streams alone.
func (l *load) bindSLO(b *plugins.Binding, n *scenarios.Node) {
	if n == nil {
		return
	}
	get := func(key string) record.Duration { return record.Duration(n.Get(key).Duration()) }
	l.slo = &record.SLO{TTFT: get("ttft"), Latency: get("latency"), TPOT: get("tpot")}
	if *l.slo == (record.SLO{}) && n.Whole() {
		b.Problem(scenarios.Problem{Pos: n.Pos(), Code: "empty-slo", Message: "slo asks nothing", Hint: "write what calls must keep, such as slo: {latency: 2s}"})
	}
	for _, key := range []string{"ttft", "tpot"} {
		for _, t := range l.targets {
			if at := n.Get(key); at != nil && t.invocation.API != "" && !plugins.Streams(t.invocation.API) {
				b.Problem(scenarios.Problem{Pos: at.Pos(), Width: len([]rune(at.Text())), Code: "slo-without-stream",
					Message: fmt.Sprintf("slo.%s is about streams, and the calls of model %s are none (api: %s)", key, t.Name, t.invocation.API), Hint: "use api: converse-stream or invoke-stream, or ask slo.latency instead"})
				break
			}
		}
	}
}

// Run sends the calls and folds them. It fails only where AWS refuses every
// call; a throttled or failed call is data.
func (l load) Run(ctx context.Context, env *plugins.Env) (plugins.Result, error) {
	ctx, cut := context.WithCancel(ctx)
	defer cut()
	notes := slices.Clone(l.remarks)
	if note, err := l.reach(ctx, env); err != nil {
		return plugins.Result{Step: record.Step{Notes: notes}}, err
	} else if note != "" {
		notes = append(notes, note)
		env.Report(plugins.Progress{Note: note})
	}
	l.targets = slices.Clone(l.targets)
	for i := range l.targets {
		l.targets[i].settle(env.Models[l.targets[i].Name])
	}
	if err := l.know(env.Models); err != nil {
		return plugins.Result{}, err
	}
	if why, err := l.makeRoom(ctx, env, time.Now()); err != nil || why != "" {
		return l.unsent(why, notes), err
	}
	guard, more, err := l.watch(ctx, env, time.Now())
	if err != nil {
		return l.unsent("", notes), err
	}
	notes = append(notes, more...)
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
	lane := ramp.Lane{Index: env.Lane, Of: env.Lanes}
	start := now.Add(time.Millisecond - time.Duration(now.Nanosecond())%time.Millisecond + lane.Offset())
	r := newSending(ctx, l, env, start, lengths, cut)
	r.told, r.guard = notes, guard
	defer guard.begin(ctx, start, r.end)()
	driver := ramp.Driver{
		Start: start, Lane: lane, Precise: env.Real, MaxInFlight: l.inFlight, MaxLateness: l.maxLateness, Drain: drain,
		Stop: r.allStopped, Skip: r.skip, Send: r.send, Drop: r.drop,
	}
	switch {
	case l.course.shape.Probe:
		return r.probe(ctx, driver)
	case l.course.shape.Search:
		return r.find(ctx, driver)
	case l.course.shape.Closed:
		ramp.Circle(ctx, l.crews(), driver)
	default:
		ramp.Drive(ctx, ramp.Merge(l.tracks, lane), driver)
	}
	return r.result()
}

package ramp

import "time"

// Kind says what a setting of a shape is.
type Kind int

// The kinds of settings.
const (
	Rate         Kind = iota // calls per minute
	Duration                 // time
	Count                    // a whole number from 1
	Items                    // a list of settings; see Param.Items
	CountOrItems             // either of the two
	File                     // a file of arrivals, read before Build; see [ReadArrivals]
	Factor                   // a number of times, such as 2x
	Percent                  // a part of a whole, such as 5%; in Args.Factors, as a fraction
	Measured                 // rpm or tpm, which Build does not need
	Label                    // a name; in Args.Names
)

// Param is a setting of a shape.
type Param struct {
	Name, Doc string
	Kind      Kind
	Required  bool
	Default   string
	Items     []Param // of Kind Items
}

// Args are settings by name. A setting that was not written is absent.
type Args struct {
	Rates     map[string]float64 // calls per minute
	Durations map[string]time.Duration
	Counts    map[string]int
	Factors   map[string]float64
	Names     map[string]string
	Items     []Args    // of the one list that a shape can have
	Arrivals  []Arrival // of the one file that a shape can have, in order of time
}

// Shape is a kind of ramp. In a scenario its main setting, which has the
// shape's name, tells it from the others.
type Shape struct {
	Name, Doc, Example string
	Params             []Param
	// Build turns settings that have the kinds of Params into a profile. An
	// error is about the settings as a whole.
	Build func(Args) (Profile, error)
	// Closed: a closed loop. The profile counts workers in place of rates, and
	// the settings `think` and `calls` are those of a [Crew].
	Closed bool
	// Search: what is sent is decided as it goes, by a [Finding]; the profile
	// tells its bounds.
	Search bool
	// Probe: likewise, by a [Probing]. Search is set as well.
	Probe bool
	// OneUnit: the rates must all be written in the same unit, as Build makes
	// stages out of how they compare.
	OneUnit bool
	// PerStage: a stop condition is judged when a stage ends, on that stage's
	// calls alone, in place of every second on the last window.
	PerStage bool
	// StopWhen is the stop condition where the scenario gives none.
	StopWhen string
}

const stageName = "What the piece is called in reports, and in assertions: STEP.stage(\"NAME\").throttle_rate. With both `over` and `hold`, the two are NAME over and NAME hold, and NAME is both. Without, they are stage 1 and stage 1 hold."

// Shapes is the table of all shapes. The first one is what a plain list means.
var Shapes = []Shape{
	{
		Name:    "stages",
		Doc:     "Straight pieces: each goes from the rate reached so far (0 at first) to `to` over `over`, and stays there for `hold`.",
		Example: "[{to: 60 rpm, over: 1m}, {to: 120 rpm, over: 30s, hold: 3m}]",
		Params: []Param{{Name: "stages", Doc: "The pieces, in order.", Kind: Items, Required: true, Items: []Param{
			{Name: "to", Doc: "Rate at the end of the piece.", Kind: Rate, Required: true},
			{Name: "over", Doc: "How long the rate takes to get there; 0s (a jump) if left out.", Kind: Duration},
			{Name: "hold", Doc: "How long it stays there.", Kind: Duration},
			{Name: "name", Doc: stageName, Kind: Label},
		}}},
		Build: stages,
	},
	{
		Name:    "constant",
		Doc:     "The same rate from start to end.",
		Example: "{constant: 60 rpm, for: 5m}",
		Params: []Param{
			{Name: "constant", Doc: "The rate.", Kind: Rate, Required: true},
			{Name: "for", Doc: "How long.", Kind: Duration, Required: true},
		},
		Build: constant,
	},
	{
		Name:    "linear",
		Doc:     "A straight line from one rate to another.",
		Example: "{linear: 600 rpm, from: 60 rpm, over: 5m}",
		Params: []Param{
			{Name: "linear", Doc: "The rate at the end.", Kind: Rate, Required: true},
			{Name: "from", Doc: "The rate at the start; 0 rpm if left out.", Kind: Rate},
			{Name: "over", Doc: "How long the line is.", Kind: Duration, Required: true},
		},
		Build: linear,
	},
	{
		Name:    "stairs",
		Doc:     "Equal stairs from one rate to another, up or down, each held for the same time.",
		Example: "{stairs: 300 rpm, from: 60 rpm, step: 60 rpm, each: 1m}",
		Params: []Param{
			{Name: "stairs", Doc: "The rate of the last stair.", Kind: Rate, Required: true},
			{Name: "from", Doc: "The rate of the first stair.", Kind: Rate, Required: true},
			{Name: "step", Doc: "How much the rate changes from stair to stair; the last change may be smaller.", Kind: Rate},
			{Name: "steps", Doc: "How many stairs there are, in place of `step`.", Kind: Count},
			{Name: "each", Doc: "How long each stair is held.", Kind: Duration, Required: true},
		},
		Build: stairs, OneUnit: true,
	},
	{
		Name:    "spike",
		Doc:     "A base rate with one peak in it.",
		Example: "{spike: 600 rpm, base: 60 rpm, at: 1m, rise: 5s, for: 30s, after: 2m}",
		Params: []Param{
			{Name: "spike", Doc: "The rate at the peak.", Kind: Rate, Required: true},
			{Name: "base", Doc: "The rate before and after it.", Kind: Rate, Required: true},
			{Name: "at", Doc: "How long the base rate lasts before the peak begins.", Kind: Duration, Required: true},
			{Name: "rise", Doc: "How long the rate takes to the peak; 0s (a jump) if left out.", Kind: Duration},
			{Name: "for", Doc: "How long the peak lasts.", Kind: Duration, Required: true},
			{Name: "fall", Doc: "How long the rate takes back; as long as `rise` if left out.", Kind: Duration},
			{Name: "after", Doc: "How long the base rate lasts after it; as long as `at` if left out.", Kind: Duration},
		},
		Build: spike,
	},
	{
		Name:    "sine",
		Doc:     "A wave around a mean rate, which begins at the mean and rises.",
		Example: "{sine: 120 rpm, amplitude: 60 rpm, period: 5m, for: 20m}",
		Params: []Param{
			{Name: "sine", Doc: "The mean rate.", Kind: Rate, Required: true},
			{Name: "amplitude", Doc: "How far the rate goes above and below the mean, at most as much as the mean.", Kind: Rate, Required: true},
			{Name: "period", Doc: "How long one wave is.", Kind: Duration, Required: true},
			{Name: "for", Doc: "How long.", Kind: Duration, Required: true},
		},
		Build: sine, OneUnit: true,
	},
	{
		Name:    "soak",
		Doc:     "A long plateau with a way up and a way down.",
		Example: "{soak: 60 rpm, for: 2h, ramp_in: 5m, ramp_out: 1m}",
		Params: []Param{
			{Name: "soak", Doc: "The rate of the plateau.", Kind: Rate, Required: true},
			{Name: "for", Doc: "How long the plateau lasts.", Kind: Duration, Required: true},
			{Name: "ramp_in", Doc: "How long the rate takes from 0 to the plateau; 0s (a jump) if left out.", Kind: Duration},
			{Name: "ramp_out", Doc: "How long it takes back to 0; 0s (a jump) if left out.", Kind: Duration},
		},
		Build: soak,
	},
	{
		Name:    "batches",
		Doc:     "Batch n sends n x `size` calls, and the next batch comes after a pause. It ends when more than half of a batch was throttled, or as `stop_when` says, which is judged on each batch alone. The pause should be longer than a call takes: a call that is still under way when its batch is judged does not count.",
		Example: "{batches: 5, size: 10, pause: 15s}",
		Params: []Param{
			{Name: "batches", Doc: "How many batches at most.", Kind: Count, Required: true},
			{Name: "size", Doc: "Calls in the first batch; batch n has n times as many.", Kind: Count, Required: true},
			{Name: "pause", Doc: "Time from the end of one batch to the start of the next.", Kind: Duration, Required: true},
			{Name: "over", Doc: "Time over which the calls of a batch are spread; all at once if left out.", Kind: Duration},
		},
		Build:    batches,
		PerStage: true,
		StopWhen: "throttle_rate > 0.5",
	},
	{
		Name:    "concurrency",
		Doc:     "A closed loop: so many workers, each of which sends its next call when the one before was answered. The only shape that waits for replies: where AWS is slow it sends less, so its rates and latencies say little about a load that does not wait. How much it sends is known only as it runs: `calls`, or `budget.requests` of the scenario, must bound it. `max_in_flight` does not count here.",
		Example: "{concurrency: 20, for: 5m, think: 1s, calls: 5000}",
		Params: []Param{
			{Name: "concurrency", Doc: "How many workers, or a list of stages of workers.", Kind: CountOrItems, Required: true, Items: []Param{
				{Name: "to", Doc: "Workers at the end of the stage.", Kind: Count, Required: true},
				{Name: "over", Doc: "How long it takes to get there from the stage before (0 at first); a jump if left out.", Kind: Duration},
				{Name: "hold", Doc: "How long it stays there.", Kind: Duration},
				{Name: "name", Doc: stageName, Kind: Label},
			}},
			{Name: "for", Doc: "How long, where `concurrency` is a number.", Kind: Duration},
			{Name: "think", Doc: "How long a worker rests between an answer and its next call.", Kind: Duration},
			{Name: "calls", Doc: "The most calls to send to each model of the step; where models have shares, to all of them.", Kind: Count},
		},
		Build: concurrency, Closed: true,
	},
	{
		Name:    "replay",
		Doc:     "Calls as they once came, from a file beside the scenario: JSON lines, or CSV with a head (`.csv`). `at` is the time of a call, in seconds from the start or as 1m30s; `model`, `input_tokens` and `output_tokens` (or `max_tokens`) may stand beside it. Lines need not be in order.",
		Example: "{replay: arrivals.jsonl, speed: 2x}",
		Params: []Param{
			{Name: "replay", Doc: "The file, in the scenario's folder or below.", Kind: File, Required: true},
			{Name: "speed", Doc: "How many times as fast as it was.", Kind: Factor, Default: "1x"},
		},
		Build: replay,
	},
	{
		Name:    "find",
		Doc:     "Searches for the highest rate that holds, for each model by itself, and gives it as a bracket: `limit.low` held, `limit.high` did not. Each trial first sends faster until calls are throttled, since a quota that was idle hides its limit; then it settles for `rest`, and then it is measured for `trial`, or longer where the rate is so low that less would not tell. Where no `max_tokens` is written, it is 1 for rpm, and 1000 with a prompt that is answered in a word for tpm.",
		Example: "{find: rpm, from: 60 rpm, to: 2000 rpm, width: 5%}",
		Params: []Param{
			{Name: "find", Doc: "What is searched: rpm, or tpm, where a call counts as `tpm_counts` says.", Kind: Measured, Required: true},
			{Name: "from", Doc: "The lowest rate to try.", Kind: Rate, Required: true},
			{Name: "to", Doc: "The highest rate to try. The bursts that empty a quota go up to twice of it, until the first throttles.", Kind: Rate, Required: true},
			{Name: "width", Doc: "How far apart the two ends of the bracket may be.", Kind: Percent, Default: "5%"},
			{Name: "trial", Doc: "How long a trial is measured at least.", Kind: Duration, Default: "60s"},
			{Name: "rest", Doc: "How long a trial settles before it is measured: a refill period of the quota.", Kind: Duration, Default: "60s"},
			{Name: "loss", Doc: "The part of the calls that may be throttled at a rate that holds; none if left out.", Kind: Percent},
			{Name: "trials", Doc: "The most trials of a model: 12 if left out. Where a budget bounds the calls and this is left out, the plan shows the budget as the bound.", Kind: Count},
		},
		Build: find, Search: true, OneUnit: true,
	},
	{
		Name:    "probe",
		Doc:     "Finds out how the limiter of each model works, by a designed sequence of bursts, rests and a modest overload, made twice: whether it is a bucket that refills all the time, a fixed minute or a sliding one (`limiter.algorithm`), how many calls or tokens it admits at once after a rest (`limiter.burst`) and a minute in the long run (`limiter.refill`), and how sure that is (`limiter.confidence`). It takes about ten minutes, and twenty at most. What it can not tell is unknown, with the reason. Where no `max_tokens` is written it is 1, with a prompt of 1000 tokens for tpm.",
		Example: "{probe: rpm, rate: 600 rpm}",
		Params: []Param{
			{Name: "probe", Doc: "Which limiter is probed: rpm, or tpm, where a call counts as `tpm_counts` says in `rate`, and as it really takes in the result.", Kind: Measured, Required: true},
			{Name: "rate", Doc: "The rate of the bursts: two to five times the rate at which calls are throttled, as far as that is known. Where it is too low to throttle them, the probe ends with the first burst; where it is needlessly high, the probe sends more calls that are throttled.", Kind: Rate, Required: true},
			{Name: "rest", Doc: "How long nothing is sent before a turn, at least: a refill period of the quota.", Kind: Duration, Default: "60s"},
		},
		Build: probe, Search: true, Probe: true, OneUnit: true,
	},
}

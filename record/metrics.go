package record

import "slices"

// Metric is a number that an assertion can read as STEP.NAME, and that stands
// under the same name in run.json. Exactly one of FromCalls, FromHealth,
// FromLimit, FromLimiter, FromAmbient, FromGuard, FromTraffic and FromAgreement is
// set: it tells which kind of step has the metric.
type Metric struct {
	Name        string // dotted: latency_ms.p95
	Unit        string
	Doc         string
	FromCalls   func(*Sum) Reading
	FromHealth  func(*Health) Reading  // of the step as a whole: the same for all its models
	FromAmbient func(*Ambient) Reading // of steps that leave a headroom; the others have no data
	FromLimit   func(*Limit) Reading   // of a search; steps that search nothing have no data
	FromLimiter func(*Limiter) Reading // of a probe; likewise
	FromGuard   func(*Guard) Reading   // of steps that watch others as they send
	FromTraffic func(*TrafficFold) Reading
	// FromAgreement is of steps that reconcile; the others have no data.
	FromAgreement func(*Agreement) Reading

	// Least is how many samples a verdict on the metric needs: a percentile of
	// fewer is that of a handful of calls. 0 needs none.
	Least int

	// Share: the metric is a share of calls, which an interval goes with.
	Share bool
	// OfCalls: it is one of calls as a whole, and not of the attempts of a client.
	OfCalls bool

	// Afterwards: FromCalls reads a step as a whole, and has no data while it goes on.
	Afterwards bool

	times bool // FromCalls reads a distribution of times
}

// The kinds of steps that measure.
const (
	KindLoad    = "load"
	KindMonitor = "monitor"
)

// Kind is the kind of step that has the metric.
func (m Metric) Kind() string {
	if m.FromTraffic != nil || m.FromAgreement != nil {
		return KindMonitor
	}
	return KindLoad
}

// Metrics is the table of all metrics. A new one is a row here.
var Metrics = slices.Concat(callMetrics,
	distribution("latency_ms", "time from the planned send to the complete answer, of calls that were ok", func(s *Sum) *latency { return &s.latency }),
	distribution("service_ms", "time from the real send to the complete answer, of calls that were ok", func(s *Sum) *latency { return &s.service }),
	distribution("first_byte_ms", "time from the planned send to the head of the reply, of calls that were ok", func(s *Sum) *latency { return &s.firstByte }),
	distribution("ttft_ms", "time from the planned send to the first text, of streams that were ok", func(s *Sum) *latency { return &s.ttft }),
	distribution("tpot_ms", "time per output token after the first text, (end - first text) / (output tokens - 1), of streams that were ok and told their tokens", func(s *Sum) *latency { return &s.tpot }),
	distribution("gap_ms", "longest time between two texts of a stream, of streams that were ok and had two", func(s *Sum) *latency { return &s.gap }),
	distribution("lag_ms", "lateness of the generator, real send minus planned send, of all calls that were sent, without what the step's client held them", func(s *Sum) *latency { return &s.lag }),
	distribution("wait_ms", "time that a call waited for its turn in the quota, over all its attempts, sent or given up. No data without `client`", func(s *Sum) *latency { return &s.wait }),
	healthMetrics, roomMetrics, guardMetrics, trafficMetrics, agreementMetrics)

// distribution is the rows of one distribution of times.
func distribution(name, what string, of func(*Sum) *latency) []Metric {
	rows := []Metric{{Name: name + ".mean", Unit: "ms", Doc: "Mean " + what + ".", FromCalls: func(s *Sum) Reading { return of(s).mean() }, times: true}}
	for _, p := range []struct {
		name, word     string
		percent, least int
	}{{"p50", "Median", 50, 10}, {"p90", "90th percentile of the", 90, 50}, {"p95", "95th percentile of the", 95, 100}, {"p99", "99th percentile of the", 99, 500}, {"max", "Longest", 100, 0}} {
		rows = append(rows, Metric{Name: name + "." + p.name, Unit: "ms", Doc: p.word + " " + what + ".", FromCalls: func(s *Sum) Reading { return of(s).quantile(p.percent) }, Least: p.least, times: true})
	}
	return rows
}

// What a load step knows of the program that sends.
var healthMetrics = []Metric{
	{Name: "generator.achieved", Unit: "fraction", Doc: "Share of the calls that came due and were sent, or left to the step's `client`, of all models and with the warm-up: what is missing is generator.dropped.", FromHealth: func(h *Health) Reading { return h.achieved() }},
	{Name: "generator.dropped", Unit: "calls", Doc: "Calls that came due and that the program could not send, of all models and with the warm-up. Those that still waited for the step's `client` as their ramp ended are not its fault, and left out.", FromHealth: func(h *Health) Reading { return Read(float64(h.Planned-h.Sent), h.Planned) }},
	{Name: "generator.lag_ms.p99", Unit: "ms", Doc: "99th percentile of the real send minus the planned send, of all models.", FromHealth: func(h *Health) Reading { return h.LagP99 }},
	{Name: "generator.gc_pause_ms.max", Unit: "ms", Doc: "Longest pause of the garbage collector during the step. No data in virtual time.", FromHealth: func(h *Health) Reading { return h.GCPauseMax }},
	{Name: "generator.steal", Unit: "fraction", Doc: "Share of the machine's processor time that its host gave to others during the step. No data where the system does not tell, and in virtual time.", FromHealth: func(h *Health) Reading { return h.Steal }},
	{Name: "generator.procs", Unit: "threads", Doc: "Threads that could run the program at once (GOMAXPROCS). No data in virtual time.", FromHealth: func(h *Health) Reading { return h.Procs }},
}

// What a load step knows beside its calls: what others used before it, and the
// limit that it searched.
var roomMetrics = []Metric{
	{Name: "ambient.rpm", Unit: "requests/min", Doc: "Attempts of others in the busiest of the last minutes before the step, by all ids that share the model's quotas. No data where CloudWatch told of none, in steps without `leave`, and for all models together.", FromAmbient: func(a *Ambient) Reading { return a.told(a.RPM) }},
	{Name: "ambient.tpm", Unit: "tokens/min", Doc: "Quota tokens of others in the busiest of the same minutes: input + cache writes + output x burndown, or CloudWatch's own estimate where that is higher.", FromAmbient: func(a *Ambient) Reading { return a.told(a.TPM) }},
	{Name: "limit.low", Unit: "as searched", Doc: "The highest rate that held, in the unit that find searched (rpm or tpm). No data where none did, and in steps without a search.", FromLimit: func(l *Limit) Reading { return readPointer(l.Low) }},
	{Name: "limit.high", Unit: "as searched", Doc: "The lowest rate that did not hold, in the unit that find searched. No data where all did, and in steps without a search.", FromLimit: func(l *Limit) Reading { return readPointer(l.High) }},
	{Name: "limiter.burst", Unit: "as probed", Doc: "How many calls (probe: rpm) or quota tokens (probe: tpm) are admitted at once after a rest. No data where the algorithm is unknown, and in steps without a probe.", FromLimiter: func(l *Limiter) Reading { return readPointer(l.Burst) }},
	{Name: "limiter.burst_low", Unit: "as probed", Doc: "The least that the burst can be, by what was measured.", FromLimiter: func(l *Limiter) Reading { return readPointer(l.BurstLow) }},
	{Name: "limiter.burst_high", Unit: "as probed", Doc: "The most that it can be.", FromLimiter: func(l *Limiter) Reading { return readPointer(l.BurstHigh) }},
	{Name: "limiter.refill", Unit: "as probed, a minute", Doc: "How many calls or quota tokens are admitted a minute in the long run, beside what others use.", FromLimiter: func(l *Limiter) Reading { return readPointer(l.Refill) }},
	{Name: "limiter.refill_low", Unit: "as probed, a minute", Doc: "The least that the refill can be, by what was measured.", FromLimiter: func(l *Limiter) Reading { return readPointer(l.RefillLow) }},
	{Name: "limiter.refill_high", Unit: "as probed, a minute", Doc: "The most that it can be.", FromLimiter: func(l *Limiter) Reading { return readPointer(l.RefillHigh) }},
	{Name: "limiter.confidence", Unit: "fraction", Doc: "How probable the algorithm is among those that were held against the calls: the second turn of the probe judges what was learned from the first. An algorithm is named from 0.8 on, and the confidence is never above 0.99. No data where it is unknown.", FromLimiter: func(l *Limiter) Reading { return readPointer(l.Confidence) }},
}

// valuesOf answers every metric that is read from one kind of thing; from picks
// how, and is nil for the metrics of other things.
func valuesOf[T any](of *T, from func(Metric) func(*T) Reading) Values {
	v := Values{}
	for _, m := range Metrics {
		if read := from(m); read != nil {
			v[m.Name] = read(of)
		}
	}
	return v
}

// Least is how many samples a verdict on the metric of that name needs.
func Least(name string) int { return named(name).Least }

// IsRate reports whether the metric of that name is a share of calls, of which a
// verdict has to be shown.
func IsRate(name string) bool { return named(name).Share }

// OfCalls reports whether the share of that name is one of calls as a whole, and
// not of attempts.
func OfCalls(name string) bool { return named(name).OfCalls }

// named is a row of Metrics; the zero row where there is none.
func named(name string) Metric {
	if i := slices.IndexFunc(Metrics, func(m Metric) bool { return m.Name == name }); i >= 0 {
		return Metrics[i]
	}
	return Metric{}
}

package sim

import (
	"math"
	"math/rand/v2"
	"time"
)

// background is a traffic row at work. What it did in a minute is a pure
// function of (seed, row, minute): nothing is stored, for any window of history.
type background struct {
	row     *traffic
	number  int // of the row, keys its draws
	seed    uint64
	started time.Time // of the account: incidents, since and growth count from it
	model   *model
}

// rate is the attempts in a minute and the fraction of them throttled.
//
//	attempts(t) = (rpm + (peak - rpm) x (1 - cos(2π t/period)) / 2) x (1 + growth)^days
//
// t counts from 1970-01-01 00:00 UTC: a daily cycle has its trough at midnight
// UTC and its peak at noon. An incident replaces the result while it lasts; of
// several at once the last listed wins.
func (b *background) rate(minute int64) (attempts, throttled float64) {
	t := b.row
	at := time.Unix(minute*60, 0)
	if t.since > 0 && at.Before(b.started.Add(-t.since).Truncate(time.Minute)) {
		return 0, 0
	}
	attempts, throttled = t.rpm, t.throttled
	if t.peak > 0 {
		phase := float64(at.UnixNano()%int64(t.period)) / float64(t.period)
		attempts += (t.peak - t.rpm) * (1 - math.Cos(2*math.Pi*phase)) / 2
	}
	if t.growth > 0 {
		attempts *= math.Pow(1+t.growth, at.Sub(b.started).Hours()/24)
	}
	for _, i := range t.incidents {
		begins := b.started.Add(-i.ago).Truncate(time.Minute)
		if at.Before(begins) || !at.Before(begins.Add(i.length)) {
			continue
		}
		if i.rpm != nil {
			attempts = *i.rpm
		}
		if i.throttled != nil {
			throttled = *i.throttled
		}
	}
	return attempts, throttled
}

// at is what CloudWatch has of one metric in a minute. Its draws come in the
// same order whatever the metric, so the metrics of a minute agree.
func (b *background) at(minute int64, want metric) summary {
	rate, fraction := b.rate(minute)
	if rate == 0 {
		return summary{}
	}
	r := source(b.seed^uint64(b.number+1)<<32, uint64(minute), forBackground)
	attempts := roundFairly(r, rate)
	throttled := min(attempts, roundFairly(r, attempts*fraction))
	ok := attempts - throttled
	in, out := float64(b.row.inputTokens), float64(b.row.outputTokens)
	switch {
	case want == throttles && throttled > 0:
		return constant(throttled, 1)
	case ok == 0:
		return summary{}
	case want == invocations:
		return constant(ok, 1)
	case want == inputTokens:
		return constant(ok, in)
	case want == outputTokens:
		return constant(ok, out)
	case want == quotaUsage:
		return constant(ok, in+out*b.model.burndown)
	case want == latency:
		return b.latency(r, ok)
	}
	return summary{}
}

// latency is the latency of n calls. Their mean is off the row's by the spread
// over √n, the extremes are where those of n draws are expected.
func (b *background) latency(r *rand.Rand, n float64) summary {
	mean := float64(b.row.latency) / float64(time.Millisecond)
	spread := b.model.latencySpread
	if spread == 0 {
		return constant(n, mean)
	}
	const furthest = 2 // standard deviations
	mean *= max(0, 1+spread/math.Sqrt(n)*max(-furthest, min(furthest, r.NormFloat64())))
	return summary{
		n: n, sum: n * mean, spread: spread,
		min: min(mean, mean*quantile(1/(n+1), spread)),
		max: max(mean, mean*quantile(n/(n+1), spread)),
	}
}

// roundFairly rounds so that the mean is kept; a whole number stays itself.
func roundFairly(r *rand.Rand, x float64) float64 {
	const nearly = 1e-9 // 30 x 0.1 is 3, whatever floating point says
	if whole := math.Round(x); math.Abs(x-whole) < nearly {
		return whole
	}
	return math.Floor(x + r.Float64())
}

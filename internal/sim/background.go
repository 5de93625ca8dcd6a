package sim

import (
	"math"
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
type rate struct{ attempts, throttled float64 }

// rate is that of one minute, see hour.
func (b *background) rate(minute int64) (attempts, throttled float64) {
	var rates [60]rate
	hour := floorDiv(minute, 60)
	b.hour(hour, &rates)
	r := rates[minute-hour*60]
	return r.attempts, r.throttled
}

// hour fills in the rates of an hour's minutes.
//
//	attempts(t) = (rpm + (peak - rpm) x (1 - cos(2π t/period)) / 2) x (1 + growth)^days x weekend
//
// t counts from 1970-01-01 00:00 UTC: a daily cycle has its trough at midnight
// UTC and its peak at noon. The factor weekend is for Saturdays and Sundays UTC.
// An incident replaces the result while it lasts; of several at once the last
// listed wins.
//
// The minutes of an hour follow from its first by turning the cosine on and
// multiplying the growth: a year of minutes costs milliseconds.
func (b *background) hour(number int64, rates *[60]rate) {
	t := b.row
	begins := time.Unix(number*3600, 0).UTC()
	factor, step := 1.0, 1.0
	if t.growth > 0 {
		factor = math.Pow(1+t.growth, begins.Sub(b.started).Hours()/24)
		step = math.Pow(1+t.growth, 1.0/(24*60))
	}
	if day := begins.Weekday(); day == time.Saturday || day == time.Sunday {
		factor *= t.weekend
	}
	var cos, sin, turnCos, turnSin float64
	if t.peak > 0 {
		phase := float64(begins.UnixNano()%int64(t.period)) / float64(t.period)
		sin, cos = math.Sincos(2 * math.Pi * phase)
		turnSin, turnCos = math.Sincos(2 * math.Pi * float64(time.Minute) / float64(t.period))
	}
	for i := range rates {
		attempts := t.rpm
		if t.peak > 0 {
			attempts += (t.peak - t.rpm) * (1 - cos) / 2
			cos, sin = cos*turnCos-sin*turnSin, sin*turnCos+cos*turnSin
		}
		rates[i] = rate{max(0, attempts*factor), t.throttled}
		factor *= step
	}
	b.incidents(begins, rates)
	if t.since > 0 {
		first := b.started.Add(-t.since).Truncate(time.Minute)
		for i := range minutesUntil(begins, first) {
			rates[i] = rate{}
		}
	}
}

// incidents changes the rates of the minutes that an incident covers.
func (b *background) incidents(begins time.Time, rates *[60]rate) {
	for _, incident := range b.row.incidents {
		from := b.started.Add(-incident.ago).Truncate(time.Minute)
		until := from.Add(incident.length)
		first := minutesUntil(begins, from)
		for i := first; i < minutesUntil(begins, until); i++ {
			if incident.rpm != nil {
				rates[i].attempts = *incident.rpm
			}
			if incident.throttled != nil {
				rates[i].throttled = *incident.throttled
			}
		}
	}
}

// minutesUntil is how many minutes of the hour begin before a time.
func minutesUntil(hour, t time.Time) int {
	return int(max(0, min(60, ceilMinute(t)-minuteOf(hour))))
}

// rowReader reads a traffic row minute by minute. It keeps the hour it is in and
// the extremes it has worked out; nothing else of the past is stored anywhere.
type rowReader struct {
	*background
	key      uint64 // of the row's draws
	number   int64  // of the hour
	rates    [60]rate
	read     bool         // rates are those of hour
	extremes [][2]float64 // by the number of calls: the factors between their mean and their least and greatest
}

func (b *background) reader() *rowReader {
	return &rowReader{background: b, key: mix(b.seed^uint64(b.number+1)<<32) + uint64(forBackground)<<56}
}

// counts is what became of the attempts in a minute. Its draws are the same
// whatever is asked, so the metrics of a minute agree.
func (h *rowReader) counts(minute int64) (ok, throttled float64, draw uint64) {
	if hour := floorDiv(minute, 60); !h.read || hour != h.number {
		h.hour(hour, &h.rates)
		h.number, h.read = hour, true
	}
	r := &h.rates[minute-h.number*60]
	if r.attempts == 0 {
		return 0, 0, 0
	}
	draw = mix(h.key + uint64(minute))
	attempts := roundFairly(draw, r.attempts)
	draw = mix(draw)
	throttled = min(attempts, roundFairly(draw, attempts*r.throttled))
	return attempts - throttled, throttled, mix(draw)
}

// over is what CloudWatch has of one metric in the minutes from the first on to
// before the last.
func (h *rowReader) over(first, last int64, want metric) (s summary) {
	in, out := float64(h.row.inputTokens), float64(h.row.outputTokens)
	value := 1.0 // of one call
	switch want {
	case invocations, throttles:
	case inputTokens:
		value = in
	case outputTokens:
		value = out
	case quotaUsage:
		value = in + out*h.model.burndown
	case outputImages:
		if familyOf(h.model.id).yields != yieldsImages {
			return s
		}
	case latency:
		for minute := first; minute < last; minute++ {
			if ok, _, draw := h.counts(minute); ok > 0 {
				s.merge(h.latency(draw, ok))
			}
		}
		return s
	default:
		return s
	}
	n := 0.0
	for minute := first; minute < last; minute++ {
		ok, throttled, _ := h.counts(minute)
		if want == throttles {
			ok = throttled
		}
		n += ok
	}
	if n > 0 && value > 0 { // an embedding has no output tokens
		s = constant(n, value)
	}
	return s
}

// latency is the latency of n calls. Their mean is off the row's by the spread
// over √n, the extremes are where those of n draws are expected.
func (h *rowReader) latency(draw uint64, n float64) summary {
	mean := float64(h.row.latency) / float64(time.Millisecond)
	spread := h.model.latencySpread
	if spread == 0 {
		return constant(n, mean)
	}
	const furthest = 2 // standard deviations
	mean *= max(0, 1+spread/math.Sqrt(n)*max(-furthest, min(furthest, bell(draw))))
	x := h.extremesOf(n)
	return summary{n: n, sum: n * mean, spread: spread, min: mean * x[0], max: mean * x[1]}
}

// extremesOf is looked up for the numbers that a minute usually has.
func (h *rowReader) extremesOf(n float64) [2]float64 {
	const usual = 10_000
	work := func() [2]float64 {
		spread := h.model.latencySpread
		return [2]float64{min(1, quantile(1/(n+1), spread)), max(1, quantile(n/(n+1), spread))}
	}
	if n >= usual {
		return work()
	}
	for len(h.extremes) <= int(n) {
		h.extremes = append(h.extremes, [2]float64{})
	}
	if h.extremes[int(n)] == [2]float64{} {
		h.extremes[int(n)] = work()
	}
	return h.extremes[int(n)]
}

// bell is near a draw from the standard normal distribution: the sum of four
// uniform ones, of the variance 1.
func bell(draw uint64) float64 {
	sum := draw&0xffff + draw>>16&0xffff + draw>>32&0xffff + draw>>48
	return (float64(sum)/(1<<16) - 2) * math.Sqrt(3)
}

// roundFairly rounds so that the mean is kept; a whole number stays itself.
func roundFairly(draw uint64, x float64) float64 {
	const nearly = 1e-9 // 30 x 0.1 is 3, whatever floating point says
	whole := math.Floor(x + nearly)
	if x-whole < nearly {
		return whole
	}
	return math.Floor(x + float64(draw>>11)/(1<<53))
}

package sim

import (
	"maps"
	"math"
	"time"
)

// metric is one of the AWS/Bedrock metrics, an index of metricNames.
type metric int

const (
	invocations metric = iota // the successful ones only
	throttles
	clientErrors
	serverErrors
	latency
	inputTokens
	outputTokens
	quotaUsage
	cacheReads
	cacheWrites
	firstToken // of streams only
	outputImages
	metricCount
)

// metricNames are the names and units that AWS documents for AWS/Bedrock.
var metricNames = [metricCount]struct{ name, unit string }{
	invocations:  {"Invocations", "Count"},
	throttles:    {"InvocationThrottles", "Count"},
	clientErrors: {"InvocationClientErrors", "Count"},
	serverErrors: {"InvocationServerErrors", "Count"},
	latency:      {"InvocationLatency", "Milliseconds"},
	inputTokens:  {"InputTokenCount", "Count"},
	outputTokens: {"OutputTokenCount", "Count"},
	quotaUsage:   {"EstimatedTPMQuotaUsage", "Count"},
	cacheReads:   {"CacheReadInputTokenCount", "Count"},
	cacheWrites:  {"CacheWriteInputTokenCount", "Count"},
	firstToken:   {"TimeToFirstToken", "Milliseconds"},
	outputImages: {"OutputImageCount", "Count"},
}

// metricStore holds what the calls of this account left, per series and per
// minute in which a call ended. It is sparse: what did not happen has no cell.
// Guarded by Server.mu.
type metricStore map[series]map[int64]*cell

// cell is one minute of one series.
type cell [metricCount]samples

// at returns the cell of a series and a minute, new where there was none.
func (s metricStore) at(of series, minute int64) *cell {
	minutes := s[of]
	if minutes == nil {
		minutes = map[int64]*cell{}
		s[of] = minutes
	}
	c := minutes[minute]
	if c == nil {
		c = &cell{}
		minutes[minute] = c
	}
	return c
}

// summary describes n samples. Those of the background have a spread instead of
// buckets: their distribution is known, not measured.
type summary struct {
	n, sum, min, max float64
	spread           float64
	buckets          map[int16]int32
}

// constant is n samples of one value.
func constant(n, value float64) summary {
	return summary{n: n, sum: n * value, min: value, max: value}
}

// merge adds samples that have the same distribution.
func (s *summary) merge(o summary) {
	switch {
	case o.n == 0:
	case s.n == 0:
		*s = o
	default:
		s.n, s.sum = s.n+o.n, s.sum+o.sum
		s.min, s.max = min(s.min, o.min), max(s.max, o.max)
	}
}

// samples gathers the values of one metric in one minute: the plain statistics
// exactly, the distribution in buckets that are 1 % wide.
type samples struct {
	n, sum, min, max float64
	buckets          map[int16]int32
}

func (s *samples) add(v float64) {
	if s.n == 0 || v < s.min {
		s.min = v
	}
	if s.n == 0 || v > s.max {
		s.max = v
	}
	s.n++
	s.sum += v
	if s.min == s.max { // one value only: min says it all
		return
	}
	if s.buckets == nil {
		s.buckets = map[int16]int32{bucketOf(s.first(v)): int32(s.n - 1)}
	}
	s.buckets[bucketOf(v)]++
}

// addSome adds a value that is not there for every call: an embedding has no
// output tokens.
func (s *samples) addSome(v float64) {
	if v > 0 {
		s.add(v)
	}
}

// first is the one value seen before v, the first that differs from it.
func (s *samples) first(v float64) float64 {
	if v == s.min {
		return s.max
	}
	return s.min
}

// summary copies the samples; the distribution only where it is wanted.
func (s *samples) summary(distribution bool) summary {
	c := summary{n: s.n, sum: s.sum, min: s.min, max: s.max}
	if distribution {
		c.buckets = maps.Clone(s.buckets)
	}
	return c
}

// bucketWidth is the ratio of a bucket's upper to its lower bound.
const bucketWidth = 1.01

var logWidth = math.Log(bucketWidth)

// bucketOf returns the bucket of a value; those below 1 share one.
func bucketOf(v float64) int16 {
	if v < 1 {
		return -1
	}
	return int16(min(math.MaxInt16, math.Log(v)/logWidth))
}

// bucketValue is the middle of a bucket.
func bucketValue(b int16) float64 {
	if b < 0 {
		return 0
	}
	return math.Exp((float64(b) + 0.5) * logWidth)
}

// visibleUntil is the first minute that CloudWatch does not show yet. Without a
// delay the running minute is shown at once; else a minute is shown when the
// delay after its end is over.
func visibleUntil(now time.Time, delay time.Duration) int64 {
	if delay == 0 {
		return minuteOf(now) + 1
	}
	return minuteOf(now.Add(-delay))
}

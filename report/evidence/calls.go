package evidence

import (
	"maps"
	"slices"

	"github.com/loadline-dev/loadline/record"
)

// Large is the number of input tokens above which AWS asks for the share of calls.
const Large = 25_000

// leastP99 is how many calls a 99th percentile takes, as in record.Metrics.
const leastP99 = 500

// Calls are the calls of a model in a load step, added up from the journal. Its
// size depends on how many lengths of replies there are, not on the calls.
type Calls struct {
	count                       int
	large                       int
	input, output, settled      int64
	outputs                     map[int64]int // how many replies had so many output tokens
	settledInput, settledOutput int64         // of the calls with quota tokens
}

// Add takes a call: one that was measured and told its tokens.
func (c *Calls) Add(call *record.Call) {
	if call.Warmup || call.Usage == nil {
		return
	}
	if c.outputs == nil {
		c.outputs = map[int64]int{}
	}
	u := call.Usage
	c.count++
	c.input += u.Input + u.CacheWrite
	c.output += u.Output
	c.outputs[u.Output]++
	if u.Input+u.CacheRead+u.CacheWrite > Large {
		c.large++
	}
	if call.QuotaTokens > 0 {
		c.settled += call.QuotaTokens
		c.settledInput += u.Input + u.CacheWrite
		c.settledOutput += u.Output
	}
}

// means are those of a call; not known without any.
func (c *Calls) means() (input, output *float64) {
	return ratio(float64(c.input), float64(c.count)), ratio(float64(c.output), float64(c.count))
}

// burndown is how many quota tokens an output token took.
func (c *Calls) burndown() *float64 {
	return burndown(float64(c.settled), float64(c.settledInput), float64(c.settledOutput))
}

func (c *Calls) shape() *Shape {
	s := &Shape{Calls: c.count, Large: c.large, LargeShare: float64(c.large) / float64(c.count), OutputP50: c.percentile(50), OutputMax: c.percentile(100)}
	if c.count >= leastP99 {
		p99 := c.percentile(99)
		s.OutputP99 = &p99
	}
	return s
}

// percentile is a percentile of the output tokens: the least that so many replies
// do not go beyond.
func (c *Calls) percentile(percent int) int64 {
	rank := (c.count*percent + 99) / 100
	n := 0
	for _, v := range slices.Sorted(maps.Keys(c.outputs)) {
		if n += c.outputs[v]; n >= rank {
			return v
		}
	}
	return 0
}

// cut is the mean output of the replies if none were longer, and the share of
// those that are.
func (c *Calls) cut(maxTokens int64) (mean, share float64) {
	sum, longer := int64(0), 0
	for v, n := range c.outputs {
		sum += min(v, maxTokens) * int64(n)
		if v > maxTokens {
			longer += n
		}
	}
	return float64(sum) / float64(c.count), float64(longer) / float64(c.count)
}

// ratio is a / b; not known where b is nothing.
func ratio(a, b float64) *float64 {
	if b <= 0 {
		return nil
	}
	v := a / b
	return record.Finite(&v)
}

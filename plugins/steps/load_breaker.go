package steps

import (
	"fmt"
	"math/bits"

	"github.com/loadline-dev/loadline/record"
)

const (
	// maxRefusals is how many calls of a model AWS may refuse as wrong or not
	// allowed, while none was accepted, before the step gives up: the next
	// thousand would be refused as well.
	maxRefusals = 3
	// maxDenials is how many calls of a model in a row AWS may refuse for who
	// makes them, also after it accepted others: credentials expire.
	maxDenials = 3
	// Of the last capacityOf calls of a model, capacityEvents without capacity
	// end its ramp.
	capacityEvents, capacityOf = 10, 20
)

// breaker finds out from the calls that have ended that more of them make no
// sense. It is not safe for concurrent use.
type breaker struct {
	onCapacity bool // end a ramp for want of capacity

	accepted []bool   // by model: AWS accepted a call
	refusals []int    // by model, while none was accepted
	capacity []uint32 // by model: which of the last calls had no capacity, a bit each
	seen     []int    // by model: calls behind it
	denials  []int    // by model, in a row
	halts    []string // by model: why its ramp is over; ""
	refused  error    // AWS refuses the calls: the run is over
}

func newBreaker(models int, onCapacity bool) breaker {
	return breaker{onCapacity: onCapacity, accepted: make([]bool, models), refusals: make([]int, models), capacity: make([]uint32, models), seen: make([]int, models), denials: make([]int, models), halts: make([]string, models)}
}

// take is told of a call that has ended, and whether AWS denied its caller. It
// returns true where it ends the step.
func (b *breaker) take(model int, c *record.Call, denied bool) (over bool) {
	if !c.Outcome.Sent() || b.refused != nil {
		return false
	}
	switch {
	case c.Outcome == record.OK || c.Outcome == record.Throttled:
		b.accepted[model], b.denials[model] = true, 0
	case denied:
		b.denials[model]++
	}
	if c.Outcome == record.ClientError && !b.accepted[model] {
		b.refusals[model]++
	}
	if b.refusals[model] == maxRefusals && !b.accepted[model] || b.denials[model] == maxDenials {
		b.refused = fmt.Errorf("AWS refuses the calls of model %s: %s (%d %s)", c.Model, c.Message, c.Status, c.Code)
		return true
	}
	b.halt(model, c)
	return false
}

// halt ends the ramp of a model where a call says that it is of no use to go on.
func (b *breaker) halt(model int, c *record.Call) {
	b.seen[model]++
	b.capacity[model] <<= 1
	if c.Outcome == record.Capacity {
		b.capacity[model] |= 1
	}
	b.capacity[model] &= 1<<capacityOf - 1
	switch n := bits.OnesCount32(b.capacity[model]); {
	case b.halts[model] != "":
	case c.Outcome == record.Throttled && c.Limit == record.LimitTokensPerDay:
		b.halts[model] = fmt.Sprintf("the tokens of the day are used up, which no waiting within the day changes (%q)", c.Message)
	case b.onCapacity && c.Outcome == record.Capacity && n >= capacityEvents:
		b.halts[model] = fmt.Sprintf("AWS had no capacity for %d of the last %d calls (%d %s); stop_on_capacity: false goes on", n, min(b.seen[model], capacityOf), c.Status, c.Code)
	}
}

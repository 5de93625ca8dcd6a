package lease

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Options are the rules of one quota. All processes that share it have the same:
// the store refuses one that has others.
type Options struct {
	// Key is where the store keeps the state: one for each quota that is shared.
	Key string
	// Fallback is the part of the quota that each process has by itself, also while
	// the store is away: 0.1 is 10 %. At 0 nothing is sent then.
	Fallback float64
	// Processes is the most there are within any minute: one that ended less than a
	// minute ago counts beside the one in its place. Of Fallback 0, 0 is any number.
	Processes int
	// Share is the part of the quota that all of them have together, so that others
	// have the rest; 0 is all. It takes the place of pacing's Limits.Share.
	Share float64
	// Lease is how long a part is lent: for so long after it was last heard of, the
	// part of a process that was killed is lent to nobody. 0 is 90 s. It is longer
	// than Rest, by 3 s at least; a process asks thrice in what it is longer.
	Lease time.Duration
	// Rest is how long a part is used by nobody before another may have it: 61 s, which
	// is 0, or longer. Calls under way count to limits of concurrency until they end:
	// where these matter, it is the longest that a call takes.
	Rest time.Duration
	// Hook is told each time the store was asked, by the one goroutine that asks. It
	// must not call Close.
	Hook func(State)
}

// whole is the whole quota in the units in which it is lent. Each number up to 20
// divides it, so that a third of 3 requests is one.
const whole = 232_792_560

const (
	usualLease = 90 * time.Second
	// minRest is the minute of a quota, and a second for requests on their way and
	// for clocks that run at different speeds.
	minRest = 61 * time.Second
	// minUsable lets a process ask once a second.
	minUsable = 3 * time.Second
)

// rules are options as they are reckoned with.
type rules struct {
	fallback, pool int64 // of whole
	processes      int   // 0: any number
	lease, rest    time.Duration
}

// usable is how long after it asked a process may use what it was lent.
func (r rules) usable() time.Duration { return r.lease - r.rest }

// every is how long after asking it asks again.
func (r rules) every() time.Duration { return r.usable() / 3 }

// String is what the store compares.
func (r rules) String() string {
	return fmt.Sprintf("fallback=%d pool=%d processes=%d lease=%s rest=%s", r.fallback, r.pool, r.processes, r.lease, r.rest)
}

// rules tells all that is wrong with the options.
func (o Options) rules(minRest time.Duration) (rules, error) {
	var wrong []error
	problem := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf("lease: "+format, args...)) }
	if o.Key == "" {
		problem("Key is empty: name the quota that is shared, for example quota:sonnet")
	}
	share := o.Share
	if share == 0 {
		share = 1
	}
	if !(share > 0 && share <= 1) {
		problem("Share is %v: it is above 0 and at most 1, or 0 for all", o.Share)
		share = 1
	}
	r := rules{processes: o.Processes, lease: o.Lease, rest: o.Rest}
	if o.Processes < 0 {
		problem("Processes is %d: say how many there are at most", o.Processes)
	}
	switch {
	case !(o.Fallback >= 0 && o.Fallback <= 1):
		problem("Fallback is %v: it is a part of the quota, from 0 to 1", o.Fallback)
	case o.Fallback > 0 && o.Processes == 0:
		problem("Processes is missing: say how many have a Fallback at most")
	default:
		r.fallback = int64(math.Round(o.Fallback * whole))
		r.pool = int64(math.Round(share*whole)) - r.fallback*int64(o.Processes)
	}
	if r.pool < 0 {
		problem("Fallback %v for each of %d Processes is more than %v of the quota: lower one of them", o.Fallback, o.Processes, share)
	}
	if r.rest == 0 {
		r.rest = minRest
	}
	if r.rest < minRest {
		problem("Rest is %s: it is %s or longer, the minute of a quota and a second", o.Rest, minRest)
	}
	if r.lease == 0 {
		r.lease = usualLease
	}
	if r.lease < r.rest+minUsable {
		problem("Lease is %s: it is longer than Rest (%s) by what a process uses of it, %s at least, and half a minute suits", r.lease, r.rest, minUsable)
	}
	return r, errors.Join(wrong...)
}

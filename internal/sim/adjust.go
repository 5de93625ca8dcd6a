package sim

import (
	"math"
	"slices"
	"time"
)

// underWay is a call whose reservation moves while it runs: AWS says that it is
// "periodically adjusted" toward the actual output, and not how. Here, after
// each interval of limits.adjust, it stands on the straight line from what was
// reserved to what will be settled.
//
// Nothing happens at those instants: a pool catches up when it is next asked,
// which no caller can tell from having done it in time, but for a bucket that
// was full meanwhile.
type underWay struct {
	reservation           // tokens are those held now
	reserved, final int64 // at the beginning and at the end
	began           time.Time
	total           time.Duration
}

// moves reports whether the account lets the reservation move.
func (r reservation) moves() bool { return r.pool != nil && r.pool.limits.adjust > 0 }

// expect lets the reservation of a call that takes the total time move toward
// its end. Server.mu is held.
func (r reservation) expect(began time.Time, total time.Duration, final int64) *underWay {
	u := &underWay{reservation: r, reserved: r.tokens, final: final, began: began, total: total}
	r.pool.underWay = append(r.pool.underWay, u)
	return u
}

// leave ends the adjustment of a call and tells its reservation what it holds
// now; of a nil call there is nothing to end. Server.mu is held.
func (u *underWay) leave(r *reservation) {
	if u == nil {
		return
	}
	u.pool.underWay = slices.DeleteFunc(u.pool.underWay, func(v *underWay) bool { return v == u })
	r.tokens = u.tokens
}

// adjust brings the reservations of the calls under way up to now.
func (p *pool) adjust(now time.Time) {
	for _, u := range p.underWay {
		passed := now.Sub(u.began).Truncate(p.limits.adjust)
		share := min(1, passed.Seconds()/max(u.total, 1).Seconds())
		if tokens := u.reserved + int64(math.Round(float64(u.final-u.reserved)*share)); tokens != u.tokens {
			u.replace(now, tokens)
			u.tokens = tokens
		}
	}
}

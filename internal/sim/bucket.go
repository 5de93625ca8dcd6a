package sim

import "time"

// bucket refills without a pause, at quota per window, up to its capacity:
//
//	level(t) = min(capacity, level(s) + (t - s) x quota / window)
//
// In any window it admits the quota plus the capacity at most. Settlement may
// take the level below zero; nothing fits then until it has refilled.
type bucket struct {
	quota, capacity float64
	fullQuota       float64 // the quota and capacity at the start, which
	fullCapacity    float64 // setQuota shrinks in proportion
	window          time.Duration
	level           float64
	at              time.Time // when level was true
}

func newBucket(quota, capacity float64, window time.Duration, now time.Time) *bucket {
	return &bucket{
		quota: quota, capacity: capacity, fullQuota: quota, fullCapacity: capacity,
		window: window, level: capacity, at: now,
	}
}

// slack forgives the rounding of many refills: a client that paces itself at
// exactly the quota is not to be refused for a billionth of a token.
const slack = 1e-6

func (b *bucket) refill(now time.Time) {
	if elapsed := now.Sub(b.at); elapsed > 0 {
		b.level = min(b.capacity, b.level+b.quota*float64(elapsed)/float64(b.window))
		b.at = now
	}
}

func (b *bucket) fits(now time.Time, n int64) bool {
	b.refill(now)
	return b.level+slack >= float64(n)
}

func (b *bucket) take(now time.Time, n int64) int64 {
	b.refill(now)
	b.level -= float64(n)
	return 0
}

func (b *bucket) settle(now time.Time, _, taken, used int64) {
	b.refill(now)
	b.level = min(b.capacity, b.level+float64(taken-used))
}

// waste leaves nothing at worst, and no debt: a caller that stops for as long as
// one refill takes is heard again.
func (b *bucket) waste(now time.Time, n int64) {
	b.refill(now)
	b.level = max(min(b.level, 0), b.level-float64(n))
}

func (b *bucket) setQuota(now time.Time, quota float64) {
	b.refill(now)
	b.quota = quota
	b.capacity = b.fullCapacity * quota / b.fullQuota
	b.level = min(b.level, b.capacity)
}

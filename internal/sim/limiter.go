package sim

import "time"

// A limiter holds one quota: so much in a window of time. AWS does not document
// how it refills, hence three ideas of it: bucket, fixed and sliding.
//
// The instants given to a limiter never go back. A limiter has no lock.
type limiter interface {
	// fits reports whether n more can be taken now.
	fits(now time.Time, n int64) bool
	// take takes n, whether it fits or not, and returns a mark for settle.
	take(now time.Time, n int64) (mark int64)
	// settle replaces what was taken under a mark by what was used. It is
	// called once for a mark at most.
	settle(now time.Time, mark, taken, used int64)
	// waste takes n of a call that was refused, or what is left of it.
	waste(now time.Time, n int64)
	// setQuota changes the quota from now on.
	setQuota(now time.Time, quota float64)
}

// newLimiter returns a limiter of the named algorithm. burst is the capacity
// of a bucket and means nothing to the others. A quota of 0 gives nil: no limit.
func newLimiter(algorithm string, quota, burst int64, window time.Duration, now time.Time) limiter {
	switch {
	case quota == 0:
		return nil
	case algorithm == "fixed":
		return &fixed{quota: float64(quota), window: window}
	case algorithm == "sliding":
		return &sliding{quota: float64(quota), window: window}
	}
	if burst == 0 {
		burst = quota
	}
	return newBucket(float64(quota), float64(burst), window, now)
}

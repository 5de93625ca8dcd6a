package sim

import "time"

// fixed counts within windows of the clock: the minute 12:07:00 to 12:08:00, or
// the day in UTC. Each window starts with the whole quota.
type fixed struct {
	quota  float64
	window time.Duration
	number int64 // of the window that used counts
	used   int64
}

// turn starts a new count when the clock has entered another window.
func (f *fixed) turn(now time.Time) {
	if n := now.UnixNano() / int64(f.window); n != f.number {
		f.number, f.used = n, 0
	}
}

func (f *fixed) fits(now time.Time, n int64) bool {
	f.turn(now)
	return float64(f.used+n) <= f.quota
}

// take returns the number of the window as the mark.
func (f *fixed) take(now time.Time, n int64) int64 {
	f.turn(now)
	f.used += n
	return f.number
}

// settle corrects the window in which the call began. Where that one is over,
// there is nothing left to give back; what was used beyond the reservation
// counts in the window of now.
func (f *fixed) settle(now time.Time, mark, taken, used int64) {
	f.turn(now)
	if extra := used - taken; mark == f.number || extra > 0 {
		f.used += extra
	}
}

func (f *fixed) waste(now time.Time, n int64) { f.take(now, n) }

func (f *fixed) setQuota(now time.Time, quota float64) {
	f.turn(now)
	f.quota = quota
}

package sim

import "time"

// sliding counts what was taken in the window that ends now: of 60 s, what was
// taken 60 s ago or earlier counts no more.
type sliding struct {
	quota  float64
	window time.Duration
	taken  []taking // in the order of time; the first stands at head
	head   int
	first  int64 // mark of taken[head]
	sum    int64
}

type taking struct{ at, n int64 } // at in nanoseconds since 1970: a day may hold millions

// expire forgets what has left the window.
func (s *sliding) expire(now time.Time) {
	for s.head < len(s.taken) && now.UnixNano()-s.taken[s.head].at >= int64(s.window) {
		s.sum -= s.taken[s.head].n
		s.head++
		s.first++
	}
	if s.head > 64 && s.head > len(s.taken)/2 {
		s.taken = append(s.taken[:0], s.taken[s.head:]...)
		s.head = 0
	}
}

func (s *sliding) fits(now time.Time, n int64) bool {
	s.expire(now)
	return float64(s.sum+n) <= s.quota
}

// take returns the running number of the taking as the mark.
func (s *sliding) take(now time.Time, n int64) int64 {
	s.expire(now)
	s.taken = append(s.taken, taking{now.UnixNano(), n})
	s.sum += n
	return s.first + int64(len(s.taken)-s.head) - 1
}

// settle corrects the taking where it happened. Where that has left the window
// there is nothing left to give back; what was used beyond the reservation is
// taken now.
func (s *sliding) settle(now time.Time, mark, taken, used int64) {
	s.expire(now)
	extra := used - taken
	if mark >= s.first {
		s.taken[s.head+int(mark-s.first)].n += extra
		s.sum += extra
	} else if extra > 0 {
		s.take(now, extra)
	}
}

// waste counts on beyond the quota: a caller that never slows down is never
// admitted again.
func (s *sliding) waste(now time.Time, n int64) { s.take(now, n) }

func (s *sliding) setQuota(_ time.Time, quota float64) { s.quota = quota }

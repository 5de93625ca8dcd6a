package sim

import (
	"cmp"
	"slices"
	"time"
)

// point is one value of a series, at the second since 1970 at which its period
// begins.
type point struct {
	at    int64
	value float64
}

// line is a series in the order of time. It says which points it could have:
// those from first to before last, step seconds apart.
type line struct {
	label             string
	first, last, step int64
	points            []point
}

// minuteSpan is the minutes that a request reads, from the first on to before the last.
type minuteSpan struct {
	first, last int64
	until       int64 // the first minute that CloudWatch does not show yet
}

// spanOf rounds the start time down as its age asks for. A period that does not
// fit the age has no points, and its minuteSpan is empty: CloudWatch makes no error of
// it.
func spanOf(start, end time.Time, period time.Duration, now time.Time, until int64) minuteSpan {
	age := now.Sub(start)
	for _, r := range retention {
		if age <= r.age && period%r.period == 0 {
			return minuteSpan{minuteOf(start.Truncate(r.period)), min(ceilMinute(end), until), until}
		}
		if age <= r.age {
			break
		}
	}
	return minuteSpan{}
}

// The retention of CloudWatch: how long which period can be read.
var retention = []struct {
	age    time.Duration
	period time.Duration
}{
	{15 * 24 * time.Hour, time.Minute},
	{63 * 24 * time.Hour, 5 * time.Minute},
	{455 * 24 * time.Hour, time.Hour},
}

// ceilMinute is the first minute that begins at or after a time.
func ceilMinute(t time.Time) int64 { return minuteOf(t.Add(time.Minute - time.Nanosecond)) }

// series is one statistic of a metric. A period without samples has no point.
func (s *Server) series(sel selection, period time.Duration, over minuteSpan) line {
	step := int64(period / time.Minute)
	l := line{first: over.first * 60, last: over.last * 60, step: step * 60}
	for from, f := range s.folds(sel, step, over) {
		l.points = append(l.points, point{from * 60, sel.statistic(f)})
	}
	return l
}

// folds yields the samples of each period that has some, by its first minute.
// What it yields is good until the next.
func (s *Server) folds(sel selection, step int64, over minuteSpan) func(yield func(int64, *fold) bool) {
	return func(yield func(int64, *fold) bool) {
		if sel.series == (series{}) {
			return
		}
		own := s.recorded(sel, over)
		finished := over.until
		if s.account.metricsDelay == 0 {
			finished-- // the running minute shows, but no background before it is over
		}
		var rows []*rowReader
		if sel.series == sel.whole() { // the background names no tier, and paints nothing
			for _, b := range s.background[sel.modelID] {
				rows = append(rows, b.reader())
			}
		}
		if len(rows) == 0 && len(own) == 0 {
			return
		}
		f := &fold{}
		for from := over.first; from < over.last; from += step {
			*f = fold{distribution: sel.distribution, parts: f.parts[:0]}
			end := min(from+step, over.last)
			for ; len(own) > 0 && own[0].minute < end; own = own[1:] {
				f.add(own[0].summary)
			}
			for _, h := range rows {
				f.add(h.over(from, min(end, finished), sel.metric))
			}
			if f.n > 0 && !yield(from, f) {
				return
			}
		}
	}
}

// recordedMinute is what the account's own calls left in a minute.
type recordedMinute struct {
	minute int64
	summary
}

// recorded copies what the account's own calls left, in the order of time.
func (s *Server) recorded(sel selection, over minuteSpan) (found []recordedMinute) {
	s.mu.Lock()
	defer s.mu.Unlock()
	minutes := s.metrics[sel.series]
	keep := func(minute int64, c *cell) {
		if c != nil && minute >= over.first && minute < over.last && c[sel.metric].n > 0 {
			found = append(found, recordedMinute{minute, c[sel.metric].summary(sel.distribution)})
		}
	}
	if over.last-over.first < int64(len(minutes)) {
		for minute := over.first; minute < over.last; minute++ {
			keep(minute, minutes[minute])
		}
		return found
	}
	for minute, c := range minutes {
		keep(minute, c)
	}
	slices.SortFunc(found, func(a, b recordedMinute) int { return cmp.Compare(a.minute, b.minute) })
	return found
}

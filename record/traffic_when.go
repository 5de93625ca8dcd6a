package record

import "time"

// Usage tells when things were, and how much each number rests on.
func (f *TrafficFold) Usage(model string) ModelUsage {
	w := f.traffic.Window
	u := ModelUsage{Model: model, PeakRPM: f.calls.peakAt(w), PeakTPM: f.tokens.peakAt(w), PeakQuotaTPM: f.quota.peakAt(w), Samples: map[string]int{}}
	if f.throttle.length > 0 {
		u.Throttled = &Span{Start: w.at(f.throttle.first), End: w.at(f.throttle.first + f.throttle.length)}
	}
	if f.busiest.occurrences > 0 {
		u.Busiest = &WeekHour{Weekday: f.busiest.weekday.String(), Hour: f.busiest.hour}
	}
	for name, r := range f.values {
		if r.Known {
			u.Samples[name] = r.Samples
		}
	}
	return u
}

// run is periods that follow each other.
type run struct{ first, length int }

// longestThrottled is the longest run of periods with throttles, the first of
// several. A period that CloudWatch told nothing of ends a run: whether the
// throttling went on is not known.
func (f *TrafficFold) longestThrottled() (longest run) {
	series := f.traffic.pick(MetricThrottles)
	now := run{}
	for i := range f.traffic.periods() {
		if v, _ := addUp(series, i); v == 0 {
			now = run{}
			continue
		}
		if now.length == 0 {
			now.first = i
		}
		if now.length++; now.length > longest.length {
			longest = now
		}
	}
	return longest
}

func (f *TrafficFold) throttledMinutes() Reading {
	n := len(f.calls.at)
	return known(float64(f.throttle.length)*time.Duration(f.traffic.Window.Period).Minutes(), n)
}

// weekHour is an hour of the week, and the mean rate in it.
type weekHour struct {
	weekday     time.Weekday
	hour        int
	rpm         float64
	occurrences int // how often it was in the window, with any call told
}

const week = 7 * 24 * time.Hour

// busiestHour is the hour of the week with the most attempts: the mean of those
// times that it was in the window and CloudWatch told of any call. A window of 8
// days has one weekday twice, which must not make it the busiest. It needs a
// week, and periods of an hour at most.
func (f *TrafficFold) busiestHour() (best weekHour) {
	w := f.traffic.Window
	period := time.Duration(w.Period)
	if w.End.Sub(w.Start) < week || period > time.Hour {
		return best
	}
	var hours [7 * 24]weekHour
	last := int64(-1)
	for n, i := range f.calls.at {
		at := w.at(i).In(f.location)
		_, offset := at.Zone()
		h := &hours[(int(at.Weekday())+6)%7*24+at.Hour()] // from Monday on
		h.weekday, h.hour = at.Weekday(), at.Hour()
		h.rpm += f.calls.rates[n] * period.Hours()
		if hour := (at.Unix() + int64(offset)) / 3600; hour != last {
			h.occurrences++
			last = hour
		}
	}
	for _, h := range hours {
		if h.occurrences == 0 {
			continue
		}
		if h.rpm /= float64(h.occurrences); best.occurrences == 0 || h.rpm > best.rpm {
			best = h
		}
	}
	return best
}

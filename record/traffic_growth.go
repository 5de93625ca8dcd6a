package record

import (
	"math"
	"slices"
	"time"
)

// Horizon is how many days ahead days_to_quota looks. The value Horizon says that
// the quota is not reached within it, which is also the answer to "never".
const Horizon = 365

// The fewest whole days that show growth: most of two weeks, since one week alone
// cannot tell growth from its own shape.
const leastDays = 10

// interval is a number and the bounds that hold it in 95 of 100 cases.
type interval struct{ low, estimate, high float64 }

// growth is the line through the logarithms of daily peaks: straight where
// traffic grows by the same fraction each day. The zero growth is not known.
type growth struct {
	days   int
	slope  interval // of the logarithm, a day
	level  interval // the logarithm of the peak on a busy day, at center
	center float64  // in days from the end of the window, negative
}

// day is a whole day of the window in its zone.
type day struct {
	x      float64 // when its peak was, in days from the end of the window
	y      float64 // the logarithm of the peak
	points int     // periods of which something is known
}

// grow fits the growth of the daily peaks of a rate.
func (f *TrafficFold) grow(c counted) growth {
	working, weekend := f.days(c)
	slope, ok := theilSen(working, weekend)
	if n := len(working) + len(weekend); ok && n >= leastDays {
		busy := busier(working, weekend, slope.estimate)
		wider := widening(slope.estimate, working, weekend)
		g := growth{days: n, slope: slope.widened(wider), center: center(busy)}
		g.level = medianInterval(residuals(busy, slope.estimate, g.center)).widened(wider)
		return g
	}
	return growth{}
}

// days are the whole days of which enough is known: at least half as many
// periods as on the median day of the same kind. The first and the last day of a
// window are mostly cut, and a day with a gap may lack its peak.
func (f *TrafficFold) days(c counted) (working, weekend []day) {
	w := f.traffic.Window
	begin := w.Start.In(f.location)
	begin = time.Date(begin.Year(), begin.Month(), begin.Day(), 0, 0, 0, 0, f.location)
	if begin.Before(w.Start) {
		begin = begin.AddDate(0, 0, 1)
	}
	next := 0
	for {
		end := begin.AddDate(0, 0, 1)
		if end.After(w.End) {
			return full(working), full(weekend)
		}
		for next < len(c.at) && w.at(c.at[next]).Before(begin) {
			next++
		}
		d, peak := day{}, 0.0
		for ; next < len(c.at) && w.at(c.at[next]).Before(end); next++ {
			d.points++
			if c.rates[next] > peak {
				peak = c.rates[next]
				middle := w.at(c.at[next]).Add(time.Duration(w.Period) / 2)
				d.x = middle.Sub(w.End).Hours() / 24
			}
		}
		d.y = math.Log(peak)
		switch {
		case peak == 0: // nothing is known, or nothing was called
		case begin.Weekday() == time.Saturday || begin.Weekday() == time.Sunday:
			weekend = append(weekend, d)
		default:
			working = append(working, d)
		}
		begin = end
	}
}

// full leaves out days of which too little is known.
func full(days []day) []day {
	if len(days) == 0 {
		return nil
	}
	var points []float64
	for _, d := range days {
		points = append(points, float64(d.points))
	}
	enough := median(points) / 2
	return slices.DeleteFunc(days, func(d day) bool { return float64(d.points) < enough })
}

// until is in how many days the peak of a busy day reaches a limit, counted from
// the end of the window. The bounds take the slope and the level at their ends
// together, and are whole days: a daily peak tells of a day, not of an instant.
func (g growth) until(limit float64) interval {
	when := func(level, slope float64) float64 {
		ahead := math.Log(limit) - (level - slope*g.center)
		switch {
		case ahead <= 0:
			return 0
		case slope <= 0:
			return Horizon
		}
		return min(Horizon, ahead/slope)
	}
	out := interval{when(g.level.high, g.slope.high), when(g.level.estimate, g.slope.estimate), when(g.level.low, g.slope.low)}
	if out.low < Horizon {
		out.low = max(0, math.Floor(out.low-0.5))
	}
	out.high = min(Horizon, math.Ceil(out.high+0.5))
	return out
}

// growthOf is one of the three numbers of a dimension's growth, as a fraction a day.
func (f *TrafficFold) growthOf(dimension string, end func(interval) float64) Reading {
	g := f.growth[dimension]
	return known(math.Expm1(end(g.slope)), g.days)
}

// daysToQuota is one of the three numbers of the days until a dimension's quota.
func (f *TrafficFold) daysToQuota(dimension string, end func(interval) float64) Reading {
	g, limit := f.growth[dimension], f.traffic.Limits[dimension]
	if limit <= 0 {
		return Reading{}
	}
	return known(end(g.until(limit)), g.days)
}

// soonest is that of the quota that is reached first. It is known where it is
// known for each quota of the model.
func (f *TrafficFold) soonest(end func(interval) float64) (first Reading) {
	for _, dimension := range []string{dimensionRPM, dimensionTPM} {
		if _, bound := f.traffic.Limits[dimension]; !bound {
			continue
		}
		r := f.daysToQuota(dimension, end)
		if !r.Known {
			return Reading{}
		}
		if !first.Known || r.Value < first.Value {
			first = r
		}
	}
	return first
}

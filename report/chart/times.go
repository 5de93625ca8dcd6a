package chart

import (
	"time"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// minimumOverhang is how far a label may reach over the left end of the plot:
// the room that the labels of the y axis take in any case.
const minimumOverhang = gochart.DefaultYAxisMargin + 6

const day = 24 * time.Hour

var timeSteps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	day, 2 * day, 7 * day, 14 * day, 28 * day, 91 * day, 364 * day,
}

// timeTicks are round times on the clocks of the zone; their values are seconds
// after start. At least one tick comes back, since go-chart makes its own where
// it gets none.
func timeTicks(start, end time.Time, zone *time.Location, pixels float64, small bool) []gochart.Tick {
	room := 72.0 // for one label
	if small {
		room = 48
	}
	length := end.Sub(start)
	step := timeSteps[len(timeSteps)-1]
	for _, s := range timeSteps {
		if float64(length)/float64(s)*room <= pixels {
			step = s
			break
		}
	}
	start = in(start, zone)
	var ticks []gochart.Tick
	for t := roundTime(start, step); !t.After(end); t = roundTime(t.Add(1), step) {
		at := t.Sub(start).Seconds()
		label := timeLabel(t, step)
		// A label that would reach over an end is left out, its tick is not:
		// go-chart would shrink the plot for it.
		x := at / length.Seconds() * pixels
		if half := textWidth(label, smallSize)/2 + 1; x+half > pixels || x-half < -minimumOverhang {
			label = ""
		}
		ticks = append(ticks, gochart.Tick{Value: at, Label: label})
	}
	if ticks == nil {
		return []gochart.Tick{{}}
	}
	return ticks
}

// roundTime is the first time, not before t, at which the clocks of its zone
// show a multiple of the step. Days may have 23 or 25 hours.
func roundTime(t time.Time, step time.Duration) time.Time {
	if step >= day {
		for d := midnight(t); ; d = midnight(d.Add(36 * time.Hour)) {
			if !d.Before(t) && dayNumber(d)%int64(step/day) == 0 {
				return d
			}
		}
	}
	for {
		over := clock(t) % step
		if over == 0 {
			return t
		}
		// Where the clocks change on the way, it comes out beside a multiple, and
		// the rest of the way is gone from there.
		t = t.Add(step - over)
	}
}

// clock is the time since the last midnight by the clocks.
func clock(t time.Time) time.Duration {
	h, m, s := t.Clock()
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second + time.Duration(t.Nanosecond())
}

// midnight is the start of the day.
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// dayNumber counts the days of a zone since a Monday.
func dayNumber(t time.Time) int64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()/86400 + 719162
}

func timeLabel(t time.Time, step time.Duration) string {
	switch {
	case step >= day || clock(t) == 0:
		return t.Format("Jan 2")
	case step < time.Minute:
		return t.Format("15:04:05")
	}
	return t.Format("15:04")
}

package report

import (
	"time"

	"github.com/loadline-dev/loadline/record"
)

// zoneOf is the zone in which people read a window. One that this machine does
// not know is UTC, and said to be unknown.
func zoneOf(w *record.Window) (zone *time.Location, known bool) {
	zone, err := time.LoadLocation(w.Zone)
	if err != nil || zone == time.Local {
		return time.UTC, false
	}
	return zone, true
}

// zoneName is what the zone of a window is called.
func zoneName(w *record.Window) string {
	zone, known := zoneOf(w)
	if !known {
		return "UTC (this machine does not know the zone " + oneLine(w.Zone) + ")"
	}
	return zone.String()
}

// when writes a time in the zone of a window: 2026-11-22 04:10:00 CET.
func when(w *record.Window, t time.Time) string {
	zone, _ := zoneOf(w)
	return t.In(zone).Format("2006-01-02 15:04:05 MST")
}

// minute is when without seconds, which no period has.
func minute(w *record.Window, t time.Time) string {
	zone, _ := zoneOf(w)
	return t.In(zone).Format("2006-01-02 15:04 MST")
}

// shortTime leaves out what the axis of a chart tells: the year, and the day of
// a window of one.
func shortTime(w *record.Window, zone *time.Location, t time.Time) string {
	if w.End.Sub(w.Start) <= 25*time.Hour {
		return "from " + t.In(zone).Format("15:04")
	}
	return "on " + t.In(zone).Format("Jan 2")
}

package steps

import (
	"fmt"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// CloudWatch keeps points of one minute for 15 days, of five minutes for 63
// days, of one hour for 455 days; a shorter period over older time answers
// with nothing, and no error. Source: CloudWatch concepts, metrics retention.
var retention = []struct {
	age    time.Duration
	period time.Duration
}{
	{15 * day, time.Minute},
	{63 * day, 5 * time.Minute},
	{maxWindow, time.Hour},
}

const (
	day       = 24 * time.Hour
	maxWindow = 455 * day

	// onTheWay is how much older a window may get before CloudWatch reads of it.
	onTheWay = time.Minute
)

// span is the window of a monitor step as the scenario says it: so long up to
// its end, or from a time. It ends at a time, or now.
type span struct {
	length   time.Duration // where from is zero
	from, to time.Time     // zero: not said
	period   time.Duration // 0: chosen
	zone     string
}

var spanKeys = []scenarios.Key{
	{Name: "window", Doc: "How far back to read, at most 455 days: from so long before `to`. 24h if neither it nor `from` is said.", Type: scenarios.Duration(time.Minute, maxWindow), Example: "14d"},
	{Name: "from", Doc: "Where the window begins, in place of `window`: a day, or a time of one. Without an offset it is a time in `zone`.", Type: scenarios.Instant(), Example: "2026-11-20T08:00:00Z"},
	{Name: "to", Doc: "Where the window ends; now if left out.", Type: scenarios.Instant(), Example: "2026-11-20T18:00:00Z"},
	{Name: "period", Doc: "Width of a point, in whole minutes. If left out: one minute up to 3 hours, five minutes up to a day, an hour beyond; and as wide as CloudWatch still has them at the window's age.", Type: scenarios.Duration(time.Minute, 24*time.Hour), Example: "5m"},
	{Name: "zone", Doc: "The time zone in which people read the window, by its IANA name. Periods begin at whole ones in UTC.", Type: scenarios.Zone(), Default: "UTC", Example: "Europe/Berlin"},
}

const defaultWindow = 24 * time.Hour

// bindSpan reads the window, and refuses one that CloudWatch would answer with
// nothing if it were asked now.
func bindSpan(b *plugins.Binding, body *scenarios.Node, now time.Time) span {
	in := body.Get("zone").Location()
	s := span{length: body.Get("window").Duration(), period: body.Get("period").Duration(), zone: body.Get("zone").Text()}
	for key, at := range map[string]*time.Time{"from": &s.from, "to": &s.to} {
		if n := body.Get(key); n != nil {
			*at = n.Time(in).UTC()
		}
	}
	if s.length == 0 {
		s.length = defaultWindow
	}
	if key, code, message, hint := s.wrong(body, now); message != "" {
		n := body.Get(key)
		b.Problem(scenarios.Problem{Pos: n.Pos(), Width: len([]rune(n.Text())), Code: code, Message: message, Hint: hint})
	}
	return s
}

// wrong says which key is at fault, and why.
func (s span) wrong(body *scenarios.Node, now time.Time) (key, code, message, hint string) {
	begin, end := s.bounds(now)
	switch {
	case body.Get("from") != nil && body.Get("window") != nil:
		return "window", "bad-window", "window and from both say where the window begins", "leave out one of them"
	case !s.from.IsZero() && !s.from.Before(now):
		return "from", "bad-window", "the window begins in the future: " + stamp(s.from), "CloudWatch knows the past; it is " + stamp(now) + " now"
	case !begin.Before(end):
		return "to", "bad-window", fmt.Sprintf("the window ends at %s, which is not after its beginning at %s", stamp(end), stamp(begin)), "let it end later"
	case now.Sub(begin) > maxWindow:
		key = "to"
		for _, k := range []string{"from", "window"} {
			if body.Get(k) != nil {
				key = k
			}
		}
		return key, "bad-window", fmt.Sprintf("the window begins at %s, and CloudWatch keeps nothing for longer than 455 days", stamp(begin)), "let it begin later"
	case s.period%time.Minute != 0:
		return "period", "bad-period", "the period is not in whole minutes", "AWS/Bedrock has one point a minute: write 1m, 5m or 1h"
	case s.period > end.Sub(begin):
		return "period", "bad-period", "the period is longer than the window", "shorten the period, or lengthen the window"
	}
	if why, least := tooFine(s.period, now.Sub(begin)); why != "" {
		return "period", "bad-period", why, fmt.Sprintf("use a multiple of %s, or let the window begin later", short(least))
	}
	return "", "", "", ""
}

// tooFine says that CloudWatch has no points any more of a period in a window of
// an age, and which it has at the least; "" where it has, or the period is 0.
func tooFine(period, age time.Duration) (why string, least time.Duration) {
	least = leastPeriod(age)
	if period%least == 0 {
		return "", least
	}
	return fmt.Sprintf("CloudWatch keeps no points of %s for %s, the age of this window: it would answer with nothing", short(period), short(age)), least
}

// bounds are where the window begins and ends, to the second.
func (s span) bounds(now time.Time) (begin, end time.Time) {
	end = now.UTC()
	if !s.to.IsZero() && s.to.Before(now) {
		end = s.to
	}
	if !s.from.IsZero() {
		return s.from, end
	}
	return end.Add(-s.length), end
}

// at is the window now, rounded outward to whole periods, so that the running
// one is in it. Where it would begin before the time for which CloudWatch keeps
// points of the period, it begins as much later.
func (s span) at(now time.Time) (record.Window, error) {
	begin, end := s.bounds(now)
	age := now.Sub(begin)
	period := s.period
	if period == 0 {
		period = defaultPeriod(end.Sub(begin), age)
	}
	if why, _ := tooFine(period, age); why != "" {
		return record.Window{}, fmt.Errorf("%s; it begins at %s", why, stamp(begin))
	}
	w := record.Window{Start: begin.Truncate(period), End: end.Truncate(period), Period: record.Duration(period), Zone: s.zone}
	if w.End.Before(end) {
		w.End = w.End.Add(period)
	}
	for now.Sub(w.Start) > keptFor(period)-onTheWay {
		w.Start = w.Start.Add(period)
	}
	return w, nil
}

// leastPeriod is the shortest period that CloudWatch still has at an age.
func leastPeriod(age time.Duration) time.Duration {
	for _, r := range retention {
		if age <= r.age {
			return r.period
		}
	}
	return time.Hour
}

// keptFor is how long CloudWatch has points of a period.
func keptFor(period time.Duration) (age time.Duration) {
	for _, r := range retention {
		if period%r.period == 0 {
			age = r.age
		}
	}
	return age
}

// defaultPeriod is the width of a point where the scenario says none.
func defaultPeriod(length, age time.Duration) time.Duration {
	p := time.Hour
	switch {
	case length <= 3*time.Hour:
		p = time.Minute
	case length <= 24*time.Hour:
		p = 5 * time.Minute
	}
	return max(p, leastPeriod(age))
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// short writes a length of time, to the minute.
func short(d time.Duration) string {
	if d >= 2*day {
		return fmt.Sprintf("%.4gd", d.Hours()/24)
	}
	text := strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
	if whole, ok := strings.CutSuffix(text, "h0m"); ok {
		return whole + "h"
	}
	return text
}

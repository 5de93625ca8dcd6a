package sim

import (
	"fmt"
	"maps"
	"time"
)

// The states of an alarm beside insufficientData.
const (
	stateOK    = "OK"
	stateAlarm = "ALARM"
)

// alarmRule is what an alarm watches, and when a point breaches.
type alarmRule struct {
	queries    []metricQuery
	watched    int   // the query that returns data
	step       int64 // minutes between two points
	periods    int   // EvaluationPeriods
	needed     int   // DatapointsToAlarm
	comparison string
	threshold  float64
	missing    string // TreatMissingData
}

// moreRange is how many points further back are looked at where some are missing.
// AWS says that there are more, and shows an example of two.
const moreRange = 2

// breaches holds a point against the threshold.
func (r *alarmRule) breaches(value float64) bool {
	switch r.comparison {
	case "GreaterThanOrEqualToThreshold":
		return value >= r.threshold
	case "GreaterThanThreshold":
		return value > r.threshold
	case "LessThanThreshold":
		return value < r.threshold
	}
	return value <= r.threshold
}

// judge is the state by the points of the evaluation range, the newest first; nil
// is a missing one. It follows the rules and the tables of "Configuring how
// CloudWatch alarms treat missing data" in the user guide: missing points are
// filled in only where there are fewer real ones than are evaluated, and then no
// more of them than are wanted.
func (r *alarmRule) judge(points []*float64, state string) string {
	seen, breaching := 0, 0
	for _, p := range points {
		if p == nil || seen == r.periods {
			continue
		}
		seen++
		if r.breaches(*p) {
			breaching++
		}
	}
	if seen < r.periods && r.missing == "breaching" {
		breaching += r.periods - seen
	}
	undecided := seen < r.periods && seen == breaching && r.missing != "notBreaching" && r.missing != "breaching"
	switch {
	case breaching >= r.needed:
		return stateAlarm
	case !undecided:
		return stateOK
	case r.missing == "ignore":
		return state
	case seen == 0:
		return insufficientData
	}
	return stateAlarm // all that is there breaches
}

// points are those of the evaluation range at the beginning of a minute, the
// newest first. The range slides: it ends where that minute begins. A minute that
// CloudWatch does not show yet has no data, and FILL fills it all the same.
func (s *Server) points(r *alarmRule, minute int64) []*float64 {
	length := r.periods + moreRange
	over := minuteSpan{first: minute - int64(length)*r.step, until: min(minute, visibleUntil(time.Unix(minute*60, 0), s.account.metricsDelay))}
	over.last = max(over.first, over.until)
	c := calculation{queries: r.queries, stat: func(q *metricQuery) line {
		l := s.series(q.selection, max(q.period, time.Minute), over)
		l.last = minute * 60
		return l
	}}
	points := make([]*float64, length)
	for _, l := range c.lines(r.watched) {
		for _, p := range l.points {
			back := (minute*60 - p.at) / (r.step * 60) // a point is named for where its period begins
			if back >= 1 && back <= int64(length) {
				points[back-1] = &p.value
			}
		}
	}
	return points
}

// maxBehind is how many minutes of alarms are caught up with: those of a day.
const maxBehind = 24 * 60

// evaluated is the alarm as it stands at a time: it is looked at in the first
// instant of every minute, and what nobody has asked for is caught up with. An
// alarm itself is never changed; the result may be another one.
func (s *Server) evaluated(a *alarm, now time.Time) *alarm {
	last := minuteOf(now)
	if a.checked >= last {
		return a
	}
	out := *a
	for minute := max(a.checked+1, last-maxBehind); minute <= last; minute++ {
		state := out.rule.judge(s.points(out.rule, minute), out.state())
		if state == out.state() {
			continue
		}
		at := time.Unix(minute*60, 0).UTC()
		out.shown = maps.Clone(out.shown)
		out.shown["StateValue"] = state
		out.shown["StateReason"] = out.rule.reason(state)
		out.shown["StateUpdatedTimestamp"], out.shown["StateTransitionedTimestamp"] = at, at
	}
	out.checked = last
	return &out
}

// reason is a text as it is told of a change.
func (r *alarmRule) reason(state string) string {
	switch state {
	case insufficientData:
		return fmt.Sprintf("Insufficient Data: no datapoints were received for %d periods.", r.periods)
	case stateAlarm:
		return fmt.Sprintf("Threshold Crossed: at least %d out of the last %d datapoints were %s (%v).", r.needed, r.periods, r.comparison, r.threshold)
	}
	return fmt.Sprintf("Threshold Crossed: fewer than %d out of the last %d datapoints were %s (%v).", r.needed, r.periods, r.comparison, r.threshold)
}

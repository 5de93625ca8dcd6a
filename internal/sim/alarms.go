package sim

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// alarm is a metric alarm as it was put. Its state is told, but it acts on nothing.
type alarm struct {
	name    string
	actions []string // of all three kinds
	shown   object   // as DescribeAlarms gives it
	tags    []any    // as ListTagsForResource gives them
	rule    *alarmRule
	checked int64 // the last minute in which the state was looked at
}

func (a *alarm) state() string { return a.shown["StateValue"].(string) }

// alarmStore holds the alarms of the account, in the order of their names. Its
// lock comes before Server.mu, which reading metrics takes.
type alarmStore struct {
	mu     sync.Mutex
	alarms []*alarm
}

// put adds an alarm, or replaces the one of its name. Then the tags stay those
// of before, and so does the state, as in CloudWatch.
func (s *alarmStore) put(a *alarm) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, found := s.find(a.name)
	if !found {
		s.alarms = slices.Insert(s.alarms, i, a)
		return
	}
	before := s.alarms[i]
	a.tags, a.checked = before.tags, before.checked
	for _, kept := range []string{"StateValue", "StateReason", "StateUpdatedTimestamp", "StateTransitionedTimestamp"} {
		a.shown[kept] = before.shown[kept]
	}
	s.alarms[i] = a
}

func (s *alarmStore) find(name string) (int, bool) {
	return slices.BinarySearchFunc(s.alarms, name, func(a *alarm, name string) int { return strings.Compare(a.name, name) })
}

// allAlarms copies the list, as it stands now. An alarm itself is not changed once it is
// in it.
func (s *Server) allAlarms(now time.Time) []*alarm {
	s.alarms.mu.Lock()
	defer s.alarms.mu.Unlock()
	for i, a := range s.alarms.alarms {
		s.alarms.alarms[i] = s.evaluated(a, now)
	}
	return slices.Clone(s.alarms.alarms)
}

// putMetricAlarm keeps an alarm.
func (s *Server) putMetricAlarm(c *call) {
	body, bad := c.decode()
	var a *alarm
	if bad == nil {
		a, bad = readAlarm(body, s.alarmARN, time.Now().UTC())
	}
	if bad != nil {
		c.fail(bad)
		return
	}
	s.allAlarms(time.Now()) // what was before goes by the rule of before
	s.alarms.put(a)
	c.reply(nil)
}

func (s *Server) alarmARN(name string) string {
	return "arn:" + s.account.partition() + ":cloudwatch:" + s.account.Region + ":" + s.account.ID + ":alarm:" + name
}

// maxRecords is the most alarms on a page of DescribeAlarms, and how many there
// are where a request does not say.
const (
	maxRecords   = 100
	usualRecords = 50
)

// describeAlarms lists the alarms in the order of their names, those of some
// names or of a prefix. Composite alarms are not simulated: there are none.
func (s *Server) describeAlarms(c *call) {
	body, bad := c.decode()
	f := &fields{object: body}
	names, prefix, action := f.texts("AlarmNames"), f.text("AlarmNamePrefix"), f.text("ActionPrefix")
	types, state, token := f.texts("AlarmTypes"), f.text("StateValue"), f.text("NextToken")
	size, sized := f.number("MaxRecords")
	related := f.text("ChildrenOfAlarmName") + f.text("ParentsOfAlarmName")
	switch {
	case bad != nil:
	case f.bad != nil:
		bad = f.bad
	case len(names) > 0 && prefix != "":
		bad = validation("AlarmNames and AlarmNamePrefix can not be used together.")
	case len(names) > 100:
		bad = validation("The collection AlarmNames must not have a size greater than 100.")
	case sized && (size < 1 || size > maxRecords):
		bad = validation("The parameter MaxRecords must be between 1 and %d.", maxRecords)
	case state != "" && state != stateOK && state != stateAlarm && state != insufficientData:
		bad = validation("The value %q for parameter StateValue is not one of OK, ALARM, INSUFFICIENT_DATA.", state)
	}
	if bad != nil {
		c.fail(bad)
		return
	}
	if !sized {
		size = usualRecords
	}
	metricAlarms := len(types) == 0 || slices.Contains(types, "MetricAlarm")
	shown := slices.DeleteFunc(s.allAlarms(time.Now()), func(a *alarm) bool {
		return !metricAlarms || related != "" || state != "" && state != a.state() ||
			len(names) > 0 && !slices.Contains(names, a.name) || !strings.HasPrefix(a.name, prefix) ||
			action != "" && !slices.ContainsFunc(a.actions, func(s string) bool { return strings.HasPrefix(s, action) })
	})
	scope := strings.Join([]string{"alarms", prefix, action, strings.Join(names, "\n")}, "\n")
	shown, next, ok := page(shown, size, scope, token)
	if !ok {
		c.fail(badNextToken)
		return
	}
	list := []any{}
	for _, a := range shown {
		list = append(list, a.shown)
	}
	out := object{"MetricAlarms": list, "CompositeAlarms": []any{}}
	if next != "" {
		out["NextToken"] = next
	}
	c.reply(out)
}

package sim

import (
	"net/http"
	"slices"
	"strings"
)

const maxTags = 50

// listTagsForResource gives the tags of an alarm.
func (s *Server) listTagsForResource(c *call) {
	s.withAlarm(c, func(a *alarm, _ *fields) (object, *fault) {
		return object{"Tags": a.tags}, nil
	})
}

// tagResource gives an alarm more tags, or other values to those that it has.
func (s *Server) tagResource(c *call) {
	s.withAlarm(c, func(a *alarm, f *fields) (object, *fault) {
		tags, bad := readTags(f)
		switch {
		case bad != nil:
			return nil, bad
		case len(tags) == 0:
			return nil, missingParameter("Tags")
		}
		all := slices.Clone(a.tags)
		for _, t := range tags {
			i := slices.IndexFunc(all, func(old any) bool { return old.(object)["Key"] == t.(object)["Key"] })
			if i < 0 {
				all = append(all, t)
			} else {
				all[i] = t
			}
		}
		if len(all) > maxTags {
			return nil, badValue("A resource can have %d tags at most.", maxTags)
		}
		a.tags = all
		return object{}, nil
	})
}

// withAlarm finds the alarm that a request names by its ARN. What change is given
// is a copy, which takes its place.
func (s *Server) withAlarm(c *call, change func(*alarm, *fields) (object, *fault)) {
	body, bad := c.decode()
	f := &fields{object: body}
	arn := f.text("ResourceARN")
	switch {
	case bad != nil:
	case f.bad != nil:
		bad = f.bad
	case arn == "":
		bad = missingParameter("ResourceARN")
	}
	if bad != nil {
		c.fail(bad)
		return
	}
	s.alarms.mu.Lock()
	defer s.alarms.mu.Unlock()
	name, ours := strings.CutPrefix(arn, s.alarmARN(""))
	i, found := s.alarms.find(name)
	if !ours || !found {
		c.fail(&fault{http.StatusNotFound, "ResourceNotFoundException", "The resource " + arn + " does not exist."})
		return
	}
	a := *s.alarms.alarms[i]
	out, bad := change(&a, f)
	if bad != nil {
		c.fail(bad)
		return
	}
	s.alarms.alarms[i] = &a
	c.reply(out)
}

// readTags reads the tags of a request. AWS keeps the keys that begin with aws:
// for itself.
func readTags(f *fields) ([]any, *fault) {
	tags, bad := namedTexts(f, "Tags", "Key", "Value")
	if bad != nil {
		return nil, bad
	}
	seen := map[any]bool{}
	for _, t := range tags {
		key, value := t.(object)["Key"].(string), t.(object)["Value"].(string)
		switch {
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return nil, badValue("The tag key %q begins with aws:, which is reserved.", key)
		case len([]rune(key)) > 128 || len([]rune(value)) > 256:
			return nil, badValue("The tag %q has more than 128 characters, or its value more than 256.", key)
		case seen[key]:
			return nil, badValue("The tag key %q is there twice.", key)
		}
		seen[key] = true
	}
	if len(tags) > maxTags {
		return nil, badValue("A resource can have %d tags at most.", maxTags)
	}
	return tags, nil
}

// deleteAlarms deletes alarms by their names. A name that is none is passed over:
// AWS says that the others are deleted all the same, and not what it answers.
func (s *Server) deleteAlarms(c *call) {
	body, bad := c.decode()
	f := &fields{object: body}
	names := f.texts("AlarmNames")
	switch {
	case bad != nil:
	case f.bad != nil:
		bad = f.bad
	case len(names) == 0:
		bad = missingParameter("AlarmNames")
	case len(names) > maxRecords:
		bad = validation("The collection AlarmNames must not have a size greater than %d.", maxRecords)
	}
	if bad != nil {
		c.fail(bad)
		return
	}
	s.alarms.mu.Lock()
	defer s.alarms.mu.Unlock()
	s.alarms.alarms = slices.DeleteFunc(s.alarms.alarms, func(a *alarm) bool { return slices.Contains(names, a.name) })
	c.reply(nil)
}

package record

import "time"

// ClockSkew is how far apart the clocks of AWS and of this machine may be.
const ClockSkew = 5 * time.Second

// Own counts calls of this run, to be taken off what CloudWatch counts.
type Own struct{ Attempts, Throttles int }

// ownMinute counts calls by the minute in which AWS counts them at the earliest
// (sent, clocks apart), and at the latest (ended).
type ownMinute struct{ sent, ended Own }

// own counts a call of a fold by the minute. It is for what watches a run, and
// is not merged.
func (f *Fold) own(c *Call) {
	sent := c.Sent().Sub(f.first)
	f.ownAt(sent - ClockSkew).sent.add(c)
	f.ownAt(sent + c.Took + ClockSkew).ended.add(c)
}

func (o *Own) add(c *Call) {
	o.Attempts++
	if c.Outcome == Throttled {
		o.Throttles++
	}
}

// ownAt is the minute that holds a time after f.first.
func (f *Fold) ownAt(d time.Duration) *ownMinute {
	i := int(min(max(d/time.Minute, 0), farthest))
	for len(f.minutes) <= i {
		f.minutes = append(f.minutes, ownMinute{})
	}
	return &f.minutes[i]
}

// ownIn adds the calls that AWS may have counted from one whole minute on to
// before another: those sent before its end and not answered before its start.
func (f *Fold) ownIn(from, to time.Time) (o Own) {
	at := f.first
	for _, m := range f.minutes {
		if at.Before(to) {
			o.Attempts, o.Throttles = o.Attempts+m.sent.Attempts, o.Throttles+m.sent.Throttles
		}
		if at.Before(from) {
			o.Attempts, o.Throttles = o.Attempts-m.ended.Attempts, o.Throttles-m.ended.Throttles
		}
		at = at.Add(time.Minute)
	}
	return o
}

// Own is the most calls of the run to some models that AWS may have counted
// from one whole minute on to before another, of those that have ended. Calls of
// all steps are in it.
func (l *Log) Own(models func(name string) bool, from, to time.Time) (o Own) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, f := range l.folds {
		if models(key.model) {
			x := f.ownIn(from, to)
			o.Attempts, o.Throttles = o.Attempts+x.Attempts, o.Throttles+x.Throttles
		}
	}
	return o
}

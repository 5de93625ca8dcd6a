package steps

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/plugins/pacing"
	"github.com/loadline-dev/loadline/runner/ramp"
)

// retries are the most attempts beyond the first that the calls of a model can
// come to.
func (c *client) retries(calls int64) int64 {
	if c == nil {
		return 0
	}
	most := calls * int64(c.policy.MaxAttempts-1)
	if c.policy.Budget > 0 {
		most = min(most, int64(math.Ceil(c.policy.Budget*float64(calls)))+pacing.FreeRetries)
	}
	return most
}

// longest is how long a call may take whose attempts have a timeout. Where AWS
// asks to wait longer than a delay, it may take longer.
func (c *client) longest(timeout time.Duration) time.Duration {
	if c == nil {
		return timeout
	}
	n := time.Duration(c.policy.MaxAttempts)
	return n*(timeout+c.maxWait) + (n-1)*c.policy.Backoff.Longest()
}

// clientNotes say what a plan can say of the client.
func (l *load) clientNotes() []string {
	c := l.client
	if c == nil {
		return nil
	}
	var longest time.Duration
	for _, t := range l.targets {
		longest = max(longest, c.longest(t.timeout))
	}
	s := fmt.Sprintf("its client is %s: a call is sent once, and may take up to %s with its wait", c.label(), longest)
	if n := c.policy.MaxAttempts; n > 1 {
		s = fmt.Sprintf("its client is %s: a call is sent up to %d times, which the worst case counts, and may take up to %s with its waits, or longer where AWS asks for it", c.label(), n, longest)
		if c.policy.Budget > 0 {
			s += fmt.Sprintf("; retries are at most %s of the calls to each model, and %d", percent(c.policy.Budget), pacing.FreeRetries)
		}
	}
	out := []string{s}
	waiting := 0.0
	for _, of := range c.limits {
		out = append(out, c.limitInWords(of))
		waiting += l.queue(of)
	}
	if waiting > float64(l.inFlight) {
		out = append(out, fmt.Sprintf("%.0f calls may come to wait for their turn at once, and max_in_flight (%d) would drop some of them: raise it to twice that, or lower max_wait", waiting, l.inFlight))
	}
	return out
}

// queue is how many calls may come to wait for their turn in a limit on requests:
// none where no more of them come than are sent, and never more than there are.
func (l *load) queue(of pacing.Limit) float64 {
	if l.due == nil {
		return 0 // those of a loop come when others have ended
	}
	due, peak, atOnce := 0, 0.0, l.course.arrivals != nil
	for i, t := range l.targets {
		if slices.Contains(of.Models, t.Name) {
			due, peak = due+l.due[i], peak+l.tracks[i].Profile.Peak()
			atOnce = atOnce || slices.ContainsFunc(l.tracks[i].Profile, func(s ramp.Stage) bool { return s.Burst > 0 })
		}
	}
	admitted := l.client.share * of.RPM
	if peak <= admitted && !atOnce {
		return 0
	}
	return min(float64(due), admitted*l.client.maxWait.Minutes())
}

// limitInWords says what some models are held to.
func (c *client) limitInWords(of pacing.Limit) string {
	var to []string
	for _, d := range dimensionsOf(of) {
		to = append(to, fmt.Sprintf("%d %s", pacing.Part(d.limit, c.share), d.words))
	}
	models := strings.Join(of.Models, " and ")
	if len(to) == 0 {
		return models + ": no limit is known, so the rate follows what AWS throttles"
	}
	return models + ": held to " + strings.Join(to, ", ")
}

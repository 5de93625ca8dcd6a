package sim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// getMetricData reads statistics of the AWS/Bedrock metrics. What has no data,
// be it an unknown metric, an unknown model id or a quiet minute, has no points
// and is no error.
func (s *Server) getMetricData(c *call) {
	body, bad := c.decode()
	if bad != nil {
		c.fail(bad)
		return
	}
	in, bad := readMetricData(body)
	if bad != nil {
		c.fail(bad)
		return
	}
	now := time.Now()
	position, ok := openToken(in.scope(), in.token)
	if !ok {
		c.fail(&fault{http.StatusBadRequest, "InvalidNextToken", "The next token specified is invalid."})
		return
	}
	until, skip := position>>32, position&(1<<32-1)
	if in.token == "" {
		until = visibleUntil(now, s.account.metricsDelay)
	}
	results, end, more := in.cut(s.points(in, now, until), skip)
	out := object{"MetricDataResults": results, "Messages": []any{}}
	if more { // all pages show what the first did, whatever happens meanwhile
		out["NextToken"] = pageToken(in.scope(), until<<32|end)
	}
	c.reply(out)
}

// point is one value of a query.
type point struct {
	at    time.Time
	value float64
}

// points computes all points of all queries, in the order asked for, of the
// minutes before until.
func (s *Server) points(in *metricDataInput, now time.Time, until int64) [][]point {
	all := make([][]point, len(in.queries))
	for i, q := range in.queries {
		if !q.returned {
			continue
		}
		start, ok := in.startFor(q.period, now)
		if !ok || q.modelID == "" {
			continue
		}
		all[i] = s.series(q, minuteOf(start), min(ceilMinute(in.end), until), until)
		if !in.ascending {
			slices.Reverse(all[i])
		}
	}
	return all
}

// series is the points of one query in the order of time, in periods from the
// first minute on to before the last; a point has the time at which its period
// begins.
func (s *Server) series(q metricQuery, first, last, until int64) []point {
	own := s.recorded(q, first, last)
	background, finished := s.background[q.modelID], until
	if s.account.metricsDelay == 0 {
		finished-- // the running minute shows, but no background before it is over
	}
	step := int64(q.period / time.Minute)
	var points []point
	for from := first; from < last; from += step {
		var f fold
		for minute := from; minute < min(from+step, last); minute++ {
			if len(own) > 0 {
				f.add(own[minute])
			}
			for _, b := range background {
				if minute < finished {
					f.add(b.at(minute, q.metric))
				}
			}
		}
		if f.n > 0 {
			points = append(points, point{time.Unix(from*60, 0).UTC(), q.statistic(&f)})
		}
	}
	return points
}

// recorded copies what the account's own calls left in some minutes.
func (s *Server) recorded(q metricQuery, first, last int64) map[int64]summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	minutes := s.metrics[q.modelID]
	if len(minutes) == 0 {
		return nil
	}
	found := map[int64]summary{}
	keep := func(minute int64, c *cell) {
		if c != nil && minute >= first && minute < last && c[q.metric].n > 0 {
			found[minute] = c[q.metric].summary(q.distribution)
		}
	}
	if last-first < int64(len(minutes)) {
		for minute := first; minute < last; minute++ {
			keep(minute, minutes[minute])
		}
		return found
	}
	for minute, c := range minutes {
		keep(minute, c)
	}
	return found
}

// The retention of CloudWatch: how long which period can be read.
var retention = []struct {
	age    time.Duration
	period time.Duration
}{
	{15 * 24 * time.Hour, time.Minute},
	{63 * 24 * time.Hour, 5 * time.Minute},
	{455 * 24 * time.Hour, time.Hour},
}

// startFor rounds the start time down as its age asks for, and reports whether
// there is data of that period and age at all. A period that does not fit has no
// points: CloudWatch makes no error of it.
func (in *metricDataInput) startFor(period time.Duration, now time.Time) (time.Time, bool) {
	age := now.Sub(in.start)
	for _, r := range retention {
		if age <= r.age {
			return in.start.Truncate(r.period), period%r.period == 0
		}
	}
	return time.Time{}, false
}

// ceilMinute is the first minute that begins at or after a time.
func ceilMinute(t time.Time) int64 { return minuteOf(t.Add(time.Minute - time.Nanosecond)) }

// cut takes the page that begins after so many points, counted through all
// queries in order. The first page has every query; a later one has those that
// the page before did not finish. end is where the next page begins.
func (in *metricDataInput) cut(all [][]point, skip int64) (results []any, end int64, more bool) {
	var passed int64
	room := int64(in.maxPoints)
	results = []any{}
	for i, q := range in.queries {
		n := int64(len(all[i]))
		from := max(0, min(n, skip-passed))
		take := min(n-from, room)
		passed += n
		room -= take
		if !q.returned || skip > 0 && n-from == 0 {
			continue
		}
		status := "Complete"
		if from+take < n {
			status = "PartialData"
		}
		times, values := make([]time.Time, take), make([]float64, take)
		for j, p := range all[i][from : from+take] {
			times[j], values[j] = p.at, p.value
		}
		results = append(results, object{
			"Id": q.id, "Label": q.label, "StatusCode": status, "Timestamps": times, "Values": values,
		})
	}
	end = skip + int64(in.maxPoints) - room
	return results, end, end < passed
}

// scope ties a page token to the request that it continues.
func (in *metricDataInput) scope() string {
	var b strings.Builder
	b.WriteString("metrics " + in.start.String() + in.end.String())
	for _, q := range in.queries {
		b.WriteString(" " + q.id)
	}
	return b.String()
}

package sim

import (
	"slices"
	"time"
)

// getMetricData reads statistics of the AWS/Bedrock metrics, and what is
// calculated from them (mathparse.go). What has no data,
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
	position, ok := openToken(in.scope, in.token)
	if !ok {
		c.fail(badNextToken)
		return
	}
	until, skip := position>>32, position&(1<<32-1)
	if in.token == "" {
		until = visibleUntil(now, s.account.metricsDelay)
	}
	results, end, more := in.cut(s.answers(in, now, until), skip)
	out := object{"MetricDataResults": results, "Messages": []any{}}
	if more { // all pages show what the first did, whatever happens meanwhile
		out["NextToken"] = pageToken(in.scope, until<<32|end)
	}
	c.reply(out)
}

// metricAnswer is one result of a request: that of a query, or one of those of an
// expression that is a list of series.
type metricAnswer struct {
	id, label string
	points    []point
}

// answers computes all points of all queries, in the order asked for, of the
// minutes before until.
func (s *Server) answers(in *metricDataInput, now time.Time, until int64) (all []metricAnswer) {
	lines := make([][]line, len(in.queries))
	m := calculation{queries: in.queries, stat: func(q *metricQuery) line {
		return s.series(q.selection, q.period, spanOf(in.start, in.end, q.period, now, until))
	}}
	for i := range in.queries {
		if in.queries[i].returned {
			lines[i] = m.lines(i)
		}
	}
	for i, q := range in.queries {
		for _, l := range lines[i] {
			a := metricAnswer{id: q.id, label: q.label, points: l.points}
			if q.isList {
				a.label += " " + l.label
			}
			if !in.ascending { // of a copy: two answers may be the same series
				a.points = slices.Clone(a.points)
				slices.Reverse(a.points)
			}
			all = append(all, a)
		}
	}
	return all
}

// cut takes the page that begins after so many points, counted through all
// answers in order. The first page has every answer; a later one has those that
// the page before did not finish. end is where the next page begins.
func (in *metricDataInput) cut(all []metricAnswer, skip int64) (results []any, end int64, more bool) {
	var passed int64
	room := int64(in.maxPoints)
	results = []any{}
	for _, a := range all {
		n := int64(len(a.points))
		from := max(0, min(n, skip-passed))
		take := min(n-from, room)
		passed += n
		room -= take
		if skip > 0 && n-from == 0 {
			continue
		}
		status := "Complete"
		if from+take < n {
			status = "PartialData"
		}
		times, values := make([]time.Time, take), make([]float64, take)
		for j, p := range a.points[from : from+take] {
			times[j], values[j] = time.Unix(p.at, 0).UTC(), p.value
		}
		results = append(results, object{
			"Id": a.id, "Label": a.label, "StatusCode": status, "Timestamps": times, "Values": values,
		})
	}
	end = skip + int64(in.maxPoints) - room
	return results, end, end < passed
}

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
	from := placeOf(position)
	if in.token == "" {
		from.until = visibleUntil(now, s.account.metricsDelay)
	}
	results, next, more := (&dataReader{s: s, in: in, now: now, until: from.until}).page(from)
	out := object{"MetricDataResults": results, "Messages": []any{}}
	if more { // all pages show what the first did, whatever happens meanwhile
		out["NextToken"] = pageToken(in.scope, next.position())
	}
	c.reply(out)
}

// dataPlace is where a page of metric data begins: at a query, after so many of
// the points of all its answers. until is the first minute that no page shows.
type dataPlace struct{ until, query, skip int64 }

// A query has at most 500 answers of 21,600 points, and minutes have 27 bits for
// two hundred years.
const queryBits, skipBits = 10, 26

func (p dataPlace) position() int64 {
	return p.until<<(queryBits+skipBits) | p.query<<skipBits | p.skip
}

func placeOf(position int64) dataPlace {
	return dataPlace{position >> (queryBits + skipBits), position >> skipBits & (1<<queryBits - 1), position & (1<<skipBits - 1)}
}

// metricAnswer is one result of a request: that of a query, or one of those of an
// expression that is a list of series.
type metricAnswer struct {
	id, label string
	points    []point
}

// dataReader works out the points of a request, of the minutes before until, and
// no more of them than a page needs: there may be ten million.
type dataReader struct {
	s     *Server
	in    *metricDataInput
	now   time.Time
	until int64
	calculation
}

func (r *dataReader) span(q *metricQuery) minuteSpan {
	return spanOf(r.in.start, r.in.end, q.period, r.now, r.until)
}

// answers are those of one query, in the order asked for.
func (r *dataReader) answers(i int64) (all []metricAnswer) {
	q := &r.in.queries[i]
	for _, l := range r.lines(int(i)) {
		a := metricAnswer{id: q.id, label: q.label, points: l.points}
		if q.isList {
			a.label += " " + l.label
		}
		if !r.in.ascending { // of a copy: two answers may be the same series
			a.points = slices.Clone(a.points)
			slices.Reverse(a.points)
		}
		all = append(all, a)
	}
	return all
}

// silent reports whether a query that is no expression has no points.
func (r *dataReader) silent(q *metricQuery) bool {
	for range r.s.folds(q.selection, int64(q.period/time.Minute), r.span(q)) {
		return false
	}
	return true
}

// page is the results from a place on, and where the next page begins. The first
// page has every answer, a later one those that the page before did not finish;
// the ones that it has no room for are empty.
func (r *dataReader) page(from dataPlace) (results []any, next dataPlace, more bool) {
	r.calculation = calculation{queries: r.in.queries, stat: func(q *metricQuery) line { return r.s.series(q.selection, q.period, r.span(q)) }}
	room := int64(r.in.maxPoints)
	results = []any{}
	for i := from.query; i < int64(len(r.in.queries)); i++ {
		q := &r.in.queries[i]
		if !q.returned {
			continue
		}
		if more && q.expression == "" && !r.silent(q) { // its points are for later pages
			results = append(results, resultOf(metricAnswer{id: q.id, label: q.label}, "PartialData"))
			continue
		}
		skip, passed := int64(0), int64(0)
		if i == from.query {
			skip = from.skip
		}
		for _, a := range r.answers(i) {
			n := int64(len(a.points))
			begin := max(0, min(n, skip-passed))
			take := min(n-begin, room)
			status := "Complete"
			if begin+take < n {
				status = "PartialData"
				if !more {
					next, more = dataPlace{from.until, i, passed + begin + take}, true
				}
			}
			passed, room = passed+n, room-take
			if r.in.token == "" || begin < n {
				a.points = a.points[begin : begin+take]
				results = append(results, resultOf(a, status))
			}
		}
	}
	return results, next, more
}

func resultOf(a metricAnswer, status string) object {
	times, values := make([]time.Time, len(a.points)), make([]float64, len(a.points))
	for i, p := range a.points {
		times[i], values[i] = time.Unix(p.at, 0).UTC(), p.value
	}
	return object{"Id": a.id, "Label": a.label, "StatusCode": status, "Timestamps": times, "Values": values}
}

package sim

import (
	"math"
	"slices"
)

// calculation evaluates the queries of one request, each at most once.
type calculation struct {
	queries []metricQuery
	stat    func(*metricQuery) line // reads what is no expression
	known   map[string]mathResult
}

// mathResult is a number, a series, or a list of series.
type mathResult struct {
	kind   mathKind
	number float64
	lines  []line
}

// lines are the series of a query.
func (c *calculation) lines(i int) []line { return c.query(&c.queries[i]).lines }

func (c *calculation) query(q *metricQuery) mathResult {
	if r, ok := c.known[q.id]; ok {
		return r
	}
	if c.known == nil {
		c.known = map[string]mathResult{}
	}
	var r mathResult
	if q.parsed == nil {
		l := c.stat(q)
		l.label = q.label
		r = mathResult{kind: aSeries, lines: []line{l}}
	} else {
		r = c.node(q.parsed)
	}
	c.known[q.id] = r
	return r
}

// node evaluates a part of an expression that checkExpressions found in order.
func (c *calculation) node(n *mathNode) mathResult {
	switch n.kind {
	case numberNode:
		return mathResult{number: n.number}
	case idNode:
		for i := range c.queries {
			if c.queries[i].id == n.text {
				r := c.query(&c.queries[i])
				r.lines = slices.Clone(r.lines) // the labels of a result are its own
				return r
			}
		}
	case listNode:
		r := mathResult{kind: aList}
		for _, a := range n.args {
			r.lines = append(r.lines, c.node(a).lines...)
		}
		return r
	case callNode:
		return c.call(n)
	case operatorNode:
		if len(n.args) == 1 {
			return operate("-", mathResult{}, c.node(n.args[0]))
		}
		return operate(n.text, c.node(n.args[0]), c.node(n.args[1]))
	}
	panic("an expression was not checked: " + n.String()) // a bug here
}

func (c *calculation) call(n *mathNode) mathResult {
	if n.text == "METRICS" {
		r := mathResult{kind: aList}
		for _, q := range metricsNamed(c.queries, n) {
			r.lines = append(r.lines, c.query(q).lines...)
		}
		return r
	}
	of := c.node(n.args[0])
	switch {
	case n.text == "FILL":
		with := mathResult{}
		if n.args[1].kind != wordNode {
			with = c.node(n.args[1])
		}
		for i, l := range of.lines {
			of.lines[i] = filled(l, n.args[1].text, with.number)
		}
		return of
	case n.text == "PERIOD":
		return mathResult{number: float64(of.lines[0].step)}
	case of.kind == aSeries:
		var values []float64
		for _, p := range of.lines[0].points {
			values = append(values, p.value)
		}
		return mathResult{number: aggregate(n.text, values)}
	}
	return mathResult{kind: aSeries, lines: []line{across(n.text, of.lines)}}
}

// aggregate is the sum, mean, least or greatest of values; of none it is no
// number.
func aggregate(function string, values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	switch function {
	case "MIN":
		return slices.Min(values)
	case "MAX":
		return slices.Max(values)
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	if function == "AVG" {
		return sum / float64(len(values))
	}
	return sum
}

// across aggregates the points of each time over the series that have one then:
// a series that is silent does not silence the others. AWS does not document
// this; without FILL it is what a sum over searched metrics shows.
func across(function string, lines []line) line {
	at := map[int64][]float64{}
	var whole line
	for _, l := range lines {
		whole = whole.over(l)
		for _, p := range l.points {
			at[p.at] = append(at[p.at], p.value)
		}
	}
	for t, values := range at {
		whole.add(t, aggregate(function, values))
	}
	slices.SortFunc(whole.points, func(a, b point) int { return int(a.at - b.at) })
	return whole
}

// over widens the times of a series to those of another; of two periods the
// longer counts.
func (l line) over(other line) line {
	l.step = max(l.step, other.step)
	switch {
	case other.first >= other.last: // it could have no points
	case l.first >= l.last:
		l.first, l.last = other.first, other.last
	default:
		l.first, l.last = min(l.first, other.first), max(l.last, other.last)
	}
	return l
}

// add appends a point, if it is a number: what was divided by zero is none.
func (l *line) add(at int64, value float64) {
	if !math.IsNaN(value) && !math.IsInf(value, 0) {
		l.points = append(l.points, point{at, value})
	}
}

// operate calculates with two numbers, series or lists. Two series have a point
// where both of them have one.
func operate(operator string, a, b mathResult) mathResult {
	switch {
	case a.kind == aNumber && b.kind == aNumber:
		return mathResult{number: calculate(operator, a.number, b.number)}
	case a.kind == aNumber:
		return eachLine(b, func(l line) line {
			return l.mapped(func(v float64) float64 { return calculate(operator, a.number, v) })
		})
	case b.kind == aNumber:
		return eachLine(a, func(l line) line {
			return l.mapped(func(v float64) float64 { return calculate(operator, v, b.number) })
		})
	case b.kind == aSeries:
		return eachLine(a, func(l line) line { return joined(operator, l, b.lines[0], l.label) })
	}
	return eachLine(b, func(l line) line { return joined(operator, a.lines[0], l, l.label) })
}

func eachLine(r mathResult, change func(line) line) mathResult {
	lines := make([]line, len(r.lines))
	for i, l := range r.lines {
		lines[i] = change(l)
	}
	r.lines = lines
	return r
}

func (l line) mapped(change func(float64) float64) line {
	points := l.points
	l.points = make([]point, 0, len(points))
	for _, p := range points {
		l.add(p.at, change(p.value))
	}
	return l
}

func joined(operator string, a, b line, label string) line {
	l := a.over(b)
	l.label, l.points = label, nil
	for i, j := 0, 0; i < len(a.points) && j < len(b.points); {
		switch p, q := a.points[i], b.points[j]; {
		case p.at < q.at:
			i++
		case p.at > q.at:
			j++
		default:
			l.add(p.at, calculate(operator, p.value, q.value))
			i, j = i+1, j+1
		}
	}
	return l
}

// calculate gives no finite number where something is divided by zero.
func calculate(operator string, a, b float64) float64 {
	switch operator {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	}
	if b == 0 {
		return math.NaN()
	}
	return a / b
}

// filled are the points of a series with those that are missing put in: a
// number, the value before (REPEAT), or what lies between the values before and
// after (LINEAR). The last two leave out what has no such neighbours.
func filled(l line, how string, number float64) line {
	known, next := l.points, 0
	l.points = nil
	for at := l.first; at < l.last && l.step > 0; at += l.step {
		for next < len(known) && known[next].at < at {
			next++
		}
		switch {
		case next < len(known) && known[next].at == at:
			l.add(at, known[next].value)
		case how != "REPEAT" && how != "LINEAR":
			l.add(at, number)
		case next > 0 && how == "REPEAT":
			l.add(at, known[next-1].value)
		case next > 0 && next < len(known):
			before, after := known[next-1], known[next]
			share := float64(at-before.at) / float64(after.at-before.at)
			l.add(at, before.value+share*(after.value-before.value))
		}
	}
	return l
}

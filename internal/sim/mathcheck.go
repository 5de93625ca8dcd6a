package sim

import (
	"fmt"
	"strings"
)

// mathKind is one of the three kinds of values in metric math.
type mathKind int

const (
	aNumber mathKind = iota
	aSeries
	aList // of series
)

func (k mathKind) String() string {
	return [...]string{"a number", "a time series", "a list of time series"}[k]
}

// mathType is the kind of a value, and how many series it has.
type mathType struct {
	kind   mathKind
	series int
}

// maxList is how many series a list may have: as many as a request has queries.
const maxList = maxQueries

// checkExpressions parses the expressions among queries, and checks that their
// names and kinds fit: before any data is looked at, as CloudWatch does.
func checkExpressions(queries []metricQuery) *fault {
	c := &mathChecker{queries: queries, byID: map[string]int{}, known: map[int]mathType{}, open: map[int]bool{}}
	for i := range queries {
		q := &queries[i]
		c.byID[q.id] = i
		if q.expression == "" {
			continue
		}
		var err error
		if q.parsed, err = parseExpression(q.expression); err != nil {
			return validation("Error in expression '%s': %s.", q.id, err)
		}
	}
	for i := range queries {
		q := &queries[i]
		t, err := c.query(i)
		if err == nil && t.kind == aNumber {
			err = fmt.Errorf("it is a number; a time series is wanted")
		}
		if err != nil {
			return validation("Error in expression '%s': %s.", q.id, err)
		}
		q.isList = t.kind == aList
	}
	return nil
}

type mathChecker struct {
	queries []metricQuery
	byID    map[string]int
	known   map[int]mathType // of the queries that are checked
	open    map[int]bool     // being checked: who asks for one of them goes in a circle
}

// query is the type of a query's result.
func (c *mathChecker) query(i int) (mathType, error) {
	q := &c.queries[i]
	if q.parsed == nil {
		return mathType{aSeries, 1}, nil
	}
	if t, known := c.known[i]; known {
		return t, nil
	}
	if c.open[i] {
		return mathType{}, fmt.Errorf("it depends on itself")
	}
	c.open[i] = true
	defer delete(c.open, i)
	t, err := c.node(q.parsed)
	if err == nil {
		c.known[i] = t
	}
	return t, err
}

func (c *mathChecker) node(n *mathNode) (mathType, error) {
	switch n.kind {
	case numberNode:
		return mathType{aNumber, 0}, nil
	case idNode:
		i, known := c.byID[n.text]
		if !known {
			return mathType{}, fmt.Errorf("there is no query with the id %q", n.text)
		}
		return c.query(i)
	case callNode:
		return c.call(n)
	}
	var types []mathType
	for _, a := range n.args {
		t, err := c.node(a)
		if err != nil {
			return t, err
		}
		types = append(types, t)
	}
	if n.kind == listNode {
		return listOf(types)
	}
	if len(types) == 1 {
		return types[0], nil
	}
	if types[0].kind == aList && types[1].kind == aList {
		return types[0], fmt.Errorf("the simulated account does not calculate with two lists")
	}
	return mathType{max(types[0].kind, types[1].kind), max(types[0].series, types[1].series)}, nil
}

func listOf(types []mathType) (mathType, error) {
	list := mathType{kind: aList}
	for _, t := range types {
		list.series += t.series
		if t.kind == aNumber {
			return list, fmt.Errorf("a list holds time series, not numbers")
		}
	}
	if list.series > maxList {
		return list, fmt.Errorf("a list has more than %d time series", maxList)
	}
	if len(types) == 0 {
		return list, fmt.Errorf("a list is empty")
	}
	return list, nil
}

// call is the type of what a function gives.
func (c *mathChecker) call(n *mathNode) (mathType, error) {
	if n.text == "METRICS" {
		if len(n.args) > 1 || len(n.args) == 1 && n.args[0].kind != textNode {
			return mathType{}, fmt.Errorf("METRICS takes nothing or a text")
		}
		return mathType{aList, len(metricsNamed(c.queries, n))}, nil
	}
	wanted, known := map[string]int{"SUM": 1, "AVG": 1, "MIN": 1, "MAX": 1, "PERIOD": 1, "FILL": 2}[n.text]
	switch {
	case !known:
		return mathType{}, fmt.Errorf("there is no function %s in the simulated account", n.text)
	case len(n.args) != wanted:
		return mathType{}, fmt.Errorf("%s has %d arguments; it takes %d", n.text, len(n.args), wanted)
	case n.args[0].kind == textNode || n.args[0].kind == wordNode:
		return mathType{}, fmt.Errorf("%s does not take %s", n.text, n.args[0])
	}
	of, err := c.node(n.args[0])
	switch {
	case err != nil:
		return of, err
	case of.kind == aNumber, of.kind == aList && n.text == "PERIOD":
		return of, fmt.Errorf("%s does not take %s", n.text, of.kind)
	case n.text == "FILL":
		return of, c.filling(n.args[1])
	case of.kind == aSeries:
		return mathType{aNumber, 0}, nil
	}
	return mathType{aSeries, 1}, nil
}

// filling checks what FILL puts where a point is missing.
func (c *mathChecker) filling(n *mathNode) error {
	switch n.kind {
	case wordNode:
		return nil
	case textNode:
		return fmt.Errorf("FILL does not take the text %s", n)
	}
	with, err := c.node(n)
	if err == nil && with.kind != aNumber {
		err = fmt.Errorf("FILL with %s is not simulated; take a number, REPEAT or LINEAR", with.kind)
	}
	return err
}

// metricsNamed are the queries that METRICS stands for: those of a metric, with
// the text in their id if there is one.
func metricsNamed(queries []metricQuery, n *mathNode) (found []*metricQuery) {
	for i := range queries {
		q := &queries[i]
		if q.expression == "" && (len(n.args) == 0 || strings.Contains(q.id, n.args[0].text)) {
			found = append(found, q)
		}
	}
	return found
}

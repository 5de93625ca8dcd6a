package sim

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// metricDataInput is a checked GetMetricData request.
type metricDataInput struct {
	queries    []metricQuery
	start, end time.Time
	ascending  bool
	maxPoints  int
	token      string
	scope      string // ties a page token to the request that it continues
}

// metricQuery is one of its queries: a statistic of a metric, or an expression.
type metricQuery struct {
	id, label string
	returned  bool

	selection
	period time.Duration

	expression string    // "": none
	parsed     *mathNode // of the expression
	isList     bool      // the expression is a list of series
}

const (
	maxQueries = 500
	maxPoints  = 100_800
)

var queryIDForm = regexp.MustCompile(`^[a-z][a-zA-Z0-9_]*$`)

// validation is the error that CloudWatch gives for a wrong parameter.
func validation(format string, args ...any) *fault {
	return &fault{http.StatusBadRequest, "ValidationError", fmt.Sprintf(format, args...)}
}

// readMetricData checks a request as CloudWatch does, before it looks for data.
func readMetricData(body object) (*metricDataInput, *fault) {
	f := &fields{object: body}
	in := &metricDataInput{token: f.text("NextToken"), maxPoints: maxPoints}
	var hasStart, hasEnd bool
	in.start, hasStart = f.instant("StartTime")
	in.end, hasEnd = f.instant("EndTime")
	n, limited := f.number("MaxDatapoints")
	scan := f.text("ScanBy")
	queries := f.list("MetricDataQueries")
	in.ascending = scan == "TimestampAscending"
	if limited {
		in.maxPoints = n
	}
	switch {
	case f.bad != nil:
		return nil, f.bad
	case len(queries) == 0:
		return nil, missingParameter("MetricDataQueries")
	case len(queries) > maxQueries:
		return nil, validation("The collection MetricDataQueries must not have a size greater than %d.", maxQueries)
	case !hasStart:
		return nil, missingParameter("StartTime")
	case !hasEnd:
		return nil, missingParameter("EndTime")
	case !in.start.Before(in.end):
		return nil, validation("The parameter StartTime must be less than the parameter EndTime.")
	case in.maxPoints < 1 || in.maxPoints > maxPoints:
		return nil, validation("The parameter MaxDatapoints must be between 1 and %d.", maxPoints)
	case scan != "" && scan != "TimestampAscending" && scan != "TimestampDescending":
		return nil, validation("The parameter ScanBy must be TimestampAscending or TimestampDescending.")
	}
	var bad *fault
	in.queries, bad = readQueries("MetricDataQueries", queries)
	in.scope = metricDataScope(body)
	return in, bad
}

// metricDataScope is all that a request asks for; the next page may have another
// size.
func metricDataScope(body object) string {
	asked := maps.Clone(body)
	delete(asked, "NextToken")
	delete(asked, "MaxDatapoints")
	return fmt.Sprint("metric data ", asked) // fmt sorts the keys
}

// readQueries checks queries, and that their expressions are understood.
func readQueries(place string, list []object) ([]metricQuery, *fault) {
	queries := make([]metricQuery, len(list))
	seen := map[string]bool{}
	for i, o := range list {
		q, bad := readQuery(fmt.Sprintf("%s.member.%d", place, i+1), o)
		if bad != nil {
			return nil, bad
		}
		if seen[q.id] {
			return nil, validation("The values for parameter id in %s are not unique.", place)
		}
		seen[q.id] = true
		queries[i] = q
	}
	return queries, checkExpressions(queries)
}

// maxExpression is the most characters that an expression may have.
const maxExpression = 2048

func readQuery(place string, o object) (q metricQuery, bad *fault) {
	f := &fields{object: o}
	q = metricQuery{id: f.text("Id"), label: f.text("Label"), expression: f.text("Expression"), returned: true}
	get(f, "ReturnData", &q.returned)
	stat := object{}
	hasStat := get(f, "MetricStat", &stat)
	switch {
	case f.bad != nil:
		return q, f.bad
	case !queryIDForm.MatchString(q.id) || len(q.id) > 255:
		return q, validation("The value %q for parameter %s.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.", q.id, place)
	case hasStat == (q.expression != ""):
		return q, validation("%s must have either Expression or MetricStat, and not both.", place)
	case len(q.expression) > maxExpression:
		return q, validation("%s.Expression has more than %d characters.", place, maxExpression)
	case q.expression != "":
		q.label = orElse(q.label, q.id)
		return q, nil
	}
	return readStat(place+".MetricStat", stat, q)
}

// readStat reads what a query wants to know, and of which metric.
func readStat(place string, o object, q metricQuery) (metricQuery, *fault) {
	f := &fields{object: o}
	m := object{}
	hasMetric := get(f, "Metric", &m)
	seconds, hasPeriod := f.number("Period")
	name, unit := f.text("Stat"), f.text("Unit")
	fm := &fields{object: m}
	metricName, namespace := fm.text("MetricName"), fm.text("Namespace")
	dimensions := fm.list("Dimensions")
	if bad := firstFault(f.bad, fm.bad); bad != nil {
		return q, bad
	}
	var ok bool
	q.selection = selectMetric(namespace, metricName, unit, dimensions)
	q.statistic, ok = statisticOf(name)
	q.distribution = strings.HasPrefix(name, "p")
	switch {
	case !hasMetric || metricName == "":
		return q, validation("The parameter %s.Metric.MetricName is required.", place)
	case !hasPeriod || seconds <= 0 || seconds%60 != 0 || seconds > 86400*365:
		return q, validation("The parameter %s.Period must be a multiple of 60.", place)
	case !ok:
		return q, validation("The value %q for parameter %s.Stat is not supported.", name, place)
	}
	q.period = time.Duration(seconds) * time.Second
	q.label = orElse(q.label, metricName)
	return q, nil
}

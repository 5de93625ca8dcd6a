package sim

import (
	"fmt"
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
}

// metricQuery is one of its queries. Without a modelID it asks for something
// that this account has no data of.
type metricQuery struct {
	id, label    string
	modelID      string
	metric       metric
	statistic    statistic
	period       time.Duration
	returned     bool
	distribution bool // the statistic is a percentile
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
		return nil, &fault{http.StatusBadRequest, "MissingParameter", "The parameter MetricDataQueries is required."}
	case len(queries) > maxQueries:
		return nil, validation("The collection MetricDataQueries must not have a size greater than %d.", maxQueries)
	case !hasStart, !hasEnd:
		return nil, &fault{http.StatusBadRequest, "MissingParameter", "The parameters StartTime and EndTime are required."}
	case !in.start.Before(in.end):
		return nil, validation("The parameter StartTime must be less than the parameter EndTime.")
	case in.maxPoints < 1 || in.maxPoints > maxPoints:
		return nil, validation("The parameter MaxDatapoints must be between 1 and %d.", maxPoints)
	case scan != "" && scan != "TimestampAscending" && scan != "TimestampDescending":
		return nil, validation("The parameter ScanBy must be TimestampAscending or TimestampDescending.")
	}
	seen := map[string]bool{}
	for i, o := range queries {
		q, bad := readQuery(fmt.Sprintf("MetricDataQueries.member.%d", i+1), o)
		if bad != nil {
			return nil, bad
		}
		if seen[q.id] {
			return nil, validation("The values for parameter id in MetricDataQueries are not unique.")
		}
		seen[q.id] = true
		in.queries = append(in.queries, q)
	}
	return in, nil
}

func readQuery(place string, o object) (q metricQuery, bad *fault) {
	f := &fields{object: o}
	q = metricQuery{id: f.text("Id"), label: f.text("Label"), returned: true}
	get(f, "ReturnData", &q.returned)
	stat := object{}
	hasStat := get(f, "MetricStat", &stat)
	expression := f.text("Expression")
	switch {
	case f.bad != nil:
		return q, f.bad
	case !queryIDForm.MatchString(q.id):
		return q, validation("The value %q for parameter %s.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.", q.id, place)
	case hasStat == (expression != ""):
		return q, validation("%s must have either Expression or MetricStat, and not both.", place)
	case expression != "":
		return q, validation("%s.Expression: the simulated account does not evaluate expressions.", place)
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
	for i, known := range metricNames {
		if namespace == "AWS/Bedrock" && known.name == metricName && (unit == "" || unit == known.unit) {
			q.metric = metric(i)
			q.modelID = onlyModelID(dimensions)
		}
	}
	return q, nil
}

// onlyModelID is the model id of dimensions that are exactly {ModelId}, or "":
// CloudWatch finds a metric by all of its dimensions, never by some.
func onlyModelID(dimensions []object) string {
	if len(dimensions) != 1 {
		return ""
	}
	f := &fields{object: dimensions[0]}
	if f.text("Name") != "ModelId" {
		return ""
	}
	return f.text("Value")
}

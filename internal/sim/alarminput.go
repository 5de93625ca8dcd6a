package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const insufficientData = "INSUFFICIENT_DATA"

var comparisons = []string{
	"GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold",
}

// alarmReader copies the members of PutMetricAlarm to what DescribeAlarms shows,
// each in its type: the two have the same names.
type alarmReader struct {
	fields
	shown object
}

func (r *alarmReader) copyText(names ...string) {
	for _, name := range names {
		if v := r.text(name); v != "" {
			r.shown[name] = v
		}
	}
}

func (r *alarmReader) copyNumber(names ...string) {
	for _, name := range names {
		if v, ok := r.number(name); ok {
			r.shown[name] = v
		}
	}
}

// readAlarm checks an alarm as CloudWatch does. Anomaly detection and PromQL are
// refused: they are not simulated.
func readAlarm(body object, arn func(name string) string, now time.Time) (*alarm, *fault) {
	r := &alarmReader{fields: fields{object: body}, shown: object{}}
	r.copyText("AlarmName", "AlarmDescription", "MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Unit",
		"ComparisonOperator", "TreatMissingData", "EvaluateLowSampleCountPercentile")
	r.copyNumber("Period", "EvaluationPeriods", "DatapointsToAlarm")
	a := &alarm{name: r.text("AlarmName"), shown: r.shown, tags: []any{}}
	for _, kind := range []string{"OKActions", "AlarmActions", "InsufficientDataActions"} {
		list := []any{}
		for _, action := range r.texts(kind) {
			list, a.actions = append(list, action), append(a.actions, action)
		}
		r.shown[kind] = list
	}
	enabled := true
	get(&r.fields, "ActionsEnabled", &enabled)
	r.shown["ActionsEnabled"] = enabled
	var threshold float64
	hasThreshold := get(&r.fields, "Threshold", &threshold)
	if hasThreshold {
		r.shown["Threshold"] = threshold
	}
	dimensions, bad := namedTexts(&r.fields, "Dimensions", "Name", "Value")
	r.shown["Dimensions"] = dimensions
	tags, badTags := readTags(&r.fields)
	a.tags = append(a.tags, tags...)
	a.rule, a.checked = &alarmRule{threshold: threshold, comparison: r.text("ComparisonOperator"), missing: r.text("TreatMissingData")}, minuteOf(now)
	queries := r.list("Metrics")
	metrics, badMetrics := readAlarmMetrics(queries, a.rule)
	if len(queries) > 0 {
		r.shown["Metrics"] = metrics
	}
	if bad := firstFault(r.bad, bad, badTags, checkAlarm(r, hasThreshold, len(queries) > 0), badMetrics); bad != nil {
		return nil, bad
	}
	for _, unset := range []string{"ThresholdMetricId", "EvaluationCriteria", "EvaluationInterval"} {
		if _, ok := body[unset]; ok {
			return nil, validation("%s is not simulated: give the alarm a Threshold.", unset)
		}
	}
	a.rule.complete(r)
	if longest := longestEvaluation(a.rule.step * 60); int64(a.rule.periods) > longest/(a.rule.step*60) {
		return nil, validation("Metrics can not be checked across more than %d seconds (EvaluationPeriods * Period).", longest)
	}
	r.shown["AlarmArn"] = arn(a.name)
	r.shown["StateValue"] = insufficientData
	r.shown["StateReason"] = "Unchecked: Initial alarm creation"
	for _, name := range []string{"AlarmConfigurationUpdatedTimestamp", "StateUpdatedTimestamp", "StateTransitionedTimestamp"} {
		r.shown[name] = now
	}
	return a, nil
}

// checkAlarm checks the members that are single values.
func checkAlarm(r *alarmReader, hasThreshold, hasMetrics bool) *fault {
	name, comparison, missingData := r.text("AlarmName"), r.text("ComparisonOperator"), r.text("TreatMissingData")
	evaluated, hasEvaluated := r.number("EvaluationPeriods")
	needed, hasNeeded := r.number("DatapointsToAlarm")
	single := r.text("MetricName") != ""
	switch {
	case name == "":
		return missingParameter("AlarmName")
	case len(name) > 255:
		return validation("The parameter AlarmName has more than 255 characters.")
	case !hasEvaluated:
		return missingParameter("EvaluationPeriods")
	case evaluated < 1:
		return validation("The parameter EvaluationPeriods must be at least 1.")
	case hasNeeded && (needed < 1 || needed > evaluated):
		return validation("The parameter DatapointsToAlarm must be between 1 and EvaluationPeriods.")
	case comparison == "":
		return missingParameter("ComparisonOperator")
	case !slices.Contains(comparisons, comparison):
		return validation("The value %q for parameter ComparisonOperator is not one of %s.", comparison, strings.Join(comparisons, ", "))
	case !hasThreshold:
		return missingParameter("Threshold")
	case missingData != "" && !slices.Contains([]string{"breaching", "notBreaching", "ignore", "missing"}, missingData):
		return validation("The value %q for parameter TreatMissingData is not one of breaching, notBreaching, ignore, missing.", missingData)
	case single == hasMetrics:
		return validation("An alarm has either MetricName or Metrics, and not both.")
	case single:
		return checkAlarmMetric(r, evaluated)
	}
	for _, alone := range []string{"Namespace", "Statistic", "ExtendedStatistic", "Period", "Unit"} {
		if _, ok := r.object[alone]; ok {
			return validation("%s can not be used together with Metrics.", alone)
		}
	}
	return nil
}

// longestEvaluation is how many seconds the periods of an alarm may have together.
func longestEvaluation(period int64) int64 {
	if period >= 60*60 {
		return 7 * 24 * 60 * 60
	}
	return 24 * 60 * 60
}

// checkAlarmMetric checks what an alarm on one metric has of its own.
func checkAlarmMetric(r *alarmReader, evaluated int) *fault {
	plain, extended := r.text("Statistic"), r.text("ExtendedStatistic")
	period, hasPeriod := r.number("Period")
	longest := int(longestEvaluation(int64(period)))
	switch {
	case r.text("Namespace") == "":
		return missingParameter("Namespace")
	case !hasPeriod:
		return missingParameter("Period")
	case period != 10 && period != 20 && period != 30 && (period <= 0 || period%60 != 0):
		return validation("The parameter Period must be 10, 20, 30 or a multiple of 60.")
	case evaluated > longest/period:
		return validation("Metrics can not be checked across more than %d seconds (EvaluationPeriods * Period).", longest)
	case (plain == "") == (extended == ""):
		return validation("An alarm has either Statistic or ExtendedStatistic, and not both.")
	case plain != "":
		return checkStatistics([]string{plain}, nil)
	}
	return checkStatistics(nil, []string{extended})
}

// namedTexts reads a list of pairs of texts.
func namedTexts(f *fields, list, name, value string) ([]any, *fault) {
	pairs := []any{}
	for _, o := range f.list(list) {
		one := &fields{object: o}
		n, v := one.text(name), one.text(value)
		if one.bad != nil {
			return nil, one.bad
		}
		if n == "" {
			return nil, missingParameter(fmt.Sprintf("%s.member.N.%s", list, name))
		}
		pairs = append(pairs, object{name: n, value: v})
	}
	return pairs, nil
}

// complete fills in what a checked alarm watches, where that is one metric, and
// for how long.
func (rule *alarmRule) complete(r *alarmReader) {
	rule.periods, _ = r.number("EvaluationPeriods")
	rule.needed = rule.periods
	if needed, ok := r.number("DatapointsToAlarm"); ok {
		rule.needed = needed
	}
	if name := r.text("MetricName"); name != "" {
		seconds, _ := r.number("Period")
		q := metricQuery{id: "m", selection: selectMetric(r.text("Namespace"), name, r.text("Unit"), r.list("Dimensions")), period: time.Duration(seconds) * time.Second}
		q.statistic, _ = statisticOf(orElse(r.text("Statistic"), r.text("ExtendedStatistic")))
		q.distribution = r.text("ExtendedStatistic") != ""
		rule.queries = []metricQuery{q}
	}
	rule.step = 1 // a period of seconds has the points of the minute that it is in
	for _, q := range rule.queries {
		rule.step = max(rule.step, int64(q.period/time.Minute))
	}
}

// The most metrics and the most expressions that an alarm may have. Source:
// MetricDataQuery in the API reference.
const maxAlarmMetrics, maxAlarmExpressions = 10, 10

// readAlarmMetrics checks the queries of an alarm, and copies them. Exactly one
// of them is what the alarm watches: the one that returns data.
func readAlarmMetrics(list []object, rule *alarmRule) ([]any, *fault) {
	if len(list) == 0 {
		return nil, nil
	}
	queries, bad := readQueries("Metrics", list)
	if bad != nil {
		return nil, bad
	}
	rule.queries = queries
	shown, returned, expressions := []any{}, 0, 0
	for i, q := range queries {
		if q.returned {
			returned, rule.watched = returned+1, i
		}
		if q.expression != "" {
			expressions++
		}
		if q.isList {
			return nil, validation("The expression %s must return a single time series.", q.id)
		}
		f := &fields{object: list[i]}
		o := object{"Id": q.id, "ReturnData": q.returned}
		for _, name := range []string{"Expression", "Label"} {
			if v := f.text(name); v != "" {
				o[name] = v
			}
		}
		if q.expression == "" {
			if o["MetricStat"], bad = shownStat(f); bad != nil {
				return nil, bad
			}
		} else if period, ok := f.number("Period"); ok {
			o["Period"] = period
		}
		shown = append(shown, o)
	}
	switch {
	case returned != 1:
		return nil, validation("Exactly one element of Metrics returns data; here %d do.", returned)
	case len(queries)-expressions > maxAlarmMetrics:
		return nil, validation("An alarm can not have more than %d metrics.", maxAlarmMetrics)
	case expressions > maxAlarmExpressions:
		return nil, validation("An alarm can not have more than %d expressions.", maxAlarmExpressions)
	}
	return shown, nil
}

// shownStat copies the MetricStat of a query, which was found in order.
func shownStat(query *fields) (object, *fault) {
	var stat, metric object
	get(query, "MetricStat", &stat)
	f := &fields{object: stat}
	get(f, "Metric", &metric)
	m := &fields{object: metric}
	period, _ := f.number("Period")
	dimensions, bad := namedTexts(m, "Dimensions", "Name", "Value")
	o := object{
		"Period": period, "Stat": f.text("Stat"),
		"Metric": object{"Namespace": m.text("Namespace"), "MetricName": m.text("MetricName"), "Dimensions": dimensions},
	}
	if unit := f.text("Unit"); unit != "" {
		o["Unit"] = unit
	}
	return o, bad
}

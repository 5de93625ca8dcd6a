package sim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxStatisticsPoints is the most points that GetMetricStatistics gives.
const maxStatisticsPoints = 1440

// statisticsInput is a checked GetMetricStatistics request.
type statisticsInput struct {
	name       string
	selection  selection
	start, end time.Time
	period     time.Duration
	plain      []string // Statistics
	extended   []string // ExtendedStatistics: percentiles
}

// getMetricStatistics reads several statistics of one metric. As CloudWatch
// does, it gives the points in no order: who wants one sorts them.
func (s *Server) getMetricStatistics(c *call) {
	body, bad := c.decode()
	var in *statisticsInput
	if bad == nil {
		in, bad = readStatistics(body)
	}
	if bad != nil {
		c.fail(bad)
		return
	}
	now := time.Now()
	over := spanOf(in.start, in.end, in.period, now, visibleUntil(now, s.account.metricsDelay))
	points := []any{}
	for from, f := range s.folds(in.selection, int64(in.period/time.Minute), over) {
		o := object{"Timestamp": time.Unix(from*60, 0).UTC(), "Unit": metricNames[in.selection.metric].unit}
		for _, name := range in.plain {
			stat, _ := statisticOf(name)
			o[name] = stat(f)
		}
		extended := table{}
		for _, name := range in.extended {
			stat, _ := statisticOf(name)
			extended[name] = stat(f)
		}
		if len(extended) > 0 {
			o["ExtendedStatistics"] = extended
		}
		points = append(points, o)
	}
	slices.SortFunc(points, func(a, b any) int {
		return cmp.Compare(mix(uint64(a.(object)["Timestamp"].(time.Time).Unix())), mix(uint64(b.(object)["Timestamp"].(time.Time).Unix())))
	})
	c.reply(object{"Label": in.name, "Datapoints": points})
}

// readStatistics checks a request as CloudWatch does, before it looks for data.
func readStatistics(body object) (*statisticsInput, *fault) {
	f := &fields{object: body}
	in := &statisticsInput{name: f.text("MetricName"), plain: f.texts("Statistics"), extended: f.texts("ExtendedStatistics")}
	namespace, unit := f.text("Namespace"), f.text("Unit")
	dimensions := f.list("Dimensions")
	seconds, hasPeriod := f.number("Period")
	var hasStart, hasEnd bool
	in.start, hasStart = f.instant("StartTime")
	in.end, hasEnd = f.instant("EndTime")
	in.period = time.Duration(seconds) * time.Second
	switch {
	case f.bad != nil:
		return nil, f.bad
	case namespace == "":
		return nil, missingParameter("Namespace")
	case in.name == "":
		return nil, missingParameter("MetricName")
	case !hasStart:
		return nil, missingParameter("StartTime")
	case !hasEnd:
		return nil, missingParameter("EndTime")
	case !hasPeriod:
		return nil, missingParameter("Period")
	case seconds <= 0 || seconds%60 != 0:
		return nil, badValue("The parameter Period must be a multiple of 60.")
	case !in.start.Before(in.end):
		return nil, badValue("The parameter StartTime must be less than the parameter EndTime.")
	case len(in.plain) == 0 && len(in.extended) == 0:
		return nil, missingParameter("Statistics or ExtendedStatistics")
	case len(in.plain) > 0 && len(in.extended) > 0:
		return nil, badCombination("The parameters Statistics and ExtendedStatistics can not be used together.")
	case len(in.plain) > 5:
		return nil, badValue("The collection Statistics must not have a size greater than 5.")
	case len(in.extended) > 10:
		return nil, badValue("The collection ExtendedStatistics must not have a size greater than 10.")
	}
	if bad := checkStatistics(in.plain, in.extended); bad != nil {
		return nil, bad
	}
	if n := int64((in.end.Sub(in.start)-1)/in.period) + 1; n > maxStatisticsPoints {
		return nil, badCombination("You have requested up to %s datapoints, which exceeds the limit of 1,440. "+
			"You may reduce the datapoints requested by increasing Period, or decreasing the time range.", strconv.FormatInt(n, 10))
	}
	in.selection = selectMetric(namespace, in.name, unit, dimensions)
	in.selection.distribution = len(in.extended) > 0
	return in, nil
}

// checkStatistics checks that each name stands in the list for its kind.
func checkStatistics(plain, extended []string) *fault {
	for _, name := range plain {
		if _, ok := statisticOf(name); !ok || strings.HasPrefix(name, "p") {
			return badValue("The value %s for the parameter Statistics is not one of Sum, Average, Minimum, Maximum, SampleCount.", name)
		}
	}
	for _, name := range extended {
		if _, ok := statisticOf(name); !ok || !strings.HasPrefix(name, "p") {
			return badValue("The value %s for the parameter ExtendedStatistics is not a percentile from p0 to p100.", name)
		}
	}
	return nil
}

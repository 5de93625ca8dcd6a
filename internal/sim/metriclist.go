package sim

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// The ages that ListMetrics knows: CloudWatch forgets what was silent for two
// weeks, and RecentlyActive asks for the last three hours.
const (
	forgottenAfter = 14 * 24 * time.Hour
	recently       = 3 * time.Hour
)

// maxListedMetrics is the size of a page of ListMetrics.
const maxListedMetrics = 500

// listMetrics lists the metrics that have data, by name and dimensions. A new one
// is listed when its first minute is visible; CloudWatch may take 15 minutes.
func (s *Server) listMetrics(c *call) {
	body, bad := c.decode()
	f := &fields{object: body}
	namespace, name, token := f.text("Namespace"), f.text("MetricName"), f.text("NextToken")
	active := f.text("RecentlyActive")
	filters := f.list("Dimensions")
	dimensions, badFilter := readFilters(filters)
	switch {
	case bad != nil:
	case f.bad != nil:
		bad = f.bad
	case badFilter != nil:
		bad = badFilter
	case active != "" && active != "PT3H":
		bad = badValue("The value %s for the parameter RecentlyActive is not PT3H.", active)
	}
	if bad != nil {
		c.fail(bad)
		return
	}
	now := time.Now()
	until := visibleUntil(now, s.account.metricsDelay)
	var listed []any
	for _, of := range s.recordedSeries() {
		if !of.matches(dimensions) || namespace != "" && namespace != "AWS/Bedrock" {
			continue
		}
		named := []any{}
		for _, d := range of.dimensions() {
			named = append(named, object{"Name": d.name, "Value": d.value})
		}
		for m, known := range metricNames {
			if name != "" && known.name != name || !s.hasData(selection{series: of, metric: metric(m)}, now, until, active != "") {
				continue
			}
			listed = append(listed, object{"Namespace": "AWS/Bedrock", "MetricName": known.name, "Dimensions": named})
		}
	}
	rows, next, ok := page(listed, maxListedMetrics, fmt.Sprintf("list-metrics %q %q %q %q", namespace, name, active, dimensions), token)
	if !ok {
		c.fail(badValue("The parameter NextToken is not valid."))
		return
	}
	out := object{"Metrics": append([]any{}, rows...)}
	if next != "" {
		out["NextToken"] = next
	}
	c.reply(out)
}

// readFilters reads dimension filters: each a name, with a value or for any.
func readFilters(filters []object) (all []dimension, bad *fault) {
	if len(filters) > 10 {
		return nil, badValue("The collection Dimensions must not have a size greater than 10.")
	}
	for _, filter := range filters {
		f := &fields{object: filter}
		d := dimension{f.text("Name"), f.text("Value")}
		switch {
		case f.bad != nil:
			return nil, f.bad
		case d.name == "":
			return nil, missingParameter("Dimensions.member.N.Name")
		}
		all = append(all, d)
	}
	return all, nil
}

// recordedSeries are the series that may have data, in order.
func (s *Server) recordedSeries() []series {
	s.mu.Lock()
	all := slices.Collect(maps.Keys(s.metrics))
	s.mu.Unlock()
	for modelID := range s.background { // never changed after New
		all = append(all, series{modelID: modelID})
	}
	slices.SortFunc(all, series.compare)
	return slices.Compact(all)
}

// hasData looks for a sample in the last three hours, and where that is not
// enough in those before, back to what CloudWatch forgets.
func (s *Server) hasData(sel selection, now time.Time, until int64, onlyRecent bool) bool {
	oldest, recent := minuteOf(now.Add(-forgottenAfter)), minuteOf(now.Add(-recently))
	has := func(first, last int64) bool {
		for range s.folds(sel, last-first, minuteSpan{first, last, until}) {
			return true
		}
		return false
	}
	if found := has(recent, until); found || onlyRecent {
		return found
	}
	const step = 24 * 60
	for last := recent; last > oldest; last -= step {
		if has(max(oldest, last-step), last) {
			return true
		}
	}
	return false
}

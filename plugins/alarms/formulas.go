package alarms

import (
	"fmt"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
)

// maxMetrics is the most metrics that an alarm may read, which CloudWatch does
// not raise. Source: "Alarm limits" in the user guide of CloudWatch.
const maxMetrics = 10

// formula is a way to add up the usage of a quota.
type formula struct {
	metrics   []string
	optimized bool   // also of the series of calls at optimized latency
	unseen    string // what it leaves out; "" where nothing
}

// Whoever was throttled wanted the quota, and whether failed calls take from it is
// not documented: an alarm had better be early.
var (
	attempts = []string{record.MetricInvocations, record.MetricThrottles, record.MetricClientErrors, record.MetricServerErrors}
	tokens   = []string{record.MetricInputTokens, record.MetricCacheWrites, record.MetricOutputTokens}
)

const noOptimized = "calls at optimized latency"

// formulas are by dimension, the most complete first. The first that keeps to
// maxMetrics is taken: the more ids share a quota, the leaner.
var formulas = map[string][]formula{
	quotas.RPM: {
		{attempts, true, ""},
		{attempts, false, noOptimized},
		{attempts[:2], false, "failed calls and " + noOptimized},
		{attempts[:1], false, "throttled and failed calls and " + noOptimized},
	},
	quotas.TPM: byTokens,
	quotas.TPD: byTokens,
}

var byTokens = []formula{
	{tokens, true, ""},
	{tokens, false, noOptimized},
	{[]string{record.MetricQuotaTokens}, true, "what AWS does not count as " + record.MetricQuotaTokens},
	{[]string{record.MetricQuotaTokens}, false, noOptimized + " and what AWS does not count as " + record.MetricQuotaTokens},
}

var throttled = []formula{
	{attempts[1:2], true, ""},
	{attempts[1:2], false, noOptimized},
}

// of are the series that the formula reads. Where the quota is of optimized
// latency alone, so are they.
func (f formula) of(series []string, optimizedOnly bool) (out []string) {
	for _, s := range series {
		if optimized := quotas.IsOptimizedSeries(s); optimized && f.optimized || !optimized && !optimizedOnly {
			out = append(out, s)
		}
	}
	return out
}

// chosen is a formula with the series that it reads.
type chosen struct {
	formula
	series []string
}

// choose takes the first formula that an alarm has room for; nil where none is.
func choose(all []formula, series []string, optimizedOnly bool) *chosen {
	for _, f := range all {
		of := f.of(series, optimizedOnly)
		if n := len(of) * len(f.metrics); n > 0 && n <= maxMetrics {
			return &chosen{f, of}
		}
	}
	return nil
}

func tooMany(series []string) string {
	n := 0
	for _, s := range series {
		if !quotas.IsOptimizedSeries(s) {
			n++
		}
	}
	return fmt.Sprintf("%d ids share it, and an alarm reads %d metrics at most; send them as one metric of your own, or watch them with `loadline monitor`", n, maxMetrics)
}

// over is the formula for a group: the inputs, and the expression that adds them
// up.
//
// A counter that is silent has no points. What a sum of series does where one of
// them has none is not documented, so each is filled with 0 first. Output is
// multiplied in an expression of its own, since nothing says that one may stand
// in a list.
func (f *chosen) over(g *group, period time.Duration) (queries []plugins.AlarmQuery, sum string) {
	var terms []string
	var times []plugins.AlarmQuery
	for _, series := range f.series {
		for _, metric := range f.metrics {
			q := plugins.AlarmQuery{ID: fmt.Sprintf("m%d", len(queries)+1), Metric: metric, ModelID: series, Period: period}
			queries = append(queries, q)
			if metric == record.MetricOutputTokens && g.burndown != 1 {
				x := plugins.AlarmQuery{ID: fmt.Sprintf("x%d", len(times)+1), Expression: q.ID + "*" + digits(&g.burndown)}
				times = append(times, x)
				q = x
			}
			terms = append(terms, q.ID)
		}
	}
	return append(queries, times...), "SUM(FILL([" + strings.Join(terms, ",") + "],0))"
}

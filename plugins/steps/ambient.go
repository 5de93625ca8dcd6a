package steps

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

const (
	// ambientMinutes is of how many minutes the busiest one counts. They end with
	// the last one that CloudWatch told anything of: it may be minutes late.
	ambientMinutes = 10
	// ambientReach is how many minutes are read: one of which nothing was told for
	// so long is taken for idle.
	ambientReach = 60
	// ambientAge is how far back minutes are looked for: as long as CloudWatch
	// keeps them.
	ambientAge = 14 * 24 * time.Hour
)

// ambientMetrics are what is read of each id. An attempt is one of the first
// four, throttled or not: whoever was throttled wanted the quota.
var ambientMetrics = []string{
	record.MetricInvocations, record.MetricThrottles, record.MetricClientErrors, record.MetricServerErrors,
	record.MetricInputTokens, record.MetricOutputTokens, record.MetricCacheWrites, record.MetricQuotaTokens,
}

const attemptMetrics = 4 // of these

// quietMinutes are the last whole minutes in which no load step of this run was
// under way, the newest first.
func quietMinutes(now time.Time, ran []record.Step) (out []time.Time) {
	at := now.UTC().Truncate(time.Minute)
	oldest := at.Add(-ambientAge)
	for len(out) < ambientReach && at.After(oldest) {
		at = at.Add(-time.Minute)
		own := func(s record.Step) bool {
			return s.Kind == record.KindLoad && s.Started.Before(at.Add(time.Minute)) && !s.Ended.Before(at)
		}
		if !slices.ContainsFunc(ran, own) {
			out = append(out, at)
		}
	}
	return out
}

// use is what CloudWatch told of a model in the minutes read, by minute. A
// minute of which nothing was told is absent.
type use struct {
	attempts, input, output, written, estimated map[time.Time]float64
}

// useOf adds up the points of some ids, of minutes that are counted from start.
func useOf(points []plugins.Points, ids []string, start time.Time) use {
	u := use{map[time.Time]float64{}, map[time.Time]float64{}, map[time.Time]float64{}, map[time.Time]float64{}, map[time.Time]float64{}}
	for _, p := range points {
		if !slices.Contains(ids, p.Dimension(plugins.DimensionModel)) {
			continue
		}
		to := u.estimated
		switch {
		case slices.Contains(ambientMetrics[:attemptMetrics], p.Metric):
			to = u.attempts
		case p.Metric == record.MetricInputTokens:
			to = u.input
		case p.Metric == record.MetricOutputTokens:
			to = u.output
		case p.Metric == record.MetricCacheWrites:
			to = u.written
		}
		for i, v := range p.Values {
			if v != nil && *v >= 0 && !math.IsInf(*v, 1) {
				to[start.Add(time.Duration(i)*time.Minute)] += *v
			}
		}
	}
	return u
}

// tokens are the quota tokens of a minute; not known where none were told.
func (u use) tokens(at time.Time, burndown float64) (float64, bool) {
	input, a := u.input[at]
	output, b := u.output[at]
	written, c := u.written[at]
	estimated, d := u.estimated[at]
	return max(input+written+output*burndown, estimated), a || b || c || d
}

// busiest fills in the highest use of one minute, of the newest minutes up to
// the last that was told.
func (u use) busiest(a *record.Ambient, minutes []time.Time, burndown float64) {
	told := func(at time.Time) bool { _, ok := u.attempts[at]; return ok }
	newest := slices.IndexFunc(minutes, told)
	if newest < 0 {
		return
	}
	for _, at := range minutes[newest:min(newest+ambientMinutes, len(minutes))] {
		if !told(at) {
			continue
		}
		a.Minutes++
		a.RPM = higher(a.RPM, u.attempts[at])
		if tokens, known := u.tokens(at, burndown); known {
			a.TPM = higher(a.TPM, tokens)
		}
	}
}

func higher(a *float64, b float64) *float64 {
	if a == nil || b > *a {
		return &b
	}
	return a
}

// readAmbient reads how much others use of the quotas of each target. notes
// tell what of it is not known.
func readAmbient(ctx context.Context, env *plugins.Env, targets []target, now time.Time) (out []record.Ambient, notes []string, err error) {
	catalog, err := env.AWS.Catalog(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read which ids share the quotas, for leave: %w", err)
	}
	for _, note := range catalog.Notes {
		notes = append(notes, record.CleanLine("leave may miss ids that share the quotas: "+note))
	}
	reach := reachOf(catalog)
	var ids []string
	for _, t := range targets {
		a := record.Ambient{Model: t.Name}
		for _, s := range sharing(t.ID, catalog, reach) {
			a.IDs = append(a.IDs, s.id)
		}
		ids = append(ids, a.IDs...)
		out = append(out, a)
	}
	slices.Sort(ids)
	minutes := quietMinutes(now, env.Ran)
	if len(minutes) == 0 {
		return nil, nil, fmt.Errorf("this run has sent calls for as long as CloudWatch keeps minutes, so what others use is not known")
	}
	w := record.Window{Start: minutes[len(minutes)-1], End: minutes[0].Add(time.Minute), Period: record.Duration(time.Minute)}
	points, err := env.AWS.Measure(ctx, sumsOf(slices.Compact(ids), ambientMetrics), w)
	if err != nil {
		return nil, nil, fmt.Errorf("read what others use, for leave: %w", err)
	}
	for i, t := range targets {
		useOf(points, out[i].IDs, w.Start).busiest(&out[i], minutes, t.Tariff.Burndown)
		for k, id := range out[i].IDs {
			out[i].IDs[k] = record.CleanLine(id)
		}
	}
	return out, notes, nil
}

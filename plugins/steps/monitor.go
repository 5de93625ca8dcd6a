package steps

import (
	"context"
	"fmt"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// CloudWatch keeps points of one minute for 15 days, of five minutes for 63
// days, of one hour for 455 days; a shorter period over older time answers
// with nothing, and no error. Source: CloudWatch concepts, metrics retention.
var retention = []struct {
	age    time.Duration
	period time.Duration
}{
	{15 * 24 * time.Hour, time.Minute},
	{63 * 24 * time.Hour, 5 * time.Minute},
	{455 * 24 * time.Hour, time.Hour},
}

const maxWindow = 455 * 24 * time.Hour

// Monitor reads what CloudWatch knows of the models.
var Monitor = plugins.StepKind{
	Name:    record.KindMonitor,
	Doc:     "Reads invocations, throttles, errors and tokens of the models from CloudWatch, over a window that ends now. A period without a point stays a gap.",
	Example: "{window: 24h, period: 5m}",
	Type:    monitorType,
	Bind:    bindReconcile,
}

var monitorType = scenarios.Object(
	scenarios.Key{Name: "models", Doc: "The models to read; all if left out.", Type: scenarios.List(scenarios.ModelRef(), 1, 1000), Example: "[sonnet]"},
	scenarios.Key{Name: "window", Doc: "How far back to read, at most 455 days.", Type: scenarios.Duration(time.Minute, maxWindow), Default: "24h"},
	scenarios.Key{Name: "period", Doc: "Width of a point, in whole minutes. If left out: one minute up to 3 hours, five minutes up to a day, an hour beyond.", Type: scenarios.Duration(time.Minute, 24*time.Hour), Example: "5m"},
	reconcileKey, settleKey,
)

type monitor struct {
	models         []plugins.Model
	window, period time.Duration
}

func bindMonitor(b *plugins.Binding, s scenarios.Step) plugins.Step {
	m := monitor{models: b.Select(s.Body.Get("models")), window: monitorType.Get(s.Body, "window").Duration(), period: s.Body.Get("period").Duration()}
	written := s.Body.Get("period")
	if written == nil {
		m.period = defaultPeriod(m.window)
		return m
	}
	problem := func(message, hint string) {
		b.Problem(scenarios.Problem{Pos: written.Pos(), Width: len([]rune(written.Text())), Code: "bad-period", Message: message, Hint: hint})
	}
	if m.period%time.Minute != 0 {
		problem("the period is not in whole minutes", "AWS/Bedrock has one point a minute: write 1m, 5m or 1h")
		return m
	}
	if least := leastPeriod(m.window); m.period%least != 0 {
		problem(fmt.Sprintf("CloudWatch keeps no points of %s over %s: it would answer with nothing", written.Text(), m.window),
			fmt.Sprintf("use a multiple of %s, or a shorter window", least))
	}
	if m.period > m.window {
		problem("the period is longer than the window", "shorten the period, or lengthen the window")
	}
	return m
}

// leastPeriod is the shortest period that CloudWatch still has for a window.
func leastPeriod(window time.Duration) time.Duration {
	for _, r := range retention {
		if window <= r.age {
			return r.period
		}
	}
	return time.Hour
}

// defaultPeriod is the width of a point where the scenario says none.
func defaultPeriod(window time.Duration) time.Duration {
	p := time.Hour
	switch {
	case window <= 3*time.Hour:
		p = time.Minute
	case window <= 24*time.Hour:
		p = 5 * time.Minute
	}
	return max(p, leastPeriod(window))
}

func (m monitor) Estimate() plugins.Estimate {
	return plugins.Estimate{Reads: []string{"cloudwatch:GetMetricData"}}
}

// windowAt is the window of the given length that ends at now, rounded outward
// to whole periods, so that the running minute is in it.
func windowAt(now time.Time, window, period time.Duration) record.Window {
	end := now.UTC().Truncate(period)
	if end.Before(now) {
		end = end.Add(period)
	}
	start := now.UTC().Add(-window).Truncate(period)
	return record.Window{Start: start, End: end, Period: record.Duration(period)}
}

func (m monitor) Run(ctx context.Context, env *plugins.Env) (plugins.Result, error) {
	return m.over(ctx, env, windowAt(time.Now(), m.window, m.period))
}

// over reads a window.
func (m monitor) over(ctx context.Context, env *plugins.Env, w record.Window) (plugins.Result, error) {
	traffic, err := readTraffic(ctx, env.AWS, m.models, w)
	if err != nil {
		return plugins.Result{}, err
	}
	out := plugins.Result{Step: record.Step{Window: &w}, Values: map[string]record.Values{}}
	total := record.NewTraffic(w)
	for _, model := range m.models {
		t := traffic[model.Name]
		out.Values[model.Name] = t.Values()
		out.Series = append(out.Series, t.Series("", model.Name)...)
		total.Add(t)
	}
	out.Totals = total.Values()
	return out, nil
}

// readTraffic reads a window of CloudWatch for models, by their names.
func readTraffic(ctx context.Context, aws plugins.AWS, models []plugins.Model, w record.Window) (map[string]*record.Traffic, error) {
	var ids []string
	out := map[string]*record.Traffic{}
	for _, m := range models {
		ids = append(ids, m.ID)
		out[m.Name] = record.NewTraffic(w)
	}
	points, err := aws.Sums(ctx, ids, record.CloudWatchMetrics, w)
	if err != nil {
		return nil, fmt.Errorf("read CloudWatch: %w", err)
	}
	for _, p := range points {
		for _, m := range models {
			if m.ID != p.ModelID {
				continue
			}
			for i, at := range p.Times {
				out[m.Name].Set(p.Metric, at, p.Values[i])
			}
		}
	}
	return out, nil
}

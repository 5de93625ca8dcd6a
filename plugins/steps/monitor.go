package steps

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// Monitor reads what CloudWatch knows of the models.
var Monitor = plugins.StepKind{
	Name:    record.KindMonitor,
	Doc:     "Reads from CloudWatch what the quotas of the models were used for over a window: calls by the model's own id, and by all other ids that take from the same quotas; and how long its own calls took. A period without a point stays a gap.",
	Example: "{window: 24h, period: 5m}",
	Type:    monitorType,
	Bind:    bindReconcile,
}

var monitorType = scenarios.Object(slices.Concat(
	[]scenarios.Key{{Name: "models", Doc: "The models to read; all if left out.", Type: scenarios.List(scenarios.ModelRef(), 1, 1000), Example: "[sonnet]"}},
	spanKeys,
	[]scenarios.Key{metricsKey, reconcileKey, settleKey},
)...)

type monitor struct {
	models    []plugins.Model
	optimized []bool // of each: calls of the scenario ask for optimized latency
	span      span
	metrics   []chosen
}

func bindMonitor(b *plugins.Binding, s scenarios.Step) plugins.Step {
	now := b.Now
	if now.IsZero() {
		now = time.Now()
	}
	m := monitor{span: bindSpan(b, s.Body, now), metrics: bindMetrics(b, s.Body.Get("metrics"))}
	return m.on(b, b.Select(s.Body.Get("models")))
}

// on is the step on some models.
func (m monitor) on(b *plugins.Binding, models []plugins.Model) monitor {
	m.models, m.optimized = models, nil
	for _, model := range models {
		m.optimized = append(m.optimized, optimizedIn(b, model))
	}
	return m
}

// optimizedIn tells whether a model is asked for optimized latency, by its usual
// request or by that of a load step.
func optimizedIn(b *plugins.Binding, model plugins.Model) bool {
	usual := model.Request.Over(b.Request)
	return askOf(usual).LatencyOptimized || slices.ContainsFunc(b.Steps, func(s scenarios.Step) bool {
		return s.Kind.Value == record.KindLoad && askOf(scenarios.RequestOf(s.Body.Get("request")).Over(usual)).LatencyOptimized &&
			slices.ContainsFunc(b.Select(s.Body.Get("models")), func(m plugins.Model) bool { return m.Name == model.Name })
	})
}

func (m monitor) Estimate() plugins.Estimate {
	return plugins.Estimate{Reads: slices.Concat([]string{"cloudwatch:GetMetricData"}, sharersReads)}
}

// Measures are the metrics that the scenario chose.
func (m monitor) Measures() (names []string) {
	for _, c := range m.metrics {
		names = append(names, c.name)
	}
	return names
}

func (m monitor) Run(ctx context.Context, env *plugins.Env) (plugins.Result, error) {
	w, err := m.span.at(time.Now())
	if err != nil {
		return plugins.Result{}, err
	}
	return m.over(ctx, env, w)
}

// over reads a window.
func (m monitor) over(ctx context.Context, env *plugins.Env, w record.Window) (plugins.Result, error) {
	sharers, err := readSharers(ctx, env.AWS)
	if err != nil {
		return plugins.Result{}, fmt.Errorf("read which ids share the quotas: %w", err)
	}
	var q inquiry
	var usages []usage
	var wanted [][]answers // of each model, the chosen metrics
	for i, model := range m.models {
		u := askUsage(&q, model, sharers.of(model.ID, m.optimized[i]), w)
		usages = append(usages, u)
		wanted = append(wanted, nil)
		for _, c := range m.metrics {
			wanted[i] = append(wanted[i], c.ask(&q, u.shares, w))
		}
	}
	if err := q.read(ctx, env.AWS, w); err != nil {
		return plugins.Result{}, err
	}
	out := plugins.Result{Step: record.Step{Window: &w, Notes: sharers.notes}, Values: map[string]record.Values{}}
	for _, u := range usages {
		name := u.model.Name
		t := u.traffic(&q, w)
		t.Burndown, t.Limits = u.burndown(sharers.catalog), limitsByDimension(env.Models[name])
		fold := t.Fold()
		times := fold.Usage(name)
		times.Parts = u.parts(&q)
		out.Values[name] = fold.Values()
		out.Series = append(out.Series, t.Series("", name)...)
		out.Step.Usage = append(out.Step.Usage, times)
	}
	all := together(usages).traffic(&q, w)
	all.Burndown = commonBurndown(usages, sharers.catalog)
	out.Totals = all.Values()
	for k, c := range m.metrics {
		m.choose(&q, k, c, wanted, &out)
	}
	for _, note := range out.Step.Notes {
		env.Report(plugins.Progress{Note: note})
	}
	return out, nil
}

// choose adds a chosen metric to the result: of each model, and of all together
// where that follows from them.
func (m monitor) choose(q *inquiry, k int, c chosen, wanted [][]answers, out *plugins.Result) {
	silent := true
	add := func(model string, values []*float64) {
		silent = silent && !slices.ContainsFunc(values, func(v *float64) bool { return v != nil })
		w := out.Step.Window
		out.Series = append(out.Series, record.Series{Model: model, Name: c.name, Unit: c.unit, Start: w.Start, Period: w.Period, Values: values})
	}
	var all answers // each once
	for i, model := range m.models {
		values, over := c.read(q, wanted[i][k])
		out.Values[model.Name][c.name] = over
		for _, at := range wanted[i][k].parts {
			if !slices.Contains(all.parts, at) {
				all.parts = append(all.parts, at)
			}
		}
		if c.model != "" {
			add(model.Name, values)
		} else if i == 0 {
			add("", values) // one series for all of them
		}
	}
	all.whole = -1
	if c.model == "" {
		all.whole = wanted[0][k].whole
	}
	_, out.Totals[c.name] = c.read(q, all)
	if silent {
		out.Step.Notes = append(out.Step.Notes, record.CleanLine(fmt.Sprintf("CloudWatch has no point of %s in %s; to a name that does not exist it says the same", c.series.Metric, c.series.Namespace)))
	}
}

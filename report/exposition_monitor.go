package report

import (
	"slices"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/record"
)

const gaugePrefix = "loadline_monitor_"

// MonitorGauges is what `loadline monitor` read: each number of each model under
// its name in run.json, the quotas, and of when they are. What is not known has
// no sample.
func MonitorGauges(r *record.Run) []Gauges {
	where := []Label{{Name: "region", Value: r.Target.Region}, {Name: "account", Value: r.Target.Account}}
	at := func(name, help string, t time.Time) Gauges {
		return Gauges{Name: gaugePrefix + name, Help: help, Samples: []Sample{{Labels: where, Value: float64(t.UnixMilli()) / 1000}}}
	}
	out := []Gauges{at("read_timestamp_seconds", "When CloudWatch was read, in Unix time.", r.Ended)}
	if len(r.Steps) > 0 && r.Steps[0].Window != nil {
		s := r.Steps[0]
		out = append(out, at("window_start_timestamp_seconds", "Where the window begins.", s.Window.Start), at("window_end_timestamp_seconds", "Where the window ends; its last period may be running.", s.Window.End))
	}
	of := func(m record.Model, more ...Label) []Label {
		return slices.Concat([]Label{{Name: "model", Value: m.Name}, {Name: "id", Value: m.ID}}, where, more)
	}
	for _, metric := range record.Metrics {
		if metric.FromTraffic == nil {
			continue
		}
		g := Gauges{Name: gaugePrefix + GaugeName(metric.Name), Help: metric.Doc}
		for _, m := range r.Models {
			if v := m.Steps[record.KindMonitor][metric.Name]; v.Known {
				g.Samples = append(g.Samples, Sample{Labels: of(m), Value: v.Value})
			}
		}
		out = append(out, g)
	}
	// A name that somebody chose is a label: two of them could make one name.
	chosen := Gauges{Name: gaugePrefix + "metric", Help: "A metric that was asked for with --metric, over the window."}
	applied := Gauges{Name: gaugePrefix + "quota_applied", Help: "Applied value of a quota that binds the model."}
	for _, m := range r.Models {
		values := m.Steps[record.KindMonitor]
		for _, name := range values.Names() {
			if short, ok := strings.CutPrefix(name, chosenPrefix); ok && values[name].Known {
				chosen.Samples = append(chosen.Samples, Sample{Labels: of(m, Label{Name: "metric", Value: short}), Value: values[name].Value})
			}
		}
		for _, q := range m.Quotas {
			if q.Applied != nil {
				applied.Samples = append(applied.Samples, Sample{Labels: of(m, Label{Name: "dimension", Value: q.Dimension}, Label{Name: "code", Value: q.Code}), Value: *q.Applied})
			}
		}
	}
	return append(out, chosen, applied)
}

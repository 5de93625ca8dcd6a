package report

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/loadline-dev/loadline/record"
)

// renderOpenMetrics writes the numbers of the record as gauges, in the text form
// of OpenMetrics 1.0: each under its name and in its unit of run.json, those of
// a load step as loadline_load_NAME and of a monitor step as
// loadline_monitor_NAME. Sums over all models have names of their own
// (loadline_load_all_NAME), so that nothing is added twice. What is not known has
// no line.
func renderOpenMetrics(r *record.Run) ([]File, error) {
	var b bytes.Buffer
	for _, g := range slices.Concat(runGauges(r), quotaGauges(r), stepGauges(r), verdictGauges(r)) {
		text := Exposition([]Gauges{g.Gauges})
		if len(text) > 0 && g.unit != "" {
			b.WriteString("# UNIT " + g.Name + " " + g.unit + "\n")
		}
		b.Write(text)
	}
	b.WriteString("# EOF\n")
	return []File{{Path: "openmetrics.txt", Data: b.Bytes()}}, nil
}

// gauges are a metric with its unit, which by the standard is the last word of
// its name; "" where the name ends with another.
type gauges struct {
	Gauges
	unit string
}

func gauge(name, help string, samples ...Sample) gauges {
	g := gauges{Gauges: Gauges{Name: name, Help: help, Samples: samples}}
	for _, unit := range []string{"seconds", "ms", "tokens", "requests", "usd", "calls", "s"} {
		if strings.HasSuffix(name, "_"+unit) {
			g.unit = unit
			break
		}
	}
	return g
}

func labels(pairs ...string) []Label {
	var out []Label
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, Label{pairs[i], pairs[i+1]})
	}
	return out
}

func one(v float64) Sample { return Sample{Value: v} }

func runGauges(r *record.Run) []gauges {
	out := []gauges{
		gauge("loadline_run", "The run; always 1.", Sample{labels("scenario", r.Scenario.Name, "digest", r.Scenario.Digest, "version", r.Tool.Version, "target", r.Target.Kind, "account", r.Target.Account, "region", r.Target.Region), 1}),
		gauge("loadline_run_started_seconds", "When the run began, as Unix time.", one(float64(r.Started.UnixMilli())/1000)),
		gauge("loadline_run_ended_seconds", "When the run ended, as Unix time.", one(float64(r.Ended.UnixMilli())/1000)),
		gauge("loadline_run_exit", "The exit status of the run.", one(float64(r.Exit))),
	}
	verdicts := gauge("loadline_run_verdict", "1 for the verdict of the run, 0 for the others.")
	for _, v := range []record.Verdict{record.Pass, record.Fail, record.Unknown} {
		verdicts.Samples = append(verdicts.Samples, Sample{labels("verdict", string(v)), truth(v == r.Verdict)})
	}
	out = append(out, verdicts)
	for _, c := range []struct {
		name, help string
		cost       *record.Cost
	}{{"spent", "What the run used", &r.Spent}, {"plan", "What the plan could use at most", &r.Plan}} {
		out = append(out,
			gauge("loadline_"+c.name+"_requests", c.help+", in requests.", one(float64(c.cost.Requests))),
			gauge("loadline_"+c.name+"_tokens", c.help+", in quota tokens.", one(float64(c.cost.Tokens))))
		if usd := c.cost.USD; usd != nil {
			out = append(out, gauge("loadline_"+c.name+"_usd", c.help+", in US dollars.", one(*usd)))
		}
	}
	return out
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func quotaGauges(r *record.Run) []gauges {
	values := gauge("loadline_quota_applied", "The applied value of a quota, a minute or a day by its dimension.")
	defaults := gauge("loadline_quota_default", "The default value of a quota.")
	used := map[string]bool{}
	for _, m := range r.Models {
		for _, q := range m.Quotas {
			l := labels("model", m.Name, "dimension", q.Dimension, "code", unique(oneLine(q.Code), used))
			if q.Applied != nil {
				values.Samples = append(values.Samples, Sample{l, *q.Applied})
			}
			if q.Default != nil {
				defaults.Samples = append(defaults.Samples, Sample{l, *q.Default})
			}
		}
		used = map[string]bool{}
	}
	return []gauges{values, defaults}
}

// stepGauges are the metrics of all steps, a row of the table each.
func stepGauges(r *record.Run) []gauges {
	kinds := map[string]string{}
	for i := range r.Steps {
		s := &r.Steps[i]
		if s.Load != nil {
			kinds[s.Name] = record.KindLoad
		} else if s.Window != nil {
			kinds[s.Name] = record.KindMonitor
		}
	}
	var out []gauges
	for _, metric := range record.Metrics {
		each := gauge("loadline_"+metric.Kind()+"_"+GaugeName(metric.Name), metric.Doc)
		all := gauge("loadline_"+metric.Kind()+"_all_"+GaugeName(metric.Name), "Over all models: "+metric.Doc)
		for i := range r.Steps {
			step := r.Steps[i].Name
			if kinds[step] != metric.Kind() {
				continue
			}
			for _, m := range r.Models {
				if v := m.Steps[step][metric.Name]; v.Known {
					each.Samples = append(each.Samples, Sample{labels("step", step, "model", m.Name), v.Value})
				}
			}
			if v := r.Totals[step][metric.Name]; v.Known {
				all.Samples = append(all.Samples, Sample{labels("step", step), v.Value})
			}
		}
		out = append(out, each, all)
	}
	return append(out, chosenGauges(r))
}

// chosenGauges are the metrics of CloudWatch that a scenario chose. Their names
// may be any, so they are labels.
func chosenGauges(r *record.Run) gauges {
	out := gauge("loadline_monitor_metric", "The metrics of CloudWatch that the scenario chose.")
	for i := range r.Steps {
		step := r.Steps[i].Name
		for _, m := range r.Models {
			values := m.Steps[step]
			for _, name := range values.Names() {
				if chosen, ok := strings.CutPrefix(name, chosenPrefix); ok && values[name].Known {
					out.Samples = append(out.Samples, Sample{labels("step", step, "model", m.Name, "metric", chosen), values[name].Value})
				}
			}
		}
	}
	return out
}

// verdictGauges are the verdicts, what the assertions read, and the intervals of
// that. An assertion is told by its title, which is made the only one.
func verdictGauges(r *record.Run) []gauges {
	verdicts := gauge("loadline_assertion", "The verdict of an assertion; always 1.")
	values := gauge("loadline_assertion_value", "What an assertion read.")
	low := gauge("loadline_assertion_low", "The lower end of the interval of a rate that an assertion read.")
	high := gauge("loadline_assertion_high", "The upper end of the interval.")
	confidence := gauge("loadline_assertion_confidence", "How sure the verdict of an assertion is.")
	used := map[string]bool{}
	for i := range r.Assertions {
		a := &r.Assertions[i]
		name := unique(title(r, a), used)
		verdicts.Samples = append(verdicts.Samples, Sample{labels("assertion", name, "model", a.Model, "verdict", string(a.Verdict), "severity", cmp.Or(a.Severity, record.SeverityFail), "why", a.Reason), 1})
		if a.Confidence > 0 {
			confidence.Samples = append(confidence.Samples, Sample{labels("assertion", name), a.Confidence})
		}
		for _, read := range sortedNames(a.Values) {
			if v := a.Values[read]; v.Known {
				values.Samples = append(values.Samples, Sample{labels("assertion", name, "name", read), v.Value})
			}
		}
		for _, read := range sortedNames(a.Intervals) {
			l, v := labels("assertion", name, "name", read), a.Intervals[read]
			low.Samples = append(low.Samples, Sample{l, v.Low})
			high.Samples = append(high.Samples, Sample{l, v.High})
		}
	}
	return []gauges{verdicts, confidence, values, low, high}
}

func sortedNames[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

package record_test

import (
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/record"
)

func TestEveryMetricIsWhole(t *testing.T) {
	dotted := regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)
	names := map[string]map[string]bool{record.KindLoad: {}, record.KindMonitor: {}}
	for _, m := range record.Metrics {
		if !dotted.MatchString(m.Name) {
			t.Errorf("metric %q: want lower-case words with dots between", m.Name)
		}
		if !strings.HasSuffix(m.Doc, ".") {
			t.Errorf("metric %s: Doc = %q; want a sentence", m.Name, m.Doc)
		}
		if m.Unit == "" {
			t.Errorf("metric %s has no unit", m.Name)
		}
		sources := 0
		for _, set := range []bool{m.FromCalls != nil, m.FromHealth != nil, m.FromLimit != nil, m.FromLimiter != nil, m.FromAmbient != nil, m.FromGuard != nil, m.FromTraffic != nil, m.FromAgreement != nil} {
			if set {
				sources++
			}
		}
		if sources != 1 {
			t.Errorf("metric %s has %d of FromCalls, FromHealth, FromLimit, FromLimiter, FromAmbient, FromGuard, FromTraffic and FromAgreement; want exactly one", m.Name, sources)
		}
		if names[m.Kind()][m.Name] {
			t.Errorf("two metrics of a %s step are named %s", m.Kind(), m.Name)
		}
		names[m.Kind()][m.Name] = true
	}
	// A name that is also the beginning of another would be a number and an
	// object in the same place of run.json.
	for _, a := range record.Metrics {
		for _, b := range record.Metrics {
			if strings.HasPrefix(b.Name, a.Name+".") {
				t.Errorf("metric %s stands inside of metric %s", b.Name, a.Name)
			}
		}
	}
	load, monitor := record.NewFold(start, 1).Values(), record.NewTraffic(hour).Values()
	maps.Copy(load, (&record.Health{}).Values())
	maps.Copy(load, (&record.Ambient{}).Values())
	maps.Copy(load, (&record.Limit{}).Values())
	maps.Copy(load, (&record.Limiter{}).Values())
	maps.Copy(load, (&record.Guard{}).Values())
	maps.Copy(monitor, (&record.Agreement{}).Values())
	if len(load) != len(names[record.KindLoad]) || len(monitor) != len(names[record.KindMonitor]) {
		t.Errorf("an empty step has %d and %d readings; want %d and %d, one a metric", len(load), len(monitor), len(names[record.KindLoad]), len(names[record.KindMonitor]))
	}
}

// The units must agree where both kinds of steps have a metric of one name:
// an assertion may compare them.
func TestMetricsOfOneNameHaveOneUnit(t *testing.T) {
	units := map[string]string{}
	for _, m := range record.Metrics {
		if u, ok := units[m.Name]; ok && u != m.Unit {
			t.Errorf("metric %s is in %s and in %s; want one unit", m.Name, u, m.Unit)
		}
		units[m.Name] = m.Unit
	}
}

func TestOverall(t *testing.T) {
	const warn = record.SeverityWarn
	type a = record.Assertion
	tests := []struct {
		name string
		list []record.Assertion
		want record.Verdict
	}{
		{"no assertion", nil, record.Pass},
		{"all pass", []a{{Verdict: record.Pass}, {Verdict: record.Pass}}, record.Pass},
		{"one fails", []a{{Verdict: record.Pass}, {Verdict: record.Fail}}, record.Fail},
		{"one is unknown", []a{{Verdict: record.Unknown}, {Verdict: record.Pass}}, record.Unknown},
		{"fail wins over unknown", []a{{Verdict: record.Unknown}, {Verdict: record.Fail}, {Verdict: record.Unknown}}, record.Fail},
		{"skipped does not count", []a{{Verdict: record.Skipped}}, record.Pass},
		{"skipped and unknown", []a{{Verdict: record.Skipped}, {Verdict: record.Unknown}}, record.Unknown},
		{"warnings do not count", []a{{Verdict: record.Fail, Severity: warn}, {Verdict: record.Unknown, Severity: warn}}, record.Pass},
		{"a failure beside a warning", []a{{Verdict: record.Pass, Severity: warn}, {Verdict: record.Fail, Severity: record.SeverityFail}}, record.Fail},
	}
	for _, tt := range tests {
		if got := record.Overall(tt.list); got != tt.want {
			t.Errorf("%s: Overall = %s; want %s", tt.name, got, tt.want)
		}
	}
}

func TestWorse(t *testing.T) {
	const unheardOf = 77
	tests := []struct{ a, b, want int }{
		{record.ExitPass, record.ExitPass, record.ExitPass},
		{record.ExitPass, record.ExitUndecided, record.ExitUndecided},
		{record.ExitUndecided, record.ExitFail, record.ExitFail},
		{record.ExitEnvironment, record.ExitUndecided, record.ExitEnvironment},
		{record.ExitEnvironment, record.ExitFail, record.ExitFail},
		{record.ExitBudget, record.ExitEnvironment, record.ExitBudget},
		{record.ExitFail, record.ExitUsage, record.ExitUsage},
		{record.ExitUsage, record.ExitTerminate, record.ExitTerminate},
		{record.ExitTerminate, record.ExitInterrupt, record.ExitInterrupt},
		{record.ExitPass, unheardOf, unheardOf},
		{record.ExitInterrupt, unheardOf, unheardOf},
		{unheardOf, unheardOf + 1, unheardOf + 1},
	}
	for _, tt := range tests {
		if got := record.Worse(tt.a, tt.b); got != tt.want {
			t.Errorf("Worse(%d, %d) = %d; want %d", tt.a, tt.b, got, tt.want)
		}
		if got := record.Worse(tt.b, tt.a); got != tt.want {
			t.Errorf("Worse(%d, %d) = %d; want %d", tt.b, tt.a, got, tt.want)
		}
	}
}

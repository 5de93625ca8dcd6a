package report_test

import (
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
)

func TestMonitorGauges(t *testing.T) {
	for name, r := range report.Fixtures() {
		values, err := exposed(string(report.Exposition(report.MonitorGauges(r))))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		known := 0
		for _, m := range r.Models {
			for _, metric := range record.Metrics {
				if metric.FromTraffic != nil && m.Steps[record.KindMonitor][metric.Name].Known {
					known++
				}
			}
			for _, q := range m.Quotas {
				if q.Applied != nil {
					known++
				}
			}
		}
		for key := range values {
			if strings.Contains(key, `{region="`) || strings.Contains(key, "loadline_monitor_metric{") {
				known++
			}
		}
		if len(values) != known || name == "typical" && known < 20 {
			t.Errorf("%s: %d samples; want one of each of the %d known numbers", name, len(values), known)
		}
	}
}

// No two numbers have the same name.
func TestNamesOfGaugesDiffer(t *testing.T) {
	r := &record.Run{Models: []record.Model{{Name: "m", ID: "i", Steps: map[string]record.Values{record.KindMonitor: {
		"metric.a.b": record.Read(1, 1), "metric.a_b": record.Read(2, 1), "metric.unknown": {},
	}}}}}
	for _, m := range record.Metrics {
		if m.FromTraffic != nil {
			r.Models[0].Steps[record.KindMonitor][m.Name] = record.Read(1, 1)
		}
	}
	values, err := exposed(string(report.Exposition(report.MonitorGauges(r))))
	if err != nil {
		t.Fatal(err)
	}
	if want := len(r.Models[0].Steps[record.KindMonitor]); len(values) != want { // without the unknown one, with the time
		t.Errorf("%d samples; want %d", len(values), want)
	}
	if v := values[`loadline_monitor_metric{model="m",id="i",region="",account="",metric="a_b"}`]; v != 2 {
		t.Errorf("a_b is %v; want 2", v)
	}
}

package report

import (
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// What an assertion read of a phase stands in a table of its own, by model, on the
// page and in the summary.
func TestThePhasesOfAStep(t *testing.T) {
	r := typicalRun()
	at := func(rate, p95 float64) record.Values {
		return record.Values{"attempts": {Value: 1234, Known: true}, "throttle_rate": {Value: rate, Known: true}, "latency_ms.p95": {Value: p95, Known: true}}
	}
	r.Steps[1].Load.Phases = []record.Phase{{
		Name: `stage("ho|ld")`, Start: record.Duration(30 * time.Second), Length: record.Duration(90 * time.Second),
		Values: map[string]record.Values{"haiku": at(0.0123, 777), "sonnet": at(0.0456, 888)}, Totals: at(0.0345, 999),
	}}
	page, err := renderHTML(r)
	if err != nil {
		t.Fatal(err)
	}
	summary, err := renderMarkdown(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ in, heading, name string }{{string(page[0].Data), "Phases that were judged", `stage(&#34;ho|ld&#34;)`}, {string(summary[0].Data), "#### Phases that were judged", `stage("ho\|ld")`}} {
		_, table, found := strings.Cut(c.in, c.heading)
		if !found {
			t.Errorf("no %q", c.heading)
			continue
		}
		for _, want := range []string{c.name, "30s", "1m30s", "haiku", "sonnet", "all models", "1,234", "1.23 %", "4.56 %", "3.45 %", "777 ms", "888 ms", "999 ms", noData} {
			if !strings.Contains(table[:min(len(table), 3000)], want) {
				t.Errorf("%s: the table lacks %q", c.heading, want)
			}
		}
		if strings.Contains(table[:min(len(table), 600)], "first text") {
			t.Error("a column of streams, where there are none")
		}
	}
}

package report

import (
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/record"
)

// A run without assertions held nothing to anything: its reports do not say that
// it passed. One that had trouble is told as it is.
func TestARunThatAssertsNothing(t *testing.T) {
	for verdict, want := range map[record.Verdict]string{record.Pass: "nothing asserted", record.Fail: "failed", record.Unknown: "not decided"} {
		r := emptyRun()
		r.Verdict = verdict
		page, err := renderHTML(r)
		if err != nil {
			t.Fatal(err)
		}
		summary, err := renderMarkdown(r)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(summary[0].Data), "\n")
		if !strings.HasSuffix(first, ": "+want) || !strings.Contains(string(page[0].Data), ": "+want+"</title>") {
			t.Errorf("the verdict %q without assertions is told as %q; want %q", verdict, first, want)
		}
	}
	if r := typicalRun(); len(r.Assertions) == 0 || verdictWord(&record.Run{Verdict: record.Pass, Assertions: r.Assertions}) != "passed" {
		t.Error("a run that held is not told as passed")
	}
}

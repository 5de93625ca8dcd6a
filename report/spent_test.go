package report

import (
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// What was spent by a run that died is a bound, and the settings of the program
// that sent are told beside it.
func TestSpentOfARunThatDied(t *testing.T) {
	r := &record.Run{Spent: record.Cost{Requests: 1200, Tokens: 5000, Until: &time.Time{}, Unpriced: []string{"nova"}}, Generator: &record.Generator{GOGC: 400, Procs: 2}}
	files, err := Render(r, []string{"markdown"})
	if err != nil {
		t.Fatal(err)
	}
	text := string(files[0].Data)
	for _, want := range []string{"| requests | at most 1,200 |", "| quota tokens | at most 5,000 |", "| generator | GOGC 400, 2 threads |"} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary has no %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "at most unknown") || strings.Contains(text, "price | at most") {
		t.Errorf("a price that is not known is told as a bound:\n%s", text)
	}
}

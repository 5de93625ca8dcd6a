package report

import (
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// agreed is a monitor step that reconciled, by what the step sent (ok and
// throttled, and some without an answer) and CloudWatch told.
func agreed(settled bool, ok, throttled, unsure int, told *[4]float64) *record.Run {
	e := record.Expected{Sure: [4]int{ok, throttled}, Unsure: [4]int{unsure}}
	a := record.Agreement{ID: "amazon.nova-lite-v1:0", Models: []string{"nova"}, Steps: []string{"ramp"}, Settled: settled, Why: "its counts did not change for 2m", Waited: record.Duration(150 * time.Second)}
	a.Agree(e, told)
	w := record.Window{Start: began, End: began.Add(2 * time.Minute), Period: record.Duration(time.Minute)}
	return &record.Run{
		Models: []record.Model{{Name: "nova", Steps: map[string]record.Values{"monitor": a.Values()}}},
		Steps:  []record.Step{{Name: "monitor", Kind: record.KindMonitor, Started: began, Ended: began, Window: &w, Agreement: []record.Agreement{a}}},
	}
}

func TestAgreementInWords(t *testing.T) {
	for _, tt := range []struct {
		run  *record.Run
		want string
	}{
		{agreed(true, 100, 20, 0, &[4]float64{100, 20}), "CloudWatch has 100 % of our 120 calls with the outcome that we saw; no other traffic by this id; settled after 2m30s, as its counts did not change for 2m"},
		{agreed(true, 100, 20, 3, &[4]float64{152, 25}), "CloudWatch has 100 % of our 120 calls with the outcome that we saw; 54 calls more are other traffic in the account, 5 of it throttled; 3 calls of ours without a clear answer may be counted or not; settled after 2m30s, as its counts did not change for 2m"},
		{agreed(true, 99, 1, 0, &[4]float64{98, 2}), "CloudWatch has 99 % of our 100 calls with the outcome that we saw; 1 call of ours is missing there: lost, or later than was waited for; 1 call more is other traffic in the account, 1 of it throttled; settled after 2m30s, as its counts did not change for 2m"},
		{agreed(false, 100, 0, 1, &[4]float64{50}), "CloudWatch did not settle, so how its counts agree with ours is not known: its counts did not change for 2m; 1 call of ours without a clear answer may be counted or not"},
		{agreed(false, 100, 0, 0, nil), "CloudWatch did not settle, so how its counts agree with ours is not known: its counts did not change for 2m"},
		{agreed(true, 0, 0, 5, &[4]float64{4}), "of none of our calls is it known where CloudWatch counts it; no other traffic by this id; 5 calls of ours without a clear answer may be counted or not; settled after 2m30s, as its counts did not change for 2m"},
	} {
		want := "amazon.nova-lite-v1:0 (ramp): " + tt.want
		if got := agreementLines(&tt.run.Steps[0]); len(got) != 1 || got[0] != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
		files := folder(t, tt.run)
		if !strings.Contains(string(files["verdict.txt"]), indent+want+"\n") {
			t.Errorf("text: %s", files["verdict.txt"])
		}
		if !strings.Contains(string(files["summary.md"]), "\n"+Cell(want)+".\n") || !strings.Contains(string(files["report.html"]), "<p>"+want+".</p>") {
			t.Errorf("summary or page: they do not say %q", want)
		}
	}
}

func TestTheTableOfAnAgreement(t *testing.T) {
	files := folder(t, agreed(true, 1100, 20, 3, &[4]float64{1152, 19}))
	for path, rows := range map[string][]string{
		"summary.md":  {"| id | CloudWatch metric | CloudWatch | ours | maybe ours | others | missing |", "| amazon.nova-lite-v1:0 | Invocations | 1,152 | 1,100 | 3 | 49 | 0 |", "| amazon.nova-lite-v1:0 | InvocationThrottles | 19 | 20 | 0 | 0 | 1 |", "| amazon.nova-lite-v1:0 | all | 1,171 | 1,120 | 3 | 49 | 1 |"},
		"report.html": {"<h3>Reconciled with CloudWatch</h3>", "<td>InvocationThrottles</td><td>19</td><td>20</td><td>0</td><td>0</td><td>1</td>"},
	} {
		for _, row := range rows {
			if !strings.Contains(string(files[path]), row) {
				t.Errorf("%s has no %q:\n%s", path, row, files[path])
			}
		}
	}
	if text := string(folder(t, agreed(false, 5, 0, 0, nil))["summary.md"]); !strings.Contains(text, "| Invocations | no data | 5 | no data | no data | no data |") {
		t.Errorf("what is not known is not told so:\n%s", text)
	}
}

// No text from outside acts on a report.
func TestAHostileAgreement(t *testing.T) {
	r := agreed(true, 1, 0, 0, &[4]float64{1})
	a := &r.Steps[0].Agreement[0]
	a.ID, a.Why, a.Steps, a.Outcomes[0].Metric = "<b>\n# x", "|\x1b[31m<script>", []string{"[a](b)"}, "<i>|"
	for path, data := range folder(t, r) {
		text := string(withoutOurs(data))
		markup := strings.Contains(text, "<script>") || strings.Contains(text, "<i>")
		if markup && path != "verdict.txt" || strings.Contains(text, "\x1b") || strings.Contains(text, "\n# x") {
			t.Errorf("%s:\n%s", path, data)
		}
	}
}

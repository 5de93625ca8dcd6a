package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/record"
)

// A spreadsheet computes a cell that begins with a sign; a name from outside is
// text in it, and a number stays one.
func TestSpreadsheetsComputeNoNames(t *testing.T) {
	negative := -1.5
	quotas := []record.Quota{{Dimension: "=1+1", Applied: &negative, Code: "@code", Name: "=cmd|' /C calc'!A0", MatchedBy: "+by"}}
	r := &record.Run{Models: []record.Model{{ID: "=1+1", Quotas: quotas, Steps: map[string]record.Values{record.KindMonitor: {"=metric": {Value: -1.5, Known: true, Samples: 1}}}}}}
	f := &findings{Models: []discovered{{ID: "-id", BaseModel: "=base", Family: "@f", Scope: "=scope", Group: "=group", Quotas: quotas}}, Quotas: []quotaRow{{Code: "=other", Applied: &negative, Pending: &record.Increase{Status: "=S"}, Group: "@group"}}}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"monitor": func(b *bytes.Buffer) error { return monitorCSV(b, r) }, "discover": func(b *bytes.Buffer) error { return printCSV(b, f) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), ",-1.5") {
			t.Errorf("%s: the number is not there as it is:\n%s", name, &b)
		}
		for _, cell := range strings.FieldsFunc(b.String(), func(c rune) bool { return c == ',' || c == '\n' || c == '"' }) {
			if cell != "-1.5" && strings.ContainsRune("=+-@", rune(cell[0])) {
				t.Errorf("%s: the cell %s would be computed", name, cell)
			}
		}
	}
}

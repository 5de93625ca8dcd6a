package cli_test

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/internal/cli"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins/families"
	"github.com/loadline-dev/loadline/plugins/steps"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
	"github.com/loadline-dev/loadline/runner/ramp"
)

// entry is what every row of every table has.
type entry struct{ table, name, doc string }

func entries() (out []entry) {
	for _, k := range steps.All {
		out = append(out, entry{"steps.All", k.Name, k.Doc})
	}
	for _, f := range families.All {
		out = append(out, entry{"families.All", f.Name, f.Doc})
	}
	for _, s := range ramp.Shapes {
		out = append(out, entry{"ramp.Shapes", s.Name, s.Doc})
	}
	for _, m := range record.Metrics {
		out = append(out, entry{"record.Metrics " + m.Kind(), m.Name, m.Doc})
	}
	for _, f := range report.Formats {
		out = append(out, entry{"report.Formats", f.Name, f.Doc})
	}
	for _, a := range sim.APIs {
		out = append(out, entry{"sim.APIs", a.Operation, a.Doc})
	}
	return out
}

// A row of a table is documented by being there: it has a name of its own and
// a sentence, and stands in the reference.
func TestEveryRowIsDocumented(t *testing.T) {
	reference, err := os.ReadFile("../../docs/reference.md")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`^[a-z][a-z0-9_.-]*$`)
	seen := map[string]bool{}
	for _, e := range entries() {
		if e.table != "sim.APIs" && !name.MatchString(e.name) {
			t.Errorf("%s: %q is no lower-case name", e.table, e.name)
		}
		if seen[e.table+e.name] {
			t.Errorf("%s: %q is there twice", e.table, e.name)
		}
		seen[e.table+e.name] = true
		if !strings.HasSuffix(e.doc, ".") || len(e.doc) < 10 {
			t.Errorf("%s: %q has no sentence as its doc: %q", e.table, e.name, e.doc)
		}
		if !bytes.Contains(reference, []byte("| "+e.name+" |")) && !bytes.Contains(reference, []byte(" "+e.name+" |")) {
			t.Errorf("%s: %q is not in docs/reference.md", e.table, e.name)
		}
	}
}

func TestEveryKeyIsValid(t *testing.T) {
	if err := cli.Language().Check(); err != nil {
		t.Error(err)
	}
}

// The example of every step kind and of every shape makes a plan.
func TestEveryExamplePlans(t *testing.T) {
	var bodies []string
	for _, k := range steps.All {
		bodies = append(bodies, k.Name+": "+k.Example)
	}
	for _, s := range ramp.Shapes {
		bodies = append(bodies, "load: {ramp: "+s.Example+"}")
	}
	for _, body := range bodies {
		dir := t.TempDir()
		file := dir + "/scenario.yaml"
		if err := os.WriteFile(dir+"/arrivals.jsonl", []byte(`{"at": 0.5}`), 0o644); err != nil {
			t.Fatal(err)
		}
		src := "version: 1\nname: example\nmodels: {nova: amazon.nova-lite-v1:0}\nsteps:\n  - " + body + "\n"
		if err := os.WriteFile(file, []byte(src), 0o644); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		c := cli.Command{Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }}
		if status := c.Main([]string{"plan", file}); status != 0 {
			t.Errorf("%s: exit %d\n%s", body, status, &out)
		}
	}
}

// A model of every family makes a plan, or the plan says that no request is
// known for it.
func TestEveryFamilyPlans(t *testing.T) {
	for _, f := range families.All {
		file := t.TempDir() + "/scenario.yaml"
		src := "version: 1\nname: example\nmodels: {it: \"" + f.Match[0] + "some-model\"}\nsteps:\n  - load: {ramp: {constant: 60 rpm, for: 1m}}\n"
		if err := os.WriteFile(file, []byte(src), 0o644); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		c := cli.Command{Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }}
		status := c.Main([]string{"plan", file})
		if f.Body == nil && !f.Text {
			if status != 2 || !strings.Contains(out.String(), "no-body") {
				t.Errorf("family %s: exit %d; want 2 and the problem no-body\n%s", f.Name, status, &out)
			}
		} else if status != 0 {
			t.Errorf("family %s: exit %d; want 0\n%s", f.Name, status, &out)
		}
	}
}

// Package docs_test holds the documents against the program: the reference is
// made from the tables, and the README shows what the program really does.
package docs_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/internal/cli"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/families"
	"github.com/loadline-dev/loadline/plugins/steps"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
	"github.com/loadline-dev/loadline/runner/ramp"
	"github.com/loadline-dev/loadline/scenarios"
)

var update = flag.Bool("update", false, "rewrite the documents that are made from the program")

func TestReference(t *testing.T) {
	same(t, "reference.md", reference())
}

// The page on the simulated account ends with the table of its keys.
func TestSimulatedAccount(t *testing.T) {
	const file, before = "simulated-account.md", "| key | default | meaning |\n"
	words, _, _ := strings.Cut(string(read(t, file)), before)
	var b strings.Builder
	b.WriteString(words + before + "| --- | --- | --- |\n")
	for _, k := range sim.Keys() {
		def := ""
		switch {
		case k.Required:
			def = "required"
		case k.Default != nil:
			def = "`" + strings.Trim(fmt.Sprint(k.Default), "[]") + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k.Path, def, k.Doc)
	}
	same(t, file, b.String())
}

// The figures of the page on clients are those of its example.
func TestClients(t *testing.T) {
	const file, begin, end = "clients.md", "<!-- begin clients -->\n", "<!-- end clients -->"
	_, rest, ok := strings.Cut(string(read(t, "../examples/12-compare-clients/want/summary.md")), "### Clients side by side\n\n")
	rows, _, closed := strings.Cut(rest, "\n\n")
	if !ok || !closed {
		t.Fatal("the summary of the example has no table of clients")
	}
	page := string(read(t, file))
	before, after, has := strings.Cut(page, begin)
	_, after, closed = strings.Cut(after, end)
	if !has || !closed {
		t.Fatalf("%s has no place for the table", file)
	}
	var table strings.Builder
	for _, row := range strings.Split(rows, "\n") {
		cells := strings.Split(row, " | ")
		table.WriteString(strings.Join(cells[:len(cells)-1], " | ") + " |\n") // without the step
	}
	same(t, file, before+begin+table.String()+end+after)
}

// Every piece of a scenario on the pages on requests, alarms, pacing and clients is one that is
// understood.
func TestPiecesAreUnderstood(t *testing.T) {
	piece := regexp.MustCompile("(?s)```yaml\n(.*?)```")
	blocks := piece.FindAllSubmatch(slices.Concat(read(t, "requests.md"), read(t, "alarms.md"), read(t, "pacing.md"), read(t, "clients.md")), -1)
	if len(blocks) < 8 {
		t.Fatalf("the pages have %d pieces of scenarios", len(blocks))
	}
	for _, b := range blocks {
		src := "version: 1\nname: t\n" + string(b[1])
		if !strings.Contains(src, "\nsteps:") {
			src += "steps: [{discover: {}}]\n"
		}
		if !strings.Contains(src, "models:") {
			src += "models: {haiku: anthropic.claude-3-haiku-20240307-v1:0}\n"
		}
		if _, problems := scenarios.Load("piece", []byte(src), cli.Language()); len(problems) > 0 {
			t.Errorf("a piece of a page has problems:\n%s", scenarios.Render("piece", []byte(src), problems))
		}
	}
}

func TestReadmeShowsTheRealVerdict(t *testing.T) {
	readme := read(t, "../README.md")
	verdict := string(readme)
	block := regexp.MustCompile("(?s)```text\n.*?```").FindString(verdict)
	if block == "" {
		t.Fatal("the README has no block of the verdict")
	}
	got, _, _ := strings.Cut(string(read(t, "../examples/01-throttle-gate/want/verdict.txt")), "reports: ")
	same(t, "../README.md", strings.Replace(verdict, block, "```text\n"+got+"```", 1))
}

func TestReadmesScenarioIsOne(t *testing.T) {
	m := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(read(t, "../README.md"))
	if m == nil {
		t.Fatal("the README has no scenario")
	}
	file := t.TempDir() + "/scenario.yaml"
	if err := os.WriteFile(file, m[1], 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	c := cli.Command{Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }}
	if status := c.Main([]string{"plan", file}); status != 0 {
		t.Errorf("plan of the README's scenario: exit %d\n%s", status, &out)
	}
	if lines := strings.Count(string(m[1]), "\n"); lines > 22 {
		t.Errorf("the README's scenario has %d lines; it should be taken in at a glance", lines)
	}
}

// The relative links of the documents lead to files.
func TestLinks(t *testing.T) {
	for _, doc := range []string{"../README.md", "../CONTRIBUTING.md", "architecture.md", "quotas.md", "alarms.md", "evidence.md", "simulated-account.md", "pacing.md", "clients.md"} {
		for _, m := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllSubmatch(read(t, doc), -1) {
			path := string(m[1])
			if strings.HasPrefix(doc, "../") {
				path = "../" + path
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s links to %s: %v", doc, m[1], err)
			}
		}
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func same(t *testing.T, file, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if string(read(t, file)) != want {
		t.Errorf("%s is not what the program says (go test ./docs -update rewrites it)", file)
	}
}

// settings writes a row for each setting of a shape, and those of its list.
func settings(row func(...string), shape, path string, params []ramp.Param) {
	for _, p := range params {
		def := p.Default
		if p.Required {
			def = "required"
		}
		row(shape, "`"+path+p.Name+"`", def, p.Doc)
		settings(row, shape, path+p.Name+"[].", p.Items)
	}
}

func reference() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	row := func(cells ...string) {
		for i, c := range cells {
			cells[i] = strings.NewReplacer("|", "\\|", "\n", " ").Replace(c)
		}
		line("| %s |", strings.Join(cells, " | "))
	}
	head := func(cells ...string) {
		row(cells...)
		line("|%s", strings.Repeat(" --- |", len(cells)))
	}
	line("# Reference\n\nMade from the program's own tables; a test keeps it so.\n\n## Keys of a scenario\n")
	head("key", "value", "default", "meaning")
	for _, e := range scenarios.Reference(cli.Language()) {
		def := e.Default
		if e.Required {
			def = "required"
		}
		row("`"+e.Path+"`", e.Type, def, e.Doc)
	}
	line("\n## Steps\n")
	head("kind", "example", "what it does")
	for _, k := range steps.All {
		row(k.Name, "`"+k.Name+": "+k.Example+"`", k.Doc)
	}
	line("\n## Ramps\n")
	head("shape", "example", "what it does")
	for _, s := range ramp.Shapes {
		row(s.Name, "`ramp: "+s.Example+"`", s.Doc)
	}
	line("\n### Settings of the shapes\n")
	head("shape", "setting", "default", "meaning")
	for _, s := range ramp.Shapes {
		settings(row, s.Name, "", s.Params)
	}
	for _, kind := range []string{record.KindLoad, record.KindMonitor} {
		line("\n## Metrics of a %s step\n\nRead as `STEP.METRIC` in an assertion; `stop_when` reads those of its own load step by the bare name.\n", kind)
		head("metric", "unit", "meaning")
		for _, m := range record.Metrics {
			if m.Kind() == kind {
				row(m.Name, m.Unit, m.Doc)
			}
		}
	}
	line("\nAfter a search (`find`) an assertion also reads the word `STEP.%s`, which is one of %s.", record.BoundByName, strings.Join(record.Bounds, ", "))
	line("After a probe (`probe`) it also reads the word `STEP.%s`, which is one of %s; where that is unknown, there is no data.", record.AlgorithmName, strings.Join(record.Algorithms, ", "))
	line("\nAfter a discover step, an assertion also reads `quota.DIMENSION.applied`, `quota.DIMENSION.default` and\n`quota.DIMENSION.adjustable`, with the dimensions rpm, tpm, tpd, account_tpd, concurrent, input_tpm and output_tpm; and what AWS has for the model beside quotas\n([more](quotas.md#capacity)):\n")
	head("name", "what it is", "meaning")
	for _, f := range record.CapacityFields {
		what := "a number"
		switch {
		case f.Words != nil:
			what = strings.Join(f.Words, ", ")
		case f.Bool:
			what = "true or false"
		}
		row("capacity."+f.Name, what, f.Doc)
	}
	line("\n## Families\n")
	line("The family of a model is told by its id; `models.<name>.family` says it where the id does not. Converse is asked\nalike for all; the other columns are of InvokeModel. Tokens in the headers of a reply and in AWS's metrics of a stream\ncome before what stands in the body.\n")
	head("family", "models", "group", "operations", "the field of max_tokens", "input and output tokens in the body", "how they are asked")
	for _, f := range families.All {
		row(f.Name, strings.Join(f.Match, "…, ")+"…", f.Group, operations(f), code(f.Cap), code(slices.Concat(f.Usage.Input, f.Usage.Output)...), f.Doc)
	}
	line("\n## Reports\n")
	head("format", "files", "what it is")
	for _, f := range report.Formats {
		doc := f.Doc
		if f.Asked {
			doc += " Only by name."
		}
		row(f.Name, strings.Join(f.Files, ", "), doc)
	}
	line("\n## The simulated account\n")
	head("API", "operation", "what it does")
	for _, a := range sim.APIs {
		row(a.Name, a.Operation, a.Doc)
	}
	return b.String()
}

// operations are those by which a family's models can be asked.
func operations(f plugins.Family) string {
	var names []string
	for _, o := range []struct {
		name  string
		works bool
	}{{"converse", f.Text}, {"invoke", f.Body != nil}, {"invoke-stream", f.Body != nil && f.Stream != nil}} {
		if o.works {
			names = append(names, o.name)
		}
	}
	if len(names) == 0 {
		return "only with a `body:`"
	}
	return strings.Join(names, ", ")
}

// code sets names in type; none at all is a dash.
func code(names ...string) string {
	if len(names) == 0 || names[0] == "" {
		return "–"
	}
	return "`" + strings.Join(names, "`, `") + "`"
}

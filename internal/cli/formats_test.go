package cli_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/klauspost/compress/zstd"

	"github.com/loadline-dev/loadline/internal/cli"
	"github.com/loadline-dev/loadline/record"
)

const canary = "QZ9canary"

// Every place of a scenario that a model is sent something of.
const secretive = `version: 1
name: secretive
seed: 7
models:
  haiku: anthropic.claude-3-haiku-20240307-v1:0
  nova: {id: "amazon.nova-lite-v1:0", request: {prompt: "` + canary + ` of a model"}}
  own: {id: anthropic.claude-3-haiku-20240307-v1:0, family: mine}
families:
  mine: {match: [mine.], body: '{"anthropic_version": "bedrock-2023-05-31", "max_tokens": "${max_tokens}", "messages": [{"role": "user", "content": "` + canary + ` ${prompt}"}]}', usage: {input: usage.input_tokens, output: usage.output_tokens}}
request:
  system: >-
    You know
    ` + canary + `.
  prompt: '` + canary + `: it''s'
steps:
  - load: {name: one, models: [haiku, nova], ramp: {constant: 120 rpm, for: 10s}}
  - load:
      name: two
      models: [own]
      request:
        api: invoke
        prompt: |
          ` + canary + `

          again
      ramp: {constant: 60 rpm, for: 10s}
assert:
  - {name: it goes through, expr: one.throttled == 0, for: [haiku, nova]}
  - {name: all went well, expr: two.ok == two.attempts}
  - {name: it is told, expr: one.ok < 0, severity: warn, for: [haiku]}
report: {formats: [json, junit, junit-strict, svg, html, markdown, annotations, csv, openmetrics]}
`

// ran runs a scenario in virtual time, and gives its output and its folder.
func ran(t *testing.T, scenario string, env map[string]string, flags ...string) (stdout, stderr string, dir string) {
	t.Helper()
	dir = t.TempDir()
	file := filepath.Join(dir, "scenario.yaml")
	if err := os.WriteFile(file, []byte(scenario), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, told bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		c := cli.Command{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &told, Getenv: func(name string) string { return env[name] }, InProcess: true}
		if status := c.Main(append([]string{"run", "--simulate", "--out", filepath.Join(dir, "out"), file}, flags...)); status != 0 {
			t.Fatalf("exit %d\n%s%s", status, &out, &told)
		}
	})
	return out.String(), told.String(), filepath.Join(dir, "out")
}

// texts are the files of a folder, the journal unpacked.
func texts(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil && strings.HasSuffix(path, ".zst") {
			var z *zstd.Decoder
			if z, err = zstd.NewReader(bytes.NewReader(b)); err == nil {
				b, err = io.ReadAll(z)
				z.Close()
			}
		}
		out[filepath.ToSlash(strings.TrimPrefix(path, dir+string(filepath.Separator)))] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPromptsAreNotKept(t *testing.T) {
	stdout, stderr, dir := ran(t, secretive, nil)
	made := texts(t, dir)
	for _, name := range []string{"run.json", "calls.jsonl.zst", "calls.csv", "series.csv", "junit.xml", "junit-strict.xml", "report.html", "summary.md", "annotations.txt", "openmetrics.txt", "charts/one.svg"} {
		if made[name] == "" {
			t.Errorf("%s is not there, or empty", name)
		}
	}
	made["stdout"], made["stderr"] = stdout, stderr
	for name, text := range made {
		if strings.Contains(text, canary) {
			t.Errorf("%s holds a prompt", name)
		}
	}
	// The record can still be judged by its own scenario, which is in the journal.
	if err := os.Remove(filepath.Join(dir, "run.json")); err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	c := cli.Command{Stdout: &again, Stderr: &again, Getenv: func(string) string { return "" }}
	c.Main([]string{"report", dir})
	if !strings.Contains(again.String(), "PASS  it goes through") || strings.Contains(again.String(), canary) {
		t.Errorf("the verdict of the journal is\n%s", &again)
	}

	_, _, dir = ran(t, secretive, nil, "--include-content")
	for name, text := range texts(t, dir) {
		if want := name == "run.json" || name == "calls.jsonl.zst" || name == "report.html"; want != strings.Contains(text, canary) {
			t.Errorf("%s holds a prompt: %v; want %v", name, !want, want)
		}
	}
}

// A journal that is broken costs calls.csv, and nothing else.
func TestABrokenJournalCostsOneReport(t *testing.T) {
	_, _, dir := ran(t, secretive, nil)
	for _, name := range []string{"calls.jsonl.zst", "calls.csv", "junit.xml"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "calls.jsonl"), []byte("{\"seq\":0,\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var told bytes.Buffer
	c := cli.Command{Stdout: &told, Stderr: &told, Getenv: func(string) string { return "" }}
	if status := c.Main([]string{"report", "--format", "csv,junit", dir}); status != record.ExitEnvironment || !strings.Contains(told.String(), "write calls.csv: journal line 1") {
		t.Errorf("exit %d\n%s", status, &told)
	}
	if made := texts(t, dir); made["junit.xml"] == "" || made["calls.csv"] != "" || strings.Contains(made["run.json"], "calls.csv") {
		t.Error("junit.xml is not there, or calls.csv is")
	}
}

// calls.csv holds the calls of the journal: their sums are those of run.json.
func TestCallsAddUpToTheRecord(t *testing.T) {
	_, _, dir := ran(t, secretive, nil)
	made := texts(t, dir)
	var r record.Run
	if err := json.Unmarshal([]byte(made["run.json"]), &r); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(made["calls.csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	outcomes, tokens := map[string]map[record.Outcome]int{}, map[string]int64{}
	for _, row := range rows[1:] {
		step := row[column["step"]]
		if outcomes[step] == nil {
			outcomes[step] = map[record.Outcome]int{}
		}
		outcomes[step][record.Outcome(row[column["outcome"]])]++
		n, err := strconv.ParseInt(row[column["quota_tokens"]], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		tokens[step] += n
	}
	for _, s := range r.Steps {
		if s.Load == nil {
			continue
		}
		if !maps.Equal(outcomes[s.Name], s.Load.Outcomes) || float64(tokens[s.Name]) != r.Totals[s.Name]["quota_tokens"].Value {
			t.Errorf("%s: the calls are %v with %d tokens; the record has %v with %v", s.Name, outcomes[s.Name], tokens[s.Name], s.Load.Outcomes, r.Totals[s.Name]["quota_tokens"].Value)
		}
	}
	if len(outcomes) != 2 || !strings.Contains(made["run.json"], `"path": "calls.csv"`) {
		t.Errorf("%d steps have calls, or run.json does not list them", len(outcomes))
	}
}

// A job of GitHub gets the worst verdicts as commands, and nothing else that it
// prints is one.
func TestAnnotationsInAJob(t *testing.T) {
	summary := filepath.Join(t.TempDir(), "summary.md")
	env := map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": summary}
	scenario := strings.NewReplacer("name: it is told", `name: "::error::x ##[group]"`, "markdown, ", "").Replace(secretive)
	stdout, stderr, _ := ran(t, scenario, env)
	var commands []string
	for _, line := range strings.Split(stdout+stderr, "\n") {
		if regexp.MustCompile(`^\s*::`).MatchString(line) {
			commands = append(commands, line)
		}
	}
	if len(commands) != 1 || !regexp.MustCompile(`^::warning file=[^:,]*scenario\.yaml,line=\d+,col=\d+,title=%3A%3Aerror%3A%3Ax ##\[group\] \[haiku us-east-1\]::one\.ok is 20; wanted one\.ok < 0%0A`).MatchString(commands[0]) {
		t.Errorf("the commands are %q", commands)
	}
	if text, err := os.ReadFile(summary); err != nil || !strings.HasPrefix(string(text), "## secretive: passed") || strings.Count(string(text), "## secretive") != 1 {
		t.Errorf("the summary is %.80q, %v", text, err)
	}
	if stdout, _, _ := ran(t, secretive, nil); strings.Contains(stdout, "::warning") {
		t.Error("a terminal is told what only a job understands")
	}
}

// The facts of SARIF 2.1.0 that GitHub's code scanning asks for.
func TestSARIF(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range map[string]string{
		"good.yaml":         secretive,
		"sub dir/bad%.yaml": "version: 1\nname: bad\nmodels: {haiku: anthropic.claude-3-haiku-20240307-v1:0}\nsteps:\n  - load: {ramp: {constant: 60 rpm, for: 1m}}\nassert:\n  - expr: load.throtle_rate <= 0.01\nmodles: {}\n",
		"em:pty.yaml":       "",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		files  []string
		status int
		want   []string // rule, uri, line:column-end
	}{
		{[]string{"good.yaml"}, 0, nil},
		{[]string{"./sub dir/bad%.yaml", "em:pty.yaml", "good.yaml"}, 2, []string{"unknown-name sub%20dir/bad%25.yaml 7:16-28", "unknown-key sub%20dir/bad%25.yaml 8:1-7", "empty ./em:pty.yaml 1:1-2"}},
	} {
		var out, told bytes.Buffer
		cmd := cli.Command{Stdout: &out, Stderr: &told, Getenv: func(string) string { return "" }}
		if status := cmd.Main(append([]string{"validate", "--format", "sarif"}, c.files...)); status != c.status || told.Len() > 0 {
			t.Errorf("%v: exit %d; want %d\n%s", c.files, status, c.status, &told)
		}
		var log struct {
			Schema  string `json:"$schema"`
			Version string
			Runs    []struct {
				Tool struct {
					Driver struct {
						Name  string
						Rules []struct {
							ID               string
							ShortDescription struct{ Text string }
						}
					}
				}
				ColumnKind string
				Results    *[]struct {
					RuleID    string
					RuleIndex int
					Level     string
					Message   struct{ Text string }
					Locations []struct {
						PhysicalLocation struct {
							ArtifactLocation struct{ URI string }
							Region           struct{ StartLine, StartColumn, EndColumn int }
						}
					}
				}
			}
		}
		d := json.NewDecoder(&out)
		if err := d.Decode(&log); err != nil {
			t.Fatal(err)
		}
		if log.Version != "2.1.0" || log.Schema == "" || len(log.Runs) != 1 || log.Runs[0].Results == nil || log.Runs[0].Tool.Driver.Name != "loadline" || log.Runs[0].ColumnKind != "unicodeCodePoints" {
			t.Fatalf("%v: %+v", c.files, log)
		}
		rules := log.Runs[0].Tool.Driver.Rules
		var got []string
		for _, r := range *log.Runs[0].Results {
			if r.RuleIndex < 0 || r.RuleIndex >= len(rules) || rules[r.RuleIndex].ID != r.RuleID || rules[r.RuleIndex].ShortDescription.Text == "" || r.Level != "error" || r.Message.Text == "" || len(r.Locations) != 1 {
				t.Errorf("%v: a result %+v", c.files, r)
				continue
			}
			at := r.Locations[0].PhysicalLocation
			if u, err := url.Parse(at.ArtifactLocation.URI); err != nil || u.IsAbs() {
				t.Errorf("%q is no relative URI: %v", at.ArtifactLocation.URI, err)
			}
			got = append(got, r.RuleID+" "+at.ArtifactLocation.URI+" "+strconv.Itoa(at.Region.StartLine)+":"+strconv.Itoa(at.Region.StartColumn)+"-"+strconv.Itoa(at.Region.EndColumn))
		}
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%v:\n%s\nwant\n%s", c.files, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

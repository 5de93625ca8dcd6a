package cli_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/loadline-dev/loadline/internal/cli"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// inProcess runs the program in this process, with a simulated account behind a call.
func inProcess(args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	c := cli.Command{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err, Getenv: func(string) string { return "" }, InProcess: true}
	return c.Main(args), out.String(), err.String()
}

const discoverAccount = "testdata/discover/account.yaml"

// What discover prints, in every format, of an account that has a bit of all:
// in virtual time, since days left are counted.
func TestDiscoverGolden(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
	}{
		{"all.table", nil},
		{"all.markdown", []string{"--all", "--format", "markdown"}},
		{"all.csv", []string{"--all", "--format", "csv"}},
		{"all.json", []string{"--all", "--format", "json"}},
		{"family.table", []string{"--family", "cLaUdE"}},
		{"model.table", []string{"--model", "amazon.nova-lite-v1:0", "--prices"}},
		{"model.json", []string{"--model", "amazon.nova-lite-v1:0", "--prices", "--format", "json"}},
		{"model.markdown", []string{"--model", "anthropic.claude-3-haiku-20240307-v1:0", "--prices", "--format", "markdown"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var status int
			var stdout, stderr string
			synctest.Test(t, func(t *testing.T) {
				status, stdout, stderr = inProcess(append([]string{"discover", "--simulate=" + discoverAccount}, c.args...)...)
			})
			if status != 0 || stderr != "" {
				t.Fatalf("exit %d, stderr %q", status, stderr)
			}
			file := filepath.Join("testdata", "discover", c.name+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(stdout), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if stdout != string(want) {
				t.Errorf("%s is not what discover prints; if that is right, run go test ./internal/cli -run TestDiscoverGolden -update\n%s", file, stdout)
			}
		})
	}
}

// The formats tell of the same quotas.
func TestDiscoverFormatsAgree(t *testing.T) {
	_, text, _ := inProcess("discover", "--simulate="+discoverAccount, "--format", "json")
	var all struct {
		Models []struct {
			ID                        string
			Base                      *string `json:"base_model"`
			Family, Provider, Scope   *string
			Quotas, Related, Problems []any
		}
		Quotas []struct{ Code, Group string }
	}
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Models) == 0 || len(all.Quotas) == 0 {
		t.Fatal("nothing was found")
	}
	for _, m := range all.Models {
		if m.Base == nil || m.Family == nil || m.Provider == nil || m.Scope == nil || m.Quotas == nil || m.Related == nil || m.Problems == nil {
			t.Errorf("%s lacks a key, or has null for a list: %+v", m.ID, m)
		}
	}
	_, table, _ := inProcess("discover", "--simulate="+discoverAccount)
	_, markdown, _ := inProcess("discover", "--simulate="+discoverAccount, "--format", "markdown")
	_, lines, _ := inProcess("discover", "--simulate="+discoverAccount, "--format", "csv")
	rows, err := csv.NewReader(strings.NewReader(lines)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	inCSV := map[string]bool{}
	for _, r := range rows {
		inCSV[r[8]] = true
	}
	for _, q := range all.Quotas {
		if !strings.Contains(table, q.Code) || !strings.Contains(markdown, q.Code) || !inCSV[q.Code] {
			t.Errorf("%s is in the JSON; in the table %v, in Markdown %v, in CSV %v", q.Code, strings.Contains(table, q.Code), strings.Contains(markdown, q.Code), inCSV[q.Code])
		}
		if !strings.Contains("\n"+table, "\n"+q.Group+"\n") {
			t.Errorf("the table has no heading %s", q.Group)
		}
	}
}

func TestDiscoverSelects(t *testing.T) {
	for _, c := range []struct {
		args    string
		status  int
		has     string // parts of what is printed, split by |
		without string
	}{
		{"--family nova", 0, "Nova|L-E386A278|amazon.nova-lite-v1:0", "claude|Guardrails"},
		{"--family NOVA --family titan", 0, "Nova|Titan", "claude"},
		{"--family titan-text", 0, "amazon.titan-text-express-v1", "Titan Image"},
		{"--family titan", 0, "amazon.titan-text-express-v1|Titan Image", "Nova"},
		{"--family General", 0, "General|Guardrails", "Claude 3"},
		{"--model amazon.nova-lite-v1:0", 0, "L-E386A278", "L-89F8391A|claude|Guardrails"},
		{"--model no.such-model", 0, "no.such-model|Problems", "Guardrails"},
		{"--family nvoa", 2, "--family nvoa: there are Claude|Stable Diffusion", ""},
		{"--all --family nova", 2, "leave it out", ""},
		{"--format xml", 2, "table, json, csv and markdown", ""},
	} {
		status, stdout, stderr := inProcess(append([]string{"discover", "--simulate=" + discoverAccount}, strings.Fields(c.args)...)...)
		if status != c.status {
			t.Errorf("%s: exit %d; want %d\n%s", c.args, status, c.status, stderr)
		}
		for _, part := range strings.Split(c.has, "|") {
			if !strings.Contains(stdout+stderr, part) {
				t.Errorf("%s: nothing about %q in\n%s", c.args, part, stdout+stderr)
			}
		}
		for _, part := range strings.Split(c.without, "|") {
			if part != "" && strings.Contains(stdout, part) {
				t.Errorf("%s: %q in\n%s", c.args, part, stdout)
			}
		}
	}
}

// The lines that --prices prints are models of a scenario.
func TestDiscoverPrintsPricesToPaste(t *testing.T) {
	_, stdout, _ := inProcess("discover", "--simulate="+discoverAccount, "--prices")
	_, models, ok := strings.Cut(stdout, "In a scenario:\n")
	if !ok || strings.Count(models, "price:") != 4 {
		t.Fatalf("the prices to paste are %q", models)
	}
	file := filepath.Join(t.TempDir(), "scenario.yaml")
	if err := os.WriteFile(file, []byte("version: 1\nname: pasted\n"+models+"steps: [{discover: {}}]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if status, plan, stderr := inProcess("plan", file); status != 0 || strings.Count(plan, "the scenario") != 4 {
		t.Errorf("plan: exit %d\n%s%s", status, plan, stderr)
	}
}

// Names come from outside: no format prints what a terminal or a page would
// act on.
func TestDiscoverCleansNames(t *testing.T) {
	file := filepath.Join(t.TempDir(), "account.yaml")
	const nasty = `"On-demand model inference requests per minute for Amazon Nova Lite\e[31m\u202E <script> | \n@team"`
	src := "quotas:\n  - {code: \"L-\\u202e1\", name: " + nasty + ", value: 1}\nmodels:\n  - {id: amazon.nova-lite-v1:0, name: " + nasty + ", provider: " + nasty + "}\n"
	if err := os.WriteFile(file, []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	for format := range map[string]bool{"table": true, "json": true, "csv": true, "markdown": true} {
		status, stdout, stderr := inProcess("discover", "--simulate="+file, "--format", format, "--prices")
		if status != 0 {
			t.Fatalf("%s: exit %d\n%s", format, status, stderr)
		}
		for _, bad := range []string{"\x1b", "\u202e"} {
			if strings.Contains(stdout+stderr, bad) {
				t.Errorf("%s has %q", format, bad)
			}
		}
		if format == "markdown" && (strings.Contains(stdout, "<script>") || strings.Contains(stdout, "@team")) {
			t.Errorf("Markdown has what a page would act on:\n%s", stdout)
		}
	}
}

// largeAccount has 1,100 quotas and 200 models, with a profile for every second.
func largeAccount(tb testing.TB) string {
	b := &strings.Builder{}
	b.WriteString("account: \"123456789012\"\nregion: us-east-1\nquotas:\n")
	code := 0
	quota := func(form string, args ...any) {
		code++
		fmt.Fprintf(b, "  - {code: L-%08d, name: %q, value: %d, default: 2000}\n", code, fmt.Sprintf(form, args...), code)
	}
	for i := range 200 {
		quota("On-demand model inference requests per minute for Amazon Nova %d Lite", i)
		quota("On-demand model inference tokens per minute for Amazon Nova %d Lite", i)
		quota("Cross-region model inference requests per minute for Amazon Nova %d Lite", i)
		quota("Cross-region model inference tokens per minute for Amazon Nova %d Lite", i)
		quota("Model invocation max tokens per day for Amazon Nova %d Lite (doubled for cross-region calls)", i)
	}
	for i := range 100 {
		quota("(Guardrails) Words of policy %d", i)
	}
	b.WriteString("models:\n")
	for i := range 200 {
		fmt.Fprintf(b, "  - {id: \"amazon.nova-%d-lite-v1:0\", name: Nova %d Lite, provider: Amazon, inference_types: [ON_DEMAND, INFERENCE_PROFILE]}\n", i, i)
	}
	b.WriteString("profiles:\n")
	for i := range 100 {
		fmt.Fprintf(b, "  - {id: \"us.amazon.nova-%d-lite-v1:0\", models: [\"amazon.nova-%d-lite-v1:0\"]}\n", 2*i, 2*i)
	}
	file := filepath.Join(tb.TempDir(), "account.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		tb.Fatal(err)
	}
	return file
}

func TestDiscoverOfALargeAccount(t *testing.T) {
	status, stdout, stderr := inProcess("discover", "--simulate="+largeAccount(t), "--all", "--format", "json")
	var all struct {
		Models []struct{ Quotas []any }
		Quotas []any
	}
	if err := json.Unmarshal([]byte(stdout), &all); status != 0 || err != nil || len(all.Models) != 300 || len(all.Quotas) != 1100 {
		t.Fatalf("exit %d, %v: %d models and %d quotas; want 300 and 1,100\n%s", status, err, len(all.Models), len(all.Quotas), stderr)
	}
	for i, m := range all.Models {
		if len(m.Quotas) != 3 {
			t.Fatalf("model %d has %d quotas; want 3", i, len(m.Quotas))
		}
	}
}

// The whole of `discover --all`: the account file is read, served over loopback,
// and listed. The process's own memory is a metric of the second.
func BenchmarkDiscoverAll(b *testing.B) {
	file := largeAccount(b)
	for b.Loop() {
		if status, _, stderr := inProcess("discover", "--simulate="+file, "--all"); status != 0 {
			b.Fatal(stderr)
		}
	}
}

func BenchmarkDiscoverAllProcess(b *testing.B) {
	file := largeAccount(b)
	var rss int64
	for b.Loop() {
		cmd := exec.Command("loadline", "discover", "--simulate="+file, "--all")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			rss = max(rss, usage.Maxrss)
		}
	}
	b.ReportMetric(float64(rss)/1024, "MB-max-rss")
}

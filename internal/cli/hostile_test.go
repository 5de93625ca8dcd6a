package cli_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/loadline-dev/loadline/internal/cli"
)

const hostileScenario = `version: 1
name: "n <script>alert(1)</script> ]]> & \" '"
models:
  '<script>&"': anthropic.claude-3-haiku-20240307-v1:0
  '"/><svg onload=alert(1)>': amazon.nova-lite-v1:0
  "\u202Eevil\u200B": us.amazon.nova-lite-v1:0
steps:
  - discover: {}
  - load: {ramp: [{to: 120 rpm, over: 20s}]}
  - monitor: {window: 1h}
assert:
  - {name: "]]><script>", expr: load.throttle_rate <= 0.5}
  - {name: "::error::not a command", expr: load.ok < 0}
  - {name: "| a | table |", expr: monitor.throttle_rate <= 1, severity: warn}
`

const hostileAccount = `
account: "123456789012"
region: us-east-1
models:
  - {id: "anthropic.claude-3-haiku-20240307-v1:0", name: "<script>&\"", provider: "]]>", limits: {rpm: 30, burst: 2}}
  - {id: "amazon.nova-lite-v1:0", name: "&amp;"}
profiles:
  - {id: "us.amazon.nova-lite-v1:0", name: "<b>", models: ["amazon.nova-lite-v1:0"]}
quotas:
  - {code: L-2DC80978, name: "On-demand model inference requests per minute for Anthropic <script>&\"", value: 60}
`

// Names from a scenario and texts from AWS come out as what they are: text.
func TestHostileNamesStayText(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"scenario.yaml": hostileScenario, "account.yaml": hostileAccount} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var stdout, stderr bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		c := cli.Command{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" }, InProcess: true}
		if status := c.Main([]string{"run", "--simulate", "--out", "out", "scenario.yaml"}); status != 1 {
			t.Fatalf("exit %d; want 1 (one assertion cannot hold)\n%s%s", status, &stdout, &stderr)
		}
	})
	parsed := 0
	err := fs.WalkDir(os.DirFS("out"), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join("out", path))
		if err != nil {
			return err
		}
		switch filepath.Ext(path) {
		case ".xml", ".svg":
			strict(t, path, data)
			parsed++
		case ".html", ".md":
			if bytes.Contains(data, []byte("<script>alert")) || bytes.Contains(data, []byte("<svg onload")) {
				t.Errorf("%s holds live markup from a name", path)
			}
		}
		if path != "calls.jsonl.zst" && strings.ContainsAny(string(data), "\u202E\u200B\x1b") {
			t.Errorf("%s holds characters that cannot be seen", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if parsed < 3 {
		t.Errorf("%d XML files were parsed; want the JUnit file and two charts", parsed)
	}
	for _, out := range []string{stdout.String(), stderr.String()} {
		for _, line := range strings.Split(out, "\n") {
			if strings.HasPrefix(line, "::") {
				t.Errorf("a line that a CI would obey: %q", line)
			}
		}
	}
}

// strict parses XML to its end, and wants one root and balanced tags.
func strict(t *testing.T, path string, data []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict = true
	depth, roots := 0, 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Errorf("%s is not well-formed: %v", path, err)
			return
		}
		switch e := token.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			depth++
			if e.Name.Local == "script" {
				t.Errorf("%s has an element script", path)
			}
			for _, a := range e.Attr {
				if strings.HasPrefix(a.Name.Local, "on") {
					t.Errorf("%s has an attribute %s", path, a.Name.Local)
				}
			}
		case xml.EndElement:
			depth--
		}
	}
	if roots != 1 || depth != 0 {
		t.Errorf("%s has %d roots", path, roots)
	}
}

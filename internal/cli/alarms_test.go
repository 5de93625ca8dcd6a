package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// Names from a scenario and texts from AWS reach terminals, CI logs and the files
// of other tools as text.
func TestAlarmsOfHostileNames(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	quota := "  - {code: L-8CE99163, name: \"On-demand model inference tokens per minute for Anthropic Claude 3 Haiku\", value: 60}\n" +
		"  - {code: L-2DC80979, name: \"On-demand model inference requests per minute for ${file(1)} {{resolve:ssm:x}} \\e[31m Claude 3 Haiku\", value: 60}\n"
	account := write("account.yaml", strings.Replace(hostileAccount, "quotas:\n", "quotas:\n"+quota, 1))
	scenario := write("scenario.yaml", strings.Replace(hostileScenario, `name: "n `, `name: "::error:: ${x} {{resolve:ssm:y}} `, 1))
	for _, format := range []string{"text", "json"} {
		status, stdout, stderr := inProcess("alarms", "--simulate="+account, "--format", format, "--apply", "--out", dir, scenario)
		if status != 0 {
			t.Fatalf("exit %d\n%s%s", status, stdout, stderr)
		}
		for _, line := range strings.Split(stdout+stderr, "\n") {
			if strings.HasPrefix(line, "::") || strings.ContainsAny(line, "\x1b\u202E\u200B") {
				t.Errorf("a line that a CI or a terminal would obey: %q", line)
			}
		}
		if format == "json" && !json.Valid([]byte(stdout)) {
			t.Errorf("no JSON: %s", stdout)
		}
	}
	template, err := os.ReadFile(filepath.Join(dir, "alarms.cfn.yaml"))
	var parsed struct {
		Resources map[string]any `yaml:"Resources"`
	}
	if err != nil || yaml.Unmarshal(template, &parsed) != nil || len(parsed.Resources) < 3 {
		t.Errorf("the template has %d alarms, %v", len(parsed.Resources), err)
	}
	terraform, err := os.ReadFile(filepath.Join(dir, "alarms.tf.json"))
	if err != nil || !json.Valid(terraform) {
		t.Errorf("the configuration is no JSON: %v", err)
	}
	for name, data := range map[string][]byte{"the template": template, "the configuration": terraform} {
		for _, live := range []string{"${", "{{", "\\u001b", "\x1b", "<script>"} {
			if strings.Contains(string(data), live) {
				t.Errorf("%s holds %q", name, live)
			}
		}
	}
}

// Where too many ids share the quotas there is no alarm, and no empty file that
// CloudFormation would refuse.
func TestAlarmsOfTooManyIDs(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("models: [{id: acme.model, inference_types: [INFERENCE_PROFILE]}]\nprofiles:\n  - {id: us.acme.model, models: [acme.model]}\n")
	for i := range 10 {
		fmt.Fprintf(&b, "  - {id: \"arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/profile%d\", models: [us.acme.model]}\n", i)
	}
	account, scenario := filepath.Join(dir, "account.yaml"), filepath.Join(dir, "scenario.yaml")
	for path, text := range map[string]string{account: b.String(), scenario: "version: 1\nname: many\nmodels: {it: us.acme.model}\nsteps: [discover: {}]\n"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	status, stdout, stderr := inProcess("alarms", "--simulate="+account, "--apply", "--out", filepath.Join(dir, "out"), scenario)
	if status != 0 || !strings.Contains(stdout, "no alarm for throttles of acme.model cross-region: 11 ids share it") || !strings.Contains(stdout, "\nno alarms\n") ||
		!strings.Contains(stdout, "nothing to do") || !strings.Contains(stderr, "no files are written") {
		t.Errorf("exit %d\n%s%s", status, stdout, stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, "out")); err == nil {
		t.Error("a folder was made for no files")
	}
}

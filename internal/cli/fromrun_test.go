package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/internal/cli"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/record"
)

// fromRun makes an account file of a record with these models.
func fromRun(t *testing.T, models ...record.Model) (file, warnings string, status int) {
	t.Helper()
	dir := t.TempDir()
	b, err := json.Marshal(record.Run{
		SchemaVersion: record.SchemaVersion, Seed: 1 << 63, Target: record.Target{Kind: "aws", Account: "000000000042", Region: "eu-west-1"},
		Scenario: record.Scenario{Name: "one\ntwo: three"}, Models: models,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/run.json", b, 0o644); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	c := cli.Command{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" }}
	status = c.Main([]string{"simulate", "--from-run", dir})
	return stdout.String(), stderr.String(), status
}

func quota(dimension, code string, applied, byDefault *float64) record.Quota {
	return record.Quota{Dimension: dimension, Code: code, Name: "On-demand model inference of " + code + " for Name (of AWS)", Applied: applied, Default: byDefault}
}

func TestAccountFromRun(t *testing.T) {
	const profiles = "arn:aws:bedrock:eu-west-1:000000000042:application-inference-profile/app"
	const throughput = "arn:aws:bedrock:eu-west-1:000000000042:provisioned-model/one"
	rpm := []record.Quota{quota("rpm", "L-1", new(60.0), new(1000.0)), quota("tpm", "L-2", nil, new(0.5)), quota("tpd", "L-3", nil, nil), quota("input_tpm", "L-4", new(7.0), nil)}
	day := quota("tpd", "L-9", new(1000.0), new(5000.0))
	day.Name = "Model invocation max tokens per day for Anthropic Claude Y (doubled for cross-region calls)"
	file, warnings, status := fromRun(t,
		record.Model{ID: "amazon.nova-lite-v1:0", BaseID: "amazon.nova-lite-v1:0", Scope: "on-demand", Quotas: rpm},
		record.Model{ID: "arn:aws:bedrock:eu-west-1:000000000042:inference-profile/eu.amazon.nova-lite-v1:0", BaseID: "amazon.nova-lite-v1:0", Scope: "cross-region", Quotas: []record.Quota{quota("rpm", "L-5", new(2e6), nil)}},
		record.Model{ID: "anthropic.claude-x-v1:0", BaseID: "anthropic.claude-x-v1:0", Scope: "on-demand", Quotas: []record.Quota{quota("rpm", "L-6", new(0.0), nil), quota("tpd", "L-7", new(9e9), nil), quota("account_tpd", "L-8", new(7e8), nil)}},
		record.Model{ID: "us.anthropic.claude-y-v1:0", BaseID: "anthropic.claude-y-v1:0", Scope: "cross-region", Quotas: []record.Quota{day}},
		record.Model{ID: "anthropic.claude-y-v1:0", BaseID: "anthropic.claude-y-v1:0", Scope: "on-demand", Quotas: []record.Quota{day}},
		record.Model{ID: profiles, Scope: "unresolved", Quotas: rpm[:1]},
		record.Model{ID: throughput, Scope: "provisioned"},
	)
	if status != 0 {
		t.Fatalf("exit %d\n%s", status, warnings)
	}
	if _, err := sim.Parse("account.yaml", []byte(file)); err != nil {
		t.Errorf("the file has problems:\n%v", err)
	}
	for _, want := range []string{
		`account: "000000000042"`, "region: eu-west-1", "account_tpd: 700000000\n", "{code: L-8, ", "run one two: three of",
		"{code: L-1, name: On-demand model inference of L-1 for Name (of AWS), value: 60, default: 1000}",
		"value: 0.5, default: 0.5}", "{code: L-6, ", "value: 0}", "value: 2000000}",
		"name: Name, inference_types: [ON_DEMAND, INFERENCE_PROFILE], limits: {rpm: 60, tpm: 1}}",
		"inference_types: [ON_DEMAND], burndown: 5, limits: {tpd: 9000000000, entitled: false}}",
		"{id: 'eu.amazon.nova-lite-v1:0', models: ['amazon.nova-lite-v1:0'], limits: {rpm: 2000000}}",
		"{id: stand-in.app, name: Name, inference_types: [INFERENCE_PROFILE], limits: {rpm: 60}}",
		"{id: '" + profiles + "', models: [stand-in.app]}",
		"{id: 'us.anthropic.claude-y-v1:0', models: ['anthropic.claude-y-v1:0'], limits: {tpd: 2000}}",
		"{id: 'anthropic.claude-y-v1:0', name: Anthropic Claude Y, inference_types: [INFERENCE_PROFILE, ON_DEMAND], burndown: 5, limits: {tpd: 1000}}",
		"{arn: '" + throughput + "', model: stand-in.one}",
	} {
		if !strings.Contains(file, want) {
			t.Errorf("the file has no %s", want)
		}
	}
	if strings.Contains(file, "code: L-3") || strings.Count(file, "code: L-1,") != 1 {
		t.Error("a quota without a value is there, or one is there twice")
	}
	for _, want := range []string{"L-2: the record has no applied value", "L-3: the record has no value", "L-9: doubled for us.anthropic", profiles + ": the record does not tell", throughput + ": the record has no quota"} {
		if !strings.Contains(warnings, "warning: "+want) || !strings.Contains(file, "# "+want) {
			t.Errorf("%q is not told on stderr and in the file", want)
		}
	}
	if t.Failed() {
		t.Log("\n" + file + warnings)
	}
}

// A name that is not fit for an account is refused, not written.
func TestAccountFromAHostileRun(t *testing.T) {
	file, said, status := fromRun(t, record.Model{ID: "a b\x1b[2J", BaseID: "a b\x1b[2J", Scope: "on-demand"})
	if status != record.ExitEnvironment || file != "" || !strings.Contains(said, "makes no account") || strings.Contains(said, "\x1b") {
		t.Errorf("exit %d, %q\n%q", status, file, said)
	}
	file, _, status = fromRun(t, record.Model{ID: "a", BaseID: "a", Scope: "on-demand", Quotas: []record.Quota{{Dimension: "rpm", Code: "L-1", Name: "x: {\"'#\x01\n- y", Applied: new(1.0)}}})
	if _, err := sim.Parse("a", []byte(file)); status != 0 || err != nil {
		t.Errorf("exit %d: %v\n%s", status, err, file)
	}
}

package examples_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/loadline-dev/loadline/internal/cli"
)

// What docs/clients.md says of the account of example 12, where a throttled call
// takes from the quota as one that is answered does.
const collapsing = `version: 1
name: collapsing
region: us-east-1
budget: {requests: 30k, tokens: 5M, duration: 1h}
models: {bare: "meta.llama3-1-8b-instruct-v1:0", full: "meta.llama3-2-3b-instruct-v1:0", paced: "meta.llama3-1-70b-instruct-v1:0"}
request: {prompt: Hello, max_tokens: 80}
steps:
  - discover: {}
  - parallel:
      - load: {name: bare, models: [bare], warmup: 20s, ramp: {sine: 150% of quota, amplitude: 60% of quota, period: 40s, for: 2m}, client: {retry: {policy: none}}}
      - load: {name: full, models: [full], warmup: 20s, ramp: {sine: 150% of quota, amplitude: 60% of quota, period: 40s, for: 2m}, client: {retry: {policy: full-jitter}}}
      - load: {name: paced, models: [paced], warmup: 20s, ramp: {sine: 150% of quota, amplitude: 60% of quota, period: 40s, for: 2m}, client: {pacing: {}, retry: {policy: full-jitter}}}
assert:
  - {name: a bare client loses more than what is too much, expr: bare.ok < 0.5 * paced.ok, scope: run}
  - {name: retries lose most of the rest, expr: full.ok < 0.2 * bare.ok, scope: run}
  - {name: the paced client has what the quota holds, expr: paced.throttled == 0 and paced.ok > 900, scope: run}
report: {formats: [json]}
`

func TestRetriesCollapseWhereThrottlesCount(t *testing.T) {
	account, err := os.ReadFile("12-compare-clients/account.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const burst = "burst: 30}"
	if !bytes.Contains(account, []byte(burst)) {
		t.Fatalf("the account of the example has no %q", burst)
	}
	account = bytes.ReplaceAll(account, []byte(burst), []byte("burst: 30, throttled_consume_rpm: true}"))
	dir := t.TempDir()
	for name, data := range map[string][]byte{"account.yaml": account, "scenario.yaml": []byte(collapsing)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		c := cli.Command{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }, InProcess: true}
		if got := c.Main([]string{"run", "--simulate=account.yaml", "--out", "out", "scenario.yaml"}); got != 0 {
			t.Errorf("exit status %d\n%s", got, &out)
		}
	})
}

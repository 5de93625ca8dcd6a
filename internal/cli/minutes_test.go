package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/internal/cli"
)

// 200 calls a second with the simulated account, its CloudWatch, the journal and
// the reports: a minute, or as many as LOADLINE_MINUTES says. How long it takes
// of real time is in the log (-v).
func TestMinutesOfTwoHundredCallsASecond(t *testing.T) {
	minutes := 1
	if n, err := strconv.Atoi(os.Getenv("LOADLINE_MINUTES")); err == nil {
		minutes = n
	}
	calls := minutes * 12_000
	dir := t.TempDir()
	files := map[string]string{
		"/ten.yaml":     fmt.Sprintf("version: 1\nname: ten\nmodels: {nova: amazon.nova-lite-v1:0}\nsteps:\n  - load: {ramp: {constant: 12000 rpm, for: %dm}, stop_when: throttle_rate > 0.9}\nassert: [{expr: load.attempts == %d}]\n", minutes, calls),
		"/account.yaml": "account: \"123456789012\"\nregion: us-east-1\nmodels:\n  - {id: amazon.nova-lite-v1:0, name: Nova Lite, provider: Amazon, inference_types: [ON_DEMAND], limits: {rpm: 11000, tpm: 100000000}}\n",
	}
	for name, src := range files {
		if err := os.WriteFile(dir+name, []byte(src), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	real := time.Now()
	synctest.Test(t, func(t *testing.T) {
		var stdout, stderr bytes.Buffer
		c := cli.Command{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" }, InProcess: true}
		if status := c.Main([]string{"run", "--simulate", "--out", dir + "/out", dir + "/ten.yaml"}); status != 0 {
			t.Fatalf("exit %d\n%s%s", status, &stdout, &stderr)
		}
	})
	journal, err := os.Stat(dir + "/out/calls.jsonl.zst")
	if err != nil {
		t.Fatal(err)
	}
	if size := journal.Size() / int64(calls); size > 100 {
		t.Errorf("the journal has %d bytes a call; want 100 at most", size)
	}
	t.Logf("%d calls took %s, and %d bytes of journal", calls, time.Since(real), journal.Size())
}

package cli_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/internal/cli"
)

func hourOfLoad(t *testing.T, main func(args ...string) int) {
	file := t.TempDir() + "/hour.yaml"
	src := "version: 1\nname: hour\nmodels: {nova: amazon.nova-lite-v1:0}\nsteps:\n  - load: {ramp: {constant: 60 rpm, for: 1h}}\nassert: [{expr: load.ok == 3600}]\n"
	if err := os.WriteFile(file, []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	if status := main("run", "--simulate", "--out", t.TempDir()+"/out", file); status != 0 {
		t.Fatalf("exit %d", status)
	}
}

func TestAnHourOfLoadInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stdout, stderr bytes.Buffer
		c := cli.Command{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" }, InProcess: true}
		began := time.Now()
		hourOfLoad(t, func(args ...string) int { return c.Main(args) })
		if d := time.Since(began); d < time.Hour-time.Minute || d > time.Hour+time.Minute {
			t.Errorf("the run took %s of virtual time; want an hour", d)
		}
		// Off a terminal: a line for the stage, and a heartbeat every half minute.
		if beats := strings.Count(stderr.String(), "load constant"); beats < 115 || beats > 122 {
			t.Errorf("%d lines of progress in an hour; want one in 30 s\n%.500s", beats, &stderr)
		}
		if !strings.Contains(stdout.String(), "1 passed") || strings.Contains(stdout.String(), "load constant") {
			t.Errorf("stdout: %s; want the verdict and no progress", &stdout)
		}
	})
}

package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/internal/cli"
	"github.com/loadline-dev/loadline/record"
)

const watchedAccount = `account: "123456789012"
region: us-east-1
quotas:
  - {code: L-E386A278, name: "On-demand model inference requests per minute for Amazon Nova Lite", value: 2000}
models:
  - {id: amazon.nova-lite-v1:0, name: Nova Lite, provider: Amazon}
  - {id: amazon.nova-pro-v1:0, name: Nova Pro, provider: Amazon}
traffic:
  - {model: amazon.nova-lite-v1:0, rpm: 7}
  - {model: amazon.nova-pro-v1:0, rpm: 0, incidents: [{ago: 335h, for: 30m, rpm: 3}]}
`

// sitting is a watch that a signal ends after a while of virtual time.
type sitting struct {
	dir            string
	stdout, stderr output
	status         int
	lasted         time.Duration
}

// sit watches. seen, where given, looks every ten seconds.
func sit(t *testing.T, account string, ends time.Duration, signal os.Signal, seen func(s *sitting), args ...string) *sitting {
	t.Helper()
	s := &sitting{dir: t.TempDir()}
	file := filepath.Join(s.dir, "account.yaml")
	if err := os.WriteFile(file, []byte(account), 0o644); err != nil {
		t.Fatal(err)
	}
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "DIR", s.dir)
	}
	synctest.Test(t, func(t *testing.T) {
		signals := make(chan os.Signal, 1)
		c := cli.Command{Stdin: strings.NewReader(""), Stdout: &s.stdout, Stderr: &s.stderr, Getenv: func(string) string { return "" }, InProcess: true, Signals: signals}
		began, over := time.Now(), make(chan struct{})
		go func() {
			defer close(over)
			s.status = c.Main(append([]string{"monitor", "--simulate=" + file}, args...))
			s.lasted = time.Since(began)
		}()
		for {
			select {
			case <-over:
				return
			case <-time.After(10 * time.Second):
			}
			if seen != nil {
				synctest.Wait()
				seen(s)
			}
			if signal != nil && time.Since(began) >= ends {
				signals <- signal
				<-over
				return
			}
		}
	})
	return s
}

func monitored(t *testing.T, s *sitting) *record.Run {
	t.Helper()
	src, err := os.ReadFile(s.dir + "/out/run.json")
	if err != nil {
		t.Fatal(err)
	}
	var r record.Run
	if err := json.Unmarshal(src, &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

// Each reading prints a block, and rewrites the folder: the window moves on. A
// signal is the proper end.
func TestWatchReadsAgainAndAgain(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		ends := map[time.Time]bool{}
		s := sit(t, watchedAccount, 5*time.Minute+30*time.Second, signal, func(s *sitting) {
			ends[monitored(t, s).Steps[0].Window.End] = true
			if _, err := os.Stat(s.dir + "/out/charts/monitor.svg"); err != nil {
				t.Error(err)
			}
		}, "--model", "amazon.nova-lite-v1:0", "--window", "10m", "--watch", "1m", "--out", "DIR/out")
		if s.status != 0 || s.lasted > 6*time.Minute {
			t.Errorf("%s: exit %d after %s; want 0 at once\n%s", signal, s.status, s.lasted, &s.stderr)
		}
		if blocks := strings.Count(s.stdout.String(), "CloudWatch from"); blocks != 6 || len(ends) != 6 {
			t.Errorf("%d blocks, windows end at %v; want 6\n%s", blocks, ends, &s.stdout)
		}
		if strings.Contains(s.stdout.String(), "\x1b") {
			t.Error("control sequences off a terminal")
		}
		// Told once, as what is the same each time. 23 x 60 x USD 0.01 / 1,000 an hour.
		if err := s.stderr.String(); strings.Count(err, "asks CloudWatch for 23 metrics: an hour of them costs about USD 0.014 ") != 1 || strings.Count(err, "reports: ") != 1 {
			t.Errorf("stderr:\n%s", err)
		}
	}
}

// Models of --all are listed each time: one that was not called for two weeks
// goes, and its files with it; what is not ours in the folder stays.
func TestWatchListsTheModelsEachTime(t *testing.T) {
	began := true
	s := sit(t, watchedAccount, 3*time.Hour, os.Interrupt, func(s *sitting) {
		if began {
			began = false
			if n := len(monitored(t, s).Models); n != 2 {
				t.Errorf("%d models at first; want 2", n)
			}
			if err := os.WriteFile(s.dir+"/out/theirs.txt", nil, 0o644); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(s.dir + "/out/charts/monitor/amazon.nova-pro-v1_0-calls.svg"); err != nil {
				t.Error(err)
			}
		}
	}, "--all", "--window", "14d", "--period", "1h", "--watch", "30m", "--out", "DIR/out")
	if n := len(monitored(t, s).Models); s.status != 0 || n != 1 {
		t.Errorf("exit %d, %d models; want 0 and 1\n%s", s.status, n, &s.stderr)
	}
	if left, _ := filepath.Glob(s.dir + "/out/charts/monitor/*pro*"); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	if _, err := os.Stat(s.dir + "/out/theirs.txt"); err != nil {
		t.Error(err)
	}
}

// failing is an account whose CloudWatch refuses for a while.
func failing(from, length string) string {
	return watchedAccount + "faults:\n  - {match: {operation: cloudwatch.GetMetricData}, when: {from: " + from + ", for: " + length + "}, what: {error: {status: 403, code: AccessDenied, message: \"not\\u001b[2J now\"}}}\n"
}

func TestWatchGoesOnAfterFailures(t *testing.T) {
	args := []string{"--model", "amazon.nova-lite-v1:0", "--window", "10m", "--watch", "1m", "--textfile", "DIR/loadline.prom"}
	s := sit(t, failing("90s", "2m"), 6*time.Minute+10*time.Second, os.Interrupt, nil, args...)
	if told := strings.Count(s.stderr.String(), "2 of 3 in a row"); s.status != 0 || told != 1 || strings.Contains(s.stderr.String(), "\x1b") {
		t.Errorf("exit %d, %d times two failures; want 0, and once\n%s", s.status, told, &s.stderr)
	}
	if blocks := strings.Count(s.stdout.String(), "CloudWatch from"); blocks != 5 {
		t.Errorf("%d blocks; want 7 without 2", blocks)
	}
	// What was never well ends at once; what is no longer well after three readings.
	s = sit(t, failing("0s", "9h"), time.Hour, nil, nil, append([]string{}, args...)...)
	if s.status != record.ExitEnvironment || s.lasted > time.Minute {
		t.Errorf("exit %d after %s; want 4 at once", s.status, s.lasted)
	}
	s = sit(t, failing("90s", "9h"), time.Hour, nil, nil, "--model", "amazon.nova-lite-v1:0", "--window", "10m", "--watch", "1m", "--textfile", "DIR/loadline.prom")
	if s.status != record.ExitEnvironment || s.lasted < 4*time.Minute || s.lasted > 5*time.Minute || !strings.Contains(s.stderr.String(), "3 readings in a row failed") {
		t.Errorf("exit %d after %s; want 4 after four minutes\n%s", s.status, s.lasted, &s.stderr)
	}
	// The textfile is still that of the last reading, and says when that was.
	src, err := os.ReadFile(s.dir + "/loadline.prom")
	if err != nil || !strings.Contains(string(src), `loadline_monitor_read_timestamp_seconds{region="us-east-1",account="123456789012"} 9.4668486`) {
		t.Errorf("%v\n%.600s", err, src)
	}
}

// Who ends a watch before it has read anything has nothing.
func TestWatchInterruptedBeforeTheFirstReading(t *testing.T) {
	slow := watchedAccount + "faults:\n  - {match: {operation: cloudwatch.GetMetricData}, what: {delay: 50s}}\n"
	for signal, want := range map[os.Signal]int{os.Interrupt: record.ExitInterrupt, syscall.SIGTERM: record.ExitTerminate} {
		s := sit(t, slow, 20*time.Second, signal, nil, "--model", "amazon.nova-lite-v1:0", "--watch", "1m")
		if s.status != want || len(s.stdout.String()) > 0 || s.lasted > 25*time.Second {
			t.Errorf("%s: exit %d after %s; want %d\n%s%s", signal, s.status, s.lasted, want, &s.stdout, &s.stderr)
		}
	}
}

// A folder that cannot be written is told like a reading that fails.
func TestWatchTellsOfAFolderThatIsGone(t *testing.T) {
	broken := false
	s := sit(t, watchedAccount, time.Hour, nil, func(s *sitting) {
		if !broken {
			broken = true
			if err := errors.Join(os.RemoveAll(s.dir+"/out"), os.WriteFile(s.dir+"/out", nil, 0o644)); err != nil {
				t.Error(err)
			}
		}
	}, "--model", "amazon.nova-lite-v1:0", "--window", "10m", "--watch", "1m", "--out", "DIR/out")
	if blocks := strings.Count(s.stdout.String(), "CloudWatch from"); s.status != record.ExitEnvironment || blocks != 4 {
		t.Errorf("exit %d, %d blocks; want 4 and 4\n%s", s.status, blocks, &s.stderr)
	}
}

// Who reads while files are replaced finds each of them, and whole.
func TestAReaderOfAFolderThatIsReplacedSeesWholeFiles(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/account.yaml", []byte(watchedAccount), 0o644); err != nil {
		t.Fatal(err)
	}
	write := func() {
		var out bytes.Buffer
		c := cli.Command{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }, InProcess: true}
		if status := c.Main([]string{"monitor", "--simulate=" + dir + "/account.yaml", "--all", "--window", "1h", "--out", dir + "/out", "--textfile", dir + "/usage.prom"}); status != 0 {
			t.Errorf("exit %d\n%s", status, &out)
		}
	}
	write()
	over := make(chan struct{})
	go func() {
		defer close(over)
		for range 8 {
			write()
		}
	}()
	defer func() { <-over }()
	ends := map[string]string{"out/run.json": "}", "out/charts/monitor.svg": "</svg>", "out/report.html": "</html>", "usage.prom": " 2000"}
	for reading := true; reading; {
		select {
		case <-over:
			reading = false
		default:
		}
		for name, end := range ends {
			if src, err := os.ReadFile(dir + "/" + name); err != nil || !strings.HasSuffix(strings.TrimSpace(string(src)), end) {
				t.Fatalf("%s: %v, it ends with %q", name, err, src[max(0, len(src)-20):])
			}
		}
	}
	if left, _ := filepath.Glob(dir + "/out/.*.tmp"); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

func TestWatchTellsTheSameOnce(t *testing.T) {
	heard := []string{"note: quotas read 9 min ago", "reports: out"}
	for line, want := range map[string]int{"note: quotas read 10 min ago": 0, "reports: out": 0, "note: quotas read 1 h ago": 1, "reports: elsewhere": 1} {
		if got := cli.News([]string{line}, heard); len(got) != want {
			t.Errorf("%q: %q; want %d lines", line, got, want)
		}
	}
}

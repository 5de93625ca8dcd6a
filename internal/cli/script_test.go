package cli_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/loadline-dev/loadline/internal/cli"
	"github.com/loadline-dev/loadline/internal/sim"
)

// TestMain lets the test binary be the program, so that scripts run it as a
// process: with its exit statuses, its signals and its files.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"loadline": func() {
		signal.Ignore(syscall.SIGPIPE)
		signals := make(chan os.Signal, 2)
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		c := cli.Command{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Signals: signals, Exit: os.Exit, CacheDir: filepath.Join(os.Getenv("WORK"), "cache")}
		os.Exit(c.Main(os.Args[1:]))
	}})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"reloaded":  reloaded,
			"serving":   serving,
			"signalled": signalled,
			"killed":    killed,
			"stopped":   stopped,
			"unpacked":  unpacked,
		},
		Setup: func(e *testscript.Env) error {
			// Nothing of the machine's AWS set-up may decide a test.
			e.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			e.Setenv("AWS_CONFIG_FILE", filepath.Join(e.WorkDir, "none"))
			e.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(e.WorkDir, "none"))
			return nil
		},
	})
}

// exits runs a command and wants an exit status: exits STATUS COMMAND ARGS...
// Its output is left in the files stdout and stderr.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	want := number(ts, args[0])
	got := run(ts, args[1:], nil)
	if (got == want) == neg {
		ts.Fatalf("%q: exit status %d; want %d\n%s%s", args[1:], got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// serving starts a simulated account, which takes the place of AWS for the
// commands that follow: serving ACCOUNT.
func serving(ts *testscript.TestScript, _ bool, args []string) {
	account, err := sim.Parse(args[0], []byte(ts.ReadFile(args[0])))
	ts.Check(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	s := sim.Serve(l, sim.New(account))
	ts.Defer(func() { s.Shutdown(context.Background()) })
	ts.Setenv("AWS_ENDPOINT_URL", "http://"+l.Addr().String())
	ts.Setenv("AWS_ACCESS_KEY_ID", "key")
	ts.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
}

// await looks until something has happened: a real process runs in real time.
func await(happened func() bool) {
	for !happened() {
		time.Sleep(10 * time.Millisecond)
	}
}

// signalled runs a command, signals it each time when a text has come up in
// its output, and wants an exit status:
// signalled STATUS SIGNAL TIMES TEXT COMMAND ARGS...
func signalled(ts *testscript.TestScript, _ bool, args []string) {
	want, times, text := number(ts, args[0]), number(ts, args[2]), args[3]
	s := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM}[args[1]]
	got := run(ts, args[4:], func(p *os.Process, seen func() string) {
		for range times {
			await(func() bool { return strings.Contains(seen(), text) })
			ts.Check(p.Signal(s))
			text = "Once more leaves at once"
		}
	})
	if got != want {
		ts.Fatalf("%q: exit status %d; want %d\n%s%s", args[4:], got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// killed runs a command and kills it outright when a file has some bytes:
// killed FILE BYTES COMMAND ARGS...
func killed(ts *testscript.TestScript, _ bool, args []string) {
	file, least := ts.MkAbs(args[0]), int64(number(ts, args[1]))
	got := run(ts, args[2:], func(p *os.Process, _ func() string) {
		await(func() bool {
			info, err := os.Stat(file)
			return err == nil && info.Size() >= least
		})
		ts.Check(p.Kill())
	})
	if got != -1 {
		ts.Fatalf("%q ended by itself, with status %d", args[2:], got)
	}
}

// stopped runs a command, makes a file when a text has come up in its output,
// and wants an exit status: stopped STATUS FILE TEXT COMMAND ARGS...
func stopped(ts *testscript.TestScript, _ bool, args []string) {
	want, file, text := number(ts, args[0]), ts.MkAbs(args[1]), args[2]
	got := run(ts, args[3:], func(_ *os.Process, seen func() string) {
		await(func() bool { return strings.Contains(seen(), text) })
		ts.Check(os.WriteFile(file, nil, 0o644))
	})
	if got != want {
		ts.Fatalf("%q: exit status %d; want %d\n%s%s", args[3:], got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// unpacked writes the lines of a journal to the file stdout: unpacked FILE.
func unpacked(ts *testscript.TestScript, _ bool, args []string) {
	src, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer src.Close()
	z, err := zstd.NewReader(src)
	ts.Check(err)
	defer z.Close()
	var out bytes.Buffer
	if _, err := out.ReadFrom(z); err != io.ErrUnexpectedEOF {
		ts.Check(err)
	}
	ts.Check(os.WriteFile(ts.MkAbs("stdout"), out.Bytes(), 0o644))
}

func number(ts *testscript.TestScript, s string) int {
	n, err := strconv.Atoi(s)
	ts.Check(err)
	return n
}

// output collects what a process writes while it runs.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func run(ts *testscript.TestScript, args []string, meanwhile func(*os.Process, func() string)) int {
	cmd := exec.Command(args[0], args[1:]...)
	if path, err := lookPath(ts, args[0]); err == nil {
		cmd.Path, cmd.Err = path, nil
	}
	cmd.Dir = ts.Getenv("WORK")
	for _, name := range []string{"PATH", "HOME", "WORK", "TMPDIR", "GITHUB_STEP_SUMMARY", "GOGC", "AWS_EC2_METADATA_DISABLED", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		if v := ts.Getenv(name); v != "" {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	var stdout, stderr output
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	ts.Check(cmd.Start())
	if meanwhile != nil {
		meanwhile(cmd.Process, func() string { return stdout.String() + stderr.String() })
	}
	err := cmd.Wait()
	if _, ok := err.(*exec.ExitError); err != nil && !ok {
		ts.Check(err)
	}
	ts.Check(os.WriteFile(ts.MkAbs("stdout"), []byte(stdout.String()), 0o644))
	ts.Check(os.WriteFile(ts.MkAbs("stderr"), []byte(stderr.String()), 0o644))
	return cmd.ProcessState.ExitCode()
}

// lookPath finds a program on the script's own PATH.
func lookPath(ts *testscript.TestScript, name string) (string, error) {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", exec.ErrNotFound
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// target is the server, in a process of its own.
type target struct {
	at    string // host:port
	stdin io.Closer
	cmd   *exec.Cmd
}

// startServer starts this program again, as the server.
func startServer(self string, args ...string) (*target, error) {
	cmd := exec.Command(self, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var line []byte
	for b := make([]byte, 1); ; line = append(line, b[0]) {
		if _, err := out.Read(b); err != nil {
			return nil, fmt.Errorf("the server did not start: %w", err)
		}
		if b[0] == '\n' {
			return &target{string(line), in, cmd}, nil
		}
	}
}

func (t *target) close() {
	t.stdin.Close()
	t.cmd.Wait()
}

func (t *target) ask(path string, q url.Values, into any) error {
	r, err := http.Get("http://" + t.at + "/control/" + path + "?" + q.Encode())
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if into == nil {
		_, err = io.Copy(io.Discard, r.Body)
		return err
	}
	return json.NewDecoder(r.Body).Decode(into)
}

// invokeURL is what clients call that know nothing of Bedrock.
func (t *target) invokeURL() string { return "http://" + t.at + "/model/amazon.nova-lite-v1:0/invoke" }

// used is what a client took, and what the server saw of it.
type used struct {
	seen
	wall   time.Duration
	cpu    time.Duration // user and system, of the process and its children
	memory float64       // MB, at the peak, of the process alone; 0 where the system does not tell
	out    string        // its stdout
	status int
}

// perCall is the CPU of a call in us.
func (u used) perCall() float64 { return float64(u.cpu.Microseconds()) / float64(u.Count) }

// measure runs a client against a server that begins anew. A client that fails
// has its exit status in the result; an error is one of ours.
func (t *target) measure(c client, how url.Values, rate int) (used, error) {
	if err := t.ask("begin", how, nil); err != nil {
		return used{}, err
	}
	u, told, err := c.run()
	if err != nil {
		return used{}, err
	}
	q := url.Values{}
	if rate > 0 {
		q.Set("rate", strconv.Itoa(rate))
	}
	if err := t.ask("seen", q, &u.seen); err != nil {
		return used{}, err
	}
	if u.Count == 0 {
		return used{}, fmt.Errorf("%s sent nothing (exit %d): %.2000s", filepath.Base(c.args[0]), u.status, told)
	}
	return u, nil
}

// run runs a client to its end, and returns also what it wrote to stderr. An
// error is one of ours.
func (c client) run() (used, string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	others := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "AWS_") || strings.HasPrefix(v, "GOGC=") })
	cmd.Env = append(others, c.env...)
	cmd.Stdin = strings.NewReader(c.stdin)
	var out, told bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &told
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return used{}, "", err
	}
	over := make(chan struct{})
	peak := make(chan float64)
	go func() { peak <- watchMemory(cmd.Process.Pid, over) }()
	err := cmd.Wait()
	wall := time.Since(began)
	close(over)
	u := used{wall: wall, memory: <-peak, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), out: out.String(), status: cmd.ProcessState.ExitCode()}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return used{}, "", err
	}
	return u, told.String(), nil
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// watchMemory is the most that a process has kept in memory, in MB.
func watchMemory(pid int, over chan struct{}) float64 {
	most := 0.0
	for {
		if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)); err == nil {
			if m := highWater.FindSubmatch(b); m != nil {
				kb, _ := strconv.ParseFloat(string(m[1]), 64)
				most = max(most, kb/1024)
			}
		}
		select {
		case <-over:
			return most
		case <-time.After(25 * time.Millisecond):
		}
	}
}

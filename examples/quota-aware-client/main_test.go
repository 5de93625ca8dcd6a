package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// As its comment says: built, and run in a shell that has the lines which
// `loadline simulate` prints. Ten calls at once are more than the burst of 54 a
// minute, so that most wait; and none is throttled.
func TestAgainstTheSimulatedAccount(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes ten seconds of real time")
	}
	dir := t.TempDir()
	for name, source := range map[string]string{"loadline": "../..", "client": "."} {
		if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, name), source).CombinedOutput(); err != nil {
			t.Fatalf("go build %s: %v\n%s", source, err, out)
		}
	}
	account := exec.CommandContext(t.Context(), filepath.Join(dir, "loadline"), "simulate")
	printed, err := account.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := account.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		account.Process.Signal(os.Interrupt)
		if err := account.Wait(); err != nil {
			t.Errorf("loadline simulate: %v", err)
		}
	}()
	client := exec.CommandContext(t.Context(), filepath.Join(dir, "client"))
	client.Env = []string{"HOME=" + dir}
	for lines := bufio.NewScanner(printed); lines.Scan() && !strings.HasPrefix(lines.Text(), "unset "); {
		if set, ok := strings.CutPrefix(lines.Text(), "export "); ok {
			client.Env = append(client.Env, strings.Fields(set)...)
		}
	}
	out, err := client.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte(" 10 of 10 calls succeeded in 10 attempts, 0 throttled; waits: p50 ")) {
		t.Errorf("%v\n%s", err, out)
	}
	if n := bytes.Count(out, []byte("s rpm <nil>")) + bytes.Count(out, []byte("s queue <nil>")); n < 5 {
		t.Errorf("%d calls waited for their turn; want most\n%s", n, out)
	}
}

// It is to be read at a glance.
func TestThirtyLines(t *testing.T) {
	text, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(text), "\npackage ")
	if n := strings.Count(code, "\n"); n > 30 {
		t.Errorf("the program has %d lines without its comment; want 30 at most", n)
	}
}

//go:build linux

package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/loadline-dev/loadline/internal/cli"
)

// openTerminal makes a pseudo-terminal of a size, and collects what is written to
// it.
func openTerminal(t *testing.T, width, height uint16) (terminal *os.File, written func() string) {
	t.Helper()
	control := func(f *os.File, request uintptr, arg unsafe.Pointer) {
		if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(arg)); e != 0 {
			t.Fatal(e)
		}
	}
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	var locked, number int32
	control(master, syscall.TIOCSPTLCK, unsafe.Pointer(&locked))
	control(master, syscall.TIOCGPTN, unsafe.Pointer(&number))
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	size := [4]uint16{height, width}
	control(terminal, syscall.TIOCSWINSZ, unsafe.Pointer(&size))
	var mu sync.Mutex
	var b bytes.Buffer
	over := make(chan struct{})
	go func() {
		defer close(over)
		buffer := make([]byte, 4096)
		for {
			n, err := master.Read(buffer)
			mu.Lock()
			b.Write(buffer[:n])
			mu.Unlock()
			if err != nil { // the last one closed the terminal
				return
			}
		}
	}()
	t.Cleanup(func() { terminal.Close(); master.Close() })
	return terminal, func() string {
		terminal.Close()
		<-over
		mu.Lock()
		defer mu.Unlock()
		return b.String()
	}
}

// onTerminal watches on a terminal for three readings, and tells the pictures.
func onTerminal(t *testing.T, account, term string, width, height uint16) []string {
	t.Helper()
	file := t.TempDir() + "/account.yaml"
	if err := os.WriteFile(file, []byte(account), 0o644); err != nil {
		t.Fatal(err)
	}
	terminal, written := openTerminal(t, width, height)
	synctest.Test(t, func(t *testing.T) {
		var stderr output // the signal is told beside the readings
		signals := make(chan os.Signal, 1)
		c := cli.Command{Stdin: strings.NewReader(""), Stdout: terminal, Stderr: &stderr, Getenv: func(string) string { return term }, InProcess: true, Signals: signals}
		go func() {
			time.Sleep(2*time.Minute + 10*time.Second)
			signals <- os.Interrupt
		}()
		if status := c.Main([]string{"monitor", "--simulate=" + file, "--model", "amazon.nova-lite-v1:0", "--window", "10m", "--watch", "1m"}); status != 0 {
			t.Errorf("exit %d\n%s", status, &stderr)
		}
	})
	return strings.Split(written(), "\x1b[H")[1:]
}

// On a terminal a picture takes the place of the one before, without clearing the
// screen, and no line is longer than the terminal is wide.
func TestWatchRedrawsATerminal(t *testing.T) {
	for _, size := range [][2]uint16{{180, 30}, {60, 40}, {20, 12}, {1, 2}} {
		pictures := onTerminal(t, watchedAccount, "xterm", size[0], size[1])
		if len(pictures) != 3 {
			t.Fatalf("%v: %d pictures; want 3", size, len(pictures))
		}
		for _, p := range pictures {
			body, ok := strings.CutSuffix(p, "\x1b[J")
			lines := strings.Split(strings.TrimSuffix(body, "\x1b[K\r\n"), "\x1b[K\r\n")
			if !ok || len(lines) >= int(size[1]) {
				t.Errorf("%v: %d lines: %q", size, len(lines), p)
			}
			for _, line := range lines {
				if n := utf8.RuneCountInString(line); n > int(size[0]) || strings.ContainsAny(line, "\x1b\r\n") {
					t.Errorf("%v: a line of %d: %q", size, n, line)
				}
			}
		}
		wide, list := strings.Contains(pictures[2], "  MODEL "), strings.Contains(pictures[2], "  invocations: ")
		if size[0] == 180 && (!wide || list) || size[0] == 60 && (wide || !list) {
			t.Errorf("%v: a table %v, a list %v\n%s", size, wide, list, pictures[2])
		}
		if size[0] == 20 && !strings.Contains(pictures[2], "lines more") {
			t.Errorf("%v: what is left out is not told: %q", size, pictures[2])
		}
		if size[0] == 180 && (!strings.Contains(pictures[0], "read 00:00:00 UTC, every 1m0s") || !strings.Contains(pictures[2], "read 00:02:00 UTC")) {
			t.Errorf("the times: %q ... %q", pictures[0], pictures[2])
		}
	}
	if pictures := onTerminal(t, watchedAccount, "dumb", 180, 30); len(pictures) != 0 {
		t.Errorf("a dumb terminal got %q", pictures)
	}
}

// Where a reading fails the last one stays, and it is told what went wrong.
func TestWatchKeepsThePictureWhereAReadingFails(t *testing.T) {
	pictures := onTerminal(t, failing("90s", "9h"), "xterm", 180, 30)
	if len(pictures) != 3 {
		t.Fatalf("%d pictures; want 3", len(pictures))
	}
	last := pictures[2]
	if !strings.Contains(last, "read 00:01:00 UTC") || !strings.Contains(last, "00:02:") || !strings.Contains(last, "failed, 1 of 3 in a row") || !strings.Contains(last, "  MODEL ") || strings.Contains(last, "\x1b[2J") {
		t.Errorf("%q", last)
	}
}

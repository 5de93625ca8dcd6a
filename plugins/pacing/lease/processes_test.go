//go:build unix

package lease

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// The tests of whole processes are in real time, so that their minute is short.
const (
	shortMinute = 400 * time.Millisecond
	shortLimit  = 100 // a minute
	workerOf    = "LEASE_WORKER_OF"
)

var shortRules = rules{fallback: whole / 5, pool: whole * 2 / 5, processes: 3, rest: shortMinute + 100*time.Millisecond, lease: 1500 * time.Millisecond}

// TestMain is a worker where a test asks for one.
func TestMain(m *testing.M) {
	if socket := os.Getenv(workerOf); socket != "" {
		work(socket)
	}
	os.Exit(m.Run())
}

// short is a limiter whose minute is short.
type short struct {
	mu          sync.Mutex
	share, then float64
	until       time.Time
	sent        []time.Time
}

func (s *short) SetShareUntil(share float64, until time.Time, then float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.share, s.until, s.then = share, until, then
}

func (s *short) admit() (at time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, share := time.Now(), s.share
	if !now.Before(s.until) {
		share = s.then
	}
	s.sent = slices.DeleteFunc(s.sent, func(t time.Time) bool { return now.Sub(t) >= shortMinute })
	if float64(len(s.sent)+1) > share*shortLimit+1e-6 {
		return now, false
	}
	s.sent = append(s.sent, now)
	return now, true
}

// work is a process that sends as much as it may, and tells each: "sent" and when,
// "has" and its share.
func work(socket string) {
	var s short
	store := &redisStore{redis.NewClient(socketOptions(socket)), "key", shortRules}
	join(context.Background(), store, shortRules, func(s State) { fmt.Printf("has %.3f\n", s.Share) }, &s)
	for ; ; time.Sleep(time.Millisecond) {
		for at, ok := s.admit(); ok; at, ok = s.admit() {
			fmt.Printf("sent %d\n", at.UnixNano())
		}
	}
}

// workers are processes, and what all of them have sent.
type workers struct {
	t      *testing.T
	socket string
	mu     sync.Mutex
	sent   []int64
	share  map[*exec.Cmd]string
}

func (w *workers) start() *exec.Cmd {
	w.t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), workerOf+"="+w.socket)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		w.t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			w.mu.Lock()
			var at int64
			if _, err := fmt.Sscanf(lines.Text(), "sent %d", &at); err == nil {
				w.sent = append(w.sent, at)
			} else if share, ok := strings.CutPrefix(lines.Text(), "has "); ok {
				w.share[c] = share
			}
			w.mu.Unlock()
		}
	}()
	w.t.Cleanup(func() {
		c.Process.Kill()
		<-read
		c.Wait()
	})
	return c
}

// until waits for processes to have a share, and tells how long it took.
func (w *workers) until(what, share string, of ...*exec.Cmd) {
	w.t.Helper()
	began := time.Now()
	for {
		w.mu.Lock()
		all := !slices.ContainsFunc(of, func(c *exec.Cmd) bool { return w.share[c] != share })
		w.mu.Unlock()
		switch took := time.Since(began); {
		case all:
			w.t.Logf("%s: %s of the quota each after %s", what, share, took.Round(10*time.Millisecond))
			return
		case took > 20*time.Second:
			w.t.Fatalf("%s: they do not come to %s of the quota each within 20 s", what, share)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Real processes at a real store: they stay under their quota together whatever is
// killed, stopped or emptied, and come to what the rules say.
func TestProcesses(t *testing.T) {
	s := newRedis(t)
	w := &workers{t: t, socket: s.socket, share: map[*exec.Cmd]string{}}
	a, b := w.start(), w.start()
	w.until("two start", "0.400", a, b)
	a.Process.Kill()
	w.until("one is killed", "0.600", b)
	c := w.start()
	w.until("another starts", "0.400", b, c)
	b.Process.Signal(syscall.SIGSTOP)
	w.until("one is stopped", "0.600", c)
	b.Process.Signal(syscall.SIGCONT)
	w.until("it goes on", "0.400", b, c)
	s.kill()
	w.until("the store is killed", "0.200", b, c)
	s.start()
	w.until("it is back, and empty", "0.400", b, c)
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Sort(w.sent)
	most := 0
	for i, first := 0, 0; i < len(w.sent); i++ {
		for w.sent[i]-w.sent[first] >= int64(shortMinute) {
			first++
		}
		most = max(most, i-first+1)
	}
	t.Logf("%d sent, at most %d in %s", len(w.sent), most, shortMinute)
	if most > shortLimit || most < shortLimit*7/10 {
		t.Errorf("at most %d are sent in %s; want %d at most, and 80 when two have 0.4 each", most, shortMinute, shortLimit)
	}
}

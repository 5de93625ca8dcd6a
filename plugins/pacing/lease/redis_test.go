package lease

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"
)

// redisServer is a real one, on a socket in a folder of its own.
type redisServer struct {
	t      *testing.T
	dir    string
	socket string
	cmd    *exec.Cmd
}

// newRedis starts a server with what is left of the last one in its folder. A
// machine without redis-server skips the test, but not where LOADLINE_REDIS is
// "required", as CI says.
func newRedis(t *testing.T) *redisServer {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("LOADLINE_REDIS") == "required" {
			t.Fatalf("redis-server is required by LOADLINE_REDIS: %v", err)
		}
		t.Skip("no redis-server on the PATH: Debian's package redis-server would run this")
	}
	dir, err := os.MkdirTemp("", "lease") // short: the name of a socket has 107 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	s := &redisServer{t: t, dir: dir, socket: filepath.Join(dir, "socket")}
	t.Cleanup(func() {
		s.kill()
		os.RemoveAll(dir)
	})
	s.start()
	return s
}

func (s *redisServer) start() {
	s.t.Helper()
	s.cmd = exec.Command("redis-server", "--port", "0", "--unixsocket", s.socket, "--dir", s.dir, "--save", "", "--appendonly", "no")
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	c := s.client()
	for began := time.Now(); c.Ping(context.Background()).Err() != nil; time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > 20*time.Second {
			s.t.Fatal("redis-server does not answer")
		}
	}
}

// kill ends it with no time to write anything down.
func (s *redisServer) kill() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
}

func (s *redisServer) client() *redis.Client {
	c := redis.NewClient(socketOptions(s.socket))
	s.t.Cleanup(func() { c.Close() })
	return c
}

func socketOptions(socket string) *redis.Options {
	return &redis.Options{Network: "unix", Addr: socket, MaxRetries: -1, ContextTimeoutEnabled: true}
}

// timed is the script with the time and the run of the server given to it, so that
// a test can have years.
func timed(t *testing.T) *redis.Script {
	t.Helper()
	changed := lend
	for from, to := range map[string]string{"redis.call('TIME')": "{0, ARGV[8]}", "redis.call('INFO', 'server')": "ARGV[9]"} {
		if strings.Count(changed, from) != 1 {
			t.Fatalf("%s is not in the script once", from)
		}
		changed = strings.Replace(changed, from, to, 1)
	}
	return redis.NewScript(changed)
}

// The script of a real server does what the model does, which the tests of whole
// histories are made with.
func TestScriptAgreesWithTheModel(t *testing.T) {
	s := newRedis(t)
	c, script := s.client(), timed(t)
	key := 0
	// Mostly questions, a little later than the one before: what is lent must live for
	// something to be forgotten.
	events := append(slices.Repeat([]string{"ask"}, 40), "leave", "leave", "leave", "other rules", "flush", "restart empty", "write down", "restart with old data")
	rapid.Check(t, func(t *rapid.T) {
		key++
		name := fmt.Sprintf("quota %d", key)
		r := rules{
			fallback: 1, pool: rapid.SampledFrom([]int64{whole, whole / 2, 7, 1, 0}).Draw(t, "pool"), processes: rapid.SampledFrom([]int{0, 2, 4}).Draw(t, "processes"),
			rest: 61 * time.Second, lease: 90 * time.Second,
		}
		others := r
		others.rest++
		later := []time.Duration{0, time.Second, time.Second, 9 * time.Second, 9 * time.Second, 30 * time.Second, time.Microsecond, r.rest, r.lease - time.Microsecond, r.lease}
		ids := []string{"A", "B", "C", "D", "E"}[:rapid.IntRange(1, 5).Draw(t, "ids")]
		now := time.Duration(1_800_000_000) * time.Second // of microseconds since 1970, of about today
		var m model
		var written map[string]*quota
		var dumped string
		ask := func(id string, leaving bool, by rules) {
			want := m.ask(now, name, id, leaving, by)
			got, err := script.Run(t.Context(), c, []string{name}, append(arguments(id, leaving, by), now.Microseconds(), fmt.Sprintf("run_id:%040x", m.run))...).Int64Slice()
			if err != nil {
				t.Fatal(err)
			}
			if reply, err := replyOf(got, by); err != nil || reply != want {
				t.Fatalf("%s asks (leaving: %v) at %s: the script lends %+v (%v), the model %+v", id, leaving, now, reply, err, want)
			}
		}
		ask("A", false, r)
		now += rapid.SampledFrom([]time.Duration{r.lease, 0}).Draw(t, "first")
		for range rapid.IntRange(10, 80).Draw(t, "steps") {
			now += rapid.SampledFrom(later).Draw(t, "later")
			id := rapid.SampledFrom(ids).Draw(t, "id")
			switch rapid.SampledFrom(events).Draw(t, "event") {
			case "ask":
				ask(id, false, r)
			case "leave":
				ask(id, true, r)
			case "other rules":
				ask(id, false, others)
			case "flush":
				m.state = nil
				c.Del(t.Context(), name)
			case "restart empty":
				m.restart(nil)
				c.Del(t.Context(), name)
			case "write down":
				written = m.written()
				dumped = c.Dump(t.Context(), name).Val()
			case "restart with old data":
				m.restart(written)
				written = m.written()
				c.Del(t.Context(), name)
				if dumped == "" {
					break
				}
				if err := c.Restore(t.Context(), name, 0, dumped).Err(); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// As it is: by the server's own clock and run.
func TestScript(t *testing.T) {
	s := newRedis(t)
	r := rules{fallback: whole / 5, pool: whole / 5 * 2, processes: 3, rest: 100 * time.Millisecond, lease: 300 * time.Millisecond}
	store := &redisStore{s.client(), "key", r}
	ask := func(id string, leaving bool) reply {
		t.Helper()
		got, err := store.ask(t.Context(), id, leaving)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := ask("A", false); got != (reply{members: 1}) {
		t.Errorf("a new store lends %+v; want nothing", got)
	}
	time.Sleep(r.lease)
	if got := ask("A", false); got != (reply{part: r.pool, members: 1}) {
		t.Errorf("a lease later it lends %+v; want all", got)
	}
	if ttl := s.client().PTTL(t.Context(), "key").Val(); ttl < 23*time.Hour || ttl > 25*time.Hour {
		t.Errorf("the key is kept for %s; want a day", ttl)
	}
	s.kill()
	if _, err := store.ask(t.Context(), "A", false); err == nil {
		t.Error("a store that is away lends")
	}
	s.start()
	if got := ask("A", false); got != (reply{members: 1}) {
		t.Errorf("a store that starts again lends %+v; want nothing", got)
	}
	c := s.client()
	// A server whose data outlives it: the key, put back as it was, under another run.
	time.Sleep(r.lease)
	ask("A", false)
	old := c.HGetAll(t.Context(), "key").Val()
	s.kill()
	s.start()
	if err := c.HSet(t.Context(), "key", old).Err(); err != nil {
		t.Fatal(err)
	}
	if got := ask("B", false); got != (reply{members: 1}) {
		t.Errorf("a store that starts again with old data lends %+v; want nothing", got)
	}
	// The script is not there after this; it is sent again.
	if err := c.ScriptFlush(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	if got := ask("B", true); got != (reply{}) {
		t.Errorf("one that leaves is told %+v", got)
	}
	other := *store
	other.rules.pool--
	if got, err := other.ask(t.Context(), "C", false); err != nil || !errors.Is(got.refused, ErrRules) {
		t.Errorf("one with other rules is told %+v, %v", got, err)
	}
	if err := c.Set(t.Context(), "key", "something else", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if got, err := store.ask(t.Context(), "A", false); err == nil {
		t.Errorf("a key that is something else lends %+v", got)
	}
}

// What is not a reply of the script lends nothing.
func TestReplies(t *testing.T) {
	r := rules{pool: 100}
	for _, got := range [][]int64{nil, {0}, {0, 1}, {0, 101, 1}, {0, -1, 1}, {3, 0, 0}} {
		if out, err := replyOf(got, r); err == nil {
			t.Errorf("%v is read as %+v", got, out)
		}
	}
}

// Join with a real client, and a real store: what a program does.
func TestJoin(t *testing.T) {
	s := newRedis(t)
	var u usage
	told := make(chan State, 1)
	l, err := Join(t.Context(), s.client(), Options{Key: "key", Fallback: 0.25, Processes: 2, Hook: func(s State) { told <- s }}, &u)
	if err != nil {
		t.Fatal(err)
	}
	if s := <-told; s.Err != nil || s.Share != 0.25 || s.Members != 1 || u.now() != 0.25 {
		t.Errorf("it has %v, with the state %+v; want the fallback", u.now(), s)
	}
	if err := l.Close(t.Context()); err != nil || u.now() != 0 {
		t.Errorf("closed, it has %v; %v", u.now(), err)
	}
	if kept := s.client().HGet(t.Context(), "key", "m:"+l.id).Val(); !strings.HasPrefix(kept, "left 0@") {
		t.Errorf("the store has %q of it", kept)
	}
}

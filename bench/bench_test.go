package main

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The comparison with our own programs alone, and a few calls: that it still
// runs, and counts right. How long anything takes is not looked at.
func TestComparisonRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds programs: without -short it runs")
	}
	dir := t.TempDir()
	b := &bench{dir: dir, tool: filepath.Join(dir, "loadline"), loop: filepath.Join(dir, "sdkloop"), have: map[string]bool{}}
	if err := b.command(nil, "go", "build", "-C", "..", "-o", dir+string(filepath.Separator), ".", "./bench/sdkloop"); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(serverVariable, "1")
	if b.server, err = startServer(self); err != nil {
		t.Fatal(err)
	}
	defer b.server.close()
	for _, c := range []struct {
		api  string
		sdk  bool
		hold int
	}{{"invoke", false, 0}, {"invoke", true, 0}, {"converse-stream", false, 0}, {"converse-stream", true, 0}, {"invoke", false, 20}, {"converse-stream", false, 20}} {
		how := url.Values{}
		if c.hold > 0 {
			how.Set("hold", "20")
		}
		u, r, err := b.run(scenario{api: c.api, ramp: "{concurrency: 20, for: 10m, calls: 20}", sdk: c.sdk}, how, 100)
		if err != nil {
			t.Fatal(err)
		}
		if l := r.Steps[0].Load; u.status != 0 || u.Count != 20 || l.Planned != 20 || l.Outcomes["ok"] != 20 || c.hold > 0 && u.Peak != 20 {
			t.Errorf("%+v: exit %d, the server saw %d calls, %d at once; %+v\n%s", c, u.status, u.Count, u.Peak, l, u.out)
		}
		if u.cpu <= 0 || r.Totals.Load.Latency.P99 <= 0 {
			t.Errorf("%+v: %s of CPU, latency %+v", c, u.cpu, r.Totals.Load.Latency)
		}
	}
	b.rounds = 1
	if rows, err := monitor(b); err != nil || len(rows) != 2 || rows[0].ours != "8" {
		t.Errorf("monitor: %+v, %v; want 8 requests", rows, err)
	}
	for _, api := range []string{"invoke", "stream"} {
		u, err := b.server.measure(b.sdk(api, 2, 0.05, 100), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		// Some of its streams fail against a server this fast: the SDK closes
		// bodies too early.
		if u.status != 0 || !strings.HasPrefix(u.out, "ok ") {
			t.Errorf("the bare loop: exit %d: %s", u.status, u.out)
		}
	}
}

// What the server tells of lateness, of arrivals that are known.
func TestLateness(t *testing.T) {
	r := &round{times: make([]int64, 1000)}
	for i := range r.times {
		r.times[i] = int64(i) * 10e6 // 100 a second
		if i%10 == 9 {
			r.times[i] += 3e6
		}
	}
	r.seen.Store(1000)
	s := r.tell(100)
	if s.P50 != 0 || s.P99 < 2.999 || s.P99 > 3.001 || s.Achieved < 0.9996 || s.Achieved > 1 || s.Count != 1000 {
		t.Errorf("%+v; want p50 0, p99 3 ms, and the rate", s)
	}
}

func TestDocumentTakesTables(t *testing.T) {
	file := filepath.Join(t.TempDir(), "doc.md")
	if err := os.WriteFile(file, []byte("before\n<!-- begin cpu -->\nold\n<!-- end cpu -->\nafter\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := ratio("a call", "us", "peer", []float64{1, 4, 3}, []float64{2, 4, 4}, 0.8)
	if err := put(file, "cpu", markdown("Title", "Note.", "Facts.", []row{r})); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(b); strings.Contains(s, "old") || !strings.Contains(s, "| a call | 3.00 us | peer 4.00 us | 0.750 [0.500 to 1.00] | at most 0.8 | yes |") || !strings.HasSuffix(s, "<!-- end cpu -->\nafter\n") {
		t.Error(s)
	}
	if put(file, "memory", "") == nil {
		t.Error("a document without a place for a table took it")
	}
}

const serverVariable = "LOADLINE_BENCH_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(serverVariable) == "" {
		os.Exit(m.Run())
	}
	if err := serve(os.Stdin, os.Stdout); err != nil {
		panic(err)
	}
}

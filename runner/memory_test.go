package runner_test

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner"
)

// held is the most memory that a run holds as some of its calls end, in bytes.
func held(t *testing.T, src string, at func(n int) bool) (bytes float64, calls int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := plan(t, src)
		memory := func() float64 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			return float64(m.HeapAlloc)
		}
		before := memory()
		f := &fake{answer: func(n int, in plugins.Invocation) plugins.Reply {
			if at(n) {
				bytes = max(bytes, memory()-before)
			}
			now := time.Now()
			spread := time.Duration(n%7) * 8 * time.Millisecond // every window has all of them
			time.Sleep(spread + 700*time.Nanosecond)
			r := plugins.Reply{Outcome: record.OK, Status: 200, FirstByte: now, FirstToken: now.Add(spread / 2), Gap: spread / 3, Usage: &record.Usage{Input: 20, Output: int64(2 + n%40)}}
			if n%10 == 0 {
				r = plugins.Reply{Outcome: record.Throttled, Status: 429, Code: "ThrottlingException", Message: fmt.Sprintf("Too many requests: %d", n), Limit: record.LimitRequests}
			}
			return r
		}}
		r := p.Run(context.Background(), f, runner.Options{Target: "simulated", Version: "test", Journal: io.Discard, Report: func(plugins.Progress) {}})
		for _, s := range r.Steps {
			if s.Cut != "" {
				t.Errorf("step %s: %s", s.Name, s.Cut)
			}
			calls += s.Load.Sent
		}
	})
	return bytes, calls
}

// Memory hangs on what is looked at, not on for how long: with stop conditions
// on percentiles, an slo, a warm-up and a closed loop beside the ramp.
func TestMemoryOfARunDoesNotGrowWithItsLength(t *testing.T) {
	if raced || testing.Short() {
		t.Skip("it takes fifty thousand calls")
	}
	const src = `request: {api: converse-stream}
steps:
  - parallel:
    - load: {name: soak, warmup: 1m, slo: {ttft: 500ms, latency: 2s, tpot: 20ms}, stop_when: latency_ms.p95 > 60000 or throttle_rate > 0.9, ramp: {soak: 2 rps, for: %[1]s, ramp_in: 1m}}
    - load: {name: loop, stop_when: ttft_ms.p99 > 60000, ramp: {concurrency: 2, for: %[1]s, think: 1s, calls: 1000000}}
`
	run := func(length time.Duration, calls int) float64 {
		// What stop_when looks back on comes and goes by the second: many moments
		// tell the most of it.
		bytes, n := held(t, scenario(fmt.Sprintf(src, length)), func(n int) bool { return n <= calls && n > calls-150 && n%3 == 0 })
		if n < calls || n > calls*21/20 {
			t.Errorf("%d calls in %v; want a little over %d, where memory was looked at", n, length, calls)
		}
		return bytes
	}
	// Both have 180 windows: of 10 s, and of 30 s.
	short, long := run(30*time.Minute, 13_500), run(90*time.Minute, 40_500)
	t.Logf("half an hour holds %.0f bytes, an hour and a half hold %.0f", short, long)
	if long > 1.15*short {
		t.Errorf("a run of an hour and a half holds %.0f bytes, and one of half an hour %.0f; want about the same", long, short)
	}
}

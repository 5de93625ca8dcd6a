package sim

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
)

// A throttled call takes nothing: neither requests nor tokens.
func TestThrottledCallsTakeNothing(t *testing.T) {
	for _, algorithm := range []string{"bucket", "fixed", "sliding"} {
		p := newPool(&limits{rpm: 2, tpm: 100, tpd: 1000, algorithm: algorithm}, epoch)
		for range 50 {
			if _, refused := p.admit(epoch, 101); refused != tooManyTokens {
				t.Fatalf("%s: 101 tokens of 100: %q", algorithm, refused)
			}
		}
		for i := range 2 {
			if _, refused := p.admit(epoch, 50); refused != "" {
				t.Errorf("%s: call %d after 50 refused ones: %q", algorithm, i+1, refused)
			}
		}
		if _, refused := p.admit(epoch, 1); refused != tooManyRequests {
			t.Errorf("%s: the third request of two: %q", algorithm, refused)
		}
	}
}

// The reservation is input + max_tokens, without the burndown, and the model's
// maximum where max_tokens is unset; the settlement is input + output x burndown.
func TestReservationAndSettlement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const account = `models: [{id: anthropic.a, burndown: 5, max_output: 500, output_tokens: {mean: 100, spread: 0}, limits: {tpm: %d}}]`
		for _, test := range []struct {
			name      string
			tpm       int
			maxTokens int32 // 0: unset
			admitted  bool
			left      int64 // tokens right after the settlement, but for the refill
		}{
			{"reserves input and max_tokens", 201, 200, true, -300},
			{"and no less", 200, 200, false, 200},
			{"reserves the maximum where unset", 501, 0, true, 0},
			{"and no less where unset", 500, 0, false, 500},
			{"gives back", 2000, 1000, true, 2000 - 1 - 5*100},
		} {
			c := newClients(t, fmt.Sprintf(account, test.tpm))
			in := converseInput("anthropic.a", "hi", test.maxTokens)
			if test.maxTokens == 0 {
				in.InferenceConfig = nil
			}
			_, err := c.runtime.Converse(t.Context(), in)
			if (err == nil) != test.admitted {
				t.Errorf("%s: %v", test.name, err)
				continue
			}
			level := c.server.targets["anthropic.a"].pool.tpm.(*bucket).level
			if refill := level - float64(test.left); refill < 0 || refill > float64(test.tpm)/30 {
				t.Errorf("%s: %v tokens left; want %d and a little refill", test.name, level, test.left)
			}
		}
	})
}

// With the default account a burst of calls is throttled, visibly.
func TestDefaultAccountThrottles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, string(Default()))
		const haiku = "anthropic.claude-3-haiku-20240307-v1:0"
		for range 120 {
			time.Sleep(500 * time.Millisecond)
			go c.runtime.Converse(t.Context(), converseInput(haiku, "hi", 50))
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if m := c.server.Counts().Models[haiku]; m.OK < 40 || m.Throttled < 10 || m.Attempts != 120 {
			t.Errorf("120 calls in a minute of 60 quota = %+v; want some of both", m)
		}
	})
}

// Invocations, readers of metrics and of counts do not race, and nothing is lost.
func TestConcurrentUse(t *testing.T) {
	c := newClients(t, `models: [{id: anthropic.a, latency: {first_token: 1us, per_token: 1us}, limits: {rpm: 1M, algorithm: sliding}}]`)
	now := time.Now()
	start, end := now.Add(-time.Hour), now.Add(time.Hour)
	const workers, calls = 8, 50
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for range calls {
				if _, err := c.runtime.Converse(t.Context(), converseInput("anthropic.a", "hi", 9)); err != nil {
					t.Error(err)
				}
				c.server.Counts()
			}
		})
		all.Go(func() {
			for range calls {
				in := cloudwatch.GetMetricDataInput{StartTime: &start, EndTime: &end}
				in.MetricDataQueries = append(in.MetricDataQueries, query("q", "InvocationLatency", "anthropic.a", "p99", 60))
				if _, err := c.metrics.GetMetricData(t.Context(), &in); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if m := c.server.Counts().Models["anthropic.a"]; m.OK != workers*calls {
		t.Errorf("%d calls counted; want %d", m.OK, workers*calls)
	}
}

// Arrivals come at whole microseconds; no wait that was drawn ever ends at one.
func TestDrawnWaits(t *testing.T) {
	var total time.Duration
	const n = 20_000
	for i := range uint64(n) {
		d := waitAround(source(1, i, forLatency), 100*time.Millisecond, 0.2)
		if d <= 0 || d%time.Microsecond == 0 {
			t.Fatalf("draw %d = %s", i, d)
		}
		total += d
	}
	if mean := total / n; mean < 99*time.Millisecond || mean > 101*time.Millisecond {
		t.Errorf("the mean of the draws is %s; want 100ms", mean)
	}
	if d := waitAround(source(1, 1, forLatency), 0, 0.2); d != 0 {
		t.Errorf("around a mean of nothing = %s", d)
	}
	if source(1, 1, forOutput).Uint64() == source(1, 1, forLatency).Uint64() {
		t.Error("two purposes of one request share their draws")
	}
	ids := map[string]bool{}
	for i := range uint64(n) {
		ids[requestID(1, i)] = true
	}
	if len(ids) != n {
		t.Errorf("%d requests have %d ids", n, len(ids))
	}
}

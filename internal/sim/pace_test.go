package sim

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"pgregory.net/rapid"
)

// Many streams and whole calls at once: what the clients heard, what the account
// counted and what CloudWatch shows are one and the same, and the time to the
// first token is a metric of the streams alone.
func TestConcurrentStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, `models: [{id: anthropic.a, burndown: 5, mid_stream_throttle: 0.1, latency: {spread: 0.5}, limits: {concurrent: 60, tpm: 20k}}]`)
		began := time.Now()
		var mu sync.Mutex
		var ok, throttled, broken, in, out, wholes int64
		var firsts, longest float64
		var wg sync.WaitGroup
		for i := range 300 {
			time.Sleep(5 * time.Millisecond)
			wg.Go(func() {
				if i%3 == 0 {
					_, err := c.runtime.Converse(t.Context(), converseInput("anthropic.a", "hello", 100))
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						wholes++
					} else {
						throttled++
					}
					return
				}
				h := listen(t.Context(), c.server, converseStreamInput("anthropic.a", "hello", 100))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case h.err == nil:
					first := float64(milliseconds(h.deltas[0]))
					ok, firsts, longest = ok+1, firsts+first, max(longest, first)
					in, out = in+int64(*h.meta.Usage.InputTokens), out+int64(*h.meta.Usage.OutputTokens)
				case h.began:
					broken++
				default:
					throttled++
				}
			})
		}
		wg.Wait()
		if ok < 50 || throttled < 10 || broken < 5 || wholes < 20 {
			t.Fatalf("%d ok, %d throttled, %d broken, %d in one piece: it shows too little", ok, throttled, broken, wholes)
		}
		counts := c.server.Counts().Models["anthropic.a"]
		if counts.OK != ok+wholes || counts.Throttled != throttled+broken || counts.Attempts != 300 || counts.InputTokens != in+2*wholes {
			t.Errorf("counts = %+v; the clients heard %d + %d ok, %d + %d throttled", counts, ok, wholes, throttled, broken)
		}
		var queries []types.MetricDataQuery
		for i, q := range []struct {
			metric metric
			stat   string
		}{{invocations, "Sum"}, {throttles, "Sum"}, {outputTokens, "Sum"}, {quotaUsage, "Sum"}, {firstToken, "SampleCount"}, {firstToken, "Sum"}, {firstToken, "Maximum"}} {
			queries = append(queries, query(fmt.Sprint("q", i), metricNames[q.metric].name, "anthropic.a", q.stat, 3600))
		}
		got := read(t, c, began, began.Add(time.Hour), queries...)
		for i, want := range []float64{
			float64(counts.OK), float64(counts.Throttled), float64(counts.OutputTokens), float64(counts.InputTokens + 5*counts.OutputTokens),
			float64(ok), firsts, longest,
		} {
			if v := sum(got[i].Values); v != want {
				t.Errorf("query %d: CloudWatch shows %v; want %v", i, v, want)
			}
		}
		if n := c.server.targets["anthropic.a"].pool.inFlight; n != 0 {
			t.Errorf("%d calls are still in flight", n)
		}
	})
}

// The pace of any call: tokens in order, none before the first nor after the
// end, and the same factor on all of them.
func TestPace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.IntRange(0, 3000)
		m := &model{
			firstToken:    time.Duration(ms.Draw(t, "first")) * time.Millisecond,
			perToken:      time.Duration(ms.Draw(t, "per")) * time.Millisecond / 10,
			latencySpread: rapid.Float64Range(0, 3).Draw(t, "spread"),
		}
		n, slower := rapid.Int64Range(1, 500).Draw(t, "tokens"), rapid.Float64Range(1, 10).Draw(t, "slower")
		p := newPace(source(rapid.Uint64().Draw(t, "seed"), 1, forLatency), m, n, slower, time.Time{})
		before := time.Duration(0)
		for i := int64(1); i <= n; i++ {
			at := p.at(i)
			if at < before || at > p.total {
				t.Fatalf("token %d comes after %s, the one before after %s, the end after %s", i, at, before, p.total)
			}
			if at != 0 && at%time.Microsecond == 0 {
				t.Fatalf("token %d comes after %s, a whole microsecond", i, at)
			}
			before = at
		}
		mean := m.latencyMean(float64(n))
		if mean == 0 {
			return
		}
		share := float64(m.firstToken) / float64(mean)
		const most = float64(2 * time.Microsecond)
		if off := float64(p.at(1)) - share*float64(p.total); off < -most || off > most {
			t.Fatalf("the first token comes after %s of %s; want the share %v", p.at(1), p.total, share)
		}
	})
}

// under_load is the factor of a full pool, and the way there is straight.
func TestUnderLoad(t *testing.T) {
	for _, test := range []struct {
		limits    string
		at        int // calls at once
		latencies map[int]float64
	}{
		{"concurrent: 10", 10, map[int]float64{0: 1.2, 4: 2, 9: 3}},
		{"rpm: 600", 40, map[int]float64{0: 1.2, 9: 3, 39: 3}}, // 10 a second x 1 s are 10 in flight
		{"rpm: 600, concurrent: 20", 20, map[int]float64{0: 1.1, 9: 2, 19: 3}},
		{"tpm: 1G", 20, map[int]float64{0: 1, 19: 1}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t, "models: [{id: anthropic.a, latency: {first_token: 900ms, per_token: 10ms, spread: 0, under_load: 3}, "+
				"output_tokens: {mean: 10, spread: 0}, limits: {"+test.limits+"}}]")
			took := make([]heard, test.at)
			var wg sync.WaitGroup
			for i := range took {
				time.Sleep(time.Microsecond)
				wg.Go(func() { took[i] = listen(t.Context(), s, converseStreamInput("anthropic.a", "hi", 100)) })
			}
			wg.Wait()
			for i, factor := range test.latencies {
				total, first := time.Duration(factor*1e9), time.Duration(factor*9e8)
				if off := took[i].ended - total; took[i].err != nil || off < 0 || off > time.Microsecond {
					t.Errorf("{%s}: call %d took %s, %v; want %s", test.limits, i+1, took[i].ended, took[i].err, total)
				} else if off := took[i].deltas[0] - first; off < -time.Microsecond || off > time.Microsecond {
					t.Errorf("{%s}: the first token of call %d came after %s; want %s", test.limits, i+1, took[i].deltas[0], first)
				}
			}
			if h := listen(t.Context(), s, converseStreamInput("anthropic.a", "hi", 100)); h.ended > 1200*time.Millisecond+time.Microsecond {
				t.Errorf("{%s}: alone again, a call took %s", test.limits, h.ended)
			}
		})
	}
}

func TestParseStreams(t *testing.T) {
	a := mustParse(t, "models: [{id: anthropic.a}, {id: anthropic.b, mid_stream_throttle: 0.01, latency: {under_load: 2.5}}]")
	plain, set := a.models[0], a.models[1]
	if plain.midStreamThrottle != 0 || plain.underLoad != 1 || set.midStreamThrottle != 0.01 || set.underLoad != 2.5 {
		t.Errorf("mid_stream_throttle and under_load = %v, %v left out, %v, %v given", plain.midStreamThrottle, plain.underLoad, set.midStreamThrottle, set.underLoad)
	}
}

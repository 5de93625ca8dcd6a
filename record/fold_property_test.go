package record_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/record"
)

func TestFoldCountsAsTheListDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cs := calls().Draw(t, "calls")
		all, m := reference(cs), reference(cs).measured()
		f := folded(cs)
		checkCounts(t, "the step", f.Counts(), all)
		byStage := map[int]reference{}
		for _, c := range cs {
			byStage[c.Stage] = append(byStage[c.Stage], c)
		}
		for i := range 5 {
			checkCounts(t, "a stage", f.Stage(i), byStage[i])
		}

		v, due := f.Values(), len(m) > 0
		wantReading(t, v, "planned", float64(m.planned()), due, 0)
		wantReading(t, v, "attempts", float64(m.sent()), due, 0)
		for name, o := range map[string]record.Outcome{
			"ok": record.OK, "throttled": record.Throttled, "capacity": record.Capacity, "server_errors": record.ServerError, "client_errors": record.ClientError,
			"timeouts": record.Timeout, "connection_errors": record.Connection, "protocol_errors": record.Protocol, "truncated": record.Truncated, "dropped": record.Dropped,
		} {
			wantReading(t, v, name, float64(m.count(o)), due, 0)
		}
		failed := m.sent() - m.count(record.OK, record.Throttled)
		wantReading(t, v, "errors", float64(failed), due, 0)
		wantReading(t, v, "error_rate", float64(failed)/float64(m.sent()), m.sent() > 0, 1e-12)
		wantReading(t, v, "throttle_rate", float64(m.count(record.Throttled))/float64(m.sent()), m.count(record.OK, record.Throttled) > 0, 1e-12)
	})
}

func checkCounts(t failer, of string, got record.Counts, want reference) {
	t.Helper()
	sum := 0
	for _, o := range record.Outcomes {
		if o == record.Dropped || o == record.GivenUp {
			continue
		}
		sum += got.Outcomes[o]
		if got.Outcomes[o] != want.count(o) {
			t.Errorf("%s has %d calls that were %s; want %d", of, got.Outcomes[o], o, want.count(o))
		}
	}
	if got.Planned != want.planned() || got.Dropped != want.count(record.Dropped) || got.GivenUp != want.count(record.GivenUp) {
		t.Errorf("%s has %d planned, %d dropped and %d given up; want %d, %d and %d", of, got.Planned, got.Dropped, got.GivenUp, want.planned(), want.count(record.Dropped), want.count(record.GivenUp))
	}
	if got.Planned+got.Retried != got.Sent+got.Dropped+got.GivenUp || got.Sent != sum {
		t.Errorf("%s does not add up: %+v, %d outcomes", of, got, sum)
	}
}

func TestFoldMeasuresAsTheListDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cs := calls().Draw(t, "calls")
		m, v := reference(cs).measured(), folded(cs).Values()
		ok := func(d func(record.Call) time.Duration) func(record.Call) (time.Duration, bool) {
			return func(c record.Call) (time.Duration, bool) { return d(c), c.Outcome == record.OK }
		}
		latency := ok(func(c record.Call) time.Duration { return c.Lag + c.Took })
		service := ok(func(c record.Call) time.Duration { return c.Took })
		ttft := func(c record.Call) (time.Duration, bool) { return c.Lag + c.TTFT, c.Outcome == record.OK && c.TTFT > 0 }
		lag := func(c record.Call) (time.Duration, bool) { return c.Lag - c.Held, c.Outcome.Sent() }
		wait := func(c record.Call) (time.Duration, bool) {
			return c.Waited, c.Attempt > 0 && !c.Retried && c.Outcome != record.Dropped
		}
		for _, q := range []struct {
			name    string
			percent int
			of      func(record.Call) (time.Duration, bool)
		}{
			{"latency_ms.p50", 50, latency}, {"latency_ms.p90", 90, latency}, {"latency_ms.p95", 95, latency}, {"latency_ms.p99", 99, latency},
			{"latency_ms.max", 100, latency}, {"service_ms.p50", 50, service}, {"service_ms.p95", 95, service}, {"lag_ms.p99", 99, lag}, {"wait_ms.p50", 50, wait}, {"wait_ms.max", 100, wait},
			{"ttft_ms.p50", 50, ttft}, {"ttft_ms.p90", 90, ttft}, {"ttft_ms.p95", 95, ttft}, {"ttft_ms.p99", 99, ttft},
		} {
			want, known := m.quantile(q.percent, q.of)
			// Three digits, and whole microseconds.
			wantReading(t, v, q.name, want, known, want/1000+0.001)
		}

		var sum time.Duration
		var input, output, quota, usages int64
		var usd float64
		for _, c := range m {
			if c.Outcome == record.OK {
				sum += c.Lag + c.Took
			}
			if c.Usage != nil {
				input, output, quota, usages = input+c.Usage.Input, output+c.Usage.Output, quota+c.QuotaTokens, usages+1
				usd += *c.USD
			}
		}
		n := m.count(record.OK)
		wantReading(t, v, "latency_ms.mean", float64(sum)/1e6/float64(n), n > 0, 1e-6)
		wantReading(t, v, "input_tokens", float64(input), usages > 0, 0)
		wantReading(t, v, "output_tokens", float64(output), usages > 0, 0)
		wantReading(t, v, "quota_tokens", float64(quota), usages > 0, 0)
		wantReading(t, v, "usd", usd, usages > 0, 1e-7)
	})
}

// Calls and attempts are counted apart.
func TestFoldCountsCallsAndAttempts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cs := calls().Draw(t, "calls")
		m, v := reference(cs).measured(), folded(cs).Values()
		calls := m.where(func(c record.Call) bool { return !c.Retried && (c.Outcome != record.Dropped || c.Attempt > 1) })
		attempts := m.where(func(c record.Call) bool { return c.Outcome.Sent() })
		retries := attempts.where(func(c record.Call) bool { return c.Attempt > 1 })
		client := len(calls) > 0 && calls[0].Attempt > 0
		wantReading(t, v, "planned", float64(m.planned()), len(m) > 0, 0)
		wantReading(t, v, "calls", float64(len(calls)), len(m) > 0, 0)
		wantReading(t, v, "attempts", float64(len(attempts)), len(m) > 0, 0)
		wantReading(t, v, "given_up", float64(m.count(record.GivenUp)), client, 0)
		wantReading(t, v, "retry_count", float64(len(retries)), client, 0)
		wantReading(t, v, "success_rate", float64(m.count(record.OK))/float64(len(calls)), len(calls) > 0, 1e-12)
		tries := 0
		for _, c := range calls {
			if tries += c.Attempt; !c.Outcome.Sent() {
				tries--
			}
		}
		wantReading(t, v, "amplification", float64(tries)/float64(len(calls)), client, 1e-12)
		if r := v["success_rate"].Rate; r != nil && (r.Hits != m.count(record.OK) || r.Trials != len(calls)) {
			t.Errorf("behind success_rate are %d of %d; want %d of %d", r.Hits, r.Trials, m.count(record.OK), len(calls))
		}
	})
}

func TestFoldDrawsEveryCallOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cs := calls().Draw(t, "calls")
		all := reference(cs)
		sums := map[string]int{}
		for _, s := range folded(cs).Series("ramp", "haiku") {
			for _, v := range s.Values {
				if v != nil && s.Unit == "count" {
					sums[s.Name] += int(*v)
				}
			}
		}
		ok, throttled := all.count(record.OK), all.count(record.Throttled)
		for name, want := range map[string]int{
			record.SeriesPlanned: all.planned(), record.SeriesSent: all.sent(), record.SeriesOK: ok,
			record.SeriesThrottled: throttled, record.SeriesErrors: all.sent() - ok - throttled,
		} {
			if sums[name] != want {
				t.Errorf("series %s adds up to %d; want %d", name, sums[name], want)
			}
		}
	})
}

// The order of calls, and how they are split over folds, must not be seen.
func TestFoldOfPartsIsTheFoldOfAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cs := calls().Draw(t, "calls")
		want := asJSON(t, folded(cs))
		mixed := rapid.Permutation(cs).Draw(t, "mixed")
		if got := asJSON(t, folded(mixed)); got != want {
			t.Fatalf("the same calls in another order fold to\n%s; want\n%s", got, want)
		}
		parts := make([][]record.Call, rapid.IntRange(1, 4).Draw(t, "parts"))
		for i, c := range mixed {
			n := i % len(parts)
			if i > 0 && rapid.Bool().Draw(t, "stay") {
				n = 0
			}
			parts[n] = append(parts[n], c)
		}
		whole := record.NewFold(start, 2*time.Second)
		for _, part := range rapid.Permutation(parts).Draw(t, "order") {
			whole.Merge(folded(part))
		}
		if got := asJSON(t, whole); got != want {
			t.Fatalf("%d parts merge to\n%s; want\n%s", len(parts), got, want)
		}
	})
}

func TestMergeLeavesTheOtherAsItWas(t *testing.T) {
	cs := []record.Call{call(0, record.OK, time.Second), call(time.Second, record.Throttled, time.Millisecond)}
	part := folded(cs)
	before := asJSON(t, part)
	whole := record.NewFold(start, 2*time.Second)
	whole.Merge(part)
	whole.Merge(part)
	whole.Add(&cs[0])
	if got := asJSON(t, part); got != before {
		t.Errorf("a fold that was merged into another became\n%s; want\n%s", got, before)
	}
	counts := part.Counts()
	counts.Add(&cs[0])
	part.Stage(0).Outcomes[record.OK]++
	if got := asJSON(t, part); got != before {
		t.Errorf("a fold whose counts were written to became\n%s; want\n%s", got, before)
	}
}

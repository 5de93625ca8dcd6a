package sim

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/aws/smithy-go"
)

// refusedAs is the code and message of an error of the SDK; "" for none.
func refusedAs(err error) string {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return ""
	}
	return api.ErrorCode() + ": " + api.ErrorMessage()
}

const (
	requestsText = "ThrottlingException: Too many requests, please wait before trying again."
	perDayText   = "ThrottlingException: Too many tokens per day, please wait before trying again."
	crowdedText  = "ServiceUnavailableException: Too many connections, please wait before trying again."
	loadingText  = "ModelNotReadyException: The model specified in the request is not ready to serve inference requests."
)

// All models and scopes share the tokens of the account's day, also those
// without limits of their own; Provisioned Throughput does not take part.
func TestAccountTokensPerDay(t *testing.T) {
	for _, algorithm := range []string{"bucket", "fixed", "sliding"} {
		synctest.Test(t, func(t *testing.T) {
			c := newClients(t, fmt.Sprintf(`
account_tpd: 1000
account_tpd_algorithm: %s
models:
  - {id: anthropic.a, output_tokens: {mean: 99, spread: 0}, limits: {tpm: 1M}}
  - {id: anthropic.b, output_tokens: {mean: 99, spread: 0}}
profiles: [{id: us.anthropic.b, models: [anthropic.b]}]
provisioned: [{arn: "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/p1", model: anthropic.a}]
`, algorithm))
			ids := []string{"anthropic.a", "anthropic.b", "us.anthropic.b"}
			for i := range 10 { // of 1 + 99 tokens each
				if _, err := c.runtime.Converse(t.Context(), converseInput(ids[i%3], "hi", 99)); err != nil {
					t.Fatalf("%s: call %d: %v", algorithm, i+1, err)
				}
			}
			for _, id := range ids {
				if _, err := c.runtime.Converse(t.Context(), converseInput(id, "hi", 99)); refusedAs(err) != perDayText {
					t.Errorf("%s: %s after the day's tokens: %v", algorithm, id, err)
				}
			}
			if _, err := c.runtime.Converse(t.Context(), converseInput("arn:aws:bedrock:us-east-1:123456789012:provisioned-model/p1", "hi", 99)); err != nil {
				t.Errorf("%s: provisioned throughput: %v", algorithm, err)
			}
			time.Sleep(24 * time.Hour)
			if _, err := c.runtime.Converse(t.Context(), converseInput("anthropic.b", "hi", 99)); err != nil {
				t.Errorf("%s: the next day: %v", algorithm, err)
			}
		})
	}
}

// The background takes its part of the account's day as well.
func TestAccountTokensPerDayBesideBackground(t *testing.T) {
	s := New(mustParse(t, `
account_tpd: 1440_000
models: [{id: anthropic.a}, {id: anthropic.b, burndown: 5}]
traffic: [{model: anthropic.b, rpm: 1, input_tokens: 250, output_tokens: 50}]
`))
	p := s.targets["anthropic.a"].pool
	if _, refused := p.admit(s.started, 720_001); refused != tooManyTokensPerDay {
		t.Errorf("more than the half that is left: %q", refused)
	}
	if _, refused := p.admit(s.started, 720_000); refused != "" {
		t.Errorf("the half that is left: %q", refused)
	}
}

func TestNotEntitled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, `
models: [{id: anthropic.a, limits: {entitled: false}}]
profiles: [{id: us.anthropic.a, models: [anthropic.a]}, {id: global.anthropic.a, models: [anthropic.a], limits: {rpm: 5}}]
`)
		for id, want := range map[string]string{"anthropic.a": perDayText, "us.anthropic.a": perDayText, "global.anthropic.a": ""} {
			if _, err := c.runtime.Converse(t.Context(), converseInput(id, "hi", 1)); refusedAs(err) != want {
				t.Errorf("%s: %v; want %q", id, err, want)
			}
		}
		if m := c.server.Counts().Models["anthropic.a"]; m.Throttled != 1 || m.Attempts != 1 {
			t.Errorf("the counts are %+v; want one throttled call", m)
		}
	})
}

// Where throttled calls count as requests, a caller that does not slow down is
// locked out for good, or with fixed windows until the next; else every refill
// admits one.
func TestThrottledCallsConsumeRequests(t *testing.T) {
	for _, test := range []struct {
		algorithm string
		consume   bool
		admitted  int // of one attempt a second, for two minutes, at 30 a minute
	}{
		{"bucket", false, 30 + 59}, {"bucket", true, 30 + 29}, // 29 more refilled while the first 59 went through
		{"fixed", false, 60}, {"fixed", true, 60},
		{"sliding", false, 60}, {"sliding", true, 30},
	} {
		l := &limits{rpm: 30, algorithm: test.algorithm, throttledConsumeRPM: test.consume}
		p, admitted := newPool(l, epoch), 0
		for i := range 120 {
			r, refused := p.admit(epoch.Add(time.Duration(i)*time.Second), 1)
			if refused == "" {
				admitted++
				r.settle(epoch.Add(time.Duration(i)*time.Second), 1)
			}
		}
		if admitted != test.admitted {
			t.Errorf("%s, throttled calls consume %t: %d admitted; want %d", test.algorithm, test.consume, admitted, test.admitted)
		}
	}
}

// A place is free again when a call ends, however it ends; refused calls hold none.
func TestConcurrencyLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, `models: [{id: anthropic.a, limits: {concurrent: 3}, latency: {first_token: 1s, per_token: 0s, spread: 0}}]`)
		ask := func() error {
			_, err := c.runtime.Converse(t.Context(), converseInput("anthropic.a", "hi", 5))
			return err
		}
		for round := range 3 {
			errs := make(chan error, 10)
			for range 10 {
				go func() { errs <- ask() }()
			}
			refused := 0
			for range 10 {
				switch err := <-errs; refusedAs(err) {
				case requestsText:
					refused++
				case "":
				default:
					t.Error(err)
				}
			}
			if refused != 7 {
				t.Errorf("round %d: %d of 10 calls at once refused; want all but 3", round, refused)
			}
		}
	})
}

// Cached tokens: what is written is reserved and settled, what is read is free,
// unless reads are reserved. Every place that tells usage tells of both.
func TestCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const account = `models: [{id: anthropic.a, burndown: 5, output_tokens: {mean: 10, spread: 0},
			limits: {tpm: %d}, cache: {read_tokens: 400, write_tokens: 30, reserve_reads: %t}}]`
		for _, test := range []struct {
			tpm      int
			reserve  bool
			admitted bool
		}{{1 + 30 + 10, false, true}, {1 + 30 + 10 - 1, false, false}, {1 + 430 + 10, true, true}, {1 + 430 + 10 - 1, true, false}} {
			c := newClients(t, fmt.Sprintf(account, test.tpm, test.reserve))
			began := time.Now()
			out, err := c.runtime.Converse(t.Context(), converseInput("anthropic.a", "hi", 10))
			if (err == nil) != test.admitted {
				t.Errorf("%d tokens, reads reserved %t: %v", test.tpm, test.reserve, err)
			}
			if err != nil {
				continue
			}
			if u := out.Usage; *u.InputTokens != 1 || *u.CacheReadInputTokens != 400 || *u.CacheWriteInputTokens != 30 || *u.TotalTokens != 1+10+430 {
				t.Errorf("the usage is %+v", *u)
			}
			const settled = 1 + 30 + 5*10
			if left := c.server.targets["anthropic.a"].pool.tpm.(*bucket).level; left < float64(test.tpm-settled) || left > float64(test.tpm-settled)+20 {
				t.Errorf("%v of %d tokens left; want %d less and a little refill", left, test.tpm, settled)
			}
			for metric, want := range map[string]float64{
				"CacheReadInputTokenCount": 400, "CacheWriteInputTokenCount": 30, "InputTokenCount": 1, "EstimatedTPMQuotaUsage": settled,
			} {
				got := read(t, c, began, began.Add(time.Hour), query("q", metric, "anthropic.a", "Sum", 60))[0].Values
				if sum(got) != want {
					t.Errorf("%s = %v; want %v", metric, got, want)
				}
			}
			if m := c.server.Counts().Models["anthropic.a"]; m.CacheReadTokens != 400 || m.CacheWriteTokens != 30 || m.InputTokens != 1 {
				t.Errorf("the counts are %+v", m)
			}
		}
	})
}

// The native bodies and the headers tell of the cache, where there is one.
func TestCacheInBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct{ id, body, want, not string }{
			{"anthropic.a", `{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`,
				`"cache_creation_input_tokens":0,"cache_read_input_tokens":7`, `cacheRead`},
			{"amazon.nova-a", `{"messages":[{"role":"user","content":[{"text":"hi"}]}]}`,
				`"cacheReadInputTokenCount":7,"cacheWriteInputTokenCount":0`, `cacheReadInputTokens"`},
		} {
			for _, on := range []bool{true, false} {
				account := "models: [{id: " + test.id
				if on {
					account += ", cache: {read_tokens: 7}"
				}
				w := send(New(mustParse(t, account+"}]")), "POST", "/model/"+test.id+"/invoke", test.body)
				body := w.body.String()
				if strings.Contains(body, test.want) != on || strings.Contains(body, test.not) || w.status != 200 {
					t.Errorf("%s with a cache %t = %d %s", test.id, on, w.status, body)
				}
				header := w.header.Get("X-Amzn-Bedrock-Cache-Read-Input-Token-Count") + " " + w.header.Get("X-Amzn-Bedrock-Cache-Write-Input-Token-Count")
				if (header == "7 0") != on || (header == " ") == on {
					t.Errorf("%s with a cache %t: the headers are %q", test.id, on, header)
				}
			}
		}
	})
}

// A miss writes what a hit reads; the share of hits is kept.
func TestCacheDraws(t *testing.T) {
	k := cache{readTokens: 1000, writeTokens: 50, hits: 0.8, spread: 0.2}
	var hits, reads, writes int64
	const n = 20_000
	for i := range uint64(n) {
		c := k.draw(3, i)
		if c != k.draw(3, i) {
			t.Fatal("the same request draws twice")
		}
		if c.read > 0 {
			hits++
		}
		reads, writes = reads+c.read, writes+c.written
	}
	about := func(what string, got, want float64) {
		if got < want*0.98 || got > want*1.02 {
			t.Errorf("%s = %v; want about %v", what, got, want)
		}
	}
	about("the share of hits", float64(hits)/n, 0.8)
	about("read by a call", float64(reads)/n, 800)
	about("written by a call", float64(writes)/n, 50+200)
}

// Lack of room is a 503 that takes nothing from the quotas, for as long and as
// often as the rows say, the same in every run.
func TestCapacity(t *testing.T) {
	outcomes := func() (log string) {
		synctest.Test(t, func(t *testing.T) {
			c := newClients(t, `
seed: 4
models: [{id: anthropic.a, limits: {rpm: 1000}, latency: {first_token: 0s, per_token: 0s},
  capacity: [{from: 1m, for: 1m}, {from: 2m, probability: 0.3}]}]
`)
			began := time.Now()
			for range 300 {
				_, err := c.runtime.Converse(t.Context(), converseInput("anthropic.a", "hi", 1))
				since := time.Since(began)
				switch got := refusedAs(err); {
				case got != "" && got != crowdedText, since < time.Minute && got != "", since > time.Minute+10*time.Millisecond && since < 2*time.Minute && got == "":
					t.Fatalf("%s after the start: %v", since, err)
				case got == "":
					log += "."
				default:
					log += "x"
					var typed *types.ServiceUnavailableException
					if !errors.As(err, &typed) {
						t.Fatalf("%T is not typed", err)
					}
				}
				time.Sleep(time.Until(began.Add(time.Duration(len(log)) * time.Second)))
			}
			m := c.server.Counts().Models["anthropic.a"]
			if late := m.ServerErrors - 60; late < 35 || late > 75 || m.OK+m.ServerErrors != 300 {
				t.Errorf("the counts are %+v; want 60 server errors and 3 in 10 of the last 180", m)
			}
			errs := read(t, c, began, began.Add(time.Hour), query("q", "InvocationServerErrors", "anthropic.a", "Sum", 60))[0].Values
			if sum(errs) != float64(m.ServerErrors) {
				t.Errorf("InvocationServerErrors = %v; want %d", errs, m.ServerErrors)
			}
		})
		return log
	}
	if first, second := outcomes(), outcomes(); first != second {
		t.Errorf("two runs differ:\n%s\n%s", first, second)
	}
}

// A cold model answers 429 without being a throttle, from its first call on and
// whatever name it is called by.
func TestColdStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, `
models: [{id: anthropic.a, cold_start: 30s, limits: {rpm: 1}}, {id: anthropic.b}]
profiles: [{id: us.anthropic.a, models: [anthropic.a]}]
`)
		ask := func(id string) string {
			_, err := c.runtime.Converse(t.Context(), converseInput(id, "hi", 1))
			var typed *types.ModelNotReadyException
			if got := refusedAs(err); got != "" && !errors.As(err, &typed) {
				t.Errorf("%T is not typed", err)
			}
			return refusedAs(err)
		}
		time.Sleep(time.Hour)
		first := time.Now()
		for _, step := range []struct {
			after time.Duration
			id    string
			want  string
		}{
			{0, "anthropic.a", loadingText}, {0, "anthropic.b", ""}, {10 * time.Second, "us.anthropic.a", loadingText},
			{29 * time.Second, "anthropic.a", loadingText}, {30 * time.Second, "anthropic.a", ""}, {31 * time.Second, "us.anthropic.a", ""},
		} {
			time.Sleep(time.Until(first.Add(step.after)))
			if got := ask(step.id); got != step.want {
				t.Errorf("%s after %s: %q; want %q", step.id, step.after, got, step.want)
			}
		}
		if m := c.server.Counts().Models["anthropic.a"]; m.Throttled != 0 || m.ClientErrors != 2 || m.OK != 1 {
			t.Errorf("the counts are %+v", m)
		}
	})
}

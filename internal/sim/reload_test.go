package sim

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func contextFor(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}

func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const account = `
seed: 3
models:
  - {id: anthropic.a, latency: {first_token: 10s, per_token: 0s, spread: 0}, limits: {rpm: 2}}
  - {id: anthropic.gone}
traffic: [{model: anthropic.a, rpm: 1, incidents: [{ago: 1h, for: 10m, rpm: 0}]}]
`
		c := newClients(t, account)
		ctx := t.Context()
		var wait sync.WaitGroup
		wait.Go(func() {
			if _, err := c.runtime.Converse(ctx, ask64("anthropic.a")); err != nil {
				t.Errorf("a call under way over a reload: %v", err)
			}
		})
		if _, err := c.runtime.Converse(ctx, ask64("anthropic.gone")); err != nil {
			t.Fatal(err)
		}
		before := c.server.background["anthropic.a"][0]
		c.server.Reload(mustParse(t, strings.NewReplacer("anthropic.gone", "anthropic.new", "rpm: 2}", "rpm: 3}", "seed: 3", "account: '000000000007'").Replace(account)))
		st := c.server.State()
		if st.Account != "000000000007" || st.Pools[0].Limits[0].Limit != 3 || st.Pools[0].InFlight != 0 {
			t.Errorf("state after the reload = %+v", st)
		}
		wait.Wait()
		if _, err := c.runtime.Converse(ctx, ask64("anthropic.new")); err != nil {
			t.Errorf("a model that is new: %v", err)
		}
		if _, err := c.runtime.Converse(ctx, ask64("anthropic.gone")); err == nil {
			t.Error("a model that is gone still answers")
		}
		counts := c.server.Counts()
		for id, n := range map[string]int64{"anthropic.a": 1, "anthropic.gone": 1, "anthropic.new": 1} {
			if counts.Models[id].OK != n {
				t.Errorf("%s: %d calls counted; want %d", id, counts.Models[id].OK, n)
			}
		}
		if counts.Requests["bedrock-runtime.Converse"] != 4 {
			t.Errorf("requests = %v; want 4 over both accounts", counts.Requests)
		}
		// History of the background stays where it was.
		after := c.server.present().background["anthropic.a"][0]
		for minutes := range int64(120) {
			m := minuteOf(before.started) - minutes
			if a, b := fmt.Sprint(before.rate(m)), fmt.Sprint(after.rate(m)); a != b {
				t.Fatalf("%d minutes ago: rate %s before the reload, %s after it", minutes, a, b)
			}
		}
	})
}

func TestReloadWhileCallsComeIn(t *testing.T) {
	s := New(mustParse(t, "models: [{id: anthropic.a, latency: {first_token: 0s, per_token: 0s}}]"))
	other := mustParse(t, "models: [{id: anthropic.a, latency: {first_token: 0s, per_token: 0s}, limits: {rpm: 1G}}]")
	const callers, calls = 8, 50
	var wait sync.WaitGroup
	for range callers {
		wait.Go(func() {
			for range calls {
				send(s, "POST", "/model/anthropic.a/converse", `{"messages":[{"role":"user","content":[{"text":"x"}]}]}`)
			}
		})
	}
	wait.Go(func() {
		for range 20 {
			s.Reload(other)
			s.State()
		}
	})
	wait.Wait()
	if n := s.Counts().Models["anthropic.a"].OK; n != callers*calls {
		t.Errorf("%d calls counted; want %d", n, callers*calls)
	}
}

// What was asked of Service Quotas goes on too: a quota that has an open request
// gets no second one.
func TestReloadKeepsQuotaIncreases(t *testing.T) {
	account := mustParse(t, "quotas: [{code: L-1, name: one, value: 1, adjustable: true}]")
	s := New(account)
	ask := func(op string) *recorder {
		return send(s, "POST", "/", oneQuota, "X-Amz-Target", serviceQuotas.target+"."+op)
	}
	if w := ask("RequestServiceQuotaIncrease"); w.status != 200 {
		t.Fatalf("%d %s", w.status, &w.body)
	}
	s.Reload(mustParse(t, "quotas: [{code: L-1, name: renamed, value: 2, adjustable: true}]"))
	if w := ask("RequestServiceQuotaIncrease"); w.header.Get("X-Amzn-Errortype") != "ResourceAlreadyExistsException" {
		t.Errorf("a second request = %d %s", w.status, &w.body)
	}
	if w := ask("ListRequestedServiceQuotaChangeHistoryByQuota"); !strings.Contains(w.body.String(), `"QuotaName":"one"`) {
		t.Errorf("the history of the quota = %s; want the request of before", &w.body)
	}
}

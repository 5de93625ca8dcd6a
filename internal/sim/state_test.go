package sim

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
)

const stateAccount = `
account: "000000000042"
region: eu-west-1
quotas:
  - {code: L-1, name: "<script>alert(1)</script>", value: 0, default: 2M, adjustable: true}
models:
  - {id: anthropic.a, latency: {first_token: 2s, per_token: 0s, spread: 0}, limits: {rpm: 10, tpm: 50k, tpd: 1M, concurrent: 3}}
  - {id: anthropic.b, limits: {rpm: 7, algorithm: fixed}}
  - {id: anthropic.free}
  - {id: "<b>&\"'", limits: {tpm: 900, algorithm: sliding}}
profiles:
  - {id: us.anthropic.a, models: [anthropic.a], limits: {rpm: 20, burst: 5}}
  - {id: eu.anthropic.a, models: [anthropic.a]}
  - {id: global.anthropic.a, models: [anthropic.a]}
  - {id: "arn:aws:bedrock:eu-west-1:000000000042:application-inference-profile/app", models: [us.anthropic.a]}
provisioned:
  - {id: p1, model: anthropic.a}
`

func ask64(id string) *bedrockruntime.ConverseInput {
	return &bedrockruntime.ConverseInput{
		ModelId: aws.String(id), InferenceConfig: &types.InferenceConfiguration{MaxTokens: aws.Int32(64)},
		Messages: []types.Message{{Role: types.ConversationRoleUser, Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: "Hello"}}}},
	}
}

func TestState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, stateAccount)
		began := time.Now()
		var wait sync.WaitGroup
		for range 4 { // the fourth is one too many at once
			wait.Go(func() { c.runtime.Converse(t.Context(), ask64("anthropic.a")) })
		}
		time.Sleep(time.Second)
		during := c.server.State()
		wait.Wait()
		time.Sleep(time.Second)
		st := c.server.State()

		if st.Account != "000000000042" || st.Region != "eu-west-1" || st.UptimeMs != 3000 || st.Time.Sub(began).Round(time.Millisecond) != 3*time.Second {
			t.Errorf("state is of %s in %s after %d ms at %s", st.Account, st.Region, st.UptimeMs, st.Time)
		}
		zero := 0.0
		if want := []QuotaState{{Code: "L-1", Name: "<script>alert(1)</script>", Applied: &zero, Default: 2e6, Adjustable: true}}; !reflect.DeepEqual(st.Quotas, want) {
			t.Errorf("quotas = %+v", st.Quotas)
		}
		var got []string
		for _, p := range st.Pools {
			got = append(got, fmt.Sprint(p.Model, " ", p.Scope, " ", p.IDs))
		}
		want := []string{
			"anthropic.a on-demand [anthropic.a]", "anthropic.b on-demand [anthropic.b]", `<b>&"' on-demand [<b>&"']`,
			"anthropic.a geo [arn:aws:bedrock:eu-west-1:000000000042:application-inference-profile/app eu.anthropic.a us.anthropic.a]",
			"anthropic.a global [global.anthropic.a]",
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("pools:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if free := []string{"anthropic.free", "arn:aws:bedrock:eu-west-1:000000000042:provisioned-model/p1"}; !reflect.DeepEqual(st.Free, free) {
			t.Errorf("unlimited = %q; want %q", st.Free, free)
		}

		// After a second, a bucket of ten a minute has a sixth of a request more
		// than the seven that are left; 66 tokens a call are reserved.
		if p := during.Pools[0]; p.InFlight != 3 || !reflect.DeepEqual(p.Limits, []LimiterState{
			{"rpm", 10, "bucket", 7, 10}, {"tpm", 50_000, "bucket", 50_000, 50_000}, {"tpd", 1_000_000, "bucket", 1_000_000 - 3*66 + 11, 1_000_000}, {"concurrent", 3, "", 0, 3},
		}) {
			t.Errorf("during the calls: %d in flight, limits %+v", p.InFlight, p.Limits)
		}
		if p := st.Pools[0]; p.InFlight != 0 || p.Limits[3].Available != 3 || p.Limits[0].Available != 7 {
			t.Errorf("after the calls: %d in flight, limits %+v", p.InFlight, p.Limits)
		}
		if l := st.Pools[3].Limits; !reflect.DeepEqual(l, []LimiterState{{"rpm", 20, "bucket", 5, 5}}) {
			t.Errorf("limits with a burst = %+v", l)
		}

		m := st.Models[0]
		if len(st.Models) != 1 || m.Model != "anthropic.a" || m.Attempts != 4 || m.OK != 3 || m.Throttled != 1 || m.InputTokens != 6 || m.OutputTokens < 3 {
			t.Errorf("models = %+v", st.Models)
		}
		if !reflect.DeepEqual(st.Requests, map[string]int64{"bedrock-runtime.Converse": 4}) {
			t.Errorf("requests = %v", st.Requests)
		}
		ok, throttled := 0, 0
		for _, call := range st.Calls {
			switch {
			case call.Outcome == "ok" && call.LatencyMs == 2000:
				ok++
			case call.Outcome == "ThrottlingException" && call.LatencyMs > 0 && call.LatencyMs < 20:
				throttled++
			}
			if !call.Time.Equal(began) || call.Model != "anthropic.a" || call.Operation != "bedrock-runtime.Converse" {
				t.Errorf("call %+v", call)
			}
		}
		if len(st.Calls) != 4 || ok != 3 || throttled != 1 || st.Calls[3].Outcome != "ThrottlingException" {
			t.Errorf("calls = %+v; want the throttled one last, since it ended first", st.Calls)
		}
	})
}

func TestStateOverHTTP(t *testing.T) {
	s := New(mustParse(t, stateAccount))
	long := strings.Repeat("é", 400)
	for i := range lastCalls {
		send(s, "POST", fmt.Sprintf("/model/m%d/converse", i), "{}")
	}
	send(s, "POST", "/model/"+long+"/converse", "{}")
	send(s, "GET", "/nothing/here", "")
	w := send(s, "GET", "/_loadline/state", "")
	var st State
	if err := json.Unmarshal(w.body.Bytes(), &st); err != nil || w.status != 200 || w.header.Get("Content-Type") != "application/json" {
		t.Fatalf("status %d, %s: %v", w.status, w.header.Get("Content-Type"), err)
	}
	if len(st.Calls) != lastCalls || st.Calls[0].Operation != "unknown" || st.Calls[0].Outcome != "UnknownOperationException" || st.Calls[2].Model != "m49" || st.Calls[49].Model != "m2" {
		t.Errorf("%d calls, %+v", len(st.Calls), st.Calls)
	}
	if name := st.Calls[1].Model; len(name) > 300 || !strings.HasPrefix(long, strings.TrimSuffix(name, "...")) || st.Calls[1].Outcome != "ValidationException" {
		t.Errorf("the long name is told as %q", name)
	}
	if n := s.Counts().Requests; n["bedrock-runtime.Converse"] != 51 || n["unknown"] != 1 || len(n) != 2 {
		t.Errorf("requests = %v; looking is not counted", n)
	}
	var loose map[string]any
	if err := json.Unmarshal(w.body.Bytes(), &loose); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"account", "region", "time", "uptime_ms", "quotas", "pools", "unlimited", "requests", "models", "calls"} {
		if loose[key] == nil {
			t.Errorf("the state has no %q", key)
		}
	}
}

func TestStateOfAnEmptyAccountHasNoNull(t *testing.T) {
	w := send(New(mustParse(t, "models: []")), "GET", "/_loadline/state", "")
	if strings.Contains(w.body.String(), "null") {
		t.Errorf("null in\n%s", &w.body)
	}
}

func TestACallWhoseClientWentAwayIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(mustParse(t, stateAccount))
		cfg := clientsOf(s)
		ctx, cancel := contextFor(t, time.Second)
		defer cancel()
		if _, err := cfg.runtime.Converse(ctx, ask64("anthropic.a")); err == nil {
			t.Fatal("the call outlived its context")
		}
		if calls := s.State().Calls; len(calls) != 1 || calls[0].Outcome != "client gone" || calls[0].LatencyMs != 1000 {
			t.Errorf("calls = %+v", calls)
		}
	})
}

func TestStatusPage(t *testing.T) {
	s := New(mustParse(t, stateAccount))
	hostile := `<img src=x onerror="alert(1)">&'`
	send(s, "POST", "/model/"+strings.ReplaceAll(strings.ReplaceAll(hostile, " ", "%20"), `"`, "%22")+"/converse", "{}")
	send(s, "POST", "/model/anthropic.b/converse", "{}")
	w := send(s, "GET", "/", "", "Accept", "text/html,application/xhtml+xml;q=0.9")
	page := w.body.String()
	if w.status != 200 || w.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("status %d, %s", w.status, w.header.Get("Content-Type"))
	}
	for _, raw := range []string{"<script", "<img", "<b>", "onerror=\""} {
		if strings.Contains(page, raw) {
			t.Errorf("the page has %s out of a name", raw)
		}
	}
	text := html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, ""))
	st := s.State()
	for _, p := range st.Pools {
		for _, part := range append([]string{p.Model + ", " + p.Scope}, p.IDs...) {
			if !strings.Contains(text, part) {
				t.Errorf("the page has no pool %q", part)
			}
		}
	}
	if len(st.Pools) != 5 {
		t.Errorf("%d pools; want 5", len(st.Pools))
	}
	for _, part := range append([]string{"000000000042, eu-west-1", "<script>alert(1)</script>", hostile, "1\u202f000\u202f000", "bedrock-runtime.Converse", "ValidationException"}, st.Free...) {
		if !strings.Contains(text, part) {
			t.Errorf("the page does not show %q", part)
		}
	}
	asked := 0
	for _, m := range regexp.MustCompile(`(?i)<[^>]*(?:src|href)\s*=[^>]*>|url\(|@import`).FindAllString(page, -1) {
		if place := regexp.MustCompile(`^<a href="#([a-z]+)">$`).FindStringSubmatch(m); place != nil {
			if strings.Count(page, `<h2 id="`+place[1]+`">`) != 1 {
				t.Errorf("the page has no place %q", place[1])
			}
		} else if asked++; m != `<a href="/_loadline/state">` {
			t.Errorf("the page asks for something else: %q", m)
		}
	}
	if asked != 1 {
		t.Errorf("the page leads %d times elsewhere; want once, to the state", asked)
	}
	if !strings.Contains(w.header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Error("the page has no policy against what it may have overlooked")
	}

	// A client that is no browser gets what AWS would say.
	if w := send(s, "GET", "/", ""); w.status != http.StatusNotFound {
		t.Errorf("/ for no browser: status %d; want 404", w.status)
	}
	if w := send(s, "POST", "/_loadline/state", ""); w.status != http.StatusNotFound {
		t.Errorf("POST of the state: status %d; want 404", w.status)
	}
}

func TestAmount(t *testing.T) {
	for _, test := range []struct {
		v    any
		want string
	}{
		{int64(0), "0"}, {int64(999), "999"}, {int64(1000), "1 000"}, {int64(-1000), "-1 000"}, {int64(-100), "-100"},
		{0.25, "0.25"}, {1234567.5, "1 234 567.5"},
	} {
		if got := strings.ReplaceAll(amount(test.v), "\u202f", " "); got != test.want {
			t.Errorf("amount(%v) = %q; want %q", test.v, got, test.want)
		}
	}
}

func TestStateShowsTheAccountsDay(t *testing.T) {
	s := New(mustParse(t, "account_tpd: 1000\nmodels: [{id: a.b, limits: {rpm: 5}}, {id: a.c, limits: {rpm: 5}}]"))
	if _, refused := s.targets["a.b"].pool.admit(s.started, 300); refused != "" {
		t.Fatal(refused)
	}
	pools := s.State().Pools
	last := pools[len(pools)-1]
	if len(pools) != 3 || last.Scope != "account" || len(last.Limits) != 1 || last.Limits[0].Name != "tpd" || last.Limits[0].Limit != 1000 || last.Limits[0].Available != 700 {
		t.Errorf("pools %+v; want the account's day last, with room for 700 of 1,000 tokens", pools)
	}
}

// A quota without a value shows none: 0 is a value. A pool of quotas of zero has
// nothing to give, whatever its limits say.
func TestStateTellsMissingFromZero(t *testing.T) {
	s := New(mustParse(t, `
quotas:
  - {code: L-0, name: zero, value: 0, default: 5}
  - {code: L-1, name: unapplied, applied: none, default: 5}
  - {code: L-2, name: unreadable, value: 1, error: DEPENDENCY_SERVICE_ERROR}
models:
  - {id: anthropic.a, limits: {rpm: 60, entitled: false}}
  - {id: anthropic.b, limits: {entitled: false}}
`))
	var st struct {
		Quotas []struct{ Applied *float64 }
		Pools  []struct {
			NotEntitled bool `json:"not_entitled"`
			Limits      []LimiterState
		}
	}
	readJSON(t, send(s, "GET", "/_loadline/state", ""), &st)
	if q := st.Quotas; q[0].Applied == nil || *q[0].Applied != 0 || q[1].Applied != nil || q[2].Applied != nil {
		t.Errorf("quotas = %+v; want 0, and two without a value", q)
	}
	if p := st.Pools; len(p) != 2 || !p[0].NotEntitled || !p[1].NotEntitled || p[0].Limits[0].Available != 0 {
		t.Errorf("pools = %+v; want two that give nothing", p)
	}
	page := send(s, "GET", "/", "", "Accept", "text/html").body.String()
	if strings.Contains(page, "no limit") || strings.Count(page, "not entitled") != 2 || !strings.Contains(page, `<td class="n">none</td>`) || !strings.Contains(page, `<td class="n">DEPENDENCY_SERVICE_ERROR</td>`) {
		t.Errorf("the page = %s", page)
	}
}

// A reply that a fault spoils is one all the same: its client is not gone.
func TestRecentCallsUnderFaults(t *testing.T) {
	for what, want := range map[string]string{
		"{malformed: true}": "ok", "{empty: true}": "ok", "{stall: {for: 1s}}": "ok", "{truncate: 5}": "ok", "{delay: 1s}": "ok",
		"{html: 502}": "html", "{error: {status: 500, code: Broken}}": "Broken",
	} {
		synctest.Test(t, func(t *testing.T) {
			s := New(mustParse(t, faulty("{what: "+what+"}")))
			send(s, "POST", pathA, converseHi)
			if calls := s.State().Calls; len(calls) != 1 || calls[0].Outcome != want {
				t.Errorf("%s: calls = %+v; want the outcome %q", what, calls, want)
			}
		})
	}
}

// Images have a column where there are some.
func TestStatusPageShowsImages(t *testing.T) {
	s := New(mustParse(t, "models: [{id: amazon.nova-canvas-v1:0, latency: {first_token: 0s}}, {id: anthropic.a}]"))
	page := func() string { return send(s, "GET", "/", "", "Accept", "text/html").body.String() }
	send(s, "POST", pathA, converseHi)
	if strings.Contains(page(), "Images") {
		t.Error("the page tells of images where there are none")
	}
	send(s, "POST", "/model/amazon.nova-canvas-v1:0/invoke", `{"taskType":"TEXT_IMAGE","textToImageParams":{"text":"a ship"},"imageGenerationConfig":{"numberOfImages":3}}`)
	if p := page(); !strings.Contains(p, ">Images</th>") || !strings.Contains(p, `<td class="n">3</td></tr>`) {
		t.Errorf("the page does not show 3 images:\n%s", p)
	}
}

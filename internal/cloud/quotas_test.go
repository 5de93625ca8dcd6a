package cloud_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins"
)

// counter counts the requests to an account, by operation, and their refusals.
type counter struct {
	http.Handler
	mu      sync.Mutex
	seen    map[string]int
	refused int
}

func account(t testing.TB, src string) *counter {
	t.Helper()
	parsed, err := sim.Parse("account.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return &counter{Handler: sim.New(parsed), seen: map[string]int{}}
}

// status keeps the status of a reply.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) { s.code = code; s.ResponseWriter.WriteHeader(code) }

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if !ok {
		operation = r.URL.Path
	}
	s := &status{w, http.StatusOK}
	c.Handler.ServeHTTP(s, r)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[operation]++
	if s.code == http.StatusTooManyRequests {
		c.refused++
	}
}

func (c *counter) count(operations ...string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, o := range operations {
		n += c.seen[o]
	}
	return n
}

const fewQuotas = `
quotas:
  - {code: L-BOTH, name: both, value: 60, default: 1000, adjustable: true}
  - {code: L-DEFAULT, name: default alone, applied: none, default: 5}
  - {code: L-ZERO, name: not entitled, value: 0, default: 7}
  - {code: L-BROKEN, name: broken, value: 1, default: 9, error: {code: DEPENDENCY_SERVICE_ERROR, message: later}}
`

func show(rows []plugins.Quota) string {
	value := func(v *float64) string {
		if v == nil {
			return "?"
		}
		return fmt.Sprint(*v)
	}
	var out []string
	for _, q := range rows {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s/%s %v %s", q.Code, value(q.Applied), value(q.Default), q.Adjustable, q.Problem)))
	}
	return strings.Join(out, "; ")
}

func TestQuotasAreAppliedAndDefault(t *testing.T) {
	c := reach(t, cloud.InProcess(account(t, fewQuotas)))
	list, err := c.Quotas(context.Background(), false)
	if err != nil || len(list.Notes) > 0 || list.Age != 0 {
		t.Fatalf("Quotas() has notes %v, age %v, error %v", list.Notes, list.Age, err)
	}
	const want = "L-BOTH 60/1000 true; L-ZERO 0/7 false; L-BROKEN ?/9 false DEPENDENCY_SERVICE_ERROR: later; L-DEFAULT ?/5 false"
	if got := show(list.Rows); got != want {
		t.Errorf("Quotas() = %s; want %s", got, want)
	}
}

// answers is an account that gives fixed replies by operation.
func answers(byOperation map[string]string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		body, ok := byOperation[operation]
		if !ok || strings.HasPrefix(body, `{"__type"`) {
			w.WriteHeader(http.StatusBadRequest)
		}
		if !ok {
			body = `{"__type":"AccessDeniedException","Message":"no"}`
		}
		io.WriteString(w, body)
	})
}

func TestAQuotaWithoutADefault(t *testing.T) {
	const applied = `{"Quotas":[{"QuotaCode":"L-1","QuotaName":"one","Value":3}]}`
	for _, c := range []struct{ name, defaults, note string }{
		{"not listed", `{"Quotas":[]}`, ""},
		{"not allowed", "", "need the action servicequotas:ListAWSDefaultServiceQuotas"},
	} {
		replies := map[string]string{"ListServiceQuotas": applied}
		if c.defaults != "" {
			replies["ListAWSDefaultServiceQuotas"] = c.defaults
		}
		list, err := reach(t, cloud.InProcess(answers(replies))).Quotas(context.Background(), false)
		if got := show(list.Rows); err != nil || got != "L-1 3/? false" {
			t.Errorf("%s: %s, %v; want the applied value alone", c.name, got, err)
		}
		if got := strings.Join(list.Notes, "; "); (c.note == "") != (got == "") || !strings.Contains(got, c.note) {
			t.Errorf("%s: notes %q; want %q", c.name, got, c.note)
		}
	}
}

func TestQuotasByCode(t *testing.T) {
	server := account(t, fewQuotas)
	c := reach(t, cloud.InProcess(server))
	rows, err := c.QuotasByCode(context.Background(), []string{"L-BROKEN", "L-NONE", "L-DEFAULT", "L-BOTH"})
	const want = "L-BROKEN ?/9 false DEPENDENCY_SERVICE_ERROR: later; L-DEFAULT ?/5 false; L-BOTH 60/1000 true"
	if got := show(rows); err != nil || got != want {
		t.Errorf("QuotasByCode() = %s, %v; want %s", got, err, want)
	}
	if n := server.count("GetServiceQuota", "GetAWSDefaultServiceQuota"); n != 8 || server.count("ListServiceQuotas") != 0 {
		t.Errorf("%d requests for 4 codes; want 8, and no list", n)
	}
	if _, err := reach(t, cloud.InProcess(answers(nil))).QuotasByCode(context.Background(), []string{"L-1"}); err == nil || !strings.Contains(err.Error(), "need the action servicequotas:GetServiceQuota") {
		t.Errorf("QuotasByCode() error %v; want the IAM action", err)
	}
}

// many is an account of n quotas that holds to AWS's own rates.
func many(n int) string {
	b := &strings.Builder{}
	b.WriteString("service_quotas: {rate_limits: true}\nquotas:\n")
	for i := range n {
		fmt.Fprintf(b, "  - {code: L-%08d, name: \"On-demand model inference requests per minute for Model %d\", value: %d}\n", i, i, i+1)
	}
	return b.String()
}

// The limiter keeps to the rates of the API, with room for a burst that it may
// refuse once: the SDK comes back to it.
func TestQuotasKeepToTheRatesOfTheAPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := account(t, many(1100))
		c := reach(t, cloud.InProcess(server))
		began := time.Now()
		list, err := c.Quotas(context.Background(), false)
		if err != nil || len(list.Rows) != 1100 {
			t.Fatalf("%d quotas, %v; want 1,100", len(list.Rows), err)
		}
		if n := server.count("ListServiceQuotas", "ListAWSDefaultServiceQuotas") - server.refused; n != 22 || server.refused > 10 {
			t.Errorf("%d pages read and %d requests refused; want 22, and few", n, server.refused)
		}
		if d := time.Since(began); d > 20*time.Second {
			t.Errorf("1,100 quotas took %s; want seconds", d)
		}
		server.refused, began = 0, time.Now()
		var codes []string
		for i := range 20 {
			codes = append(codes, fmt.Sprintf("L-%08d", i))
		}
		rows, err := c.QuotasByCode(context.Background(), codes)
		if err != nil || len(rows) != 20 {
			t.Fatalf("%d quotas by code, %v; want 20", len(rows), err)
		}
		if d := time.Since(began); d < 3*time.Second-100*time.Millisecond || d > 30*time.Second {
			t.Errorf("20 quotas by code took %s (%d requests refused); want the 3 s that 5 a second take after a burst of 5, and few more", d, server.refused)
		}
	})
}

func TestQuotasEndWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := reach(t, cloud.InProcess(account(t, many(30))))
		ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		defer cancel()
		var codes []string
		for i := range 30 {
			codes = append(codes, fmt.Sprintf("L-%08d", i))
		}
		began := time.Now()
		if _, err := c.QuotasByCode(ctx, codes); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 500*time.Millisecond {
			t.Errorf("QuotasByCode() error %v after %s; want the deadline, when it comes", err, time.Since(began))
		}
	})
}

func TestIncreases(t *testing.T) {
	server := account(t, `
quotas:
  - {code: L-A, name: a, value: 1, adjustable: true}
  - {code: L-B, name: b, value: 1}
  - {code: L-C, name: c, value: 1}
`)
	transport := cloud.InProcess(server)
	for _, body := range []string{
		`{"ServiceCode":"bedrock","QuotaCode":"L-A","DesiredValue":50}`,
		`{"ServiceCode":"bedrock","QuotaCode":"L-B","DesiredValue":60}`,
		`{"ServiceCode":"bedrock","QuotaCode":"L-C","DesiredValue":70,"SupportCaseAllowed":false}`, // refused at once
	} {
		r, err := http.NewRequest(http.MethodPost, "http://simulated.invalid/", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Target", "ServiceQuotasV20190624.RequestServiceQuotaIncrease")
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		if reply, err := transport.RoundTrip(r); err != nil || reply.StatusCode != http.StatusOK {
			t.Fatalf("%s: %v, %v", body, reply, err)
		}
	}
	open, err := reach(t, transport).Increases(context.Background())
	if err != nil || len(open) != 2 || open["L-A"].Desired != 50 || open["L-A"].Status != "PENDING" || open["L-B"].Status != "CASE_OPENED" || time.Since(open["L-A"].Since) > time.Minute {
		t.Errorf("Increases() = %+v, %v; want those of L-A and L-B", open, err)
	}
	if _, err := json.Marshal(open); err != nil {
		t.Error(err)
	}
}

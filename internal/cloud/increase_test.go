package cloud_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/internal/cloud"
)

const requestIncrease = "RequestServiceQuotaIncrease"

func TestRequestIncrease(t *testing.T) {
	server := account(t, `
quotas:
  - {code: L-A, name: a, value: 100, adjustable: true}
  - {code: L-B, name: b, value: 100}
`)
	c := reach(t, cloud.InProcess(server))
	ctx := context.Background()
	filed, err := c.RequestIncrease(ctx, "L-A", 250)
	if err != nil || filed.ID == "" || filed.Status != "PENDING" || filed.Case != "" || filed.Created.IsZero() {
		t.Fatalf("RequestIncrease(L-A) = %+v, %v", filed, err)
	}
	if open, err := c.Increases(ctx); err != nil || open["L-A"].Desired != 250 {
		t.Errorf("the open requests are %+v, %v", open, err)
	}
	if filed, err := c.RequestIncrease(ctx, "L-B", 250); err != nil || filed.Status != "CASE_OPENED" || filed.Case == "" {
		t.Errorf("RequestIncrease(L-B) = %+v, %v; want a case", filed, err)
	}
	for code, want := range map[string]string{
		"L-A": "(ResourceAlreadyExistsException); AWS takes one open request a quota",
		"L-9": "(NoSuchResourceException); the quota is not there",
	} {
		if _, err := c.RequestIncrease(ctx, code, 500); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("RequestIncrease(%s) = %v; want %q", code, err, want)
		}
	}
}

// Each refusal names its way out, and is asked for once: nothing is retried.
func TestRequestIncreaseRefused(t *testing.T) {
	for code, tt := range map[string]struct {
		status int
		want   string
	}{
		"ResourceAlreadyExistsException":      {400, "one open request a quota"},
		"DependencyAccessDeniedException":     {403, "iam:CreateServiceLinkedRole"},
		"NoSuchResourceException":             {404, "loadline discover --fresh"},
		"TooManyRequestsException":            {429, "try again in a minute"},
		"QuotaExceededException":              {409, "20 open requests"},
		"IllegalArgumentException":            {400, "above the one that is applied"},
		"InvalidResourceStateException":       {405, "cannot be changed now"},
		"AWSServiceAccessNotEnabledException": {403, "not enabled"},
		"AccessDeniedException":               {403, "need the action servicequotas:RequestServiceQuotaIncrease"},
		"ServiceException":                    {500, "before it is filed again"},
	} {
		server := account(t, fmt.Sprintf(`
quotas:
  - {code: L-A, name: a, value: 100, adjustable: true}
faults:
  - {match: {operation: servicequotas.%s}, what: {error: {status: %d, code: %s, message: "no, it is not"}}}
`, requestIncrease, tt.status, code))
		_, err := reach(t, cloud.InProcess(server)).RequestIncrease(context.Background(), "L-A", 250)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "no, it is not") {
			t.Errorf("%s: %v; want %q", code, err, tt.want)
		}
		if n := server.seen[requestIncrease]; n != 1 {
			t.Errorf("%s: it was asked for %d times", code, n)
		}
	}
}

// An answer that got lost may have been a yes.
func TestRequestIncreaseLost(t *testing.T) {
	server := account(t, `
quotas:
  - {code: L-A, name: a, value: 100, adjustable: true}
faults:
  - {match: {operation: servicequotas.RequestServiceQuotaIncrease}, what: {reset: before}}
`)
	asked := 0
	counted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked++; server.Handler.ServeHTTP(w, r) })
	_, err := reach(t, cloud.InProcess(counted)).RequestIncrease(context.Background(), "L-A", 250)
	if err == nil || !strings.Contains(err.Error(), "whether the request was filed is not known") {
		t.Errorf("a lost answer: %v", err)
	}
	if asked != 1 {
		t.Errorf("it was asked for %d times", asked)
	}
}

package runner_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/record"
)

const capacityAccount = `
quotas:
  - {code: L-1, name: "On-demand model inference requests per minute for Model A", value: 10}
models:
  - {id: "amazon.model-a", name: Model A, provider: Amazon, inference_types: [ON_DEMAND, PROVISIONED], lifecycle: LEGACY, lifetime: {end: 2000-02-01}}
  - {id: "amazon.model-b", name: Model B, provider: Amazon, access: {agreement: PENDING}}
provisioned:
  - {id: "abcdefghijkl", model: amazon.model-a, units: 3}
`

const capacityScenario = `
version: 1
name: capacity
models: {a: amazon.model-a, b: amazon.model-b}
steps: [{discover: {}}]
assert:
  - {name: access, expr: 'capacity.access == "AVAILABLE"'}
  - {name: units, expr: capacity.provisioned_units >= 3, for: [a]}
  - {name: on demand, expr: capacity.on_demand and capacity.lifecycle != "ACTIVE", for: [a]}
  - {name: days, expr: capacity.end_of_life_days > 30}
`

// verdicts tells how each assertion went, by its name and model.
func verdicts(r *record.Run) map[string]record.Verdict {
	out := map[string]record.Verdict{}
	for _, a := range r.Assertions {
		out[a.Name+" "+a.Model] = a.Verdict
	}
	return out
}

func TestCapacityInAssertions(t *testing.T) {
	out := simulate(t, capacityScenario, capacityAccount, nil)
	got := verdicts(out.Run)
	for name, want := range map[string]record.Verdict{
		"access a": record.Pass, "access b": record.Fail, "units a": record.Pass, "on demand a": record.Pass, "days a": record.Pass,
		"days b": record.Unknown, // AWS gives no date
	} {
		if got[name] != want {
			t.Errorf("%s: %s; want %s", name, got[name], want)
		}
	}
	for _, a := range out.Assertions {
		if a.Name != "access" || a.Model != "b" {
			continue
		}
		if a.Reason != `capacity.access is PENDING; wanted capacity.access == "AVAILABLE"` || a.Words["capacity.access"] != "PENDING" {
			t.Errorf("the reason is %q, and the words are %v", a.Reason, a.Words)
		}
	}
	if notes := strings.Join(out.Models[0].Notes, "; "); !strings.Contains(notes, "the model is LEGACY, and its end of life is on 2000-02-01, in 31 days") {
		t.Errorf("the notes of a are %q", notes)
	}
	if notes := strings.Join(out.Models[1].Notes, "; "); !strings.Contains(notes, "access is PENDING") {
		t.Errorf("the notes of b are %q", notes)
	}
	if c := out.Models[0].Capacity; c == nil || len(c.Provisioned) != 1 || *c.ProvisionedUnits != 3 {
		t.Errorf("the capacity of a is %+v", c)
	}
}

// A permission that is missing leaves what it is for unknown, and the rest as
// it is.
func TestCapacityWithoutPermissions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parsed, err := sim.Parse("account.yaml", []byte(capacityAccount))
		if err != nil {
			t.Fatal(err)
		}
		account := sim.New(parsed)
		denied := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for _, part := range []string{"/foundation-model-availability", "/provisioned-model-throughputs", "ListRequestedServiceQuotaChangeHistory"} {
				if strings.Contains(r.URL.Path+r.Header.Get("X-Amz-Target"), part) {
					w.Header().Set("X-Amzn-ErrorType", "AccessDeniedException")
					w.WriteHeader(http.StatusForbidden)
					io.WriteString(w, `{"__type":"AccessDeniedException","Message":"not yours"}`)
					return
				}
			}
			account.ServeHTTP(w, r)
		})
		aws, err := cloud.New(context.Background(), cloud.Config{Region: "us-east-1", Simulated: "http://simulated.invalid", Transport: cloud.InProcess(denied)})
		if err != nil {
			t.Fatal(err)
		}
		out := execute(t, plan(t, capacityScenario), aws, nil)
		got := verdicts(out.Run)
		if got["access a"] != record.Unknown || got["units a"] != record.Unknown || got["on demand a"] != record.Pass || out.Exit != record.ExitUndecided {
			t.Errorf("verdicts %v, exit %d, problem %q", got, out.Exit, out.Problem)
		}
		notes := strings.Join(out.Steps[0].Notes, "; ")
		for _, action := range []string{"bedrock:GetFoundationModelAvailability", "bedrock:ListProvisionedModelThroughputs", "servicequotas:ListRequestedServiceQuotaChangeHistory"} {
			if strings.Count(notes, "need the action "+action) != 1 {
				t.Errorf("the notes of the step tell %s %d times; want once:\n%s", action, strings.Count(notes, "need the action "+action), notes)
			}
		}
	})
}

func TestCapacityNeedsADiscoverStep(t *testing.T) {
	_, problems := understand(strings.Replace(capacityScenario, "{discover: {}}", "{wait: {for: 1s}}", 1))
	if len(problems) != 5 || problems[0].Code != "unknown-name" || !strings.Contains(problems[0].Hint, "after a step `- discover: {}`") {
		t.Errorf("problems %v; want each assertion told what it lacks", problems)
	}
}

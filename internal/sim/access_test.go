package sim

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/aws-sdk-go-v2/service/bedrock/types"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
)

const estate = `
models:
  - id: anthropic.claude-a
    name: A
    access: {agreement: PENDING, authorization: NOT_AUTHORIZED, entitlement: NOT_AVAILABLE, region: NOT_AVAILABLE}
    customizations: [FINE_TUNING, DISTILLATION]
  - id: amazon.nova-b
    lifecycle: LEGACY
    lifetime: {start: 1999-01-01, legacy: 1999-06-01T12:00:00Z, extended_access: 1999-07-01, end: 2000-01-02}
    customizations: [FINE_TUNING]
  - {id: amazon.nova-c, access: {agreement: ERROR}}
profiles:
  - {id: us.anthropic.claude-a, name: US A, models: [anthropic.claude-a]}
  - {id: us.amazon.nova-b, name: US B, models: [amazon.nova-b]}
  - {id: "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123def456", name: team, models: [us.amazon.nova-b]}
provisioned:
  - {id: aaaaaaaaaaaa, name: old, model: amazon.nova-b, units: 2, commitment: OneMonth, created: 2025-03-01}
  - {id: bbbbbbbbbbbb, name: new, model: anthropic.claude-a, status: Creating, created: 2026-03-01}
`

func TestModelAvailability(t *testing.T) {
	c := newClients(t, estate)
	get := func(id string) (*bedrock.GetFoundationModelAvailabilityOutput, error) {
		return c.bedrock.GetFoundationModelAvailability(t.Context(), &bedrock.GetFoundationModelAvailabilityInput{ModelId: &id})
	}
	for _, test := range []struct {
		id   string
		want [4]string
	}{
		{"anthropic.claude-a", [4]string{"PENDING", "NOT_AUTHORIZED", "NOT_AVAILABLE", "NOT_AVAILABLE"}},
		{"amazon.nova-b", [4]string{"AVAILABLE", "AUTHORIZED", "AVAILABLE", "AVAILABLE"}},
		{"amazon.nova-c", [4]string{"ERROR", "AUTHORIZED", "AVAILABLE", "AVAILABLE"}},
	} {
		out, err := get(test.id)
		if err != nil {
			t.Fatal(err)
		}
		got := [4]string{string(out.AgreementAvailability.Status), string(out.AuthorizationStatus),
			string(out.EntitlementAvailability), string(out.RegionAvailability)}
		if *out.ModelId != test.id || got != test.want || (out.AgreementAvailability.ErrorMessage != nil) != (got[0] == "ERROR") {
			t.Errorf("GetFoundationModelAvailability(%s) = %s %v; want %v", test.id, *out.ModelId, got, test.want)
		}
	}
	if _, err := get("amazon.nova-z"); exceptionOf(err) != "ResourceNotFoundException" {
		t.Errorf("an unknown model = %v; want a ResourceNotFoundException", err)
	}
	if _, err := get("not a model"); exceptionOf(err) != "ValidationException" {
		t.Errorf("no identifier at all = %v; want a ValidationException", err)
	}
}

// A model without access, or past its end, refuses calls under every name.
func TestModelRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, estate)
		call := func(id string) string {
			_, err := c.runtime.InvokeModel(t.Context(), &bedrockruntime.InvokeModelInput{ModelId: &id,
				Body: []byte(`{"messages":[{"role":"user","content":[{"text":"x"}]}]}`)})
			return exceptionOf(err)
		}
		const gone = "ResourceNotFoundException"
		team := "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123def456"
		for _, test := range []struct{ id, want string }{ // a bubble begins on 2000-01-01, a day before the end
			{"anthropic.claude-a", "AccessDeniedException"}, {"us.anthropic.claude-a", "AccessDeniedException"},
			{"amazon.nova-c", "AccessDeniedException"}, {"amazon.nova-b", ""}, {"us.amazon.nova-b", ""}, {team, ""},
		} {
			if got := call(test.id); got != test.want {
				t.Errorf("a call of %s = %q; want %q", test.id, got, test.want)
			}
		}
		time.Sleep(24*time.Hour - time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)))
		for _, id := range []string{"amazon.nova-b", "us.amazon.nova-b", team} {
			if got := call(id); got != gone {
				t.Errorf("a call of %s at the end of its life = %q; want %s", id, got, gone)
			}
		}
		if n := c.server.Counts().Models["amazon.nova-b"]; n.OK != 1 || n.ClientErrors != 1 {
			t.Errorf("the calls of amazon.nova-b = %+v; want one success and one client error", n)
		}
	})
}

func TestModelLifetime(t *testing.T) {
	c := newClients(t, estate)
	out, err := c.bedrock.GetFoundationModel(t.Context(), &bedrock.GetFoundationModelInput{ModelIdentifier: aws.String("amazon.nova-b")})
	if err != nil {
		t.Fatal(err)
	}
	l := out.ModelDetails.ModelLifecycle
	day := func(month time.Month, hour int) time.Time { return time.Date(1999, month, 1, hour, 0, 0, 0, time.UTC) }
	if l.Status != types.FoundationModelLifecycleStatusLegacy || !l.StartOfLifeTime.Equal(day(1, 0)) || !l.LegacyTime.Equal(day(6, 12)) ||
		!l.PublicExtendedAccessTime.Equal(day(7, 0)) || !l.EndOfLifeTime.Equal(time.Date(2000, 1, 2, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the lifecycle = %+v", l)
	}
	other, err := c.bedrock.GetFoundationModel(t.Context(), &bedrock.GetFoundationModelInput{ModelIdentifier: aws.String("amazon.nova-c")})
	if err != nil || *other.ModelDetails.ModelLifecycle != (types.FoundationModelLifecycle{Status: "ACTIVE"}) {
		t.Errorf("a model without dates = %+v, %v; want ACTIVE alone", other, err)
	}
	for _, test := range []struct {
		by   types.ModelCustomization
		want string
	}{{"FINE_TUNING", "anthropic.claude-a amazon.nova-b"}, {"DISTILLATION", "anthropic.claude-a"}, {"CONTINUED_PRE_TRAINING", ""}} {
		out, err := c.bedrock.ListFoundationModels(t.Context(), &bedrock.ListFoundationModelsInput{ByCustomizationType: test.by})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, m := range out.ModelSummaries {
			ids = append(ids, *m.ModelId)
		}
		if got := strings.Join(ids, " "); got != test.want {
			t.Errorf("the models with %s = %q; want %q", test.by, got, test.want)
		}
	}
}

func TestGetInferenceProfile(t *testing.T) {
	c := newClients(t, estate)
	const owned = "arn:aws:bedrock:us-east-1:123456789012:"
	for _, test := range []struct{ ask, name, kind, code string }{
		{ask: "us.amazon.nova-b", name: "US B", kind: "SYSTEM_DEFINED"},
		{ask: owned + "inference-profile/us.amazon.nova-b", name: "US B", kind: "SYSTEM_DEFINED"},
		{ask: "abc123def456", name: "team", kind: "APPLICATION"},
		{ask: owned + "application-inference-profile/abc123def456", name: "team", kind: "APPLICATION"},
		{ask: "eu.amazon.nova-b", code: "ResourceNotFoundException"},
		{ask: "arn:aws:bedrock:us-east-1:999999999999:inference-profile/us.amazon.nova-b", code: "ResourceNotFoundException"},
		{ask: "no profile", code: "ValidationException"},
	} {
		out, err := c.bedrock.GetInferenceProfile(t.Context(), &bedrock.GetInferenceProfileInput{InferenceProfileIdentifier: &test.ask})
		if exceptionOf(err) != test.code {
			t.Errorf("GetInferenceProfile(%s) = %v; want %q", test.ask, err, test.code)
		}
		if err == nil && (*out.InferenceProfileName != test.name || string(out.Type) != test.kind || len(out.Models) != 3 || out.CreatedAt == nil) {
			t.Errorf("GetInferenceProfile(%s) = %+v", test.ask, out)
		}
	}
}

func TestGetProvisionedModelThroughput(t *testing.T) {
	c := newClients(t, estate)
	const owned = "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/"
	for _, test := range []struct{ ask, code string }{
		{"old", ""}, {"aaaaaaaaaaaa", ""}, {owned + "aaaaaaaaaaaa", ""},
		{"nonesuch", "ResourceNotFoundException"}, {owned + "cccccccccccc", "ResourceNotFoundException"}, {"no name", "ValidationException"},
	} {
		out, err := c.bedrock.GetProvisionedModelThroughput(t.Context(), &bedrock.GetProvisionedModelThroughputInput{ProvisionedModelId: &test.ask})
		if exceptionOf(err) != test.code {
			t.Errorf("GetProvisionedModelThroughput(%s) = %v; want %q", test.ask, err, test.code)
		}
		if err == nil && (*out.ProvisionedModelArn != owned+"aaaaaaaaaaaa" || *out.ModelUnits != 2 || out.Status != "InService" ||
			out.CommitmentExpirationTime == nil || out.CommitmentExpirationTime.Format(time.DateOnly) != "2025-04-01") {
			t.Errorf("GetProvisionedModelThroughput(%s) = %+v", test.ask, out)
		}
	}
	march := func(year int) *time.Time { return aws.Time(time.Date(year, 3, 1, 0, 0, 0, 0, time.UTC)) }
	for _, test := range []struct {
		in   bedrock.ListProvisionedModelThroughputsInput
		want string
	}{
		{bedrock.ListProvisionedModelThroughputsInput{}, "new old"},
		{bedrock.ListProvisionedModelThroughputsInput{SortOrder: "Ascending", SortBy: "CreationTime"}, "old new"},
		{bedrock.ListProvisionedModelThroughputsInput{CreationTimeAfter: march(2025)}, "new"},
		{bedrock.ListProvisionedModelThroughputsInput{CreationTimeBefore: march(2026)}, "old"},
		{bedrock.ListProvisionedModelThroughputsInput{ModelArnEquals: aws.String("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-b")}, "old"},
	} {
		out, err := c.bedrock.ListProvisionedModelThroughputs(t.Context(), &test.in)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range out.ProvisionedModelSummaries {
			names = append(names, *p.ProvisionedModelName)
		}
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("ListProvisionedModelThroughputs(%+v) = %s; want %s", test.in, got, test.want)
		}
	}
	if w := send(c.server, "GET", "/provisioned-model-throughputs?creationTimeAfter=soon", ""); w.status != 400 {
		t.Errorf("a time that is none = %d; want 400", w.status)
	}
}

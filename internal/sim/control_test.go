package sim

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/aws-sdk-go-v2/service/bedrock/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	quotatypes "github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// manyQuotas is an account with n quotas; the value of number i is i, so that
// of the first is 0, and the default is 1000 + i.
func manyQuotas(n int) string {
	var b strings.Builder
	b.WriteString("quotas:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - {code: L-%08X, name: quota %d, value: %d, default: %d, adjustable: %t}\n", i, i, i, 1000+i, i%2 == 1)
	}
	return b.String()
}

func TestListServiceQuotas(t *testing.T) {
	c := newClients(t, manyQuotas(250))
	for _, test := range []struct {
		size  int32 // 0: unset
		pages int
	}{{0, 3}, {100, 3}, {7, 36}, {1, 250}} {
		in := &servicequotas.ListServiceQuotasInput{ServiceCode: aws.String("bedrock")}
		if test.size > 0 {
			in.MaxResults = &test.size
		}
		pages, seen := 0, 0
		for p := servicequotas.NewListServiceQuotasPaginator(c.quotas, in); p.HasMorePages(); pages++ {
			out, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range out.Quotas {
				if *q.Value != float64(seen) || *q.QuotaCode != fmt.Sprintf("L-%08X", seen) || q.Adjustable != (seen%2 == 1) {
					t.Fatalf("quota %d = %s with the value %v", seen, *q.QuotaCode, *q.Value)
				}
				if want := fmt.Sprintf("arn:aws:servicequotas:us-east-1:123456789012:bedrock/L-%08X", seen); *q.QuotaArn != want {
					t.Fatalf("arn = %s; want %s", *q.QuotaArn, want)
				}
				seen++
			}
		}
		if pages != test.pages || seen != 250 {
			t.Errorf("MaxResults %d: %d quotas on %d pages; want 250 on %d", test.size, seen, pages, test.pages)
		}
	}
	p := servicequotas.NewListAWSDefaultServiceQuotasPaginator(c.quotas,
		&servicequotas.ListAWSDefaultServiceQuotasInput{ServiceCode: aws.String("bedrock")})
	seen := 0
	for p.HasMorePages() {
		out, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range out.Quotas {
			if *q.Value != float64(1000+seen) {
				t.Fatalf("default of quota %d = %v", seen, *q.Value)
			}
			seen++
		}
	}
	if seen != 250 {
		t.Errorf("%d defaults; want 250", seen)
	}
	one, err := c.quotas.ListServiceQuotas(t.Context(), &servicequotas.ListServiceQuotasInput{
		ServiceCode: aws.String("bedrock"), QuotaCode: aws.String("L-0000000A")})
	if err != nil || len(one.Quotas) != 1 || *one.Quotas[0].QuotaName != "quota 10" {
		t.Errorf("one quota by its code = %v, %v", one, err)
	}
}

func TestServiceQuotaErrors(t *testing.T) {
	c := newClients(t, manyQuotas(250))
	list := func(service, token string, size int32) error {
		_, err := c.quotas.ListServiceQuotas(t.Context(), &servicequotas.ListServiceQuotasInput{
			ServiceCode: &service, NextToken: &token, MaxResults: &size})
		return err
	}
	var none *quotatypes.NoSuchResourceException
	if err := list("nonesuch", "", 10); !errors.As(err, &none) {
		t.Errorf("an unknown service = %v; want a NoSuchResourceException", err)
	}
	defaults, err := c.quotas.ListAWSDefaultServiceQuotas(t.Context(),
		&servicequotas.ListAWSDefaultServiceQuotasInput{ServiceCode: aws.String("bedrock"), MaxResults: aws.Int32(10)})
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"bm9uc2Vuc2U=", "MTA=", "???", *defaults.NextToken} {
		var bad *quotatypes.InvalidPaginationTokenException
		if err := list("bedrock", token, 10); !errors.As(err, &bad) {
			t.Errorf("the token %q of no page of this list = %v; want an InvalidPaginationTokenException", token, err)
		}
	}
	var illegal *quotatypes.IllegalArgumentException
	if err := list("bedrock", "", 101); !errors.As(err, &illegal) {
		t.Errorf("MaxResults 101 = %v; want an IllegalArgumentException", err)
	}
}

const catalogue = `
models:
  - {id: anthropic.claude-3-haiku-20240307-v1:0, name: "<script>&\"", provider: Anthropic, lifecycle: LEGACY}
  - {id: anthropic.claude-sonnet-4-5-20250929-v1:0, inference_types: [INFERENCE_PROFILE]}
  - {id: amazon.titan-embed-text-v2:0, modalities: [EMBEDDING], inference_types: [ON_DEMAND, PROVISIONED], streaming: false}
profiles:
  - {id: us.anthropic.claude-sonnet-4-5-20250929-v1:0, name: US Sonnet, models: [anthropic.claude-sonnet-4-5-20250929-v1:0]}
  - {id: global.anthropic.claude-sonnet-4-5-20250929-v1:0, models: [anthropic.claude-sonnet-4-5-20250929-v1:0]}
  - {id: "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123def456", name: team, models: [us.anthropic.claude-sonnet-4-5-20250929-v1:0]}
provisioned:
  - {id: pt1, name: one, model: amazon.titan-embed-text-v2:0, units: 3, commitment: OneMonth}
  - {arn: "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/pt2", name: two, model: amazon.titan-embed-text-v2:0, status: Creating}
`

func TestFoundationModels(t *testing.T) {
	c := newClients(t, catalogue)
	for _, test := range []struct {
		in   bedrock.ListFoundationModelsInput
		want string
	}{
		{bedrock.ListFoundationModelsInput{}, "haiku sonnet embed"},
		{bedrock.ListFoundationModelsInput{ByProvider: aws.String("anthropic")}, "haiku sonnet"},
		{bedrock.ListFoundationModelsInput{ByOutputModality: types.ModelModalityEmbedding}, "embed"},
		{bedrock.ListFoundationModelsInput{ByInferenceType: types.InferenceTypeOnDemand}, "haiku embed"},
		{bedrock.ListFoundationModelsInput{ByInferenceType: types.InferenceTypeProvisioned}, "embed"},
		{bedrock.ListFoundationModelsInput{ByCustomizationType: types.ModelCustomizationFineTuning}, ""},
	} {
		out, err := c.bedrock.ListFoundationModels(t.Context(), &test.in)
		if err != nil {
			t.Errorf("ListFoundationModels(%+v): %v", test.in, err)
			continue
		}
		var got []string
		for _, m := range out.ModelSummaries {
			for _, short := range []string{"haiku", "sonnet", "embed"} {
				if strings.Contains(*m.ModelId, short) {
					got = append(got, short)
				}
			}
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("ListFoundationModels(%+v) = %v; want %s", test.in, got, test.want)
		}
	}
	var invalid *types.ValidationException
	if _, err := c.bedrock.ListFoundationModels(t.Context(), &bedrock.ListFoundationModelsInput{ByInferenceType: "NONESUCH"}); !errors.As(err, &invalid) {
		t.Errorf("an unknown inference type = %v; want a ValidationException", err)
	}
	for _, id := range []string{
		"anthropic.claude-3-haiku-20240307-v1:0",
		"arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
	} {
		out, err := c.bedrock.GetFoundationModel(t.Context(), &bedrock.GetFoundationModelInput{ModelIdentifier: &id})
		if err != nil || *out.ModelDetails.ModelName != `<script>&"` || *out.ModelDetails.ProviderName != "Anthropic" ||
			out.ModelDetails.ModelLifecycle.Status != types.FoundationModelLifecycleStatusLegacy {
			t.Errorf("GetFoundationModel(%s) = %+v, %v", id, out, err)
		}
		if w := send(c.server, "GET", "/foundation-models/"+id, ""); w.status != 200 {
			t.Errorf("GET with an unescaped %s: status %d", id, w.status)
		}
	}
	var none *types.ResourceNotFoundException
	for _, id := range []string{"anthropic.claude-9", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"} {
		if _, err := c.bedrock.GetFoundationModel(t.Context(), &bedrock.GetFoundationModelInput{ModelIdentifier: &id}); !errors.As(err, &none) {
			t.Errorf("GetFoundationModel(%s) = %v; want a ResourceNotFoundException", id, err)
		}
	}
	if _, err := c.bedrock.GetFoundationModel(t.Context(), &bedrock.GetFoundationModelInput{ModelIdentifier: aws.String("no model!")}); !errors.As(err, &invalid) {
		t.Errorf("GetFoundationModel(no model!) = %v; want a ValidationException", err)
	}
}

func TestInferenceProfiles(t *testing.T) {
	c := newClients(t, catalogue)
	var ids []string
	in := &bedrock.ListInferenceProfilesInput{MaxResults: aws.Int32(1)}
	for p := bedrock.NewListInferenceProfilesPaginator(c.bedrock, in); p.HasMorePages(); {
		out, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range out.InferenceProfileSummaries {
			ids = append(ids, *s.InferenceProfileId)
			if len(s.Models) < 2 || s.Type != types.InferenceProfileTypeSystemDefined || s.CreatedAt == nil {
				t.Errorf("%s = %+v; want a system profile with several models", *s.InferenceProfileId, s)
			}
			if *s.InferenceProfileId == ids[0] && *s.Models[1].ModelArn != "arn:aws:bedrock:us-east-2::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0" {
				t.Errorf("the second model of %s is %s", ids[0], *s.Models[1].ModelArn)
			}
		}
	}
	if got := strings.Join(ids, " "); got != "us.anthropic.claude-sonnet-4-5-20250929-v1:0 global.anthropic.claude-sonnet-4-5-20250929-v1:0" {
		t.Errorf("profiles without a type = %s; want those of the system", got)
	}
	out, err := c.bedrock.ListInferenceProfiles(t.Context(), &bedrock.ListInferenceProfilesInput{TypeEquals: types.InferenceProfileTypeApplication})
	if err != nil || len(out.InferenceProfileSummaries) != 1 {
		t.Fatalf("application profiles = %+v, %v; want one", out, err)
	}
	s := out.InferenceProfileSummaries[0]
	if *s.InferenceProfileId != "abc123def456" || *s.InferenceProfileName != "team" || len(s.Models) != 3 {
		t.Errorf("the application profile = %s %s with %d models; want abc123def456, team, 3", *s.InferenceProfileId, *s.InferenceProfileName, len(s.Models))
	}
	var invalid *types.ValidationException
	for _, in := range []bedrock.ListInferenceProfilesInput{
		{TypeEquals: "NONESUCH"}, {NextToken: aws.String("MTA=")}, {MaxResults: aws.Int32(1001)},
	} {
		if _, err := c.bedrock.ListInferenceProfiles(t.Context(), &in); !errors.As(err, &invalid) {
			t.Errorf("ListInferenceProfiles(%+v) = %v; want a ValidationException", in, err)
		}
	}
}

func TestProvisionedModelThroughputs(t *testing.T) {
	c := newClients(t, catalogue)
	list := func(in bedrock.ListProvisionedModelThroughputsInput) string {
		var names []string
		for p := bedrock.NewListProvisionedModelThroughputsPaginator(c.bedrock, &in); p.HasMorePages(); {
			out, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range out.ProvisionedModelSummaries {
				names = append(names, fmt.Sprint(*s.ProvisionedModelName, *s.ModelUnits, s.Status))
			}
		}
		return strings.Join(names, " ")
	}
	for _, test := range []struct {
		in   bedrock.ListProvisionedModelThroughputsInput
		want string
	}{
		{bedrock.ListProvisionedModelThroughputsInput{}, "one3InService two1Creating"},
		{bedrock.ListProvisionedModelThroughputsInput{MaxResults: aws.Int32(1)}, "one3InService two1Creating"},
		{bedrock.ListProvisionedModelThroughputsInput{StatusEquals: types.ProvisionedModelStatusInService}, "one3InService"},
		{bedrock.ListProvisionedModelThroughputsInput{NameContains: aws.String("wo")}, "two1Creating"},
		{bedrock.ListProvisionedModelThroughputsInput{SortOrder: types.SortOrderAscending}, "two1Creating one3InService"},
		{bedrock.ListProvisionedModelThroughputsInput{ModelArnEquals: aws.String("arn:aws:bedrock:us-east-1::foundation-model/x")}, ""},
	} {
		if got := list(test.in); got != test.want {
			t.Errorf("ListProvisionedModelThroughputs(%+v) = %s; want %s", test.in, got, test.want)
		}
	}
}

func TestCallerIdentity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, `account: "000000000042"`)
		out, err := c.sts.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		if err != nil || *out.Account != "000000000042" || !strings.Contains(*out.Arn, ":000000000042:") {
			t.Errorf("GetCallerIdentity = %+v, %v", out, err)
		}
	})
}

// codeOf is the code of an error of AWS, "" for none.
func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// exceptionOf is codeOf where the SDK has a type for the error; an error that it
// has none for is told apart.
func exceptionOf(err error) string {
	var generic *smithy.GenericAPIError
	if errors.As(err, &generic) {
		return "no type for " + generic.Code
	}
	return codeOf(err)
}

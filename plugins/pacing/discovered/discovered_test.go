package discovered_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/loadline-dev/loadline/internal/cli"
	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins/pacing"
	"github.com/loadline-dev/loadline/plugins/pacing/discovered"
)

const (
	haiku  = "anthropic.claude-3-haiku-20240307-v1:0"
	sonnet = "anthropic.claude-sonnet-4-5-20250929-v1:0"
	nova   = "amazon.nova-lite-v1:0"
	team   = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl"
)

// account has a bit of all: two pools of Sonnet, one of Nova that an application
// shares, and what cannot be told of others.
const account = `account: "123456789012"
region: us-east-1
quotas:
  - {code: L-1, name: "On-demand model inference requests per minute for Anthropic Claude 3 Haiku", value: 60}
  - {code: L-2, name: "On-demand model inference tokens per minute for Anthropic Claude 3 Haiku", value: 200000}
  - {code: L-3, name: "Cross-region model inference requests per minute for Anthropic Claude Sonnet 4.5 V1", value: 200}
  - {code: L-4, name: "Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.5 V1", value: 200000, default: 5000000}
  - {code: L-5, name: "Global cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.5 V1", value: 400000}
  - {code: L-6, name: "Cross-region model inference requests per minute for Amazon Nova Lite", value: 4000}
  - {code: L-7, name: "Cross-region model inference tokens per minute for Amazon Nova Lite", value: 8000000}
  - {code: L-8, name: "On-demand model inference requests per minute for Amazon Nova Pro", value: 0}
  - {code: L-9, name: "On-demand model inference requests per minute for Amazon Nova Micro", applied: none, default: 2000}
  - {code: L-10, name: "On-demand model inference tokens per minute for Amazon Nova Micro", value: 1000}
  - {code: L-11, name: "On-demand model inference requests per minute for Amazon Titan Text Express", value: 400, error: {code: DEPENDENCY_SERVICE_ERROR, message: later}}
  - {code: L-12, name: "On-demand model inference requests per minute for Mistral Large", value: 10}
  - {code: L-13, name: "On-demand model inference requests per minute for Mistral Large", value: 20}
models:
  - {id: "anthropic.claude-3-haiku-20240307-v1:0", name: Claude 3 Haiku, provider: Anthropic}
  - {id: "anthropic.claude-sonnet-4-5-20250929-v1:0", name: Claude Sonnet 4.5, provider: Anthropic, inference_types: [INFERENCE_PROFILE]}
  - {id: "amazon.nova-lite-v1:0", name: Nova Lite, provider: Amazon, inference_types: [ON_DEMAND, INFERENCE_PROFILE]}
  - {id: "amazon.nova-pro-v1:0", name: Nova Pro, provider: Amazon}
  - {id: "amazon.nova-micro-v1:0", name: Nova Micro, provider: Amazon}
  - {id: "amazon.titan-text-express-v1", name: Titan Text G1 - Express, provider: Amazon}
  - {id: "mistral.mistral-large-2402-v1:0", name: Mistral Large, provider: Mistral AI}
  - {id: "newco.thing-v1:0", name: Thing, provider: NewCo}
profiles:
  - {id: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", models: ["anthropic.claude-sonnet-4-5-20250929-v1:0"]}
  - {id: "global.anthropic.claude-sonnet-4-5-20250929-v1:0", models: ["anthropic.claude-sonnet-4-5-20250929-v1:0"]}
  - {id: "us.amazon.nova-lite-v1:0", models: ["amazon.nova-lite-v1:0"]}
  - {id: "` + team + `", name: team, models: ["us.amazon.nova-lite-v1:0"]}
`

// reach is the configuration of a program whose account is the simulated one.
func reach(t testing.TB, text string) aws.Config {
	t.Helper()
	parsed, err := sim.Parse("account.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://127.0.0.1"), HTTPClient: &http.Client{Transport: cloud.InProcess(sim.New(parsed))},
		Credentials: credentials.NewStaticCredentialsProvider("SIMULATED", "simulated-secret", ""),
	}
}

func TestLimits(t *testing.T) {
	for _, test := range []struct {
		name   string
		models []string
		want   []pacing.Limit
	}{
		{"on demand", []string{haiku}, []pacing.Limit{{Models: []string{haiku}, RPM: 60, TPM: 200_000, Burndown: 5, MaxOutput: 4096}}},
		{"a geographic profile and a global one", []string{"us." + sonnet, "global." + sonnet}, []pacing.Limit{
			{Models: []string{"us." + sonnet}, RPM: 200, TPM: 200_000, Burndown: 5, MaxOutput: 64_000},
			{Models: []string{"global." + sonnet}, TPM: 400_000, Burndown: 5, MaxOutput: 64_000},
		}},
		{"an application shares the quota of its profile", []string{team, haiku, "us." + nova}, []pacing.Limit{
			{Models: []string{team, "us." + nova}, RPM: 4000, TPM: 8_000_000, Burndown: 1, MaxOutput: 10_000},
			{Models: []string{haiku}, RPM: 60, TPM: 200_000, Burndown: 5, MaxOutput: 4096},
		}},
		{"none", nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, err := discovered.Limits(t.Context(), reach(t, account), test.models...)
				if err != nil || !reflect.DeepEqual(got, test.want) {
					t.Errorf("the limits are %+v, %v; want %+v", got, err, test.want)
				}
			})
		})
	}
}

// A model without a number is an error that says why, and what to do.
func TestNoLimits(t *testing.T) {
	const wayOut = "Give such a model a pacing.Limit"
	denied := func(operation string) string {
		return account + `faults: [{match: {operation: ` + operation + `}, what: {error: {status: 400, code: AccessDeniedException, message: not you}}}]`
	}
	for _, test := range []struct {
		name, account string
		models        []string
		want          []string
	}{
		{"no quota", account, []string{haiku, "newco.thing-v1:0"}, []string{"newco.thing-v1:0: rpm: no quota name fits", "tpm: no quota name fits", wayOut}},
		{"no such model", account, []string{"newco.other"}, []string{"the account lists no such model in this Region", wayOut}},
		{"no such profile", account, []string{"eu." + nova + "x"}, []string{"the account lists no such inference profile", wayOut}},
		{"no id", account, []string{"\x1b[31m"}, []string{"no quota name fits", wayOut}},
		{"quotas of 0", account, []string{"amazon.nova-pro-v1:0"}, []string{"rpm: the applied value is 0", wayOut}},
		{"a default alone", account, []string{"amazon.nova-micro-v1:0"}, []string{"rpm: AWS tells no applied value of L-9", wayOut}},
		{"a quota that AWS cannot tell", account, []string{"amazon.titan-text-express-v1"}, []string{"rpm: AWS gave no value: DEPENDENCY_SERVICE_ERROR: later", wayOut}},
		{"several that fit", account, []string{"mistral.mistral-large-2402-v1:0"}, []string{"rpm: several quotas fit", "L-12", "L-13", wayOut}},
		{"a model that needs a profile", account, []string{sonnet}, []string{"AWS would refuse its calls", "use us." + sonnet, wayOut}},
		{"several models", account, []string{"newco.thing-v1:0", "amazon.nova-pro-v1:0"}, []string{"newco.thing-v1:0: ", "amazon.nova-pro-v1:0: "}},
		{"quotas are denied", denied("servicequotas.ListServiceQuotas"), []string{haiku}, []string{"the credentials in use need the action servicequotas:ListServiceQuotas"}},
		{"profiles are denied", strings.Replace(denied("bedrock.ListInferenceProfiles"), "faults: [", "faults: [{match: {operation: bedrock.GetInferenceProfile}, what: {error: {status: 400, code: AccessDeniedException, message: not you}}}, ", 1), []string{team}, []string{"application-inference-profile/abcdefghijkl: ", "Note: bedrock:ListInferenceProfiles: not you", wayOut}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, err := discovered.Limits(t.Context(), reach(t, test.account), test.models...)
				if err == nil {
					t.Fatalf("there are limits: %+v", got)
				}
				for _, part := range test.want {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("the error is\n%v\nwant %q in it", err, part)
					}
				}
				if strings.ContainsAny(err.Error(), "\x1b") || strings.Contains(err.Error(), "quotas: {") {
					t.Errorf("the error tells what it must not: %q", err)
				}
			})
		})
	}
}

func TestContextAndRegion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		slow := account + "faults: [{match: {operation: servicequotas.ListServiceQuotas}, what: {delay: 1m}}]"
		began := time.Now()
		if got, err := discovered.Limits(ctx, reach(t, slow), haiku); ctx.Err() == nil || err == nil || time.Since(began) != time.Second {
			t.Errorf("after %s: %+v, %v; want the end of the context", time.Since(began), got, err)
		}
	})
	if got, err := discovered.Limits(t.Context(), aws.Config{}, haiku); err == nil || !strings.Contains(err.Error(), "AWS_REGION") {
		t.Errorf("without a Region: %+v, %v", got, err)
	}
}

// The numbers are those of discover.
func TestSameAsDiscover(t *testing.T) {
	models := []string{haiku, "us." + sonnet, "global." + sonnet, "us." + nova, team}
	file := filepath.Join(t.TempDir(), "account.yaml")
	if err := os.WriteFile(file, []byte(account), 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var stdout, stderr bytes.Buffer
		args := []string{"discover", "--simulate=" + file, "--format", "json"}
		for _, id := range models {
			args = append(args, "--model", id)
		}
		c := cli.Command{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" }, InProcess: true}
		if status := c.Main(args); status != 0 {
			t.Fatalf("discover: exit %d\n%s", status, &stderr)
		}
		var told struct {
			Models []struct {
				ID     string
				Quotas []struct {
					Dimension string
					Applied   *float64
				}
			}
		}
		if err := json.Unmarshal(stdout.Bytes(), &told); err != nil {
			t.Fatal(err)
		}
		limits, err := discovered.Limits(t.Context(), reach(t, account), models...)
		if err != nil || len(told.Models) != len(models) {
			t.Fatalf("%d models, %v", len(told.Models), err)
		}
		got := map[string]float64{}
		for _, l := range limits {
			for _, id := range l.Models {
				got[id+" rpm"], got[id+" tpm"] = l.RPM, l.TPM
			}
		}
		want := map[string]float64{}
		for _, m := range told.Models {
			for _, d := range []string{"rpm", "tpm"} {
				want[m.ID+" "+d] = 0
			}
			for _, q := range m.Quotas {
				want[m.ID+" "+q.Dimension] = *q.Applied
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the limits are %v; discover tells %v", got, want)
		}
	})
}

func Example() {
	cfg := aws.Config{ /* of config.LoadDefaultConfig */ }
	limits, err := discovered.Limits(context.Background(), cfg, "us.anthropic.claude-sonnet-4-5-20250929-v1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	pacer := pacing.New(pacing.Limits{Of: limits, Share: 0.8}, pacing.Policy{Backoff: pacing.Backoff{Jitter: pacing.Full}})
	fmt.Println(len(pacer.Snapshot()))
	// Output: pacing: the aws.Config has no Region, and quotas are of one: set AWS_REGION, or Region
}

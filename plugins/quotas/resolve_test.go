package quotas_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
)

func models(regions, base string) (arns []string) {
	for region := range strings.SplitSeq(regions, ",") {
		arns = append(arns, "arn:aws:bedrock:"+region+"::foundation-model/"+base)
	}
	return arns
}

const (
	own     = "arn:aws:bedrock:us-east-1:123456789012:"
	sonnet  = "anthropic.claude-sonnet-4-5-20250929-v1:0"
	nova    = "amazon.nova-lite-v1:0"
	thing   = "newco.thing-v1:0"
	applied = own + "application-inference-profile/"
)

// listing is an account with profiles of all sorts.
var listing = plugins.Catalog{
	Models: []plugins.FoundationModel{
		{ID: sonnet, Name: "Claude Sonnet 4.5", InferenceTypes: []string{"INFERENCE_PROFILE"}},
		{ID: nova, Name: "Nova Lite", InferenceTypes: []string{"ON_DEMAND", "INFERENCE_PROFILE"}},
		{ID: thing, InferenceTypes: []string{"INFERENCE_PROFILE"}},
		{ID: "amazon.titan-embed-image-v1:0", InferenceTypes: []string{"PROVISIONED"}},
		{ID: "newco.both-v1:0:8k", InferenceTypes: []string{"ON_DEMAND"}},
		{ID: "openai.gpt-oss-120b-1:0", Name: "gpt-oss-120b", InferenceTypes: []string{"ON_DEMAND"}},
		{ID: "moonshot.kimi-k2-thinking", Name: "Kimi K2 Thinking", InferenceTypes: []string{"ON_DEMAND"}},
		{ID: "anthropic.claude-opus-9-1", Name: "Claude Opus 9.1", InferenceTypes: []string{"ON_DEMAND"}},
		{ID: "anthropic.claude-v2:1", Name: "Claude", InferenceTypes: []string{"ON_DEMAND"}},
		{ID: "anthropic.claude-v2", Name: "Claude", InferenceTypes: []string{"ON_DEMAND"}},
	},
	Profiles: []plugins.Profile{
		{ID: "us." + sonnet, ARN: own + "inference-profile/us." + sonnet, ModelARNs: models("us-east-1,us-east-2,us-west-2", sonnet)},
		{ID: "global." + sonnet, ARN: own + "inference-profile/global." + sonnet, ModelARNs: models("us-east-1,", sonnet)},
		{ID: "mars." + thing, ARN: own + "inference-profile/mars." + thing, ModelARNs: models("me-south-1,il-central-1", thing)},
		{ID: "ca." + nova, ARN: own + "inference-profile/ca." + nova, ModelARNs: models("ca-central-1", nova)},
		{ID: "world." + nova, ARN: own + "inference-profile/world." + nova, ModelARNs: models("us-east-1,", nova)},
		{ID: "abcdefghijk1", ARN: applied + "abcdefghijk1", Application: true, ModelARNs: models("us-east-1", nova)},
		{ID: "abcdefghijk2", ARN: applied + "abcdefghijk2", Application: true, ModelARNs: models("us-west-2,us-east-1,us-east-2", sonnet)},
		{ID: "abcdefghijk3", ARN: applied + "abcdefghijk3", Application: true, ModelARNs: models("us-east-1,", sonnet)},
		{ID: "abcdefghijk4", ARN: applied + "abcdefghijk4", Application: true, ModelARNs: models("us-east-1,eu-west-1,ap-south-1", sonnet)},
		{ID: "abcdefghijk5", ARN: applied + "abcdefghijk5", Application: true, ModelARNs: append(models("us-east-1", sonnet), models("us-east-1", nova)...)},
		{ID: "abcdefghijk6", ARN: applied + "abcdefghijk6", Application: true},
		{ID: "abcdefghijk7", ARN: applied + "abcdefghijk7", Application: true, ModelARNs: models("ap-south-1,ap-south-2", nova)},
		{ID: "abcdefghijk8", ARN: applied + "abcdefghijk8", Application: true, ModelARNs: models("ca-central-1", nova)},
	},
	Provisioned: []plugins.Provisioned{
		{ARN: own + "provisioned-model/units1", ModelARN: models("us-east-1", nova+":300k")[0], Status: "InService"},
		{ARN: own + "provisioned-model/units2", ModelARN: own + "custom-model/" + nova + "/abc", Status: "InService"},
		{ARN: own + "provisioned-model/units3", ModelARN: own + "imported-model/abc", Status: "Updating"},
		{ARN: own + "provisioned-model/units4", ModelARN: models("us-east-1", nova)[0], Status: "Creating"},
	},
}

func TestResolve(t *testing.T) {
	tests := []struct {
		id, kind, base, scope string
		unreachable, doubt    string // words of it, or none at all
	}{
		{nova, quotas.KindModel, nova, quotas.OnDemand, "", ""},
		{"us." + sonnet, quotas.KindProfile, sonnet, quotas.CrossRegion, "", ""},
		{own + "inference-profile/us." + sonnet, quotas.KindProfile, sonnet, quotas.CrossRegion, "", ""},
		{"arn:aws:bedrock:us-east-1:999999999999:inference-profile/us." + sonnet, quotas.KindProfile, sonnet, quotas.CrossRegion, "", ""},
		{"global." + sonnet, quotas.KindProfile, sonnet, quotas.Global, "", ""},
		// A profile in one Region is still none of on-demand's.
		{"ca." + nova, quotas.KindProfile, nova, quotas.CrossRegion, "", ""},
		// Geographies that are not known yet, of makers known and not.
		{"mars." + thing, quotas.KindProfile, thing, quotas.CrossRegion, "", ""},
		{own + "inference-profile/mars." + thing, quotas.KindProfile, thing, quotas.CrossRegion, "", ""},
		{"world." + nova, quotas.KindProfile, nova, quotas.Global, "", ""},
		// Profiles of applications.
		{applied + "abcdefghijk1", quotas.KindApplication, nova, quotas.OnDemand, "", ""},
		{applied + "abcdefghijk2", quotas.KindApplication, sonnet, quotas.CrossRegion, "", ""},
		{applied + "abcdefghijk3", quotas.KindApplication, sonnet, quotas.Global, "", ""},
		{applied + "abcdefghijk4", quotas.KindApplication, sonnet, quotas.Global, "", ""},
		{applied + "abcdefghijk5", quotas.KindApplication, "", quotas.Unresolved, "", "several models: " + sonnet + ", " + nova},
		{applied + "abcdefghijk6", quotas.KindApplication, "", quotas.Unresolved, "", "which model is behind"},
		{applied + "abcdefghijk7", quotas.KindApplication, nova, quotas.CrossRegion, "", ""},
		{applied + "abcdefghijk8", quotas.KindApplication, nova, quotas.OnDemand, "", ""},
		{applied + "nowhere", quotas.KindApplication, "", quotas.Unresolved, "", "lists no such application"},
		{"abcdefghijk1", quotas.KindApplication, nova, quotas.OnDemand, "called by its ARN; use " + applied + "abcdefghijk1", ""},
		// Provisioned Throughput.
		{own + "provisioned-model/units1", quotas.KindProvisioned, nova, quotas.Provisioned, "", ""},
		{own + "provisioned-model/units2", quotas.KindProvisioned, nova, quotas.Provisioned, "", ""},
		{own + "provisioned-model/units3", quotas.KindProvisioned, "", quotas.Provisioned, "", "which base model is behind"},
		{own + "provisioned-model/units4", quotas.KindProvisioned, nova, quotas.Provisioned, "does not serve; its status is Creating", ""},
		{own + "provisioned-model/nowhere", quotas.KindProvisioned, "", quotas.Provisioned, "", "lists no such Provisioned Throughput"},
		// What works only through something else.
		{sonnet, quotas.KindModel, sonnet, quotas.OnDemand, sonnet + " works only through an inference profile; use us." + sonnet + " or global." + sonnet, ""},
		{"arn:aws:bedrock:us-east-1::foundation-model/" + sonnet, quotas.KindModel, sonnet, quotas.OnDemand, "works only through an inference profile", ""},
		{"amazon.titan-embed-image-v1:0", quotas.KindModel, "amazon.titan-embed-image-v1:0", quotas.OnDemand, "works only with Provisioned Throughput", ""},
		{nova + ":24k", quotas.KindVariant, nova, quotas.Provisioned, "context variant, which works only with Provisioned Throughput; use the ARN of one, or " + nova + " or ca." + nova, ""},
		{"newco.both-v1:0:8k", quotas.KindVariant, "newco.both-v1:0", quotas.OnDemand, "", ""},
		// What the account does not list.
		{"eu." + sonnet, quotas.KindProfile, sonnet, quotas.CrossRegion, "", "no such inference profile in this Region; use us." + sonnet},
		{"amazon.nova-none-v1:0", quotas.KindModel, "amazon.nova-none-v1:0", quotas.OnDemand, "", "lists no such model"},
		{own + "inference-profile/venus.newco.other", quotas.KindProfile, "", quotas.Unresolved, "", "lists no such inference profile"},
		// Ids of the other endpoint.
		{"openai.gpt-oss-120b", quotas.KindModel, "openai.gpt-oss-120b", quotas.Unresolved, "", "knows this model as openai.gpt-oss-120b-1:0"},
		{"anthropic.claude-sonnet-4-5", quotas.KindModel, "anthropic.claude-sonnet-4-5", quotas.Unresolved, "", "knows this model as " + sonnet},
		{"moonshotai.kimi-k2-thinking", quotas.KindModel, "moonshotai.kimi-k2-thinking", quotas.Unresolved, "", "knows this model as moonshot.kimi-k2-thinking"},
		{"anthropic.claude-v2", quotas.KindModel, "anthropic.claude-v2", quotas.OnDemand, "", ""},
		{"anthropic.claude-opus-9", quotas.KindModel, "anthropic.claude-opus-9", quotas.OnDemand, "", "lists no such model"},
		{"anthropic.claude-sonnet-4", quotas.KindModel, "anthropic.claude-sonnet-4", quotas.OnDemand, "", "lists no such model"},
		// What has no quotas by model.
		{own + "custom-model/" + nova + "/abc", quotas.KindCustom, nova, quotas.Unresolved, "", "through its Provisioned Throughput or its deployment"},
		{own + "imported-model/abc", quotas.KindImported, "", quotas.Unresolved, "", "no quotas by model"},
		{own + "custom-model-deployment/abc", quotas.KindDeployment, "", quotas.Unresolved, "", "deployment"},
		{own + "prompt-router/abc", quotas.KindRouter, "", quotas.Unresolved, "", "prompt router"},
		{own + "prompt/abc", quotas.KindPrompt, "", quotas.Unresolved, "", "prompt"},
		{"arn:aws:sagemaker:us-east-1:123456789012:endpoint/x", quotas.KindEndpoint, "", quotas.Unresolved, "", "instances"},
		{"", quotas.KindUnknown, "", quotas.Unresolved, "", "no id of a model"},
	}
	for _, tt := range tests {
		r := quotas.Resolve(tt.id, listing)
		if r.Kind != tt.kind || r.Base != tt.base || r.Scope != tt.scope {
			t.Errorf("Resolve(%q) = %s %q %s; want %s %q %s", tt.id, r.Kind, r.Base, r.Scope, tt.kind, tt.base, tt.scope)
		}
		for _, text := range []struct{ what, got, want string }{{"Unreachable", r.Unreachable, tt.unreachable}, {"Doubt", r.Doubt, tt.doubt}} {
			if !strings.Contains(text.got, text.want) || text.want == "" && text.got != "" {
				t.Errorf("Resolve(%q).%s = %q; want %q", tt.id, text.what, text.got, text.want)
			}
		}
	}
}

func TestResolveTellsWhatIsBehind(t *testing.T) {
	r := quotas.Resolve(applied+"abcdefghijk2", listing)
	if r.Profile == nil || r.Profile.ID != "abcdefghijk2" || !slices.Equal(r.Models, []string{sonnet}) {
		t.Errorf("Resolve = %+v; want the profile and its model", r)
	}
	if r = quotas.Resolve(applied+"abcdefghijk5", listing); !slices.Equal(r.Models, []string{sonnet, nova}) {
		t.Errorf("Resolve of a profile of two models = %q; want both", r.Models)
	}
	if r = quotas.Resolve("mars."+thing, listing); r.Geography != "mars" {
		t.Errorf("Resolve(mars.…).Geography = %q; want mars", r.Geography)
	}
	if r = quotas.Resolve(own+"provisioned-model/units1", listing); r.Variant != "300k" {
		t.Errorf("Resolve of Provisioned Throughput of a variant has %q; want 300k", r.Variant)
	}
}

// Without a catalog there is nothing to contradict the id.
func TestResolveWithoutACatalog(t *testing.T) {
	for id, scope := range map[string]string{nova: quotas.OnDemand, "us." + sonnet: quotas.CrossRegion, "global." + thing: quotas.Global} {
		if r := quotas.Resolve(id, plugins.Catalog{}); r.Scope != scope || r.Doubt != "" || r.Unreachable != "" || len(r.Models) != 1 {
			t.Errorf("Resolve(%q) = %+v; want the scope %s and no doubt", id, r, scope)
		}
	}
}

package quotas_test

import (
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/plugins/quotas"
)

func TestIdentify(t *testing.T) {
	const (
		haiku = "anthropic.claude-3-haiku-20240307-v1:0"
		arn   = "arn:aws:bedrock:us-east-1:123456789012:"
	)
	tests := []struct{ id, base, scope string }{
		// Foundation models.
		{haiku, haiku, quotas.OnDemand},
		{"anthropic.claude-sonnet-5", "anthropic.claude-sonnet-5", quotas.OnDemand},
		{"anthropic.claude-v2:1", "anthropic.claude-v2:1", quotas.OnDemand},
		{"openai.gpt-oss-120b-1:0", "openai.gpt-oss-120b-1:0", quotas.OnDemand},
		{"ai21.jamba-1-5-large-v1:0", "ai21.jamba-1-5-large-v1:0", quotas.OnDemand},
		{"qwen.qwen3-32b-v1:0", "qwen.qwen3-32b-v1:0", quotas.OnDemand},
		{"openai.gpt-5.6-sol", "openai.gpt-5.6-sol", quotas.OnDemand},
		{"newco.model-v1:0", "newco.model-v1:0", quotas.OnDemand},
		{"newco.model-1.5", "newco.model-1.5", quotas.OnDemand},
		{"my-model", "my-model", quotas.OnDemand},
		// Inference profiles.
		{"us." + haiku, haiku, quotas.CrossRegion},
		{"eu." + haiku, haiku, quotas.CrossRegion},
		{"apac." + haiku, haiku, quotas.CrossRegion},
		{"jp." + haiku, haiku, quotas.CrossRegion},
		{"au." + haiku, haiku, quotas.CrossRegion},
		{"ca.amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0", quotas.CrossRegion},
		{"in.amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0", quotas.CrossRegion},
		{"us-gov." + haiku, haiku, quotas.CrossRegion},
		{"us.openai.gpt-5.6-sol", "openai.gpt-5.6-sol", quotas.CrossRegion},
		{"us.newco.model", "newco.model", quotas.CrossRegion},
		{"global." + haiku, haiku, quotas.Global},
		{"global.newco.model", "newco.model", quotas.Global},
		// A geography that is not known yet, before a provider that is.
		{"sa." + haiku, haiku, quotas.CrossRegion},
		{"mx.meta.llama4-scout-17b-instruct-v1:0", "meta.llama4-scout-17b-instruct-v1:0", quotas.CrossRegion},
		{"US." + haiku, haiku, quotas.CrossRegion},
		// Context variants, which are of Provisioned Throughput.
		{haiku + ":200k", haiku, quotas.Provisioned},
		{"amazon.nova-premier-v1:0:mm", "amazon.nova-premier-v1:0", quotas.Provisioned},
		{"cohere.embed-english-v3:0:512", "cohere.embed-english-v3:0", quotas.Provisioned},
		{"arn:aws:bedrock:us-east-1::foundation-model/" + haiku + ":48k", haiku, quotas.Provisioned},
		// ARNs.
		{"ARN:aws:bedrock:us-east-1::foundation-model/" + haiku, haiku, quotas.OnDemand},
		{"arn:aws-iso-b:bedrock:us-isob-east-1::foundation-model/" + haiku, haiku, quotas.OnDemand},
		{arn + "custom-model/amazon.nova-lite-v1:0:300k/abcdefghijkl", "amazon.nova-lite-v1:0", quotas.Unresolved},
		{"arn:aws:bedrock:us-east-1::foundation-model/" + haiku, haiku, quotas.OnDemand},
		{"arn:aws:bedrock:::foundation-model/" + haiku, haiku, quotas.OnDemand},
		{"arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/" + haiku, haiku, quotas.OnDemand},
		{arn + "inference-profile/us." + haiku, haiku, quotas.CrossRegion},
		{arn + "inference-profile/global." + haiku, haiku, quotas.Global},
		{"arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:inference-profile/us-gov." + haiku, haiku, quotas.CrossRegion},
		{"arn:aws-cn:bedrock:cn-north-1:123456789012:inference-profile/cn." + haiku, haiku, quotas.CrossRegion},
		{arn + "provisioned-model/abcdefghijkl", "", quotas.Provisioned},
		// Only AWS can tell.
		{arn + "application-inference-profile/abcdefghijkl", "", quotas.Unresolved},
		{arn + "inference-profile/xx.newco.model", "", quotas.Unresolved},
		{arn + "inference-profile/" + haiku, "", quotas.Unresolved},
		{arn + "inference-profile/", "", quotas.Unresolved},
		{arn + "foundation-model/", "", quotas.Unresolved},
		{arn + "foundation-model", "", quotas.Unresolved},
		{arn + "custom-model-deployment/abcdefghijkl", "", quotas.Unresolved},
		{arn + "imported-model/abcdefghijkl", "", quotas.Unresolved},
		{arn + "default-prompt-router/anthropic.claude:1", "", quotas.Unresolved},
		{"arn:aws:sagemaker:us-east-1:123456789012:endpoint/x", "", quotas.Unresolved},
		{"arn:aws:bedrock", "", quotas.Unresolved},
		{"arn:", "", quotas.Unresolved},
		{"", "", quotas.Unresolved},
		{"us.", "", quotas.Unresolved},
		{"global.", "", quotas.Unresolved},
	}
	for _, tt := range tests {
		if got := quotas.Identify(tt.id); got.Base != tt.base || got.Scope != tt.scope {
			t.Errorf("Identify(%q) = %+v; want the base %q and the scope %q", tt.id, got, tt.base, tt.scope)
		}
	}
}

func TestIdentifyTellsTheRest(t *testing.T) {
	const arn = "arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:"
	parts := quotas.ID{Partition: "aws-us-gov", Region: "us-gov-west-1", Account: "123456789012"}
	of := func(kind, scope, base, name string) quotas.ID {
		id := parts
		id.Kind, id.Scope, id.Base, id.Name = kind, scope, base, name
		return id
	}
	profile := of(quotas.KindProfile, quotas.CrossRegion, "a.b", "us-gov.a.b")
	profile.Geography = "us-gov"
	tests := []struct {
		id   string
		want quotas.ID
	}{
		{"amazon.nova-lite-v1:0:24k", quotas.ID{Kind: quotas.KindVariant, Scope: quotas.Provisioned, Base: "amazon.nova-lite-v1:0", Variant: "24k", Name: "amazon.nova-lite-v1:0:24k"}},
		{"eu.amazon.nova-lite-v1:0", quotas.ID{Kind: quotas.KindProfile, Scope: quotas.CrossRegion, Base: "amazon.nova-lite-v1:0", Geography: "eu", Name: "eu.amazon.nova-lite-v1:0"}},
		{arn + "inference-profile/us-gov.a.b", profile},
		{arn + "application-inference-profile/abc", of(quotas.KindApplication, quotas.Unresolved, "", "abc")},
		{arn + "provisioned-model/abc", of(quotas.KindProvisioned, quotas.Provisioned, "", "abc")},
		{arn + "custom-model/a.b-v1:0/abc", of(quotas.KindCustom, quotas.Unresolved, "a.b-v1:0", "a.b-v1:0/abc")},
		{arn + "custom-model-deployment/abc", of(quotas.KindDeployment, quotas.Unresolved, "", "abc")},
		{arn + "imported-model/abc", of(quotas.KindImported, quotas.Unresolved, "", "abc")},
		{arn + "prompt-router/abc", of(quotas.KindRouter, quotas.Unresolved, "", "abc")},
		{arn + "default-prompt-router/anthropic.claude:1", of(quotas.KindRouter, quotas.Unresolved, "", "anthropic.claude:1")},
		{arn + "prompt/ABCDEFGHIJ:1", of(quotas.KindPrompt, quotas.Unresolved, "", "ABCDEFGHIJ:1")},
		{arn + "marketplace/model-endpoint/all-access/x", of(quotas.KindEndpoint, quotas.Unresolved, "", "model-endpoint/all-access/x")},
		{"arn:aws-us-gov:sagemaker:us-gov-west-1:123456789012:endpoint/x", of(quotas.KindEndpoint, quotas.Unresolved, "", "x")},
		{arn + "flow/abc", of(quotas.KindUnknown, quotas.Unresolved, "", "abc")},
		{"arn:aws:bedrock", quotas.ID{Kind: quotas.KindUnknown, Scope: quotas.Unresolved, Name: "arn:aws:bedrock"}},
	}
	for _, tt := range tests {
		if got := quotas.Identify(tt.id); got != tt.want {
			t.Errorf("Identify(%q) = %+v; want %+v", tt.id, got, tt.want)
		}
	}
}

func FuzzIdentify(f *testing.F) {
	f.Add("us.anthropic.claude-3-haiku-20240307-v1:0")
	f.Add("amazon.nova-lite-v1:0:300k")
	f.Add("arn:aws:bedrock:::foundation-model/amazon.nova-lite-v1:0")
	f.Add("arn:aws:bedrock:us-east-1:1:custom-model/amazon.nova-lite-v1:0:300k/abc")
	f.Add("arn:aws:bedrock:us-east-1:1:inference-profile/arn:aws:bedrock:us-east-1:1:inference-profile/")
	f.Add("arn:::::/")
	f.Fuzz(func(t *testing.T, id string) {
		got := quotas.Identify(id)
		if !strings.Contains(id, got.Base) || !strings.HasSuffix(id, got.Name) || got.Kind == "" {
			t.Errorf("Identify(%q) = %+v; want a kind, and a base and a name of the id's own letters", id, got)
		}
		pooled := got.Scope == quotas.OnDemand || got.Scope == quotas.CrossRegion || got.Scope == quotas.Global
		if pooled && got.Base == "" {
			t.Errorf("Identify(%q) = %+v; want a base with a scope that only a base has", id, got)
		}
		if got.Base != "" && strings.HasPrefix(got.Base, "arn:") && !pooled {
			t.Errorf("Identify(%q).Base = %q; want no ARN", id, got.Base)
		}
	})
}

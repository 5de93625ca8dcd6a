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
		{"amazon.nova-2-lite-v1:0:256k", "amazon.nova-2-lite-v1:0:256k", quotas.OnDemand},
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
		// ARNs.
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

func FuzzIdentify(f *testing.F) {
	f.Add("us.anthropic.claude-3-haiku-20240307-v1:0")
	f.Add("arn:aws:bedrock:::foundation-model/amazon.nova-lite-v1:0")
	f.Add("arn:aws:bedrock:us-east-1:1:inference-profile/arn:aws:bedrock:us-east-1:1:inference-profile/")
	f.Add("arn:::::/")
	f.Fuzz(func(t *testing.T, id string) {
		got := quotas.Identify(id)
		if !strings.HasSuffix(id, got.Base) {
			t.Errorf("Identify(%q).Base = %q; want an end of the id", id, got.Base)
		}
		resolved := got.Scope == quotas.OnDemand || got.Scope == quotas.CrossRegion || got.Scope == quotas.Global
		if resolved != (got.Base != "") {
			t.Errorf("Identify(%q) = %+v; want a base with a scope that only a base has", id, got)
		}
	})
}

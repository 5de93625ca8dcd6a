package quotas_test

import (
	"testing"

	"github.com/loadline-dev/loadline/plugins/quotas"
)

func TestSeries(t *testing.T) {
	for id, want := range map[string]string{
		"amazon.nova-lite-v1:0":                                                                                 "amazon.nova-lite-v1:0",
		"us.anthropic.claude-sonnet-4-5-20250929-v1:0":                                                          "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
		"arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0":                                     "amazon.nova-lite-v1:0",
		"ARN:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl":                     "abcdefghijkl",
		"arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.titan-text-express-v1:0:8k/abcdefghijkl":    "abcdefghijkl",
		"arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
		"arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl":                                 "abcdefghijkl",
		"arn:aws:sagemaker:us-east-1:123456789012:endpoint/name":                                                "name",
		"a/b": "a/b",
	} {
		got := quotas.Series(id)
		if got != want {
			t.Errorf("%s is counted as %s; want %s", id, got, want)
		}
		if o := quotas.OptimizedSeries(got); !quotas.IsOptimizedSeries(o) || quotas.IsOptimizedSeries(got) || quotas.StandardSeries(o) != got || quotas.StandardSeries(got) != got {
			t.Errorf("%s at optimized latency is %s", got, o)
		}
	}
}

package pacing_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"

	"github.com/loadline-dev/loadline/plugins/pacing"
)

// canned answers every call at once, so that what is left is the SDK's own work.
type canned struct{}

func (canned) Do(r *http.Request) (*http.Response, error) {
	const reply = `{"metrics":{"latencyMs":300},"output":{"message":{"content":[{"text":"hello there"}],"role":"assistant"}},"stopReason":"end_turn","usage":{"inputTokens":2,"outputTokens":12,"totalTokens":14}}`
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader([]byte(reply))), Request: r}, nil
}

func BenchmarkCall(b *testing.B) {
	limits := pacing.Limits{Of: []pacing.Limit{{Models: []string{model}, RPM: 1e12, TPM: 1e15, Concurrent: 100}}}
	for name, option := range map[string]func(*bedrockruntime.Options){
		"SDK":   func(o *bedrockruntime.Options) { o.Retryer = aws.NopRetryer{} },
		"paced": pacing.With(limits, pacing.Policy{Backoff: pacing.Backoff{Jitter: pacing.Full}, Budget: 0.1}),
	} {
		b.Run(name, func(b *testing.B) {
			c := over(canned{}, option)
			b.ReportAllocs()
			for b.Loop() {
				if err := operations["Converse"](b.Context(), c, -1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

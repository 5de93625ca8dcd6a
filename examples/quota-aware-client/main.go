// Quota-aware-client asks a simulated model ten times at once and stays inside
// 60 requests a minute. Run "loadline simulate", then: go run . http://127.0.0.1:PORT
package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"

	"github.com/loadline-dev/loadline/plugins/pacing"
)

func main() {
	const model = "anthropic.claude-3-haiku-20240307-v1:0"
	limits := pacing.Limits{Of: []pacing.Limit{{Models: []string{model}, RPM: 60, TPM: 200_000}}, Share: 0.9, MaxWait: time.Minute}
	pacer := pacing.New(limits, pacing.Policy{Backoff: pacing.Backoff{Jitter: pacing.Full}, Budget: 0.1})
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &os.Args[1], Credentials: credentials.NewStaticCredentialsProvider("SIMULATED", "simulated-secret", "")}
	client := bedrockruntime.NewFromConfig(cfg, pacer.Option)
	ask := &bedrockruntime.ConverseInput{
		ModelId: aws.String(model), InferenceConfig: &types.InferenceConfiguration{MaxTokens: aws.Int32(50)},
		Messages: []types.Message{{Role: types.ConversationRoleUser, Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: "Hello!"}}}},
	}
	var calls sync.WaitGroup
	for range 10 {
		calls.Go(func() {
			if _, err := client.Converse(context.Background(), ask); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		})
	}
	calls.Wait()
	s := pacer.Snapshot()[0]
	fmt.Printf("%d of %d calls succeeded in %d attempts, %d throttled; waits: p50 %v, p99 %v\n", s.Successful, s.Calls, s.Attempts, s.Throttled, *s.Waits.P50, *s.Waits.P99)
}

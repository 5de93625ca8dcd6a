// Quota-aware-client asks a model ten times at once and stays inside 90 % of its
// 60 requests a minute. Run "loadline simulate", paste the lines that it prints into
// another shell, and there: go run ./examples/quota-aware-client
//
// discovered.Limits, in plugins/pacing/discovered, reads the numbers from the account.
package main

import (
	"context"
	"log"
	"sync"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/loadline-dev/loadline/plugins/pacing"
)

func main() {
	ctx, model := context.Background(), "anthropic.claude-3-haiku-20240307-v1:0"
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	limits := pacing.Limits{Of: []pacing.Limit{{Models: []string{model}, RPM: 60, TPM: 200_000}}, Share: 0.9, Hook: func(a pacing.Attempt) { log.Println(a.Waited, a.Bound, a.Err) }}
	pacer := pacing.New(limits, pacing.Policy{Backoff: pacing.Backoff{Jitter: pacing.Full}, Budget: 0.1})
	client := bedrockruntime.NewFromConfig(cfg, pacer.Option)
	body := []byte(`{"anthropic_version": "bedrock-2023-05-31", "max_tokens": 50, "messages": [{"role": "user", "content": "Hello!"}]}`)
	var calls sync.WaitGroup
	for range 10 {
		calls.Go(func() { client.InvokeModel(ctx, &bedrockruntime.InvokeModelInput{ModelId: &model, Body: body}) })
	}
	calls.Wait()
	s := pacer.Snapshot()[0]
	log.Printf("%d of %d calls succeeded in %d attempts, %d throttled; waits: p50 %v, p99 %v", s.Successful, s.Calls, s.Attempts, s.Throttled, *s.Waits.P50, *s.Waits.P99)
}

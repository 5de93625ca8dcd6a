// Command sdkloop is the least load test that one would write with the AWS SDK
// for Go: workers that call a model one call after the other. The comparison in
// bench measures Loadline against it.
//
//	sdkloop invoke|stream WORKERS DURATION
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
)

const model = "amazon.nova-lite-v1:0"

func main() {
	workers, _ := strconv.Atoi(os.Args[2])
	length, _ := time.ParseDuration(os.Args[3])
	ctx := context.Background()
	// One attempt a call, and connections that are kept: with the SDK's defaults
	// it would be slower, and would send more than it tells.
	pool := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.MaxIdleConnsPerHost = workers })
	cfg, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(pool), config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }))
	if err != nil {
		panic(err)
	}
	client := bedrockruntime.NewFromConfig(cfg)
	call := invoke
	if os.Args[1] == "stream" {
		call = stream
	}
	var ok, failed atomic.Int64
	var all sync.WaitGroup
	for end := time.Now().Add(length); workers > 0; workers-- {
		all.Go(func() {
			for time.Now().Before(end) {
				if call(ctx, client) == nil {
					ok.Add(1)
				} else {
					failed.Add(1)
				}
			}
		})
	}
	all.Wait()
	fmt.Printf("ok %d failed %d\n", ok.Load(), failed.Load())
}

func invoke(ctx context.Context, c *bedrockruntime.Client) error {
	body := []byte(`{"messages":[{"role":"user","content":[{"text":"Summarize this in one sentence: AWS provides cloud computing services."}]}],"inferenceConfig":{"maxTokens":50}}`)
	_, err := c.InvokeModel(ctx, &bedrockruntime.InvokeModelInput{ModelId: aws.String(model), Body: body, ContentType: aws.String("application/json")})
	return err
}

func stream(ctx context.Context, c *bedrockruntime.Client) error {
	text := &types.ContentBlockMemberText{Value: "Summarize this in one sentence: AWS provides cloud computing services."}
	out, err := c.ConverseStream(ctx, &bedrockruntime.ConverseStreamInput{ModelId: aws.String(model),
		Messages: []types.Message{{Role: types.ConversationRoleUser, Content: []types.ContentBlock{text}}}, InferenceConfig: &types.InferenceConfiguration{MaxTokens: aws.Int32(50)}})
	if err != nil {
		return err
	}
	s := out.GetStream()
	defer s.Close()
	for range s.Events() {
	}
	return s.Err()
}

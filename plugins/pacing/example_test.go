package pacing_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"

	"github.com/loadline-dev/loadline/plugins/pacing"
)

func Example() {
	limits := pacing.Limits{
		Of:      []pacing.Limit{{Models: []string{"amazon.nova-lite-v1:0"}, RPM: 60, TPM: 1000}},
		Share:   0.8, // others have the rest
		MaxWait: 30 * time.Second,
	}
	policy := pacing.Policy{Backoff: pacing.Backoff{Jitter: pacing.Full}, MaxAttempts: 4, Budget: 0.1}
	client := bedrockruntime.NewFromConfig(aws.Config{Region: "us-east-1"}, pacing.With(limits, policy))

	// It sets no max_tokens, so that 4,096 would be reserved.
	_, err := client.Converse(context.Background(), &bedrockruntime.ConverseInput{ModelId: aws.String("amazon.nova-lite-v1:0"), Messages: messages()})
	if large := new(pacing.TooLargeError); errors.As(err, &large) {
		fmt.Println(large)
	}
	// Output: pacing: not sent: a request to amazon.nova-lite-v1:0 wants 4098 tokens (input + max_tokens), and the limit is 800 a minute: lower max_tokens
}

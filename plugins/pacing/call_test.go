package pacing_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/loadline-dev/loadline/plugins/pacing"
)

// transport is a way to AWS of one's own.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// What panics below a call, and is recovered above it as servers do, ends its
// reservation.
func TestPanicEndsTheReservation(t *testing.T) {
	for name, send := range operations {
		for _, where := range []string{"transport", "credentials"} {
			synctest.Test(t, func(t *testing.T) {
				ends := 0
				p := pacing.New(pacing.Limits{Of: []pacing.Limit{{Models: []string{model}, Concurrent: 1, TPM: 1000}}, MaxWait: time.Second, Hook: func(pacing.Attempt) { ends++ }}, pacing.Policy{})
				odd := func(o *bedrockruntime.Options) {
					if where == "credentials" {
						o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { panic(where) })
					}
				}
				c := over(&http.Client{Transport: transport(func(*http.Request) (*http.Response, error) { panic(where) })}, p.Option, odd)
				for range 2 { // the second needs the one place
					func() {
						defer func() {
							if got := recover(); got != where {
								t.Errorf("%s: recovered %v", name, got)
							}
						}()
						send(t.Context(), c, -1)
					}()
				}
				want := map[string]int64{"transport": 4, "credentials": 0}[where] // the input, where it was sent
				if s := p.Snapshot()[0]; s.UnderWay != 0 || s.Failed != 2 || s.TokensSettled != want || ends != 2 {
					t.Errorf("%s, a panic in the %s: ended %d times, %+v", name, where, ends, s)
				}
			})
		}
	}
}

// The output of every operation tells how long the call waited, of a stream, too.
func TestWaitIsTold(t *testing.T) {
	ask := &types.InferenceConfiguration{MaxTokens: aws.Int32(50)}
	for name, send := range map[string]func(*testing.T, *bedrockruntime.Client) (middleware.Metadata, error){
		"InvokeModel": func(t *testing.T, c *bedrockruntime.Client) (middleware.Metadata, error) {
			out, err := c.InvokeModel(t.Context(), &bedrockruntime.InvokeModelInput{ModelId: aws.String(model), Body: []byte(body)})
			return out.ResultMetadata, err
		},
		"Converse": func(t *testing.T, c *bedrockruntime.Client) (middleware.Metadata, error) {
			out, err := c.Converse(t.Context(), &bedrockruntime.ConverseInput{ModelId: aws.String(model), Messages: messages(), InferenceConfig: ask})
			return out.ResultMetadata, err
		},
		"InvokeModelWithResponseStream": func(t *testing.T, c *bedrockruntime.Client) (middleware.Metadata, error) {
			out, err := c.InvokeModelWithResponseStream(t.Context(), &bedrockruntime.InvokeModelWithResponseStreamInput{ModelId: aws.String(model), Body: []byte(body)})
			drain(out.GetStream(), -1)
			return out.ResultMetadata, err
		},
		"ConverseStream": func(t *testing.T, c *bedrockruntime.Client) (middleware.Metadata, error) {
			out, err := c.ConverseStream(t.Context(), &bedrockruntime.ConverseStreamInput{ModelId: aws.String(model), Messages: messages(), InferenceConfig: ask})
			drain(out.GetStream(), -1)
			return out.ResultMetadata, err
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := pacing.New(pacing.Limits{Of: []pacing.Limit{{Models: []string{model}, RPM: 1}}}, pacing.Policy{})
			for i, least := range []time.Duration{0, 50 * time.Second} {
				m, err := send(t, client(account(t, plain), p.Option))
				if got := pacing.Waited(m); err != nil || got < least || i == 0 && got != 0 {
					t.Errorf("%s: call %d is told to have waited %s, %v", name, i+1, got, err)
				}
			}
		})
	}
}

// A call that is not retried for want of budget tells why it failed, too.
func TestWithoutBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := account(t, plain+"\nfaults: [{match: {operation: bedrock-runtime.*}, when: {probability: 1}, what: {error: {status: 429, code: ThrottlingException, message: Too many requests}}}]")
		p := pacing.New(pacing.Limits{}, pacing.Policy{Backoff: pacing.Backoff{Jitter: pacing.Immediate}, MaxAttempts: 100, Budget: 0.1})
		err := operations["Converse"](t.Context(), client(server, p.Option), -1)
		var budget *pacing.BudgetError
		if !errors.As(err, &budget) || pacing.Classify(err) != pacing.Throttle {
			t.Errorf("it ends with %v", err)
		}
		if s := p.Snapshot()[0]; s.Attempts != 11 || s.Retries != 10 || s.Unbudgeted != 1 {
			t.Errorf("the snapshot is %+v", s)
		}
	})
}

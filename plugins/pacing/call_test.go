package pacing_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/loadline-dev/loadline/internal/cloud"
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

// An attempt is not sent again before the time that AWS asks for.
func TestRetryAfterIsWaitedFor(t *testing.T) {
	for name, send := range operations {
		synctest.Test(t, func(t *testing.T) {
			var sent []time.Time
			to := cloud.InProcess(account(t, plain))
			p := pacing.New(pacing.Limits{}, pacing.Policy{Backoff: pacing.Backoff{Jitter: pacing.Full}})
			err := send(t.Context(), over(&http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
				if sent = append(sent, time.Now()); len(sent) > 1 {
					return to.RoundTrip(r)
				}
				header := http.Header{"Retry-After": {"45"}, "X-Amzn-Errortype": {"ThrottlingException"}}
				return &http.Response{StatusCode: 429, Header: header, Body: http.NoBody, Request: r}, nil
			})}, p.Option), -1)
			if err != nil || len(sent) != 2 || sent[1].Sub(sent[0]) != 45*time.Second {
				t.Errorf("%s: sent at %s, %v; want twice, 45 s apart", name, sent, err)
			}
		})
	}
}

// A model is found by its id and by ARNs that end with it; other ARNs and ids with
// another scope are models of their own.
func TestModelsByARN(t *testing.T) {
	const profile, team = "us.amazon.nova-lite-v1:0", "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc"
	p := pacing.New(pacing.Limits{Of: []pacing.Limit{
		{Models: []string{model}},
		{Models: []string{"arn:aws:bedrock:us-east-1:123456789012:inference-profile/" + profile, team}},
	}}, pacing.Policy{MaxAttempts: 1})
	c := over(&http.Client{Transport: transport(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })}, p.Option)
	others := 0
	for id, limit := range map[string]int{
		model: 0, "arn:aws:bedrock:us-east-1::foundation-model/" + model: 0, "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/" + model: 0,
		profile: 1, "arn:aws:bedrock:eu-west-1:210987654321:inference-profile/" + profile: 1, team: 1,
		"eu.amazon.nova-lite-v1:0": 2, "abc": 2, "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc": 2,
	} {
		before := p.Snapshot()
		c.Converse(t.Context(), &bedrockruntime.ConverseInput{ModelId: aws.String(id), Messages: messages()})
		after := p.Snapshot()
		if limit == 2 {
			others++
		}
		for i := range 2 {
			if want := map[bool]int64{true: 1}[limit == i]; after[i].Calls-before[i].Calls != want {
				t.Errorf("%s: %d calls more of limit %d; want %d", id, after[i].Calls-before[i].Calls, i, want)
			}
		}
		if len(after) != 2+others {
			t.Errorf("%s: the snapshot has %d limits; want %d", id, len(after), 2+others)
		}
	}
}

// The wait that is told is that of all attempts of a call.
func TestWaitOfAllAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent, to := 0, cloud.InProcess(account(t, plain))
		p := pacing.New(pacing.Limits{Of: []pacing.Limit{{Models: []string{model}, RPM: 1}}}, pacing.Policy{Backoff: pacing.Backoff{Jitter: pacing.Immediate}})
		c := over(&http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			if sent++; sent == 2 {
				return &http.Response{StatusCode: 429, Header: http.Header{"X-Amzn-Errortype": {"ThrottlingException"}}, Body: http.NoBody, Request: r}, nil
			}
			return to.RoundTrip(r)
		})}, p.Option)
		if err := operations["Converse"](t.Context(), c, -1); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		out, err := c.Converse(t.Context(), &bedrockruntime.ConverseInput{ModelId: aws.String(model), Messages: messages()})
		if err != nil || sent != 3 {
			t.Fatalf("%d attempts, %v", sent, err)
		}
		took := time.Since(began)
		if waited := pacing.Waited(out.ResultMetadata); waited < 2*time.Minute || waited > took {
			t.Errorf("it took %s in two attempts, and is told to have waited %s", took, waited)
		}
	})
}

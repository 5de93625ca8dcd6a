package pacing_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins/pacing"
)

const model = "amazon.nova-lite-v1:0"

func account(t testing.TB, text string) *sim.Server {
	t.Helper()
	parsed, err := sim.Parse("account.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return sim.New(parsed)
}

// client reaches a handler in this process. Streams of one client side by side
// race in the SDK (aws/smithy-go issue 714), so tests of those make one each.
func client(h http.Handler, options ...func(*bedrockruntime.Options)) *bedrockruntime.Client {
	return over(&http.Client{Transport: cloud.InProcess(h)}, options...)
}

func over(c bedrockruntime.HTTPClient, options ...func(*bedrockruntime.Options)) *bedrockruntime.Client {
	return bedrockruntime.NewFromConfig(aws.Config{
		Region: "us-east-1", HTTPClient: c, BaseEndpoint: aws.String("http://127.0.0.1"),
		Credentials: credentials.NewStaticCredentialsProvider("SIMULATED", "simulated-secret", ""),
	}, append([]func(*bedrockruntime.Options){func(o *bedrockruntime.Options) {
		o.BearerAuthTokenProvider, o.AuthSchemePreference = nil, []string{"sigv4"}
	}}, options...)...)
}

const body = `{"messages":[{"role":"user","content":[{"text":"hi there"}]}],"inferenceConfig":{"maxTokens":50}}`

func messages() []types.Message {
	return []types.Message{{Role: types.ConversationRoleUser, Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: "hi there"}}}}
}

// operations make one call each and read its stream to the end, or leave it after
// so many events; leave < 0 is to the end.
var operations = map[string]func(ctx context.Context, c *bedrockruntime.Client, leave int) error{
	"InvokeModel": func(ctx context.Context, c *bedrockruntime.Client, _ int) error {
		_, err := c.InvokeModel(ctx, &bedrockruntime.InvokeModelInput{ModelId: aws.String(model), Body: []byte(body)})
		return err
	},
	"Converse": func(ctx context.Context, c *bedrockruntime.Client, _ int) error {
		_, err := c.Converse(ctx, &bedrockruntime.ConverseInput{ModelId: aws.String(model), Messages: messages(), InferenceConfig: &types.InferenceConfiguration{MaxTokens: aws.Int32(50)}})
		return err
	},
	"InvokeModelWithResponseStream": func(ctx context.Context, c *bedrockruntime.Client, leave int) error {
		out, err := c.InvokeModelWithResponseStream(ctx, &bedrockruntime.InvokeModelWithResponseStreamInput{ModelId: aws.String(model), Body: []byte(body)})
		if err != nil {
			return err
		}
		return drain(out.GetStream(), leave)
	},
	"ConverseStream": func(ctx context.Context, c *bedrockruntime.Client, leave int) error {
		out, err := c.ConverseStream(ctx, &bedrockruntime.ConverseStreamInput{ModelId: aws.String(model), Messages: messages(), InferenceConfig: &types.InferenceConfiguration{MaxTokens: aws.Int32(50)}})
		if err != nil {
			return err
		}
		return drain(out.GetStream(), leave)
	},
}

func drain[E any](s interface {
	Events() <-chan E
	Close() error
	Err() error
}, leave int) error {
	defer s.Close()
	for range s.Events() {
		if leave--; leave == -1 {
			return nil
		}
	}
	return s.Err()
}

func streams(operation string) bool { return strings.HasSuffix(operation, "Stream") }

const plain = "models: [{id: " + model + ", burndown: 5, latency: {first_token: 300ms, per_token: 20ms, spread: 0}, output_tokens: {mean: 12, spread: 0}}]"

// Each operation reserves input + max_tokens and settles input + output x burndown:
// the prompt has 2 tokens, the reply 12.
func TestEveryOperationSettles(t *testing.T) {
	for name, send := range operations {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told []pacing.Attempt
				p := pacing.New(pacing.Limits{Of: []pacing.Limit{{Models: []string{model}, RPM: 60, TPM: 10_000, Burndown: 5}}, Hook: func(a pacing.Attempt) { told = append(told, a) }}, pacing.Policy{})
				if err := send(t.Context(), client(account(t, plain), p.Option), -1); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				s := p.Snapshot()[0]
				if s.Calls != 1 || s.Successful != 1 || s.Failed != 0 || s.Attempts != 1 || s.UnderWay != 0 || s.TokensReserved != 52 || s.TokensSettled != 62 || *s.SuccessRate != 1 {
					t.Errorf("the snapshot is %+v", s)
				}
				if len(told) != 1 || told[0].Operation != name || told[0].Number != 1 || told[0].Reserved != 52 || told[0].Settled == nil || *told[0].Settled != 62 || told[0].Class != pacing.OK {
					t.Errorf("the hook was told %+v", told)
				}
			})
		})
	}
}

// A call that is cancelled at any moment, or whose stream is closed, ends its
// reservation once: nothing is under way, and just its input has been taken.
func TestCancelledCallsGiveBackOnce(t *testing.T) {
	for name, send := range operations {
		for _, after := range []time.Duration{0, time.Millisecond, 299 * time.Millisecond, 350 * time.Millisecond, 500 * time.Millisecond} {
			synctest.Test(t, func(t *testing.T) {
				var ends atomic.Int64
				p := pacing.New(pacing.Limits{Of: []pacing.Limit{{Models: []string{model}, RPM: 60, TPM: 10_000, Concurrent: 1}}, Hook: func(pacing.Attempt) { ends.Add(1) }}, pacing.Policy{Backoff: pacing.Backoff{Jitter: pacing.Full}})
				ctx, cancel := context.WithTimeout(t.Context(), after)
				defer cancel()
				c := client(account(t, plain), p.Option)
				err := send(ctx, c, -1)
				time.Sleep(time.Second)
				s := p.Snapshot()[0]
				if err == nil || s.UnderWay != 0 || s.Waiting != 0 || ends.Load() > 1 || s.Cancelled != 1 || s.Failed != 1 || s.Successful != 0 || s.Retries != 0 {
					t.Errorf("%s cancelled after %s: %v, ended %d times, %+v", name, after, err, ends.Load(), s)
				}
				if want := map[bool]int64{true: 0, false: 2}[after == 0]; s.TokensSettled != want {
					t.Errorf("%s cancelled after %s: %d tokens are settled; want %d", name, after, s.TokensSettled, want)
				}
				// The one place is free again.
				if err := send(t.Context(), c, -1); err != nil {
					t.Errorf("%s after one that was cancelled: %v", name, err)
				}
			})
		}
		if !streams(name) {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			p := pacing.New(pacing.Limits{Of: []pacing.Limit{{Models: []string{model}, Concurrent: 1}}}, pacing.Policy{})
			if err := send(t.Context(), client(account(t, plain), p.Option), 3); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if s := p.Snapshot()[0]; s.UnderWay != 0 || s.Cancelled != 1 || s.TokensSettled != 2 {
				t.Errorf("%s closed after three events: %+v", name, s)
			}
		})
	}
}

// A stream that is never read nor closed ends with its context.
func TestStreamLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pacing.New(pacing.Limits{Of: []pacing.Limit{{Models: []string{model}, Concurrent: 1}}}, pacing.Policy{})
		ctx, cancel := context.WithCancel(t.Context())
		out, err := client(account(t, plain), p.Option).ConverseStream(ctx, &bedrockruntime.ConverseStreamInput{ModelId: aws.String(model), Messages: messages()})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if s := p.Snapshot()[0]; s.UnderWay != 1 {
			t.Errorf("%d calls under way; nobody has read the stream", s.UnderWay)
		}
		cancel()
		synctest.Wait()
		if s := p.Snapshot()[0]; s.UnderWay != 0 || s.Cancelled != 1 {
			t.Errorf("after the context has ended: %+v", s)
		}
		out.GetStream().Close()
	})
}

// A throttle within a stream is told by the stream and counted, and not retried.
func TestMidStreamThrottle(t *testing.T) {
	for _, name := range []string{"ConverseStream", "InvokeModelWithResponseStream"} {
		synctest.Test(t, func(t *testing.T) {
			var told []pacing.Attempt
			p := pacing.New(pacing.Limits{Of: []pacing.Limit{{Models: []string{model}, Concurrent: 1}}, Hook: func(a pacing.Attempt) { told = append(told, a) }}, pacing.Policy{Backoff: pacing.Backoff{Jitter: pacing.Full}})
			s := account(t, plain[:len(plain)-2]+", mid_stream_throttle: 1}]")
			err := operations[name](t.Context(), client(s, p.Option), -1)
			synctest.Wait()
			if pacing.Classify(err) != pacing.Throttle {
				t.Errorf("%s ends with %v; want the throttle", name, err)
			}
			if s := p.Snapshot()[0]; s.Attempts != 1 || s.Retries != 0 || s.Throttled != 1 || s.MidStream != 1 || s.Failed != 1 || s.UnderWay != 0 {
				t.Errorf("%s: the snapshot is %+v", name, s)
			}
			if len(told) != 1 || !told[0].MidStream || told[0].Class != pacing.Throttle || told[0].Err == nil || told[0].Settled != nil {
				t.Errorf("%s: the hook was told %+v", name, told)
			}
		})
	}
}

// A call that finds no room in time is not sent.
func TestNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := account(t, plain)
		p := pacing.New(pacing.Limits{Of: []pacing.Limit{{Models: []string{model}, TPM: 60}}, MaxWait: 5 * time.Second}, pacing.Policy{Backoff: pacing.Backoff{Jitter: pacing.Full}})
		c := client(server, p.Option)
		if err := operations["Converse"](t.Context(), c, -1); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		err := operations["Converse"](t.Context(), c, -1)
		var wait *pacing.WaitError
		if !errors.As(err, &wait) || wait.Model != model || wait.Bound != "tpm" || time.Since(began) != 5*time.Second {
			t.Errorf("ended after %s with %v", time.Since(began), err)
		}
		_, err = c.Converse(t.Context(), &bedrockruntime.ConverseInput{ModelId: aws.String(model), Messages: messages()})
		var large *pacing.TooLargeError
		if !errors.As(err, &large) || large.Tokens != 2+4096 || large.Limit != 60 {
			t.Errorf("a request that never fits ends with %v", err)
		}
		if m := server.Counts().Models[model]; m.Attempts != 1 {
			t.Errorf("%d requests were sent; want the first", m.Attempts)
		}
		if s := p.Snapshot()[0]; s.Calls != 3 || s.Attempts != 1 || s.GaveUp != 1 || s.Failed != 2 {
			t.Errorf("the snapshot is %+v", s)
		}
	})
}

// Calls of all operations side by side, by one pacer: the account, which has the
// same limits, throttles none, and every reservation ends.
func TestSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := account(t, "models: [{id: "+model+", latency: {first_token: 300ms, per_token: 20ms, spread: 0.3}, output_tokens: {mean: 30, spread: 0.5}, limits: {rpm: 120, tpm: 10000, concurrent: 5, algorithm: sliding}}]")
		p := pacing.New(pacing.Limits{Of: []pacing.Limit{{Models: []string{model}, RPM: 120, TPM: 10_000, Concurrent: 5}}}, pacing.Policy{})
		var all sync.WaitGroup
		for range 50 {
			for name, send := range operations {
				all.Go(func() {
					if err := send(t.Context(), client(server, p.Option), -1); err != nil {
						t.Errorf("%s: %v", name, err)
					}
				})
			}
		}
		all.Wait()
		synctest.Wait()
		if s := p.Snapshot()[0]; s.Successful != 200 || s.Throttled != 0 || s.UnderWay != 0 || *s.Waits.P99 < time.Minute {
			t.Errorf("the snapshot is %+v", s)
		}
	})
}

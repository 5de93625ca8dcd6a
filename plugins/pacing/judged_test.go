package pacing_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins/pacing"
)

const (
	runFor     = 10 * time.Minute
	inputs     = 200 // tokens of a prompt
	outputsMax = 500 // max_tokens
	outputs    = 300 // tokens of a reply, in the mean
)

// loaded is what came of an offered load.
type loaded struct {
	counts   sim.ModelCounts
	attempts int64
	quota    float64 // the part of the quota that was used, of requests or of tokens
	soon     float64 // that part in the first three minutes
}

func (l loaded) throttled() float64 { return float64(l.counts.Throttled) / float64(l.attempts) }

// judged is a quota and the load that is offered to it.
type judged struct {
	limits string
	limit  pacing.Limit
	rpm    float64
}

func (q judged) burndown() float64 { return max(1, q.limit.Burndown) }

// used is the part of the quota that was.
func (q judged) used(n sim.ModelCounts, during time.Duration) float64 {
	used := float64(n.OK)
	if q.limit.TPM > 0 {
		used = float64(n.InputTokens) + q.burndown()*float64(n.OutputTokens)
	}
	return used / (max(q.limit.RPM, q.limit.TPM) * during.Minutes())
}

// distant carries requests over a way of 5 to 80 ms.
type distant struct {
	to   http.RoundTripper
	sent atomic.Uint64
}

func (d *distant) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(time.Duration(5e6 + rand.New(rand.NewPCG(7, d.sent.Add(1))).Int64N(75e6)))
	return d.to.RoundTrip(r)
}

// offer sends calls at even times at a rate, whatever becomes of them, for so many
// virtual minutes, then leaves, and tells what the account saw.
//
// One call of fifty is a stream: each token of one is an event to simulate. Requests take 5 to 80 ms to the account, so that they
// arrive in another order and rhythm than they left.
func offer(t *testing.T, limits string, q judged, runs time.Duration, option func() func(*bedrockruntime.Options)) loaded {
	var out loaded
	synctest.Test(t, func(t *testing.T) {
		server := account(t, fmt.Sprintf("models: [{id: %s, burndown: %v, latency: {first_token: 300ms, per_token: 5ms, spread: 0.3}, output_tokens: {mean: %d, spread: 0.3}, limits: {%s}}]", model, q.burndown(), outputs, limits))
		far := &http.Client{Transport: &distant{to: cloud.InProcess(server)}}
		pace := option() // made in the bubble, whose clock it reads
		c := over(far, pace)
		ctx, leave := context.WithTimeout(t.Context(), runs)
		defer leave()
		var all sync.WaitGroup
		text := []types.Message{{Role: types.ConversationRoleUser, Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: fmt.Sprintf("%*s", 4*inputs, "x")}}}}
		gap := time.Duration(float64(time.Minute) / q.rpm)
		for i := range int(float64(runs) / float64(gap)) {
			all.Go(func() {
				// Not on whole microseconds, on which the account's replies never end.
				time.Sleep(time.Duration(i)*gap + time.Microsecond)
				most := &types.InferenceConfiguration{MaxTokens: aws.Int32(outputsMax)}
				if i%50 != 0 {
					c.Converse(ctx, &bedrockruntime.ConverseInput{ModelId: aws.String(model), Messages: text, InferenceConfig: most})
					return
				}
				if out, err := over(far, pace).ConverseStream(ctx, &bedrockruntime.ConverseStreamInput{ModelId: aws.String(model), Messages: text, InferenceConfig: most}); err == nil {
					drain(out.GetStream(), -1)
				}
			})
		}
		const soon = 3 * time.Minute
		time.Sleep(soon)
		out.soon = q.used(server.Counts().Models[model], soon)
		all.Wait()
		out.counts = server.Counts().Models[model]
		out.attempts = out.counts.Attempts
		out.quota = q.used(out.counts, runs)
	})
	return out
}

// At 150 % of the quota, of requests or of tokens, and by each way in which AWS may
// refill it, the paced client sees under 0.5 % throttles and uses at least 95 % of
// the quota. Beside it: a client that retries nothing, and one with the SDK's own
// retries.
func TestAboveTheQuota(t *testing.T) {
	for _, quota := range []judged{
		{"rpm: 120, tpm: 0", pacing.Limit{RPM: 120}, 180},
		{"rpm: 0, tpm: 60000", pacing.Limit{TPM: 60_000}, 180},                // 120 calls of 500 tokens
		{"rpm: 0, tpm: 204000", pacing.Limit{TPM: 204_000, Burndown: 5}, 180}, // 120 calls of 1,700 tokens, of which 700 are reserved
	} {
		for _, algorithm := range []string{"bucket", "fixed", "sliding"} {
			limits := quota.limits + ", algorithm: " + algorithm
			quota.limit.Models = []string{model}
			kept := offer(t, limits, quota, runFor, func() func(*bedrockruntime.Options) {
				return pacing.With(pacing.Limits{Of: []pacing.Limit{quota.limit}, MaxWait: 20 * time.Second}, pacing.Policy{Backoff: pacing.Backoff{Jitter: pacing.Full}, Budget: 0.1})
			})
			bare := offer(t, limits, quota, runFor, retrying(aws.NopRetryer{}))
			standard := offer(t, limits, quota, runFor, retrying(retry.NewStandard()))
			for name, l := range map[string]loaded{"paced": kept, "bare": bare, "SDK's retries": standard} {
				t.Logf("%-32s %-8s %-14s %5d attempts, %6.2f %% throttled, %6.2f %% of the quota used", quota.limits, algorithm, name, l.attempts, 100*l.throttled(), 100*l.quota)
			}
			if kept.throttled() >= 0.005 || kept.quota < 0.95 {
				t.Errorf("%s, %s: paced, %.2f %% are throttled and %.2f %% of the quota is used; want under 0.5 and at least 95", quota.limits, algorithm, 100*kept.throttled(), 100*kept.quota)
			}
			if bare.throttled() < 0.2 {
				t.Errorf("%s, %s: of a bare client %.2f %% are throttled: the load is not above the quota", quota.limits, algorithm, 100*bare.throttled())
			}
		}
	}
}

func retrying(r aws.Retryer) func() func(*bedrockruntime.Options) {
	return func() func(*bedrockruntime.Options) {
		return func(o *bedrockruntime.Options) { o.Retryer = r }
	}
}

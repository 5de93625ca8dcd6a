package pacing_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins/pacing"
)

// paced is one pacer of one limit, which retries as the documents advise.
func paced(of pacing.Limit) *pacing.Pacer {
	of.Models = []string{model}
	return pacing.New(pacing.Limits{Of: []pacing.Limit{of}, MaxWait: 20 * time.Second}, pacing.Policy{Backoff: pacing.Backoff{Jitter: pacing.Full}, Budget: 0.1})
}

// At 150 % of a quota that the client knows nothing of, it finds the rate by
// itself. A quota of few requests costs more throttles, since each finding is one.
func TestUnknownLimits(t *testing.T) {
	for _, test := range []struct {
		judged
		throttled, quota float64 // at most, at least
	}{
		{judged{"rpm: 120, tpm: 0", pacing.Limit{RPM: 120}, 180}, 0.015, 0.90},
		{judged{"rpm: 0, tpm: 60000", pacing.Limit{TPM: 60_000}, 180}, 0.015, 0.88},
		{judged{"rpm: 0, tpm: 204000", pacing.Limit{TPM: 204_000, Burndown: 5}, 180}, 0.015, 0.90},
		{judged{"rpm: 12, tpm: 0", pacing.Limit{RPM: 12}, 18}, 0.15, 0.88},
	} {
		for _, algorithm := range []string{"bucket", "fixed", "sliding"} {
			limits := test.limits + ", algorithm: " + algorithm
			adaptive := offer(t, limits, test.judged, runFor, func() func(*bedrockruntime.Options) { return paced(pacing.Limit{Adaptive: &pacing.Adaptive{}}).Option })
			t.Logf("%-20s %-8s %5d attempts, %6.2f %% throttled, %6.2f %% of the quota used", test.limits, algorithm, adaptive.attempts, 100*adaptive.throttled(), 100*adaptive.quota)
			if adaptive.throttled() > test.throttled || adaptive.quota < test.quota {
				t.Errorf("%s, %s: %.2f %% are throttled and %.2f %% of the quota is used; want at most %g and at least %g", test.limits, algorithm, 100*adaptive.throttled(), 100*adaptive.quota, 100*test.throttled, 100*test.quota)
			}
			if test.rpm > 100 {
				continue // TestAboveTheQuota has the bare client
			}
			bare := offer(t, limits, test.judged, runFor, retrying(aws.NopRetryer{}))
			t.Logf("%-20s %-8s bare: %6.2f %% throttled, %6.2f %% of the quota used", test.limits, algorithm, 100*bare.throttled(), 100*bare.quota)
			if bare.throttled() < 2*adaptive.throttled() {
				t.Errorf("%s, %s: of a bare client %.2f %% are throttled, of the adaptive one %.2f %%", test.limits, algorithm, 100*bare.throttled(), 100*adaptive.throttled())
			}
		}
	}
}

// It finds a rate that is ten and twenty times the one it begins with in less than
// three minutes, also where a bucket holds three seconds' worth: that gives nothing
// beyond the quota meanwhile, as a bucket of a minute's does. And where five times
// the quota is offered, so that slow start ends far above it, it is soon back.
func TestUnknownLimitsSoon(t *testing.T) {
	for _, test := range []struct {
		judged
		runs                   time.Duration
		throttled, soon, quota float64 // at most; at least, in three minutes and in all
	}{
		{judged{"rpm: 600, tpm: 0, algorithm: bucket, burst: 30", pacing.Limit{RPM: 600}, 900}, runFor, 0.005, 0.85, 0.92},
		{judged{"rpm: 600, tpm: 0, algorithm: fixed", pacing.Limit{RPM: 600}, 900}, runFor, 0.005, 0.90, 0.90},
		{judged{"rpm: 600, tpm: 0, algorithm: sliding", pacing.Limit{RPM: 600}, 900}, runFor, 0.005, 0.80, 0.87},
		{judged{"rpm: 1200, tpm: 0, algorithm: bucket, burst: 60", pacing.Limit{RPM: 1200}, 1800}, 3 * time.Minute, 0.01, 0.85, 0.85},
		{judged{"rpm: 1200, tpm: 0, algorithm: sliding", pacing.Limit{RPM: 1200}, 1800}, 3 * time.Minute, 0.01, 0.80, 0.80},
		{judged{"rpm: 120, tpm: 0, algorithm: bucket", pacing.Limit{RPM: 120}, 600}, 3 * time.Minute, 0.04, 1, 1},
		{judged{"rpm: 120, tpm: 0, algorithm: fixed", pacing.Limit{RPM: 120}, 600}, 3 * time.Minute, 0.04, 0.90, 0.90},
		{judged{"rpm: 120, tpm: 0, algorithm: sliding", pacing.Limit{RPM: 120}, 600}, 3 * time.Minute, 0.04, 0.85, 0.85},
	} {
		a := offer(t, test.limits, test.judged, test.runs, func() func(*bedrockruntime.Options) { return paced(pacing.Limit{Adaptive: &pacing.Adaptive{}}).Option })
		t.Logf("%-48s %4g offered: %6.2f %% throttled, %6.2f %% of the quota used in three minutes, %6.2f %% in %s", test.limits, test.rpm, 100*a.throttled(), 100*a.soon, 100*a.quota, test.runs)
		if a.throttled() > test.throttled || a.soon < test.soon || a.quota < test.quota {
			t.Errorf("%s, %g offered: %.2f %% are throttled, and %.2f %% of the quota is used in three minutes, %.2f %% in %s; want at most %g, at least %g and %g", test.limits, test.rpm, 100*a.throttled(), 100*a.soon, 100*a.quota, test.runs, 100*test.throttled, 100*test.soon, 100*test.quota)
		}
	}
}

// far is an account with one model, and a way of 5 to 80 ms to it.
func far(t *testing.T, of string) (*sim.Server, *http.Client) {
	server := account(t, fmt.Sprintf("models: [{id: %s, latency: {first_token: 300ms, per_token: 5ms, spread: 0.3}, output_tokens: {mean: 20, spread: 0.3}, %s}]", model, of))
	return server, &http.Client{Transport: &distant{to: cloud.InProcess(server)}}
}

// steadily sends calls at a rate for so long, whatever becomes of them, and tells
// how many there were and how many were served before it ended.
func steadily(ctx context.Context, c *bedrockruntime.Client, rpm float64, during time.Duration) (sent, served int64) {
	ctx, leave := context.WithTimeout(ctx, during)
	defer leave()
	var all sync.WaitGroup
	var mu sync.Mutex
	each := time.Duration(float64(time.Minute) / rpm)
	for i := range int(during / each) {
		all.Go(func() {
			time.Sleep(time.Duration(i)*each + time.Microsecond)
			_, err := c.Converse(ctx, &bedrockruntime.ConverseInput{ModelId: aws.String(model), Messages: messages(), InferenceConfig: &types.InferenceConfiguration{MaxTokens: aws.Int32(50)}})
			mu.Lock()
			defer mu.Unlock()
			if sent++; err == nil {
				served++
			}
		})
	}
	all.Wait()
	return sent, served
}

// Another client, which heeds nothing, takes a quarter of a quota of 120 requests,
// then three quarters, then a quarter. With the limit known and an adaptive rate
// below it, a third of the calls
// of both are throttled that are by the limit alone, or fewer.
func TestSharedQuota(t *testing.T) {
	phases := []struct{ others, minutes float64 }{{30, 5}, {90, 5}, {30, 10}}
	for _, algorithm := range []string{"bucket", "fixed", "sliding"} {
		var throttled [2]float64
		for i, of := range []pacing.Limit{{RPM: 120}, {RPM: 120, Adaptive: &pacing.Adaptive{}}} {
			synctest.Test(t, func(t *testing.T) {
				server, way := far(t, "limits: {rpm: 120, tpm: 0, algorithm: "+algorithm+"}")
				p := paced(of)
				ctx, leave := context.WithCancel(t.Context())
				var ours sync.WaitGroup
				ours.Go(func() { steadily(ctx, over(way, p.Option), 180, 20*time.Minute) })
				name := map[bool]string{false: "limit alone", true: "adaptive"}[of.Adaptive != nil]
				var before sim.ModelCounts
				for n, phase := range phases {
					sent, served := steadily(t.Context(), over(way, retrying(aws.NopRetryer{})()), phase.others, time.Duration(phase.minutes*float64(time.Minute)))
					now := server.Counts().Models[model]
					attempts, ok, over := now.Attempts-before.Attempts, now.OK-before.OK, now.Throttled-before.Throttled
					used := float64(ok) / (120 * phase.minutes)
					before = now
					t.Logf("%-8s %-12s others want %3g: %5d attempts, %6.2f %% throttled, %6.2f %% of the quota used; others %6.2f %% served", algorithm, name, phase.others, attempts, 100*float64(over)/float64(attempts), 100*used, 100*float64(served)/float64(sent))
					if of.Adaptive != nil && used < 0.75 {
						t.Errorf("%s, phase %d: %.1f %% of the quota is used; want at least 75", algorithm, n, 100*used)
					}
				}
				leave()
				ours.Wait()
				throttled[i] = float64(before.Throttled) / float64(before.Attempts)
				if s := p.Snapshot()[0]; s.Adaptive != nil && s.Adaptive.RPM > 120 {
					t.Errorf("the adaptive rate is %g; the limit is 120", s.Adaptive.RPM)
				}
			})
		}
		t.Logf("%-8s throttled: %.2f %% by the limit alone, %.2f %% adaptive", algorithm, 100*throttled[0], 100*throttled[1])
		if throttled[1] > 0.07 || throttled[1] > throttled[0]/3 {
			t.Errorf("%s: %.2f %% are throttled, and %.2f %% by the limit alone; want at most 7, and a third of that", algorithm, 100*throttled[1], 100*throttled[0])
		}
	}
}

// Two adaptive clients of one quota, of which the second comes three minutes later,
// come to about equal parts of it.
func TestAdaptiveClientsShare(t *testing.T) {
	for _, algorithm := range []string{"bucket", "fixed", "sliding"} {
		synctest.Test(t, func(t *testing.T) {
			server, way := far(t, "limits: {rpm: 120, tpm: 0, algorithm: "+algorithm+"}")
			first, second := paced(pacing.Limit{Adaptive: &pacing.Adaptive{}}), paced(pacing.Limit{Adaptive: &pacing.Adaptive{}})
			var all sync.WaitGroup
			all.Go(func() { steadily(t.Context(), over(way, first.Option), 180, 33*time.Minute) })
			time.Sleep(3 * time.Minute)
			all.Go(func() { steadily(t.Context(), over(way, second.Option), 180, 30*time.Minute) })
			time.Sleep(15 * time.Minute)
			a, b := first.Snapshot()[0].Successful, second.Snapshot()[0].Successful
			all.Wait()
			ratio := float64(second.Snapshot()[0].Successful-b) / float64(first.Snapshot()[0].Successful-a)
			n := server.Counts().Models[model]
			throttled, used := float64(n.Throttled)/float64(n.Attempts), float64(n.OK)/(33*120)
			t.Logf("%-8s the second has %.2f of the first's, %.2f %% throttled, %.2f %% of the quota used", algorithm, ratio, 100*throttled, 100*used)
			if ratio < 0.6 || ratio > 1.6 || throttled > 0.04 || used < 0.85 {
				t.Errorf("%s: the second has %.2f of the first's, %.2f %% are throttled, %.2f %% of the quota is used", algorithm, ratio, 100*throttled, 100*used)
			}
		})
	}
}

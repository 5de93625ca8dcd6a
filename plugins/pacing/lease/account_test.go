package lease

import (
	"context"
	"net/http"
	"sync"
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

// Two programs with the SDK's client offer the simulated account 150 % of its quota
// together, however it is refilled. Under 0.5 % are throttled, whatever becomes of
// the store and of one of them; and while all is well at least 95 % of it is used.
func TestTwoClientsOfOneAccount(t *testing.T) {
	const model = "amazon.nova-lite-v1:0"
	for _, algorithm := range []string{"bucket", "fixed", "sliding"} {
		synctest.Test(t, func(t *testing.T) {
			parsed, err := sim.Parse("account.yaml", []byte("models: [{id: "+model+", limits: {rpm: 120, tpm: 0, algorithm: "+algorithm+"}}]"))
			if err != nil {
				t.Fatal(err)
			}
			account := sim.New(parsed)
			s := &server{start: time.Now()}
			r, _ := Options{Key: "key", Fallback: 0.1, Processes: 2}.rules(minRest)
			ctx, stop := context.WithTimeout(t.Context(), 30*time.Minute)
			defer stop()
			var all sync.WaitGroup
			program := func(ctx context.Context) {
				pacer := pacing.New(pacing.Limits{Of: []pacing.Limit{{Models: []string{model}, RPM: 120}}, MaxWait: 20 * time.Second}, pacing.Policy{})
				join(ctx, &link{to: s, rules: r}, r, nil, pacer)
				client := bedrockruntime.NewFromConfig(aws.Config{
					Region: "us-east-1", BaseEndpoint: aws.String("http://127.0.0.1"), HTTPClient: &http.Client{Transport: cloud.InProcess(account)},
					Credentials: credentials.NewStaticCredentialsProvider("SIMULATED", "simulated-secret", ""),
				}, func(o *bedrockruntime.Options) {
					o.BearerAuthTokenProvider, o.AuthSchemePreference = nil, []string{"sigv4"}
				}, pacer.Option)
				for each := time.NewTicker(time.Minute / 90); ctx.Err() == nil; <-each.C {
					all.Go(func() {
						client.Converse(ctx, &bedrockruntime.ConverseInput{ModelId: aws.String(model), Messages: []types.Message{{Role: types.ConversationRoleUser, Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: "hi"}}}}})
					})
				}
			}
			killed, kill := context.WithCancel(ctx)
			all.Go(func() { program(ctx) })
			all.Go(func() { program(killed) })
			until := func(at time.Duration) int64 {
				time.Sleep(time.Until(s.start.Add(at)))
				return account.Counts().Models[model].OK
			}
			before := until(5 * time.Minute)
			if used := float64(until(15*time.Minute)-before) / 1200; used < 0.95 {
				t.Errorf("%s: two of them use %.1f %% of the quota over ten minutes; want at least 95", algorithm, 100*used)
			}
			kill()
			before = until(17 * time.Minute)
			// One offers 90 a minute; it sends as many only where the other's part is its.
			if used := float64(until(20*time.Minute)-before) / 270; used < 0.95 {
				t.Errorf("%s: the one that is left sends %.1f %% of its calls; want at least 95", algorithm, 100*used)
			}
			s.change(func(s *server) { s.down = true })
			before = until(23 * time.Minute)
			if used := float64(until(25*time.Minute)-before) / 240; used > 0.1 {
				t.Errorf("%s: while the store is away it uses %.1f %% of the quota; want 10", algorithm, 100*used)
			}
			s.change(func(s *server) { s.down = false; s.model.restart(nil) })
			all.Wait()
			n := account.Counts().Models[model]
			t.Logf("%s: %d attempts, %d throttled", algorithm, n.Attempts, n.Throttled)
			if float64(n.Throttled) >= 0.005*float64(n.Attempts) {
				t.Errorf("%s: %d of %d attempts are throttled; want under 0.5 %%", algorithm, n.Throttled, n.Attempts)
			}
		})
	}
}

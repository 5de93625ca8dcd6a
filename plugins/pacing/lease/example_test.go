package lease_test

import (
	"context"
	"fmt"

	"github.com/loadline-dev/loadline/plugins/pacing"
	"github.com/loadline-dev/loadline/plugins/pacing/lease"
	"github.com/redis/go-redis/v9"
)

// A pacer that has a tenth of its quotas in any case, and an equal part of the other
// half with up to four more processes.
func ExampleJoin() {
	pacer := pacing.New(pacing.Limits{Of: []pacing.Limit{{Models: []string{"us.anthropic.claude-sonnet-4-5-20250929-v1:0"}, RPM: 200, TPM: 200_000, Burndown: 5}}}, pacing.Policy{})
	store := redis.NewClient(&redis.Options{Addr: "redis:6379", MaxRetries: -1, ContextTimeoutEnabled: true})
	l, err := lease.Join(context.Background(), store, lease.Options{
		Key:       "quota:us-east-1:sonnet",
		Fallback:  0.1,
		Processes: 5,
		Hook:      func(s lease.State) { fmt.Println(s.Share, s.Members, s.Err) },
	}, pacer)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close(context.Background())
}

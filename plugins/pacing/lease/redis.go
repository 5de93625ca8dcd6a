package lease

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// A store lends parts of the pool. It may do what it is asked any number of times
// and at any time later: each time only lets it count more.
type store interface {
	// ask lends a member its part, or, where it leaves, takes it back.
	ask(ctx context.Context, id string, leaving bool) (reply, error)
}

type reply struct {
	refused error // ErrFull, ErrRules
	part    int64 // of whole, beyond the fallback
	members int
}

//go:embed lend.lua
var lend string

var script = redis.NewScript(lend)

type redisStore struct {
	client redis.Scripter
	key    string
	rules  rules
}

func (s *redisStore) ask(ctx context.Context, id string, leaving bool) (reply, error) {
	got, err := script.Run(ctx, s.client, []string{s.key}, arguments(id, leaving, s.rules)...).Int64Slice()
	if err != nil {
		return reply{}, fmt.Errorf("ask the store: %w", err)
	}
	return replyOf(got, s.rules)
}

// arguments are those of the script, in its order.
func arguments(id string, leaving bool, r rules) []any {
	return []any{id, leaving, r.String(), r.pool, r.processes, r.lease.Microseconds(), r.rest.Microseconds()}
}

// replyOf reads what the script returned: how it went, the part, the members.
func replyOf(got []int64, r rules) (reply, error) {
	if len(got) != 3 || got[1] < 0 || got[1] > r.pool {
		return reply{}, fmt.Errorf("ask the store: it replied %v, which is not a part of %d", got, r.pool)
	}
	out := reply{part: got[1], members: int(got[2])}
	switch got[0] {
	case 0:
	case 1:
		out.refused = ErrFull
	case 2:
		out.refused = ErrRules
	default:
		return reply{}, fmt.Errorf("ask the store: it replied %v, which begins with none of 0, 1 and 2", got)
	}
	return out, nil
}

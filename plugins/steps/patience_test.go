package steps_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/steps"
)

// slowDesk takes its time for the list of quotas.
type slowDesk struct {
	desk
	takes time.Duration
}

func (d *slowDesk) Quotas(ctx context.Context, fresh bool) (plugins.QuotaList, error) {
	time.Sleep(d.takes)
	return d.desk.Quotas(ctx, fresh)
}

func TestALongReadIsTold(t *testing.T) {
	for takes, want := range map[time.Duration]int{0: 0, time.Second: 0, 3 * time.Second: 1, time.Minute: 1} {
		synctest.Test(t, func(t *testing.T) {
			var told []string
			began := time.Now()
			how := steps.How{Slow: func(note string) {
				told = append(told, note)
				if waited := time.Since(began); waited != 2*time.Second {
					t.Errorf("told after %s; want 2s", waited)
				}
			}}
			if _, err := steps.Read(t.Context(), &slowDesk{takes: takes}, nil, how); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			if len(told) != want {
				t.Errorf("a read of %s is told %d times; want %d", takes, len(told), want)
			}
		})
	}
}

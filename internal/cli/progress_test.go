package cli

import (
	"testing"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// A line of progress tells of retries and of calls given up only where there are
// any: a step without a client has none.
func TestTally(t *testing.T) {
	counts := record.Counts{Planned: 10, Sent: 9, Dropped: 1, Outcomes: map[record.Outcome]int{record.OK: 6, record.Throttled: 2, record.ServerError: 1}}
	p := plugins.Progress{Done: time.Minute, Total: 4 * time.Minute, Counts: counts}
	plain := "   25 %  sent 9  ok 6  throttled 2  errors 1  dropped 1"
	if got := tally(p); got != plain {
		t.Errorf("tally = %q; want %q", got, plain)
	}
	p.Counts.Retried, p.Counts.GivenUp = 3, 2
	if got, want := tally(p), plain+"  retried 3  given up 2"; got != want {
		t.Errorf("tally = %q; want %q", got, want)
	}
}

package runner_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

const stallAccount = `models: [{id: "amazon.nova-lite-v1:0", latency: {first_token: 400ms, per_token: 10ms, spread: 0}, output_tokens: {mean: 20, spread: 0}}]
faults: [{when: {every: 3}, what: {stall: {after: 150, for: 40s}}}]
`

// A stream that falls silent is cut off after stall_timeout; without it, only
// the call's own timeout ends it, or its next event comes.
func TestStallTimeout(t *testing.T) {
	for _, api := range []string{plugins.APIInvokeStream, plugins.APIConverseStream} {
		for _, c := range []struct {
			keys    string
			outcome record.Outcome
			code    string
			took    [2]time.Duration // of the calls that the account stalls
		}{
			// The silence begins in the first events, at about the first token.
			{"stall_timeout: 5s", record.Timeout, "Stalled", [2]time.Duration{5 * time.Second, 6 * time.Second}},
			{"stall_timeout: 5s, timeout: 3s", record.Timeout, "Deadline", [2]time.Duration{3 * time.Second, 3*time.Second + time.Millisecond}},
			{"stall_timeout: 41s", record.OK, "", [2]time.Duration{40 * time.Second, 41 * time.Second}},
			{"timeout: 2m", record.OK, "", [2]time.Duration{40 * time.Second, 41 * time.Second}},
		} {
			t.Run(api+" "+c.keys, func(t *testing.T) {
				src := fmt.Sprintf("version: 1\nname: t\nmodels: {m: amazon.nova-lite-v1:0}\nrequest: {api: %s, %s}\nsteps: [{load: {ramp: {constant: 60 rpm, for: 30s}}}]\n", api, c.keys)
				o := simulate(t, src, stallAccount, nil)
				if o.Exit != 0 {
					t.Fatalf("exit %d: %s", o.Exit, o.Problem)
				}
				silent := 0
				for _, call := range o.calls {
					if call.Took < 2*time.Second {
						if call.Outcome != record.OK {
							t.Errorf("a call without a fault was %s %s", call.Outcome, call.Code)
						}
						continue
					}
					silent++
					if call.Outcome != c.outcome || call.Code != c.code || call.Took < c.took[0] || call.Took > c.took[1] {
						t.Errorf("a silent stream was %s %s after %s; want %s %s after %s", call.Outcome, call.Code, call.Took, c.outcome, c.code, c.took)
					}
				}
				want := 0.0
				if c.outcome == record.Timeout {
					want = 10
				}
				if got := o.Models[0].Steps["load"]["timeouts"].Value; silent != 10 || got != want {
					t.Errorf("%d streams fell silent, and timeouts = %v; want 10, and %v", silent, got, want)
				}
			})
		}
	}
}

package runner_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// No request is sent that is not reported: whatever comes back, the server has
// seen one for each call. It is a server with a real listener, since what may be
// sent again by stealth is what a connection loses.
func TestNoHiddenRequests(t *testing.T) {
	const calls = 120
	for _, c := range []struct {
		name, faults string
		outcomes     map[record.Outcome]bool // that may be, and must be all
	}{
		{"all is 200", "", map[record.Outcome]bool{record.OK: true}},
		{"all is 429", "{match: {model: \"amazon.nova-lite-v1:0\"}, what: {error: {status: 429, code: ThrottlingException}}}", map[record.Outcome]bool{record.Throttled: true}},
		{"all is 503", "{match: {model: \"amazon.nova-lite-v1:0\"}, what: {error: {status: 503, code: ServiceUnavailableException}}}", map[record.Outcome]bool{record.Capacity: true}},
		{"all connections are cut before a reply", "{match: {model: \"amazon.nova-lite-v1:0\"}, what: {reset: before}}", map[record.Outcome]bool{record.Connection: true}},
		// Every other reply leaves a connection that is used again, and is then cut.
		{"used connections are cut before a reply", "{match: {model: \"amazon.nova-lite-v1:0\"}, when: {every: 2}, what: {reset: before}}", map[record.Outcome]bool{record.OK: true, record.Connection: true}},
		{"connections are cut in a reply", "{match: {model: \"amazon.nova-lite-v1:0\"}, when: {every: 2}, what: {reset: middle}}", map[record.Outcome]bool{record.OK: true, record.Connection: true}},
		{"replies end early", "{match: {model: \"amazon.nova-lite-v1:0\"}, when: {every: 2}, what: {truncate: 10}}", nil},
	} {
		for _, api := range []string{plugins.APIInvoke, plugins.APIConverse, plugins.APIConverseStream} {
			for _, transport := range []string{"lean", "sdk"} {
				t.Run(c.name+" "+api+" "+transport, func(t *testing.T) {
					account := "models: [{id: \"amazon.nova-lite-v1:0\", latency: {first_token: 1us, per_token: 0s}, limits: {rpm: 1M}}]\nfaults: [" + c.faults + "]\n"
					at, seen := listening(t, account)
					aws, err := cloud.New(context.Background(), cloud.Config{Region: "us-east-1", Simulated: at, SDK: transport == "sdk"})
					if err != nil {
						t.Fatal(err)
					}
					src := fmt.Sprintf("version: 1\nname: t\nmodels: {nova: amazon.nova-lite-v1:0}\nrequest: {api: %s}\nsteps: [{load: {stop_on_capacity: false, ramp: {concurrency: 4, for: 1m, calls: %d}}}]\n", api, calls)
					o := execute(t, plan(t, src), aws, nil)
					load := o.Steps[0].Load
					if n := seen.Load(); n != calls || load.Sent != calls || o.Spent.Requests != calls || o.Totals["load"]["attempts"].Value != calls || len(o.calls) != calls {
						t.Errorf("the server saw %d requests; sent %d, spent %d, attempts %v, %d in the journal: want %d of each", n, load.Sent, o.Spent.Requests, o.Totals["load"]["attempts"].Value, len(o.calls), calls)
					}
					for outcome, n := range load.Outcomes {
						if c.outcomes != nil && !c.outcomes[outcome] && n > 0 {
							t.Errorf("%d calls were %s; want only %v", n, outcome, c.outcomes)
						}
					}
					for outcome := range c.outcomes {
						if load.Outcomes[outcome] == 0 {
							t.Errorf("no call was %s: outcomes %v", outcome, load.Outcomes)
						}
					}
				})
			}
		}
	}
}

// listening serves a simulated account, and counts the requests for models.
func listening(t *testing.T, account string) (at string, seen *atomic.Int64) {
	t.Helper()
	parsed, err := sim.Parse("account.yaml", []byte(account))
	if err != nil {
		t.Fatal(err)
	}
	seen = new(atomic.Int64)
	server := sim.New(parsed)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serving := sim.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/model/") {
			seen.Add(1)
		}
		server.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		// A connection that nothing was sent over would be waited for.
		over, cancel := context.WithCancel(context.Background())
		cancel()
		serving.Shutdown(over)
	})
	return "http://" + l.Addr().String(), seen
}

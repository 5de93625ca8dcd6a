package runner_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/record"
)

// logged is a simulated account that keeps what it says of each call of a model
// itself, by the instant at which the call came: no two come at the same one.
type logged struct {
	*sim.Server
	mu  sync.Mutex
	log map[time.Time]sim.RecentCall
	seq []time.Time
}

func (l *logged) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/model/") {
		l.Server.ServeHTTP(w, r)
		return
	}
	now := time.Now().UTC()
	l.mu.Lock()
	l.seq = append(l.seq, now)
	l.mu.Unlock()
	defer func() { // also where the connection is aborted
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, c := range l.State().Calls {
			if c.Time.Equal(now) {
				l.log[now] = c
			}
		}
	}()
	l.Server.ServeHTTP(w, r)
}

// spoils are faults of every kind that a call can meet, and what the call is
// then: alone, and as a stream where that is something else.
var spoils = []struct {
	what        string
	one, stream record.Outcome
}{
	{"{reset: before}", record.Connection, ""},
	{"{reset: middle}", record.Connection, ""},
	{"{truncate: 30}", record.Protocol, record.Connection}, // in one process a reply that ends short is an aborted one
	{"{truncate_stream: 1}", record.OK, record.Truncated},
	{"{crc: true}", record.OK, record.Protocol},
	{"{malformed: true}", record.Protocol, ""},
	{"{empty: true}", record.Protocol, record.Truncated},
	{"{html: 200}", record.Protocol, ""},
	{"{html: 502}", record.ServerError, ""},
	{"{html: 429}", record.Throttled, ""},
	{`{redirect: "http://elsewhere.invalid/"}`, record.Protocol, ""},
	{"{stall: {after: 0, for: 1h}}", record.Timeout, ""},
	{"{stall: {after: 50, for: 1h}}", record.Timeout, ""},
	{"{delay: 1h}", record.Timeout, ""},
	{"{delay: 1ms}", record.OK, ""},
	{"{date: +1h}", record.OK, ""},
	{"{error: {status: 429, code: ThrottlingException}}", record.Throttled, ""},
	{"{error: {status: 429, code: ModelNotReadyException}}", record.Capacity, ""},
	{"{error: {status: 503, code: ServiceUnavailableException}}", record.Capacity, ""},
	{"{error: {status: 500, code: InternalServerException}}", record.ServerError, ""},
	{"{error: {status: 400, code: ValidationException}}", record.ClientError, ""},
}

// Planned is sent and dropped, and each call that was sent is what the account
// says that it was, call by call, whatever goes wrong with it.
func TestEveryCallIsWhatTheAccountSaysItWas(t *testing.T) {
	const apart = 7 // calls from one fault to the next
	account := haikuAccount + "faults:\n"
	for i, s := range spoils {
		account += fmt.Sprintf("  - {match: {operation: OPERATION}, when: {nth: %d}, what: %s}\n", i*apart+5, s.what)
	}
	for api, operation := range map[string]string{"invoke": "InvokeModel", "invoke-stream": "InvokeModelWithResponseStream", "converse": "Converse", "converse-stream": "ConverseStream"} {
		t.Run(api, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				parsed, err := sim.Parse("account.yaml", []byte(strings.ReplaceAll(account, "OPERATION", "bedrock-runtime."+operation)))
				if err != nil {
					t.Fatal(err)
				}
				l := &logged{Server: sim.New(parsed), log: map[time.Time]sim.RecentCall{}}
				aws, err := cloud.New(context.Background(), cloud.Config{Region: parsed.Region, Simulated: "http://simulated.invalid", Transport: cloud.InProcess(l)})
				if err != nil {
					t.Fatal(err)
				}
				o := execute(t, plan(t, scenario(fmt.Sprintf("request: {api: %s, timeout: 20s}\nsteps:\n  - load: {models: [haiku], max_in_flight: 2, max_lateness: 500ms, ramp: [{to: 50 rpm, hold: 4m}, {to: 150 rpm, hold: 1m}]}\n", api))), aws, nil)
				synctest.Wait() // for the account to see that clients have gone

				load := o.Steps[0].Load
				if load.Planned != load.Sent+load.Dropped || load.Planned != len(o.calls) || load.Sent != len(l.seq) || load.Dropped == 0 {
					t.Errorf("planned %d, sent %d, dropped %d, journal %d lines, the account saw %d", load.Planned, load.Sent, load.Dropped, len(o.calls), len(l.seq))
				}
				journal := map[time.Time]record.Call{}
				for _, c := range o.calls {
					if c.Outcome != record.Dropped {
						journal[c.Sent().UTC()] = c
					}
				}
				met := map[record.Outcome]int{}
				for k, at := range l.seq {
					want, what := record.Outcome(""), ""
					if i := (k - 4) / apart; k >= 4 && (k-4)%apart == 0 && i < len(spoils) {
						want, what = spoils[i].one, spoils[i].what
						if s := spoils[i].stream; s != "" && strings.HasSuffix(api, "-stream") {
							want = s
						}
					}
					says := l.log[at].Outcome
					switch {
					case what != "" && says != "ThrottlingException" || strings.Contains(what, "code: Throttling"):
					case says == "ok":
						want = record.OK
					case says == "ThrottlingException":
						want = record.Throttled
					default:
						t.Fatalf("call %d: the account says %q", k, says)
					}
					got, ok := journal[at]
					if !ok || got.Outcome != want {
						t.Errorf("call %d %s, of which the account says %q: %s, %s (%s); want %s", k, what, says, got.Outcome, got.Code, got.Message, want)
					}
					met[got.Outcome]++
				}
				if met[record.Throttled] < 20 || met[record.OK] < 100 {
					t.Errorf("outcomes %v: this test would not notice a call that was taken for another", met)
				}
			})
		})
	}
}

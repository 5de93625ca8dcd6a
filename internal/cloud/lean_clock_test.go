package cloud_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// An account whose clock is ahead is told the right time from the second call
// on, by both paths: the first one fails, since nothing is sent twice.
func TestBothPathsCorrectTheClock(t *testing.T) {
	dates := map[string][]string{}
	for name, sdk := range paths {
		synctest.Test(t, func(t *testing.T) {
			ahead := []time.Duration{time.Hour, time.Hour, -time.Hour, 0, 0}
			c := by(t, sdk, cloud.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n := len(dates[name])
				dates[name] = append(dates[name], r.Header.Get("X-Amz-Date")+" "+r.Header.Get("Amz-Sdk-Request"))
				w.Header().Set("Date", time.Now().Add(ahead[n]).UTC().Format(http.TimeFormat))
				if n == 3 {
					w.Header().Set("Age", "5") // from a cache: its date tells nothing
				}
				w.WriteHeader(403)
			})))
			for range 5 {
				time.Sleep(time.Second)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				c.Invoke(ctx, ask(plugins.APIConverse))
				cancel()
			}
		})
	}
	want := []string{
		"20000101T000001Z attempt=1; max=1",
		"20000101T010002Z attempt=1; max=1; ttl=20000101T010102Z",
		"20000101T010003Z attempt=1; max=1; ttl=20000101T010103Z",
		"19991231T230004Z attempt=1; max=1",
		"19991231T230005Z attempt=1; max=1",
	}
	for name, got := range dates {
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// A stream that falls silent is cut off after its limit, counted from the event
// before; one that only takes long is not.
func TestStall(t *testing.T) {
	for _, api := range []string{plugins.APIConverseStream, plugins.APIInvokeStream} {
		for name, sdk := range paths {
			for _, test := range []struct {
				events  int // that come, one a second
				outcome record.Outcome
				code    string
				took    time.Duration
			}{
				{6, record.OK, "", 6 * time.Second},
				{3, record.Timeout, "Stalled", 3*time.Second + 1500*time.Millisecond},
				{0, record.Timeout, "Stalled", 1500 * time.Millisecond},
			} {
				synctest.Test(t, func(t *testing.T) {
					all := [][]byte{
						event("event", "messageStart", `{"role":"assistant"}`),
						event("event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"x"}}`),
						event("event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"y"}}`),
						event("event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"z"}}`),
						event("event", "messageStop", `{}`),
						event("event", "metadata", `{}`),
					}
					if api == plugins.APIInvokeStream {
						said := chunk(`{"contentBlockDelta":{"delta":{"text":"x"}}}`)
						all = [][]byte{chunk(`{}`), said, said, said, chunk(`{}`), chunk(`{"metadata":{}}`)}
					}
					c := by(t, sdk, cloud.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						w.(http.Flusher).Flush()
						for _, e := range all[:test.events] {
							time.Sleep(time.Second)
							w.Write(e)
						}
						if test.events < len(all) {
							<-r.Context().Done()
						}
					})))
					in := ask(api)
					in.Stall = 1500 * time.Millisecond
					began := time.Now()
					r := c.Invoke(t.Context(), in)
					if r.Outcome != test.outcome || r.Code != test.code || time.Since(began) != test.took {
						t.Errorf("%s by %s, %d events: %+v after %s; want %s, %q after %s", api, name, test.events, r, time.Since(began), test.outcome, test.code, test.took)
					}
					first, gap := 2*time.Second, time.Second
					if test.events == 0 {
						first, gap = 0, 0
					}
					if !r.FirstByte.Equal(began) || r.FirstToken.IsZero() != (first == 0) || first > 0 && r.FirstToken.Sub(began) != first || r.Gap != gap {
						t.Errorf("%s by %s, %d events: first byte after %s, first token after %s, gap %s; want 0s, %s, %s", api, name, test.events, r.FirstByte.Sub(began), r.FirstToken.Sub(began), r.Gap, first, gap)
					}
				})
			}
		}
	}
}

// A cancelled call and one out of time are told alike, wherever they are.
func TestBothPathsStop(t *testing.T) {
	for _, api := range apis {
		for _, cause := range []struct {
			err  error
			code string
		}{{context.DeadlineExceeded, "Deadline"}, {context.Canceled, "Cut"}} {
			for _, body := range []bool{false, true} { // before the head of the reply, and after it
				for name, sdk := range paths {
					synctest.Test(t, func(t *testing.T) {
						c := by(t, sdk, cloud.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
							if body {
								w.(http.Flusher).Flush()
							}
							<-r.Context().Done()
							time.Sleep(time.Second) // the client is gone by then
						})))
						ctx, cancel := context.WithTimeout(t.Context(), time.Second)
						if errors.Is(cause.err, context.Canceled) {
							ctx, cancel = context.WithCancel(t.Context())
							time.AfterFunc(time.Second, cancel)
						}
						defer cancel()
						if r := c.Invoke(ctx, ask(api)); r.Outcome != record.Timeout || r.Code != cause.code {
							t.Errorf("%s by %s, in the body %v: %+v; want timeout, %s", api, name, body, r, cause.code)
						}
						time.Sleep(time.Minute)
						// A call that begins too late is not sent.
						if r := c.Invoke(ctx, ask(api)); r.Outcome != record.Timeout || r.Code != cause.code || r.Status != 0 {
							t.Errorf("%s by %s, too late: %+v; want timeout, %s", api, name, r, cause.code)
						}
					})
				}
			}
		}
	}
}

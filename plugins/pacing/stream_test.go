package pacing_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go/eventstream"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/plugins/pacing"
)

// event is a message as AWS frames it.
func event(t *testing.T, kind, payload string) []byte {
	t.Helper()
	m := eventstream.Message{Payload: []byte(payload)}
	m.Headers.Set(":event-type", eventstream.StringValue(kind))
	m.Headers.Set(":content-type", eventstream.StringValue("application/json"))
	m.Headers.Set(":message-type", eventstream.StringValue("event"))
	var b bytes.Buffer
	if err := eventstream.NewEncoder().Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A usage that AWS has told is settled, whatever comes after it; and a reply that
// does not get so far takes its input.
func TestStreamEnds(t *testing.T) {
	start := event(t, "messageStart", `{"role":"assistant"}`)
	large := event(t, "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"`+strings.Repeat("word ", 1_000)+`"}}`)
	usage := event(t, "metadata", `{"metrics":{"latencyMs":5},"usage":{"inputTokens":2,"outputTokens":12,"totalTokens":14}}`)
	news := event(t, "somethingNew", `{"of":"later years"}`)
	garbage := []byte("this is no message at all")
	const told, input = 14, 2
	for _, test := range []struct {
		name string
		body []byte
		want int64
		ok   bool
	}{
		{"usual", slices.Concat(start, usage), told, true},
		{"events larger than the buffers", slices.Concat(start, large, large, usage), told, true},
		{"an event of a later year after the usage", slices.Concat(start, usage, news), told, true},
		{"several", slices.Concat(start, usage, news, news, start), told, true},
		{"garbage after it", slices.Concat(start, usage, garbage), told, true},
		{"a message that is cut after it", slices.Concat(start, usage, news[:20]), told, true},
		{"cut in it", slices.Concat(start, usage[:len(usage)-1]), input, false},
		{"without it", slices.Concat(start, large), input, false},
		{"nothing", nil, input, false},
		{"garbage alone", garbage, input, false},
	} {
		for _, piece := range []int{1, 511, 512, 1 << 20} {
			synctest.Test(t, func(t *testing.T) {
				p := pacing.New(pacing.Limits{Of: []pacing.Limit{{Models: []string{model}, TPM: 10_000, Concurrent: 1}}}, pacing.Policy{})
				c := over(&http.Client{Transport: transport(func(*http.Request) (*http.Response, error) {
					reply := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/vnd.amazon.eventstream"}}, Body: io.NopCloser(&slowBody{test.body, piece})}
					return reply, nil
				})}, p.Option)
				operations["ConverseStream"](t.Context(), c, -1)
				synctest.Wait()
				if s := p.Snapshot()[0]; s.TokensSettled != test.want || s.Successful == 1 != test.ok || s.Successful+s.Failed != 1 || s.UnderWay != 0 {
					t.Errorf("%s, in pieces of %d: %d tokens are settled, want %d: %+v", test.name, piece, s.TokensSettled, test.want, s)
				}
			})
		}
	}
}

// slowBody is read a few bytes at a time.
type slowBody struct {
	left []byte
	size int
}

func (p *slowBody) Read(to []byte) (int, error) {
	if len(p.left) == 0 {
		return 0, io.EOF
	}
	n := copy(to[:min(len(to), p.size)], p.left)
	p.left = p.left[n:]
	return n, nil
}

// A timeout of the HTTP client within a stream is not the caller's doing.
func TestTimeoutWithinAStream(t *testing.T) {
	for name, send := range operations {
		if !streams(name) {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			p := pacing.New(pacing.Limits{Of: []pacing.Limit{{Models: []string{model}, Concurrent: 1}}}, pacing.Policy{})
			c := over(&http.Client{Transport: cloud.InProcess(account(t, plain)), Timeout: 350 * time.Millisecond}, p.Option)
			if err := send(t.Context(), c, -1); err == nil {
				t.Errorf("%s: it does not fail", name)
			}
			synctest.Wait()
			if s := p.Snapshot()[0]; s.Failed != 1 || s.Cancelled != 0 || s.UnderWay != 0 {
				t.Errorf("%s: %+v", name, s)
			}
		})
	}
}

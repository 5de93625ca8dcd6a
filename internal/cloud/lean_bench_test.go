package cloud_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// canned answers every request with the same reply, without a network.
type canned struct {
	header http.Header
	body   []byte
}

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	return &http.Response{StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: c.header, Body: io.NopCloser(bytes.NewReader(c.body)), ContentLength: int64(len(c.body)), Request: r}, nil
}

// stream24 is a ConverseStream of 24 events, or chunks with as many.
func stream24(api string) []byte {
	var out [][]byte
	wrap := func(name, payload string) {
		if api == plugins.APIInvokeStream {
			out = append(out, chunk(`{"`+name+`":`+payload+`}`))
		} else {
			out = append(out, event("event", name, payload))
		}
	}
	wrap("messageStart", `{"p":"abcdefghijk","role":"assistant"}`)
	for i := range 20 {
		wrap("contentBlockDelta", fmt.Sprintf(`{"contentBlockIndex":0,"delta":{"text":" some words %d"},"p":"abcdefghijklmno"}`, i))
	}
	wrap("contentBlockStop", `{"contentBlockIndex":0,"p":"abcdefgh"}`)
	wrap("messageStop", `{"p":"abcdefg","stopReason":"end_turn"}`)
	wrap("metadata", `{"metrics":{"latencyMs":512},"p":"abcdef","usage":{"inputTokens":14,"outputTokens":20,"totalTokens":34}}`)
	return bytes.Join(out, nil)
}

func cannedReply(api string) canned {
	h := http.Header{"Content-Type": {"application/json"}, "Date": {"Sun, 22 Nov 2026 09:00:00 GMT"}, "X-Amzn-Requestid": {"a2b4"}}
	switch api {
	case plugins.APIInvoke:
		h["X-Amzn-Bedrock-Input-Token-Count"], h["X-Amzn-Bedrock-Output-Token-Count"] = []string{"3"}, []string{"4"}
		return canned{h, []byte(`{"output":{"message":{"role":"assistant","content":[{"text":"x"}]}},"usage":{"inputTokens":3,"outputTokens":4}}`)}
	case plugins.APIConverse:
		return canned{h, []byte(converseReply)}
	}
	h["Content-Type"] = []string{"application/vnd.amazon.eventstream"}
	return canned{h, stream24(api)}
}

// What a call costs the client without a network: ns/op, B/op and allocs/op of
// both paths.
func BenchmarkCall(b *testing.B) {
	for _, api := range apis {
		for _, name := range []string{"lean", "sdk"} {
			b.Run(api+"/"+name, func(b *testing.B) {
				c := by(b, paths[name], cannedReply(api))
				in := ask(api)
				b.ReportAllocs()
				began := cpu(b)
				for b.Loop() {
					if r := c.Invoke(context.Background(), in); r.Outcome != record.OK {
						b.Fatalf("%+v", r)
					}
				}
				b.ReportMetric(float64(cpu(b)-began)/float64(b.N), "cpu-ns/op")
			})
		}
	}
}

// The same over loopback, with a server in this process that does next to
// nothing: B/op and allocs/op are of client and server.
func BenchmarkLoopback(b *testing.B) {
	for _, api := range []string{plugins.APIInvoke, plugins.APIConverseStream} {
		reply := cannedReply(api)
		at := listen(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			for name, values := range reply.header {
				w.Header()[name] = values
			}
			w.Write(reply.body)
		}))
		for _, name := range []string{"lean", "sdk"} {
			b.Run(api+"/"+name, func(b *testing.B) {
				c, err := cloud.New(context.Background(), cloud.Config{Region: "us-east-1", Simulated: at, SDK: paths[name]})
				if err != nil {
					b.Fatal(err)
				}
				in := ask(api)
				b.ReportAllocs()
				began := cpu(b)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if r := c.Invoke(context.Background(), in); r.Outcome != record.OK {
							b.Errorf("%+v", r)
						}
					}
				})
				b.ReportMetric(float64(cpu(b)-began)/float64(b.N), "cpu-ns/op")
			})
		}
	}
}

// cpu is the time that this process has worked: other than the time that passes,
// it does not tell of other programs on the machine.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
